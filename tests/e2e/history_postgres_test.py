# SPDX-License-Identifier: MIT
"""A history in PostgreSQL under a server: the bad days of its database, and two servers that share it."""
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import bourse_process as bourse
import postgres_process
from exchange_process import Exchange
from postgres_process import Postgres

CONFIG = """
bourse: 1
server: {{listen: "127.0.0.1:0", admin: "127.0.0.1:0"}}
log: {{level: info}}
sources:
  exchange: {{use: binance, config: {{site: testnet, base_url: "{url}", block_file: none, candle_cache: 0, fresh: 0}}}}
  market: {{use: history, over: exchange, config: {{database: "{database}", market: binance/spot}}}}
  other: {{use: history, over: exchange, config: {{database: "{database}", market: binance/futures}}}}
defaults: {{source: market, deadline: {deadline}s}}
routes:
  - {{path: "/t/{{symbol}}", run: technical, formats: [csv, json]}}
  - {{path: "/other/{{symbol}}", run: technical, formats: [csv, json], source: other}}
  - {{path: "/direct/{{symbol}}", run: technical, formats: [csv, json], source: exchange}}
  - {{path: /coverage, run: coverage, formats: [csv, json]}}
"""
OLD = "?interval=1h&limit=48&end=2024-12-30T00:00:00Z"
DEADLINE = 20 * bourse.PATIENCE
if why := postgres_process.reason():
    print("skipped:", why)
    sys.exit(77)


def setUpModule():
    global postgres  # pylint: disable=global-statement
    postgres = Postgres()
    unittest.addModuleCleanup(postgres.__exit__)


class History(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.exchange = self.stack.enter_context(Exchange())
        if postgres.process is None:
            postgres.start()
        self.database = postgres.new_database()
        self.config = bourse.write_config(folder, CONFIG.format(url=self.exchange.url, database=self.database, deadline=DEADLINE))
        self.server = bourse.Server(self.config)
        self.stack.callback(self.end_server)

    def end_server(self):
        is_killed = self.server.process.poll() == -signal.SIGKILL
        self.server.__exit__(AssertionError if is_killed else None, None, None)

    def get(self, target, server=None):
        status, _, body = (server or self.server).get(target)
        self.assertEqual(status, 200, body)
        return body

    def notes(self, symbol, route="t", server=None):
        body = self.get(f"/{route}/{symbol}.json{OLD}", server)
        return {note["code"]: note["text"] for note in json.loads(body)["notes"]}

    def asked(self):
        return len(self.exchange.requests("/api/v3/klines"))

    def figure(self, name, source="market"):
        text = self.server.get("/metrics", port=self.server.admin_port)[2].decode()
        return float(re.search(rf'(?m)^bourse_history_{name}{{[^}}]*"{source}"[^}}]*}} (\S+)$', text)[1])

    def until_kept(self, symbol):
        """Asks until a database that is back is used again; how long that took."""
        begun = time.monotonic()
        while "not_kept" in (notes := self.notes(symbol)):
            self.assertLess(time.monotonic() - begun, 60, notes)
            time.sleep(0.1)
        return time.monotonic() - begun

    def test_answers_are_the_exchanges_and_come_from_the_database(self):
        direct = self.get("/direct/BTCUSDT" + OLD)
        before = self.asked()
        self.assertEqual(self.get("/t/BTCUSDT" + OLD), direct)
        known = self.asked()
        self.assertGreater(known, before)
        self.assertEqual(self.get("/t/BTCUSDT" + OLD), direct)
        self.assertEqual(self.asked(), known)
        # Both sources share the database, and each has its own candles in it.
        self.assertEqual(self.get("/other/BTCUSDT" + OLD), direct)
        self.assertGreater(self.asked(), known)
        kept = postgres.ask(self.database, "SELECT source, count(*) FROM bourse.candles WHERE symbol = 'BTCUSDT' AND interval = '1h' "
                                           "GROUP BY source ORDER BY source")
        self.assertEqual([row[0] for row in kept], ["binance/futures", "binance/spot"])

    def test_while_it_is_stopped_the_exchange_answers_and_a_note_says_so(self):
        direct = self.get("/direct/BTCUSDT" + OLD)
        self.get("/t/BTCUSDT" + OLD)
        postgres.stop()
        self.assertEqual(self.get("/t/BTCUSDT" + OLD), direct)
        note = self.notes("BTCUSDT")["not_kept"]
        self.assertIn("PostgreSQL database history_", note)
        self.assertEqual(self.figure("keeps"), 0)
        postgres.start()
        self.until_kept("ETHUSDT")
        self.assertEqual(self.figure("keeps"), 1)
        asked = self.asked()
        self.assertEqual(self.get("/t/BTCUSDT" + OLD), direct)
        self.assertEqual(self.notes("ETHUSDT"), {})
        self.assertEqual(self.asked(), asked, "what was kept before and after is known")
        said = "".join(self.server.lines)
        self.assertEqual(said.count("what is asked is not kept"), 1, said)
        self.assertEqual(said.count("what is asked is kept again"), 1, said)

    def test_one_that_was_stopped_when_the_server_started_is_found_later(self):
        postgres.stop()
        with bourse.Server(self.config) as server:
            self.assertIn("not_kept", self.notes("BTCUSDT", server=server))
            postgres.start()
            self.assertIn("not_kept", self.notes("BTCUSDT", server=server), "it is tried again each minute")
            status, _, body = server.get("/coverage.json")
            self.assertEqual((status, json.loads(body)["code"]), (503, "no_database"))

    def test_one_that_says_nothing_keeps_nobody_waiting_for_long(self):
        self.get("/t/BTCUSDT" + OLD)
        with postgres.frozen():
            begun = time.monotonic()
            self.assertIn("not_kept", self.notes("BTCUSDT"))
            self.assertLess(time.monotonic() - begun, DEADLINE)
            begun = time.monotonic()
            for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT"):
                self.assertIn("not_kept", self.notes(symbol))
            self.assertLess(time.monotonic() - begun, 2 * bourse.PATIENCE, "the others do not wait for it again")
        self.until_kept("ETHUSDT")

    def test_without_a_connection_left_the_exchange_answers(self):
        with Postgres(max_connections=8, superuser_reserved_connections=3) as small, contextlib.ExitStack() as stack:
            database = small.new_database()
            small.ask(database, "CREATE ROLE desk LOGIN; CREATE SCHEMA bourse AUTHORIZATION desk")
            with open(self.config, encoding="utf-8") as file:
                text = file.read().replace(self.database, database.replace("tester@", "desk@"))
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            others = []
            try:
                while not others or others[-1].poll() is None:  # until one is refused
                    others.append(subprocess.Popen([small.program("psql"), "-q", database.replace("tester@", "desk@"), "-c",
                                                    "SELECT pg_sleep(600)"], stderr=subprocess.DEVNULL))
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        others[-1].wait(0.3 * bourse.PATIENCE)
                with bourse.Server(bourse.write_config(folder, text)) as server:
                    note = self.notes("BTCUSDT", server=server)["not_kept"]
                    self.assertRegex(note, "remaining connection slots|too many clients")
                    self.assertIn("max_connections", note)
            finally:
                for other in others:
                    other.kill()
                    other.wait(20)

    def test_of_two_servers_one_writes_and_the_other_takes_over(self):
        self.get("/t/BTCUSDT" + OLD)
        with bourse.Server(self.config) as second:
            first = self.server.process
            asked = self.asked()
            self.assertNotIn("not_kept", self.notes("BTCUSDT", server=second))
            self.assertEqual(self.asked(), asked, "it reads what the first one has kept")
            self.assertIn(f"process {first.pid} ", self.notes("ETHUSDT", server=second)["not_kept"], "who writes")
            self.assertNotIn("not_kept", self.notes("ETHUSDT"))
            asked = self.asked()
            self.assertNotIn("not_kept", self.notes("ETHUSDT", server=second))
            self.assertEqual(self.asked(), asked, "and what it keeps meanwhile")
            first.send_signal(signal.SIGKILL)
            first.wait(20)
            begun = time.monotonic()
            while "not_kept" in self.notes("SOLUSDT", server=second):
                self.assertLess(time.monotonic() - begun, 30)
                time.sleep(0.05)
            asked = self.asked()
            self.assertNotIn("not_kept", self.notes("SOLUSDT", server=second))
            self.assertEqual(self.asked(), asked)
        twice = postgres.ask(self.database, "SELECT time, symbol, interval, source FROM bourse.candles GROUP BY 1, 2, 3, 4 HAVING count(*) > 1")
        self.assertEqual(twice, [])

    def test_a_task_fills_it_and_a_server_answers_from_it(self):
        words = [bourse.PROGRAM, "task", "--config", self.config, "--plugins", bourse.PLUGINS, "market"]
        days = ["--symbols", "BTCUSDT", "--intervals", "1h", "--start", "2024-06-01", "--end", "2024-06-30T23:00:00Z"]
        done = subprocess.run([*words, "backfill", *days, "--share", "1"], capture_output=True, text=True, check=False, timeout=bourse.DEADLINE_SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr)
        asked = self.asked()
        target = "BTCUSDT?interval=1h&limit=720&end=2024-06-30T23:00:00Z"
        self.assertEqual(self.get("/t/" + target), self.get("/direct/" + target))
        done = subprocess.run([*words, "status", "--check", "true", "--format", "json"], capture_output=True, text=True, check=False,
                              timeout=bourse.DEADLINE_SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("damage", done.stdout)
        self.assertNotEqual(asked, 0)


if __name__ == "__main__":
    unittest.main()
