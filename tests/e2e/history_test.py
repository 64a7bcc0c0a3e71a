# SPDX-License-Identifier: MIT
"""A history over an exchange: the server is the real one, the exchange the fake one, the database a file."""
import contextlib
import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import tempfile
import unittest
import urllib.request

import bourse_process as bourse
from exchange_process import Exchange, ReservedPort, metrics

CONFIG = """
bourse: 1
server: {{listen: "127.0.0.1:0", admin: "127.0.0.1:0"}}
log: {{level: info}}
sources:
  exchange: {{use: binance, config: {{site: testnet, base_url: "{url}", block_file: none, candle_cache: 0, fresh: 0}}}}
  market: {{use: history, over: exchange, config: {{database: "sqlite:{database}", market: binance/spot}}}}
defaults: {{source: market, deadline: {deadline}s}}
routes:
  - {{path: "/t/{{symbol}}", run: technical, formats: [csv, json, html, png]}}
  - {{path: "/direct/{{symbol}}", run: technical, formats: [csv, json], source: exchange}}
  - {{path: /coverage, run: coverage, formats: [csv, json, png]}}
  - {{path: /prices, run: prices, formats: [csv]}}
"""


def rows(body):
    return list(csv.DictReader(io.StringIO(body.decode())))


class History(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.database = os.path.join(self.folder, "history.db")
        self.port = self.stack.enter_context(ReservedPort())
        self.exchange = Exchange(port=self.port)  # its clock stands still
        self.stack.callback(lambda: self.exchange.kill())
        text = CONFIG.format(url=self.exchange.url, database=self.database, deadline=20 * bourse.PATIENCE)
        self.config = bourse.write_config(self.folder, text)
        self.server = None
        self.start()

    def start(self):
        self.server = bourse.Server(self.config)
        self.stack.push(self.server.__exit__)

    def restart(self):
        self.server.__exit__(None, None, None)
        self.server.stop_signal = None
        self.start()

    def get(self, target):
        status, headers, body = self.server.get(target)
        self.assertEqual(status, 200, body)
        return body

    def notes(self, target):
        return [note["code"] for note in json.loads(self.get(target))["notes"]]

    def asked(self):
        return len(self.exchange.requests("/api/v3/klines"))

    def test_it_answers_as_the_exchange_and_asks_nothing_twice(self):
        target = "BTCUSDT?interval=1h&limit=300&end=2024-12-31T00:00:00Z"
        direct = self.get("/direct/" + target)
        before = self.asked()
        self.assertEqual(self.get("/t/" + target), direct)
        known = self.asked()
        self.assertGreater(known, before)
        self.restart()
        older = "BTCUSDT?interval=1h&limit=100&end=2024-12-30T00:00:00Z"
        self.assertEqual(self.get("/t/" + target), direct)
        kept = self.get("/t/" + older)
        self.assertEqual(self.asked(), known)
        self.assertEqual(kept, self.get("/direct/" + older))

    def test_the_page_is_there_when_the_exchange_is_not(self):
        newest = self.get("/t/ETHUSDT?interval=15m&limit=200")
        self.exchange.kill()
        self.restart()
        again = self.get("/t/ETHUSDT?interval=15m&limit=200")
        # Without the candle that formed, which is not kept, and perhaps the one before, and as many older ones.
        self.assertEqual(rows(again)[-100]["close"], next(
            row["close"] for row in rows(newest) if row["open_time"] == rows(again)[-100]["open_time"]))
        self.assertIn("source_failed", self.notes("/t/ETHUSDT?format=json&interval=15m&limit=200"))
        self.assertEqual(self.get("/t/ETHUSDT.png?interval=15m&limit=200")[1:4], b"PNG")
        status, _, body = self.server.get("/prices")
        self.assertGreaterEqual(status, 500, "what it does not keep needs the exchange")
        self.assertIn(b"code", body)

    def test_what_was_missed_is_asked_when_the_exchange_is_back(self):
        self.get("/t/BTCUSDT?interval=1m&limit=60")
        self.exchange.kill()
        self.assertIn("source_failed", self.notes("/t/BTCUSDT?format=json&interval=1m&limit=50"))
        self.exchange = Exchange(now="2025-01-01T13:14:10Z", port=self.port)
        body = self.get("/t/BTCUSDT?interval=1m&limit=90")
        self.assertEqual(body, self.get("/direct/BTCUSDT?interval=1m&limit=90"))
        self.assertEqual(len(rows(body)), 90)
        spans = rows(self.get("/coverage"))
        self.assertEqual([row["gaps"] for row in spans], ["0"])

    def test_a_stranger_reads_it_with_sql(self):
        self.get("/t/BTCUSDT?interval=1h&limit=24&end=2024-12-31T00:00:00Z")
        shown = rows(self.get("/direct/BTCUSDT?interval=1h&limit=24&end=2024-12-31T00:00:00Z"))
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            found = database.execute("SELECT time, open, high, low, close, volume FROM candles WHERE symbol = 'BTCUSDT' AND interval = '1h' "
                                     "AND time <= '2024-12-31T00:00:00Z' ORDER BY time DESC LIMIT 24").fetchall()
        self.assertEqual([(row["open_time"], *(float(row[name]) for name in ("open", "high", "low", "close", "volume"))) for row in shown],
                         [tuple(row) for row in reversed(found)])

    def test_of_two_servers_one_writes_and_the_other_reads(self):
        old = "?format=json&interval=1h&limit=24&end=2024-12-31T00:00:00Z"
        self.get("/t/BTCUSDT" + old)
        with bourse.Server(self.config) as second:
            def notes(symbol):
                status, _, body = second.get(f"/t/{symbol}{old}")
                self.assertEqual(status, 200, body)
                return {note["code"]: note["text"] for note in json.loads(body)["notes"]}

            asked = self.asked()
            self.assertNotIn("not_kept", notes("BTCUSDT"))
            self.assertEqual(self.asked(), asked, "it reads what the first one has kept")
            self.assertIn(str(self.server.process.pid), notes("ETHUSDT")["not_kept"], "who writes")
            self.server.__exit__(None, None, None)
            self.server.stop_signal = None
            self.assertNotIn("not_kept", notes("SOLUSDT"), "it is the writer now")
            asked = self.asked()
            notes("SOLUSDT")
            self.assertEqual(self.asked(), asked)

    def test_a_backfill_leaves_the_rest_of_the_weight_to_requests(self):
        share, limit = 0.02, 6000
        process = subprocess.Popen(
            [bourse.PROGRAM, "task", "market", "backfill", "--config", self.config, "--plugins", bourse.PLUGINS, "--symbols", "BTCUSDT",
             "--start", "2024-01-01", "--end", "2024-12-01", "--share", str(share), "--json"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.stack.callback(process.stderr.close)
        self.stack.callback(process.kill)
        text = ""
        for line in process.stderr:
            text = json.loads(line).get("text", "")
            if "waits" in text:
                break
        self.assertRegex(text, "BTCUSDT 1m, waits [0-9]+ s: [0-9]+ % of the source's limit is used, and the share is 2 %")
        # The clock stands: this minute does not end, and no page more is asked in it.
        weight = sum(request["weight"] for request in self.exchange.requests("/api/"))
        self.assertGreater(weight, 20, "it did ask")
        self.assertLessEqual(weight, share * limit + 2, "one page may lead above it")
        self.assertEqual(len(rows(self.get("/t/ETHUSDT?interval=1h&limit=100"))), 100)
        waits = [value for name, value in metrics(self.server).items() if name.startswith("bourse_binance_rate_waits_total")]
        self.assertEqual([float(value) for value in waits], [0], "a request waits for nothing")
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20 * bourse.PATIENCE), 130)
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            kept = database.execute("SELECT count(*) FROM candles WHERE symbol = 'BTCUSDT' AND interval = '1m'").fetchone()[0]
        self.assertGreater(kept, 0)
        self.assertEqual(kept % 1000, 0, "whole pages")

    def test_trades_and_books_that_pass_are_kept(self):
        self.server.__exit__(None, None, None)
        self.server.stop_signal = None
        with open(self.config, encoding="utf-8") as file:
            text = file.read().replace("market: binance/spot}", "market: binance/spot, keep: [candles, trades, books]}")
        text += '  - {path: "/liquidity/{symbol}", run: liquidity, formats: [json]}\n'
        self.config = bourse.write_config(self.folder, text)
        self.start()
        body = json.loads(self.get("/liquidity/BTCUSDT"))
        self.assertNotIn("not_kept", [note["code"] for note in body["notes"]])
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as database:
            best = database.execute("SELECT side, price FROM book_levels WHERE symbol = 'BTCUSDT' AND level = 1 ORDER BY side").fetchall()
        asked = json.loads(urllib.request.urlopen(f"{self.exchange.url}/api/v3/depth?symbol=BTCUSDT&limit=5", timeout=20).read())
        self.assertEqual(best, [("ask", float(asked["asks"][0][0])), ("bid", float(asked["bids"][0][0]))])

    def test_without_a_database_the_exchange_answers(self):
        os.rename(self.database, self.database + ".away")
        os.mkdir(self.database)  # no file
        self.restart()
        target = "BTCUSDT?interval=1h&limit=30"
        self.assertEqual(self.get("/t/" + target), self.get("/direct/" + target))
        self.assertIn("not_kept", self.notes("/t/BTCUSDT?format=json&interval=1h&limit=30"))
        status, _, body = self.server.get("/coverage.json")
        self.assertEqual((status, json.loads(body)["code"]), (503, "no_database"))


if __name__ == "__main__":
    unittest.main()
