# SPDX-License-Identifier: MIT
"""The built program as a child process, for end-to-end tests.

The tests that use it get the program by the environment variable BOURSE, the plugins by BOURSE_PLUGINS.
Every server listens on a free loopback port, has a deadline, and is killed at the end.
"""
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import textwrap
import threading

PROGRAM = os.environ["BOURSE"]
PLUGINS = os.environ["BOURSE_PLUGINS"]
FIXTURES = os.environ.get("BOURSE_FIXTURES")  # broken plugins, for those tests that need one
PIPELINE = os.environ.get("BOURSE_PIPELINE")  # the folder of the plugin that the host's own tests use
SOURCE_DIR = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATIENCE = int(os.environ.get("BOURSE_PATIENCE", "1"))  # how much longer all may take: under a sanitizer
DEADLINE_SECONDS = 60 * PATIENCE
SANITIZED = PATIENCE > 1  # its memory is the sanitizer's: what was freed stays for long, to be found when it is used


def run(*arguments, plugins=(PLUGINS,), env=None, cwd=None, text=None, stdout=None):
    """Runs the program to its end; returns CompletedProcess with text in stdout and stderr. `text` is its standard input, `stdout` a
    file that is its standard output."""
    words = [PROGRAM, *arguments]
    if arguments and arguments[0] in ("serve", "check", "routes", "run", "probe", "explain", "diff"):
        for folder in plugins:
            words += ["--plugins", folder]
    # newline: CSV has CRLF, and text mode must not hide it.
    done = subprocess.run(words, stdout=stdout or subprocess.PIPE, stderr=subprocess.PIPE, timeout=DEADLINE_SECONDS, cwd=cwd,
                          input=b"" if text is None else text.encode(), env={**os.environ, **(env or {})}, check=False)
    done.stdout = (done.stdout or b"").decode()
    done.stderr = done.stderr.decode()
    return done


def write_config(folder, text, name="bourse.yaml"):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(textwrap.dedent(text))
    return path


def fixture_folder(folder, name):
    """A folder in `folder` that holds this broken plugin and no other."""
    plugins = os.path.join(folder, "fixture_plugins")
    os.mkdir(plugins, 0o755)
    path = shutil.copy(os.path.join(FIXTURES, name), plugins)
    os.chmod(path, 0o644)
    return plugins


class Server:
    """`bourse serve` on a free port. Use as a context manager; ends by SIGTERM and checks exit code 0."""

    def __init__(self, config, plugins=(PLUGINS,), env=None, cwd=None, options=(), port=0):
        words = [PROGRAM, "serve", config, "--listen", f"127.0.0.1:{port}", *options]
        for folder in plugins:
            words += ["--plugins", folder]
        self.process = subprocess.Popen(words, stderr=subprocess.PIPE, cwd=cwd,
                                        env={**os.environ, **(env or {})})
        self.lines = []
        self.stop_signal = signal.SIGTERM  # None: one has been sent already
        self.port = None
        self.admin_port = None
        self.listening = threading.Event()
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()
        self.listening.wait(DEADLINE_SECONDS)
        if self.port is None:
            self.process.kill()
            self.reader.join(DEADLINE_SECONDS)
            raise AssertionError("the server did not start:\n" + self.log())

    def read_log(self):
        for raw in self.process.stderr:
            line = raw.decode()
            self.lines.append(line)
            admin = re.search(r'admin_listening port=(\d+)|"event":"admin_listening","port":(\d+)', line)
            if admin:
                self.admin_port = int(admin.group(1) or admin.group(2))
                continue
            found = re.search(r'listening port=(\d+)|"event":"listening","port":(\d+)', line)
            if found:
                self.port = int(found.group(1) or found.group(2))
                self.listening.set()
        self.listening.set()  # the program has ended

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if self.process.poll() is None and self.stop_signal is not None:
            self.process.send_signal(self.stop_signal)
        try:
            self.process.wait(DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("the server did not end after SIGTERM:\n" + self.log()) from None
        finally:
            self.reader.join(DEADLINE_SECONDS)
            self.process.stderr.close()
        if kind is None and self.process.returncode != 0:
            raise AssertionError(f"exit code {self.process.returncode}:\n" + self.log())

    def log(self):
        """Everything logged; complete after the server has ended."""
        return "".join(self.lines)

    def get(self, target, headers=None, method="GET", port=None):
        """Returns (status, headers as a dict with lower-case names, body bytes)."""
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=DEADLINE_SECONDS)
        with contextlib.closing(connection):
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, text in (headers or {}).items():
                connection.putheader(name, text)
            connection.endheaders()
            answer = connection.getresponse()
            body = answer.read()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, body

    def json(self, target, headers=None):
        status, _, body = self.get(target, headers)
        return status, json.loads(body)

    def raw(self, data, half_close=False):
        """Sends bytes as they are and returns all that comes until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE_SECONDS) as s:
            s.sendall(data)
            if half_close:
                s.shutdown(socket.SHUT_WR)
            received = b""
            while chunk := s.recv(65536):
                received += chunk
            return received
