# SPDX-License-Identifier: MIT
"""A report through `binance` is, byte for byte, the one straight from the source behind the exchange, but for
the market's status, which a source says where it knows it.

The exchange is the fake one, at a time that stands still. It listens on a free loopback port.
"""
import decimal
import json
import os
import pty
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import bourse_process
from bourse_process import PLUGINS, SOURCE_DIR
from exchange_process import KEY, SECRET, TOKEN, Exchange, metrics, prepared, serve

NOW = "2025-01-01T12:34:56Z"
WITH_KEY = ["site=testnet", "api_key=" + KEY, "api_secret=" + SECRET]
CHECKS = ["site", "proxy", "blocks", "connection", "round trip", "clock", "limits", "key", "streams"]
DATASETS = ["candles", "ticker_24h", "prices", "book_ticker", "order_book", "trades", "symbols", "account"]
REPORTS = {
    "market-statistics": ["symbols=BTCUSDT,ETHUSDT,SHIBUSDT,ETHBTC"],
    "market-statistics with unknown ones": ["symbols=BTCUSDT,NOPE,btc/usdt,ETHUSDT"],
    "technical": ["symbol=BTCUSDT", "interval=1h", "limit=300"],
    "technical of several pages": ["symbol=BTCUSDT", "interval=1h", "limit=1000", "rsi_period=100", "macd_slow=200"],
    "technical of days": ["symbol=ETHBTC", "interval=1d", "limit=50"],
    "correlation": ["symbols=BTCUSDT,ETHUSDT,BNBUSDT,ADAUSDT,XRPUSDT,SOLUSDT,DOTUSDT,LINKUSDT"],
    "liquidity": ["symbol=ETHUSDT"],
    "prices": ["symbols=BTCUSDT,ETHUSDT,PEPEUSDT"],
    "symbols": [],
    "symbols of some": ["symbols=BTCUSDT,ETHBTC"],
}
WRONG = {
    "technical": ["symbol=NOPE"],
    "liquidity": ["symbol=BTCUSD"],
    "market-statistics": ["symbols=NOPE,NADA"],
    "prices": ["symbols=btcusdt"],
}


def report(analysis, arguments, form, source, *settings):
    words = ["run", analysis, *("--" + argument for argument in arguments),
             "--format", form, "--use", source]
    for setting in settings:
        words += ["--set", setting]
    return bourse_process.run(*words)


def without_status(text):
    return re.sub(r'("meta":\{[^{}]*?),"status":"[A-Z_]*"', r"\1", text, count=1)


def without_time(text, now):
    """The exchange's /ticker/price and /ticker/bookTicker do not say when a price was made."""
    return text.replace(f'"{now}"', "null").replace("," + now, ",")


class Binance(unittest.TestCase):
    def compare(self, now):
        with Exchange(now) as exchange:
            for name, arguments in REPORTS.items():
                for form in ("json", "csv"):
                    with self.subTest(name, form=form, now=now):
                        analysis = name.split()[0]
                        there = report(analysis, arguments, form, "binance", "base_url=" + exchange.url)
                        here = report(analysis, arguments, form, "synthetic", "now=" + now)
                        self.assertEqual(here.returncode, 0, here.stderr)
                        self.assertEqual(there.returncode, 0, there.stderr)
                        self.assertGreater(len(here.stdout), 100)
                        direct = without_time(here.stdout, now) if analysis == "prices" else here.stdout
                        self.assertEqual(without_status(there.stdout), without_status(direct))

    def test_reports_are_those_of_the_source_behind_the_exchange(self):
        self.compare(NOW)

    def test_several_pages_are_several_requests(self):
        with Exchange(NOW) as exchange:
            report("technical", REPORTS["technical of several pages"], "csv", "binance", "base_url=" + exchange.url)
            asked = [int(re.search("limit=([0-9]+)", r["query"])[1]) for r in exchange.requests("/api/v3/klines")]
        self.assertGreater(len(asked), 2)
        self.assertGreater(sum(asked), 2000)

    def test_kept_candles_and_new_ones_make_the_same_report(self):
        words = ["symbol=BTCUSDT", "interval=1h", "limit=200"]
        # The key is for the clock: a signed call notices that the exchange's has jumped. How much is missing is guessed by
        # this machine's clock, so the exchange begins within the same hour, far from its ends.
        key = {"api_key": KEY, "api_secret": SECRET}
        with Exchange(time.strftime("%Y-%m-%dT%H:30:00Z", time.gmtime())) as exchange, serve(exchange.url, candle_cache=16, key=key) as server:
            for step in ("0s", "10m", "1h", "1h", "30h", "20m"):
                now = exchange.command("clock", advance=step)["now"]
                with self.subTest(step=step, now=now):
                    self.assertEqual(server.get("/account", {"Authorization": "Bearer " + TOKEN})[0], 200)
                    exchange.command("forget")
                    status, _, body = server.get("/BTCUSDT/technical.csv?" + "&".join(words[1:]))
                    self.assertEqual(status, 200, body)
                    here = report("technical", words, "csv", "synthetic", "now=" + now)
                    self.assertEqual(body.decode(), here.stdout)
                    asked = [int(re.search("limit=([0-9]+)", r["query"])[1])
                             for r in exchange.requests("/api/v3/klines")]
                    if step != "0s":
                        self.assertLess(sum(asked), 100, "the rest was kept")

    def test_each_answer_is_told_to_be_good_for_as_long_as_what_it_is(self):
        def age_max(server, target):
            status, headers, body = server.get(target)
            self.assertEqual(status, 200, body)
            return int(re.fullmatch(r"public, max-age=(\d+)", headers["cache-control"])[1])

        # Ten seconds before a minute ends, by the exchange's clock; this machine's is years ahead.
        with Exchange("2025-01-01T12:34:50Z") as exchange, \
                serve(exchange.url, candle_cache=16, fresh=30, site="data") as server:
            good_for = {
                "/BTCUSDT/technical?limit=20&interval=1m": (0, 10),  # until the forming candle ends
                "/BTCUSDT/technical?limit=20&end=2025-01-01T09:30:00Z": (3600, 3600),  # closed for ever; an hour is the most told
                "/BTCUSDT/technical?limit=20": (25, 30),  # one that forms on for an hour, for `fresh`
                "/prices?symbols=BTCUSDT,ETHUSDT": (25, 30), "/statistics": (25, 30), "/BTCUSDT/liquidity": (25, 30),
                "/symbols": (55, 60)}
            for target, (least, most) in good_for.items():
                with self.subTest(target):
                    told = age_max(server, target)
                    self.assertTrue(least <= told <= most, told)
            prepared(server)
            before = len(exchange.requests())
            for target in good_for:
                if "1m" not in target:
                    self.assertEqual(server.get(target)[1]["cache-status"].split(";")[1], " hit", target)
            self.assertEqual(len(exchange.requests()), before)
        with Exchange() as exchange, serve(exchange.url, key={"api_key": KEY, "api_secret": SECRET}, fresh=30) as server:
            _, headers, _ = server.get("/account", {"Authorization": "Bearer " + TOKEN})
            self.assertEqual(headers["cache-control"], "private, no-store")

    def test_what_is_fresh_is_not_asked_for_again(self):
        with Exchange() as exchange, serve(exchange.url, candle_cache=16, fresh=60) as server:
            for target in ("/statistics", "/BTCUSDT/technical?limit=50", "/BTCUSDT/liquidity",
                           "/prices?symbols=BTCUSDT,ETHUSDT", "/correlation?symbols=BTCUSDT,ETHUSDT,BNBUSDT"):
                with self.subTest(target):
                    first = server.get(target)
                    self.assertEqual(first[0], 200, first)
                    prepared(server)  # in the background, after the first request of all
                    before = len(exchange.requests())
                    self.assertEqual(server.get(target)[0], 200)
                    self.assertEqual(len(exchange.requests()), before)

    def test_many_markets_are_asked_for_side_by_side(self):
        with Exchange(latency="300ms") as exchange, serve(exchange.url) as server:
            self.assertEqual(server.get("/correlation?symbols=BTCUSDT,ETHUSDT,BNBUSDT,ADAUSDT,XRPUSDT,SOLUSDT,DOTUSDT,"
                                        "LINKUSDT")[0], 200)
            seen = exchange.requests("/api/v3/klines")
        self.assertEqual(len(seen), 8)
        self.assertGreater(len({r["port"] for r in seen}), 1)
        # One after the other, each would come 300 ms after the one before at the earliest.
        self.assertLess(seen[7]["realMicroseconds"] - seen[0]["realMicroseconds"], 300_000)

    def test_an_answer_that_needs_more_memory_than_all_may_take_is_given_up(self):
        with Exchange() as exchange, serve(exchange.url, settings={"answer_memory": 8}) as server:
            exchange.command("fault", kind="gzip_bomb", times=0, path="/api/v3/klines")
            status, headers, body = server.get("/BTCUSDT/technical?limit=50")
            problem = json.loads(body)
            self.assertEqual((status, problem["code"]), (503, "exchange_no_room"), body)
            self.assertIn("may take together: 8 MB", problem["detail"])
            self.assertIn("`answer_memory`", problem["detail"])
            self.assertIn(headers["retry-after"], ("5", "6", "7"))  # 5, and up to a fourth later
            self.assertEqual(len(exchange.requests("/api/v3/klines")), 1, "what has no room alone is not asked for again")
            figures = {name.partition("{")[0]: value for name, value in metrics(server).items()}
            self.assertEqual(figures["bourse_binance_answer_refusals_total"], 1)
            self.assertEqual(figures["bourse_binance_answer_bytes"], 0)
            exchange.command("clear")
            self.assertEqual(server.get("/BTCUSDT/technical?limit=50")[0], 200)

    def test_a_ban_that_cannot_be_saved_is_told(self):
        with tempfile.TemporaryDirectory() as folder, Exchange() as exchange:
            file = os.path.join(folder, "file")
            with open(file, "w", encoding="utf-8"):
                pass
            with serve(exchange.url, block_file=os.path.join(file, "block")) as server:
                exchange.command("ban", length="2m")
                statuses = [server.get("/BTCUSDT/technical?limit=50")[0] for _ in range(3)]
                figures = {name.partition("{")[0]: value for name, value in metrics(server).items()}
        self.assertEqual(statuses, [503] * 3)
        self.assertEqual(figures["bourse_binance_blocked"], 1)
        self.assertEqual(figures["bourse_binance_block_unsaved"], 1)
        lines = [line for line in server.log().splitlines() if "cannot be saved" in line]
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(" warn ", lines[0])
        self.assertIn('reason="Not a directory"', lines[0])

    def test_sources_of_one_exchange_share_its_limits(self):
        with tempfile.TemporaryDirectory() as folder, Exchange() as exchange:
            exchange.command("limits", weight=300)
            source = f'{{use: binance, config: {{site: testnet, block_file: none, fresh: 0, base_url: "{exchange.url}"}}}}'
            path = bourse_process.write_config(folder, f"""
bourse: 1
server: {{listen: "127.0.0.1:0", admin: "127.0.0.1:0"}}
sources: {{one: {source}, other: {source}}}
defaults: {{deadline: 1s}}
routes:
  - {{path: /one, run: prices, format: json, source: one, params: {{symbols: BTCUSDT}}}}
  - {{path: /other, run: prices, format: json, source: other, params: {{symbols: ETHUSDT}}}}
""")
            with bourse_process.Server(path) as server:
                self.assertEqual([server.get(target)[0] for target in ("/one", "/other")], [200, 200])
                prepared(server)
                statuses = [server.get(target)[0] for _ in range(100) for target in ("/one", "/other")]
            used = exchange.state()["usedWeight"]
            seen = exchange.requests("/api/v3/")
        self.assertEqual({r["status"] for r in seen}, {200})
        self.assertEqual(set(statuses), {200, 503}, "each alone would stop at half of what they asked for")
        self.assertLessEqual(used, 300)

    # Not at the very end: whether a candle had ended when it was asked for is then less sure than the clock is.
    def test_also_seconds_after_the_end_of_a_candle(self):
        self.compare("2025-01-01T12:00:05Z")

    def test_also_those_of_a_recording(self):
        now = "2025-01-03T00:00:05Z"  # the recording ends five seconds before, and so does its time
        maker = os.path.join(SOURCE_DIR, "tests/plugins/sources/replay/make_recording.py")
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([sys.executable, maker, folder, os.path.join(folder, "expected.words")],
                           check=True, timeout=60)
            levels = [[f"{64000 - side * (1 + i * i) * 0.5:.8f}", f"{0.1 + i / 7:.8f}"]
                      for side in (1, -1) for i in range(40)]
            with open(os.path.join(folder, "depth_AAAUSDT.json"), "w", encoding="utf-8") as file:
                json.dump({"lastUpdateId": 1027024001, "bids": levels[:40], "asks": levels[40:]}, file)
            with Exchange(now, source="replay:" + folder) as exchange:
                for words in (["technical", "symbol=AAAUSDT", "limit=60"],  # with a hole in it
                              ["technical", "symbol=BBBTRY", "limit=20"],
                              ["liquidity", "symbol=AAAUSDT"],
                              ["market-statistics", "symbols=AAAUSDT,NOPE,BBBTRY"]):
                    with self.subTest(words):
                        there = report(words[0], words[1:], "json", "binance", "base_url=" + exchange.url)
                        here = report(words[0], words[1:], "json", "replay", "folder=" + folder, "now=" + now)
                        self.assertEqual((here.returncode, there.returncode), (0, 0), there.stderr)
                        there, here = json.loads(there.stdout), json.loads(here.stdout)
                        self.assertNotEqual(here["tables"], {})
                        for told in (there, here):
                            told["meta"].pop("status", None)
                            # The times of an exchange have milliseconds, those of a recording of 2025 more.
                            told["as_of"] = (told["as_of"] or "").rstrip("Z")[:23]
                        if words[0] == "market-statistics":  # who found it says it in own words
                            for told in (there, here):
                                partial = [n for n in told["notes"] if n["code"] == "partial_window"]
                                self.assertIn("AAAUSDT", partial[0].pop("text"))
                        if words[0] == "liquidity":
                            # A snapshot does not say when it was taken, nor that it is the whole book, which is
                            # what an exchange says that has fewer levels than were asked for.
                            self.assertEqual((there.pop("as_of")[:19], here.pop("as_of")), (now[:-1], ""))
                            self.assertEqual([n["code"] for n in here.pop("notes")], ["book_too_short"])
                            self.assertEqual(there.pop("notes"), [])
                            within = [told["tables"]["distances"].pop("rows") for told in (there, here)]
                            for name in ("bid_value", "ask_value", "imbalance"):
                                self.assertEqual(*([row[name] for row in rows[:4]] for rows in within))
                        self.assertEqual(there, here)

    def test_so_are_the_failures(self):
        now = NOW
        with Exchange(now) as exchange:
            for analysis, arguments in WRONG.items():
                with self.subTest(analysis):
                    there = report(analysis, arguments, "json", "binance", "base_url=" + exchange.url)
                    here = report(analysis, arguments, "json", "synthetic", "now=" + now)
                    self.assertNotEqual(here.returncode, 0)
                    self.assertEqual(there.stderr, here.stderr)
                    self.assertEqual(there.returncode, here.returncode)

    def test_an_account_is_the_one_that_the_exchange_keeps(self):
        # The fake's balances, free and locked (tests/exchange/endpoints.hpp), two of them moved.
        balances = {"BTC": ("0.12345678", "0.00000000"), "ETH": ("2.50000000", "0.40000000"),
                    "BNB": ("7.00000000", "1.25000000"), "USDT": ("1000.00000000", "25.50000000")}
        prices = report("prices", ["symbols=BTCUSDT,ETHUSDT,BNBUSDT"], "json", "synthetic", "now=" + NOW)
        price = {row["symbol"][:-4]: row["price"]
                 for row in json.loads(prices.stdout)["tables"]["prices"]["rows"]}
        price["USDT"] = "1.00000000"
        with Exchange(NOW) as exchange:
            exchange.command("balance", asset="BNB", free="7.00000000", locked="1.25000000")
            done = report("account", [], "json", "binance", "base_url=" + exchange.url, *WITH_KEY)
        self.assertEqual(done.returncode, 0, done.stderr)
        told = json.loads(done.stdout)
        rows = {row["asset"]: row for row in told["tables"]["balances"]["rows"]}
        self.assertEqual(set(rows), set(balances))
        worth = decimal.Decimal(0)
        for asset, (free, locked) in balances.items():
            total = decimal.Decimal(free) + decimal.Decimal(locked)
            value = (total * decimal.Decimal(price[asset])).quantize(decimal.Decimal("1e-8"))
            worth += value
            row = rows[asset]
            row.pop("share_percent")
            self.assertEqual(row, {"asset": asset, "free": free, "locked": locked, "total": str(total),
                                   "price": price[asset], "value": str(value),
                                   "route": None if asset == "USDT" else asset + "USDT"})
        self.assertEqual(told["values"]["value"], {"quote": "USDT", "total": str(worth)})
        self.assertEqual(told["values"]["permissions"],
                         {"groups": "SPOT", "trade": True, "withdraw": False, "deposit": True})
        self.assertEqual(told["values"]["fees"], {"maker": "0.00100000", "taker": "0.00100000"})

    def probe(self, exchange, *settings):
        words = ["probe", "--json", "--use", "binance", "--set", "base_url=" + exchange.url,
                 "--plugins", PLUGINS]
        for setting in settings:
            words += ["--set", setting]
        return bourse_process.run(*words)

    def test_a_probe_passes_without_a_key_and_with_one(self):
        for settings in ([], WITH_KEY):
            with self.subTest(settings=len(settings)), Exchange(None) as exchange:
                exchange.command("use", weight=1000)  # by others
                used = time.strftime("%Y-%m-%dT%H:%M", time.gmtime())
                done = self.probe(exchange, *settings)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertNotIn(KEY, done.stdout + done.stderr)
                self.assertNotIn(SECRET, done.stdout + done.stderr)
                told = json.loads(done.stdout)
                verdicts = {f["name"]: f["verdict"] for f in told["findings"]}
                account = "pass" if settings else "skipped"
                # Of a server for tests, whether it has any.
                streams = verdicts["streams"]
                self.assertIn(streams, ("pass", "skipped"))
                self.assertEqual([f["name"] for f in told["findings"]], CHECKS + DATASETS)
                self.assertEqual(verdicts, {name: account if name in ("key", "account") else "pass"
                                            for name in CHECKS + DATASETS} | {"streams": streams})
                skipped = list(verdicts.values()).count("skipped")
                self.assertEqual((told["passed"], told["failed"], told["skipped"]), (17 - skipped, 0, skipped))
                text = {f["name"]: f["text"] for f in told["findings"]}
                self.assertEqual("HMAC" in text["key"], bool(settings), text)
                self.check_weight(text["limits"], exchange, used)

    def check_weight(self, text, exchange, used):
        """The used weight is what the exchange counted until it was asked for its limits."""
        said = re.match(r"weight (\d+) of 6000 in 1m, we stop at 5400; ", text)
        self.assertTrue(said, text)
        until = exchange.requests("/api/v3/")
        asked = [r["path"] for r in until].index("/api/v3/exchangeInfo")
        minutes = [r["time"][:16] for r in until[:asked + 1]]
        weight = sum(r["weight"] for r, minute in zip(until, minutes) if minute == minutes[-1])
        # The others' weight is of the minute in which it was used; a probe may run into the next one.
        others = (1000,) if used == minutes[-1] else (1000, 0)
        self.assertIn(int(said[1]) - weight, others)

    def test_a_probe_shows_on_a_terminal_what_it_waits_for(self):
        ours, its = pty.openpty()
        seen = []

        def read():
            try:
                while chunk := os.read(ours, 4096):
                    seen.append(chunk)
            except OSError:  # the other end is closed
                pass

        reader = threading.Thread(target=read)
        with Exchange(None, latency="300ms") as exchange:
            words = [bourse_process.PROGRAM, "probe", "--use", "binance", "--set", "base_url=" + exchange.url,
                     "--plugins", PLUGINS]
            with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=its) as process:
                os.close(its)
                reader.start()
                told = process.stdout.read().decode()
                self.assertEqual(process.wait(bourse_process.DEADLINE_SECONDS), 0, told)
        reader.join(bourse_process.DEADLINE_SECONDS)
        os.close(ours)
        shown = b"".join(seen).decode()
        lines = re.findall("\r\x1b\\[K  (.*?) \\.\\.\\. [0-9]+\\.[0-9] s", shown)
        self.assertIn("checking", lines, repr(shown))
        self.assertIn("fetching candles", lines, repr(shown))
        self.assertTrue(shown.endswith("\r\x1b[K"), "it is gone in the end: " + repr(shown[-50:]))
        self.assertNotIn("\x1b", told)
        self.assertIn("0 failed", told)

    def test_a_probe_finds_a_ban(self):
        with Exchange(None) as exchange:
            exchange.command("ban", length="2m")
            done = self.probe(exchange)
            self.assertNotEqual(done.returncode, 0, done.stdout)
            self.assertIn("banned", done.stdout)

    def test_the_figures_are_those_documented_and_the_exchanges_own(self):
        with open(os.path.join(SOURCE_DIR, "plugins/sources/binance/README.md"), encoding="utf-8") as file:
            section = file.read().split("## Figures")[1].split("##")[0]
        documented = {"bourse_binance_" + name for name in re.findall("`([a-z0-9_]+)`", section)}
        self.assertGreater(len(documented), 20)
        with Exchange() as exchange, serve(exchange.url) as server:
            self.assertEqual(server.get("/BTCUSDT/technical?limit=20")[0], 200)
            prepared(server)
            exchange.command("use", weight=1000)
            self.assertEqual(server.get("/ETHUSDT/technical?limit=20")[0], 200)
            found = metrics(server)
            state = exchange.state()
        documented.remove("bourse_binance_stream_data_age_seconds")  # there once a stream has told something
        self.assertEqual({name.split("{")[0] for name in found}, documented)
        weight = {name.split("{")[0][len("bourse_binance_"):]: value for name, value in found.items()
                  if 'limit="request_weight"' in name}
        self.assertGreater(state["usedWeight"], 1000)
        self.assertEqual(weight, {"rate_used": state["usedWeight"], "rate_limit": state["weightLimit"],
                                  "rate_budget": state["weightLimit"] * 0.9})

    def test_the_delivered_configurations_are_good(self):
        token = {"BOURSE_ACCESS_TOKEN": "of-this-test-and-of-nobody-else"}
        for name, env in (("live", {}), ("testnet", token),
                          ("testnet", {"BINANCE_API_KEY": KEY, "BINANCE_API_SECRET": SECRET, **token})):
            with self.subTest(name, env=len(env)):
                done = bourse_process.run("check", os.path.join(SOURCE_DIR, "config", name + ".yaml"),
                                          env=env)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
                self.assertNotIn(KEY, done.stdout + done.stderr)
                self.assertNotIn(SECRET, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
