# SPDX-License-Identifier: MIT
"""A report through `binance` is, byte for byte, the one straight from the source behind the exchange.

The exchange is the fake one, at a time that stands still. It listens on a free loopback port.
"""
import os
import subprocess
import sys
import tempfile
import unittest
import urllib.request

import bourse_process
from bourse_process import PLUGINS, SOURCE_DIR

EXCHANGE = os.environ["BOURSE_EXCHANGE"]
# The public example key of the exchange's documentation, which the fake knows; worthless.
KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"

REPORTS = {
    "market-statistics": ["symbols=BTCUSDT,ETHUSDT,SHIBUSDT,ETHBTC"],
    "market-statistics with unknown ones": ["symbols=BTCUSDT,NOPE,btc/usdt,ETHUSDT"],
    "technical": ["symbol=BTCUSDT", "interval=1h", "limit=300"],
    "technical of days": ["symbol=ETHBTC", "interval=1d", "limit=50"],
    "correlation": ["symbols=BTCUSDT,ETHUSDT,BNBUSDT,ADAUSDT,XRPUSDT,SOLUSDT,DOTUSDT,LINKUSDT"],
    "liquidity": ["symbol=ETHUSDT"],
    "prices": ["symbols=BTCUSDT,ETHUSDT,PEPEUSDT"],
    "symbols": [],
    "symbols of some": ["symbols=BTCUSDT,ETHBTC"],
}
WRONG = {
    "technical": ["symbol=NOPE"],
    "liquidity": ["symbol=BTCUSD"],
    "market-statistics": ["symbols=NOPE,NADA"],
    "prices": ["symbols=btcusdt"],
}


class Exchange:
    """The fake exchange; without `now` it follows the machine's clock."""

    def __init__(self, now=None, source="synthetic"):
        clock = ["--now", now] if now else []
        self.process = subprocess.Popen([EXCHANGE, "--plugins", PLUGINS, "--source", source, *clock],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.url = "http://127.0.0.1:" + self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.kill()
        self.process.wait(20)
        self.process.stdout.close()


def report(analysis, arguments, form, source, *settings):
    words = ["run", analysis, *("--" + argument for argument in arguments),
             "--format", form, "--use", source]
    for setting in settings:
        words += ["--set", setting]
    return bourse_process.run(*words)


class Binance(unittest.TestCase):
    def compare(self, now):
        with Exchange(now) as exchange:
            for name, arguments in REPORTS.items():
                for form in ("json", "csv"):
                    with self.subTest(name, form=form, now=now):
                        analysis = name.split()[0]
                        there = report(analysis, arguments, form, "binance", "base_url=" + exchange.url)
                        here = report(analysis, arguments, form, "synthetic", "now=" + now)
                        self.assertEqual(here.returncode, 0, here.stderr)
                        self.assertEqual(there.returncode, 0, there.stderr)
                        self.assertGreater(len(here.stdout), 100)
                        self.assertEqual(there.stdout, here.stdout)

    def test_reports_are_those_of_the_source_behind_the_exchange(self):
        self.compare("2025-01-01T12:34:56Z")

    # Not at the very end: whether a candle had ended when it was asked for is then less sure than the clock is.
    def test_also_seconds_after_the_end_of_a_candle(self):
        self.compare("2025-01-01T12:00:05Z")

    def test_also_those_of_a_recording(self):
        now = "2025-01-03T00:00:05Z"  # the recording ends five seconds before, and so does its time
        maker = os.path.join(SOURCE_DIR, "tests/plugins/sources/replay/make_recording.py")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, maker, folder, os.path.join(folder, "expected.words")],
                           check=True, timeout=60)
            with Exchange(now, "replay:" + folder) as exchange:
                for words in (["technical", "symbol=AAAUSDT", "limit=60"],  # with a hole in it
                              ["technical", "symbol=BBBTRY", "limit=20"],
                              ["market-statistics", "symbols=AAAUSDT,NOPE,BBBTRY"]):
                    with self.subTest(words):
                        there = report(words[0], words[1:], "json", "binance", "base_url=" + exchange.url)
                        here = report(words[0], words[1:], "json", "replay", "folder=" + folder, "now=" + now)
                        self.assertEqual((here.returncode, there.returncode), (0, 0), there.stderr)
                        self.assertEqual(there.stdout.replace(now, now.replace("05Z", "00Z"), 1), here.stdout)

    def test_so_are_the_failures(self):
        now = "2025-01-01T12:34:56Z"
        with Exchange(now) as exchange:
            for analysis, arguments in WRONG.items():
                with self.subTest(analysis):
                    there = report(analysis, arguments, "json", "binance", "base_url=" + exchange.url)
                    here = report(analysis, arguments, "json", "synthetic", "now=" + now)
                    self.assertNotEqual(here.returncode, 0)
                    self.assertEqual(there.stderr, here.stderr)
                    self.assertEqual(there.returncode, here.returncode)

    def probe(self, exchange, *settings):
        words = ["probe", "--json", "--use", "binance", "--set", "base_url=" + exchange.url,
                 "--plugins", PLUGINS]
        for setting in settings:
            words += ["--set", setting]
        return bourse_process.run(*words)

    def test_a_probe_passes_without_a_key_and_with_one(self):
        with Exchange() as exchange:
            for settings in ([], ["site=testnet", "api_key=" + KEY, "api_secret=" + SECRET]):
                with self.subTest(settings=len(settings)):
                    done = self.probe(exchange, *settings)
                    self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                    for name in ("site", "connection", "clock", "limits", "candles", "trades"):
                        self.assertIn(name, done.stdout)
                    self.assertEqual("HMAC" in done.stdout, bool(settings), done.stdout)
                    self.assertNotIn(KEY, done.stdout + done.stderr)
                    self.assertNotIn(SECRET, done.stdout + done.stderr)

    def test_a_probe_finds_a_ban(self):
        with Exchange() as exchange:
            urllib.request.urlopen(exchange.url + "/_fake/ban?length=2m", b"").read()
            done = self.probe(exchange)
            self.assertNotEqual(done.returncode, 0, done.stdout)
            self.assertIn("banned", done.stdout)

    def test_the_delivered_configurations_are_good(self):
        token = {"BOURSE_ACCESS_TOKEN": "of-this-test-and-of-nobody-else"}
        for name, env in (("live", {}), ("testnet", token),
                          ("testnet", {"BINANCE_API_KEY": KEY, "BINANCE_API_SECRET": SECRET, **token})):
            with self.subTest(name, env=len(env)):
                done = bourse_process.run("check", os.path.join(SOURCE_DIR, "config", name + ".yaml"),
                                          env=env)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertNotIn(KEY, done.stdout + done.stderr)
                self.assertNotIn(SECRET, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
