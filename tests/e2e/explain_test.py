# SPDX-License-Identifier: MIT
"""explain: how a request is answered and why, held against what a server does; what codes mean. diff: what a reload would change."""
import json
import os
import re
import shutil
import tempfile
import unittest

import bourse_process as bourse

CONFIG = """\
bourse: 1
server: {listen: "127.0.0.1:0"}
sources:
  market: {use: synthetic, config: {seed: 7}}
defaults: {source: market, deadline: 5s}
routes:
  - path: "/t/{symbol}"
    run: technical
    formats: [json, csv]
    cache: {stale: 30s}
    params:
      interval: 1d
      limit: {default: 20, max: 50}
  - {path: "/t/all/prices", run: prices, format: csv}
  - {path: "/closed/{symbol}", run: technical, format: csv, access: {tokens: ["${TOKEN}"]}}
  - path: "/any/{analysis}"
    run: {from: analysis, allow: [prices, symbols]}
    format: csv
"""
TOKEN = {"TOKEN": "abcdefghijklmnop0"}


class WithConfig(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.config = bourse.write_config(self.folder, CONFIG)

    def explain(self, *words, code=0):
        done = bourse.run("explain", *words, "--config", self.config, env=TOKEN)
        self.assertEqual((done.returncode, done.stderr), (code, ""), done.stdout)
        return done.stdout


class Requests(WithConfig):
    def line(self, text, name):
        """Of a value: what it is and where it comes from."""
        found = re.search(rf"(?m)^(?:values)? +{name} +(.*)$", text)
        self.assertTrue(found, text)
        return found[1]

    def test_each_value_with_where_it_comes_from(self):
        said = self.explain("GET /t/BTCUSDT?rsi_period=9")
        self.assertRegex(said, rf"(?m)^route +/t/\{{symbol\}}   {re.escape(self.config)}:7:11$")
        self.assertIn("bourse.technical/technical, source market, deadline 5s", said)
        self.assertEqual(self.line(said, "symbol"), "BTCUSDT   of the path")
        self.assertEqual(self.line(said, "rsi_period"), "9   of the query")
        self.assertEqual(self.line(said, "interval"), f"1d   fixed by the route, {self.config}:12:7")
        self.assertEqual(self.line(said, "limit"), f"20   default of the route, {self.config}:13:24")
        self.assertEqual(self.line(said, "sma_fast"), "20   default of the plugin")
        self.assertEqual(self.line(said, "start"), "-")
        self.assertRegex(said, r"(?m)^format +json \(application/json\S*\): the route's first")
        self.assertRegex(said, r"(?m)^access +everybody$")
        self.assertIn("30s longer it is shown while a new one is made", said)
        self.assertRegex(said, r"(?m)^answer +200")

    def test_why_other_routes_are_not_it(self):
        said = self.explain("GET /t/BTCUSDT")
        self.assertIn("not /t/all/prices: it wants \"all\" where the path has \"BTCUSDT\"", said)
        self.assertIn("not /closed/{symbol}: it wants \"closed\" where the path has \"t\"", said)

    def test_why_this_format(self):
        for request, options, wanted in (("/t/X.csv", (), "csv .*: the suffix .csv of the path"),
                                         ("/t/X?format=csv", (), r"csv .*: \?format= of the query"),
                                         ("/t/X", ("--accept", "text/csv, */*;q=0.1"), "csv .*: by Accept"),
                                         ("/t/all/prices", (), "csv .*: the route has no other")):
            with self.subTest(request):
                self.assertRegex(self.explain(request, *options), rf"(?m)^format +{wanted}")
        self.assertRegex(self.explain("/t/X", "--accept", "text/csv, */*;q=0.1"), r"(?m)^ +json +wanted 100 of 1000$")

    def test_a_refusal_is_the_servers_with_the_place_in_the_file(self):
        requests = {"/t/BTCUSDT?limit=51": f"{self.config}:13:7", "/t/BTCUSDT?interval=1h": f"{self.config}:12:7",
                    "/t/BTCUSDT?sma_fast=x": "the plugin's own (bourse.technical/technical)", "/t/X?format=png": f"{self.config}:9:15",
                    "/t/X.csv?format=json": f"{self.config}:9:15", "/any/account": f"{self.config}:17:", "/none": "route     none of 4",
                    "/t/X?lmit=3": "Did you mean limit?", "/t//X": "bad_target"}
        with bourse.Server(self.config, env=TOKEN) as server:
            for target, expected in requests.items():
                with self.subTest(target):
                    status, problem = server.json(target)
                    said = self.explain("GET " + target)
                    self.assertIn(f"answer    {status} {problem['code']}: {problem['detail']}", said)
                    self.assertIn(expected, said)
            for target in ("/t/BTCUSDT?limit=50", "/t/BTCUSDT.csv", "/any/prices", "/health"):
                with self.subTest(target):
                    self.assertEqual(server.get(target)[0], 200)
                    self.assertRegex(self.explain(target), r"(?m)^answer +200")

    def test_another_method(self):
        self.assertRegex(self.explain("POST /t/X"), r"(?m)^answer +405 method_not_allowed")
        self.assertRegex(self.explain("GET", "/t/X"), r"(?m)^answer +200")

    def test_a_closed_route_is_explained_to_who_may_and_shows_no_token(self):
        said = self.explain("/closed/BTCUSDT?limit=10")
        self.assertRegex(said, rf"(?m)^access +who sends one of 1 token, {re.escape(self.config)}:15:\d+; others are answered 401 token_missing")
        self.assertRegex(said, r"(?m)^cache +kept by nobody: the route has `access`$")
        self.assertRegex(said, r"(?m)^answer +200")
        self.assertNotIn(TOKEN["TOKEN"], said)

    def test_the_pages_of_the_host_are_told_before_any_route(self):
        for target, words in (("/health", "200, or 503"), ("/docs", "200 text/html"), ("/openapi.json?x=1", "200 application/json"),
                              ("/", "200 text/html"), ("/docs/", "308 to ../docs")):
            said = self.explain(target)
            self.assertRegex(said, r"(?m)^route +none: a page of the server itself$", target)
            self.assertRegex(said, rf"(?m)^answer +{words}", target)
        taken = bourse.write_config(self.folder, CONFIG.replace("/t/all/prices", "/docs"), "taken.yaml")
        self.assertRegex(bourse.run("explain", "/docs", "--config", taken, env=TOKEN).stdout, r"(?m)^route +/docs ")
        admin = bourse.write_config(self.folder, CONFIG.replace(
            'server: {', 'server: {admin: "127.0.0.1:0", api: {pages: admin}, '), "admin.yaml")
        said = bourse.run("explain", "/docs", "--config", admin, env=TOKEN).stdout
        self.assertIn("the page is on the admin listener only", said)
        self.assertRegex(said, r"(?m)^answer +404 no_route")

    def test_limits_spare_sources_and_names_of_tokens(self):
        text = CONFIG.replace("  market: {use", "  spare: {use: synthetic}\n  market: {use", 1)
        text = text.replace("defaults: {source: market,", "defaults: {source: [market, spare], limits: {client: {rate: 100/1m, burst: 10}},")
        text = text.replace('{tokens: ["${TOKEN}"]}', '{tokens: [{name: grafana, token: "${TOKEN}"}, "${OTHER}"]}, '
                            "limits: {token: 5/1s, client: {rate: 9/1s, concurrency: 2}, concurrency: 3, hits: 10%}")
        config = bourse.write_config(self.folder, text, "limits.yaml")
        env = {**TOKEN, "OTHER": "abcdefghijklmnop1"}
        said = bourse.run("explain", "/t/X", "--config", config, env=env).stdout
        self.assertIn("source market, where it fails spare, deadline 5s", said)
        self.assertRegex(said, r"(?m)^limits +each client: 100 requests in 1m, 10 at once; beyond: 429 rate_limited$")
        self.assertIn("of `defaults`: clients and tokens are counted over all such routes", said)
        said = bourse.run("explain", "/closed/X", "--config", config, env=env).stdout
        for words in ("one of 2 tokens: grafana, one without a name", "each token: 5 requests in 1s, 5 at once",
                      "each client: 2 at the same time; beyond: 429 too_many_at_once",
                      "all together: 3 at the same time; beyond: 503 route_busy", "costs 10 % of a request",
                      "counted for this route alone"):
            self.assertIn(words, said)
        listed = bourse.run("routes", config, env=env).stdout
        self.assertRegex(listed, r"(?m)^/closed/\{symbol\} .* 2 tokens: grafana, one without a name$")

    def test_where_a_slash_behind_leads_to_is_told(self):
        config = bourse.write_config(self.folder, CONFIG.replace("deadline: 5s", "deadline: 5s, trailing-slash: redirect"), "slash.yaml")
        said = bourse.run("explain", "/t/X/?limit=3", "--config", config, env=TOKEN).stdout
        self.assertRegex(said, r"(?m)^answer +301 to \.\./X\?limit=3 \(trailing-slash: redirect\)$")
        self.assertRegex(self.explain("/t/X/"), r"(?m)^answer +404 no_route: .* Did you mean /t/X\?")

    def test_values_of_the_environment_are_hidden(self):
        config = bourse.write_config(self.folder, CONFIG.replace("interval: 1d", 'interval: "${STEP}"'), "hidden.yaml")
        done = bourse.run("explain", "/t/X", "--config", config, env={**TOKEN, "STEP": "15m"})
        self.assertEqual(self.line(done.stdout, "interval"), f"(hidden)   fixed by the route, {config}:12:7")

    def test_what_cannot_be_explained_is_said(self):
        done = bourse.run("explain", "t/X", "--config", self.config, env=TOKEN)
        self.assertEqual(done.returncode, 2)
        self.assertIn("'GET /path?query'", done.stderr)
        broken = bourse.write_config(self.folder, CONFIG.replace("run: technical", "run: technicl"), "broken.yaml")
        done = bourse.run("explain", "/t/X", "--config", broken, env=TOKEN)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("error[unknown_component]", done.stderr)


class Codes(unittest.TestCase):
    def test_each_is_told_with_cause_and_remedy(self):
        with open(os.path.join(bourse.SOURCE_DIR, "host", "base", "codes.cpp"), encoding="utf-8") as file:
            codes = re.findall(r'Code\{\s*"(\w+)"', file.read())
        self.assertGreater(len(codes), 100)
        for code in (codes[0], "parameter_out_of_range", "cannot_listen", codes[-1]):
            done = bourse.run("explain", code, plugins=())
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertRegex(done.stdout, rf"^{code}: .+\nUsual cause: .+\nWhat to do: .+\n$")

    def test_it_may_be_written_as_a_problem_has_it(self):
        self.assertEqual(bourse.run("explain", "urn:bourse:problem:no_route", plugins=()).stdout,
                         bourse.run("explain", "no_route", plugins=()).stdout)

    def test_another_word_is_a_mistake(self):
        done = bourse.run("explain", "no_ruote", plugins=())
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("did you mean no_route?", done.stderr)
        self.assertIn("plugins have codes of their own", bourse.run("explain", "market_on_the_moon_is_closed", plugins=()).stderr)


class Diff(WithConfig):
    def diff(self, after, *words, code=3, before=None, **options):
        new = bourse.write_config(self.folder, after, "new.yaml")
        done = bourse.run("diff", before or self.config, new, *words, env=TOKEN, **options)
        self.assertEqual((done.returncode, done.stderr), (code, ""), done.stdout)
        return json.loads(done.stdout) if "--json" in words else done.stdout

    def test_the_same_is_the_same_whatever_its_layout(self):
        self.assertEqual(self.diff("# a comment\n" + CONFIG.replace("market: {use: synthetic, config: {seed: 7}}",
                                                                    "market:\n    use: synthetic\n    config:\n      seed: 7"), code=0),
                         "nothing would change\n")
        said = self.diff(CONFIG, "--json", code=0)
        self.assertTrue(said["same"])
        self.assertEqual((said["routes"]["kept"], said["sources"]["kept"]), (4, 1))

    def test_what_is_added_removed_and_changed(self):
        after = (CONFIG.replace('  - {path: "/t/all/prices", run: prices, format: csv}\n', "")
                 .replace("max: 50", "max: 40").replace("stale: 30s", "stale: 1m") +
                 '  - {path: "/new", run: prices, format: csv}\n')
        said = self.diff(after, "--json")
        self.assertEqual({k: said["routes"][k] for k in ("added", "removed", "changed", "kept")},
                         {"added": ["/new"], "removed": ["/t/all/prices"], "changed": ["/t/{symbol}"], "kept": 2})
        changes = said["route_changes"]["/t/{symbol}"]
        self.assertEqual(len(changes), 2, changes)
        self.assertIn("cache: fresh 0s, stale 30s, if-error 0s -> fresh 0s, stale 1m, if-error 0s", changes)
        self.assertTrue(any(change.startswith("parameter limit of technical: ") and "to 50" in change and "to 40" in change
                            for change in changes), changes)
        text = self.diff(after)
        for line in ("  + /new", "  - /t/all/prices", "  ~ /t/{symbol}"):
            self.assertIn(line + "\n", text)
        self.assertNotIn("needs a restart", text)

    def test_a_source_with_other_settings_and_a_token_are_changes_without_their_values(self):
        after = CONFIG.replace("seed: 7", "seed: 8").replace("${TOKEN}", "${OTHER}")
        new = bourse.write_config(self.folder, after, "new.yaml")
        done = bourse.run("diff", self.config, new, "--json", env={**TOKEN, "OTHER": "abcdefghijklmnop1"})
        said = json.loads(done.stdout)
        self.assertEqual(said["sources"]["changed"], ["market"])
        self.assertEqual(said["route_changes"], {"/closed/{symbol}": ["its lines mean something else"]})
        self.assertNotIn("abcdefgh", done.stdout)

    def test_what_needs_a_restart_is_what_a_reload_says(self):
        after = CONFIG.replace('server: {listen: "127.0.0.1:0"}', 'server: {listen: "127.0.0.1:0", queue: 17, max-response: 2MiB}\nlog: {level: warn}')
        said = self.diff(after, "--json")
        self.assertEqual(said["needs_restart"], ["server.queue"])
        self.assertEqual(sorted(said["keys"]), ["log.level", "server.max-response", "server.queue"])
        self.assertIn("needs a restart: server.queue\n", self.diff(after))
        text = CONFIG.replace('server: {', 'server: {admin: "127.0.0.1:0", ')
        config = bourse.write_config(self.folder, text, "served.yaml")
        with bourse.Server(config, env=TOKEN) as server:
            bourse.write_config(self.folder, text.replace('listen: "127.0.0.1:0"', 'listen: "127.0.0.1:0", queue: 17, max-response: 2MiB'), "served.yaml")
            status, _, body = server.get("/reload", method="POST", port=server.admin_port)
        self.assertEqual(status, 200, body)
        self.assertEqual(json.loads(body)["needs_restart"], said["needs_restart"])

    def test_one_of_them_may_come_through_a_pipe(self):
        done = bourse.run("diff", "-", self.config, text=CONFIG, env=TOKEN)
        self.assertEqual((done.returncode, done.stdout), (0, "nothing would change\n"), done.stderr)
        done = bourse.run("diff", self.config, "-", text=CONFIG + '  - {path: "/new", run: prices, format: csv}\n', env=TOKEN)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("  + /new\n", done.stdout)
        done = bourse.run("diff", "-", "-", text=CONFIG, env=TOKEN)
        self.assertEqual(done.returncode, 2)

    def test_what_is_wrong_with_either_is_told(self):
        broken = bourse.write_config(self.folder, CONFIG.replace("run: technical", "run: technicl"), "broken.yaml")
        for words in ((broken, self.config), (self.config, broken)):
            done = bourse.run("diff", *words, env=TOKEN)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn("broken.yaml:", done.stderr)


if __name__ == "__main__":
    unittest.main()
