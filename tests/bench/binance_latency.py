#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How many round trips to the exchange a report through `binance` takes: tests/bench/binance_latency.py BUILD_FOLDER

`bourse serve` on top of the fake exchange, which waits 50 ms before each answer. Cold: the first request of a new process; warm: the
same again at once. What a round trip takes is measured in the same run, over one kept connection. Then the memory of a
program that has nothing but the client (binance_memory). Exit code 1 when a target was missed.
"""
import argparse
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time

BUILD = argparse.ArgumentParser(description=__doc__)
BUILD.add_argument("build")
BUILD.add_argument("--samples", type=int, default=15)
OPTIONS = BUILD.parse_args()
FOLDER = os.path.abspath(OPTIONS.build)
os.environ.setdefault("BOURSE", os.path.join(FOLDER, "bin", "bourse"))
os.environ.setdefault("BOURSE_EXCHANGE", os.path.join(FOLDER, "bin", "bourse_exchange"))
os.environ.setdefault("BOURSE_PLUGINS", os.path.join(FOLDER, "plugins"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

import bourse_process  # noqa: E402
from exchange_process import Exchange, prepared  # noqa: E402

EIGHT = "BTCUSDT,ETHUSDT,BNBUSDT,ADAUSDT,XRPUSDT,SOLUSDT,DOTUSDT,LINKUSDT"
STATISTICS = "/statistics"
CORRELATION = "/correlation?symbols=" + EIGHT
CONFIG = """
bourse: 1
server: {{listen: "127.0.0.1:0", admin: "127.0.0.1:0"}}
log: {{level: info}}
sources: {{market: {{use: binance, config: {{site: testnet, block_file: none, base_url: "{url}"}}}}}}
defaults: {{source: market, deadline: 10s}}
routes:
  - {{path: /statistics, run: market-statistics, format: json}}
  - {{path: /correlation, run: correlation, format: json}}
"""


class Caller:
    """One kept connection, so that only the report is measured."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.connection.connect()

    def milliseconds(self, target):
        began = time.perf_counter()
        self.connection.request("GET", target)
        answer = self.connection.getresponse()
        body = answer.read()
        took = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise AssertionError(f"{target}: {answer.status} {body[:300]}")
        return took


MISSED = []


def judged(name, met):
    if not met:
        MISSED.append(name)
    return "met" if met else "MISSED"


def row(name, times, trip, target):
    median, worst = statistics.median(times), max(times)
    met = "" if target is None else f"   target {target}: {judged(name, median / trip <= target)}"
    print(f"{name:44} {median:7.2f} ms = {median / trip:5.3f} round trips (worst {worst:.1f} ms){met}", flush=True)


def main():
    with Exchange(latency="50ms") as exchange, tempfile.TemporaryDirectory() as folder:
        path = bourse_process.write_config(folder, CONFIG.format(url=exchange.url))
        ping = Caller(exchange.port)
        ping.milliseconds("/api/v3/ping")
        trip = statistics.median(ping.milliseconds("/api/v3/ping") for _ in range(OPTIONS.samples))
        print(f"{'a round trip, keep-alive':44} {trip:7.2f} ms")
        cold, warm = {STATISTICS: [], CORRELATION: []}, {STATISTICS: [], CORRELATION: []}
        asked = {STATISTICS: set(), CORRELATION: set()}
        for _ in range(OPTIONS.samples):
            for target in cold:
                with bourse_process.Server(path) as server:
                    caller = Caller(server.port)
                    exchange.command("forget")
                    cold[target].append(caller.milliseconds(target))
                    before = len(exchange.requests())
                    warm[target].append(caller.milliseconds(target))
                    asked[target].add(len(exchange.requests()) - before)
        row("market statistics, cold", cold[STATISTICS], trip, 1.3)
        row("correlation of 8 markets, cold", cold[CORRELATION], trip, 2.0)
        row("market statistics, warm", warm[STATISTICS], trip, 0.3)
        row("correlation of 8 markets, warm", warm[CORRELATION], trip, 0.3)
        none = judged("requests of the warm ones", asked[STATISTICS] == asked[CORRELATION] == {0})
        print(f"{'requests of the warm ones':44} {sorted(asked[STATISTICS])} {sorted(asked[CORRELATION])}   target 0: {none}")
        with bourse_process.Server(path) as server:
            caller = Caller(server.port)
            caller.milliseconds(STATISTICS)
            prepared(server)
            cut = []
            for _ in range(OPTIONS.samples):
                time.sleep(1.05)  # until nothing is fresh
                exchange.command("cut")
                cut.append(caller.milliseconds(STATISTICS))
            row("market statistics, all connections cut", cut, trip, None)
        memory = os.path.join(FOLDER, "bin", "binance_memory")
        if os.path.exists(memory):
            exchange.command("latency", length="0ms")
            judged("memory", subprocess.run([memory, exchange.url], check=False, timeout=60).returncode == 0)
    if MISSED:
        sys.exit("missed: " + ", ".join(MISSED))


if __name__ == "__main__":
    main()
