# SPDX-License-Identifier: MIT
"""Every value of the kitchen sink, read back by Python's own parser (expat) and compared.

Usage: check_xml.py PROGRAM; PROGRAM is render_reports.
"""
import re
import sys
import unittest
import xml.etree.ElementTree as ElementTree

sys.path.insert(0, __file__.rsplit("/", 2)[0])
import dump  # noqa: E402

PROGRAM = sys.argv[1]
NS = "{urn:bourse:report:1}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
PARTS = ["title", "meta", "notes", "values", "tables", "charts"]

# XML 1.0, production [2]: what is no Char.
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def shown(text):
    return None if text is None else ILLEGAL.sub("\ufffd", text)


def cell(value):
    return shown(value.text())


def described(field):
    want = {"name": field.name, "type": dump.TYPE_NAMES[field.type], "label": shown(field.label),
            "unit": shown(field.unit), "format": shown(field.format)}
    return {key: text for key, text in want.items() if text is not None}


def with_content(attributes, value):
    text = cell(value)
    return ({**attributes, NIL: "true"}, None) if text is None else (attributes, text)


def read(element):
    """Attributes and text; a text that is there is never None."""
    return dict(element.attrib), None if NIL in element.attrib else element.text or ""


class Xml(unittest.TestCase):
    maxDiff = 2000

    def renderings(self):
        for pretty in ("false", "true"):
            for name, made in dump.render(PROGRAM, "xml", pretty=pretty).items():
                with self.subTest(pretty=pretty, report=name):
                    yield name, made.report, ElementTree.fromstring(made.output)

    def test_the_parts_stand_in_order(self):
        for _, report, root in self.renderings():
            self.assertEqual(root.tag, NS + "report")
            self.assertEqual([part.tag for part in root], [NS + part for part in PARTS])
            want = {"component": report.component}
            if report.as_of:
                want["as_of"] = dump.time_text(report.as_of)
            self.assertEqual(root.attrib, want)
            self.assertEqual(root.find(NS + "title").text or "", shown(report.title))

    def test_meta_and_values_are_whole(self):
        for _, report, root in self.renderings():
            want = [with_content({"key": key, "type": dump.TYPE_NAMES.get(v.type, "null")}, v)
                    for key, v in report.meta]
            self.assertEqual([read(e) for e in root.find(NS + "meta")], want)
            want = [with_content(described(field), v) for field, v in report.scalars]
            self.assertEqual([read(e) for e in root.find(NS + "values")], want)

    def test_notes_are_whole_and_two_are_added(self):
        for name, report, root in self.renderings():
            notes = [read(e) for e in root.find(NS + "notes")]
            if name == "kitchen":
                (replaced, text) = notes.pop()
                self.assertEqual(replaced, {"level": "warning", "code": "replaced_characters"})
                self.assertEqual(int(text.split()[0]), self.count_illegal(report))
                (not_finite, text) = notes.pop()
                self.assertEqual(not_finite, {"level": "warning", "code": "not_finite"})
                self.assertEqual(int(text.split()[0]), 6)
            want = [({"level": level, "code": code}, shown(text)) for level, code, text in report.notes]
            self.assertEqual(notes, want)

    def count_illegal(self, report):
        texts = [report.title] + [text for _, _, text in report.notes]
        for field, value in report.scalars + [(None, v) for _, v in report.meta]:
            texts += [field.label, field.unit, field.format] if field else []
            texts += [value.value] if value.type == dump.TEXT else []
        for table in report.tables:
            texts += [table.label] + [t for f in table.fields for t in (f.label, f.unit, f.format)]
            texts += [v.value for row in table.rows for v in row if v.type == dump.TEXT]
        for chart in report.charts:
            texts += [chart.name, chart.title, chart.pane] + [label for _, _, label in chart.channels]
            texts += chart.level_labels + [label for _, label in chart.guides]
            texts += [x.value for x, _ in chart.guides if x.type == dump.TEXT]
        return sum(len(ILLEGAL.findall(text)) for text in texts if text is not None)

    def test_every_cell_is_there(self):
        for _, report, root in self.renderings():
            tables = root.find(NS + "tables")
            self.assertEqual(len(tables), len(report.tables))
            for element, table in zip(tables, report.tables):
                want = {"name": table.name, "label": shown(table.label), "rows": str(len(table.rows))}
                self.assertEqual(element.attrib, {k: v for k, v in want.items() if v is not None})
                fields, *rows = element
                self.assertEqual([f.attrib for f in fields], [described(f) for f in table.fields])
                names = [NS + re.sub("^x(?=ml)", "_x0078_", f.name) for f in table.fields]
                for row, values in zip(rows, table.rows):
                    self.assertEqual(row.tag, NS + "row")
                    got = [(c.tag, c.text or "") for c in row]
                    want = [(n, cell(v)) for n, v in zip(names, values) if cell(v) is not None]
                    self.assertEqual(got, want)
                self.assertEqual(len(rows), len(table.rows))

    def test_charts_are_whole(self):
        for _, report, root in self.renderings():
            for element, chart in zip(root.find(NS + "charts"), report.charts):
                want = {"kind": chart.kind, "name": chart.name, "title": shown(chart.title),
                        "table": chart.table, "pane": chart.pane,
                        **{name: "1" if name == "axis" else "true" for name in chart.looks}}
                self.assertEqual(element.attrib, {k: v for k, v in want.items() if v is not None})
                channels = [e.attrib for e in element.findall(NS + "channel")]
                self.assertEqual([(c["role"], c["field"], c.get("label")) for c in channels],
                                 [(r, f, shown(label)) for r, f, label in chart.channels])
                self.assertEqual([e.text for e in element.findall(NS + "level")],
                                 [repr(level) for level in chart.levels])
                self.assertEqual([e.get("label") for e in element.findall(NS + "level")],
                                 [shown(label) for label in chart.level_labels])
                self.assertEqual([(e.get("type"), e.text, e.get("label")) for e in element.findall(NS + "guide")],
                                 [(dump.TYPE_NAMES[x.type], cell(x), shown(label)) for x, label in chart.guides])
                span = element.find(NS + "range")
                self.assertEqual(None if span is None else [span.get("low"), span.get("high")],
                                 None if chart.range is None else [repr(y) for y in chart.range])
            self.assertEqual(len(root.find(NS + "charts")), len(report.charts))

    def test_there_is_nothing_that_a_reader_must_fetch_or_expand(self):
        output = dump.render(PROGRAM, "xml")["kitchen"].output
        self.assertTrue(output.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<report '))
        self.assertTrue(output.endswith(b"</report>\n"))
        for markup in (b"<!", b"<?", b"]]>"):
            self.assertNotIn(markup, output[5:])
        entities = set(re.findall(rb"&[^;]*;", output))
        self.assertLessEqual(entities, {b"&lt;", b"&gt;", b"&amp;", b"&quot;", b"&#13;", b"&#10;", b"&#9;"})

    def test_the_same_report_gives_the_same_bytes(self):
        self.assertEqual(dump.render(PROGRAM, "xml")["kitchen"].output,
                         dump.render(PROGRAM, "xml")["kitchen"].output)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
