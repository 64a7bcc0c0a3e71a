# SPDX-License-Identifier: MIT
"""A name service that never answers, while streams are watched: the server says so, and ends in time all the same.

In a network of its own, where the only name server is a socket that nobody reads; skipped where a process may not make one.
"""
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

if __name__ == "__main__" and "--inside" not in sys.argv:
    UNSHARE = ["unshare", "--map-root-user", "--mount", "--net"]
    try:
        MAY = subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        MAY = False
    if not MAY:
        print("a network of its own may not be made here")
        sys.exit(77)
    sys.exit(subprocess.run([*UNSHARE, sys.executable, __file__, "--inside"], check=False).returncode)

# pylint: disable=wrong-import-position
import bourse_process as bourse
from exchange_process import Exchange

CONFIG = """
    bourse: 1
    server: {listen: "127.0.0.1:0", admin: "127.0.0.1:0"}
    sources: {market: {use: binance, config: {site: data, block_file: none, base_url: "EXCHANGE", stream_url: "wss://streams.example:443"}}}
    defaults: {source: market, deadline: 10s}
    routes:
      - {path: /prices, run: prices, format: json}
    """
# The system's resolver would go on for 150 s, and cannot be interrupted.
RESOLVER = "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n"
# Open streams are told that the server stops, and have three seconds.
ENDS_WITHIN = 8


class SilentNames(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        resolver = os.path.join(cls.folder.name, "resolv.conf")
        with open(resolver, "w", encoding="ascii") as file:
            file.write(RESOLVER)
        subprocess.run(["mount", "--bind", resolver, os.path.realpath("/etc/resolv.conf")], check=True)
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        cls.names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        cls.names.bind(("127.0.0.1", 53))
        cls.exchange = Exchange(now=None)
        cls.config = CONFIG.replace("EXCHANGE", cls.exchange.url)

    @classmethod
    def tearDownClass(cls):
        cls.exchange.kill()
        cls.names.close()
        cls.folder.cleanup()

    def was_asked(self):
        """Somebody has looked for the host of the streams."""
        self.names.settimeout(20 * bourse.PATIENCE)
        while b"streams" not in self.names.recv(4096):
            pass

    def test_the_server_ends_in_time(self):
        with bourse.Server(bourse.write_config(self.folder.name, self.config)) as server:
            request = urllib.request.Request(f"http://127.0.0.1:{server.port}/prices?symbols=BTCUSDT",
                                             headers={"Accept": "text/event-stream"})
            with urllib.request.urlopen(request, timeout=30 * bourse.PATIENCE) as stream:
                self.assertEqual(stream.status, 200)
                self.was_asked()
                begin = time.monotonic()
                server.process.terminate()
                server.stop_signal = None
                server.process.wait(bourse.DEADLINE_SECONDS)
                self.assertLess(time.monotonic() - begin, ENDS_WITHIN * bourse.PATIENCE)

    def test_a_source_that_is_not_in_the_new_configuration_goes_in_time(self):
        path = bourse.write_config(self.folder.name, self.config)
        with bourse.Server(path) as server:
            request = urllib.request.Request(f"http://127.0.0.1:{server.port}/prices?symbols=BTCUSDT",
                                             headers={"Accept": "text/event-stream"})
            with urllib.request.urlopen(request, timeout=30 * bourse.PATIENCE):
                self.was_asked()
                bourse.write_config(self.folder.name, re.sub(r"binance, config: {[^}]*}", "synthetic", self.config))
                end = time.monotonic() + ENDS_WITHIN * bourse.PATIENCE
                server.process.send_signal(signal.SIGHUP)
                while self.has_source(server):
                    self.assertLess(time.monotonic(), end)
                    time.sleep(0.05)

    @staticmethod
    def has_source(server):
        return b"bourse_binance_" in server.get("/metrics", port=server.admin_port)[2]


if __name__ == "__main__":
    if "--inside" in sys.argv:
        sys.argv.remove("--inside")
    unittest.main(verbosity=2)
