# SPDX-License-Identifier: MIT
"""The examples of docs/howto/follow.md, against the default configuration: each is run as it stands there, on another port."""
import datetime
import os
import re
import shutil
import subprocess
import sys
import threading
import unittest

import bourse_process as bourse
import browser

PAGE = os.path.join(bourse.SOURCE_DIR, "docs", "howto", "follow.md")


def examples(language):
    with open(PAGE, encoding="utf-8") as file:
        return re.findall(r"^```" + language + r"\n(.*?)^```", file.read(), re.MULTILINE | re.DOTALL)


class Follow(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = bourse.Server(os.path.join(bourse.SOURCE_DIR, "config", "bourse.yaml"))

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None, None, None)

    def lines(self, words, count, text=None):
        """What a program prints, that many lines of it."""
        process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        timer = threading.Timer(bourse.DEADLINE_SECONDS, process.kill)
        timer.start()
        try:
            if text is not None:
                process.stdin.write(text.encode())
            process.stdin.close()
            found = [process.stdout.readline().decode().rstrip("\n") for _ in range(count)]
            self.assertIsNone(process.poll(), process.stderr.read().decode() if process.poll() is not None else "")
            return found
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            process.stdout.close()
            process.stderr.close()

    def placed(self, text):
        self.assertIn("127.0.0.1:8080", text)
        return text.replace("127.0.0.1:8080", f"127.0.0.1:{self.server.port}")

    def test_curl(self):
        self.assertEqual(len(examples("bash")), 1)
        command = self.placed(examples("bash")[0])
        if shutil.which("curl") is None:
            self.skipTest("there is no curl")
        lines = self.lines(["bash", "-c", "exec " + command], 10)
        self.assertEqual(lines[0], "retry: 2000")
        self.assertGreaterEqual(lines.count("event: answer"), 2)

    def test_python(self):
        self.assertEqual(len(examples("python")), 1)
        lines = self.lines([sys.executable, "-"], 2, self.placed(examples("python")[0]))
        for line in lines:
            self.assertRegex(line, r"^BTCUSDT, 1h: technical analysis \d{4}-\d\d-\d\dT")
        self.assertNotEqual(lines[0], lines[1])

    def test_python_goes_on_after_a_restart(self):
        config = os.path.join(bourse.SOURCE_DIR, "config", "bourse.yaml")
        with bourse.Server(config) as first:
            port = first.port
            text = examples("python")[0].replace("127.0.0.1:8080", f"127.0.0.1:{port}")
            process = subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE)
            timer = threading.Timer(bourse.DEADLINE_SECONDS, process.kill)
            timer.start()
            self.assertTrue(process.stdout.readline())
        try:
            with bourse.Server(config, port=port):
                begun = datetime.datetime.now(datetime.timezone.utc).isoformat()[:19]
                while (line := process.stdout.readline().decode()).split()[-1:] < [begun]:
                    self.assertTrue(line, "it has ended")
                process.kill()  # or the server would wait for it
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            process.stdout.close()

    def test_node(self):
        of_node = [text for text in examples("javascript") if "127.0.0.1:8080" in text]
        self.assertEqual(len(of_node), 1)
        if shutil.which("node") is None:
            self.skipTest("there is no Node")
        lines = self.lines(["node", "--input-type=module", "-"], 2, self.placed(of_node[0]))
        self.assertEqual(lines, ["BTCUSDT, 1h: technical analysis"] * 2)

    def test_a_browser(self):
        of_browser = [text for text in examples("javascript") if "127.0.0.1:8080" not in text]
        self.assertEqual(len(of_browser), 1)
        if browser.program() is None:
            self.skipTest("there is no Chromium")
        with browser.Browser() as chromium:
            page = chromium.open(f"http://127.0.0.1:{self.server.port}/docs")
            page.run("{" + of_browser[0] + "}")
            seen = []
            while len(seen) < 2:
                page.wait("new Promise((resolve) => setTimeout(() => resolve(true), 200))")
                seen = page.said()
            for words in seen:
                self.assertRegex(words, r"\d{4}-\d\d-\d\dT")


if __name__ == "__main__":
    unittest.main()
