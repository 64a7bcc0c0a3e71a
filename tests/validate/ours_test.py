# SPDX-License-Identifier: MIT
"""ours_test.py PLUGIN...: every plugin of the tree passes every rule, all together in bounded time."""
import json
import os
import subprocess
import sys
import tempfile
import time
import unittest

PLUGINS = sys.argv[1:]
del sys.argv[1:]
SECONDS_MAX = float(os.environ.get("BOURSE_SECONDS_MAX", "60"))
OPTIONS = os.environ.get("BOURSE_OPTIONS", "").split()


class Ours(unittest.TestCase):
    def test_each_passes_each_rule(self):
        took = {}
        for file in PLUGINS:
            with self.subTest(os.path.basename(file)), tempfile.TemporaryDirectory() as folder:
                with open(os.path.join(folder, "BTCUSDT-1h-2024-01.csv"), "w", encoding="utf-8") as recording:
                    recording.write("1704067200000,1,2,0.5,1.5,10,1704070799999,15,3,5,7,0\n"
                                    "1704070800000,1.5,2,1,1.25,10,1704074399999,14,3,5,7,0\n")
                settings = ["--set", f"history.database=sqlite:{folder}/history.db", "--set", f"replay.folder={folder}"]
                begun = time.monotonic()
                done = subprocess.run([os.environ["BOURSE"], "validate", file, "--format", "json", *settings, *OPTIONS],
                                      capture_output=True, text=True, timeout=900, check=False, stdin=subprocess.DEVNULL)
                took[os.path.basename(file)] = round(time.monotonic() - begun, 1)
                self.assertEqual(done.stderr, "")
                report = json.loads(done.stdout)
                wrong = [run for run in report["runs"] if run["outcome"] not in ("pass", "skipped")]
                self.assertEqual((done.returncode, wrong), (0, []), json.dumps(wrong, indent=2))
                self.assertGreater(report["pass"], 20)
        print(sum(took.values()), "s:", took)
        self.assertLess(sum(took.values()), SECONDS_MAX, took)


if __name__ == "__main__":
    unittest.main()
