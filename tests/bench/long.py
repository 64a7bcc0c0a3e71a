#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A million rows as CSV, JSON and XML: what the server holds meanwhile, beside what it holds with nothing to do.

    tests/bench/long.py [--rows 1000000] build/bench

The report is held as columns, here three of eight bytes each; its text is sent while it is written. The client takes it as fast as it comes, and once
at 20 MB a second. The most that was resident is the kernel's own figure (VmHWM). The baseline is the same rows made and not written: one byte asked for
(`HEAD`). Exits 1 where a CSV of a million rows takes 60 MB.
"""

import argparse
import contextlib
import http.client
import pathlib
import re
import subprocess
import sys
import tempfile
import time

CONFIG = """
bourse: 1
server: {listen: "127.0.0.1:0", max-response: 256MiB}
routes: [{path: /lines, run: lines, formats: [csv, json, xml], cache: off}]
"""
BOUND = 60_000_000


def status(pid, name):
    text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(re.search(name + r":\s+(\d+)", text).group(1)) * 1024


@contextlib.contextmanager
def serving(build):
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "long.yaml"
        config.write_text(CONFIG, encoding="utf-8")
        command = [build / "bin" / "bourse", "serve", config]
        for plugins in (build / "plugins", build / "tests" / "bench"):
            command += ["--plugins", plugins]
        server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:
            port = None
            while port is None:
                line = server.stderr.readline()
                if not line:
                    raise SystemExit("the server did not start")
                port = re.search(r"listening port=(\d+)", line)
            yield server.pid, int(port.group(1))
        finally:
            server.terminate()
            server.communicate()


def fetch(port, method, target, rate):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    with contextlib.closing(connection):
        begun = time.monotonic()
        connection.request(method, target)
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"{target}: {answer.status} {answer.read(500)}")
        total = 0
        while piece := answer.read(1 << 18):
            total += len(piece)
            if rate:
                time.sleep(max(0.0, begun + total / rate - time.monotonic()))
        return total, time.monotonic() - begun


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("build", type=pathlib.Path)
    options = parser.parse_args()
    target = f"/lines?rows={options.rows}"
    missed = False
    print("| | bytes sent | most that the server held | idle before | seconds |\n|---|---|---|---|---|")
    for name, method, suffix, rate in (("`HEAD`: the rows, and nothing sent", "HEAD", "csv", 0), ("CSV", "GET", "csv", 0),
                                       ("CSV, read at 20 MB/s", "GET", "csv", 20_000_000), ("JSON", "GET", "json", 0), ("XML", "GET", "xml", 0)):
        with serving(options.build) as (pid, port):
            fetch(port, "GET", "/lines?rows=10&format=" + suffix, 0)
            idle = status(pid, "VmRSS")
            total, seconds = fetch(port, method, target + "&format=" + suffix, rate)
            most = status(pid, "VmHWM")
            print(f"| {name} | {total / 1e6:.1f} MB | {most / 1e6:.1f} MB | {idle / 1e6:.1f} MB | {seconds:.2f} |")
            missed = missed or (suffix == "csv" and options.rows <= 1_000_000 and most >= BOUND)
    if missed:
        print("missed: a CSV takes 60 MB or more")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
