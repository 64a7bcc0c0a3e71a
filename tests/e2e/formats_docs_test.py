# SPDX-License-Identifier: MIT
"""The page of formats names those that there are, and what the page on loading them shows runs."""
import json
import os
import re
import shutil
import subprocess
import unittest

import bourse_process as bourse

PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's packages


def page(*path):
    with open(os.path.join(bourse.SOURCE_DIR, "docs", *path), encoding="utf-8") as file:
        return file.read()


class Formats(unittest.TestCase):
    def test_the_page_names_each_with_its_media_type(self):
        listed = json.loads(bourse.run("plugins", "--json", os.environ["BOURSE_PLUGINS"]).stdout)
        there = {(c["id"], c["media_type"].partition(";")[0], c["suffix"])
                 for plugin in listed["plugins"] for c in plugin["components"] if c["kind"] == "serializer"}
        told = set(re.findall(r"^\| \[`([a-z]+)`\]\([^)]*\) \| `([a-z./+-]+)` \| `([a-z]+)` \|", page("reference", "formats.md"), re.MULTILINE))
        self.assertEqual(told, there)
        for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page("reference", "formats.md")):
            self.assertTrue(os.path.exists(os.path.join(bourse.SOURCE_DIR, "docs", "reference", link)), link)


class Snippets(unittest.TestCase):
    def run_all(self, kind, language, words):
        blocks = re.findall(rf"^<!-- run: {kind} -->\n```{language}\n(.*?)^```$", page("howto", "load-an-answer.md"), re.MULTILINE | re.DOTALL)
        self.assertTrue(blocks)
        with bourse.Server(os.path.join(bourse.SOURCE_DIR, "config", "bourse.yaml")) as server:
            for block in blocks:
                block = block.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")
                done = subprocess.run([*words, block], capture_output=True, text=True, timeout=bourse.DEADLINE_SECONDS, check=False)
                self.assertEqual((done.returncode, done.stderr), (0, ""), block)
                yield done.stdout

    def test_pandas(self):
        has_pandas = subprocess.run([PYTHON, "-c", "import pandas"], capture_output=True, check=False).returncode == 0
        if not has_pandas:
            self.skipTest("python3-pandas is not installed")
        from_csv, from_json = self.run_all("pandas", "python", [PYTHON, "-c"])
        self.assertRegex(from_csv, r"\n[0-9]+\.[0-9]+\n$")  # the exact sum
        self.assertRegex(from_json, r"open_time +datetime64\[ns, UTC\]\nclose +object\nrsi +float64\n")

    def test_shell(self):
        if shutil.which("jq") is None:
            self.skipTest("jq is not installed")
        shown, = self.run_all("shell", "sh", ["bash", "-c"])
        self.assertEqual([len(line.split("\t")) for line in shown.splitlines()], [3, 3, 3])


if __name__ == "__main__":
    unittest.main()
