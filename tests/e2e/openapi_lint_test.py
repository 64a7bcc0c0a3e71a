# SPDX-License-Identifier: MIT
"""/openapi.json of every configuration in config/ and of one with everything, read by linters that are not ours: redocly and spectral.

They come from npm, and are used where `./dev lint openapi` has installed them (BOURSE_LINTERS); else this test is skipped, and says so.
tests/e2e/api_test.py holds the rules that matter without them.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import api_test
import bourse_process as bourse

LINTERS = os.path.join(os.environ.get("BOURSE_LINTERS", ""), "node_modules", ".bin")
ENVIRONMENT = {**os.environ, "REDOCLY_TELEMETRY": "off", "CI": "true"}


def lint(*words, cwd):
    return subprocess.run(words, cwd=cwd, env=ENVIRONMENT, timeout=bourse.DEADLINE_SECONDS * 4, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)


class Lint(unittest.TestCase):
    def check(self, description):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "openapi.json"), "wb") as file:
                file.write(description)
            with open(os.path.join(folder, ".spectral.yaml"), "w", encoding="utf-8") as file:
                # Off: 3.1 takes a licence's identifier or its url, not both; who runs a server may have no mail; tags are in the
                # order of the configuration.
                file.write("extends: [[spectral:oas, all]]\n"
                           "rules: {license-url: off, contact-properties: off, openapi-tags-alphabetical: off}\n")
            done = lint(os.path.join(LINTERS, "redocly"), "lint", "--extends=recommended-strict", "openapi.json", cwd=folder)
            self.assertEqual(0, done.returncode, done.stdout)
            done = lint(os.path.join(LINTERS, "spectral"), "lint", "--fail-severity=hint", "openapi.json", cwd=folder)
            self.assertEqual(0, done.returncode, done.stdout)

    def test_a_server_with_everything(self):
        with tempfile.TemporaryDirectory() as folder:
            file = bourse.write_config(folder, api_test.CONFIG)
            with bourse.Server(file, env=api_test.ENVIRONMENT) as server:
                description = server.get("/openapi.json")[2]
        self.check(description)
        broken = json.loads(description)
        broken["paths"]["/api/prices"]["get"]["parameters"][0]["in"] = "nowhere"
        with self.assertRaises(AssertionError):
            self.check(json.dumps(broken).encode())

    def test_the_default_configuration(self):
        with bourse.Server(os.path.join(bourse.SOURCE_DIR, "config", "bourse.yaml")) as server:
            description = server.get("/openapi.json")[2]
        self.check(description)


if __name__ == "__main__":
    missing = [name for name in ("redocly", "spectral") if not os.path.exists(os.path.join(LINTERS, name))]
    if missing or not shutil.which("node"):
        print(f"skipped: {', '.join(missing) or 'node'} is not installed; ./dev lint openapi installs both and runs this test")
        sys.exit(77)
    unittest.main()
