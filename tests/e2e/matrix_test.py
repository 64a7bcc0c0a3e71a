# SPDX-License-Identifier: MIT
"""Every analysis in every format over HTTP, each answer read by a reader that is not ours."""
import csv
import html.parser
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import xml.etree.ElementTree as ElementTree
import zipfile

import bourse_process as bourse

ANALYSES = {
    "market-statistics": "",
    "technical": "symbol=BTCUSDT",
    "correlation": "days=20",
    "liquidity": "symbol=ETHUSDT",
    "prices": "symbols=BTCUSDT,ETHUSDT",
    "symbols": "symbols=BTCUSDT,ADAUSDT",
}
FORMATS = ("json", "csv", "html", "xml", "png", "xlsx")
REFERENCE = os.path.join(bourse.SOURCE_DIR, "docs", "reference")

CONFIG = """
    bourse: 1
    sources:
      market: {use: synthetic, config: {seed: 42, now: "2025-03-01T12:34:56Z"}}
    defaults: {source: market, deadline: 30s}
    routes:
""" + "".join(f"      - {{path: /{name}, run: {name}, formats: [{', '.join(FORMATS)}]}}\n"
              for name in ANALYSES)


class Tags(html.parser.HTMLParser):
    """Checks that elements close in the order in which they opened; parts of tables may do without an end tag (HTML, 13.1.2.4)."""
    VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

    CELLS = ("td", "th")
    ENDED_BY = {"td": CELLS, "th": CELLS, "tr": (*CELLS, "tr"), "tbody": (*CELLS, "tr", "tbody", "thead")}

    def __init__(self):
        super().__init__()
        self.open = []
        self.problems = []
        self.ids = set()

    def handle_starttag(self, tag, attrs):
        names = dict(attrs)
        if "id" in names:
            if names["id"] in self.ids:
                self.problems.append(f"id {names['id']} twice")
            self.ids.add(names["id"])
        if "style" in names:
            self.problems.append(f"a style attribute on {tag}")
        while self.open and self.open[-1] in self.ENDED_BY.get(tag, ()):
            self.open.pop()
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        while self.open and self.open[-1] in self.ENDED_BY and self.open[-1] != tag:
            self.open.pop()
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> closes something else")


class Matrix(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.server = bourse.Server(bourse.write_config(cls.folder, CONFIG))

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None, None, None)
        shutil.rmtree(cls.folder)

    def answers(self, form):
        for name, query in ANALYSES.items():
            with self.subTest(analysis=name):
                status, headers, body = self.server.get(f"/{name}.{form}?{query}")
                self.assertEqual(status, 200, body[:500])
                again = self.server.get(f"/{name}.{form}?{query}")[2]
                self.assertEqual(body, again, "the same report gives the same bytes")
                yield name, headers, body

    def test_json(self):
        with open(os.path.join(REFERENCE, "report.schema.json"), encoding="utf-8") as file:
            schema = json.load(file)
        try:
            import jsonschema
        except ImportError:
            jsonschema = None
            print("jsonschema is not installed: JSON is parsed only", file=sys.stderr)
        for _, headers, body in self.answers("json"):
            self.assertEqual(headers["content-type"], "application/json")
            report = json.loads(body, parse_constant=self.fail)
            self.assertTrue(report["tables"] or report["values"])
            if jsonschema:
                jsonschema.validate(report, schema)

    def test_csv(self):
        for name, headers, body in self.answers("csv"):
            self.assertTrue(headers["content-type"].startswith("text/csv"))
            text = body.decode()
            rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
            self.assertGreater(len(rows), 1, name)
            self.assertEqual({len(row) for row in rows}, {len(rows[0])})
            self.assertTrue(text.endswith("\r\n"))
            self.assertNotIn("nan", text.lower().split(","))

    def test_xml(self):
        for name, headers, body in self.answers("xml"):
            self.assertTrue(headers["content-type"].startswith("application/xml"))
            path = os.path.join(self.folder, f"{name}.xml")
            with open(path, "wb") as file:
                file.write(body)
            done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema",
                                   os.path.join(REFERENCE, "report.xsd"), path],
                                  capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_xlsx(self):
        sheet = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
        for name, headers, body in self.answers("xlsx"):
            self.assertEqual(headers["content-type"], "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
            book = zipfile.ZipFile(io.BytesIO(body))
            self.assertIsNone(book.testzip())
            for part in book.namelist():
                root = ElementTree.fromstring(book.read(part))
                self.assertEqual(root.findall(f".//{sheet}f"), [], "a formula")
            self.assertEqual(ElementTree.fromstring(book.read("xl/workbook.xml"))
                             .findall(f".//{sheet}sheet")[-1].get("name"), "Report")

    def test_html(self):
        for _, headers, body in self.answers("html"):
            self.assertTrue(headers["content-type"].startswith("text/html"))
            policy = headers["content-security-policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertNotIn("unsafe-inline", policy)
            tags = Tags()
            tags.feed(body.decode())
            self.assertEqual((tags.problems, tags.open), ([], []))
            self.assertNotIn(b">nan<", body.lower())

    def test_png(self):
        for name, headers, body in self.answers("png"):
            self.assertEqual(headers["content-type"], "image/png")
            self.assertEqual(body[:8], b"\x89PNG\r\n\x1a\n")
            self.assertEqual(int.from_bytes(body[16:20], "big"), 1200, name)
            self.assertEqual(int.from_bytes(body[20:24], "big"), 800, name)
            path = os.path.join(self.folder, f"{name}.png")
            with open(path, "wb") as file:
                file.write(body)
            done = subprocess.run(["pngcheck", "-q", path], capture_output=True, text=True,
                                  timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stdout)

    def test_every_alternate_of_every_report_works(self):
        for name, query in ANALYSES.items():
            _, headers, _ = self.server.get(f"/{name}?{query}")
            links = [part.split(">")[0].lstrip(" <") for part in headers["link"].split(", <")]
            self.assertEqual(len(links), len(FORMATS) - 1)
            for link in links:
                self.assertEqual(self.server.get(urllib.parse.urljoin(f"/{name}", link))[0], 200, link)


if __name__ == "__main__":
    unittest.main()
