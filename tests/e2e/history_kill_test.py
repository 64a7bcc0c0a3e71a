# SPDX-License-Identifier: MIT
"""A backfill that is killed again and again: what it told as kept is kept, nothing twice, and the next run goes on.

BOURSE_KILLS says how often it is killed, 10 times without it; BOURSE_SEED makes the moments those of another run.
"""
import contextlib
import decimal
import json
import os
import random
import signal
import sqlite3
import subprocess
import tempfile
import unittest
import urllib.request

import bourse_process as bourse
from exchange_process import Exchange

KILLS = int(os.environ.get("BOURSE_KILLS", "10"))
SEED = int(os.environ.get("BOURSE_SEED", "0")) or random.randrange(1, 1 << 31)
CONFIG = """
bourse: 1
sources:
  exchange: {{use: binance, config: {{site: testnet, base_url: "{url}", block_file: none}}}}
  market: {{use: history, over: exchange, config: {{database: "sqlite:{database}"}}}}
defaults: {{source: market}}
routes: [{{path: /coverage, run: coverage, format: json}}]
"""
MINUTE = 60_000
START = 1_717_200_000_000  # 2024-06-01
DAYS = 45
END = START + DAYS * 1440 * MINUTE
VALUES = ("open", "high", "low", "close", "volume", "quote_volume", "trades", "taker_base_volume", "taker_quote_volume")


class Killed(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.database = os.path.join(self.folder, "history.db")
        self.exchange = self.stack.enter_context(Exchange())
        self.config = bourse.write_config(self.folder, CONFIG.format(url=self.exchange.url, database=self.database))

    def task(self, *words):
        return [bourse.PROGRAM, "task", "--config", self.config, "--plugins", bourse.PLUGINS, *words]

    def backfill(self):
        return self.task("market", "backfill", "--symbols", "BTCUSDT", "--intervals", "1m", "--start", "2024-06-01", "--end",
                         "2024-07-15T23:59:00Z", "--share", "1", "--json")

    def rows(self, columns="open_time_ms"):
        if not os.path.exists(self.database):
            return []
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            try:
                return database.execute(f"SELECT {columns} FROM candles_exact WHERE symbol = 'BTCUSDT' ORDER BY open_time_ms").fetchall()
            except sqlite3.OperationalError as error:
                self.assertIn("no such table", str(error), "it was killed before there was a schema")
                return []

    def test_what_was_told_is_kept_and_the_next_run_goes_on(self):
        moments = random.Random(SEED)
        kills, told, whole = 0, 0, 0
        while kills < KILLS:
            process = subprocess.Popen(self.backfill(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(moments.uniform(0, 2 * bourse.PATIENCE))
            ended = process.poll()
            process.send_signal(signal.SIGKILL)
            lines = process.stderr.read().decode().splitlines()
            process.stderr.close()
            process.wait()
            if ended is not None:
                self.assertEqual(ended, 0, lines)
                self.assert_all()
                whole, told = whole + 1, 0
                for name in os.listdir(self.folder):
                    if name.startswith("history.db"):
                        os.remove(os.path.join(self.folder, name))
                continue
            kills += 1
            for line in lines:
                with contextlib.suppress(json.JSONDecodeError):  # the last one may be cut off
                    told = max(told, json.loads(line).get("done", 0))
            self.assert_kept(told, kills)
        subprocess.run(self.backfill(), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300)
        self.assert_all()
        print(f"seed {SEED}: killed {kills} times, whole {whole + 1} times")

    def assert_kept(self, told, kills):
        found = [row[0] for row in self.rows()]
        self.assertEqual(len(found), len(set(found)))
        until = START + told // MINUTE * MINUTE
        self.assertEqual([time for time in found if time < until], list(range(START, until, MINUTE)), f"after kill {kills}, seed {SEED}")

    def assert_all(self):
        shown = self.rows("open_time_ms, " + ", ".join(VALUES))
        at, expected = START, []
        while at < END:
            url = f"{self.exchange.url}/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime={at}&endTime={END - 1}&limit=1000"
            with urllib.request.urlopen(url, timeout=60) as answer:
                page = json.loads(answer.read())
            expected += page
            at = page[-1][0] + MINUTE
        self.assertEqual(len(shown), DAYS * 1440)
        for row, candle in zip(shown, expected):
            other = (*candle[1:6], candle[7], candle[8], candle[9], candle[10])
            self.assertEqual((row[0], *map(decimal.Decimal, map(str, row[1:]))), (candle[0], *map(decimal.Decimal, map(str, other))))
        done = subprocess.run(self.task("market", "status", "--check", "true", "--format", "json"), capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        report = json.loads(done.stdout)
        self.assertNotIn("damage", [note["code"] for note in report["notes"]])
        asked = subprocess.run(self.backfill(), capture_output=True, text=True, check=True, timeout=60)
        before = len(self.exchange.requests("/api/v3/klines"))
        subprocess.run(self.backfill(), capture_output=True, text=True, check=True, timeout=60)
        self.assertEqual(len(self.exchange.requests("/api/v3/klines")), before, asked.stderr)


if __name__ == "__main__":
    unittest.main()
