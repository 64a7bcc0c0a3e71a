# SPDX-License-Identifier: MIT
"""A process that may open no more files: who connects is told so, a probe is answered, and nothing spins."""
import http.client
import json
import os
import resource
import socket
import tempfile
import time
import unittest

import bourse_process as bourse

CONFIG = """
    bourse: 1
    server: {admin: "127.0.0.1:0", io-threads: 2}
    sources: {market: {use: synthetic}}
    defaults: {source: market, cache: off}
    routes:
      - {path: "/t/{symbol}", run: technical, format: csv}
    """
ROOM = 6  # connections that there are descriptors for
TICKS = os.sysconf("SC_CLK_TCK")


class Descriptors(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.config = bourse.write_config(folder.name, CONFIG)
        self.idle = []
        self.addCleanup(self.close_all)

    def close_all(self):
        while self.idle:
            self.idle.pop().close()

    def cpu_seconds(self, server):
        with open(f"/proc/{server.process.pid}/stat", encoding="utf-8") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS  # utime, stime

    def wait_for(self, what):
        end = time.monotonic() + bourse.DEADLINE_SECONDS
        while not what():
            self.assertLess(time.monotonic(), end, "it did not come true")
            time.sleep(0.01)

    def refused(self, server):
        """Of the public listener, as the server counts."""
        page = self.admin.request("GET", "/metrics") or self.admin.getresponse().read().decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in page.splitlines()
                   if line.startswith("bourse_connections_refused_total"))

    def fill(self, server):
        """Takes all descriptors; what is open by then stays open."""
        server.get("/t/BTCUSDT")  # whatever is opened once has been
        self.admin = http.client.HTTPConnection("127.0.0.1", server.admin_port, timeout=bourse.DEADLINE_SECONDS)
        self.addCleanup(self.admin.close)
        before = self.refused(server)
        numbers = [int(name) for name in os.listdir(f"/proc/{server.process.pid}/fd")]
        # Every number below the limit that is free makes one connection more.
        limit = max(numbers) + 1
        self.limits = resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (limit + ROOM, self.limits[1]))
        free = limit - len(numbers) + ROOM
        # Three, because one may have been in use for a moment only.
        while self.refused(server) < before + 3:
            self.idle.append(self.ask(server))
            self.assertLess(len(self.idle), free + 6)

    def ask(self, server):
        """A connection with an answer on it, which keeps it open where it may."""
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=bourse.DEADLINE_SECONDS)
        connection.request("GET", "/t/BTCUSDT?limit=1")
        answer = connection.getresponse()
        self.body = answer.read()
        self.status, self.headers = answer.status, answer.headers
        self.assertIn(answer.status, (200, 503))
        return connection

    def test_who_connects_is_answered_and_probes_are_well(self):
        with bourse.Server(self.config) as server:
            self.fill(server)
            late = 0
            for _ in range(30):
                started = time.monotonic()
                self.idle.append(self.ask(server))
                self.assertLess(time.monotonic() - started, 5 * bourse.PATIENCE)
                self.assertEqual(server.get("/health")[0], 200)
                if self.status == 200:  # it took one that was in use for a moment only when all were taken
                    late += 1
                    continue
                problem = json.loads(self.body)
                self.assertEqual(problem["code"], "too_many_connections")
                self.assertIn("files", problem["detail"])
                self.assertEqual(self.headers["connection"], "close")
            self.assertLess(late, 4)
            # Those that have a connection go on as before.
            self.idle[0].request("GET", "/t/BTCUSDT?limit=1")
            answer = self.idle[0].getresponse()
            self.assertEqual((answer.status, bool(answer.read())), (200, True))
            self.close_all()
            self.wait_for(lambda: server.get("/t/BTCUSDT?limit=1")[0] == 200)

    def test_a_queue_of_connections_costs_no_time(self):
        with bourse.Server(self.config) as server:
            self.fill(server)
            for _ in range(100):  # who says nothing has one of the last descriptors for a while
                silent = socket.create_connection(("127.0.0.1", server.port), bourse.DEADLINE_SECONDS)
                self.idle.append(silent)
            before = self.cpu_seconds(server)
            time.sleep(2)
            self.assertLess(self.cpu_seconds(server) - before, 0.4)
            self.close_all()
            self.wait_for(lambda: server.get("/t/BTCUSDT?limit=1")[0] == 200)


if __name__ == "__main__":
    unittest.main()
