# SPDX-License-Identifier: MIT
"""bourse_exchange as a program: prints its port, serves, ends on a signal, refuses in words."""
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

PROGRAM, PLUGINS = sys.argv[1], sys.argv[2]


def run(*arguments):
    """A start that is expected to fail."""
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=30,
                          check=False)


class Program(unittest.TestCase):
    def start(self, *arguments):
        process = subprocess.Popen(
            [PROGRAM, "--plugins", PLUGINS, *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, "http://127.0.0.1:" + process.stdout.readline().strip()

    def ask(self, url, data=None):
        with urllib.request.urlopen(url, data, timeout=20) as answer:
            return json.loads(answer.read())

    def test_serves_at_the_time_it_is_told(self):
        process, url = self.start("--seed", "7", "--now", "2025-01-01T12:00:00Z")
        self.assertEqual(self.ask(url + "/api/v3/time"), {"serverTime": 1735732800000})
        self.assertEqual(self.ask(url + "/_fake/clock", b"advance=1m")["now"],
                         "2025-01-01T12:01:00Z")
        self.assertEqual(self.ask(url + "/api/v3/time"), {"serverTime": 1735732860000})
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 0)

    def test_a_seed_is_a_market(self):
        prices = []
        for seed in ("7", "7", "8"):
            _, url = self.start("--seed", seed, "--now", "2025-01-01T12:00:00Z")
            prices.append(self.ask(url + "/api/v3/ticker/price?symbol=BTCUSDT")["price"])
        self.assertEqual(prices[0], prices[1])
        self.assertNotEqual(prices[0], prices[2])

    def test_follows_the_machine_by_default(self):
        _, url = self.start()
        self.assertEqual(self.ask(url + "/_fake/state")["clock"], "follows the machine")

    def test_can_be_killed_and_started_again_on_its_port(self):
        # Bound and not listening, it keeps the port from everybody who does not share it on purpose, as the exchange does.
        reserved = socket.socket()
        self.addCleanup(reserved.close)
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reserved.bind(("127.0.0.1", 0))
        port = str(reserved.getsockname()[1])
        process, url = self.start("--port", port)
        self.assertEqual(url, "http://127.0.0.1:" + port)
        self.assertEqual(self.ask(url + "/api/v3/ping"), {})
        process.kill()
        process.wait(20)
        with self.assertRaises(urllib.error.URLError):
            self.ask(url + "/api/v3/ping")
        _, again = self.start("--port", port)
        self.assertEqual(again, url)
        self.assertEqual(self.ask(url + "/_fake/state")["requests"], 0)
        self.assertEqual(self.ask(url + "/api/v3/ping"), {})

    def test_another_address_of_its_port_can_be_silent(self):
        _, url = self.start("--silent", "127.0.0.2")
        port = int(url.rsplit(":", 1)[1])
        with self.assertRaises(TimeoutError):
            socket.create_connection(("127.0.0.2", port), timeout=0.3)
        self.assertEqual(self.ask(url + "/api/v3/ping"), {})

    def test_speaks_websocket_on_the_same_port(self):
        _, url = self.start("--now", "2025-01-01T12:00:00Z")
        with socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), 20) as client:
            client.sendall(b"GET /ws/btcusdt@miniTicker HTTP/1.1\r\nHost: fake\r\nUpgrade: websocket\r\n"
                           b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            reader = client.makefile("rb")
            self.assertIn(b" 101 ", reader.readline())
            head = dict(line.strip().split(b": ", 1) for line in iter(reader.readline, b"\r\n"))
            # The example of RFC 6455, 1.3.
            self.assertEqual(head[b"Sec-WebSocket-Accept"], b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
            self.ask(url + "/_fake/clock", b"advance=1s")
            first, length = reader.read(2)
            self.assertEqual((first, length), (0x81, 126))  # a whole text, of two bytes of length
            event = json.loads(reader.read(int.from_bytes(reader.read(2), "big")))
            self.assertEqual((event["e"], event["s"]), ("24hrMiniTicker", "BTCUSDT"))
            self.assertEqual(event["c"], self.ask(
                url + "/api/v3/ticker/price?symbol=BTCUSDT")["price"])
        self.assertEqual(self.ask(url + "/_fake/state")["faults"], [])

    def test_shows_what_arrived(self):
        _, url = self.start("--now", "2025-01-01T12:00:00Z", "--weight", "2")
        for _ in range(2):
            self.ask(url + "/api/v3/ping")
        for _ in range(2):
            with self.assertRaises(urllib.error.HTTPError) as refused:
                self.ask(url + "/api/v3/depth?symbol=BTCUSDT")
            self.assertEqual(refused.exception.code, 429)
            refused.exception.close()
        seen = self.ask(url + "/_fake/requests")
        self.assertEqual([(r["path"], r["query"], r["status"], r["weight"], r["duringWait"])
                          for r in seen],
                         [("/api/v3/ping", "", 200, 1, False)] * 2
                         + [("/api/v3/depth", "symbol=BTCUSDT", 429, 5, False),
                            ("/api/v3/depth", "symbol=BTCUSDT", 429, 5, True)])
        self.assertEqual(self.ask(url + "/_fake/state")["requestsDuringWait"], 1)

    def test_speaks_tls_with_the_certificate_it_is_given(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        certificate, key = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
        openssl = shutil.which("openssl")
        if openssl is None:
            self.skipTest("openssl, which makes a certificate, is not installed")
        subprocess.run([openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
                        "-days", "1", "-subj", "/CN=fake", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True, timeout=30)
        _, url = self.start("--cert", certificate, "--key", key)
        url = url.replace("http:", "https:")
        trusting = ssl.create_default_context(cafile=certificate)
        with urllib.request.urlopen(url + "/api/v3/ping", context=trusting, timeout=20) as answer:
            self.assertEqual(answer.read(), b"{}")
        with self.assertRaises(urllib.error.URLError) as refused:
            urllib.request.urlopen(url + "/api/v3/ping", timeout=20)
        self.assertIsInstance(refused.exception.reason, ssl.SSLCertVerificationError)

    def test_refuses_in_words(self):
        cases = {
            ("--address", "0.0.0.0"): "serves this machine only",
            ("--source", "dreams"): "expected synthetic or replay:FOLDER",
            ("--now", "soon"): "--now: expected",
            ("--latency", "long"): "--latency: expected",
            ("--silent", "192.0.2.1"): "serves this machine only",
            ("--cert", __file__): "--cert and --key belong together",
            ("--cert", __file__, "--key", __file__): "no certificate in PEM",
            ("--plugins", str(pathlib.Path("/nonexistent"))): "cannot load the source plugin",
        }
        for arguments, words in cases.items():
            with self.subTest(arguments=arguments):
                base = [] if "--plugins" in arguments else ["--plugins", PLUGINS]
                ended = run(*base, *arguments)
                self.assertEqual(ended.returncode, 1)
                self.assertIn(words, ended.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
