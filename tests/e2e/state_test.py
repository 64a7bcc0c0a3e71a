# SPDX-License-Identifier: MIT
"""What a plugin leaves changed is put back: the next one computes, writes and ends as if it had not been there."""
import os
import re
import signal
import socket
import tempfile
import time
import unittest

import bourse_process as bourse

CONFIG = """
    bourse: 1
    server: {{admin: "127.0.0.1:0", workers: 1, shutdown: {{grace: 1s}}}}
    sources: {{rows: {{use: rogue-source, config: {{create: "{create}"}}}}}}
    defaults: {{cache: off}}
    routes: [{{path: /rogue, run: rogue, format: rogue-text, source: rows}}]
    """
RIGHT = b"sum %.17g\ntiny %.17g\n" % (sum([0.1] * 10), 1e-310 / 2)  # as this interpreter computes it


class Rogue(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.plugins = bourse.fixture_folder(self.folder, "rogue.so")

    def config(self, create="none"):
        return bourse.write_config(self.folder, CONFIG.format(create=create))

    def server(self, create="none", plugins=()):
        return bourse.Server(self.config(create), plugins=(self.plugins, *plugins))

    def restored(self, server, state):
        """By component."""
        text = server.get("/metrics", port=server.admin_port)[2].decode()
        found = re.findall(rf'(?m)^bourse_state_restored_total{{component="([^"]*)",state="{state}"}} (\d+)$', text)
        return {name: int(times) for name, times in found}

    def wait_for(self, what, server):
        end = time.monotonic() + bourse.DEADLINE_SECONDS
        while not what():
            self.assertLess(time.monotonic(), end, server.log())
            time.sleep(0.01)


class State(Rogue):
    def test_a_rounding_that_is_left_behind_changes_no_other_sum(self):
        with self.server() as server:
            self.assertEqual(server.get("/rogue")[2], RIGHT)
            for _ in range(3):
                # Its own sum is its own business, and its source's is not.
                self.assertNotEqual(server.get("/rogue?trick=round_up")[2], RIGHT)
                self.assertEqual(server.get("/rogue")[2], RIGHT)
            self.assertEqual(self.restored(server, "floating_point"), {"fixture.rogue/rogue": 3})
        self.assertEqual(server.log().count("state_restored component=fixture.rogue/rogue state=floating_point"), 1, "told once")

    def test_a_plugin_that_was_linked_with_ofast_changes_no_denormals(self):
        other = os.path.join(self.folder, "other")
        os.mkdir(other, 0o755)
        with open(os.path.join(bourse.FIXTURES, "fast.so"), "rb") as built, open(os.path.join(other, "a.so"), "wb") as file:
            file.write(built.read())
        os.chmod(os.path.join(other, "a.so"), 0o644)
        with self.server(plugins=(other,)) as server:
            self.assertEqual(server.get("/rogue")[2], RIGHT)
        done = bourse.run("run", "rogue", "--source", "rows", "--format", "rogue-text", "--config", self.config(), plugins=(other, self.plugins))
        self.assertEqual(done.stdout.encode(), RIGHT)
        # GCC from 13 on links it no more: then there is nothing to be told.
        if "state_restored" in done.stderr:
            self.assertRegex(done.stderr, r"state_restored component=fixture\.good state=floating_point message=.*-Ofast")

    def test_signals_that_are_left_blocked_and_a_locale_are_told_and_put_back(self):
        for trick, state in (("block_signals", "signal_mask"), ("change_locale", "locale"), ("change_folder", "folder"), ("break_pipe", "signals")):
            with self.subTest(trick), self.server() as server:
                here = os.readlink(f"/proc/{server.process.pid}/cwd")
                # The second time it is looked at by itself, because the first time several were at work.
                for _ in range(2):
                    self.assertEqual(server.get("/rogue?trick=" + trick)[0], 200)
                    before = sum(self.restored(server, state).values())
                    self.wait_for(lambda now=before: sum(self.restored(server, state).values()) >= max(1, now), server)
                names = self.restored(server, state)
                self.assertTrue(all("fixture.rogue/rogue" in name for name in names), names)
                if state == "signal_mask":
                    self.assertIn("fixture.rogue/rogue", names)
                self.assertEqual(os.readlink(f"/proc/{server.process.pid}/cwd"), here)
                # A client that leaves in the middle of an answer must still be no more than that.
                with socket.create_connection(("127.0.0.1", server.port)) as leaving:
                    leaving.sendall(b"GET /rogue HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertEqual(server.get("/rogue")[2], RIGHT)

    def test_a_umask_is_put_back_after_create(self):
        old = os.umask(0o027)
        try:
            server = self.server(create="change_umask")
        finally:
            os.umask(old)
        with server:
            with open(f"/proc/{server.process.pid}/status", encoding="utf-8") as status:
                self.assertRegex(status.read(), r"(?m)^Umask:\s+0027$")
        self.assertIn("state_restored component=fixture.rogue/rogue-source state=umask", server.log())


class Streams(Rogue):
    def test_what_a_plugin_prints_is_not_in_the_answer_of_run(self):
        for trick in ("print", "close_descriptors"):
            done = bourse.run("run", "rogue", "--source", "rows", "--format", "rogue-text", "--config", self.config(), "--trick", trick,
                              plugins=(self.plugins,))
            self.assertEqual((done.returncode, done.stdout.encode()), (0, RIGHT), done.stderr)
            if trick == "print":
                self.assertIn("printed by a plugin\n", done.stderr)
                self.assertIn("said by a plugin\n", done.stderr)

    def clients_hear_nothing(self, server):
        """Connections made now get the numbers that were closed; lines of the log and what plugins print must not go there."""
        clients = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(12)]
        try:
            for _ in range(5):
                server.get("/rogue?trick=print")
                server.get("/nowhere")
            for client in clients:
                client.settimeout(bourse.DEADLINE_SECONDS)
                client.sendall(b"GET /rogue HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                answer = b""
                while chunk := client.recv(65536):
                    answer += chunk
                self.assertTrue(answer.startswith(b"HTTP/1.1 200 OK\r\n"), answer)
                self.assertTrue(answer.endswith(RIGHT), answer)
        finally:
            for client in clients:
                client.close()

    def test_standard_streams_that_a_call_closes_are_no_clients_and_the_log_goes_on(self):
        with self.server() as server:
            self.assertEqual(server.get("/rogue?trick=close_standard")[0], 200)
            self.clients_hear_nothing(server)
        self.assertRegex(server.log(), r"target=/nowhere", "lines after the end of standard error")
        self.assertIn("stopped", server.log())
        self.assertIn("state=descriptors", server.log())

    def test_descriptors_that_create_closes_are_no_clients_and_the_log_goes_on(self):
        with self.server(create="close_descriptors") as server:
            self.clients_hear_nothing(server)
        self.assertIn("stopped", server.log())
        self.assertIn("state_restored component=fixture.rogue/rogue-source state=descriptors", server.log())


if __name__ == "__main__":
    unittest.main()
