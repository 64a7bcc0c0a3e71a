# SPDX-License-Identifier: MIT
"""The fake exchange as a child process, and `bourse serve` on top of it, for end-to-end tests.

The tests that use it get the exchange's program by the environment variable BOURSE_EXCHANGE.
"""
import http.client
import json
import os
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

import bourse_process
from bourse_process import PLUGINS

PROGRAM = os.environ["BOURSE_EXCHANGE"]
# The public example pair of the exchange's documentation, which the fake knows; worthless.
KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
TOKEN = "0f2c61a95d3e4b7786e1c4d2a9b8f7e6"
# Ten seconds into a minute: no window ends while a test runs.
NOW = "2025-01-01T12:34:10Z"


class ReservedPort:
    """A loopback port that the system gives to nobody else, but to whoever asks for it with SO_REUSEADDR, as the
    exchange does: it can be killed and started again there. Nobody listens meanwhile."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.number = self.socket.getsockname()[1]

    def __enter__(self):
        return self.number

    def __exit__(self, *unused):
        self.socket.close()


class Exchange:
    """Serves while the context lasts. `now` None: it follows the machine's clock."""

    def __init__(self, now=NOW, port=0, **options):
        words = [PROGRAM, "--plugins", PLUGINS, "--port", str(port)]
        if now is not None:
            words += ["--now", now]
        for name, value in options.items():
            words += ["--" + name, str(value)]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.process.stdout.readline())
        self.url = ("https" if "cert" in options else "http") + f"://127.0.0.1:{self.port}"
        self.context = ssl.create_default_context(cafile=options["cert"]) if "cert" in options else None
        self.kept = None  # a connection that outlasts go_away()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait(20)
        self.process.stdout.close()
        if self.kept is not None:
            self.kept.close()

    def command(self, name, **parameters):
        """POST /_fake/NAME."""
        data = urllib.parse.urlencode(parameters).encode()
        with urllib.request.urlopen(f"{self.url}/_fake/{name}", data, timeout=20, context=self.context) as answer:
            return json.loads(answer.read())

    def go_away(self, length):
        """Connections are refused for so long, but what arrived can still be looked at."""
        self.kept = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.kept.request("POST", "/_fake/away?length=" + length)
        self.kept.getresponse().read()

    def state(self):
        with urllib.request.urlopen(f"{self.url}/_fake/state", timeout=20, context=self.context) as answer:
            return json.loads(answer.read())

    def requests(self, path="", limit=100000):
        """What arrived, the oldest first."""
        target = f"/_fake/requests?limit={limit}"
        if self.kept is not None:
            self.kept.request("GET", target)
            seen = self.kept.getresponse().read()
        else:
            with urllib.request.urlopen(self.url + target, timeout=20, context=self.context) as answer:
                seen = answer.read()
        return [r for r in json.loads(seen) if r["path"].startswith(path)]


CONFIG = """
bourse: 1
server: {{listen: "127.0.0.1:0", admin: "127.0.0.1:0"}}
log: {{level: debug, format: text}}
sources:
  market:
    use: binance
    config:
      site: {site}
      base_url: "{url}"
      fresh: {fresh}
      candle_cache: {candle_cache}
      block_file: "{block_file}"
{more}
defaults: {{source: market, deadline: {deadline}}}
routes:
  - {{path: /prices, run: prices, formats: [json, csv]}}
  - {{path: /symbols, run: symbols, formats: [json, csv]}}
  - {{path: /statistics, run: market-statistics, formats: [json, csv, html]}}
  - {{path: /correlation, run: correlation, formats: [json, csv]}}
  - {{path: "/{{symbol}}/technical", run: technical, formats: [csv, json]}}
  - {{path: "/quick/{{symbol}}/technical", run: technical, formats: [csv], deadline: 1s}}
  - {{path: "/patient/{{symbol}}/technical", run: technical, formats: [csv], deadline: 60s}}
  - {{path: "/quick/{{symbol}}/liquidity", run: liquidity, formats: [json], deadline: 1s}}
  - {{path: "/{{symbol}}/liquidity", run: liquidity, formats: [json]}}
"""
ACCOUNT = """
  - {path: /account, run: account, formats: [json], access: {tokens: ["${ACCESS_TOKEN}"]}}
"""


class Served(bourse_process.Server):
    """Removes its configuration in the end."""

    def __init__(self, folder, *arguments, **options):
        self.folder = folder
        super().__init__(*arguments, **options)

    def __exit__(self, *error):
        try:
            super().__exit__(*error)
        finally:
            self.folder.cleanup()


def serve(url, deadline=f"{15 * bourse_process.PATIENCE}s", block_file="none", candle_cache=0, fresh=0, key=None, site="testnet",
          settings=None):
    """A server for the exchange there. `key`: settings that hold one, by name; the values go through the
    environment. With a key there is a route /account, for TOKEN. `settings`: others of the source, by name."""
    folder = tempfile.TemporaryDirectory()
    more = "".join(f'      {name}: {value}\n' for name, value in (settings or {}).items())
    more += "".join(f'      {name}: "${{TEST_{name.upper()}}}"\n' for name in key or ())
    env = {"TEST_" + name.upper(): value for name, value in (key or {}).items()}
    text = CONFIG.format(url=url, deadline=deadline, block_file=block_file, candle_cache=candle_cache,
                         fresh=fresh, more=more, site=site)
    if key:
        text += ACCOUNT
        env["ACCESS_TOKEN"] = TOKEN
    return Served(folder, bourse_process.write_config(folder.name, text), env=env)


def metrics(server):
    """bourse_binance_... without the labels of the source, as {name or name{label="..."}: value}."""
    found = {}
    for line in server.get("/metrics", port=server.admin_port)[2].decode().splitlines():
        if line.startswith("bourse_binance_"):
            name, value = line.rsplit(" ", 1)
            found[name] = float(value)
    return found


def prepared(server):
    """Waits until the server knows the exchange's clock and limits, a second after its first question."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        known = [value for name, value in metrics(server).items()
                 if name.startswith("bourse_binance_rate_limits_assumed")]
        if known and not any(known):  # of each source
            return
        time.sleep(0.05)
    raise AssertionError("the limits were never learned:\n" + server.log())
