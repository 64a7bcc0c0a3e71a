# SPDX-License-Identifier: MIT
"""Debuggers and profilers at a server: they find the lines of a plugin. Those that are not there are skipped, with a sentence."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import bourse_process as bourse

SOURCE = os.path.join(bourse.SOURCE_DIR, "tests/fixtures/plugins/rogue.cpp")
LIMIT_SECONDS = 120 * bourse.PATIENCE  # a debugger that hangs does not hear SIGTERM
CONFIG = """
    bourse: 1
    plugins: {{in-place: {in_place}}}
    sources: {{rows: {{use: rogue-source}}}}
    routes: [{{path: /rogue, run: rogue, format: rogue-text, source: rows, deadline: 10m}}]
    """


def line_of(words):
    with open(SOURCE, encoding="utf-8") as file:
        return next(number for number, line in enumerate(file, 1) if words in line)


def stopped_by_ptrace(text):
    return "ptrace: Operation not permitted" in text or "Could not attach" in text


class Tools(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.plugins = bourse.fixture_folder(self.folder, "rogue.so")
        self.process = None

    def need(self, *tools):
        for tool in tools:
            if shutil.which(tool) is None:
                self.skipTest(f"{tool} is not installed")
        if bourse.SANITIZED:
            self.skipTest("a sanitizer is a debugger of its own, and two get into each other's way")

    def config(self, in_place=False):
        return bourse.write_config(self.folder, CONFIG.format(in_place="true" if in_place else "false"))

    def words(self, config):
        return [bourse.PROGRAM, "serve", config, "--listen", "127.0.0.1:0", "--plugins", self.plugins]

    def start(self, words):
        """Gives the port, as soon as the server says it; the rest of what is printed is read on."""
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        self.addCleanup(self.end)
        self.lines = []
        self.port = None
        told = threading.Event()

        def read():
            for raw in self.process.stdout:
                self.lines.append(raw.decode(errors="replace"))
                found = re.search(r"listening port=(\d+)", self.lines[-1])
                if found:
                    self.port = int(found.group(1))
                    told.set()
            told.set()

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        told.wait(LIMIT_SECONDS)
        if self.port is None and stopped_by_ptrace(self.said()):
            self.skipTest("this machine lets no process trace another one")
        self.assertIsNotNone(self.port, self.said())

    def said(self):
        return "".join(self.lines)

    def end(self):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(LIMIT_SECONDS)
        self.reader.join(LIMIT_SECONDS)
        self.process.stdout.close()

    def ask(self):
        """One request, on a thread of its own: it is answered after the debugger has let go, or never."""
        def get():
            subprocess.run(["curl", "-s", "-m", str(LIMIT_SECONDS), f"http://127.0.0.1:{self.port}/rogue"],
                           stdout=subprocess.DEVNULL, check=False)
        thread = threading.Thread(target=get, daemon=True)
        thread.start()
        return thread

    GDB = ["gdb", "-nx", "-q", "-batch", "-ex", "set confirm off", "-ex", "set debuginfod enabled off",
           "-ex", "handle SIGPIPE nostop noprint pass"]
    AT = ["-ex", "set breakpoint pending on", "-ex", "break rogue.cpp:{line}"]
    THEN = ["-ex", "info line", "-ex", "backtrace 3", "-ex", "kill"]

    def assert_stopped(self, text, line):
        self.assertRegex(text, rf"Breakpoint 1, .*Analysis::run.*rogue\.cpp:{line}")
        self.assertRegex(text, r"for \(int i = 0; i < 10; \+\+i\)", "the line itself is shown")

    def test_gdb_starts_a_server_and_stops_in_a_plugin(self):
        self.need("gdb", "curl")
        line = line_of("here: a line for a debugger")
        at = [word.format(line=line) for word in self.AT]
        self.start([*self.GDB, *at, "-ex", "run", *self.THEN, "--args", *self.words(self.config())])
        self.ask()
        self.process.wait(LIMIT_SECONDS)
        self.reader.join(LIMIT_SECONDS)
        self.assert_stopped(self.said(), line)

    def test_gdb_attaches_to_a_server_and_stops_in_a_plugin(self):
        self.need("gdb", "curl")
        line = line_of("here: a line for a debugger")
        self.start(self.words(self.config()))
        at = [word.format(line=line) for word in self.AT]
        attached = subprocess.Popen([*self.GDB, "-p", str(self.process.pid), *at, "-ex", "echo attached\\n", "-ex", "continue", *self.THEN],
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        ended = threading.Timer(LIMIT_SECONDS, attached.kill)
        ended.start()
        said = ""
        for raw in attached.stdout:
            said += raw
            if raw == "attached\n":
                self.ask()
        attached.wait()
        ended.cancel()
        attached.stdout.close()
        if stopped_by_ptrace(said):
            self.skipTest("this machine lets no process trace another one")
        self.assert_stopped(said, line)

    def test_valgrind_names_function_and_line_of_a_plugin_that_is_loaded_in_place(self):
        self.need("valgrind", "curl")
        line = line_of("here: null")
        done = subprocess.run(["valgrind", "--error-exitcode=9", bourse.PROGRAM, "run", "rogue", "--source", "rows", "--format", "rogue-text",
                               "--config", self.config(in_place=True), "--plugins", self.plugins, "--trick", "null"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=LIMIT_SECONDS * 3, check=False)
        self.assertRegex(done.stderr, rf"(?s)Invalid write of size 4\n.*write_to\(int\*\) \(rogue\.cpp:{line}\)")

    def test_in_place_the_file_has_its_name_where_profilers_look_for_it(self):
        self.start(self.words(self.config(in_place=True)))
        with open(f"/proc/{self.process.pid}/maps", encoding="utf-8") as maps:
            self.assertIn(os.path.join(os.path.realpath(self.plugins), "rogue.so"), maps.read())

    def test_the_name_of_a_copy_tells_the_file_and_the_start_of_its_digest(self):
        self.start(self.words(self.config()))
        digest = subprocess.run(["sha256sum", os.path.join(self.plugins, "rogue.so")], stdout=subprocess.PIPE, text=True, check=True)
        with open(f"/proc/{self.process.pid}/maps", encoding="utf-8") as maps:
            self.assertIn(f"/memfd:rogue.so.{digest.stdout[:16]} (deleted)", maps.read())

    def test_in_place_another_version_of_a_file_takes_a_restart(self):
        with bourse.Server(self.config(in_place=True), plugins=(self.plugins,)) as server:
            self.assertEqual(server.get("/rogue")[0], 200)
            file = os.path.join(self.plugins, "rogue.so")
            with open(file, "rb") as old, open(file + ".new", "wb") as new:
                new.write(old.read() + b"another version")
            os.chmod(file + ".new", 0o644)
            os.replace(file + ".new", file)
            server.process.send_signal(signal.SIGHUP)
            end = time.monotonic() + bourse.DEADLINE_SECONDS
            while "reload_refused" not in server.log():
                self.assertLess(time.monotonic(), end, server.log())
                time.sleep(0.01)
            self.assertEqual(server.get("/rogue")[0], 200, "what was loaded goes on")
        self.assertIn("another version takes a restart", server.log())


if __name__ == "__main__":
    unittest.main()
