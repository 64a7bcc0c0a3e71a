# SPDX-License-Identifier: MIT
"""The default configuration over real HTTP, as an operator and a client see it."""
import csv
import datetime
import io
import json
import os
import re
import shutil
import signal
import socket
import tempfile
import time
import unittest
import urllib.parse

import bourse_process as bourse

DEFAULT = os.path.join(bourse.SOURCE_DIR, "config", "bourse.yaml")
TECHNICAL_CSV = "/api/v1/analysis/technical/BTCUSDT/csv"
TECHNICAL = "/api/v1/BTCUSDT/technical"


class LinksOfASerializer(unittest.TestCase):
    """CSV shows one table and links to the others, whatever the address that it was asked for by."""

    CONFIG = """
    bourse: 1
    sources: {market: {use: synthetic}}
    defaults: {source: market, params: {interval: 1h}}
    routes:
      - {path: /correlation, run: correlation, formats: [json, csv]}
      - {path: "/of/{symbols}", run: correlation, formats: [json, csv]}
      - {path: /alone, run: correlation, format: csv}
    """
    TWO = "symbols=BTCUSDT,ETHUSDT"

    def follow(self, server, target, accept):
        """The targets of the links, as a client resolves them that got the answer through a front with a prefix."""
        status, headers, body = server.get(target, {"Accept": accept} if accept else {})
        self.assertEqual(status, 200, body)
        self.assertTrue(headers["content-type"].startswith("text/csv"))
        links = re.findall(r'<([^>]*)>; rel="item"', headers["link"])
        self.assertTrue(links, headers)
        base = "https://front.example/markets" + target
        return body, [urllib.parse.urljoin(base, link).removeprefix("https://front.example/markets") for link in links]

    def test_lead_to_the_same_report_in_the_same_format(self):
        with tempfile.TemporaryDirectory() as folder, \
                bourse.Server(bourse.write_config(folder, self.CONFIG)) as server:
            for target, accept in ((f"/correlation?format=csv&days=20&{self.TWO}", None),
                                   (f"/correlation.csv?days=20&{self.TWO}&delimiter=tab", None),
                                   (f"/correlation?days=20&{self.TWO}", "text/csv"),
                                   (f"/alone?{self.TWO}&days=20", None),
                                   ("/of/BTCUSDT%2CETHUSDT?days=20&format=csv", None),
                                   ("/of/BTCUSDT,ETHUSDT.csv?days=20&header=true", None)):
                body, targets = self.follow(server, target, accept)
                bodies = {body}
                for link in targets:
                    status, headers, other = server.get(link)
                    self.assertEqual(status, 200, (target, link, other))
                    self.assertTrue(headers["content-type"].startswith("text/csv"), link)
                    self.assertIn("days=20", link)
                    bodies.add(other)
                    self.assertEqual(b"\t" in other, "delimiter=tab" in target)
                self.assertEqual(len(bodies), len(targets) + 1, "each is another table")
                # And back, from one that was named.
                self.assertEqual(len(self.follow(server, targets[0], None)[1]), len(targets))


class SignalsOfPlugins(unittest.TestCase):
    def test_a_plugin_that_writes_to_a_closed_pipe_is_told_so_and_nobody_dies(self):
        with tempfile.TemporaryDirectory() as folder:
            plugins = (bourse.PLUGINS, bourse.fixture_folder(folder, "closed_pipe.so"))
            config = bourse.write_config(folder, """
    bourse: 1
    sources: {market: {use: synthetic}}
    defaults: {source: market, cache: off}
    routes:
      - {path: "/t/{symbol}", run: technical, formats: [closed-pipe, csv]}
    """)
            with bourse.Server(config, plugins=plugins) as server:
                for _ in range(3):
                    status, _, body = server.get("/t/BTCUSDT?format=closed-pipe")
                    self.assertEqual((status, body), (200, b"Broken pipe, Broken pipe\n"))
                self.assertEqual(server.get("/t/BTCUSDT?format=csv&limit=1")[0], 200)
            done = bourse.run("run", "technical", "--config", config, "--symbol", "BTCUSDT", "--format", "closed-pipe",
                              plugins=plugins)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(done.stdout, "Broken pipe, Broken pipe\n")


class DefaultRoutes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = bourse.Server(DEFAULT)

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None, None, None)

    def test_health_is_ok_and_not_cached(self):
        status, headers, body = self.server.get("/health")
        self.assertEqual(status, 200)
        self.assertEqual(json.loads(body)["status"], "ok")
        self.assertEqual(headers["cache-control"], "no-store")

    def test_statistics_have_the_default_markets_in_order(self):
        status, report = self.server.json("/api/v1/market/statistics/json")
        self.assertEqual(status, 200)
        rows = report["tables"]["tickers"]["rows"]
        self.assertEqual([row["symbol"] for row in rows],
                         ["BTCUSDT", "ETHUSDT", "BNBUSDT", "ADAUSDT", "XRPUSDT"])
        self.assertEqual(report["values"]["summary"]["total_symbols"], 5)

    def test_prices_are_strings_and_statistics_are_numbers(self):
        _, report = self.server.json("/api/v1/market/statistics/json")
        row = report["tables"]["tickers"]["rows"][0]
        self.assertIsInstance(row["last"], str)
        self.assertIsInstance(row["volatility_percent"], (int, float))

    def test_technical_csv_has_as_many_rows_as_asked_and_no_empty_indicator(self):
        status, headers, body = self.server.get(TECHNICAL_CSV + "?limit=50&interval=1h")
        self.assertEqual(status, 200)
        self.assertTrue(headers["content-type"].startswith("text/csv"))
        rows = list(csv.DictReader(io.StringIO(body.decode(), newline="")))
        self.assertEqual(len(rows), 50)
        for name in ("sma_slow", "rsi", "macd_signal", "atr", "bollinger_upper", "stochastic_d"):
            self.assertTrue(all(row[name] != "" for row in rows), name)

    def test_the_same_request_of_closed_history_gives_the_same_rows(self):
        target = TECHNICAL_CSV + "?limit=20&interval=1d"
        first = self.server.get(target)[2].splitlines()[:-1]  # the last candle is still forming
        second = self.server.get(target)[2].splitlines()[:-1]
        self.assertEqual(first, second)

    def test_formats_by_suffix_query_and_accept(self):
        cases = [(TECHNICAL, {}, "application/json"),
                 (TECHNICAL + ".csv", {}, "text/csv"),
                 (TECHNICAL + "?format=csv", {}, "text/csv"),
                 (TECHNICAL, {"Accept": "text/csv"}, "text/csv"),
                 (TECHNICAL, {"Accept": "text/csv;q=0.2, application/json;q=0.5"}, "application/json"),
                 (TECHNICAL, {"Accept": "*/*;q=0.1, text/*"}, "text/csv"),
                 (TECHNICAL + ".json", {"Accept": "text/csv"}, "application/json")]
        for target, headers, expected in cases:
            with self.subTest(target=target, headers=headers):
                status, answer, _ = self.server.get(target, headers)
                self.assertEqual(status, 200)
                self.assertTrue(answer["content-type"].startswith(expected), answer["content-type"])
                by_accept = target == TECHNICAL  # the others name their format
                self.assertEqual(answer["vary"], "Accept, Accept-Encoding" if by_accept else "Accept-Encoding")

    def test_every_alternate_that_is_offered_works(self):
        for target in (TECHNICAL + "?limit=3", TECHNICAL + ".json?limit=3"):
            _, headers, _ = self.server.get(target)
            links = [part.split(">")[0].lstrip(" <") for part in headers["link"].split(",")]
            self.assertTrue(links)
            for link in links:
                leads_to = urllib.parse.urljoin(target, link)
                status, _, body = self.server.get(leads_to)
                self.assertEqual(status, 200, link)
                self.assertTrue(body)
                # Behind a front that takes /market off the path, too.
                self.assertEqual(urllib.parse.urljoin("/market" + target, link), "/market" + leads_to)

    def test_bad_requests_get_a_code_a_sentence_and_the_parameter(self):
        cases = [
            (TECHNICAL_CSV + "?limit=0", 400, "parameter_out_of_range", "limit"),
            (TECHNICAL_CSV + "?limit=abc", 400, "bad_parameter", "limit"),
            (TECHNICAL_CSV + "?limit=10&limit=20", 400, "repeated_parameter", "limit"),
            (TECHNICAL_CSV + "?interval=7m", 400, "bad_parameter", "interval"),
            (TECHNICAL_CSV + "?symbol=ETHUSDT", 400, "repeated_parameter", "symbol"),
            (TECHNICAL_CSV + "?lmit=5", 400, "unknown_parameter", "lmit"),
            (TECHNICAL + "?limit=501", 400, "parameter_out_of_range", "limit"),
            (TECHNICAL + "?interval=1d", 400, "fixed_parameter", "interval"),
            (TECHNICAL + ".json?format=csv", 400, "format_conflict", "format"),
            (TECHNICAL + "?format=pdf", 406, "not_acceptable", "format"),
            ("/api/v1/analysis/technical/NOSUCH/csv", 404, "symbol_not_found", "symbol"),
            ("/api/v1/nothing/here", 404, "no_route", None),
            ("/api/v1/%00/technical", 400, "bad_target", None),
            ("/api/v1/%zz/technical", 400, "bad_target", None),
            ("/api/v1/%ff/technical", 400, "bad_target", None),
            ("/api/../etc/passwd", 400, "bad_target", None),
            ("/api//v1", 400, "bad_target", None),
        ]
        for target, status, code, parameter in cases:
            with self.subTest(target=target):
                got, headers, body = self.server.get(target)
                problem = json.loads(body)
                self.assertEqual((got, problem["code"]), (status, code), problem)
                self.assertEqual(headers["content-type"], "application/problem+json")
                self.assertEqual(problem["status"], status)
                self.assertEqual(problem.get("parameter"), parameter)
                self.assertGreater(len(problem["detail"]), 15)
                self.assertEqual(problem["request_id"], headers["x-request-id"])

    def test_times_may_be_relative_to_the_request(self):
        before = time.time()
        status, report = self.server.json(TECHNICAL + "?start=-2d")
        self.assertEqual(status, 200, report)
        rows = [row["open_time"] for row in report["tables"]["series"]["rows"]]
        # The whole hours of 48, and that of the server's now, if one began meanwhile.
        first = datetime.datetime.fromisoformat(rows[0].replace("Z", "+00:00")).timestamp()
        self.assertGreaterEqual(first, before - 48 * 3600)
        self.assertLess(first, time.time() - 47 * 3600)
        self.assertIn(len(rows), (48, 49))
        status, problem = self.server.json(TECHNICAL + "?start=yesterday")
        self.assertEqual((status, problem["code"], problem["parameter"]), (400, "bad_parameter", "start"))
        self.assertIn("now, -90m, -12h, -30d, -2w", problem["detail"])

    def test_a_blank_after_a_comma_drops_nothing(self):
        for query in ("BTCUSDT,ETHUSDT", "BTCUSDT,+ETHUSDT", "BTCUSDT%20,%20ETHUSDT"):
            status, report = self.server.json(f"/api/v1/market/statistics/json?symbols={query}")
            self.assertEqual(status, 200, report)
            rows = report["tables"]["tickers"]["rows"]
            self.assertEqual([row["symbol"] for row in rows], ["BTCUSDT", "ETHUSDT"], query)
        status, problem = self.server.json("/api/v1/market/statistics/json?symbols=BTCUSDT,+,ETHUSDT")
        self.assertEqual((status, problem["code"], problem["parameter"]), (400, "bad_parameter", "symbols"))
        self.assertIn("item 2 is empty", problem["detail"])

    def test_an_accept_that_nothing_satisfies_is_406_with_the_offer(self):
        status, problem = self.server.json(TECHNICAL, {"Accept": "image/webp"})
        self.assertEqual(status, 406)
        self.assertIn("json", problem["offer"])

    def test_a_long_path_is_refused_and_the_server_lives(self):
        answer = self.server.raw(b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertTrue(answer.startswith(b"HTTP/1.1 414 "), answer[:80])
        self.assertEqual(self.server.get("/health")[0], 200)

    def test_head_has_the_headers_of_get_and_no_body(self):
        target = TECHNICAL_CSV + "?limit=5&interval=1d"
        _, get_headers, get_body = self.server.get(target)
        status, head_headers, head_body = self.server.get(target, method="HEAD")
        self.assertEqual((status, head_body), (200, b""))
        self.assertEqual(head_headers["content-type"], get_headers["content-type"])
        # The forming candle may change by a digit between the two.
        self.assertAlmostEqual(int(head_headers["content-length"]), len(get_body), delta=200)

    def test_other_methods_are_405_with_allow(self):
        for method in ("POST", "PUT", "DELETE"):
            status, headers, _ = self.server.get(TECHNICAL, method=method)
            self.assertEqual(status, 405)
            self.assertIn("GET", headers["allow"])

    def test_a_request_id_is_kept(self):
        _, headers, _ = self.server.get("/health", {"X-Request-Id": "from-the-proxy-1"})
        self.assertEqual(headers["x-request-id"], "from-the-proxy-1")

    def test_pipelined_requests_are_answered_in_order(self):
        requests = b"".join(
            b"GET " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n"
            for target in (TECHNICAL_CSV.encode() + b"?limit=900&interval=1d", b"/health", b"/nothing"))
        answer = self.server.raw(requests + b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        statuses = re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)
        self.assertEqual(statuses, [b"200", b"200", b"404", b"200"])
        self.assertLess(answer.find(b"open_time"), answer.find(b'"status":"ok"'))


class Private(unittest.TestCase):
    """A route with a token, and the second listener."""
    TOKEN = "a-token-that-must-not-be-seen"
    CONFIG = """
        bourse: 1
        server: {listen: "127.0.0.1:0", admin: "127.0.0.1:0"}
        log: {level: debug}
        sources: {market: {use: synthetic}}
        defaults: {source: market}
        routes:
          - {path: "/closed/{symbol}", run: technical, format: csv, access: {tokens: ["${TOKEN}"]}}
          - {path: "/open/{symbol}", run: technical, format: csv}
        """

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def test_a_closed_route_and_its_figures(self):
        config = bourse.write_config(self.folder.name, self.CONFIG)
        with bourse.Server(config, env={"TOKEN": self.TOKEN}) as server:
            good = {"Authorization": "Bearer " + self.TOKEN}
            status, headers, body = server.get("/closed/BTCUSDT")
            self.assertEqual((status, headers["www-authenticate"]), (401, 'Bearer realm="bourse"'))
            self.assertEqual(json.loads(body)["code"], "token_missing")
            wrong = {"Authorization": "Bearer " + self.TOKEN + "x"}
            self.assertEqual(server.get("/closed/BTCUSDT", headers=wrong)[0], 401)
            status, headers, _ = server.get("/closed/BTCUSDT", headers=good)
            self.assertEqual((status, headers["cache-control"]), (200, "private, no-store"))
            self.assertEqual(server.get("/open/BTCUSDT")[0], 200)
            pages = b""
            for page in ("/livez", "/readyz", "/metrics", "/routes", "/plugins"):
                status, _, body = server.get(page, port=server.admin_port)
                self.assertEqual(status, 200, page)
                pages += body
            asked = 'analysis="technical",format="csv",status="200"'
            for line in ('bourse_requests_total{route="/closed/{symbol}",%s} 1' % asked,
                         'bourse_requests_total{route="/closed/{symbol}",analysis="",format="",status="401"} 2',
                         'bourse_requests_total{route="/open/{symbol}",%s} 1' % asked,
                         'bourse_source_up{source="market"} 1'):
                self.assertIn(line.encode(), pages)
            self.assertEqual(server.get("/metrics")[0], 404, "the public listener has no such page")
            self.assertNotIn(self.TOKEN.encode(), pages)
            self.assertNotIn(self.TOKEN, server.log())

    def test_without_the_variable_it_does_not_start(self):
        config = bourse.write_config(self.folder.name, self.CONFIG)
        done = bourse.run("serve", config)
        self.assertEqual(done.returncode, 1)
        self.assertIn('the environment has no variable "TOKEN"', done.stderr)


class Layers(unittest.TestCase):
    """Sources over sources, and what the file says of analyses, over HTTP."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_a_layer_that_passes_everything_on_changes_no_byte(self):
        config = bourse.write_config(self.folder, """
            bourse: 1
            server: {listen: "127.0.0.1:0", admin: "127.0.0.1:0"}
            sources:
              top: {use: passes, over: middle}
              middle: {use: passes, over: market}
              market: {use: synthetic, config: {now: "2025-03-01T12:00:00Z"}}
            routes:
              - {path: "/over/{symbol}", run: technical, format: csv, source: top}
              - {path: "/bare/{symbol}", run: technical, format: csv, source: market}
            """)
        plugins = (bourse.PLUGINS, bourse.fixture_folder(self.folder, "layers.so"))
        with bourse.Server(config, plugins=plugins) as server:
            status, _, over = server.get("/over/BTCUSDT?limit=50")
            self.assertEqual(status, 200, over)
            self.assertEqual(over, server.get("/bare/BTCUSDT?limit=50")[2])
            self.assertEqual(server.json("/over/NOSUCH")[1]["code"], "symbol_not_found")
            _, _, page = server.get("/routes", port=server.admin_port)
            routes = {route["path"]: route for route in json.loads(page)}
            self.assertEqual(routes["/over/{symbol}"]["source"], "top")
            self.assertEqual(routes["/over/{symbol}"]["over"], ["middle", "market"])
            self.assertNotIn("over", routes["/bare/{symbol}"])

    def test_a_layer_makes_its_own_of_what_it_gets_below(self):
        # The one says each row twice, the one above it three times; the ground has three.
        config = bourse.write_config(self.folder, """
            bourse: 1
            server: {listen: "127.0.0.1:0"}
            sources:
              top: {use: layer, over: middle, config: {times: 3}}
              middle: {use: layer, over: ground, config: {times: 2}}
              ground: {use: steady}
            defaults: {source: top}
            routes:
              - {path: /two, run: two, format: plain}
              - {path: /below, run: two, format: plain, source: middle}
            """)
        with bourse.Server(config, plugins=(bourse.PIPELINE,)) as server:
            self.assertIn(b"a.rows=18\n", server.get("/two")[2])
            self.assertIn(b"a.rows=6\n", server.get("/below")[2])
            status, headers, body = server.get("/two?a=busy&tolerates=false")
            self.assertEqual((status, json.loads(body)["code"]), (503, "busy"))
            # What is said below is told above, and spread by up to a fourth.
        self.assertIn(headers["retry-after"], ("7", "8"))

    def test_settings_of_an_analysis_come_out_of_the_file(self):
        text = """
            bourse: 1
            server: {listen: "127.0.0.1:0"}
            plugins: {config: {fixture.pipeline/tuned: {window: "${WINDOW:-20}", key: "${KEY}"}}}
            routes: [{path: /tuned, run: tuned, format: plain}]
            """
        config = bourse.write_config(self.folder, text)
        for env, expected in (({}, b"window=20\n"), ({"WINDOW": "33"}, b"window=33\n")):
            with bourse.Server(config, plugins=(bourse.PIPELINE,), env={"KEY": "hunter2", **env}) as server:
                self.assertIn(expected, server.get("/tuned")[2])
            self.assertNotIn("hunter2", server.log())
        done = bourse.run("check", config, plugins=(bourse.PIPELINE,), env={"KEY": "k", "WINDOW": "777"})
        self.assertEqual(done.returncode, 1)
        self.assertIn("error[parameter_out_of_range]", done.stderr)
        self.assertNotIn("777", done.stderr)

    def test_who_asks_and_when_reaches_the_plugin(self):
        config = bourse.write_config(self.folder, """
            bourse: 1
            server: {listen: "127.0.0.1:0"}
            routes: [{path: /who, run: who, format: plain}]
            """)
        trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        with bourse.Server(config, plugins=(bourse.PIPELINE,)) as server:
            before = time.time_ns()
            said = server.get("/who", {"traceparent": trace, "Accept-Language": "de-CH",
                                       "X-Request-Id": "find-me"})[2].decode()
            after = time.time_ns()
            for line in (f"trace={trace}\n", "language=de-CH\n", "id=find-me\n"):
                self.assertIn(line, said)
            now = int(re.search(r"(?m)^now=(\d+)", said).group(1))
            self.assertTrue(before <= now <= after, (before, now, after))
            said = server.get("/who", {"traceparent": "nonsense"})[2].decode()
            self.assertNotIn("nonsense", said)
            self.assertRegex(said, "(?m)^trace=00-[0-9a-f]{32}-[0-9a-f]{16}-00$")  # one of the server's own

    def test_a_401_of_a_plugin_asks_for_no_token_of_this_server(self):
        config = bourse.write_config(self.folder, """
            bourse: 1
            server: {listen: "127.0.0.1:0"}
            routes: [{path: /fails, run: fails, format: plain}]
            """)
        with bourse.Server(config, plugins=(bourse.PIPELINE,)) as server:
            status, headers, body = server.get("/fails?status=401")
            self.assertEqual((status, json.loads(body)["code"]), (401, "told_to"))
            self.assertNotIn("www-authenticate", headers)
            answer = server.raw(b"GET /fails?status=451 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            self.assertTrue(answer.startswith(b"HTTP/1.1 451 Unavailable For Legal Reasons\r\n"), answer[:80])


class LongTables(unittest.TestCase):
    ROUTE = """
        bourse: 1
        server: {%s}
        sources: {market: {use: synthetic, config: {now: "2026-11-21T06:00:00Z"}}}
        defaults: {source: market, deadline: 60s}
        routes:
          - {path: "/t/{symbol}", run: technical, formats: [json, csv]}
    """

    def serve(self, settings):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        return bourse.Server(bourse.write_config(folder, self.ROUTE % settings))

    def test_fifty_thousand_rows_pass_within_the_default_limits(self):
        with self.serve("") as server:
            status, _, body = server.get("/t/BTCUSDT.csv?limit=50000&interval=1h")
            self.assertEqual(status, 200, body[:500])
            table = list(csv.reader(io.StringIO(body.decode(), newline="")))
            self.assertEqual(len(table), 50001)
            self.assertGreaterEqual(len(table[0]), 27)
            status, report = server.json("/t/BTCUSDT?limit=50000&interval=1h")
            self.assertEqual(status, 200)
            rows = report["tables"]["series"]["rows"]
            self.assertEqual([row["close"] for row in rows], [row[4] for row in table[1:]])

    def test_what_is_larger_than_allowed_is_for_who_asks_to_make_smaller(self):
        with self.serve("max-response: 64KiB") as server:
            self.assertEqual(server.get("/t/BTCUSDT?limit=10")[0], 200)
            status, problem = server.json("/t/BTCUSDT?limit=1000")
            self.assertEqual((status, problem["code"]), (422, "response_too_large"))
            self.assertIn("larger than 65536 bytes. Ask for less", problem["detail"])
        self.assertNotIn("call_failed", server.log())


class Life(unittest.TestCase):
    def test_a_source_that_never_tells_its_figures_stops_neither_pages_nor_the_end(self):
        with tempfile.TemporaryDirectory() as folder:
            config = bourse.write_config(folder, """
                bourse: 1
                server: {admin: "127.0.0.1:0"}
                sources: {market: {use: synthetic}, bad: {use: hostile, config: {trick: stay_in_collect}}}
                defaults: {source: market}
                routes:
                  - {path: "/t/{symbol}", run: technical, format: csv}
                """)
            plugins = (bourse.PLUGINS, bourse.fixture_folder(folder, "hostile.so"))
            with bourse.Server(config, plugins=plugins) as server:
                for _ in range(2):
                    status, _, page = server.get("/metrics", port=server.admin_port)
                    self.assertEqual(status, 200)
                    self.assertIn(b'bourse_metrics_collected{source="bad"} 0', page)
                for page in ("/livez", "/readyz"):
                    self.assertEqual(server.get(page, port=server.admin_port)[0], 200)
                self.assertEqual(server.get("/t/BTCUSDT")[0], 200)
        self.assertEqual(server.process.returncode, 0)

    def test_sigterm_ends_cleanly_and_says_so(self):
        with bourse.Server(DEFAULT) as server:
            server.get("/health")
        self.assertEqual(server.process.returncode, 0)
        self.assertIn("stopped", server.log())

    def test_sigint_ends_cleanly_too(self):
        with bourse.Server(DEFAULT) as server:
            server.stop_signal = signal.SIGINT
        self.assertEqual(server.process.returncode, 0)

    def test_a_request_that_runs_at_sigterm_is_answered(self):
        with bourse.Server(DEFAULT) as server:
            with socket.create_connection(("127.0.0.1", server.port), timeout=30) as s:
                s.sendall(b"GET " + TECHNICAL_CSV.encode() +
                          b"?limit=1000&interval=1d HTTP/1.1\r\nHost: x\r\n\r\n")
                # The server has the request once it answers another connection's health check.
                server.get("/health")
                server.process.send_signal(signal.SIGTERM)
                server.stop_signal = None
                received = b""
                while chunk := s.recv(65536):
                    received += chunk
            self.assertTrue(received.startswith(b"HTTP/1.1 200 "), received[:60])
            head, body = received.split(b"\r\n\r\n", 1)
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            self.assertEqual(len(body), length)

    def test_an_idle_server_is_small(self):
        with bourse.Server(DEFAULT) as server:
            server.get("/health")
            with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
                rss = [int(line.split()[1]) for line in status if line.startswith("VmRSS")][0]
        if "asan" not in bourse.PROGRAM and "tsan" not in bourse.PROGRAM:
            self.assertLess(rss, 48 * 1024)

    def test_json_logs_are_one_object_a_line_with_the_request_id(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(DEFAULT, encoding="utf-8") as default:
                text = default.read().replace("format: text", "format: json")
            config = bourse.write_config(folder, text)
            with bourse.Server(config) as server:
                server.get(TECHNICAL_CSV, {"X-Request-Id": "find-me"})
        events = [json.loads(line) for line in server.log().splitlines() if line]
        request = [e for e in events if e["event"] == "request"]
        self.assertEqual(len(request), 1)
        self.assertEqual(request[0]["request_id"], "find-me")
        self.assertEqual(request[0]["status"], 200)

    def test_a_taken_port_is_said_with_the_port_and_the_remedy(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            done = bourse.run("serve", DEFAULT, "--listen", f"127.0.0.1:{port}")
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(port), done.stderr)
        self.assertIn("in use", done.stderr)

    def test_the_public_port_does_not_open_before_the_admin_port_is_had(self):
        with socket.socket() as taken, tempfile.TemporaryDirectory() as folder:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with open(DEFAULT, encoding="utf-8") as default:
                text = re.sub(r"(?m)^server:\n", f'server:\n  admin: "127.0.0.1:{port}"\n', default.read())
            self.assertIn("admin:", text)
            config = bourse.write_config(folder, text)
            # Neither is free: the one that is tried first is complained of.
            done = bourse.run("serve", config, "--listen", f"127.0.0.1:{port}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("the admin listener", done.stderr)

    def test_it_answers_soon_after_the_start(self):
        start = time.monotonic()
        with bourse.Server(DEFAULT) as server:
            server.get("/health")
            elapsed = time.monotonic() - start
        # The figure is measured by tests/bench; here only that nothing waits for a time-out.
        self.assertLess(elapsed, 20)


if __name__ == "__main__":
    unittest.main()
