#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Time from the start of the program to its first answer, and its memory when idle.

usage: tests/bench/start.py BOURSE [CONFIG]

Beside it, in the same run, the start of `python3 -c pass`: read the ratio, machines differ.
"""
import http.client
import os
import re
import statistics
import subprocess
import sys
import time

ROUNDS = 20


def start_once(program, config):
    begin = time.perf_counter()
    process = subprocess.Popen([program, "serve", config, "--listen", "127.0.0.1:0"],
                               stderr=subprocess.PIPE)
    try:
        for line in process.stderr:
            found = re.search(rb"listening port=(\d+)", line)
            if found:
                break
        else:
            raise SystemExit("the server did not start")
        connection = http.client.HTTPConnection("127.0.0.1", int(found.group(1)), timeout=10)
        connection.request("GET", "/health")
        connection.getresponse().read()
        elapsed = time.perf_counter() - begin
        connection.close()
        with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
            rss = int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))
        return elapsed, rss
    finally:
        process.terminate()
        process.wait(30)


def python_once():
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - begin


def main():
    program = sys.argv[1]
    here = os.path.dirname(os.path.abspath(__file__))
    default = os.path.join(here, "..", "..", "config", "bourse.yaml")
    config = sys.argv[2] if len(sys.argv) > 2 else default
    starts, sizes, baseline = [], [], []
    for _ in range(ROUNDS):
        elapsed, rss = start_once(program, config)
        starts.append(elapsed)
        sizes.append(rss)
        baseline.append(python_once())
    print(f"start to first answer: median {statistics.median(starts) * 1000:.1f} ms, "
          f"max {max(starts) * 1000:.1f} ms of {ROUNDS}")
    print(f"python3 -c pass:       median {statistics.median(baseline) * 1000:.1f} ms "
          f"(ratio {statistics.median(starts) / statistics.median(baseline):.2f})")
    print(f"resident memory, idle: {max(sizes) / 1024:.1f} MB")


if __name__ == "__main__":
    main()
