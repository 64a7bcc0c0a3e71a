# SPDX-License-Identifier: MIT
"""`bourse health`: the probe of containers, against the program itself."""
import os
import shutil
import signal
import socket
import tempfile
import time
import unittest

import bourse_process as bourse

CONFIG = """
    bourse: 1
    server: {listen: "%s", shutdown: {delay: %s}}
    sources:
      market: {use: synthetic}
    defaults: {source: market}
    routes:
      - {path: "/t/{symbol}", run: technical, format: csv}
"""


class Health(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def config(self, listen="127.0.0.1:0", delay="0s"):
        return bourse.write_config(self.folder, CONFIG % (listen, delay), f"{listen.replace(':', '-')}.yaml")

    def test_a_server_that_serves_is_healthy(self):
        with bourse.Server(self.config()) as server:
            url = f"http://127.0.0.1:{server.port}/health"
            for words in (("health", url), ("health", "--port", str(server.port)),
                          ("health", "--config", self.config(f"0.0.0.0:{server.port}")),
                          ("health", f"http://localhost:{server.port}")):
                done = bourse.run(*words)
                self.assertEqual((done.returncode, done.stderr), (0, ""), words)
                self.assertEqual(done.stdout, f"healthy: {url} answers 200\n")

    def test_the_configuration_may_come_from_the_environment(self):
        with bourse.Server(self.config()) as server:
            done = bourse.run("health", env={"BOURSE_CONFIG": self.config(f"127.0.0.1:{server.port}")})
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_server_that_is_shutting_down_is_not(self):
        with bourse.Server(self.config(delay="20s")) as server:
            server.process.send_signal(signal.SIGTERM)
            end = time.monotonic() + bourse.DEADLINE_SECONDS
            while (done := bourse.run("health", "--port", str(server.port))).returncode == 0:
                self.assertLess(time.monotonic(), end)
            self.assertEqual(done.returncode, 1)
            self.assertIn("answers 503", done.stderr)
            server.process.kill()
            server.process.wait()
            server.process.returncode = 0

    def test_nobody_there_is_not_and_says_why(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            done = bourse.run("health", "--port", str(s.getsockname()[1]))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("refused", done.stderr)

    def test_a_server_that_hangs_is_not_waited_for(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen(8)
            start = time.monotonic()
            done = bourse.run("health", "--port", str(s.getsockname()[1]), "--timeout", "0.2")
            self.assertLess(time.monotonic() - start, 10)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no answer in time", done.stderr)

    def test_a_path_that_is_not_there_is_not(self):
        with bourse.Server(self.config()) as server:
            done = bourse.run("health", f"http://127.0.0.1:{server.port}/other")
        self.assertEqual(done.returncode, 1)
        self.assertIn("answers 404", done.stderr)

    def test_what_makes_no_sense_is_a_mistake_of_usage(self):
        for words in (("https://127.0.0.1/health",), ("http://example.com/health",), ("--port", "0"), ("--port", "99999"),
                      ("--timeout", "0"), ("--timeout", "x"), ("http://127.0.0.1:1/", "--port", "1"),
                      ("--config", "x", "--port", "1")):
            done = bourse.run("health", *words)
            self.assertEqual(done.returncode, 2, (words, done.stdout, done.stderr))

    def test_without_a_port_to_ask_it_says_so(self):
        done = bourse.run("health", "--config", self.config())
        self.assertEqual(done.returncode, 1)
        self.assertIn("lets the system pick the port", done.stderr)
        done = bourse.run("health", "--config", os.path.join(self.folder, "missing.yaml"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("missing.yaml", done.stderr)


if __name__ == "__main__":
    unittest.main()
