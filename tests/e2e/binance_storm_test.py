# SPDX-License-Identifier: MIT
"""Refusals, deaths and cut connections of the exchange under load, as the callers of `bourse serve` see them.

Both are programs on free loopback ports, and the exchange's clock follows the machine's. With --show it says what it saw, second by second.
"""
import collections
import os
import sys
import tempfile
import threading
import time
import unittest

from bourse_process import PATIENCE
from exchange_process import Exchange, ReservedPort, prepared, serve

SHOW = "--show" in sys.argv
KLINES = "/api/v3/klines"


class Load:
    """Callers that ask without end. Answers are (began, ended, status, code, Retry-After), times as of time.monotonic()."""

    def __init__(self, server, target="/BTCUSDT/technical?limit=20", callers=6):
        self.server, self.target = server, target
        self.answers, self.over, self.lock = [], threading.Event(), threading.Lock()
        self.callers = callers
        self.threads = [threading.Thread(target=self.ask, daemon=True) for _ in range(callers)]
        for thread in self.threads:
            thread.start()

    def ask(self):
        while not self.over.is_set():
            began = time.monotonic()
            status, headers, body = self.server.get(self.target)
            code = body.split(b'"code":"')[1].split(b'"')[0].decode() if status >= 400 else ""
            wait = int(headers.get("retry-after", -1))
            with self.lock:
                self.answers.append((began, time.monotonic(), status, code, wait))
            time.sleep(0.01)

    def wait_for(self, what, seconds=60):
        """Until an answer is as the function wants it."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with self.lock:
                if any(what(a) for a in reversed(self.answers)):
                    return
            time.sleep(0.02)
        raise AssertionError(f"no such answer among {len(self.answers)}")

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join(60)
        return sorted(self.answers)


def show(title, answers, start):
    if not SHOW:
        return
    print(f"\n{title}: answers by half second", file=sys.stderr)
    seconds = collections.defaultdict(collections.Counter)
    for _, ended, status, code, _ in answers:
        seconds[int((ended - start) * 2) / 2][f"{status} {code}".strip()] += 1
    for second, counts in sorted(seconds.items()):
        print(f"  {second:5.1f} s  " + ", ".join(f"{n} x {what}" for what, n in counts.most_common()), file=sys.stderr)


def median(values):
    return sorted(values)[len(values) // 2]


class Storm(unittest.TestCase):
    def start(self, port=0, **settings):
        exchange = Exchange(now=None, port=port)
        self.addCleanup(exchange.kill)
        server = serve(exchange.url, **settings)
        self.addCleanup(server.__exit__, None, None, None)
        self.assertEqual(server.get("/BTCUSDT/technical?limit=20")[0], 200)
        prepared(server)
        return exchange, server

    def expect_silence(self, seen, status, end, load, lost):
        """After the first refusal came only what was under way on other connections, nothing on one that had been
        refused. How soon a refusal is read does not matter to either. `lost`: answers that nobody waited for any more;
        another connection may take the place of such a one."""
        refused, during = set(), 0
        for r in seen:
            if r["realMicroseconds"] >= end:
                self.assertFalse(r["duringWait"], f"too early: {r}")
                continue
            self.assertNotIn(r["port"], refused, r)
            if r["duringWait"] or r["status"] == status:
                self.assertEqual(r["status"], status, r)
                refused.add(r["port"])
                during += r["duringWait"]
        self.assertTrue(refused)
        self.assertLess(during, load.callers + lost)

    def test_429_nothing_leaves_until_the_minute_ends_and_callers_are_told_at_once(self):
        exchange, server = self.start()
        # So much is left of the exchange's minute that even a slow machine comes to the point in it.
        now = exchange.state()["nowMicroseconds"] / 1e6
        exchange.command("clock", skew=f"{int((40 - now % 60) * 1000)}ms")
        exchange.command("limits", until_ban=100)  # what is under way at the first refusal is no reason
        # A new process, which reads the clock as it is now.
        server = serve(exchange.url, deadline="1s")
        self.addCleanup(server.__exit__, None, None, None)
        self.assertEqual(server.get("/BTCUSDT/technical?limit=20")[0], 200)
        prepared(server)
        start = time.monotonic()
        load = Load(server)
        load.wait_for(lambda a: a[2] == 200)
        left = 60 - exchange.state()["nowMicroseconds"] / 1e6 % 60
        self.assertTrue(2 < left <= 20, f"{left} s left: too slow a machine for this test")
        exchange.command("use", weight=20000)
        used_up = time.monotonic()
        load.wait_for(lambda a: a[0] > used_up + left and a[2] == 200)
        answers = load.end()
        show("429", answers, start)
        seen = exchange.requests("/api/v3/")
        refused = [r for r in seen if r["status"] == 429]
        self.assertTrue(refused)
        self.assertFalse([r for r in seen if r["status"] == 418])
        first = refused[0]["realMicroseconds"]
        end = first + (60 - float(refused[0]["time"][17:].rstrip("Z"))) * 1e6
        self.expect_silence(seen, 429, end, load, sum(a[2] == 504 for a in answers))
        self.assertTrue({a[2] for a in answers} <= {200, 503, 504})
        # Who comes in the last second waits for the end, and may then be too late for the answer.
        told = [a for a in answers if first / 1e6 < a[0] < end / 1e6 - 1.5 and a[2] != 504]
        self.assertGreater(len(told), 20)
        self.assertEqual({(a[2], a[3]) for a in told}, {(503, "exchange_rate_limit")})
        # What is told is spread by a fourth, so that they do not all come back at once.
        self.assertTrue(all(1 <= a[4] <= 1.25 * (left + 2) for a in told), told[:3])
        self.assertLess(median([a[1] - a[0] for a in told]), 0.2)

    def test_418_survives_a_restart_of_the_server(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "binance.block")
            exchange, server = self.start(block_file=file)
            start = time.monotonic()
            load = Load(server)
            load.wait_for(lambda a: a[2] == 200)
            end = time.monotonic() + 15
            exchange.command("ban", length="15s")
            load.wait_for(lambda a: a[3] == "exchange_banned")
            answers = load.end()
            sent = len(exchange.requests("/api/v3/"))
            with serve(exchange.url, block_file=file) as again:
                at_once = again.get("/BTCUSDT/technical?limit=20")
                self.assertLess(time.monotonic(), end, "too slow a machine for this test")
                self.assertEqual(at_once[0], 503, at_once)
                self.assertIn(b'"exchange_banned"', at_once[2])
                self.assertLessEqual(1, int(at_once[1]["retry-after"]))
                self.assertLessEqual(int(at_once[1]["retry-after"]), 16 + 4)  # a fourth of spread
                load = Load(again)
                load.wait_for(lambda a: a[2] == 200)
                answers += load.end()
            show("418", answers, start)
            seen = exchange.requests("/api/v3/")
            self.expect_silence(seen, 418, end * 1e6, load, sum(a[2] == 504 for a in answers))
            self.assertGreaterEqual(seen[sent]["realMicroseconds"], end * 1e6, "of the second process")
            self.assertEqual({(a[2], a[3]) for a in answers}, {(200, ""), (503, "exchange_banned")})
            self.assertEqual(os.stat(file).st_mode & 0o777, 0o600)

    def test_a_killed_exchange_is_used_again_within_a_second_of_its_return(self):
        port = ReservedPort()
        self.addCleanup(port.__exit__)
        exchange, server = self.start(port=port.number, deadline="2s")
        start = time.monotonic()
        load = Load(server)
        load.wait_for(lambda a: a[2] == 200)
        exchange.kill()
        killed = time.monotonic()
        load.wait_for(lambda a: a[2] == 503)
        again = Exchange(now=None, port=exchange.port)
        self.addCleanup(again.kill)
        back = time.monotonic()
        load.wait_for(lambda a: a[0] > back + 1 and a[2] == 200)
        answers = load.end()
        show(f"killed at {killed - start:.1f} s, back at {back - start:.1f} s", answers, start)
        self.assertTrue({a[2] for a in answers} <= {200, 503, 504})
        self.assertTrue({a[3] for a in answers} <= {"", "exchange_unreachable", "exchange_deadline"})
        self.assertTrue(all(a[4] >= 1 for a in answers if a[2] != 200))
        self.assertTrue([a for a in answers if a[2] == 503], "it was noticed")
        recovered = min(a[1] for a in answers if a[2] == 200 and a[1] > back) - back
        late = [a for a in answers if a[0] > back and a[2] != 200]
        if SHOW:
            print(f"  first answer {recovered * 1000:.0f} ms after it was back", file=sys.stderr)
        self.assertLess(recovered, 1.0)
        self.assertEqual(late, [], "whoever asks after it is back is answered")

    def test_cut_connections_are_nothing_that_callers_notice(self):
        exchange, server = self.start()
        start = time.monotonic()
        load = Load(server)
        for _ in range(8):
            time.sleep(0.2)
            exchange.command("cut")
        time.sleep(0.3)
        answers = load.end()
        show("eight times cut", answers, start)
        self.assertGreater(len(answers), 50 // PATIENCE)
        self.assertEqual([a for a in answers if a[2] != 200], [])
        slowest = max(a[1] - a[0] for a in answers)
        if SHOW:
            print(f"  the slowest answer took {slowest * 1000:.0f} ms", file=sys.stderr)
        self.assertLess(slowest, 1.0)
        self.assertGreater(exchange.state()["connections"], 8)

    def test_many_at_once_keep_the_limit_without_a_refusal(self):
        exchange, server = self.start()
        server.__exit__(None, None, None)
        exchange.command("limits", weight=300, reset="true")
        server = serve(exchange.url, deadline="1s")
        self.addCleanup(server.__exit__, None, None, None)
        self.assertEqual(server.get("/BTCUSDT/technical?limit=20")[0], 200)
        prepared(server)
        load = Load(server, callers=12)
        load.wait_for(lambda a: a[2] == 503)
        answers = load.end()
        self.assertEqual({r["status"] for r in exchange.requests("/api/v3/")}, {200})
        self.assertTrue({(a[2], a[3]) for a in answers} <= {(200, ""), (503, "exchange_rate_limit")})
        self.assertIn(503, {a[2] for a in answers})


if __name__ == "__main__":
    unittest.main(argv=[a for a in sys.argv if a != "--show"], verbosity=2)
