# SPDX-License-Identifier: MIT
"""The nginx of docker/, run by this machine's nginx, in front of servers that the tests control.

The files are used as they are; only what is a place is replaced: addresses, ports, folders. And `http2 on` where this
machine's nginx is older than the image that compose.prod.yaml names, as Debian 12's is.
"""
import http.client
import http.server
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDER = os.path.join(ROOT, "docker", "nginx")
DEADLINE_SECONDS = 30
LIMITS = {"NGINX_RATE": "1", "NGINX_BURST": "1000", "NGINX_CONNECTIONS": "100", "NGINX_HTTPS_PORT": "443"}


def program():
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def version():
    words = subprocess.run([program(), "-v"], capture_output=True, text=True, check=True).stderr
    return tuple(int(number) for number in re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", words).groups())


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Upstream:
    """Stands for Bourse: says what it was asked, and misbehaves on request."""

    def __init__(self, port=0):
        upstream = self
        self.requests = []  # (request line, headers as a list of pairs)
        self.connections = 0
        self.release = threading.Event()  # lets /hang answer

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                upstream.connections += 1

            def do_GET(self):
                upstream.requests.append((self.requestline, self.headers.items()))
                path = self.requestline.split(" ")[1]
                if path == "/break":
                    self.close_connection = True
                    return
                if path.startswith("/events"):
                    return self.tell()
                if path == "/hang":
                    upstream.release.wait(DEADLINE_SECONDS)
                status, headers, body = 200, {}, json.dumps({"asked": path, "padding": "x" * 3000})
                if path == "/busy":
                    status, headers, body = 503, {"Retry-After": "7"}, '{"code":"overloaded"}'
                if path == "/page":
                    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'sha256-x'",
                               "X-Content-Type-Options": "nosniff", "Referrer-Policy": "origin"}
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("X-Request-Id", self.headers.get("X-Request-Id", "none"))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body.encode())

            def tell(self):
                """An event, and one more when the test lets go."""
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream; charset=utf-8")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for event in (b"data: 1\n\n", b"data: 2\n\n"):
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))
                    self.wfile.flush()
                    upstream.release.wait(DEADLINE_SECONDS)
                self.wfile.write(b"0\r\n\r\n")

            do_HEAD = do_POST = do_OPTIONS = do_GET

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request, client_address):
                pass  # nginx going away is no error here

        self.server = Server(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def stop(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Nginx:
    def __init__(self, ports, tls=False, limits=None):
        """`ports`: of the two servers behind it."""
        self.folder = tempfile.mkdtemp(prefix="bourse-nginx-")
        self.port = free_port()
        self.tls_port = free_port()
        self.probe_port = free_port()
        self.tls = tls
        for name in os.listdir(FOLDER):
            source = os.path.join(FOLDER, name)
            if os.path.isdir(source):
                shutil.copytree(source, os.path.join(self.folder, name))
            else:
                shutil.copy(source, self.folder)
        os.mkdir(os.path.join(self.folder, "conf.d"))
        variables = {**LIMITS, **(limits or {}), "NGINX_SERVER": "https" if tls else "http"}
        for name in os.listdir(os.path.join(self.folder, "templates")):
            self._fill(name, variables)
        for folder, _, names in os.walk(self.folder):
            for name in names:
                self._place(os.path.join(folder, name), ports)
        if tls:
            os.mkdir(os.path.join(self.folder, "tls"))
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                            "-nodes", "-days", "2", "-subj", "/CN=localhost",
                            "-keyout", f"{self.folder}/tls/privkey.pem", "-out", f"{self.folder}/tls/fullchain.pem"],
                           check=True, capture_output=True)
        self.process = None

    def _fill(self, name, variables):
        """What the image's entrypoint does."""
        with open(os.path.join(self.folder, "templates", name), encoding="utf-8") as file:
            text = file.read()
        for variable, value in variables.items():
            text = text.replace("${" + variable + "}", value)
        assert "${" not in text, text
        with open(os.path.join(self.folder, "conf.d", name.removesuffix(".template")), "w",
                  encoding="utf-8") as file:
            file.write(text)

    def _place(self, path, ports):
        with open(path, encoding="utf-8") as file:
            text = file.read()
        text = (text.replace("/etc/nginx/bourse/", self.folder + "/")
                .replace("/etc/nginx/", self.folder + "/")
                .replace("pid /tmp/", f"pid {self.folder}/")
                .replace("_temp_path /tmp/", f"_temp_path {self.folder}/temp_")
                .replace("/dev/stdout", f"{self.folder}/access.log")
                .replace("/dev/stderr", f"{self.folder}/error.log")
                .replace("listen 127.0.0.1:8081", f"listen 127.0.0.1:{self.probe_port}")
                .replace("listen 8080", f"listen 127.0.0.1:{self.port}")
                .replace("listen 8443", f"listen 127.0.0.1:{self.tls_port}")
                .replace("bourse-1:8080", f"127.0.0.1:{ports[0]}")
                .replace("bourse-2:8080", f"127.0.0.1:{ports[1]}"))
        if version() < (1, 25, 1):
            text = re.sub(r"(listen [^;]+ ssl)( [^;]*;)\n\s*http2 on;", r"\1 http2\2", text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def check(self):
        done = subprocess.run([program(), "-t", "-c", f"{self.folder}/nginx.conf", "-e", f"{self.folder}/error.log"],
                              capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)
        return done.returncode, done.stderr

    def start(self):
        self.process = subprocess.Popen(
            [program(), "-c", f"{self.folder}/nginx.conf", "-e", f"{self.folder}/error.log",
             "-g", "daemon off;"], stderr=subprocess.DEVNULL)
        end = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.01)
        raise AssertionError("nginx did not start:\n" + self.errors())

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(DEADLINE_SECONDS)
        shutil.rmtree(self.folder)

    def errors(self):
        with open(os.path.join(self.folder, "error.log"), encoding="utf-8") as file:
            return file.read()

    def log(self, count):
        """The first `count` lines of the access log, each read as JSON; they are written after the answers."""
        end = time.monotonic() + DEADLINE_SECONDS
        while True:
            with open(os.path.join(self.folder, "access.log"), encoding="utf-8") as file:
                lines = file.read().splitlines()
            if len(lines) >= count or time.monotonic() > end:
                return [json.loads(line) for line in lines]
            time.sleep(0.01)

    def ask(self, target, headers=(), method="GET", client="127.0.0.1", secure=False, body=None):
        """Returns (status, headers as a list of pairs with lower-case names, body)."""
        if secure:
            context = ssl.create_default_context(cafile=f"{self.folder}/tls/fullchain.pem")
            context.check_hostname = False
            connection = http.client.HTTPSConnection("127.0.0.1", self.tls_port, timeout=DEADLINE_SECONDS,
                                                     context=context, source_address=(client, 0))
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE_SECONDS,
                                                    source_address=(client, 0))
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer.status, [(k.lower(), v) for k, v in answer.getheaders()], answer.read()
        finally:
            connection.close()

    def raw(self, data):
        """Sends bytes and returns (status, text of the body) of what comes until nginx closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=DEADLINE_SECONDS) as s:
            s.sendall(data)
            received = b""
            try:
                while chunk := s.recv(65536):
                    received += chunk
            except ConnectionResetError:
                pass  # nginx does not read what it has refused
        head, _, body = received.partition(b"\r\n\r\n")
        found = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
        return int(found.group(1)) if found else None, body.decode()
