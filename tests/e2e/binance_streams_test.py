# SPDX-License-Identifier: MIT
"""Faults of the exchange's streams, one after the other, under a server whose answers are watched: what the source says of it, what the clients
of event streams see, for how long an answer is older than the one of REST, and when all streams are live again.

The test plays some that are over within seconds. Run by hand with --table it plays all, which takes six minutes, and prints the table of
docs/reference/binance-stream-faults.md.
"""
import contextlib
import dataclasses
import json
import os
import re
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

import bourse_process
from bourse_process import PATIENCE
from exchange_process import Exchange, Served, metrics

STREAMS = ("btcusdt@kline_1m", "btcusdt@ticker", "btcusdt@miniTicker", "btcusdt@depth@100ms", "btcusdt@bookTicker")
ROUTES = {
    "technical": "run: technical, params: {symbol: BTCUSDT, interval: 1m, limit: 60}",
    "statistics": 'run: market-statistics, params: {symbols: "BTCUSDT"}',
    "prices": 'run: prices, params: {symbols: "BTCUSDT"}',
    "liquidity": "run: liquidity, params: {symbol: BTCUSDT, read_limit: 20}",
}
CONFIG = """
bourse: 1
server: {{listen: "127.0.0.1:0", admin: "127.0.0.1:0"}}
log: {{level: info, format: text}}
sources:
  streams: {{use: binance, config: {{site: data, base_url: "{url}", fresh: 0, block_file: none}}}}
  rest: {{use: binance, config: {{site: data, base_url: "{url}", fresh: 0, block_file: none, streams: "off"}}}}
defaults: {{source: streams, deadline: 10s}}
routes:
"""
# How often it is looked. The exchange tells of a candle every other second, of all else once a second.
LOOK = 0.5
USUAL_LAG = 3.0
SETTLED = 4  # looks in a row


def configuration(url):
    text = CONFIG.format(url=url)
    for name, what in ROUTES.items():
        text += f"  - {{path: /{name}, {what}, format: json}}\n"
        text += f"  - {{path: /rest/{name}, {what}, format: json, source: rest, live: off}}\n"
    return text


@dataclasses.dataclass(frozen=True)
class Row:
    what: str
    faults: tuple  # (kind, parameters)
    cut: bool = False  # the connection is cut, so that the faults meet the next one
    done: float = 15  # at most so many seconds later all streams are live, and answers those of REST
    quick: bool = False


def of_each(kind, **more):
    return tuple((kind, {"path": stream, **more}) for stream in STREAMS)


def of_connection(kind, **more):
    return ((kind, {"path": "btcusdt@miniTicker", **more}),)


def of_book(kind, **more):
    return ((kind, {"path": "btcusdt@depth@100ms", **more}),)


def at_opening(kind, **more):
    return ((kind, {"path": "/stream", **more}),)


ROWS = [
    Row("a close frame", of_connection("stream_close"), quick=True),
    Row("an end without a close frame", of_connection("stream_cut"), quick=True),
    Row("a reset", of_connection("stream_reset")),
    Row("a cut in the middle of a frame", of_connection("stream_cut_frame"), quick=True),
    Row("a frame of no kind", of_connection("stream_bad_frame")),
    Row("silence of the whole connection, pings answered", of_connection("stream_mute"), done=30),
    Row("silence of one stream (the candles)", (("stream_quiet", {"path": "btcusdt@kline_1m"}),), done=60),
    Row("broken JSON on each stream", of_each("stream_wrong_json"), quick=True),
    Row("a diff of the book is missing", of_book("stream_gap"), quick=True),
    Row("a diff comes twice", of_book("stream_repeat")),
    Row("a diff after the next one", of_book("stream_swap")),
    Row("a diff 200 times at once", of_book("stream_flood", bytes=200)),
    Row("a diff that overlaps the one before", of_book("stream_overlap")),
    Row("a diff that crosses the book", of_book("stream_crossing"), done=30),
    Row("best prices that are not the book's, ten times", (("stream_wrong_quote", {"path": "btcusdt@bookTicker", "times": 10}),), done=30),
    Row("a candle's last word never comes", (("stream_no_end", {"path": "btcusdt@kline_1m"}),), done=90),
    Row("an error for a subscription", at_opening("stream_refuse"), cut=True, done=30),
    Row("no answer to a subscription", at_opening("stream_no_answer"), cut=True, done=40),
    Row("two new connections are cut at once", at_opening("stream_cut", times=2), cut=True, done=30),
]


class Watcher:
    """A client of an event stream, for as long as it is open."""

    def __init__(self, server, route):
        self.route, self.events, self.problems = route, 0, []
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}/{route}", headers={"Accept": "text/event-stream"})
        self.answer = urllib.request.urlopen(request, timeout=60 * PATIENCE)  # pylint: disable=consider-using-with
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        event = ""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            for line in self.answer:
                text = line.decode().rstrip("\n")
                if text.startswith("event: "):
                    event = text[7:]
                elif text.startswith("data: "):
                    self.events += 1
                    if event == "failed":
                        self.problems.append(json.loads(text[6:])["problem"]["code"])
                    elif event not in ("report", "answer"):
                        self.problems.append(event)


class World:
    """An exchange, a server on top of it, and clients that watch all of its routes."""

    def __init__(self):
        with contextlib.ExitStack() as stack:
            self.exchange = stack.enter_context(Exchange(now=None, weight=1_000_000))
            folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
            path = bourse_process.write_config(folder.name, configuration(self.exchange.url))
            self.server = stack.enter_context(Served(folder, path))
            self.watchers = [Watcher(self.server, route) for route in ROUTES]
            self.stack = stack.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.stack.__exit__(*error)

    def figures(self):
        return {name: value for name, value in metrics(self.server).items() if 'source="streams"' in name}

    def are_live(self):
        figures = self.figures()
        count = {key: value for key in ("live", "not_live") for name, value in figures.items()
                 if name.startswith("bourse_binance_streams{") and f'state="{key}"' in name}
        synced = [value for name, value in figures.items() if name.startswith("bourse_binance_stream_books{") and 'state="synced"' in name]
        return count == {"live": len(STREAMS), "not_live": 0} and synced == [1]

    def counted(self, figure):
        """By reason."""
        found = {}
        for name, value in self.figures().items():
            if name.startswith("bourse_binance_" + figure + "{"):
                found[re.search('reason="([a-z_]+)"', name)[1]] = value
        return found

    def troubles(self):
        """Doubts of streams, and faults of their books, by reason."""
        books = {"book: " + reason: count for reason, count in self.counted("stream_book_faults_total").items()}
        return {**self.counted("stream_doubts_total"), **books}

    def wait_until_live(self, seconds):
        end = time.monotonic() + seconds * PATIENCE
        while not self.are_live():
            if time.monotonic() > end:
                raise AssertionError(f"not live after {seconds} s: {self.figures()}\n{self.server.log()}")
            time.sleep(0.1)

    def answer(self, route):
        """What it says, but for when it was asked."""
        status, _, body = self.server.get("/" + route)
        if status != 200:
            return json.loads(body)["code"]
        report = json.loads(body)
        return json.dumps({name: what for name, what in report.items() if name not in ("as_of", "meta", "notes")}, sort_keys=True)


class Looker:
    """Compares answers with those of REST: which are older than the usual, and since when."""

    def __init__(self, world):
        self.world = world
        self.seen = {route: [] for route in ROUTES}  # (when, what REST said)
        self.behind = {}
        self.last_equal = {route: time.monotonic() for route in ROUTES}

    def look(self):
        """Whether all are as they should be."""
        equal = True
        for route, seen in self.seen.items():
            for again in range(2):
                begin = time.monotonic()
                seen.append((begin, self.world.answer("rest/" + route)))
                own = self.world.answer(route)
                seen.append((time.monotonic(), self.world.answer("rest/" + route)))
                del seen[:-60]
                # The newest moment at which REST has said the same.
                said = max((when for when, text in seen if text == own), default=None)
                if said is not None:
                    break
            now = time.monotonic()
            age = now - (said if said is not None else self.last_equal[route])
            if said is not None:
                self.last_equal[route] = now
            if age > USUAL_LAG:
                self.behind[route] = max(self.behind.get(route, 0.0), age)
                equal = False
        return equal


def play(row):
    """Lets it happen. Returns what was observed."""
    with World() as world:
        world.wait_until_live(30)
        looker = Looker(world)
        for _ in range(SETTLED):
            looker.look()
            time.sleep(LOOK)
        lines, before = len(world.server.lines), world.troubles()
        for watcher in world.watchers:
            watcher.problems.clear()
        events = sum(watcher.events for watcher in world.watchers)
        begin = time.monotonic()
        for kind, more in row.faults:
            world.exchange.command("fault", kind=kind, **more)
        if row.cut:
            world.exchange.command("stream_close")
        good, done = 0, None
        while good < SETTLED and time.monotonic() - begin < row.done * PATIENCE:
            time.sleep(LOOK)
            is_over = looker.look() and not world.exchange.state()["faults"] and world.are_live()
            good = good + 1 if is_over else 0
            if good == 1:
                done = time.monotonic() - begin
        return {"said": [match[1] for line in world.server.lines[lines:] if (match := re.search(r"\b(streams?_[a-z_]+) ", line))],
                "doubts": {reason: int(count - before.get(reason, 0)) for reason, count in world.troubles().items() if count > before.get(reason, 0)},
                "problems": sorted({problem for watcher in world.watchers for problem in watcher.problems}),
                "events": sum(watcher.events for watcher in world.watchers) - events,
                "behind": max(looker.behind.values(), default=0.0), "done": done if good >= SETTLED else None,
                "log": "".join(world.server.lines[lines:])}


class Faults(unittest.TestCase):
    def test_clients_go_on_and_answers_become_those_of_rest(self):
        for row in ROWS:
            if not row.quick:
                continue
            with self.subTest(row.what):
                seen = play(row)
                self.assertIsNotNone(seen["done"], seen)
                self.assertEqual(seen["problems"], [], seen)
                self.assertGreater(seen["events"], 0, seen)
                self.assertTrue(seen["said"] or seen["doubts"], seen)


def table():
    print("| fault | events in the log | doubts, by reason | what clients of event streams see "
          "| an answer is older than that of REST, at most | all as before after |")
    print("|---|---|---|---|---|---|")
    for row in ROWS:
        seen = play(row)
        said = ", ".join(f"`{word}`" for word in dict.fromkeys(seen["said"])) or "nothing"
        doubts = ", ".join(f"{reason} {count}" for reason, count in seen["doubts"].items()) or "none"
        clients = f"{seen['events']} events" + ("".join(f", `failed` {problem}" for problem in seen["problems"]))
        behind = f"{seen['behind']:.1f} s" if seen["behind"] else "as usual"
        done = f"{seen['done']:.1f} s" if seen["done"] is not None else f"not within {row.done} s"
        print(f"| {row.what} | {said} | {doubts} | {clients} | {behind} | {done} |", flush=True)


if __name__ == "__main__":
    if "--table" in sys.argv:
        table()
    else:
        unittest.main()
