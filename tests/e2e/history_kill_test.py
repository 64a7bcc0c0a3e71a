# SPDX-License-Identifier: MIT
"""A backfill that is killed again and again: what it told as kept is kept, nothing twice, and the next run goes on.

In SQLite, and in PostgreSQL where Debian's is installed. BOURSE_KILLS says how often it is killed, 10 times without it;
BOURSE_SEED makes the moments those of another run.
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
import threading
import unittest
import urllib.request

import bourse_process as bourse
import postgres_process
from exchange_process import Exchange

KILLS = int(os.environ.get("BOURSE_KILLS", "10"))
SEED = int(os.environ.get("BOURSE_SEED", "0")) or random.randrange(1, 1 << 31)
CONFIG = """
bourse: 1
sources:
  exchange: {{use: binance, config: {{site: testnet, base_url: "{url}", block_file: none}}}}
  market: {{use: history, over: exchange, config: {{database: "{database}"}}}}
defaults: {{source: market}}
routes: [{{path: /coverage, run: coverage, format: json}}]
"""
MINUTE = 60_000
START = 1_717_200_000_000  # 2024-06-01
DAYS = 45
END = START + DAYS * 1440 * MINUTE
VALUES = ("open", "high", "low", "close", "volume", "quote_volume", "trades", "taker_base_volume", "taker_quote_volume")


class Sqlite:
    def __init__(self, folder):
        self.folder = folder
        self.file = os.path.join(folder, "history.db")
        self.address = "sqlite:" + self.file

    def rows(self, columns):
        """Of the view candles_exact, in their order."""
        if not os.path.exists(self.file):
            return []
        with contextlib.closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True)) as database:
            return database.execute(f"SELECT open_time_ms, {columns} FROM candles_exact WHERE symbol = 'BTCUSDT' ORDER BY open_time_ms").fetchall()

    def empty(self):
        for name in os.listdir(self.folder):
            if name.startswith("history.db"):
                os.remove(os.path.join(self.folder, name))


class PostgreSQL:
    def __init__(self, server):
        self.server = server
        self.address = server.new_database()

    def rows(self, columns):
        there, = self.server.ask(self.address, "SELECT to_regclass('bourse.candles_exact') IS NOT NULL")
        if there != ["t"]:
            return []
        rows = self.server.ask(self.address, f"SELECT (extract(epoch FROM time) * 1000)::bigint, {columns} FROM bourse.candles_exact "
                                             "WHERE symbol = 'BTCUSDT' ORDER BY time")
        return [(int(time), *others) for time, *others in rows]

    def empty(self):
        self.server.ask(self.address, "DROP SCHEMA bourse CASCADE")


class Killed(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        # A run takes some seconds. Its clock goes: each new process takes the limit to be 6000 until it is told, and would wait for the end
        # of a minute that never ends once a hundred runs have used more.
        self.exchange = self.stack.enter_context(Exchange(now=None, latency="40ms", weight=1_000_000_000))

    def use(self, store):
        self.store = store
        self.config = bourse.write_config(self.folder, CONFIG.format(url=self.exchange.url, database=store.address))

    def test_in_sqlite(self):
        self.use(Sqlite(self.folder))
        self.kill_again_and_again()

    @unittest.skipIf(postgres_process.reason(), postgres_process.reason())
    def test_in_postgresql(self):
        self.use(PostgreSQL(self.stack.enter_context(postgres_process.Postgres())))
        self.kill_again_and_again()

    def task(self, *words):
        return [bourse.PROGRAM, "task", "--config", self.config, "--plugins", bourse.PLUGINS, *words]

    def backfill(self):
        return self.task("market", "backfill", "--symbols", "BTCUSDT", "--intervals", "1m", "--start", "2024-06-01", "--end",
                         "2024-07-15T23:59:00Z", "--share", "1", "--json")

    def kill_again_and_again(self):
        moments = random.Random(SEED)
        kills, told, whole, checked = 0, 0, 0, 0
        seen = {"while it began": [], "while it worked": []}
        while kills < KILLS:
            process = subprocess.Popen(self.backfill(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            lines, begun = [], threading.Event()

            def listen(process=process, lines=lines, begun=begun):
                for line in process.stderr:
                    lines.append(line.decode())
                    begun.set()
                begun.set()

            reader = threading.Thread(target=listen)
            reader.start()
            # One in five while it begins, the others while it works.
            works = moments.random() < 0.8
            if works:
                begun.wait(bourse.DEADLINE_SECONDS)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(moments.uniform(0, 2.5))
            ended = process.poll()
            process.send_signal(signal.SIGKILL)
            process.wait()
            reader.join()
            process.stderr.close()
            if ended is not None:
                self.assertEqual(ended, 0, lines)
                self.assert_all()
                whole, told = whole + 1, 0
                self.store.empty()
                continue
            kills += 1
            for line in lines:
                with contextlib.suppress(json.JSONDecodeError):  # the last one may be cut off
                    told = max(told, json.loads(line).get("done", 0))
            seen["while it worked" if works else "while it began"].append((told // MINUTE, self.assert_kept(told, kills)))
            checked += told // MINUTE
        done = subprocess.run(self.backfill(), capture_output=True, text=True, check=False, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_all()
        if KILLS >= 10:
            self.assertGreater(checked, KILLS * 1000, "it was killed before anything was told")
        print(f"{type(self.store).__name__}, seed {SEED}: {kills} kills, {whole + 1} runs that came to their end and hold what the exchange says. "
              "Looked at after each kill, nothing told was lost and nothing there twice:")
        print("killed           times  rows told as kept  rows there  most beyond what was told")
        for when, each in seen.items():
            beyond = max((there - kept for kept, there in each), default=0)
            print(f"{when:15}  {len(each):5}  {sum(kept for kept, _ in each):17}  {sum(there for _, there in each):10}  {beyond:25}",
                  flush=True)

    def assert_kept(self, told, kills):
        found = [row[0] for row in self.store.rows("symbol")]
        self.assertEqual(len(found), len(set(found)))
        until = START + told // MINUTE * MINUTE
        self.assertEqual([time for time in found if time < until], list(range(START, until, MINUTE)), f"after kill {kills}, seed {SEED}")
        return len(found)

    def assert_all(self):
        shown = self.store.rows(", ".join(VALUES))
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
