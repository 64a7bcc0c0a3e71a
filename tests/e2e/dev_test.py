# SPDX-License-Identifier: MIT
"""`bourse dev`: a project is built and served again at each change, and the page says what is wrong with it."""
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.parse

import bourse_process as bourse

INCLUDE = os.path.join(bourse.SOURCE_DIR, "sdk", "include")
BUILD = f"mkdir -p build && ${{CC:-cc}} -shared -fPIC -fvisibility=hidden -I '{INCLUDE}' -o build/part.so range.c && mv build/part.so build/range.so"
CONFIG = """
    bourse: 1
    plugins: {path: [PLUGINS, build]}
    sources:
      market: {use: synthetic}
    defaults: {source: market}
    routes:
      - {path: /range, run: range, formats: [csv, json]}
"""


@unittest.skipUnless(shutil.which("cc"), "no C compiler")
class Dev(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(os.path.join(bourse.SOURCE_DIR, "sdk", "examples", "range_c", "range.c"), self.folder)
        bourse.write_config(self.folder, CONFIG.replace("PLUGINS", bourse.PLUGINS))

    def start(self, *words):
        process = subprocess.Popen([bourse.PROGRAM, "dev", self.folder, "--build", BUILD, "--listen", "127.0.0.1:0", "--no-validate", *words],
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait, bourse.DEADLINE_SECONDS)
        self.addCleanup(process.terminate)  # it ends its server; killed, it could not
        said = process.stdout.readline()
        self.assertIn("the page: http://127.0.0.1:", said)
        self.port = int(re.search(r":(\d+)/-/", said)[1])
        return process

    def get(self, target, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=bourse.DEADLINE_SECONDS)
        try:
            connection.request("GET", target, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    def state_after(self, version):
        """What the page is told when a round after that one has ended."""
        end = time.monotonic() + bourse.DEADLINE_SECONDS
        seen = version
        while time.monotonic() < end:
            state = json.loads(self.get(f"/-/state?after={seen}")[2])
            if state["version"] > version and state["phase"] != "building":
                return state
            seen = state["version"]
        self.fail("no round ended")

    def edit(self, old, new):
        path = os.path.join(self.folder, "range.c")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertIn(old, text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(old, new))

    def test_from_a_change_to_an_answer_and_what_the_compiler_says_in_between(self):
        process = self.start()
        state = self.state_after(0)
        self.assertEqual(state["phase"], "good", state)
        self.assertEqual([route["path"] for route in state["routes"]], ["/range"])
        status, headers, text = self.get("/range?" + urllib.parse.urlencode({"format": "csv", "symbol": "BTCUSDT"}))
        self.assertEqual(status, 200, text)
        self.assertTrue(headers["Content-Type"].startswith("text/csv"))
        head = text.split("\r\n", maxsplit=1)[0]

        self.edit("#include", "#error this is no plugin\n#include")
        state = self.state_after(state["version"])
        self.assertEqual(state["phase"], "failed")
        self.assertIn("this is no plugin", state["output"])
        self.assertIn("failed (exit code", state["headline"])
        self.assertEqual(self.get("/range?format=csv&symbol=BTCUSDT")[0], 200)  # what was served goes on

        self.edit("#error this is no plugin\n", "")
        with open(os.path.join(self.folder, "bourse.yaml"), "a", encoding="utf-8") as file:
            file.write("  - {path: /second, run: range, format: csv}\n")
        state = self.state_after(state["version"])
        self.assertEqual(state["phase"], "good", state)
        self.assertEqual(self.get("/second?symbol=BTCUSDT")[2].split("\r\n", maxsplit=1)[0], head)

        with open(os.path.join(self.folder, "bourse.yaml"), "a", encoding="utf-8") as file:
            file.write("  - {path: /third, run: rnage, format: csv}\n")
        state = self.state_after(state["version"])
        self.assertEqual(state["phase"], "failed")
        self.assertIn("bourse.yaml cannot be served", state["headline"])
        self.assertIn("rnage", state["output"])

        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(bourse.DEADLINE_SECONDS), 0)
        left = subprocess.run(["pgrep", "-f", os.path.join(self.folder, "bourse.yaml")], capture_output=True, text=True, check=False)
        self.assertEqual(left.stdout, "")

    def test_the_page_is_for_this_machine_and_names_nothing_from_elsewhere(self):
        self.start()
        status, headers, page = self.get("/-/")
        self.assertEqual(status, 200)
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"])
        self.assertNotRegex(page, r"https?://")
        self.assertEqual(self.get("/-/", Host="evil.example")[0], 403)
        self.assertEqual(self.get("/")[0], 302)

    def test_before_anything_is_built_the_server_is_said_to_come(self):
        self.edit("#include", "#error never\n#include")
        self.start()
        self.assertEqual(self.state_after(0)["phase"], "failed")
        status, _, text = self.get("/range")
        self.assertEqual(status, 503)
        self.assertIn("It starts as soon as the plugin can be built", text)

    def test_mistakes(self):
        empty = os.path.join(self.folder, "empty")
        os.mkdir(empty)
        for words, said in (((empty,), "has no configuration: write a bourse.yaml"),
                            ((os.path.join(self.folder, "nowhere"),), "is no folder"),
                            ((self.folder,), "has neither a CMakeLists.txt nor a Cargo.toml: say how it is built by --build"),
                            ((self.folder, "--build", "true", "--listen", "0.0.0.0:8090"), "it must be a loopback address")):
            done = subprocess.run([bourse.PROGRAM, "dev", *words], capture_output=True, text=True, check=False, timeout=bourse.DEADLINE_SECONDS)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(said, done.stderr)


if __name__ == "__main__":
    unittest.main()
