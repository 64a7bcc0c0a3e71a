# SPDX-License-Identifier: MIT
"""Answers that are sent while they are written: long ones, in little memory, to readers of any speed."""
import contextlib
import http.client
import json
import os
import re
import socket
import tempfile
import threading
import time
import unittest

import bourse_process as bourse

CONFIG = """
    bourse: 1
    server: {listen: "127.0.0.1:0", admin: "127.0.0.1:0", max-response: 1GiB}
    log: {level: info}
    sources: {market: {use: synthetic}, feed: {use: steady}}
    defaults: {source: market, deadline: 30s}
    routes:
      - {path: "/t/{symbol}", run: technical, formats: [csv, json, xml]}
      - {path: "/off/{symbol}", run: technical, formats: [csv, json], cache: off}
      - {path: /huge, run: echo, format: huge, source: feed, cache: off}
      - {path: /huge-kept, run: echo, format: huge, source: feed}
    """
ROWS = 50_000
LONG = f"/t/BTCUSDT?interval=1m&limit={ROWS}&end=2024-06-01"


class Long(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = bourse.Server(bourse.write_config(cls.folder.name, CONFIG), plugins=(bourse.PLUGINS, bourse.PIPELINE))

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None, None, None)
        cls.folder.cleanup()

    def test_the_bytes_are_those_of_an_answer_that_is_written_as_a_whole(self):
        for suffix in ("csv", "json", "xml"):
            with self.subTest(suffix):
                status, headers, body = self.server.get(LONG.replace("?", f"?format={suffix}&"))
                self.assertEqual(status, 200)
                self.assertGreater(len(body), 8 << 20)
                self.assertEqual(headers["transfer-encoding"], "chunked")
                for name in ("etag", "content-length", "age", "content-encoding"):
                    self.assertNotIn(name, headers)
                self.assertEqual(headers["cache-control"], "no-store")
                whole = os.path.join(self.folder.name, "whole." + suffix)
                done = bourse.run("run", "technical", "--symbol=BTCUSDT", "--interval=1m", f"--limit={ROWS}", "--end=2024-06-01",
                                  f"--format={suffix}", "--use=synthetic", "--output", whole)
                self.assertEqual(done.returncode, 0, done.stderr)
                with open(whole, "rb") as file:
                    self.assertEqual(body == file.read(), True, "the bytes differ")

    def test_one_that_fits_is_kept_and_has_a_version(self):
        _, headers, body = self.server.get("/t/BTCUSDT?limit=1000&end=2024-06-01")
        self.assertEqual(headers["content-length"], str(len(body)))
        self.assertIn("etag", headers)

    def test_http_1_0_gets_it_as_it_is_until_the_connection_ends(self):
        _, _, chunked = self.server.get(LONG)
        answer = self.server.raw(f"GET {LONG} HTTP/1.0\r\n\r\n".encode())
        head, body = answer.split(b"\r\n\r\n", 1)
        self.assertNotIn(b"Transfer-Encoding", head)
        self.assertIn(b"Connection: close", head)
        self.assertEqual(body == chunked, True)

    def test_head_has_the_header_and_what_follows_is_the_next_answer(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=bourse.DEADLINE_SECONDS)
        with contextlib.closing(connection):
            for _ in range(2):
                connection.request("HEAD", LONG)
                answer = connection.getresponse()
                self.assertEqual((answer.status, answer.read()), (200, b""))
                connection.request("GET", "/t/BTCUSDT?limit=10&end=2024-06-01")
                answer = connection.getresponse()
                self.assertTrue(b"," in answer.read().splitlines()[0], "the next answer on the same connection")

    def test_what_fails_on_its_way_has_no_end(self):
        # It writes 64 KiB at a time, until more than max-response is there: 1 GiB.
        target = f"/huge?kibibytes={(1 << 20) + 1}"
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=bourse.DEADLINE_SECONDS) as s:
            s.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            tail, total = b"", 0
            with contextlib.suppress(ConnectionError):
                while (piece := s.recv(1 << 20)):
                    total += len(piece)
                    tail = (tail + piece)[-64:]
        self.assertGreater(total, 512 << 20)
        self.assertFalse(tail.endswith(b"0\r\n\r\n"), "as if that were all of it")
        self.assertIn("response_too_large", self.line_of(f"kibibytes={(1 << 20) + 1}"))

    def test_a_million_lines_take_little_memory(self):
        before = self.resident()
        most = [before]
        ends = threading.Event()

        def look():
            while not ends.wait(0.02):
                most.append(self.resident())

        watcher = threading.Thread(target=look)
        watcher.start()
        status, headers, body = self.server.get("/huge?kibibytes=262144")
        ends.set()
        watcher.join()
        self.assertEqual((status, len(body)), (200, 256 << 20))
        if not bourse.SANITIZED:
            self.assertLess(max(most) - before, 16 << 10, "KiB, of 256 MiB")

    def resident(self):
        with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

    def test_slow_readers_are_in_nobodys_way(self):
        slow = []
        with contextlib.ExitStack() as stack:
            for _ in range(16):
                s = stack.enter_context(socket.create_connection(("127.0.0.1", self.server.port)))
                s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                s.sendall(b"GET /huge?kibibytes=262144 HTTP/1.1\r\nHost: x\r\n\r\n")
                slow.append(s)
            for s in slow:
                self.assertTrue(s.recv(15).startswith(b"HTTP/1.1 "))
            times = []
            for i in range(10):
                begun = time.monotonic()
                self.assertEqual(self.server.get(f"/t/ETHUSDT?limit={10 + i}&end=2024-06-01")[0], 200)
                times.append(time.monotonic() - begun)
            self.assertLess(sorted(times)[5], 0.1 * bourse.PATIENCE, times)
            # Who takes nothing for ten seconds is cut off, and its place is free again.
            deadline = time.monotonic() + 30 * bourse.PATIENCE
            while self.figure("bourse_requests_in_flight") > 0:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.2)
        self.assertTrue([line for line in self.server.lines if "reader_too_slow" in line])

    def figure(self, name):
        _, _, body = self.server.get("/metrics", port=self.server.admin_port)
        return float(re.search(r"^" + re.escape(name) + r" (\S+)$", body.decode(), re.MULTILINE).group(1))

    def test_a_client_that_leaves_ends_the_work(self):
        for _ in range(40):  # more than may be under way
            with socket.create_connection(("127.0.0.1", self.server.port)) as s:
                s.sendall(b"GET /huge?kibibytes=524288 HTTP/1.1\r\nHost: x\r\n\r\n")
                s.recv(1000)
        status, _, body = self.server.get("/huge?kibibytes=4096")
        self.assertEqual((status, len(body)), (200, 4 << 20))

    def test_the_log_says_how_it_went(self):
        self.server.get("/huge?kibibytes=2048", headers={"User-Agent": "long/1"})
        line = self.line_of("long/1")
        self.assertIn("outcome=streamed", line)
        self.assertIn(f"bytes={2 << 20}", line)

    def line_of(self, words):
        end = time.monotonic() + bourse.DEADLINE_SECONDS
        while not (lines := [line for line in self.server.lines if words in line]):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)
        return lines[0]

    def test_short_and_long_ones_of_a_route_that_keeps(self):
        status, headers, body = self.server.get("/huge-kept?kibibytes=16384")
        self.assertEqual((status, len(body), headers.get("transfer-encoding")), (200, 16 << 20, "chunked"))
        status, headers, body = self.server.get("/huge-kept?kibibytes=16384")
        self.assertEqual((status, len(body), headers.get("transfer-encoding")), (200, 16 << 20, "chunked"))
        status, headers, body = self.server.get("/huge-kept?kibibytes=4096")
        self.assertEqual((status, len(body), headers.get("transfer-encoding")), (200, 4 << 20, None))


if __name__ == "__main__":
    unittest.main()
