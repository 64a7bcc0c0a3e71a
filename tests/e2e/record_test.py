# SPDX-License-Identifier: MIT
"""`bourse record`: answers of a source as files, and `replay`, which reads them again."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import bourse_process as bourse

NUMBERS = ("--symbol", "BTCUSDT", "--symbols", "BTCUSDT", "--symbols", "ETHUSDT", "--interval", "1h", "--limit", "300")


def record(*words):
    return bourse.run("record", *words, "--plugins", bourse.PLUGINS)


class Recorded(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def files(self):
        return sorted(os.listdir(self.folder))

    def table(self, folder, name):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            report = json.load(file)
        (table,) = report["tables"].values()
        return table["rows"]

    def test_what_replay_reads_again_is_what_the_source_said(self):
        done = record("candles", "order_book", "symbols", "ticker_24h", "--use", "synthetic", "--output", self.folder, *NUMBERS)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.files(), ["candles_BTCUSDT_1h_300.report.json", "order_book_BTCUSDT.report.json",
                                        "symbols_BTCUSDT-ETHUSDT.report.json", "ticker_24h_BTCUSDT-ETHUSDT.report.json"])
        again = os.path.join(self.folder, "again")
        done = record("candles", "order_book", "symbols", "ticker_24h", "--use", "replay", "--set", f"folder={self.folder}",
                      "--output", again, *NUMBERS)
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in sorted(os.listdir(again)):
            rows = self.table(self.folder, name)
            if name.startswith("candles"):  # the one that was forming is left out
                rows = [row for row in rows if row["closed"]]
                self.assertGreater(len(rows), 290)
            self.assertEqual(self.table(again, name), rows, name)

    def test_everything_that_is_not_private_and_needs_nothing_more(self):
        done = record("--use", "synthetic", "--output", self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.files(), ["symbols.report.json"])
        self.assertIn("candles left out: it needs --symbol VALUE", done.stdout)
        self.assertRegex(done.stdout, r"symbols\.report\.json: \d+ rows, \d+ bytes")

    def test_a_dataset_that_is_named_must_have_what_it_needs(self):
        done = record("candles", "--use", "synthetic", "--output", self.folder)
        self.assertEqual(done.returncode, 1)
        self.assertIn("error: candles: it needs symbol: give --symbol VALUE", done.stderr)

    def test_other_formats(self):
        done = record("candles", "--use", "synthetic", "--output", self.folder, "--format", "csv", "--symbol", "BTCUSDT", "--limit", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.files(), ["candles_BTCUSDT_2.report.csv"])
        with open(os.path.join(self.folder, self.files()[0]), encoding="utf-8") as file:
            self.assertTrue(file.readline().startswith("open_time,open,high,low,close,"))

    def test_again_and_again(self):
        done = record("order_book", "--use", "synthetic", "--output", self.folder, "--symbol", "BTCUSDT", "--every", "1100ms", "--count", "3")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.files()), 3, self.files())
        for name in self.files():
            self.assertRegex(name, r"^order_book_BTCUSDT_\d{8}T\d{6}Z\.report\.json$")

    def test_ends_at_a_signal_with_whole_files(self):
        process = subprocess.Popen([bourse.PROGRAM, "record", "order_book", "--use", "synthetic", "--output", self.folder, "--symbol",
                                    "BTCUSDT", "--every", "200ms", "--plugins", bourse.PLUGINS], stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        began = time.monotonic()
        self.assertEqual(process.wait(bourse.DEADLINE_SECONDS), 0)
        self.assertLess(time.monotonic() - began, 10 * bourse.PATIENCE)
        self.assertTrue(self.files())
        for name in self.files():
            self.assertTrue(self.table(self.folder, name), name)

    def test_mistakes(self):
        for words, said, code in (
                (("candels", "--use", "synthetic"), "has no dataset 'candels'; did you mean candles?", 2),
                (("candles", "--use", "synthetic", "--symbl", "A"), "no dataset of this source has a parameter 'symbl'; did you mean symbol?", 2),
                (("candles", "--use", "synthetic", "--every", "soon"), "--every is 'soon'; it must be a duration such as 10s or 1m", 2),
                (("candles", "--use", "synthetic", "--count", "3"), "say by --every how long to wait", 2),
                (("candles", "--use", "synthetic", "--format", "jsn"), "there is no format 'jsn'; did you mean json?", 2),
                (("candles", "--use", "synthetic", "--symbol", "BTCUSDT", "--limit", "0"), "limit", 1)):
            done = record(*words, "--output", self.folder)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn(said, re.sub('"', "'", done.stderr))
        self.assertEqual(self.files(), [])

    def test_a_folder_that_cannot_be(self):
        place = os.path.join(self.folder, "file")
        with open(place, "w", encoding="utf-8"):
            pass
        done = record("symbols", "--use", "synthetic", "--output", os.path.join(place, "below"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("no folder could be made there", done.stderr)


if __name__ == "__main__":
    unittest.main()
