# SPDX-License-Identifier: MIT
"""The log of a running server: what was refused before it was a request, and a file that is rotated under load."""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

import bourse_process as bourse

CONFIG = """\
    bourse: 1
    server: {{max-connections: 3, max-body: 1KiB, header-timeout: 300ms, trusted-proxies: {{from: [127.0.0.1], header: x-forwarded-for}}}}
    log: {{format: json, file: {file}}}
    sources: {{market: {{use: synthetic, config: {{seed: 42}}}}}}
    defaults: {{source: market, cache: {{fresh: 1h}}}}
    routes:
      - {{path: "/{{symbol}}", run: technical, formats: [json, csv]}}
    """


class FileServer:
    """`bourse serve` that logs to a file of `folder`."""

    def __init__(self, folder, name="bourse.log"):
        self.file = os.path.join(folder, name)
        config = bourse.write_config(folder, CONFIG.format(file=name))
        self.process = subprocess.Popen(
            [bourse.PROGRAM, "serve", config, "--listen", "127.0.0.1:0", "--plugins", bourse.PLUGINS],
            stderr=subprocess.PIPE)
        self.port = int(self.await_line(r'"event":"listening","port":(\d+)').group(1))

    def await_line(self, pattern, file=None):
        until = time.monotonic() + bourse.DEADLINE_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            found = re.search(pattern, self.text(file))
            if found:
                return found
            time.sleep(0.005)
        raise AssertionError(f"no line {pattern}: " + self.text(file))

    def text(self, file=None):
        try:
            with open(file or self.file, encoding="utf-8") as stream:
                return stream.read()
        except OSError:
            return ""

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.process.send_signal(signal.SIGTERM)
        said = self.process.communicate(timeout=bourse.DEADLINE_SECONDS)[1]
        if kind is None and (self.process.returncode != 0 or said):
            raise AssertionError(f"exit code {self.process.returncode}: {said.decode()}")

    def ask(self, data):
        with socket.create_connection(("127.0.0.1", self.port), timeout=bourse.DEADLINE_SECONDS) as s:
            s.sendall(data)
            received = b""
            while chunk := s.recv(65536):
                received += chunk
            return received


def events(text):
    return [json.loads(line) for line in text.splitlines()]


class Refusals(unittest.TestCase):
    """What the front refuses, by a real client: each answer has its line, under the id of the answer."""

    CASES = [
        (400, "bad_request", b"GET /BTCUSDT HTTP/1.1\r\nX-Request-Id: mine-400\r\nHost: a\r\nHost: b\r\n\r\n", "mine-400"),
        (400, "bad_request", b"GET / HTTP/1.1\r\n broken\r\n\r\n", None),
        (408, "request_timeout", b"GET /BTCUSDT HTTP/1.1\r\nX-Request-Id: mine-408\r\n", None),
        (413, "body_too_large", b"POST /x HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine-413\r\n"
                                b"Content-Length: 5000\r\n\r\n", "mine-413"),
        (414, "target_too_long", b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", None),
        (417, "expectation_failed", b"GET /BTCUSDT HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine-417\r\n"
                                    b"Expect: more\r\n\r\n", "mine-417"),
        (431, "header_too_large", b"GET /BTCUSDT?key=hunter2 HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine-431\r\n"
                                  b"A: " + b"x" * 20000 + b"\r\n\r\n", "mine-431"),
        (501, "method_not_implemented", b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", None),
        (505, "version_not_supported", b"GET / HTTP/3.0\r\nHost: a\r\n\r\n", None),
    ]

    def test_each_has_a_line_under_the_id_that_the_client_was_given(self):
        with tempfile.TemporaryDirectory() as folder, FileServer(folder) as server:
            for status, code, data, own in self.CASES:
                with self.subTest(status=status, code=code):
                    answer = server.ask(data).decode()
                    self.assertTrue(answer.startswith(f"HTTP/1.1 {status} "), answer)
                    given = re.search(r"(?im)^x-request-id: (\S+)\r$", answer).group(1)
                    if own is not None:
                        self.assertEqual(given, own)
                    server.await_line(f'"request_id":"{given}"')
                    line = [e for e in events(server.text()) if e.get("request_id") == given]
                    self.assertEqual([(e["status"], e["code"], e["client"]) for e in line],
                                     [(status, code, "127.0.0.1")])
            text = server.text()
        self.assertNotIn("hunter2", text)
        self.assertIn('"target":"/BTCUSDT?key=REDACTED"', text)

    def test_a_connection_that_is_one_too_many_has_a_line(self):
        with tempfile.TemporaryDirectory() as folder, FileServer(folder) as server:
            held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
            for connection in held:  # each is known to the server before the next one comes
                connection.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertTrue(connection.recv(4096))
            answer = server.ask(b"").decode()
            self.assertTrue(answer.startswith("HTTP/1.1 503 "), answer)
            given = re.search(r"(?im)^x-request-id: (\S+)\r$", answer).group(1)
            server.await_line(f'"request_id":"{given}"')
            line = [e for e in events(server.text()) if e.get("request_id") == given]
            self.assertEqual([(e["status"], e["code"]) for e in line], [(503, "too_many_connections")])
            for connection in held:
                connection.close()


class Lines(unittest.TestCase):
    def test_the_client_is_who_the_proxy_says_and_all_numbers_are_numbers(self):
        with tempfile.TemporaryDirectory() as folder, FileServer(folder) as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=bourse.DEADLINE_SECONDS)
            connection.request("GET", "/BTCUSDT.csv?limit=3",
                               headers={"X-Forwarded-For": "9.9.9.9, 203.0.113.7", "Forwarded": "for=8.8.8.8"})
            self.assertEqual(connection.getresponse().read()[:9], b"open_time")
            connection.close()
            server.await_line('"event":"request"')
            line = [e for e in events(server.text()) if e["event"] == "request"][0]
        self.assertEqual((line["client"], line["peer"]), ("203.0.113.7", "127.0.0.1"))
        self.assertEqual((line["target"], line["route"]), ("/BTCUSDT.csv?limit=3", "/{symbol}"))
        self.assertEqual((line["analysis"], line["format"], line["outcome"]), ("technical", "csv", "miss"))
        self.assertEqual((line["status"], line["level"]), (200, "info"))
        self.assertGreater(line["bytes"], 100)
        self.assertGreaterEqual(line["seconds"], line["analysis_seconds"] + line["render_seconds"])

    def test_a_file_that_cannot_be_written_is_said_at_the_start(self):
        with tempfile.TemporaryDirectory() as folder:
            config = bourse.write_config(folder, CONFIG.format(file="no/such/folder/bourse.log"))
            done = bourse.run("serve", config, "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1)
        self.assertIn(os.path.join(folder, "no/such/folder/bourse.log") + ": No such file or directory", done.stderr)

    def test_without_a_file_the_signal_is_an_event(self):
        with tempfile.TemporaryDirectory() as folder:
            config = bourse.write_config(folder, CONFIG.format(file="x").replace(", file: x", ""))
            with bourse.Server(config) as server:
                server.process.send_signal(signal.SIGUSR1)
                until = time.monotonic() + bourse.DEADLINE_SECONDS
                while "signal_ignored" not in server.log() and time.monotonic() < until:
                    time.sleep(0.005)
        self.assertIn("log.file", server.log())


class Rotation(unittest.TestCase):
    """T32 of the facts on HTTP: logrotate under load, once with a folder that takes no file."""

    def test_no_line_is_lost_and_a_file_that_cannot_be_opened_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            logs = os.path.join(folder, "logs")
            os.mkdir(logs)
            with FileServer(folder, "logs/bourse.log") as server:
                asked, stop = [0, 0], threading.Event()

                def load(who):
                    connection = http.client.HTTPConnection("127.0.0.1", server.port)
                    while not stop.is_set():
                        connection.request("GET", f"/BTCUSDT?limit=1&", headers={"X-Request-Id": f"r{who}-{asked[who]}"})
                        connection.getresponse().read()
                        asked[who] += 1
                    connection.close()

                clients = [threading.Thread(target=load, args=(who,)) for who in range(2)]
                for client in clients:
                    client.start()
                files = []
                for number in range(3):
                    files.append(os.path.join(logs, f"bourse.log.{number}"))
                    before = len(server.text())
                    while len(server.text()) < before + 50_000:
                        time.sleep(0.002)
                    os.rename(server.file, files[-1])
                    if number == 1:  # nothing can be opened by that name
                        os.mkdir(server.file)
                        server.process.send_signal(signal.SIGUSR1)
                        server.await_line('"event":"log_file_kept"', files[-1])
                        os.rmdir(server.file)
                    server.process.send_signal(signal.SIGUSR1)
                    server.await_line('"event":"log_reopened"')
                stop.set()
                for client in clients:
                    client.join()
            files.append(server.file)
            lines = [e for file in files for e in events(server.text(file))]
        ids = [e["request_id"] for e in lines if e["event"] == "request"]
        self.assertEqual(sorted(ids), sorted(f"r{who}-{n}" for who in range(2) for n in range(asked[who])))
        self.assertGreater(len(ids), 300)
        self.assertEqual([e["event"] for e in lines if e["event"].startswith("log_")],
                         ["log_reopened", "log_file_kept", "log_reopened", "log_reopened"])


if __name__ == "__main__":
    unittest.main()
