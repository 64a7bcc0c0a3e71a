#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients of one event stream whose answer changes each second: when each of them is told, and what it costs the server.

    tests/bench/live.py --clients 10000 build/bench/bin

The synthetic market changes each second. For each version: how long after the first client the median, 99 % and the last one had it. CPU is
user and system time of the server over the seconds in which all were connected, of one processor; memory is what its resident size grew by for
each client, and once with nobody there. The clients run on the same machine and take their share of it.
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

CONFIG = """
bourse: 1
server: {listen: "127.0.0.1:0", max-connections: 12000, max-connections-per-client: 12000, io-threads: 1,
         live: {streams: 12000, streams-per-client: 12000}}
sources: {market: {use: synthetic}}
defaults: {source: market}
routes: [{path: "/t/{symbol}", run: technical, formats: [html, csv]}]
"""
TICKS = os.sysconf("SC_CLK_TCK")


def cpu(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1)) * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("programs", help="the folder of bourse and live_clients")
    options = parser.parse_args()
    programs = pathlib.Path(options.programs)
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / "live.yaml"
        config.write_text(CONFIG, encoding="utf-8")
        server = subprocess.Popen([programs / "bourse", "serve", config, "--plugins", programs.parent / "plugins"],
                                  stderr=subprocess.PIPE, text=True)
        try:
            port = None
            while port is None:
                port = re.search(r"listening port=(\d+)", server.stderr.readline())
            path = "/t/BTCUSDT?format=csv"
            warm = subprocess.run([programs / "live_clients", port.group(1), path, "10", "2"], check=True, capture_output=True)
            assert warm
            time.sleep(12)  # the question is forgotten
            idle_cpu, idle_memory, idle_time = cpu(server.pid), resident(server.pid), time.monotonic()
            time.sleep(3)
            print(f"nobody watches: {(cpu(server.pid) - idle_cpu) / (time.monotonic() - idle_time) * 100:.2f} % CPU")
            clients = subprocess.Popen([programs / "live_clients", port.group(1), path, str(options.clients), str(options.seconds)],
                                       stdout=subprocess.PIPE, text=True)
            print(clients.stdout.readline().strip())
            time.sleep(3)
            before, begun = cpu(server.pid), time.monotonic()
            memory = resident(server.pid)
            time.sleep(options.seconds - 6)
            used, seconds = cpu(server.pid) - before, time.monotonic() - begun
            lines = [line.split() for line in clients.communicate()[0].splitlines()]
            rows = [(int(n), *map(float, rest)) for _, n, *rest in lines if len(rest) == 3][2:-1]
            print(f"{len(rows)} versions, told to {min(r[0] for r in rows)} to {max(r[0] for r in rows)} clients each; after the first one "
                  f"(median of all versions): half within {statistics.median(r[1] for r in rows):.0f} ms, 99 % {statistics.median(r[2] for r in rows):.0f} ms, "
                  f"the last {statistics.median(r[3] for r in rows):.0f} ms; the worst version's last {max(r[3] for r in rows):.0f} ms")
            print(f"{used / seconds * 100:.1f} % CPU of the server; {(memory - idle_memory) / options.clients:.0f} bytes of memory a client; "
                  f"{' '.join(lines[-1])}")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
