# SPDX-License-Identifier: MIT
"""Answers that tell when they change, over real HTTP: what programs, proxies and operators see of event streams."""
import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

import bourse_process as bourse

CONFIG = """
    bourse: 1
    server: {listen: "127.0.0.1:0", admin: "127.0.0.1:0", live: {streams: 400, streams-per-client: 300}}
    log: {level: info}
    sources: {market: {use: synthetic}}
    defaults: {source: market}
    routes:
      - {path: "/t/{symbol}", run: technical, formats: [json, html, csv], params: {limit: {default: 50}}}
      - {path: "/still/{symbol}", run: technical, format: json, live: off}
      - {path: "/slow/{symbol}", run: technical, format: json, live: {every: 3s}}
      - {path: "/private/{symbol}", run: technical, format: json, access: {tokens: ["${LIVE_TOKEN}"]}}
      - {path: "/few", run: market-statistics, format: json, limits: {client: 1/1h}}
    """
TOKEN = "0123456789abcdef0123456789abcdef"


class Events:
    """An event stream as a program reads it; what is read is kept."""

    def __init__(self, server, target, version="HTTP/1.1", method="GET", **headers):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=bourse.DEADLINE_SECONDS)
        lines = [f"{method} {target} {version}", "Host: test", "Accept: text/event-stream"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        while (line := self.file.readline().decode().strip()):
            name, value = line.split(": ", 1)
            self.headers[name.lower()] = value
        self.chunked = self.headers.get("transfer-encoding") == "chunked"
        self.text = ""
        self.pieces = []
        self.ended = False

    def read(self):
        """The next piece; "" at the end."""
        if not self.chunked:
            piece = self.file.read1(65536).decode()
        else:
            size = int(self.file.readline() or b"0", 16)
            piece = self.file.read(size).decode()
            self.file.readline()
            self.pieces.append(piece)
        self.ended = piece == ""
        self.text += piece
        return piece

    def events(self, count):
        """That many of them, as dictionaries."""
        while len(found := [e for e in self.parsed() if "data" in e]) < count and self.read():
            pass
        return found[:count] if len(found) >= count else found

    def parsed(self):
        for block in self.text.split("\n\n")[:-1]:
            event = {}
            for line in block.split("\n"):
                name, _, value = line.partition(":")
                value = value[1:] if value.startswith(" ") else value
                event[name] = event[name] + "\n" + value if name in event else value
            yield event

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Live(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = bourse.Server(bourse.write_config(cls.folder.name, CONFIG), env=dict(os.environ, LIVE_TOKEN=TOKEN))

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None, None, None)
        cls.folder.cleanup()

    def figure(self, name):
        _, _, body = self.server.get("/metrics", port=self.server.admin_port)
        return float(re.search(r"^" + re.escape(name) + r" (\S+)$", body.decode(), re.MULTILINE).group(1))

    def await_figure(self, name, value):
        end = time.monotonic() + bourse.DEADLINE_SECONDS
        while self.figure(name) != value:
            self.assertLess(time.monotonic(), end, f"{name} is {self.figure(name)}, and not {value}")
            time.sleep(0.1)

    def test_a_json_answer_comes_inside_its_events(self):
        with Events(self.server, "/t/BTCUSDT.json") as stream:
            self.assertEqual(stream.status, 200)
            self.assertEqual(stream.headers["content-type"], "text/event-stream; charset=utf-8")
            self.assertEqual(stream.headers["cache-control"], "no-store, no-transform")
            self.assertEqual(stream.headers["x-accel-buffering"], "no")
            for name in ("content-length", "etag", "content-encoding"):
                self.assertNotIn(name, stream.headers)
            first, second = stream.events(2)
            self.assertTrue(stream.text.startswith("retry: 2000\n\n"))
            self.assertEqual({first["event"], second["event"]}, {"report"})
            self.assertNotEqual(first["id"], second["id"])
            self.assertEqual(json.loads(first["data"])["title"], json.loads(second["data"])["title"])
            self.assertRegex(first["id"], r'^"[A-Za-z0-9_-]{22}"$')

    def test_each_event_is_a_chunk(self):
        with Events(self.server, "/t/ETHUSDT?format=csv") as stream:
            events = stream.events(3)
            self.assertEqual(len(events), 3)
            for piece in stream.pieces:
                self.assertTrue(piece.endswith("\n\n"))
                self.assertLessEqual(piece.count("event: "), 1)

    def test_of_another_format_its_version_is_told_and_that_is_what_get_has(self):
        with Events(self.server, "/t/ETHUSDT?format=html") as stream:
            for _ in range(5):  # it changes each second, also between the two
                event = stream.events(len([e for e in stream.parsed() if "data" in e]) + 1)[-1]
                self.assertEqual(event["event"], "answer")
                told = json.loads(event["data"])
                self.assertEqual(told["href"], "/t/ETHUSDT?format=html")
                self.assertEqual(told["etag"], event["id"])
                self.assertLessEqual(told["as_of"][:19], told["now"][:19])
                _, headers, _ = self.server.get(told["href"])
                if headers["etag"] == told["etag"]:
                    return
        self.fail("GET never had the version that was told")

    def test_who_has_the_version_is_not_told_it_again(self):
        for known in ("header", "parameter"):
            # What does not change: the past.
            target = "/t/BTCUSDT?format=html&end=2024-01-01&interval=1d"
            with Events(self.server, target) as stream:
                version = stream.events(1)[0]["id"]
            if known == "header":
                stream = Events(self.server, target, Last_Event_ID=version)
            else:
                stream = Events(self.server, target + "&last-event-id=" + urllib.parse.quote(version))
            with stream:
                self.assertEqual(stream.status, 200)
                self.assertEqual(stream.read(), "retry: 2000\n\n")
                stream.socket.settimeout(1.5)
                with self.assertRaises(OSError):
                    stream.read()

    def test_an_id_that_makes_no_sense_is_an_unknown_one(self):
        for known in ('"zzz"', "x" * 5000, '""'):
            with Events(self.server, "/t/BTCUSDT.csv", Last_Event_ID=known) as stream:
                self.assertEqual(stream.events(1)[0]["event"], "answer")

    def test_many_streams_of_one_question_are_one_run_a_change(self):
        self.await_figure("bourse_live_questions", 0)  # of other tests
        before = self.figure("bourse_live_runs_total")
        with contextlib.ExitStack() as stack:
            streams = [stack.enter_context(Events(self.server, "/slow/SOLUSDT", Cache_Control="no-cache"))
                       for _ in range(100)]
            begun = time.monotonic()
            first = [stream.events(1)[0] for stream in streams]
            self.assertEqual(len({event["id"] for event in first[-50:]}), 1)
            second = [stream.events(2)[1] for stream in streams]
            self.assertEqual(len({event["data"] for event in second}), 1)
            runs = self.figure("bourse_live_runs_total") - before
            self.assertLessEqual(runs, 4 + (time.monotonic() - begun) / 3)
        self.await_figure("bourse_live_streams", 0)

    def test_head_has_the_header_and_no_stream(self):
        with Events(self.server, "/t/BTCUSDT", method="HEAD") as stream:
            self.assertEqual(stream.status, 200)
            self.assertEqual(stream.headers["content-type"], "text/event-stream; charset=utf-8")
            self.assertNotIn("content-length", stream.headers)
            stream.socket.settimeout(1)
            with self.assertRaises(OSError):
                self.assertEqual(stream.file.read(1), b"", "something follows the header")
                raise OSError  # it was closed, which is as good

    def test_http_1_0_has_no_chunks_and_ends_with_the_connection(self):
        with Events(self.server, "/t/BTCUSDT.csv", version="HTTP/1.0") as stream:
            self.assertNotIn("transfer-encoding", stream.headers)
            self.assertEqual(stream.headers["connection"], "close")
            self.assertEqual([e["event"] for e in stream.events(2)], ["answer", "answer"])

    def test_what_is_no_live_answer_says_so(self):
        for target, status, code in (("/still/BTCUSDT", 406, "not_live"), ("/nowhere", 404, "no_route"),
                                     ("/private/BTCUSDT", 401, "token_missing"),
                                     ("/t/BTCUSDT?limit=0", 400, "parameter_out_of_range")):
            with self.subTest(target):
                got, headers, body = self.server.get(target, headers={"Accept": "text/event-stream"})
                self.assertEqual((got, json.loads(body)["code"]), (status, code))

    def test_a_private_answer_is_watched_with_its_token(self):
        with Events(self.server, "/private/BTCUSDT", Authorization=f"Bearer {TOKEN}") as stream:
            first, second = stream.events(2)
            self.assertNotEqual(first["id"], second["id"])
            self.assertNotIn(TOKEN, stream.text)
        with Events(self.server, "/private/BTCUSDT", Authorization="Bearer " + "x" * 32) as refused:
            self.assertEqual(refused.status, 401)

    def test_a_limit_is_told_inside_the_stream(self):
        self.server.get("/few")
        with Events(self.server, "/few") as stream:
            self.assertEqual(stream.status, 200, "another one ends an EventSource for good")
            event = stream.events(1)[0]
            self.assertEqual((event["event"], json.loads(event["data"])["code"]), ("bye", "rate_limited"))
            self.assertGreater(int(re.findall(r"retry: (\d+)", stream.text)[-1]), 2000)
            self.assertEqual(stream.read(), "")

    def test_a_wish_for_something_else_first_is_no_wish_for_events(self):
        for accept, is_events in (("text/event-stream", True), ("text/event-stream, application/json;q=0.5", True),
                                  ("application/json, text/event-stream", False), ("*/*", False),
                                  ("text/event-stream;q=0, */*", False), ("TEXT/Event-Stream;q=0.9", True)):
            with self.subTest(accept):
                connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=bourse.DEADLINE_SECONDS)
                with contextlib.closing(connection):
                    connection.request("GET", "/t/BTCUSDT", headers={"Accept": accept})
                    answer = connection.getresponse()
                    self.assertEqual(answer.getheader("Content-Type").startswith("text/event-stream"), is_events)

    def test_one_stream_tells_of_several_questions(self):
        urls = ["/t/BTCUSDT?format=html", "/nowhere", "/still/BTCUSDT", "/t/ETHUSDT?format=csv"]
        with Events(self.server, "/events?" + "&".join("url=" + urllib.parse.quote(u, safe="") for u in urls)) as stream:
            events = stream.events(6)
            of = {}
            for event in events:
                self.assertNotIn("id", event)
                of.setdefault(json.loads(event["data"])["href"], set()).add(event["event"])
            self.assertEqual(of, {urls[0]: {"answer"}, urls[1]: {"failed"}, urls[2]: {"failed"}, urls[3]: {"answer"}})
        status, _, body = self.server.get("/events", headers={"Accept": "text/event-stream"})
        self.assertEqual((status, json.loads(body)["code"]), (400, "no_questions"))
        many = "/events?" + "&".join("url=/t/BTCUSDT" for _ in range(65))
        status, _, body = self.server.get(many, headers={"Accept": "text/event-stream"})
        self.assertEqual((status, json.loads(body)["code"]), (400, "too_many_questions"))

    def test_a_client_that_leaves_without_a_word_leaves_nothing(self):
        with contextlib.ExitStack() as stack:
            for _ in range(50):
                stack.enter_context(Events(self.server, "/t/SOLUSDT")).events(1)
            self.assertGreaterEqual(self.figure("bourse_live_streams"), 50)
        self.await_figure("bourse_live_streams", 0)
        self.await_figure("bourse_live_questions", 0)  # after ten seconds
        self.await_figure("bourse_live_watches", 0)
        self.assertEqual(self.figure("bourse_requests_in_flight"), 0)

    def test_a_reader_of_a_byte_a_second_harms_nobody(self):
        slow = [Events(self.server, "/t/BTCUSDT.json") for _ in range(20)]
        with contextlib.ExitStack() as stack:
            for stream in slow:
                stack.callback(stream.close)
                stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            with Events(self.server, "/t/BTCUSDT.json") as quick:
                times = []
                for event in range(1, 5):
                    quick.events(event)
                    times.append(time.monotonic())
                gaps = [b - a for a, b in zip(times, times[1:])]
                self.assertLess(max(gaps), 2.5 * bourse.PATIENCE, gaps)
            # What waits for them is at most the one event that is being sent to each.
            self.assertLess(self.figure("bourse_held_bytes"), 20 * 300_000)

    def test_the_log_has_one_line_a_stream_when_it_ends(self):
        with Events(self.server, "/t/BTCUSDT.csv", User_Agent="watcher/1") as stream:
            stream.events(2)
        end = time.monotonic() + bourse.DEADLINE_SECONDS
        while not (lines := [line for line in self.server.lines if "watcher/1" in line]):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)
        self.assertEqual(len(lines), 1)
        self.assertIn("outcome=live", lines[0])
        self.assertIn("route=/t/{symbol}", lines[0])
        self.assertGreater(float(re.search(r"seconds=(\S+)", lines[0]).group(1)), 0.05)

    def test_watch_prints_them(self):
        url = f"http://127.0.0.1:{self.server.port}/t/BTCUSDT.json"
        done = bourse.run("watch", url, "--count", "2", "--json", plugins=())
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        events = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([event["event"] for event in events], ["report", "report"])
        self.assertEqual(events[0]["data"]["component"], "bourse.technical/technical")
        done = bourse.run("watch", url, "--count", "1", plugins=())
        self.assertRegex(done.stdout, r'^\d{4}-\d\d-\d\dT[0-9:.]+Z  report  "')
        for bad, words in ((f"http://127.0.0.1:{self.server.port}/nowhere", "404"), ("nonsense", "no URL"),
                           (f"http://127.0.0.1:{self.server.port}/still/BTCUSDT", "live: off"),
                           ("http://127.0.0.1:1/", "no answer")):
            done = bourse.run("watch", bad, "--seconds", "5", plugins=())
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(words, done.stderr)


class Ending(unittest.TestCase):
    """Streams end in good order, and who had them comes back."""

    def start(self, folder):
        return bourse.Server(bourse.write_config(folder, CONFIG), env=dict(os.environ, LIVE_TOKEN=TOKEN))

    def test_a_stop_tells_each_when_to_come_back(self):
        with tempfile.TemporaryDirectory() as folder, self.start(folder) as server:
            streams = [Events(server, "/t/BTCUSDT.csv") for _ in range(100)]
            for stream in streams:
                stream.events(1)
            begun = time.monotonic()
            server.process.terminate()
            ends = []

            def read_to_end(stream):
                with contextlib.suppress(OSError, ValueError):
                    while stream.read():
                        pass
                ends.append(time.monotonic() - begun)

            threads = [threading.Thread(target=read_to_end, args=(stream,)) for stream in streams]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(server.process.wait(bourse.DEADLINE_SECONDS), 0)
            retries = set()
            for stream in streams:
                last = list(stream.parsed())[-1]
                self.assertEqual((last["event"], json.loads(last["data"])["code"]), ("bye", "stopping"))
                retries.add(re.findall(r"retry: (\d+)", stream.text)[-1])
                stream.close()
            self.assertGreater(len(retries), 80)
            self.assertGreater(max(ends) - min(ends), 1, "not all at once")

    def test_a_reload_ends_them_and_the_new_one_goes_on(self):
        with tempfile.TemporaryDirectory() as folder, self.start(folder) as server:
            with Events(server, "/t/BTCUSDT.csv") as stream:
                stream.events(1)
                path = os.path.join(folder, "bourse.yaml")
                with open(path, encoding="utf-8") as file:
                    text = file.read()
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text.replace("every: 3s", "every: 4s"))
                server.process.send_signal(1)
                while stream.read():
                    pass
                self.assertEqual(json.loads(list(stream.parsed())[-1]["data"])["code"], "reloaded")
            with Events(server, "/t/BTCUSDT.csv") as stream:
                self.assertEqual(stream.events(2)[1]["event"], "answer")


if __name__ == "__main__":
    unittest.main()
