# SPDX-License-Identifier: MIT
"""One client tries to take everything: connections, bodies, answers it does not read, pipelines behind them. Another
one, from another address, sees nothing of it, probes neither, and the server's memory keeps its bound.

A few seconds by itself; BOURSE_GREEDY=SECONDS goes on as long, for by hand.
"""
import contextlib
import http.client
import os
import re
import socket
import tempfile
import threading
import time
import unittest

import bourse_process as bourse

SECONDS = float(os.environ.get("BOURSE_GREEDY", "4"))
GREEDY = "127.0.0.66"  # all of 127/8 is this machine
OTHER = "127.0.0.77"
MEMORY_MIB = 24
CONFIG = """
    bourse: 1
    server:
      admin: "127.0.0.1:0"
      max-connections: 300
      max-connections-per-client: 120
      memory: 24MiB
      max-response: 16MiB
      cache: {memory: 4MiB}
      body-timeout: 20s
      header-timeout: 20s
    sources: {market: {use: synthetic}}
    defaults: {source: market, limits: {client: {rate: 1000/1s, concurrency: 8}}}  # or it fills the queue
    routes:
      - {path: "/big/{symbol}", run: technical, format: html, cache: off}
      - {path: "/small/{symbol}", run: technical, format: csv}
    """


def rss_mib(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) // 1024


def silent(port):
    """Connected, and sends half a header."""
    return socket_of(port, b"GET /small/BTCUSDT HTTP/1.1\r\nHost: " + b"x" * 8000)


def body(port):
    return socket_of(port, b"POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 16000\r\n\r\n" + b"x" * 15_900)


def reader_of_nothing(port):
    return socket_of(port, b"GET /big/BTCUSDT?limit=500 HTTP/1.1\r\nHost: t\r\n\r\n" * 16, 4096)


def socket_of(port, data, receive_buffer=0):
    made = socket.socket()
    try:
        if receive_buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        made.settimeout(5)
        made.bind((GREEDY, 0))
        made.connect(("127.0.0.1", port))
        made.sendall(data)
    except OSError:
        made.close()
        return None
    return made


def take_everything(port, kind, until):
    """Keeps up to 150 connections of this kind, and makes new ones where some were closed."""
    held = []
    with contextlib.ExitStack() as stack:
        while time.monotonic() < until:
            if len(held) >= 150:
                held.pop(0).close()
            made = kind(port)
            if made is not None:
                held.append(made)
                stack.callback(made.close)


def get(port, target):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(OTHER, 0))
    with contextlib.closing(connection):
        connection.request("GET", target)
        answer = connection.getresponse()
        answer.read()
        return answer.status


class Greedy(unittest.TestCase):
    def test_others_see_nothing_of_it(self):
        with tempfile.TemporaryDirectory() as folder:
            with bourse.Server(bourse.write_config(folder, CONFIG)) as server:
                self.be_greedy(server)

    def be_greedy(self, server):
        get(server.port, "/small/BTCUSDT?limit=5")
        before = rss_mib(server.process)
        until = time.monotonic() + SECONDS
        kinds = (silent, body, reader_of_nothing, reader_of_nothing)
        threads = [threading.Thread(target=take_everything, args=(server.port, kind, until)) for kind in kinds]
        for thread in threads:
            thread.start()
        seen, slowest, most = [], 0.0, 0
        while time.monotonic() < until:
            for target in ("/health", "/small/BTCUSDT?limit=5"):
                begin = time.monotonic()
                seen.append((target, get(server.port, target)))
                slowest = max(slowest, time.monotonic() - begin)
            most = max(most, rss_mib(server.process))
        for thread in threads:
            thread.join()
        figures = server.get("/metrics", port=server.admin_port)[2].decode()
        value = lambda name: float(re.search(rf"^{name} (\S+)$", figures, re.M).group(1))
        told = (f"{len(seen)} answers, slowest {slowest * 1000:.0f} ms; RSS {before} to {most} MiB; "
                f"{value('bourse_connections_refused_total'):.0f} connections refused, "
                f"{value('bourse_connections_shed_total'):.0f} closed for memory")
        print(told)
        self.assertEqual({status for _, status in seen}, {200}, told)
        self.assertGreater(value("bourse_connections_refused_total"), 0, told)
        # What computes is not in the bound: a report, and the same as HTML, for each of two processors or more.
        if not bourse.SANITIZED:
            self.assertLess(most - before, 3 * MEMORY_MIB + 20 * (os.cpu_count() or 2), told)
        self.assertLessEqual(value("bourse_held_bytes"), MEMORY_MIB << 20, told)


if __name__ == "__main__":
    unittest.main()
