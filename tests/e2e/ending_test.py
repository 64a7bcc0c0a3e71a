# SPDX-License-Identifier: MIT
"""The end of a server: every wait of it has a bound, whatever plugins and the log's reader do."""
import http.client
import os
import re
import select
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import bourse_process as bourse

CONFIG = """
    bourse: 1
    server: {admin: "127.0.0.1:0"}
    sources: {market: {use: synthetic}}
    defaults: {source: market}
    routes: [{path: "/t/{symbol}", run: technical, format: csv}]
    """
END_SECONDS = 20  # far above all bounds together, far below what hangs


class Plain(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.config = bourse.write_config(folder.name, CONFIG)

    def test_sigquit_is_as_graceful_as_sigterm(self):
        with bourse.Server(self.config) as server:
            server.stop_signal = signal.SIGQUIT
        self.assertEqual(server.process.returncode, 0)
        self.assertIn("stopped", server.log())

    def test_user_signals_are_a_line_in_the_log(self):
        with bourse.Server(self.config) as server:
            for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGUSR1):
                server.process.send_signal(number)
            self.assertEqual(server.get("/health")[0], 200)
        self.assertEqual(server.process.returncode, 0)
        self.assertIn("signal_ignored signal=SIGUSR1", server.log())
        self.assertIn("signal_ignored signal=SIGUSR2", server.log())

    def late(self, proxies):
        """What who comes while the server waits for a slow reader is told, before it says anything."""
        with tempfile.TemporaryDirectory() as folder:
            config = bourse.write_config(folder, f"""
                bourse: 1
                server: {{shutdown: {{delay: 0s, grace: 30s}}{proxies}}}
                sources: {{market: {{use: synthetic}}}}
                defaults: {{source: market}}
                routes: [{{path: "/t/{{symbol}}", run: technical, format: csv}}]
                """)
            with bourse.Server(config) as server, socket.socket() as reader:
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                reader.connect(("127.0.0.1", server.port))
                reader.sendall(b"GET /t/BTCUSDT?limit=20000&interval=1m HTTP/1.1\r\nHost: a\r\n\r\n")
                reader.recv(1)
                with socket.create_connection(("127.0.0.1", server.port)) as idle:
                    idle.settimeout(END_SECONDS)
                    server.process.send_signal(signal.SIGTERM)
                    server.stop_signal = None
                    self.assertEqual(idle.recv(1), b"", "from now on it takes no more")
                with socket.create_connection(("127.0.0.1", server.port)) as late:
                    late.settimeout(END_SECONDS)
                    told = late.recv(65536)
                self.assertIsNone(server.process.poll())
                while reader.recv(1 << 16):
                    pass
            return told

    def test_who_comes_late_is_told_and_a_proxy_is_left_to_ask_another_server(self):
        self.assertIn(b'"code":"stopping"', self.late(""))
        self.assertEqual(self.late(", trusted-proxies: {from: [127.0.0.1], header: forwarded}"), b"")

    def test_the_second_signal_ends_at_once(self):
        with tempfile.TemporaryDirectory() as folder:
            config = bourse.write_config(folder, """
                bourse: 1
                server: {shutdown: {delay: 50s, grace: 50s}}
                sources: {market: {use: synthetic}}
                defaults: {source: market}
                routes: [{path: "/t/{symbol}", run: technical, format: csv}]
                """)
            server = bourse.Server(config)
            server.process.send_signal(signal.SIGTERM)
            while server.get("/health")[0] != 503:
                time.sleep(0.01)
            begin = time.monotonic()
            server.process.send_signal(signal.SIGINT)
            self.assertEqual(server.process.wait(END_SECONDS), 1)
            self.assertLess(time.monotonic() - begin, 5)
            server.reader.join(END_SECONDS)
            server.process.stderr.close()
        self.assertIn("ended_at_once signal=SIGINT", server.log())


class DeafReader(unittest.TestCase):
    """Standard error is a pipe that nobody reads, and it is full."""

    def start(self, level="info"):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        config = bourse.write_config(folder.name, f"""
            bourse: 1
            server: {{admin: "127.0.0.1:0", shutdown: {{grace: 1s}}}}
            log: {{level: {level}}}
            sources: {{market: {{use: synthetic}}}}
            defaults: {{source: market}}
            routes: [{{path: "/t/{{symbol}}", run: technical, format: csv}}]
            """)
        process = subprocess.Popen([bourse.PROGRAM, "serve", config, "--listen", "127.0.0.1:0",
                                    "--plugins", bourse.PLUGINS], stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        text = b""
        while not (found := re.search(rb"(?m) listening port=(\d+)", text)):
            self.assertTrue(select.select([process.stderr], [], [], bourse.DEADLINE_SECONDS)[0], text)
            chunk = os.read(process.stderr.fileno(), 65536)
            self.assertTrue(chunk, text)
            text += chunk
        admin = int(re.search(rb"admin_listening port=(\d+)", text).group(1))
        return process, int(found.group(1)), admin

    def fill(self, port, requests):
        """So many requests that the pipe, of 64 KiB, holds the lines of but a few hundred."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=bourse.DEADLINE_SECONDS)
        for _ in range(requests):
            connection.request("GET", "/nothing/" + "x" * 200)
            answer = connection.getresponse()
            answer.read()
            self.assertEqual(answer.status, 404)
        connection.close()

    def test_the_first_signal_ends_it(self):
        process, port, _ = self.start()
        self.fill(port, 1000)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(END_SECONDS), 0)

    def test_what_is_lost_is_counted_and_told_when_the_reader_reads_again(self):
        process, port, admin = self.start()
        self.fill(port, 10_000)
        connection = http.client.HTTPConnection("127.0.0.1", admin, timeout=bourse.DEADLINE_SECONDS)
        connection.request("GET", "/metrics")
        page = connection.getresponse().read().decode()
        connection.close()
        counted = int(re.search(r"(?m)^bourse_log_lines_lost_total (\d+)$", page).group(1))
        self.assertGreater(counted, 1000)
        process.send_signal(signal.SIGTERM)
        text = process.stderr.read().decode()
        self.assertEqual(process.wait(END_SECONDS), 0)
        told = sum(int(n) for n in re.findall(r"log_lines_lost lines=(\d+)", text))
        self.assertGreaterEqual(told, counted)
        self.assertEqual(told + len(re.findall(r" request request_id=", text)), 10_000)
        self.assertIn("stopped", text)


class PluginsThatStay(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def config(self, trick):
        return bourse.write_config(self.folder, f"""
            bourse: 1
            server: {{shutdown: {{grace: 1s}}}}
            sources: {{market: {{use: synthetic}}, bad: {{use: hostile, config: {{trick: {trick}}}}}}}
            defaults: {{source: market}}
            routes: [{{path: "/t/{{symbol}}", run: technical, format: csv}}]
            """)

    def end(self, trick, fixture="hostile.so"):
        plugins = (bourse.PLUGINS, bourse.fixture_folder(self.folder, fixture))
        with bourse.Server(self.config(trick), plugins=plugins) as server:
            self.assertEqual(server.get("/t/BTCUSDT")[0], 200)
            server.process.send_signal(signal.SIGTERM)
            server.stop_signal = None
            self.assertEqual(server.process.wait(END_SECONDS), 0)
        return server.log()

    def test_a_destroy_that_never_returns_is_told_and_not_waited_for(self):
        log = self.end("stay_in_destroy")
        self.assertIn('plugin_does_not_end call="destroy of fixture.hostile/hostile"', log)
        self.assertIn("stopped", log)

    def test_a_thread_that_stays_finds_its_code_to_the_end(self):
        for _ in range(3):
            log = self.end("leave_a_thread")
            self.assertNotIn("plugin_does_not_end", log)
            self.assertIn("stopped", log)
            os.unlink(os.path.join(self.folder, "fixture_plugins", "hostile.so"))
            os.rmdir(os.path.join(self.folder, "fixture_plugins"))

    def test_a_deinit_that_never_returns_is_told_and_not_waited_for(self):
        config = bourse.write_config(self.folder, """
            bourse: 1
            sources: {market: {use: synthetic}}
            defaults: {source: market}
            routes: [{path: "/t/{symbol}", run: technical, format: csv}]
            """)
        plugins = (bourse.PLUGINS, bourse.fixture_folder(self.folder, "staying.so"))
        with bourse.Server(config, plugins=plugins) as server:
            server.process.send_signal(signal.SIGTERM)
            server.stop_signal = None
            self.assertEqual(server.process.wait(END_SECONDS), 0)
        self.assertIn('plugin_does_not_end call="deinit of fixture.good"', server.log())

    def test_what_hangs_before_it_listens_is_ended_by_the_second_signal(self):
        plugins = bourse.fixture_folder(self.folder, "hostile.so")
        process = subprocess.Popen([bourse.PROGRAM, "serve", self.config("stay_in_create"), "--listen",
                                    "127.0.0.1:0", "--plugins", bourse.PLUGINS, "--plugins", plugins],
                                   stderr=subprocess.PIPE)
        self.addCleanup(process.stderr.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        os.set_blocking(process.stderr.fileno(), False)
        # SIGUSR1 is answered by a line: from then on signals are heard.
        text = b""
        end = time.monotonic() + END_SECONDS
        blocked = 0
        while not blocked and time.monotonic() < end:
            with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                blocked = int(re.search(r"(?m)^SigBlk:\s*(\w+)", status.read()).group(1), 16)
        self.assertTrue(blocked, text)
        process.send_signal(signal.SIGTERM)
        with self.assertRaises(subprocess.TimeoutExpired):
            process.wait(1)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(5), 1)


if __name__ == "__main__":
    unittest.main()
