# SPDX-License-Identifier: MIT
"""Kept answers over real HTTP: what a client, a proxy and an operator see of them."""
import contextlib
import http.client
import os
import re
import socket
import subprocess
import tempfile
import threading
import unittest

import bourse_process as bourse

CONFIG = """
    bourse: 1
    server: {listen: "127.0.0.1:0", admin: "127.0.0.1:0", cache: {memory: 8MiB}}
    log: {level: info}
    sources: {market: {use: synthetic}}
    defaults: {source: market, cache: {fresh: 1h, stale: 1m, if-error: 10m}}
    routes:
      - {path: "/t/{symbol}", run: technical, formats: [csv, json, png]}
      - {path: "/off/{symbol}", run: technical, format: csv, cache: off}
    """
TARGET = "/t/BTCUSDT?limit=100"


class Kept(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = bourse.Server(bourse.write_config(cls.folder.name, CONFIG))

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None, None, None)
        cls.folder.cleanup()

    def figure(self, name):
        _, _, body = self.server.get("/metrics", port=self.server.admin_port)
        found = re.search(r"^" + re.escape(name) + r" (\S+)$", body.decode(), re.MULTILINE)
        return float(found.group(1))

    def test_the_second_who_asks_is_given_the_same_bytes(self):
        _, made, first = self.server.get(TARGET)
        status, hit, second = self.server.get(TARGET)
        self.assertEqual(status, 200)
        self.assertTrue(hit["cache-status"].startswith("bourse; hit; ttl="), hit["cache-status"])
        self.assertEqual(second, first)
        self.assertEqual(hit["etag"], made["etag"])
        self.assertRegex(hit["age"], r"^\d+$")
        self.assertEqual(hit["cache-control"], "public, max-age=3600")
        self.assertEqual(hit["content-length"], str(len(second)))

    def test_a_304_and_what_follows_on_the_same_connection(self):
        _, headers, body = self.server.get(TARGET)
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=bourse.DEADLINE_SECONDS)
        with contextlib.closing(connection):
            for _ in range(3):
                connection.request("GET", TARGET, headers={"If-None-Match": headers["etag"], "Accept-Encoding": "identity"})
                answer = connection.getresponse()
                self.assertEqual(answer.read(), b"")
                self.assertEqual(answer.status, 304)
                self.assertIsNone(answer.getheader("Content-Length"))
                self.assertIsNone(answer.getheader("Content-Type"))
                self.assertIsNotNone(answer.getheader("Date"))
                self.assertEqual(answer.getheader("ETag"), headers["etag"])
                connection.request("GET", TARGET, headers={"Accept-Encoding": "identity"})
                whole = connection.getresponse()
                self.assertEqual(whole.read(), body)

    def test_head_has_the_length_and_the_tag_of_get(self):
        _, of_get, body = self.server.get(TARGET)
        status, of_head, nothing = self.server.get(TARGET, method="HEAD")
        self.assertEqual((status, nothing), (200, b""))
        self.assertEqual(of_head["content-length"], str(len(body)))
        self.assertEqual(of_head["etag"], of_get["etag"])

    def test_each_twin_is_the_same_bytes_written_shorter(self):
        for coding, mark, reader in [("gzip", "gz", ["gzip", "-d"]), ("zstd", "zs", ["zstd", "-d", "-c"]),
                                     ("br", "br", ["brotli", "-d", "-c"])]:
            with self.subTest(coding):
                target = f"/t/ETHUSDT?limit=10{len(mark + coding)}"
                asks = {"Accept-Encoding": coding}
                _, plain, body = self.server.get(target, asks)
                self.assertNotIn("content-encoding", plain)
                for _ in range(1000):  # a worker makes it, and tells nobody
                    _, twin, shorter = self.server.get(target, asks)
                    if "content-encoding" in twin:
                        break
                self.assertEqual(twin["content-encoding"], coding)
                self.assertEqual(twin["content-length"], str(len(shorter)))
                read = subprocess.run(reader, input=shorter, capture_output=True, check=True,
                                      timeout=bourse.DEADLINE_SECONDS)
                self.assertEqual(read.stdout, body)
                self.assertEqual(twin["etag"], plain["etag"][:-1] + f'-{mark}"')
                self.assertLess(len(shorter), len(body))
                self.assertEqual(self.server.get(target)[2], body)
                status, same, nothing = self.server.get(target, {**asks, "If-None-Match": twin["etag"]})
                self.assertEqual((status, nothing, same["etag"]), (304, b"", twin["etag"]))

    def test_a_picture_has_no_twin_and_says_so(self):
        for _ in range(3):
            _, headers, body = self.server.get("/t/BTCUSDT.png", {"Accept-Encoding": "gzip, br, zstd"})
            self.assertNotIn("content-encoding", headers)
            self.assertNotIn("vary", headers)
            self.assertTrue(body.startswith(b"\x89PNG"))

    def test_a_hundred_at_once_are_one_run(self):
        target = "/t/BNBUSDT?limit=300"
        runs = 'bourse_cache_runs_total{kind="report"}'
        before = self.figure(runs)
        bodies = []
        def ask():
            bodies.append(self.server.get(target)[2])
        threads = [threading.Thread(target=ask) for _ in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(bodies), 100)
        self.assertEqual(len(set(bodies)), 1)
        self.assertEqual(self.figure(runs), before + 1)

    def test_what_is_kept_is_told_and_bounded(self):
        self.server.get(TARGET)
        self.assertGreater(self.figure('bourse_route_cache_answers_total{route="/t/{symbol}",kind="rendering",way="miss"}'), 0)
        self.assertGreater(self.figure('bourse_body_bytes_total{route="/t/{symbol}"}'), 1000)
        self.assertEqual(self.figure("bourse_cache_bytes_max"), 8 * 1024 * 1024)
        for limit in range(1, 400):
            self.server.get(f"/t/ADAUSDT?limit={limit}")
        self.assertLessEqual(self.figure("bourse_cache_bytes"), 8 * 1024 * 1024)
        self.assertGreater(self.figure('bourse_cache_evictions_total{kind="rendering"}'), 0)
        self.assertEqual(self.figure("bourse_flights"), 0)

    def test_off_and_problems_say_so(self):
        for _ in range(2):
            _, headers, _ = self.server.get("/off/BTCUSDT")
            self.assertEqual(headers["cache-status"], "bourse; fwd=bypass")
            self.assertEqual(headers["cache-control"], "no-cache")
        status, headers, _ = self.server.get("/t/NOSUCH", {"If-None-Match": "*"})
        self.assertEqual((status, headers["cache-control"]), (404, "no-store"))
        self.assertNotIn("cache-status", headers)
        status, problem = self.server.json("/t/XRPUSDT", {"Cache-Control": "only-if-cached"})
        self.assertEqual((status, problem["code"]), (504, "only_if_cached"))


# T18 of the facts on HTTP: what slow readers hold is outside the shelf's bound, in that of the server, and told.
class SlowReaders(unittest.TestCase):
    # Of each several answers, as the system takes the first ones; bytes that may wait for all readers together.
    READERS, ANSWERS, BOUND = 60, 16, 256 << 20

    def test_what_they_hold_of_evicted_answers_is_bounded_and_told(self):
        config = CONFIG.replace("8MiB", "4MiB").replace("formats: [csv, json, png]", "format: json")
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            server = stack.enter_context(bourse.Server(bourse.write_config(folder, config)))

            def figure(name):
                _, _, body = server.get("/metrics", port=server.admin_port)
                return float(re.search(r"^" + re.escape(name) + r" (\S+)$", body.decode(), re.MULTILINE).group(1))

            size = len(server.get("/t/BTCUSDT?limit=500")[2])
            idle = figure("process_resident_memory_bytes")
            readers = []
            for i in range(self.READERS):
                reader = stack.enter_context(socket.socket())
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                reader.settimeout(bourse.DEADLINE_SECONDS)
                reader.connect(("127.0.0.1", server.port))
                reader.sendall(f"GET /t/BTCUSDT?limit={400 + i} HTTP/1.1\r\nHost: a\r\n\r\n".encode() * self.ANSWERS)
                self.assertTrue(reader.recv(12, socket.MSG_PEEK).startswith(b"HTTP/1.1 200"))
                readers.append(reader)
            waiting = figure("bourse_unsent_bytes")
            self.assertGreater(waiting, self.READERS * size, "told")
            self.assertLessEqual(waiting, self.BOUND)
            self.assertLessEqual(figure("bourse_cache_bytes"), 4 << 20)
            self.assertGreater(figure('bourse_cache_evictions_total{kind="rendering"}'), self.READERS / 2)
            grown = figure("process_resident_memory_bytes") - idle
            self.assertLess(grown, waiting + (4 << 20) + (64 << 20), "nothing is held but what is told")
            self.assertEqual(server.get("/health")[0], 200)
            for reader in readers:
                reader.close()
            for _ in range(2000):
                if figure("bourse_unsent_bytes") == 0:
                    break
            self.assertEqual(figure("bourse_unsent_bytes"), 0)


class ByDefault(unittest.TestCase):
    def test_the_default_configuration_keeps_what_is_true(self):
        with bourse.Server(os.path.join(bourse.SOURCE_DIR, "config", "bourse.yaml")) as server:
            ways = set()
            for _ in range(50):  # the synthetic market is true until the next second
                _, headers, _ = server.get("/api/v1/market/statistics/json")
                ways.add(headers["cache-status"].split(";")[1].strip())
                self.assertEqual(headers["cache-control"], "public, max-age=0")
            self.assertIn("hit", ways)


if __name__ == "__main__":
    unittest.main()
