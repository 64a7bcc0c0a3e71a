# SPDX-License-Identifier: MIT
"""ours_test.py PLUGIN...: every plugin of the tree passes every rule, all together in bounded time.

binance asks the fake exchange (BOURSE_EXCHANGE; left out where there is none), history lies over the source synthetic.
"""
import contextlib
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
RECORDING = ("1704067200000,1,2,0.5,1.5,10,1704070799999,15,3,5,7,0\n"
             "1704070800000,1.5,2,1,1.25,10,1704074399999,14,3,5,7,0\n")


def name_of(file):
    return os.path.basename(file).removesuffix(".so")


FILES = {name_of(file): file for file in PLUGINS}


@contextlib.contextmanager
def exchange():
    """Its address. What it counts as a client's weight is no subject here, so it allows a thousand times as much."""
    words = [os.environ["BOURSE_EXCHANGE"], "--plugins", os.path.dirname(FILES["synthetic"]), "--port", "0", "--weight", "6000000"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True) as process:
        try:
            yield "http://127.0.0.1:" + process.stdout.readline().strip()
        finally:
            process.kill()


class Ours(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def options(self, name):
        """What this one is given."""
        if name == "history":
            return ["--set", f"history.database=sqlite:{self.folder}/history.db", "--plugins", os.path.dirname(FILES["synthetic"]),
                    "--use", "synthetic"]
        if name == "replay":
            with open(os.path.join(self.folder, "BTCUSDT-1h-2024-01.csv"), "w", encoding="utf-8") as recording:
                recording.write(RECORDING)
            return ["--set", f"replay.folder={self.folder}"]
        if name == "binance":
            url = self.enterContext(exchange())
            return ["--set", f"binance.base_url={url}", "--set", "binance.block_file=none"]
        if name == "png":
            # pixman_composite_glyphs gives up without a word where its memory fails: a letter is missing, and nobody is told.
            return ["--except", "failure.memory"]
        return []

    def test_each_passes_each_rule(self):
        took = {}
        for name, file in FILES.items():
            if name == "binance" and "BOURSE_EXCHANGE" not in os.environ:
                continue
            with self.subTest(name):
                begun = time.monotonic()
                done = subprocess.run([os.environ["BOURSE"], "validate", file, "--format", "json", *self.options(name), *OPTIONS],
                                      capture_output=True, text=True, timeout=900, check=False, stdin=subprocess.DEVNULL)
                took[name] = round(time.monotonic() - begun, 1)
                self.assertEqual(done.stderr, "")
                report = json.loads(done.stdout)
                # On a busy machine a call that stops at once may still end late: that is a warning, told but not held against it.
                late = [run for run in report["runs"] if run["outcome"] == "warning" and run["rule"].startswith("deadline.")]
                for run in late:
                    print(name, run["rule"], [finding["seen"] for finding in run["findings"]])
                wrong = [run for run in report["runs"] if run["outcome"] not in ("pass", "skipped") and run not in late]
                self.assertEqual((done.returncode, wrong), (0, []), json.dumps(wrong, indent=2))
                self.assertGreater(report["pass"], 20)
        print(sum(took.values()), "s:", took)
        self.assertLess(sum(took.values()), SECONDS_MAX, took)


if __name__ == "__main__":
    unittest.main()
