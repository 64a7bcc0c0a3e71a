# SPDX-License-Identifier: MIT
"""docker/prometheus and docker/grafana against what real servers show, and the rules against made-up histories.

With promtool and prometheus of this machine (Debian's package prometheus); what needs them is skipped without."""
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

try:
    import yaml
except ImportError:
    print("skipped: there is no python3-yaml on this machine")
    sys.exit(77)

import figures
from figures import ROOT

PROMTOOL, PROMETHEUS = shutil.which("promtool"), shutil.which("prometheus")
RULES = os.path.join(ROOT, "docker", "prometheus", "rules.yml")
CASES = os.path.join(ROOT, "tests", "docker", "rules_cases.yml")
DASHBOARD = os.path.join(ROOT, "docker", "grafana", "dashboards", "bourse.json")
# What a Prometheus adds itself.
OF_SCRAPES, ADDED_LABELS = {"up"}, {"job", "instance"}


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def promtool(*words, stdin=None):
    return subprocess.run([PROMTOOL, *words], input=stdin, capture_output=True, text=True, timeout=120, check=False)


def rules():
    return [rule for group in yaml.safe_load(read(RULES))["groups"] for rule in group["rules"]]


def panels():
    return [panel for panel in json.loads(read(DASHBOARD))["panels"] if panel["type"] != "row"]


def filled(expression):
    """As Grafana sends it, with everything chosen."""
    for name, text in (("$__rate_interval", "1m"), ("$__range", "1h"), ("$instance", ".*"), ("$route", ".*")):
        expression = expression.replace(name, text)
    return expression


def shown_expressions():
    """(where, expression) of the dashboard."""
    dashboard = json.loads(read(DASHBOARD))
    for panel in panels():
        for target in panel["targets"]:
            yield f'{panel["title"]} {target["refId"]}', filled(target["expr"])
    for annotation in dashboard["annotations"]["list"]:
        yield annotation["name"], filled(annotation["expr"])


def expressions():
    yield from ((rule["alert"], rule["expr"]) for rule in rules())
    yield from shown_expressions()


class Names(unittest.TestCase):
    """How the names in an expression are found: or the next tests would hold nothing."""

    def test_figures_are_told_from_functions_labels_and_texts(self):
        for expression, names in (
                ('sum by (job, le) (rate(a_total{b="c_total"}[5m])) / on (x) group_left (y) d > 0.5', {"a_total", "d"}),
                ('histogram_quantile(0.95, sum(rate(a_bucket[1m])) by (le))', {"a_bucket"}),
                ('label_replace(vector(0), "job", "a", "", "") or up{job="a"} == bool 0', {"up"}),
                ('a and b unless ignoring(c) d offset 5m', {"a", "b", "d"}), ('1e9 + Inf', set())):
            self.assertEqual(figures.names_in(expression) - {"Inf"}, names, expression)
        self.assertEqual(sorted(figures.labels_in('a{b="x{y",c=~"d"} / e{f!=""}')), [("a", "b"), ("a", "c"), ("e", "f")])


class Expressions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.pages = []
        with figures.Server() as server:
            figures.some_traffic(server)
            cls.pages.append(server.page())
        # A source with figures of its own, which needs nobody to ask anything.
        with tempfile.TemporaryDirectory() as state, figures.Server("binance", state) as server:
            cls.pages.append(server.page())
        cls.names = OF_SCRAPES.union(*(page.names() for page in cls.pages))

    def test_no_expression_names_a_figure_that_does_not_exist(self):
        for where, expression in expressions():
            with self.subTest(where):
                names = figures.names_in(expression)
                self.assertTrue(names, expression)
                self.assertEqual(names - self.names, set(), expression)

    def test_no_selector_names_a_label_that_its_figure_has_not(self):
        for where, expression in expressions():
            for figure, label in figures.labels_in(expression):
                with self.subTest(where, figure=figure):
                    has = ADDED_LABELS.union(*(page.labels(figure) for page in self.pages))
                    self.assertIn(label, has, expression)

    def test_variables_of_the_dashboard_are_labels_of_figures(self):
        for variable in json.loads(read(DASHBOARD))["templating"]["list"]:
            if variable["type"] != "query":
                continue
            figure, label = re.fullmatch(r"label_values\((\w+), (\w+)\)", variable["definition"]).groups()
            self.assertEqual(variable["query"]["query"], variable["definition"])
            self.assertIn(figure, self.names)
            self.assertIn(label, ADDED_LABELS.union(*(page.labels(figure) for page in self.pages)))

    def test_every_figure_of_the_host_is_explained(self):
        folder = os.path.join(ROOT, "docs", "reference")
        text = "".join(read(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(".md"))
        documented = set(re.findall(r"`(bourse_\w+)", text))
        # "`bourse_cache_bytes`, `_bytes_max`": the beginning is said once.
        documented |= {"bourse_cache" + short for short in re.findall(r"`(_[a-z_]+)", text)}
        page = self.pages[0]
        self.assertEqual([name for name in page.kind if name.startswith("bourse_") and name not in documented], [])


class Page(unittest.TestCase):
    def test_a_page_that_breaks_the_format_is_seen(self):
        good = "# HELP a_total All.\n# TYPE a_total counter\na_total{b=\"c\"} 1\n"
        self.assertEqual(figures.Page(good).value("a_total", b="c"), 1)
        for bad in (good[:-1], good + "a_total{b=\"c\"} 1\n", good.replace("# TYPE a_total counter\n", ""),
                    good.replace('"c"', '"c'), good.replace("} 1", "}1"), good + good, good + "d 1\n",
                    good.replace('b="c"', 'b="c",b="d"')):
            with self.assertRaises(AssertionError, msg=bad):
                figures.Page(bad)

    def test_it_is_read_and_what_was_asked_is_counted_exactly(self):
        with figures.Server() as server:
            figures.some_traffic(server)
            page = server.page()
        asked = {"route": "/api/v1/market/statistics", "analysis": "market-statistics", "format": "json"}
        self.assertEqual(page.value("bourse_requests_total", **asked, status="200"), 2)
        self.assertEqual(page.value("bourse_requests_total", **asked), 2)
        self.assertEqual(page.value("bourse_requests_total", route="/api/v1/market/prices", format="csv", status="200"), 1)
        technical = "/api/v1/{symbol}/technical"
        self.assertEqual(page.value("bourse_requests_total", route=technical, analysis="", status="400"), 1)
        self.assertEqual(page.value("bourse_requests_total", route=technical, analysis="technical", format="json", status="404"), 1)
        self.assertEqual(page.value("bourse_requests_total", route="", status="404"), 1)
        self.assertEqual(page.value("bourse_requests_total"), 6)
        self.assertEqual(page.value("bourse_request_seconds_count"), 6)
        self.assertEqual(page.value("bourse_route_cache_answers_total", route=asked["route"], kind="rendering", way="hit"), 1)
        self.assertEqual(page.value("bourse_source_up", source="market"), 1)
        self.assertEqual(page.value("bourse_source_errors_total", source="market", code="symbol_not_found"), 1)
        self.assertEqual((page.value("bourse_reloads_total"), page.value("bourse_last_reload_successful")), (1, 1))
        self.assertEqual(page.value("bourse_build_info"), 1)
        for name, kind in page.kind.items():
            self.assertEqual(name.endswith("_total"), kind == "counter", name)
            # By this name OpenMetrics knows a counter.
            self.assertNotIn(name.removesuffix("_total") if kind == "counter" else "", page.kind)
        for (name, labels), value in page.samples.items():
            if name.endswith("_bucket") and dict(labels)["le"] == "+Inf":
                count = tuple(label for label in labels if label[0] != "le")
                self.assertEqual(value, page.samples[name.removesuffix("bucket") + "count", count])

    def test_strangers_make_no_figures(self):
        with figures.Server() as server:
            before = len(server.page().samples)
            for number in range(50):
                server.get(f"/nowhere/{number}")
                server.get(f"/api/v1/S{number}USDT/technical?format=f{number}")
                server.get(f"/api/v1/market/statistics?x{number}=1")
            # One for each of: no route, not acceptable, unknown parameter.
            self.assertLessEqual(len(server.page().samples), before + 4)

    @unittest.skipIf(PROMTOOL is None, "there is no promtool on this machine")
    def test_promtool_has_nothing_to_say(self):
        with figures.Server() as server:
            figures.some_traffic(server)
            text = server.metrics()
        done = promtool("check", "metrics", stdin=text)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        done = promtool("check", "metrics", stdin=text.replace("bourse_reloads_total", "bourse_reloads"))
        self.assertNotEqual(done.returncode, 0)

    def test_the_clients_of_others_read_it(self):
        try:
            from prometheus_client.parser import text_string_to_metric_families
        except ImportError:
            self.skipTest("there is no python3-prometheus-client on this machine")
        with figures.Server() as server:
            figures.some_traffic(server)
            text = server.metrics()
        families = list(text_string_to_metric_families(text))
        page = figures.Page(text)
        self.assertEqual(len({family.name for family in families}), len(families), "a name that two have")
        self.assertEqual(len(families), len(page.kind))
        self.assertEqual(sum(len(family.samples) for family in families), len(page.samples))


class Rules(unittest.TestCase):
    def test_each_says_whom_it_wakes_what_is_wrong_and_what_to_do(self):
        for rule in rules():
            with self.subTest(rule["alert"]):
                self.assertIn(rule["labels"]["severity"], ("page", "warn"))
                self.assertEqual(set(rule["annotations"]), {"summary", "do"})
                self.assertRegex(rule["alert"], r"\ABourse[A-Z]\w+\Z")

    def test_each_is_in_the_how_to_where_it_belongs(self):
        text = read(ROOT, "docs", "howto", "deploy.md")
        for rule in rules():
            line, = re.findall(rf"(?m)^\| `{rule['alert']}` \| (\w+) \|", text)
            self.assertEqual(line, {"page": "pages", "warn": "warns"}[rule["labels"]["severity"]])

    def test_each_has_a_history_in_which_it_fires(self):
        fires = {case["alertname"] for test in yaml.safe_load(read(CASES))["tests"]
                 for case in test["alert_rule_test"] if case.get("exp_alerts")}
        self.assertEqual(fires, {rule["alert"] for rule in rules()})

    @unittest.skipIf(PROMTOOL is None, "there is no promtool on this machine")
    def test_prometheus_takes_them(self):
        done = promtool("check", "rules", RULES)
        self.assertEqual(done.returncode, 0, done.stderr)

    @unittest.skipIf(PROMTOOL is None, "there is no promtool on this machine")
    def test_they_fire_when_they_should_and_not_when_they_should_not(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(RULES, folder)
            shutil.copy(CASES, folder)
            done = promtool("test", "rules", os.path.join(folder, "rules_cases.yml"))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            # And it would be seen: with another bound, one of them does not come true.
            path = os.path.join(folder, "rules.yml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(read(RULES).replace("> 0.05", "> 0.5"))
            self.assertNotEqual(promtool("test", "rules", os.path.join(folder, "rules_cases.yml")).returncode, 0)

    @unittest.skipIf(PROMTOOL is None, "there is no promtool on this machine")
    def test_what_ships_is_a_configuration_of_prometheus(self):
        with tempfile.TemporaryDirectory() as folder:
            text = read(ROOT, "docker", "prometheus", "prometheus.yml")
            self.assertIn("/etc/prometheus/rules.yml", text)
            path = os.path.join(folder, "prometheus.yml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace("/etc/prometheus", os.path.dirname(RULES)))
            done = promtool("check", "config", path)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("rules found", done.stdout)


class Dashboard(unittest.TestCase):
    whole = json.loads(read(DASHBOARD))

    def test_every_panel_has_a_place_and_a_number_of_its_own(self):
        every = self.whole["panels"]
        self.assertEqual(len({panel["id"] for panel in every}), len(every))
        taken = {}
        for panel in every:
            place = panel["gridPos"]
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    self.assertNotIn((x, y), taken, f'{panel["title"]} lies over {taken.get((x, y))}')
                    taken[x, y] = panel["title"]

    def test_it_asks_the_source_that_is_chosen(self):
        chosen = {"type": "prometheus", "uid": "${datasource}"}
        for panel in panels():
            self.assertEqual(panel["datasource"], chosen, panel["title"])
            for target in panel["targets"]:
                self.assertEqual(target["datasource"], chosen, panel["title"])
            self.assertEqual(len({target["refId"] for target in panel["targets"]}), len(panel["targets"]))
        for name in re.findall(r"\$\{?(\w+)", "".join(target["expr"] for panel in panels() for target in panel["targets"])):
            self.assertIn(name, {"__rate_interval", "__range"} | {v["name"] for v in self.whole["templating"]["list"]})

    @unittest.skipIf(PROMTOOL is None, "there is no promtool on this machine")
    def test_what_fails_by_our_fault_is_no_more_than_that(self):
        """By hand: of 40 requests a minute 2 failed for us (502), 8 wanted an answer only from memory (504): 2 in 40."""
        panel, = (panel for panel in panels() if panel["title"] == "Failed by our fault")
        expression = filled(panel["targets"][0]["expr"]).replace("[1m]", "[5m]")
        asked = 'bourse_requests_total{job="bourse",instance="a",route="/a",status="%s"}'
        refused = 'bourse_cache_answers_total{job="bourse",instance="a",kind="rendering",way="refused"}'

        def share(*series):
            return {"interval": "1m", "input_series": [{"series": name, "values": f"0+{step}x20"} for name, step in series]}
        cases = [(0.05, [(asked % 200, 30), (asked % 502, 2), (asked % 504, 8), (refused, 8)]),
                 (0, [(asked % 200, 30), (asked % 504, 10), (refused, 10)]), (0, [(asked % 200, 30)]),
                 (0.25, [(asked % 200, 30), (asked % 504, 10)])]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "shown.yml")
            with open(path, "w", encoding="utf-8") as file:
                yaml.safe_dump({"tests": [{**share(*series), "promql_expr_test": [
                    {"expr": f"abs({expression} - {value}) < bool 1e-9", "eval_time": "10m", "exp_samples": [{"labels": "{}", "value": 1}]}]}
                    for value, series in cases]}, file)
            done = promtool("test", "rules", path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_what_is_provisioned_is_there(self):
        folder = os.path.join(ROOT, "docker", "grafana", "provisioning")
        provider, = yaml.safe_load(read(folder, "dashboards", "bourse.yaml"))["providers"]
        compose = yaml.safe_load(read(ROOT, "docker", "compose.monitoring.yaml"))["services"]
        volumes = dict(volume.split(":")[1::-1] for volume in compose["grafana"]["volumes"])
        self.assertEqual(volumes[provider["options"]["path"]], "./grafana/dashboards")
        self.assertEqual(volumes["/etc/grafana/provisioning"], "./grafana/provisioning")
        source, = yaml.safe_load(read(folder, "datasources", "prometheus.yaml"))["datasources"]
        host, port = source["url"].removeprefix("http://").split(":")
        self.assertIn(host, compose)
        self.assertEqual(set(compose[host]["networks"]) & set(compose["grafana"]["networks"]), {"monitoring"})
        self.assertTrue(compose[host]["ports"][0].endswith(":" + port))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@unittest.skipIf(PROMETHEUS is None, "there is no prometheus on this machine")
class Scraped(unittest.TestCase):
    """Debian's Prometheus with the rules that ship, on a real server."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.server = cls.enterClassContext(figures.Server())
        cls.port = free_port()
        path = os.path.join(cls.folder, "prometheus.yml")
        with open(path, "w", encoding="utf-8") as file:
            yaml.safe_dump({"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [RULES],
                            "scrape_configs": [{"job_name": "bourse", "static_configs": [
                                {"targets": [f"127.0.0.1:{cls.server.admin_port}"]}]}]}, file)
        cls.process = subprocess.Popen([PROMETHEUS, f"--config.file={path}", f"--storage.tsdb.path={cls.folder}/data",
                                        f"--web.listen-address=127.0.0.1:{cls.port}", "--log.level=error"])
        cls.addClassCleanup(cls.end)
        cls.until(lambda: cls.query("bourse_ready")[0]["value"][1] == "1")
        figures.some_traffic(cls.server)
        # A rate takes two looks at what is counted; the second must come after the traffic was seen.
        cls.until(lambda: cls.query("bourse_reloads_total")[0]["value"][1] == "1")
        figures.some_traffic(cls.server)
        cls.until(lambda: cls.query("bourse_reloads_total")[0]["value"][1] == "2")

    @classmethod
    def end(cls):
        cls.process.terminate()
        cls.process.wait(30)

    @classmethod
    def until(cls, holds):
        end = time.monotonic() + 60
        while True:
            try:
                if holds():
                    return
            except (OSError, IndexError):
                pass  # it is not up yet, or has seen nothing
            if time.monotonic() > end or cls.process.poll() is not None:
                raise AssertionError("Prometheus does not see the server")
            time.sleep(0.1)

    @classmethod
    def query(cls, expression):
        url = f"http://127.0.0.1:{cls.port}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as e:
            if e.code == 503:
                raise  # it has not started yet
            raise AssertionError(f"{expression}: {e.read().decode()}") from None

    def test_every_panel_shows_something(self):
        empty = [where for where, expression in shown_expressions() if not self.query(expression)]
        # A good server has none of these.
        self.assertEqual([where for where in empty if not where.startswith(("Binance", "Reloads and starts"))], [])

    def test_every_rule_is_loaded_and_none_fires(self):
        def groups():
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/rules", timeout=20) as answer:
                return json.load(answer)["data"]["groups"]
        self.until(lambda: all(rule["health"] == "ok" for group in groups() for rule in group["rules"]))
        loaded = [rule for group in groups() for rule in group["rules"]]
        self.assertEqual([rule["name"] for rule in loaded], [rule["alert"] for rule in rules()])
        self.assertEqual([rule["name"] for rule in loaded if rule["state"] == "firing"], [])


if __name__ == "__main__":
    unittest.main()
