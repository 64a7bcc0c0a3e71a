#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU per request of a small fixed answer, beside nginx serving the same bytes as a file.

    tests/bench/http_health.py -- build/bench/bin/echo_server 127.0.0.1:0 1
    tests/bench/http_health.py --path /health -- bourse serve config/bourse.yaml

Runs the given program, which must print its port (or the line "... :PORT") first, fetches PATH once,
gives nginx the same body as a file, and lets wrk load the two in turns. nginx has one worker and no
log; the program should have one I/O thread. CPU is user and system time of the whole process tree
from /proc, divided by the requests that wrk counted. Absolute figures differ between machines and
hours; the ratio of one run is what counts. Exits 1 if the median ratio is above --at-most.
Needs nginx and wrk.
"""

import argparse
import contextlib
import http.client
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_open(port, seconds=10.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    sys.exit(f"nothing listens on port {port} after {seconds} s")


def fetch(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        sys.exit(f"GET {path} answered {answer.status}")
    return body, answer.getheader("Content-Type", "text/plain")


def tree(pid):
    """The process and all below it."""
    pids = [pid]
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = entry.read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid:
                pids += tree(int(entry.parent.name))
    return pids


def cpu_seconds(pid):
    ticks = 0
    for one in tree(pid):
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS


class Measured:
    """CPU per request, requests per second and latency of one run of wrk."""

    def __init__(self, pid, port, path, connections, seconds, more=()):
        before = cpu_seconds(pid)
        output = subprocess.run(
            ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", *more,
             f"http://127.0.0.1:{port}{path}"],
            check=True, capture_output=True, text=True).stdout
        used = cpu_seconds(pid) - before
        self.requests = int(re.search(r"(\d+) requests in", output)[1])
        wrong = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)", output)
        if wrong:
            sys.exit(f"wrk saw errors at {path}: {wrong[0]}")
        self.cpu_us = used / self.requests * 1e6
        self.rate = float(re.search(r"Requests/sec:\s*([\d.]+)", output)[1])
        self.p50 = re.search(r"^\s*50%\s+(\S+)", output, re.MULTILINE)[1]
        self.p99 = re.search(r"^\s*99%\s+(\S+)", output, re.MULTILINE)[1]


@contextlib.contextmanager
def running(command, **options):
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def nginx_config(root, port, content_type, sendfile):
    return f"""
daemon off; worker_processes 1; pid {root}/pid; error_log {root}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile {"on" if sendfile else "off"}; tcp_nopush on; keepalive_requests 1000000000;
  default_type "{content_type}"; types {{ }}
  client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; fastcgi_temp_path {root}/t3;
  uwsgi_temp_path {root}/t4; scgi_temp_path {root}/t5;
  open_file_cache max=10; open_file_cache_valid 60s;
  server {{ listen 127.0.0.1:{port}; root {root}/files; }}
}}
"""


def port_of(process):
    """The first "port=N", or number after a colon or alone, in what the program says first."""
    for line in process.stdout:
        found = re.search(r"\bport=(\d+)|(?:^|:)(\d{2,5})\s*$", line.strip())
        if found:
            # What it says later is read as well, lest it waits for a reader.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            return int(found[1] or found[2])
    sys.exit("the program ended without printing its port")


def measure(arguments, program, nginx, nginx_port):
    wait_until_open(nginx_port)
    ours, theirs = [], []
    for _ in range(arguments.rounds):
        theirs.append(Measured(nginx.pid, nginx_port, "/file", arguments.connections,
                               arguments.seconds))
        ours.append(Measured(program.pid, arguments.port, arguments.path, arguments.connections,
                             arguments.seconds))
    return ours, theirs


def show(ours, theirs):
    print(f"{'round':>5} {'nginx us':>9} {'ours us':>9} {'ratio':>6} "
          f"{'nginx/s':>9} {'ours/s':>9}  {'nginx p50 p99':>16}  {'ours p50 p99':>16}")
    ratios = []
    for number, (our, their) in enumerate(zip(ours, theirs), 1):
        ratios.append(our.cpu_us / their.cpu_us)
        print(f"{number:>5} {their.cpu_us:>9.2f} {our.cpu_us:>9.2f} {ratios[-1]:>6.2f} "
              f"{their.rate:>9.0f} {our.rate:>9.0f}  {their.p50:>8}{their.p99:>8}  "
              f"{our.p50:>8}{our.p99:>8}")
    return statistics.median(ratios)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--path", default="/fixed")
    parser.add_argument("--port", type=int, help="of the program, if it does not print it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--at-most", type=float, default=0.8, help="allowed ratio to nginx")
    parser.add_argument("--no-sendfile", action="store_true",
                        help="nginx reads the file: faster for small ones, but not Debian's setting")
    parser.add_argument("program", nargs="+", help="the server and its arguments")
    arguments = parser.parse_args()
    nginx_binary = shutil.which("nginx") or "/usr/sbin/nginx"
    for tool in (nginx_binary, "wrk"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed")

    with tempfile.TemporaryDirectory() as directory, \
            running(arguments.program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as program:
        arguments.port = arguments.port or port_of(program)
        wait_until_open(arguments.port)
        body, content_type = fetch(arguments.port, arguments.path)
        root = pathlib.Path(directory)
        root.chmod(0o755)  # nginx's worker may run as another user
        (root / "files").mkdir()
        (root / "files" / "file").write_bytes(body)
        nginx_port = free_port()
        config = root / "nginx.conf"
        config.write_text(nginx_config(root, nginx_port, content_type, not arguments.no_sendfile))
        with running([nginx_binary, "-c", str(config), "-p", directory],
                     stderr=subprocess.DEVNULL) as nginx:
            ours, theirs = measure(arguments, program, nginx, nginx_port)
    print(f"{len(body)} bytes, {arguments.connections} connections, one thread each")
    ratio = show(ours, theirs)
    print(f"median ratio {ratio:.2f}, allowed {arguments.at_most:.2f}")
    return 0 if ratio <= arguments.at_most else 1


if __name__ == "__main__":
    sys.exit(main())
