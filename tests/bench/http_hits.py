#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""CPU per answer that is known already, beside nginx serving the same bytes as files.

    tests/bench/http_hits.py build/bench [--log] [--rounds 5] [--only 304]

Starts `bourse serve` with two kept answers, about 2 kB and about 100 kB, gives nginx the same bytes
as files, and lets wrk load the two in turns: each size whole, and the small one as a 304 (the
client has it: If-None-Match). One thread of I/O on each side. Without --log neither writes an
access log; with it both write a line a request to a file, nginx as Debian has it: unbuffered.
CPU is user and system time of the whole process tree, divided by the requests that wrk counted.
The ratio of one run is what counts, and its median over the rounds; exits 1 if one is missed.
Needs nginx and wrk.

    tests/bench/http_hits.py build/bench --flat 10000000

asks for the small answer so many times instead, and says how much memory the server holds on the
way; exits 1 if it grew by more than a megabyte after the first tenth.

    tests/bench/http_hits.py build/bench --threads 2

measures how many more answers two threads of I/O give than one.
"""

import argparse
import contextlib
import http.client
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

from http_health import Measured, free_port, running, wait_until_open

# What is asked, the header that is sent with it, and the ratio to nginx that is allowed.
SMALL, LARGE = "/t/BTCUSDT.csv?limit=4", "/t/BTCUSDT.csv?limit=234"
ALLOWED = {"small": 0.85, "large": 1.0, "304": 0.7}
GROWTH_KB_MAX = 1024
NGINX_BINARY = shutil.which("nginx") or "/usr/sbin/nginx"

CONFIG = """
bourse: 1
server: {{listen: "127.0.0.1:{port}", io-threads: {threads}}}
log: {{level: {level}}}
sources: {{market: {{use: synthetic}}}}
defaults: {{source: market, cache: {{fresh: 24h}}}}
routes:
  - {{path: "/t/{{symbol}}", run: technical, formats: [csv, json]}}
"""

NGINX = """
daemon off; worker_processes 1; pid {root}/pid; error_log {root}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log {log}; sendfile {sendfile}; tcp_nopush on; keepalive_requests 1000000000;
  default_type "text/csv; charset=utf-8"; types {{ }}
  client_body_temp_path {root}/t1; proxy_temp_path {root}/t2; fastcgi_temp_path {root}/t3;
  uwsgi_temp_path {root}/t4; scgi_temp_path {root}/t5;
  open_file_cache max=10; open_file_cache_valid 60s;
  server {{ listen 127.0.0.1:{port}; root {root}/files; }}
}}
"""


def fetch(port, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


def memory_kb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s*(\d+)", status)[1])


class Case:
    """The same answer of both servers; `tagged`: the client has it already."""

    def __init__(self, name, path, file, tagged):
        self.name, self.path, self.file, self.tagged = name, path, file, tagged
        self.ours, self.theirs = [], []

    def header(self, port, path):
        status, headers, body = fetch(port, path)
        if status != 200:
            sys.exit(f"GET {path} answered {status}")
        self.bytes = 0 if self.tagged else len(body)
        if not self.tagged:
            return []
        tag = headers["ETag"]
        if fetch(port, path, {"If-None-Match": tag})[0] != 304:
            sys.exit(f"{path} is no 304 for its own tag")
        return ["-H", f"If-None-Match: {tag}"]

    def measure(self, arguments, program, nginx):
        for (pid, port), path, results in ((nginx, self.file, self.theirs),
                                           (program, self.path, self.ours)):
            results.append(Measured(pid, port, path, arguments.connections, arguments.seconds,
                                    self.header(port, path)))

    def ratios(self):
        return [our.cpu_us / their.cpu_us for our, their in zip(self.ours, self.theirs)]


def show(case):
    ratios = case.ratios()
    ratio = statistics.median(ratios)
    median = lambda results, what: statistics.median(getattr(one, what) for one in results)
    print(f"{case.name:>6} {case.bytes:>7} {median(case.theirs, 'cpu_us'):>9.2f} "
          f"{median(case.ours, 'cpu_us'):>8.2f} {ratio:>6.2f} {min(ratios):>5.2f} {max(ratios):>5.2f}"
          f" {ALLOWED[case.name]:>8.2f} {median(case.theirs, 'rate'):>9.0f} {median(case.ours, 'rate'):>9.0f}",
          flush=True)
    return ratio <= ALLOWED[case.name]


@contextlib.contextmanager
def bourse(build, root, threads, log):
    """Its process and port. What it logs goes to a file, as nginx's log does."""
    port = free_port()
    config = root / "bourse.yaml"
    config.write_text(CONFIG.format(port=port, threads=threads, level="info" if log else "warn"))
    with open(root / "bourse.log", "wb") as lines, \
            running([str(build / "bin" / "bourse"), "serve", str(config)], stderr=lines) as program:
        wait_until_open(port)
        yield program.pid, port


@contextlib.contextmanager
def nginx(root, log, sendfile, files):
    root.chmod(0o755)  # its worker may run as another user
    (root / "files").mkdir()
    for name, body in files.items():
        (root / "files" / name).write_bytes(body)
    port = free_port()
    config = root / "nginx.conf"
    config.write_text(NGINX.format(root=root, port=port, sendfile="on" if sendfile else "off",
                                   log=f"{root}/access.log" if log else "off"))
    with running([NGINX_BINARY, "-c", str(config), "-p", str(root)], stderr=subprocess.DEVNULL) as program:
        wait_until_open(port)
        yield program.pid, port


def compare(arguments, root):
    cases = [Case("small", SMALL, "/small", False), Case("large", LARGE, "/large", False),
             Case("304", SMALL, "/small", True)]
    cases = [case for case in cases if arguments.only in (None, case.name)]
    with bourse(arguments.build, root, 1, arguments.log) as program:
        files = {"small": fetch(program[1], SMALL)[2], "large": fetch(program[1], LARGE)[2]}
        with nginx(root, arguments.log, not arguments.no_sendfile, files) as other:
            for _ in range(arguments.rounds):
                for case in cases:
                    case.measure(arguments, program, other)
    print(f"{arguments.connections} connections, one thread of I/O each, medians of "
          f"{arguments.rounds} rounds, access log {'to a file' if arguments.log else 'off'} on both sides")
    print(f"{'':>6} {'bytes':>7} {'nginx us':>9} {'ours us':>8} {'ratio':>6} {'least':>5} {'most':>5} "
          f"{'allowed':>8} {'nginx/s':>9} {'ours/s':>9}")
    return all([show(case) for case in cases])


def flat(arguments, root):
    """Memory while one answer is given many times."""
    with bourse(arguments.build, root, 1, arguments.log) as (pid, port):
        idle = memory_kb(pid)
        fetch(port, SMALL)
        asked, sizes = 0, []
        while asked < arguments.flat:
            done = Measured(pid, port, SMALL, arguments.connections, arguments.seconds)
            asked += done.requests
            sizes.append((asked, memory_kb(pid)))
    print(f"idle {idle} kB")
    for count, size in sizes:
        print(f"{count:>12} answers {size:>8} kB")
    base = next(size for count, size in sizes if count >= arguments.flat / 10)
    growth = max(size for _, size in sizes) - base
    print(f"grew by {growth} kB after the first tenth, allowed {GROWTH_KB_MAX}")
    return growth <= GROWTH_KB_MAX


def scale(arguments, root):
    """How many more answers several threads of I/O give than one, in turns."""
    gains = []
    for number in range(1, arguments.rounds + 1):
        rates = []
        for threads in (1, arguments.threads):
            with bourse(arguments.build, root, threads, arguments.log) as (pid, port):
                fetch(port, SMALL)
                rates.append(Measured(pid, port, SMALL, arguments.connections, arguments.seconds))
        one, many = rates
        gains.append(many.rate / one.rate)
        print(f"{number:>5} one thread {one.rate:>9.0f}/s {one.cpu_us:>6.2f} us, {arguments.threads} threads "
              f"{many.rate:>9.0f}/s {many.cpu_us:>6.2f} us, {gains[-1]:.2f} as many", flush=True)
    print(f"median {statistics.median(gains):.2f} on {os.cpu_count()} processors, of which wrk takes what it needs")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("build", type=pathlib.Path, help="build folder")
    parser.add_argument("--log", action="store_true", help="both write an access log to a file")
    parser.add_argument("--only", choices=ALLOWED, help="one case")
    parser.add_argument("--flat", type=int, metavar="N", help="memory over N answers instead")
    parser.add_argument("--threads", type=int, metavar="N", help="N threads beside one instead")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--no-sendfile", action="store_true",
                        help="nginx reads the file: faster for small ones, but not Debian's setting")
    arguments = parser.parse_args()
    for tool in (NGINX_BINARY, "wrk"):
        if not shutil.which(tool):
            sys.exit(f"{tool} is not installed")
    what = flat if arguments.flat else scale if arguments.threads else compare
    with tempfile.TemporaryDirectory() as folder:
        return 0 if what(arguments, pathlib.Path(folder)) else 1


if __name__ == "__main__":
    sys.exit(main())
