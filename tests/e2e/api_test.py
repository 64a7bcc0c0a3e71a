# SPDX-License-Identifier: MIT
"""/openapi.json, /docs and /: what they say is held against what the server does.

Answers are validated against their own schemas by a second implementation (python3-jsonschema), so an analysis that
returns what it did not declare, or the other way round, fails here.
"""
import gzip
import html.parser
import json
import os
import re
import signal
import tempfile
import time
import unittest
import urllib.parse

import jsonschema

import bourse_process as bourse

CONFIG = """
    bourse: 1
    server: {listen: "127.0.0.1:0", admin: "127.0.0.1:0"}
    log: {level: debug}
    sources:
      market: {use: synthetic, config: {seed: 42, now: "2025-03-01T12:34:56Z"}}
    defaults: {source: market, deadline: 30s}
    routes:
      - path: "/api/{symbol}/technical"
        run: technical
        title: "Candles <b>&amp; indicators"
        formats: [json, csv, html, xml, png]
        params:
          limit: {default: 20, max: 30}
          interval: 1h
          sma_fast: {choices: [5, 10], default: 10}
          bollinger_period: {default: "${HIDDEN_PERIOD}"}
      - {path: /api/prices, run: prices, formats: [csv, json]}
      - {path: /api/private, run: prices, format: json, access: {tokens: ["${ACCESS_TOKEN}"]}}
      - path: "/api/charts/{analysis}"
        run: {from: analysis, allow: [market-statistics, correlation], alias: {market: market-statistics}}
        format: json
        params: {symbols: {min: 2, max: 5, default: "BTCUSDT,ETHUSDT"}}
"""
TOKEN = "0123456789abcdef-secret-token"
ENVIRONMENT = {"ACCESS_TOKEN": TOKEN, "HIDDEN_PERIOD": "173"}

ANALYSES = {"market-statistics": {}, "technical": {"symbol": "BTCUSDT", "limit": "5"}, "correlation": {"days": "20"},
            "liquidity": {"symbol": "ETHUSDT"}, "prices": {}, "symbols": {}}
EVERY_ANALYSIS = """
    bourse: 1
    log: {level: debug}
    sources:
      market: {use: synthetic, config: {seed: 42, now: "2025-03-01T12:34:56Z"}}
    defaults: {source: market, deadline: 30s}
    routes:
""" + "".join(f"""
      - {{path: /{name}, run: {name}, format: json}}
      - {{path: /arrays/{name}, run: {name}, format: json, params: {{layout: arrays}}}}
      - {{path: /columns/{name}, run: {name}, format: json, params: {{layout: columns}}}}
""" for name in ANALYSES)
# What makes optional parts come and go.
VARIANTS = {"market-statistics": [{}, {"include_volume": "false"}], "correlation": [{"days": "20"}, {"days": "20", "include_clusters": "false"}],
            "liquidity": [{"symbol": "ETHUSDT"}, {"symbol": "ETHUSDT", "include_levels": "false"}],
            "symbols": [{}, {"status": "NO_SUCH"}]}


def references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for item in node:
            yield from references(item)


def resolve(document, reference):
    for part in reference.removeprefix("#/").split("/"):
        document = document[part]
    return document


def validator(document, schema):
    """For a schema of `document`, whose references lead into it."""
    resolver = jsonschema.RefResolver("", document)
    return jsonschema.Draft202012Validator(schema, resolver=resolver)


def json_schema_of(document, path):
    return document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]


class Served(unittest.TestCase):
    config = CONFIG
    environment = ENVIRONMENT

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.file = bourse.write_config(cls.folder.name, cls.config)
        cls.server = bourse.Server(cls.file, env=cls.environment)
        cls.server.__enter__()
        _, cls.api = cls.server.json("/openapi.json")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None, None, None)
        cls.folder.cleanup()

    def parameters(self, path):
        return {p["name"]: p for p in self.api["paths"][path]["get"]["parameters"]}


class Description(Served):
    def test_the_document_keeps_the_rules_of_openapi_3_1(self):
        api = self.api
        self.assertEqual("3.1.0", api["openapi"])
        for key in ("title", "version", "license", "description"):
            self.assertTrue(api["info"][key], key)
        self.assertEqual([], [s for s in api["servers"] if s["url"] != "/" and s["url"].endswith("/")])
        text = json.dumps(api)
        self.assertNotIn("nullable", text)
        for reference in references(api):
            resolve(api, reference)  # throws where it leads nowhere
        for kind, members in api["components"].items():
            for name in members:
                if kind != "securitySchemes":
                    self.assertIn(f'"#/components/{kind}/{name}"', text, "a component that nothing uses")
        for name, schema in api["components"]["schemas"].items():
            self.assertRegex(name, r"^[a-zA-Z0-9._-]+$")
            jsonschema.Draft202012Validator.check_schema(schema)
        tags, ids = {t["name"] for t in api["tags"]}, []
        for path, item in api["paths"].items():
            operation = item["get"]
            ids.append(operation["operationId"])
            self.assertTrue(operation["summary"] and operation["description"], path)
            self.assertTrue(set(operation["tags"]) <= tags and operation["tags"], path)
            self.assertIn("security", operation, path)
            self.assertTrue([s for s in operation["responses"] if s.startswith("4")], path)
            for status, answer in operation["responses"].items():
                answer = resolve(api, answer["$ref"]) if "$ref" in answer else answer
                example = answer["content"].get("application/problem+json", {}).get("example")
                if example:
                    validator(api, api["components"]["schemas"]["Problem"]).validate(example)
                    self.assertEqual(status, str(example["status"]))
                self.assertTrue(answer["content"] and answer["description"], f"{path} {status}")
            in_path = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
            self.assertEqual(set(re.findall(r"{(\w+)}", path)), in_path, path)
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    self.assertIs(True, parameter["required"], path)
                names = [p["name"] for p in operation["parameters"]]
                self.assertEqual(len(names), len(set(names)), path)
        self.assertEqual(len(ids), len(set(ids)))
        for operation_id in ids:
            self.assertRegex(operation_id, r"^[a-z0-9_]+$")

    def test_parameters_are_as_the_route_narrows_them(self):
        of = self.parameters("/api/{symbol}/technical")
        self.assertEqual({"type": "integer", "format": "int64", "minimum": 1, "maximum": 30, "default": 20}, of["limit"]["schema"])
        self.assertNotIn("interval", of, "the route fixes it")
        self.assertEqual([5, 10], of["sma_fast"]["schema"]["enum"])
        self.assertEqual(10, of["sma_fast"]["schema"]["default"])
        self.assertEqual("string", of["symbol"]["schema"]["type"])
        self.assertEqual(40, of["symbol"]["schema"]["maxLength"])
        self.assertEqual("path", of["symbol"]["in"])
        self.assertEqual("BTCUSDT", of["symbol"]["example"], "what the source gives to be tried with")

    def test_lists_are_written_with_commas_and_so_they_are_read(self):
        listed = self.parameters("/api/charts/market-statistics")["symbols"]
        self.assertEqual(("form", False), (listed["style"], listed["explode"]))
        self.assertEqual({"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 5,
                          "default": ["BTCUSDT", "ETHUSDT"]}, listed["schema"])
        status, answer = self.server.json("/api/charts/market-statistics?symbols=BTCUSDT,ADAUSDT")
        self.assertEqual((200, 2), (status, answer["values"]["summary"]["total_symbols"]))

    def test_nothing_that_is_filled_in_breaks_the_choice_of_a_format(self):
        of = self.parameters("/api/{symbol}/technical")
        self.assertEqual(["json", "csv", "html", "xml", "png"], of["format"]["schema"]["enum"])
        self.assertNotIn("default", of["format"]["schema"])
        self.assertNotIn("example", of["format"])
        of_formats = [p for p in of.values() if "only." in p["description"]]
        self.assertTrue(of_formats, "png has a width, for instance")
        self.assertIs(False, self.parameters("/api/private")["pretty"]["schema"]["default"], "where there is one format, all of its fit")
        for parameter in of_formats:
            self.assertNotIn("default", parameter["schema"], "JSON would be refused with it")
            self.assertIs(False, parameter["required"])

    def test_all_that_a_page_fills_in_is_legal(self):
        for path, item in self.api["paths"].items():
            query = []
            for parameter in item["get"]["parameters"]:
                value = parameter.get("example", parameter["schema"].get("default"))
                text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
                if parameter["in"] == "path":
                    path = path.replace("{" + parameter["name"] + "}", text)
                elif value is not None:
                    query.append(f"{parameter['name']}={urllib.parse.quote(text.lower() if isinstance(value, bool) else text)}")
            headers = {"Authorization": f"Bearer {TOKEN}"} if item["get"]["security"] else {}
            for media in item["get"]["responses"]["200"]["content"]:
                status, answered, body = self.server.get(path + "?" + "&".join(query), {**headers, "Accept": media})
                self.assertEqual(200, status, f"{path} as {media}: {body[:300]}")
                self.assertEqual(media, answered["content-type"].split(";")[0])

    def test_each_media_type_stands_once(self):
        content = self.api["paths"]["/api/{symbol}/technical"]["get"]["responses"]["200"]["content"]
        self.assertEqual({"application/json", "text/csv", "text/html", "application/xml", "image/png"}, set(content))
        self.assertEqual({}, content["image/png"])
        self.assertEqual({"type": "string"}, content["text/csv"]["schema"])
        self.assertEqual("application/json", next(iter(content)), "what */* is answered with comes first")
        self.assertEqual("text/csv", next(iter(self.api["paths"]["/api/prices"]["get"]["responses"]["200"]["content"])))

    def test_a_choice_of_the_path_is_a_path_for_each(self):
        self.assertIn("/api/charts/market-statistics", self.api["paths"])
        self.assertIn("/api/charts/correlation", self.api["paths"])
        self.assertNotIn("/api/charts/{analysis}", self.api["paths"])
        self.assertNotIn("/api/charts/market", self.api["paths"])
        self.assertIn("may also be written market.", self.api["paths"]["/api/charts/market-statistics"]["get"]["description"])

    def test_who_needs_a_token_is_said_and_nothing_secret(self):
        paths = self.api["paths"]
        self.assertEqual([{"bearer": []}], paths["/api/private"]["get"]["security"])
        self.assertIn("401", paths["/api/private"]["get"]["responses"])
        self.assertEqual([], paths["/api/prices"]["get"]["security"])
        self.assertNotIn("401", paths["/api/prices"]["get"]["responses"])
        self.assertEqual("http", self.api["components"]["securitySchemes"]["bearer"]["type"])
        hidden = self.parameters("/api/{symbol}/technical")["bollinger_period"]
        self.assertEqual({"type": "integer", "format": "int64"}, hidden["schema"], "its default came from the environment")
        for page in ("/openapi.json", "/docs/plain", "/"):
            for accept in ("text/html", "application/json"):
                text = self.server.get(page, {"Accept": accept})[2].decode()
                self.assertNotIn(TOKEN, text)
                self.assertNotIn(ENVIRONMENT["HIDDEN_PERIOD"], text, page)

    def test_problems_keep_to_their_schema(self):
        problem = validator(self.api, self.api["components"]["schemas"]["Problem"])
        for target, status in (("/api/BTCUSDT/technical?limit=0", "400"), ("/api/private", "401"), ("/api/NOSUCH/technical", "404"),
                               ("/api/BTCUSDT/technical?format=pdf", "406")):
            path = "/api/private" if "private" in target else "/api/{symbol}/technical"
            code, headers, body = self.server.get(target)
            self.assertEqual((status, "application/problem+json"), (str(code), headers["content-type"]), body)
            self.assertIn(status, self.api["paths"][path]["get"]["responses"])
            problem.validate(json.loads(body))

    def test_it_is_to_be_asked_for_again_and_mostly_not_sent_again(self):
        status, headers, body = self.server.get("/openapi.json")
        self.assertEqual((200, "application/json", "no-cache"), (status, headers["content-type"], headers["cache-control"]))
        self.assertEqual("nosniff", headers["x-content-type-options"])
        self.assertRegex(headers["etag"], r'^"[0-9a-f]{32}"$')
        again = self.server.get("/openapi.json", {"If-None-Match": headers["etag"]})
        self.assertEqual((304, b"", headers["etag"]), (again[0], again[2], again[1]["etag"]))
        status, short, packed = self.server.get("/openapi.json", {"Accept-Encoding": "gzip"})
        self.assertEqual(("gzip", headers["etag"][:-1] + '-gz"', body),
                         (short["content-encoding"], short["etag"], gzip.decompress(packed)))
        self.assertEqual(304, self.server.get("/openapi.json", {"Accept-Encoding": "gzip", "If-None-Match": short["etag"]})[0])
        self.assertEqual(200, self.server.get("/openapi.json", {"If-None-Match": short["etag"]})[0])
        self.assertEqual(412, self.server.get("/openapi.json", {"If-Match": '"other"'})[0])
        head = self.server.get("/openapi.json", method="HEAD")
        self.assertEqual((200, b"", str(len(body))), (head[0], head[2], head[1]["content-length"]))
        self.assertEqual(405, self.server.get("/openapi.json", method="POST")[0])


class EveryAnalysis(Served):
    config = EVERY_ANALYSIS
    environment = {}

    def each(self):
        for name, given in ANALYSES.items():
            for layout in ("", "/arrays", "/columns"):
                for variant in VARIANTS.get(name, [given]):
                    yield f"{layout}/{name}", urllib.parse.urlencode(variant)

    def test_reports_keep_to_what_the_analysis_declares(self):
        with open(os.path.join(bourse.SOURCE_DIR, "docs", "reference", "report.schema.json"), encoding="utf-8") as file:
            reference = jsonschema.Draft202012Validator(json.load(file))
        for path, query in self.each():
            status, answer = self.server.json(f"{path}?{query}")
            self.assertEqual(200, status, f"{path}?{query}: {answer}")
            validator(self.api, json_schema_of(self.api, path)).validate(answer)
            reference.validate(answer)
        self.assertNotIn("report_differs", self.server.log(), "the host's own comparison")

    def test_records_keep_to_it_too(self):
        schema = validator(self.api, json_schema_of(self.api, "/technical"))
        for table in ("series", "values"):
            _, answer = self.server.json(f"/technical?symbol=BTCUSDT&limit=2&layout=records&table={table}")
            self.assertIsInstance(answer, list)
            schema.validate(answer)
            self.assertFalse(schema.is_valid([{**answer[0], "extra": 1}]))

    def test_the_schemas_refuse_what_was_not_declared_and_miss_what_was(self):
        _, answer = self.server.json("/technical?symbol=BTCUSDT&limit=2")
        schema = validator(self.api, json_schema_of(self.api, "/technical"))
        schema.validate(answer)

        def refused(change):
            bent = json.loads(json.dumps(answer))
            change(bent)
            self.assertFalse(schema.is_valid(bent), change)
        refused(lambda a: a["values"].update(extra=1))
        refused(lambda a: a["values"]["signals"].pop("macd_cross"))
        refused(lambda a: a["values"].pop("signals"))
        refused(lambda a: a["tables"].update(extra=a["tables"]["series"]))
        refused(lambda a: a["tables"].pop("series"))
        refused(lambda a: a["tables"]["series"]["rows"][0].update(extra=1))
        refused(lambda a: a["tables"]["series"]["rows"][0].pop("close"))
        refused(lambda a: a["tables"]["series"]["rows"][0].update(close=1.5))
        refused(lambda a: a["notes"].append({"level": "loud"}))

    def test_a_fixed_layout_leaves_one(self):
        schema = lambda path: resolve(self.api, json_schema_of(self.api, path)["$ref"])
        of = lambda path: schema(path)["properties"]["tables"]["properties"]["series"]
        document, records = schema("/technical")["anyOf"]
        self.assertIn("anyOf", document["properties"]["tables"]["properties"]["series"]["properties"]["rows"]["items"])
        self.assertEqual("array", records["type"])
        self.assertEqual("array", of("/arrays/technical")["properties"]["rows"]["items"]["type"])
        self.assertNotIn("rows", of("/columns/technical")["properties"])
        self.assertIn("columns", of("/columns/technical")["required"])

    def test_what_all_reports_have_alike_is_as_the_reference_says(self):
        def outline(node):
            """What of a schema decides who is accepted: names, what must be there, what is closed, choices."""
            if "oneOf" in node:  # a range is null or two numbers
                return "array"
            if "properties" in node:
                return (sorted(node["required"]), node["additionalProperties"], {k: outline(v) for k, v in node["properties"].items()})
            return node.get("enum") or node.get("const") or ("items" in node and outline(node["items"]) or "text")
        with open(os.path.join(bourse.SOURCE_DIR, "docs", "reference", "report.schema.json"), encoding="utf-8") as file:
            reference = json.load(file)["$defs"]
        for name in ("note", "field", "chart"):
            ours = outline(self.api["components"]["schemas"][f"json.{name}"])
            theirs = outline(reference[name])
            if name == "chart":  # written as a type list here
                ours[2]["range"] = theirs[2]["range"]
            self.assertEqual(theirs, ours, name)

    def test_values_have_a_meaning(self):
        series = resolve(self.api, json_schema_of(self.api, "/columns/technical")["$ref"])["properties"]["tables"]["properties"]["series"]
        rsi = series["properties"]["columns"]["properties"]["rsi"]["items"]
        self.assertEqual((["number", "null"], "RSI", "relative strength index, 0 to 100"), (rsi["type"], rsi["title"], rsi["description"]))


class Page(html.parser.HTMLParser):
    """What a page loads, and whether it would break its policy."""

    def __init__(self, text):
        super().__init__()
        self.links, self.inline, self.open = [], [], []
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if "style" in attrs or any(name.startswith("on") for name in attrs) or tag == "style" or (tag == "script" and "src" not in attrs):
            self.inline.append(tag)
        self.links += [attrs[name] for name in ("href", "src") if name in attrs]
        if tag not in ("meta", "link", "br", "hr", "img", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag


class Pages(Served):
    BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}

    def page(self, path):
        status, headers, body = self.server.get(path, self.BROWSER)
        self.assertEqual((200, "text/html; charset=utf-8"), (status, headers["content-type"]), path)
        policy = headers["content-security-policy"]
        self.assertTrue(policy.startswith("default-src 'none'; "), policy)
        self.assertNotIn("unsafe", policy)
        self.assertEqual("no-cache", headers["cache-control"])
        text = body.decode()
        page = Page(text)
        self.assertEqual([], page.inline, path)
        for link in page.links:
            self.assertFalse(re.match(r"[a-z]+://|//", link), f"{path} loads {link}")
        return text, page

    def test_every_page_is_whole_and_leads_somewhere(self):
        for path in ("/", "/docs", "/docs/plain"):
            text, page = self.page(path)
            for link in page.links:
                if link.startswith(("#", "data:")):
                    self.assertTrue(link == "data:," or f'id="{link[1:]}"' in text, link)
                    continue
                target = urllib.parse.urldefrag(urllib.parse.urljoin(path, link)).url
                status = self.server.get(target, self.BROWSER)[0]
                self.assertIn(status, (200, 308), f"{path}: {link} is {target}")

    def test_texts_of_the_configuration_are_texts(self):
        for path in ("/", "/docs/plain"):
            text, _ = self.page(path)
            self.assertIn("Candles &lt;b&gt;&amp;amp; indicators", text)
            self.assertNotIn("<b>", text)

    def test_the_index_lists_all_routes_for_people_and_programs(self):
        text, _ = self.page("/")
        for path in self.api["paths"]:
            self.assertIn(f"<code>{path}</code>", text)
        self.assertEqual(1, text.count("needs a token"))
        status, headers, body = self.server.get("/", {"Accept": "application/json"})
        self.assertEqual((200, "application/json"), (status, headers["content-type"]))
        self.assertIn("Accept", headers["vary"])
        routes = {route["path"]: route for route in json.loads(body)["routes"]}
        self.assertEqual(set(self.api["paths"]), set(routes))
        self.assertEqual({"path": "/api/private", "title": "Prices", "analysis": "prices", "formats": ["json"], "needs_token": True},
                         routes["/api/private"])
        self.assertEqual("text/html; charset=utf-8", self.server.get("/", {"Accept": "*/*"})[1]["content-type"])
        self.assertEqual("text/html; charset=utf-8", self.server.get("/")[1]["content-type"])

    def submit(self, form, **fields):
        """Where the form leads to, as a path of the server."""
        target = urllib.parse.urljoin("/", form + "?" + urllib.parse.urlencode(fields))
        status, headers, _ = self.server.get(target, self.BROWSER)
        self.assertEqual(303, status)
        return urllib.parse.urljoin(target, headers["location"])

    def test_each_public_route_has_a_form_that_works_without_a_script(self):
        for path in ("/", "/docs/plain"):
            text, _ = self.page(path)
            forms = re.findall(r'<form method="get" action="([^"]+)">\n(.*?)</form>', text, re.DOTALL)
            public = [p for p, item in self.api["paths"].items() if not item["get"]["security"]]
            self.assertEqual(len(public), len(forms))
            for action, body in forms:
                fields = dict(re.findall(r'<input name="([^"]+)"[^>]* value="([^"]*)"', body))
                fields.update((name, "") for name in re.findall(r'<select name="([^"]+)"', body))
                status, _, answer = self.server.get(self.submit(urllib.parse.urljoin(path, action), **fields))
                self.assertEqual(200, status, answer)

    def test_a_form_leads_to_the_shortest_address(self):
        form = "docs/open/get_api_by_symbol_technical"
        self.assertEqual("/api/BTCUSDT/technical", self.submit(form, symbol="BTCUSDT", limit="20", sma_fast="", format="", theme="dark"))
        self.assertEqual("/api/BTCUSDT/technical?limit=5&format=json", self.submit(form, symbol="BTCUSDT", limit="5", format="json", width="300"))
        self.assertEqual("/api/BTCUSDT/technical?width=300&format=png", self.submit(form, symbol="BTCUSDT", format="png", width="300"))
        # What is none of its fields, or no part of a path, leads nowhere else.
        self.assertEqual("/api/..%2F..%2Fx%3Fy%23z/technical", self.submit(form, symbol="../../x?y#z", other="1", interval="1d"))
        self.assertEqual("/docs/plain#get_api_by_symbol_technical", self.submit(form, symbol="", limit="5"))
        self.assertEqual(404, self.server.get("/docs/open/get_nothing")[0])
        self.assertEqual(404, self.server.get("/docs/open/get_api_private")[0])

    def test_the_index_shows_a_small_picture_of_routes_that_have_one(self):
        text, _ = self.page("/")
        self.assertEqual(['api/BTCUSDT/technical?format=png&amp;width=480&amp;height=320'], re.findall(r'<img src="([^"]+)"', text))

    def test_the_plain_page_says_all(self):
        text, _ = self.page("/docs/plain")
        for said in ("A whole number from 1 to 30, default 20", "<code>limit</code>", "text/csv; charset=utf-8", "<code>.png</code>",
                     "parameter_out_of_range", "relative strength index, 0 to 100", "<code>series</code> <code>rsi</code>"):
            self.assertIn(said, text)

    def test_a_slash_too_many_leads_back(self):
        status, headers, _ = self.server.get("/docs/")
        self.assertEqual((308, "../docs"), (status, headers["location"]))
        self.assertEqual(404, self.server.get("/docs/nothing")[0])
        self.assertEqual(404, self.server.get("/index.json")[0])
        self.assertEqual(200, self.server.get("/docs/plain?x=1")[0])


class Configured(unittest.TestCase):
    def serve(self, api, more="", env=None):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        text = f"""
            bourse: 1
            server: {{listen: "127.0.0.1:0", admin: "127.0.0.1:0"{api}}}
            sources: {{market: {{use: synthetic}}}}
            routes:
              - {{path: /prices, run: prices, source: market, format: json}}
              {more}
            """
        self.file = bourse.write_config(folder.name, text)
        return bourse.Server(self.file, env=env)

    def test_a_route_at_one_of_the_paths_wins(self):
        routes = "".join(f"\n              - {{path: {path}, run: prices, source: market, format: csv}}"
                         for path in ("/", "/docs", "/openapi.json"))
        with self.serve("", routes) as server:
            for path in ("/", "/docs", "/openapi.json"):
                self.assertEqual("text/csv", server.get(path)[1]["content-type"].split(";")[0], path)
            self.assertEqual(200, server.get("/docs/plain")[0])
        with self.serve("", '- {path: "/{symbols}", run: prices, source: market, format: csv}') as server:
            self.assertEqual("application/json", server.get("/openapi.json")[1]["content-type"], "a variable is no such route")
            self.assertEqual("text/csv", server.get("/BTCUSDT")[1]["content-type"].split(";")[0])

    def test_off_is_off_and_admin_is_for_the_admin_listener(self):
        paths = ("/", "/docs", "/docs/plain", "/openapi.json")
        with self.serve(", api: off") as server:
            for path in paths:
                self.assertEqual(404, server.get(path)[0], path)
                self.assertEqual(404, server.get(path, port=server.admin_port)[0], path)
        with self.serve(", api: {pages: admin, title: Mine}") as server:
            for path in paths:
                self.assertEqual(404, server.get(path)[0], path)
                self.assertEqual(200, server.get(path, port=server.admin_port)[0], path)
            self.assertIn(b"Mine", server.get("/docs/plain", port=server.admin_port)[2])
            self.assertEqual(200, server.get("/routes", port=server.admin_port)[0])

    def test_without_the_files_of_the_explorer_the_page_says_how_to_get_them(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.serve(f", api: {{docs: {folder}}}") as server:
                body = server.get("/docs")[2].decode()
                self.assertNotIn(folder, body, "strangers are told no path of the server")
                self.assertIn("./dev docs-page", body)
                self.assertIn("<code>/prices</code>", body, "and all that there is to say")
                self.assertEqual(404, server.get("/docs/swagger-ui-bundle.js")[0])
            self.assertIn("docs_missing", server.log())
            self.assertIn(folder, server.log())
        with self.serve(", api: {docs: off}") as server:
            body = server.get("/docs")[2].decode()
            self.assertNotIn("swagger-ui", body)
            self.assertIn("<code>/prices</code>", body)

    def test_links_to_the_index_are_shown_with_a_picture_where_the_address_is_known(self):
        route = '- {path: "/t/{symbol}", run: technical, source: market, formats: [json, png]}'
        for api, images in (("", []), (', api: {pages: public, url: "https://desk.example/b"}', ["https://desk.example/b/t/BTCUSDT?format=png"])):
            with self.serve(api, route) as server:
                text = server.get("/", {"Accept": "text/html"})[2].decode()
            self.assertEqual(images, re.findall('<meta property="og:image" content="([^"]+)">', text))
            self.assertIn('<meta property="og:title" content="Bourse">', text)

    def test_with_the_files_the_page_loads_them_and_nothing_else(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("swagger-ui-bundle.js", "var a = 1;\n" * 500), ("swagger-ui.css", "a{color:red}\n" * 500)):
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
            with self.serve(f", api: {{docs: {folder}}}") as server:
                status, headers, body = server.get("/docs")
                page = Page(body.decode())
                self.assertEqual(([], 200), (page.inline, status))
                loaded = {link for link in page.links if link.endswith((".js", ".css"))}
                self.assertEqual({"docs/swagger-ui-bundle.js", "docs/swagger-ui.css", "docs/explorer.js", "docs/explorer.css"}, loaded)
                self.assertEqual("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
                                 "base-uri 'none'; form-action 'self'; frame-ancestors 'none'", headers["content-security-policy"])
                for link, media in ((link, "text/javascript" if link.endswith("js") else "text/css") for link in loaded):
                    status, headers, _ = server.get("/" + link, {"Accept-Encoding": "gzip"})
                    self.assertEqual((200, media), (status, headers["content-type"].split(";")[0]), link)
                self.assertEqual("gzip", server.get("/docs/swagger-ui.css", {"Accept-Encoding": "gzip"})[1]["content-encoding"])
                script = server.get("/docs/explorer.js")[2].decode()
                for needed in ("validatorUrl: null", "queryConfigEnabled: false", "persistAuthorization: false"):
                    self.assertIn(needed, script)

    def test_names_of_operations_outlive_a_reload(self):
        ids = lambda server: {path: item["get"]["operationId"] for path, item in server.json("/openapi.json")[1]["paths"].items()}
        with self.serve("", '- {path: "/a/{symbol}/x", run: technical, source: market, format: json}') as server:
            before = ids(server)
            self.assertEqual({"/prices": "get_prices", "/a/{symbol}/x": "get_a_by_symbol_x"}, before)
            with open(self.file, encoding="utf-8") as file:
                text = file.read()
            routes = text.index("routes:")
            text = text[:routes] + "routes:\n" + """  - {path: "/a/by/symbol/x", run: prices, source: market, format: json}
  - {path: "/a/{symbol}/x", run: technical, source: market, format: json}
  - {path: /new, run: prices, source: market, format: json}
  - {path: /prices, run: prices, source: market, format: json}
"""
            with open(self.file, "w", encoding="utf-8") as file:
                file.write(text)
            server.process.send_signal(signal.SIGHUP)
            end = time.monotonic() + bourse.DEADLINE_SECONDS
            while "/new" not in ids(server) and time.monotonic() < end:
                time.sleep(0.05)
            after = ids(server)
        self.assertEqual("get_prices", after["/prices"])
        self.assertEqual("get_new", after["/new"])
        self.assertEqual(4, len(set(after.values())), "two that would be called alike are told apart")

    def test_mistakes_of_the_configuration_are_named(self):
        for api, code, words in (("api: sometimes", "bad_value", "public, admin"), ("api: {page: off}", "unknown_key", "pages"),
                                 ('api: {url: "https://example.org/"}', "bad_value", "without a slash"),
                                 ("api: {docs: folder}", "bad_value", "absolute path"),
                                 ("api: admin", "conflicting_keys", "there is none")):
            with tempfile.TemporaryDirectory() as folder:
                file = bourse.write_config(folder, f"""
                    bourse: 1
                    server: {{{api}}}
                    sources: {{market: {{use: synthetic}}}}
                    routes: [{{path: /prices, run: prices, source: market, format: json}}]
                    """)
                done = bourse.run("check", file)
            self.assertEqual(1, done.returncode, api)
            said = done.stdout + done.stderr
            self.assertIn(code, said, api)
            self.assertIn(words, said, api)


if __name__ == "__main__":
    unittest.main()
