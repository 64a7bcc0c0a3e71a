# SPDX-License-Identifier: MIT
"""Each command of docs/howto/history.md, in its order, over the fake exchange."""
import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import bourse_process as bourse
from exchange_process import Exchange

PAGE = os.path.join(bourse.SOURCE_DIR, "docs", "howto", "history.md")
DESK = os.path.join(bourse.SOURCE_DIR, "config", "desk.yaml")


class Commands(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        exchange = self.stack.enter_context(Exchange())
        with open(DESK, encoding="utf-8") as file:
            desk = file.read()
        place = "{use: binance, config: {site: data}}"
        self.assertEqual(desk.count(place), 1)
        self.config = bourse.write_config(self.folder, desk.replace(
            place, f'{{use: binance, config: {{site: testnet, base_url: "{exchange.url}", block_file: none}}}}'))
        os.mkdir(os.path.join(self.folder, "bin"))
        with open(os.path.join(self.folder, "bin", "bourse"), "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec "{bourse.PROGRAM}" "$@" --plugins "{bourse.PLUGINS}"\n')
        os.chmod(file.name, 0o755)

    def test_do_what_the_page_says(self):
        if shutil.which("sqlite3") is None:
            self.skipTest("there is no sqlite3 on this machine")
        with open(PAGE, encoding="utf-8") as file:
            blocks = re.findall(r"^```bash\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)
        self.assertGreater(len(blocks), 6)
        script = "set -e\n" + "\n".join(f"echo '== {i}'\n{block}" for i, block in enumerate(blocks))
        script = script.replace("config/desk.yaml", self.config)
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False, timeout=bourse.DEADLINE_SECONDS * 5, env={
            **os.environ, "STATE": os.path.join(self.folder, "state"), "PATH": os.path.join(self.folder, "bin") + ":" + os.environ["PATH"]})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        said = done.stdout.split("== ")
        self.assertIn("8761", "".join(said), "candles of a year, its last day's first hour included")
        newest = [line.split("|") for line in done.stdout.splitlines() if line.startswith("2024-12-31T")]
        self.assertEqual([line[0] for line in newest][:1], ["2024-12-31T00:00:00Z"])
        with open(os.path.join(self.folder, "state", "files", "BTCUSDT-1h-2024-02.csv"), encoding="utf-8") as file:
            self.assertEqual(len(file.readlines()), 29 * 24)
        self.assertTrue(os.path.getsize(os.path.join(self.folder, "state", "copy.db")) > 100_000)


if __name__ == "__main__":
    unittest.main()
