# SPDX-License-Identifier: MIT
"""One allocation in so many fails, anywhere in the server, and it lives: who was asked for it pays, the others do not.

A short sweep by itself; BOURSE_SWEEP=ROUNDS makes as many rounds, for by hand:
    BOURSE_SWEEP=500 ctest --test-dir build/dev -R e2e.allocation -V
"""
import mmap
import os
import random
import socket
import struct
import tempfile
import time
import unittest

import bourse_process as bourse

ROUNDS = int(os.environ.get("BOURSE_SWEEP", "4"))
REQUESTS = 60  # a round
RATES = (1500, 400, 3000, 150, 6000)
CONFIG = """
    bourse: 1
    server: {admin: "127.0.0.1:0", io-threads: 2, workers: 2}
    sources: {market: {use: synthetic}}
    defaults: {source: market, deadline: 5s}
    routes:
      - {path: "/t/{symbol}", run: technical, formats: FORMATS}
      - {path: "/fresh/{symbol}", run: technical, formats: FORMATS, cache: off}
      - {path: "/s", run: market-statistics, formats: [json, csv]}
      - {path: "/c", run: correlation, formats: [json, csv], cache: off}
    """
# Not png: cairo 1.16 itself ends the process where an allocation of its fails in a stroke ("longjmp causes uninitialized
# stack frame", _cairo_tor_scan_converter), and nothing that calls it can help that.
FORMATS = ("json", "csv", "html", "xml")
TARGETS = ["/health", "/health", "/nothing", "/t/BTCUSDT?limit=x", "/s", "/c?format=csv", "*"] + [
    f"/{route}/{symbol}?limit={limit}&format={name}"
    for route in ("t", "fresh") for symbol in ("BTCUSDT", "ETHUSDT") for limit in (5, 200) for name in FORMATS]


class Failing:
    """What failing_malloc.c reads and writes."""

    def __init__(self, path):
        with open(path, "wb") as file:
            file.write(bytes(4096))
        with open(path, "r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 4096)

    def fail(self, one_in, seed=0):
        self.memory[8:16] = struct.pack("Q", seed)
        self.memory[0:8] = struct.pack("Q", one_in)

    def failed(self):
        return struct.unpack("Q", self.memory[24:32])[0]


def ask(port, target, pipelined):
    """Any answer will do, and none; what must not come is something that is no HTTP, nor silence for ever."""
    method = "OPTIONS" if target == "*" else "GET"
    head = f"{method} {target} HTTP/1.1\r\nHost: t\r\nAccept-Encoding: gzip\r\n"
    request = ((head + "\r\n") * (pipelined - 1) + head + "Connection: close\r\n\r\n").encode()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
            connection.sendall(request)
            received = b""
            while chunk := connection.recv(1 << 16):
                received += chunk
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return received == b"" or received.startswith(b"HTTP/1.1 ")


class Sweep(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.config = bourse.write_config(cls.folder.name, CONFIG.replace("FORMATS", f"[{', '.join(FORMATS)}]"))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def start(self):
        path = os.path.join(self.folder.name, "control")
        failing = Failing(path)
        env = {"LD_PRELOAD": os.environ["BOURSE_FAILING_MALLOC"], "FAILING_MALLOC": path}
        return failing, bourse.Server(self.config, env=env)

    def test_the_server_lives_and_answers_afterwards(self):
        failing, server = self.start()
        with server:
            before = {target: server.get(target)[0] for target in TARGETS if target != "*"}
            self.assertEqual({target for target, status in before.items() if status != 200},
                             {"/nothing", "/t/BTCUSDT?limit=x"})
            for round_number in range(ROUNDS):
                seed = random.randrange(1 << 32)
                rate = RATES[round_number % len(RATES)]
                choose = random.Random(seed)
                told = f"seed {seed}, one in {rate}"
                failing.fail(rate, seed)
                for i in range(REQUESTS):
                    target = choose.choice(TARGETS)
                    self.assertTrue(ask(server.port, target, choose.choice((1, 1, 3))), (told, target))
                    if i % 20 == 0:
                        ask(server.admin_port, "/metrics", 1)
                    self.assertIsNone(server.process.poll(), f"{told}, {target}:\n{server.log()[-5000:]}")
                failing.fail(0)
                for target, status in before.items():
                    try:
                        found = server.get(target)[0]
                    except OSError as error:
                        found = error
                    self.assertEqual(found, status, f"{told}, {target}:\n{server.log()[-5000:]}")
            self.assertGreater(failing.failed(), ROUNDS)
            self.assertEqual(server.get("/readyz", port=server.admin_port)[0], 200)
            # Threads that no longer go round, and connections that nobody serves, would be found by this.
            deadline = time.monotonic() + 20
            while b"\nbourse_connections 0" not in server.get("/metrics", port=server.admin_port)[2]:
                self.assertLess(time.monotonic(), deadline, "connections are left")
                time.sleep(0.05)


if __name__ == "__main__":
    unittest.main()
