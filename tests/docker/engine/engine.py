# SPDX-License-Identifier: MIT
"""What the tests with a container engine have in common."""
import collections
import http.client
import json
import os
import random
import re
import shutil
import socket
import socketserver
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
DOCKER = os.path.join(ROOT, "docker")
IMAGE = os.environ.pop("BOURSE_IMAGE")  # out of the environment, where it would go before .env
DEADLINE_SECONDS = 120
HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true", "--pids-limit", "128",
            "--memory", "512m")


def docker(*words, check=True, env=None, cwd=None, stdin=None):
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=600, cwd=cwd, input=stdin,
                          env={**os.environ, **(env or {})}, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"docker {' '.join(words)} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
    return done


def inspect(name, template):
    return docker("inspect", "--format", template, name).stdout.strip()


def note(**measured):
    """A figure for people; tests hold only limits."""
    print("  measured: " + ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in measured.items()), flush=True)


def base_argument():
    """For an engine that cannot reach where the base image comes from (tests/docker/run)."""
    base = os.environ.get("BOURSE_TEST_BASE")
    return ("--build-arg", f"BASE={base}") if base else ()


_probe = {}


def probe_image():
    """An image with nothing but busybox: a way to look around where there is no shell."""
    if "image" not in _probe:
        docker("build", "--quiet", "--tag", "bourse-probe", *base_argument(), "-", stdin="""
ARG BASE=debian:bookworm-slim@sha256:88200866dfff7ea7f5cbcb6ec7c8a701889efe6fe859fe64d6990e4b07ea4171
FROM ${BASE} AS debian
RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends busybox-static
FROM scratch
COPY --from=debian /bin/busybox /busybox
ENTRYPOINT ["/busybox"]
""")
        _probe["image"] = "bourse-probe"
    return _probe["image"]


def probe_file(case):
    """busybox as a file of this machine, to be mounted into a container under test."""
    folder = tempfile.mkdtemp(prefix="bourse-probe-")
    case.addClassCleanup(shutil.rmtree, folder) if isinstance(case, type) else case.addCleanup(shutil.rmtree, folder)
    made = docker("create", probe_image()).stdout.strip()
    docker("cp", f"{made}:/busybox", os.path.join(folder, "busybox"))
    docker("rm", made)
    return os.path.join(folder, "busybox")


def signal_main(signal, *containers):
    """As the kernel's memory killer does it: not by the engine, which would then not start them again."""
    pids = [inspect(container, "{{.State.Pid}}") for container in containers]
    docker("run", "--rm", "--pid", "host", "--cap-add", "KILL", probe_image(), "kill", signal, *pids)


def memory(container):
    """(resident now, most that ever was) of its process 1, in MB"""
    pid = inspect(container, "{{.State.Pid}}")
    text = docker("run", "--rm", "--pid", "host", probe_image(), "cat", f"/proc/{pid}/status").stdout
    return tuple(int(re.search(rf"{name}:\s+(\d+)", text)[1]) // 1024 for name in ("VmRSS", "VmHWM"))


def ask(port, target, headers=(), timeout=20):
    """(status, headers with lower-case names, body)"""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", target, headers=dict(headers))
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def free_ports(count):
    """Beyond those that systems give to clients, so that nobody takes one meanwhile."""
    found = []
    for port in random.sample(range(20000, 32000), 200):
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free ports")


def until(what, holds, seconds=DEADLINE_SECONDS):
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.05)


class Load:
    """Clients that ask again and again, and remember what they got. A context manager."""

    def __init__(self, port, target="/api/v1/BTCUSDT/technical?limit=50", clients=4):
        self.port, self.target = port, target
        self.outcomes = collections.Counter()
        self.slowest = 0.0
        self.lock = threading.Lock()
        self.done = threading.Event()
        self.threads = [threading.Thread(target=self.run) for _ in range(clients)]

    def run(self):
        while not self.done.is_set():
            start = time.monotonic()
            try:
                status, headers, body = ask(self.port, self.target)
                problem = headers.get("content-type") == "application/problem+json"
                outcome = f"{status} {json.loads(body)['code']}" if problem else status
            except (OSError, http.client.HTTPException) as e:
                outcome = type(e).__name__
                self.done.wait(0.02)
            with self.lock:
                self.outcomes[outcome] += 1
                self.slowest = max(self.slowest, time.monotonic() - start)

    def count(self):
        with self.lock:
            return sum(self.outcomes.values())

    def more(self, number=50):
        """Waits for so many more answers."""
        target = self.count() + number
        until("answers under load", lambda: self.count() >= target)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        self.more(20)
        return self

    def __exit__(self, kind, value, trace):
        self.done.set()
        for thread in self.threads:
            thread.join()


class StandIn:
    """A proxy that leads every tunnel to a server of its own, which has a certificate for `host` that nobody
    knows and answers every request with {}. A context manager."""

    def __init__(self, host):
        self.folder = tempfile.mkdtemp(prefix="bourse-stand-in-")
        self.certificate, key = (os.path.join(self.folder, name) for name in ("certificate.pem", "key.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}",
                        "-keyout", key, "-out", self.certificate], check=True, capture_output=True)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.certificate, key)
        stand_in = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    self.head(self.rfile)
                    self.request.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                    with stand_in.context.wrap_socket(self.request, server_side=True) as tls, tls.makefile("rb") as lines:
                        while self.head(lines):
                            tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                                        b"Content-Length: 2\r\n\r\n{}")
                except OSError:
                    pass  # a client that does not trust us leaves

            @staticmethod
            def head(lines):
                """Whether there was one."""
                first = line = lines.readline()
                while line.strip():
                    line = lines.readline()
                return first

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, kind, value, trace):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        shutil.rmtree(self.folder)


class Composed(unittest.TestCase):
    """A copy of docker/ in a folder of its own, with its own project, network and port."""
    files = "compose.prod.yaml"
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="bourse-compose-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.docker_folder = os.path.join(cls.folder, "docker")
        shutil.copytree(DOCKER, cls.docker_folder, ignore=shutil.ignore_patterns(".env", "secrets", "tls", "plugins"))
        shutil.copytree(os.path.join(ROOT, "config"), os.path.join(cls.folder, "config"))
        os.chmod(cls.folder, 0o755)
        os.mkdir(os.path.join(cls.docker_folder, "plugins"), 0o755)
        cls.project = "bourse-test-" + cls.__name__.lower()
        # Fixed ones: an engine's own choice changes when a container is started again.
        cls.port, cls.tls_port = free_ports(2)
        cls.prepare()
        settings = {"COMPOSE_FILE": cls.files, "BOURSE_SIGNED_BY": "nobody", "COMPOSE_PROJECT_NAME": cls.project, "BOURSE_IMAGE": IMAGE,
                    "BOURSE_SOURCE": "synthetic", "BOURSE_SUBNET": f"172.16.{random.randrange(100, 250)}",
                    "HTTP_ADDRESS": "127.0.0.1", "HTTP_PORT": str(cls.port), "HTTPS_PORT": str(cls.tls_port),
                    "BOURSE_PORT": str(cls.port), **cls.settings}
        if "BOURSE_TEST_NGINX" in os.environ:
            settings["NGINX_IMAGE"] = os.environ["BOURSE_TEST_NGINX"]
        with open(os.path.join(cls.docker_folder, ".env"), "w", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in settings.items())
        cls.addClassCleanup(cls.compose, "down", "--volumes", "--timeout", "20")
        start = time.monotonic()
        cls.compose("up", "--detach", "--wait", "--no-build", "--wait-timeout", "120")
        note(up_and_healthy=f"{time.monotonic() - start:.1f} s")

    @classmethod
    def prepare(cls):
        """For files that must be there before anything starts."""

    @classmethod
    def compose(cls, *words, check=True):
        return docker("compose", *words, cwd=cls.docker_folder, check=check, env={"COMPOSE_PROGRESS": "plain"})

    @classmethod
    def container(cls, service):
        return cls.compose("ps", "--all", "--quiet", service).stdout.strip()


    def setting(self, name):
        with open(os.path.join(self.docker_folder, ".env"), encoding="utf-8") as file:
            return dict(line.rstrip("\n").split(" #")[0].split("=", 1) for line in file)[name]

    def await_health(self, service):
        until(f"{service} healthy again",
              lambda: inspect(self.container(service), "{{.State.Health.Status}}") == "healthy")


def logged(container):
    """The lines of JSON that a container has written."""
    done = docker("logs", container)
    return [json.loads(line) for line in (done.stdout + done.stderr).splitlines() if line.startswith("{")]
