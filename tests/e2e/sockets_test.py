# SPDX-License-Identifier: MIT
"""Listeners of every kind, over real sockets, and what a service manager passes and is told.

The service manager is this file: it makes NOTIFY_SOCKET, and passes sockets as systemd does. Where
systemd's own tools are installed, they are tried as well.
"""
import contextlib
import ctypes
import ctypes.util
import http.client
import os
import re
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import bourse_process as bourse

DEADLINE = bourse.DEADLINE_SECONDS
HOWTO = os.path.join(bourse.SOURCE_DIR, "docs", "howto", "systemd.md")
REST = """
    sources: {market: {use: synthetic}}
    defaults: {source: market}
    routes: [{path: "/t/{symbol}", run: technical, format: csv}]
    """

# What a service manager does between fork and exec: its sockets become descriptors 3, 4, ...
ACTIVATE = """
import fcntl, os, sys
count = int(sys.argv[1])
high = [fcntl.fcntl(int(n), fcntl.F_DUPFD, 200) for n in sys.argv[2:2 + count]]
for number, one in enumerate(high, 3):
    os.dup2(one, number)
    os.close(one)
os.environ.setdefault("LISTEN_PID", str(os.getpid()))
os.execv(sys.argv[2 + count], sys.argv[2 + count:])
"""


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=DEADLINE)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(DEADLINE)
        self.sock.connect(self.path)


def ask(where, target="/health"):
    """(status, body) from a port or from the path of a unix socket."""
    connection = (UnixConnection(where) if isinstance(where, str) else
                  http.client.HTTPConnection("127.0.0.1", where, timeout=DEADLINE))
    with contextlib.closing(connection):
        connection.request("GET", target, headers={"Connection": "close"})
        answer = connection.getresponse()
        return answer.status, answer.read()


def listening(path=None):
    """A socket that listens, as a service manager makes it."""
    made = socket.socket(socket.AF_UNIX if path else socket.AF_INET, socket.SOCK_STREAM)
    made.bind(path or ("127.0.0.1", 0))
    made.listen(1024)
    return made


class Process:
    """`bourse serve FILE` with nothing added; `pass_sockets` become its descriptors 3, 4, ..."""

    def __init__(self, config, pass_sockets=(), names=None, env=None, arguments=(), listen_env=None):
        words = [bourse.PROGRAM, "serve", config, "--plugins", bourse.PLUGINS, *arguments]
        env = {**os.environ, **(env or {})}
        if pass_sockets:
            numbers = [s.fileno() for s in pass_sockets]
            words = [sys.executable, "-c", ACTIVATE, str(len(numbers)), *map(str, numbers), *words]
            env["LISTEN_FDS"] = str(len(numbers))
            if names is not None:
                env["LISTEN_FDNAMES"] = ":".join(names)
        env.update(listen_env or {})
        self.process = subprocess.Popen(words, stderr=subprocess.PIPE, env=env,
                                        pass_fds=[s.fileno() for s in pass_sockets])
        self.lines = []
        self.ready = threading.Event()
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()

    def read_log(self):
        for raw in self.process.stderr:
            self.lines.append(raw.decode())
            if re.search(r" listening ", self.lines[-1]):
                self.ready.set()
        self.ready.set()

    def log(self):
        return "".join(self.lines)

    def where(self):
        """Once it listens: what the log says of where."""
        self.ready.wait(DEADLINE)
        found = re.search(r" listening .*\bon=(\S+)", self.log())
        if not found:
            raise AssertionError("it does not listen:\n" + self.log())
        return found.group(1).split(",")

    def end(self, number=signal.SIGTERM):
        """The exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("it did not end:\n" + self.log()) from None
        finally:
            self.reader.join(DEADLINE)
            self.process.stderr.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        code = self.end()
        if kind is None and code != 0:
            raise AssertionError(f"exit code {code}:\n{self.log()}")


class Manager:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, name):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.env = {"NOTIFY_SOCKET": name}

    def close(self):
        self.socket.close()

    def hear(self, seconds=DEADLINE):
        """The next message as a dict, None when none comes."""
        if not select.select([self.socket], [], [], seconds)[0]:
            return None
        return dict(line.split("=", 1) for line in self.socket.recv(65536).decode().split("\n"))

    def hear_until(self, key, seconds=DEADLINE):
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            message = self.hear(left)
            if message and key in message:
                return message
        raise AssertionError(f"no {key}")


class Sockets(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def config(self, server, rest=REST):
        return bourse.write_config(self.folder, f"    bourse: 1\n    server: {{{server}}}\n{rest}")

    def refused(self, config, **options):
        """What a server says that does not start."""
        process = Process(config, **options)
        process.reader.join(DEADLINE)
        code = process.end()
        self.assertEqual(code, 1, process.log())
        self.assertNotIn(" listening ", process.log())
        return process.log()


class UnixSockets(Sockets):
    def test_curl_is_answered_and_the_file_is_removed_at_the_end(self):
        path = self.path("b.sock")
        config = self.config(f"listen: {{unix: {path}, mode: 0600}}")
        with Process(config) as server:
            self.assertEqual(server.where(), ["unix:" + path])
            self.assertEqual(stat.S_IMODE(os.lstat(path).st_mode), 0o600)
            done = subprocess.run(["curl", "-sS", "--unix-socket", path, "http://bourse/t/BTCUSDT?limit=2"],
                                  capture_output=True, text=True, timeout=DEADLINE, check=True)
            self.assertEqual(len(done.stdout.split()), 3, done.stdout)
            self.assertEqual(ask(path)[0], 200)
        self.assertFalse(os.path.lexists(path))

    def test_a_file_left_by_a_killed_server_is_replaced(self):
        path = self.path("b.sock")
        config = self.config(f'listen: "unix:{path}"')
        killed = Process(config)
        killed.where()
        self.assertEqual(killed.end(signal.SIGKILL), -signal.SIGKILL)
        self.assertTrue(os.path.lexists(path))
        with Process(config) as server:
            server.where()
            self.assertEqual(ask(path)[0], 200)

    def test_where_somebody_listens_it_does_not_start_and_the_other_goes_on(self):
        path = self.path("b.sock")
        config = self.config(f'listen: "unix:{path}"')
        with Process(config) as server:
            server.where()
            log = self.refused(config)
            self.assertIn(f"cannot listen on unix:{path}: another process listens there already", log)
            self.assertEqual(ask(path)[0], 200)

    def test_of_two_that_start_at_once_over_a_dead_file_one_serves(self):
        path = self.path("b.sock")
        config = self.config(f'listen: "unix:{path}"')
        for _ in range(3):
            dead = listening(path)
            dead.close()
            both = [Process(config), Process(config)]
            for one in both:
                one.ready.wait(DEADLINE)
            self.assertEqual(ask(path)[0], 200)
            codes = sorted(one.end() for one in both)
            self.assertEqual(codes, [0, 1], both[0].log() + both[1].log())
            self.assertFalse(os.path.lexists(path))

    def test_what_is_no_socket_is_not_touched(self):
        path = self.path("precious")
        with open(path, "w", encoding="ascii") as file:
            file.write("data")
        log = self.refused(self.config(f'listen: "unix:{path}"'))
        self.assertIn("what is there is no socket", log)
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "data")

    def test_an_owner_who_does_not_exist_is_told(self):
        path = self.path("b.sock")
        log = self.refused(self.config(f"listen: {{unix: {path}, group: no-such-group}}"))
        self.assertIn(f'cannot listen on unix:{path}: there is no group "no-such-group" here', log)
        self.assertFalse(os.path.lexists(path))

    def test_health_asks_through_the_socket(self):
        path = self.path("b.sock")
        config = self.config(f'listen: "unix:{path}"')
        with Process(config) as server:
            server.where()
            for arguments in (["health", "--config", config], ["health", "unix:" + path]):
                done = bourse.run(*arguments)
                self.assertEqual((done.returncode, done.stdout),
                                 (0, f"healthy: unix:{path} answers 200\n"), done.stderr)
        done = bourse.run("health", "unix:" + path)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"unix:{path}: cannot connect", done.stderr)
        done = bourse.run("health", "--config", self.config('listen: "systemd:web"'))
        self.assertEqual(done.returncode, 1)
        self.assertIn("lets a service manager pass the sockets", done.stderr)

    def test_a_request_through_a_unix_socket_ends_in_grace(self):
        """The end is the same as that of a port: an idle connection is closed, exit code 0."""
        path = self.path("b.sock")
        server = Process(self.config(f'listen: "unix:{path}"'))
        server.where()
        with contextlib.closing(UnixConnection(path)) as idle:
            idle.request("GET", "/health")
            answer = idle.getresponse()
            self.assertEqual((answer.status, len(answer.read()) > 0), (200, True))
            self.assertEqual(server.end(), 0)
            self.assertEqual(idle.sock.recv(100), b"")


class SeveralListeners(Sockets):
    def test_all_of_them_answer_and_the_admin_pages_are_on_theirs_only(self):
        path, admin = self.path("b.sock"), self.path("admin.sock")
        config = self.config(f'listen: ["127.0.0.1:0", "unix:{path}", "127.0.0.1:0"], '
                             f'admin: ["127.0.0.1:0", "unix:{admin}"]')
        with Process(config) as server:
            first, second, third = server.where()
            self.assertEqual(second, "unix:" + path)
            ports = [int(text.rpartition(":")[2]) for text in (first, third)]
            self.assertNotEqual(*ports)
            for where in (*ports, path):
                self.assertEqual(ask(where)[0], 200)
                self.assertEqual(ask(where, "/metrics")[0], 404)
            admin_port = int(re.search(r"admin_listening port=(\d+)", server.log()).group(1))
            for where in (admin, admin_port):
                self.assertEqual(ask(where, "/t/BTCUSDT")[0], 404)
                page = ask(where, "/metrics")[1].decode()
            self.assertRegex(page, r"(?m)^bourse_connections_accepted_total 6$")
        self.assertEqual(os.listdir(self.folder), ["bourse.yaml"])

    def test_connections_are_limited_together(self):
        path = self.path("b.sock")
        config = self.config(f'listen: ["127.0.0.1:0", "unix:{path}"], max-connections: 1')
        with Process(config) as server:
            port = int(server.where()[0].rpartition(":")[2])
            with contextlib.closing(UnixConnection(path)) as first:
                first.request("GET", "/health")
                self.assertEqual(first.getresponse().status, 200)
                self.assertEqual(ask(port, "/nowhere")[0], 503)
                self.assertEqual(ask(port)[0], 200, "a probe is told all the same")

    def test_one_that_fails_is_named_and_nothing_listens(self):
        path = self.path("b.sock")
        with contextlib.closing(listening()) as taken:
            port = taken.getsockname()[1]
            log = self.refused(self.config(f'listen: ["unix:{path}", "127.0.0.1:{port}"]'))
        self.assertIn(f"cannot listen on 127.0.0.1:{port}: Address already in use", log)
        self.assertFalse(os.path.lexists(path))

    def test_the_command_line_replaces_all_of_them(self):
        path, other = self.path("b.sock"), self.path("other.sock")
        config = self.config(f'listen: ["127.0.0.1:0", "unix:{path}"]')
        with Process(config, arguments=["--listen", "unix:" + other]) as server:
            self.assertEqual(server.where(), ["unix:" + other])
            self.assertFalse(os.path.lexists(path))

    def test_check_tells_what_cannot_go_together(self):
        done = bourse.run("check", self.config('listen: ["127.0.0.1:80", "unix:/run/b.sock"], '
                                               'admin: {unix: /run/b.sock, mode: 0400}'))
        self.assertEqual(done.returncode, 1)
        self.assertIn("error[duplicate_value]", done.stderr + done.stdout)
        self.assertIn("gives nobody the right to write", done.stderr + done.stdout)


class Activation(Sockets):
    def test_passed_sockets_are_listened_on_by_their_names(self):
        web, admin = listening(), listening(self.path("admin.sock"))
        with contextlib.closing(web), contextlib.closing(admin):
            config = self.config('listen: "systemd:web", admin: "systemd:admin"')
            with Process(config, [admin, web], ["admin", "web"]) as server:
                port = web.getsockname()[1]
                self.assertEqual(server.where(), [f"127.0.0.1:{port}"])
                self.assertEqual(ask(port)[0], 200)
                self.assertEqual(ask(self.path("admin.sock"), "/readyz")[0], 200)
            self.assertTrue(os.path.lexists(self.path("admin.sock")), "it is its maker's to remove")

    def test_all_sockets_of_a_unit_have_its_name(self):
        first, second = listening(), listening(self.path("b.sock"))
        with contextlib.closing(first), contextlib.closing(second):
            config = self.config('listen: ["systemd:bourse.socket", "127.0.0.1:0"]')
            with Process(config, [first, second], ["bourse.socket"] * 2) as server:
                self.assertEqual(len(server.where()), 3)
                self.assertEqual(ask(first.getsockname()[1])[0], 200)
                self.assertEqual(ask(self.path("b.sock"))[0], 200)

    def test_without_names_the_first_listener_gets_them(self):
        with contextlib.closing(listening()) as one:
            with Process(self.config('listen: "systemd:any"'), [one]) as server:
                self.assertEqual(server.where(), [f"127.0.0.1:{one.getsockname()[1]}"])
            log = self.refused(self.config('listen: "systemd:a", admin: "systemd:b"'),
                               pass_sockets=[one])
            self.assertIn("LISTEN_FDNAMES is not set", log)

    def test_sockets_of_another_process_are_not_taken(self):
        with contextlib.closing(listening()) as one:
            log = self.refused(self.config('listen: "systemd:web"'), pass_sockets=[one],
                               names=["web"], listen_env={"LISTEN_PID": "1"})
            self.assertIn("cannot listen on systemd:web", log)
            self.assertRegex(log, r"LISTEN_PID is 1, which is not this process \(\d+\)")
            # And they are no error where nobody wants any.
            with Process(self.config('listen: "127.0.0.1:0"'), [one], ["web"],
                         listen_env={"LISTEN_PID": "1"}) as server:
                self.assertEqual(len(server.where()), 1)

    def test_what_makes_no_sense_is_told(self):
        config = self.config('listen: "systemd:web"')
        first, second = socket.socketpair()
        with contextlib.closing(listening()) as one, contextlib.closing(first), contextlib.closing(second):
            for changes, words in (
                    ({"LISTEN_FDS": "x"}, "LISTEN_FDS is not a number"),
                    ({"LISTEN_FDS": "0"}, "LISTEN_FDS is not a number from 1"),
                    ({"LISTEN_PID": "me"}, "LISTEN_PID is not the number of a process"),
                    ({"LISTEN_FDS": "9", "LISTEN_FDNAMES": ":".join("w" * 9)}, "is not open"),
                    ({"LISTEN_FDNAMES": "web:web"}, "2 names for the 1 sockets"),
                    ({"LISTEN_FDNAMES": "other"}, "passed to the server that it shall not listen on: other")):
                with self.subTest(changes=changes):
                    log = self.refused(config, pass_sockets=[one], names=["web"], listen_env=changes)
                    self.assertIn(words, log)
            log = self.refused(config, pass_sockets=[first], names=["web"])
            self.assertIn("cannot listen on systemd:web: the descriptor 3 does not listen", log)
            log = self.refused(config)
            self.assertIn("no sockets were passed to this process: LISTEN_FDS is not set", log)
            log = self.refused(self.config('listen: "127.0.0.1:0"'), pass_sockets=[one], names=["web"])
            self.assertIn("shall not listen on: web", log)

    def test_no_process_that_it_starts_would_inherit_them(self):
        with contextlib.closing(listening()) as one:
            with Process(self.config('listen: "systemd:web"'), [one], ["web"]) as server:
                server.where()
                with open(f"/proc/{server.process.pid}/fdinfo/3", encoding="ascii") as info:
                    flags = int(re.search(r"flags:\s*(\d+)", info.read()).group(1), 8)
                self.assertTrue(flags & os.O_CLOEXEC)
                self.assertTrue(flags & os.O_NONBLOCK)

    def test_connections_that_came_before_it_are_answered(self):
        with contextlib.closing(listening()) as one, \
                socket.create_connection(one.getsockname(), timeout=DEADLINE) as early:
            early.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            with Process(self.config('listen: "systemd:web"'), [one], ["web"]):
                received = b""
                while chunk := early.recv(65536):
                    received += chunk
                self.assertIn(b" 200 OK", received)

    @unittest.skipUnless(shutil.which("systemd-socket-activate"), "systemd is not installed")
    def test_systemds_own_program_passes_them(self):
        path = self.path("b.sock")
        config = self.config('listen: "systemd:web"')
        parent = subprocess.Popen(
            ["systemd-socket-activate", "-l", path, "--fdname=web", bourse.PROGRAM, "serve", config,
             "--plugins", bourse.PLUGINS], stderr=subprocess.PIPE, text=True)
        try:
            while "Listening on" not in (line := parent.stderr.readline()):
                self.assertTrue(line, "it ended")
            self.assertEqual(ask(path)[0], 200)  # which starts the server
        finally:
            parent.terminate()
            parent.communicate(timeout=DEADLINE)
        self.assertEqual(parent.returncode, 0)


class Upgrade(Sockets):
    """The socket stays with the parent: while one server ends and the next begins, clients wait."""

    def test_no_request_is_refused_or_lost(self):
        path = self.path("b.sock")
        tcp, local = listening(), listening(path)
        config = self.config('listen: "systemd:web", shutdown: {grace: 10s}')
        stop = threading.Event()
        answers = {"tcp": [], "unix": []}

        def client(kind, where):
            while not stop.is_set():
                try:
                    answers[kind].append(ask(where, "/t/BTCUSDT?limit=1")[0])
                except OSError as error:
                    answers[kind].append(repr(error))
                except http.client.HTTPException as error:
                    answers[kind].append(repr(error))

        with contextlib.closing(tcp), contextlib.closing(local):
            start = lambda: Process(config, [tcp, local], ["web", "web"])  # noqa: E731
            server = start()
            server.where()
            threads = [threading.Thread(target=client, args=of) for of in
                       (("tcp", tcp.getsockname()[1]), ("unix", path)) * 3]
            for thread in threads:
                thread.start()
            try:
                for _ in range(6):
                    before = len(answers["tcp"]), len(answers["unix"])
                    end = time.monotonic() + DEADLINE
                    while (len(answers["tcp"]) < before[0] + 20 or
                           len(answers["unix"]) < before[1] + 20) and time.monotonic() < end:
                        time.sleep(0.001)
                    self.assertEqual(server.end(), 0, server.log())
                    server = start()
                    server.where()
            finally:
                stop.set()
                for thread in threads:
                    thread.join(DEADLINE)
                server.end()
        for kind, all_of in answers.items():
            self.assertGreater(len(all_of), 100)
            self.assertEqual([a for a in all_of if a != 200], [], kind)


class Notification(Sockets):
    def manager(self, name=None):
        made = Manager(name or self.path("notify"))
        self.addCleanup(made.close)
        return made

    def test_ready_is_told_when_it_accepts_and_stopping_when_it_ends(self):
        for name in (None, f"@bourse-test-{os.getpid()}"):
            manager = self.manager(name)
            path = self.path("b.sock")
            server = Process(self.config(f'listen: "unix:{path}", admin: "127.0.0.1:0", '
                                         'shutdown: {delay: 0s, grace: 7s}'), env=manager.env)
            message = manager.hear()
            self.assertEqual(ask(path)[0], 200)
            self.assertEqual(message, {"READY": "1", "STATUS": f"1 routes on unix:{path}"})
            server.process.send_signal(signal.SIGTERM)
            message = manager.hear()
            self.assertEqual((message["STOPPING"], message["STATUS"]), ("1", "stopping"))
            self.assertGreater(int(message["EXTEND_TIMEOUT_USEC"]), 7_000_000)
            self.assertEqual(server.process.wait(DEADLINE), 0)
            server.end()
            self.assertIsNone(manager.hear(0))

    def test_a_reload_is_told_from_its_beginning_to_its_end_taken_or_refused(self):
        manager = self.manager()
        path = self.path("b.sock")
        config = self.config(f'listen: "unix:{path}"')
        with Process(config, env=manager.env) as server:
            self.assertEqual(manager.hear()["STATUS"], f"1 routes on unix:{path}")
            for rest, routes in ((REST.replace("[{", '[{path: "/u", run: technical, params: '
                                               '{symbol: BTCUSDT}, format: csv}, {'), 2),
                                 (REST.replace("csv", "nonsense"), 2), (REST, 1)):
                self.assertEqual(self.config(f'listen: "unix:{path}"', rest), config)
                server.process.send_signal(signal.SIGHUP)
                begun = manager.hear()
                self.assertEqual(begun["RELOADING"], "1")
                self.assertLessEqual(int(begun["MONOTONIC_USEC"]),
                                     time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)
                self.assertEqual(manager.hear(),
                                 {"READY": "1", "STATUS": f"{routes} routes on unix:{path}"})
        self.assertIn("reload_refused", server.log())

    def test_ready_is_never_told_by_what_cannot_serve(self):
        manager = self.manager()
        with contextlib.closing(listening()) as taken:
            port = taken.getsockname()[1]
            self.refused(self.config(f'listen: "127.0.0.1:{port}"'), env=manager.env)
            self.refused(self.config(f'listen: "127.0.0.1:0", admin: "127.0.0.1:{port}"'),
                         env=manager.env)
        self.refused(self.config('lisen: "127.0.0.1:0"'), env=manager.env)
        self.assertIsNone(manager.hear(0))

    def test_a_manager_that_is_gone_is_a_line_in_the_log(self):
        with Process(self.config('listen: "127.0.0.1:0"'),
                     env={"NOTIFY_SOCKET": self.path("nobody")}) as server:
            server.where()
        self.assertIn('it was not told \\"READY=1\\": No such file or directory', server.log())


PTRACE_CONT, PTRACE_ATTACH, PTRACE_DETACH = 7, 16, 17
WALL = 0x40000000


def hold(thread):
    """Stops one thread of a child; returns how to let it go on. Null where that is not allowed."""
    libc = ctypes.CDLL(ctypes.util.find_library("c"), use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    libc.ptrace.restype = ctypes.c_long
    if libc.ptrace(PTRACE_ATTACH, thread, None, None) != 0:
        return None
    os.waitpid(thread, WALL)
    return lambda: libc.ptrace(PTRACE_DETACH, thread, None, None)


class Watchdog(Sockets):
    def start(self, usec, server='listen: "127.0.0.1:0"', rest=REST, **options):
        self.manager = Manager(self.path("notify"))
        self.addCleanup(self.manager.close)
        env = {**self.manager.env, "WATCHDOG_USEC": str(usec)}
        started = Process(self.config(server, rest), env=env, **options)
        self.addCleanup(started.end)
        self.manager.hear_until("READY")  # by then all its own threads are there
        return started

    def drain(self):
        while self.manager.hear(0):
            pass

    def test_signs_of_life_come_at_half_the_time(self):
        self.start(1_000_000)
        self.manager.hear_until("WATCHDOG")
        begin = time.monotonic()
        for _ in range(4):
            self.manager.hear_until("WATCHDOG")
        self.assertGreater(time.monotonic() - begin, 4 * 0.5 - 0.3)
        self.assertLess(time.monotonic() - begin, 4 * 1.0, "an idle server is alive")

    def test_no_sign_is_sent_when_the_watchdog_is_for_another_process(self):
        manager = Manager(self.path("notify"))
        self.addCleanup(manager.close)
        with Process(self.config('listen: "127.0.0.1:0"'), env={
                **manager.env, "WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1"}) as server:
            server.where()
            manager.hear_until("READY")
            self.assertIsNone(manager.hear(0.3))

    @staticmethod
    def threads(server):
        """{number: name} of its threads."""
        tasks = f"/proc/{server.process.pid}/task"
        names = {}
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/comm", encoding="ascii") as file:
                names[int(task)] = file.read().strip()
        return names

    def check_held(self, server, threads, words):
        """No sign of life comes while these are held, the log says what is stuck, and then signs come again."""
        self.assertTrue(threads, "no such thread")
        let_go = [hold(thread) for thread in threads]
        if None in let_go:
            self.skipTest("ptrace is not allowed here")
        try:
            end = time.monotonic() + DEADLINE
            waiting = threading.Thread(target=ask, args=(self.port(server), "/t/ETHUSDT"), daemon=True)
            waiting.start()
            while " stuck " not in server.log() and time.monotonic() < end:
                time.sleep(0.01)
            while self.manager.hear(0):
                pass
            self.assertIsNone(self.manager.hear(1), "five halves")
            self.assertRegex(server.log(), words)
        finally:
            for go_on in let_go:
                go_on()
        waiting.join(DEADLINE)
        self.manager.hear_until("WATCHDOG")
        self.assertEqual(len(re.findall(" stuck ", server.log())), 1)

    @staticmethod
    def port(server):
        return int(server.where()[0].rpartition(":")[2])

    def test_no_sign_comes_while_the_io_thread_is_held(self):
        server = self.start(400_000)
        threads = [n for n, name in self.threads(server).items() if name == "bourse-io"]
        self.check_held(server, threads, r'stuck what="I/O thread 1"')

    def test_no_sign_comes_while_the_accepting_thread_is_held(self):
        server = self.start(400_000)
        threads = [n for n, name in self.threads(server).items() if name == "bourse-accept"]
        self.check_held(server, threads, r'stuck what="the accepting thread"')

    def test_no_sign_comes_while_requests_wait_for_workers_that_stand_still(self):
        server = self.start(400_000, 'listen: "127.0.0.1:0", workers: 1, waiting-threads: 1')
        before = set(self.threads(server))
        self.assertEqual(ask(self.port(server), "/t/BTCUSDT")[0], 200)
        workers = set(self.threads(server)) - before
        self.check_held(server, sorted(workers), r'stuck what="the workers, for whom \d+ requests wait"')

    def test_a_worker_that_stands_still_while_nobody_waits_is_no_harm(self):
        server = self.start(400_000, 'listen: "127.0.0.1:0", workers: 1, waiting-threads: 1')
        before = set(self.threads(server))
        self.assertEqual(ask(self.port(server), "/t/BTCUSDT")[0], 200)
        workers = sorted(set(self.threads(server)) - before)
        let_go = [hold(thread) for thread in workers]
        if None in let_go:
            self.skipTest("ptrace is not allowed here")
        try:
            for _ in range(4):
                self.manager.hear_until("WATCHDOG")
        finally:
            for go_on in let_go:
                go_on()


class Howto(Sockets):
    """docs/howto/systemd.md: what its units say is what the server does."""

    def setUp(self):
        super().setUp()
        with open(HOWTO, encoding="utf-8") as file:
            text = file.read()
        self.units = {}
        for name, body in re.findall(r"^```ini\n# /etc/systemd/system/(\S+)\n(.*?)^```$", text, re.M | re.S):
            self.units[name] = [line.partition("=")[::2] for line in body.split("\n") if "=" in line]
        self.text = text
        self.yaml, = re.findall(r"^```yaml\n(.*?)^```$", text, re.M | re.S)

    def values(self, unit, key):
        return [value for name, value in self.units[unit] if name == key]

    def test_the_service_is_started_as_its_units_say(self):
        self.assertEqual(sorted(self.units), ["bourse.service", "bourse.socket"])
        self.assertEqual(self.values("bourse.service", "Type"), ["notify"])
        self.assertEqual(self.values("bourse.socket", "Accept"), [])
        start, = self.values("bourse.service", "ExecStart")
        self.assertRegex(start, r"^/usr/bin/bourse serve \S+$")
        # As systemd does: each ListenStream= is a socket, by the name of the unit.
        made = []
        for number, stream in enumerate(self.values("bourse.socket", "ListenStream")):
            made.append(listening(self.path(f"{number}.sock") if stream.startswith("/") else None))
        self.assertGreater(len(made), 1)
        config = bourse.write_config(self.folder, "bourse: 1\n" + self.yaml.replace(
            "/run/bourse/", self.folder + "/"))
        self.assertIn("/run/bourse/", self.yaml)
        watchdog = float(self.values("bourse.service", "WatchdogSec")[0].removesuffix("s"))
        manager = Manager(self.path("notify"))
        self.addCleanup(manager.close)
        with contextlib.ExitStack() as stack:
            for one in made:
                stack.enter_context(contextlib.closing(one))
            stack.enter_context(Process(config, made, ["bourse.socket"] * len(made), env={
                **manager.env, "WATCHDOG_USEC": str(int(watchdog * 1e6))}))
            status = manager.hear_until("READY")["STATUS"]
            for one in made:
                where = one.getsockname()
                self.assertIn("unix:" + where if isinstance(where, str) else str(where[1]), status)
                self.assertEqual(ask(where if isinstance(where, str) else where[1])[0], 200)
            self.assertEqual(ask(self.path("admin.sock"), "/readyz")[0], 200)
            # What systemctl reload runs waits for the end, and says why where it is refused.
            command, = self.values("bourse.service", "ExecReload")
            command = command.replace("/run/bourse/", self.folder + "/").split()
            good = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(good.returncode, 0, good.stdout + good.stderr)
            self.assertIn('"generation": 2', good.stdout.replace('":2', '": 2'))
            with open(config, "a", encoding="utf-8") as file:
                file.write("nonsense: 1\n")
            bad = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(bad.returncode, 22, bad.stdout + bad.stderr)
            self.assertIn("nonsense", bad.stdout)

    def test_the_watchdog_waits_longer_than_a_call_may_take(self):
        watchdog = float(self.values("bourse.service", "WatchdogSec")[0].removesuffix("s"))
        deadlines = [float(n) for n in re.findall(r"deadline: (\d+)s", self.yaml)] or [5]
        self.assertGreater(watchdog, 2 * max(deadlines))

    @unittest.skipUnless(shutil.which("systemd-analyze"), "systemd is not installed")
    def test_systemd_understands_the_units(self):
        for name, lines in self.units.items():
            body = re.search(rf"^```ini\n# /etc/systemd/system/{re.escape(name)}\n(.*?)^```$", self.text,
                             re.M | re.S).group(1).replace("/usr/bin/bourse", bourse.PROGRAM)
            with open(self.path(name), "w", encoding="utf-8") as file:
                file.write(body)
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", self.path("bourse.socket"),
                               self.path("bourse.service")], capture_output=True, text=True,
                              timeout=DEADLINE, check=False)
        own = [line for line in done.stderr.split("\n") if "bourse" in line]
        self.assertEqual(own, [], done.stderr)


if __name__ == "__main__":
    unittest.main()
