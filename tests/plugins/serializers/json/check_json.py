# SPDX-License-Identifier: MIT
"""Every value of the kitchen sink, read back by Python's json module and compared.

Usage: check_json.py PROGRAM SCHEMA README; PROGRAM is render_reports.
"""
import dataclasses
import json
import re
import sys
import unittest

sys.path.insert(0, __file__.rsplit("/", 2)[0])
import dump  # noqa: E402

try:
    import jsonschema
except ImportError:  # Debian: python3-jsonschema
    jsonschema = None

PROGRAM, SCHEMA, README = sys.argv[1:4]
SAFE = 2**53 - 1


@dataclasses.dataclass(frozen=True)
class Number:
    """A number as it was written; equal to no string."""

    text: str


def strict(output):
    def no_repeats(pairs):
        names = [name for name, _ in pairs]
        assert len(set(names)) == len(names), "a key is there twice: %s" % names
        return dict(pairs)

    def no_constants(word):
        raise AssertionError(word + " is not JSON")

    return json.loads(output.decode("utf-8"), object_pairs_hook=no_repeats, parse_constant=no_constants,
                      parse_int=Number, parse_float=Number)


def expected_value(v):
    text = v.text()
    if text is None:
        return None
    if v.type == dump.BOOL:
        return v.value
    if v.type == dump.F64 or (v.type == dump.I64 and abs(v.value) <= SAFE):
        return Number(text)
    return text


def expected_field(f):
    want = {"name": f.name, "type": dump.TYPE_NAMES[f.type], "label": f.label, "unit": f.unit}
    return {**want, "format": f.format} if f.format else want


def expected_values(scalars):
    root = {}
    for field, value in scalars:
        *path, last = field.name.split(".")
        at = root
        for part in path:
            at = at.setdefault(part, {})
        at[last] = expected_value(value)
    return root


def expected_table(table, layout):
    out = {"label": table.label, "fields": [expected_field(f) for f in table.fields]}
    names = [f.name for f in table.fields]
    rows = [[expected_value(v) for v in row] for row in table.rows]
    if layout == "objects":
        out["rows"] = [dict(zip(names, row)) for row in rows]
    elif layout == "arrays":
        out["rows"] = rows
    else:
        out["columns"] = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    return out


def expected_chart(chart):
    number = lambda real: Number(repr(real))  # noqa: E731
    want = {"kind": chart.kind, "name": chart.name, "title": chart.title, "table": chart.table, "pane": chart.pane,
            "channels": [{"role": r, "field": f, "label": label} for r, f, label in chart.channels],
            "levels": [number(y) for y in chart.levels],
            "range": None if chart.range is None else [number(y) for y in chart.range]}
    want.update({name: Number("1") if name == "axis" else True for name in chart.looks})
    if any(label is not None for label in chart.level_labels):
        want["level_labels"] = chart.level_labels
    if chart.guides:
        want["guides"] = [{"at": expected_value(x), "label": label} for x, label in chart.guides]
    return want


def expected(report, layout):
    return {
        "title": report.title,
        "component": report.component,
        "as_of": dump.time_text(report.as_of) if report.as_of else None,
        "meta": {key: expected_value(v) for key, v in report.meta},
        "notes": [{"level": level, "code": code, "text": text} for level, code, text in report.notes],
        "values": expected_values(report.scalars),
        "fields": [expected_field(f) for f, _ in report.scalars],
        "tables": {t.name: expected_table(t, layout) for t in report.tables},
        "charts": [expected_chart(c) for c in report.charts],
    }


class Json(unittest.TestCase):
    maxDiff = 2000

    def test_every_layout_holds_every_value(self):
        for layout in ("objects", "arrays", "columns"):
            for pretty in ("false", "true"):
                for name, made in dump.render(PROGRAM, "json", layout=layout, pretty=pretty).items():
                    with self.subTest(layout=layout, pretty=pretty, report=name):
                        want = expected(made.report, layout)
                        got = strict(made.output)
                        if name == "kitchen":
                            self.check_not_finite_note(got["notes"].pop())
                        for part in want:
                            self.assertEqual(got[part], want[part], part)
                        self.assertEqual(list(got), list(want), "order of the parts")
                        self.assertEqual(list(got["tables"]), list(want["tables"]), "order of the tables")

    def check_not_finite_note(self, note):
        # 3 scalars, and in table edges 2 NaN or infinite ratios that are not null, 1 score.
        self.assertEqual(note["level"], "warning")
        self.assertEqual(note["code"], "not_finite")
        self.assertEqual(note["text"],
                         "6 numbers are not finite and are shown as missing: value summary.not_a_number (1), "
                         "value summary.infinite (1), value summary.minus_infinite (1), "
                         "column ratio of table edges (2), column score of table edges (1)")

    def test_records_are_the_rows_of_one_table(self):
        report = dump.render(PROGRAM, "json")["kitchen"].report
        for table in report.tables:
            want = expected_table(table, "objects")["rows"]
            records = dump.render(PROGRAM, "json", table=table.name, layout="records")["kitchen"]
            self.assertEqual(strict(records.output), want, table.name)
            self.assertEqual(records.output.count(b"\n"), len(want) + 2 if want else 1)
            lines = dump.render(PROGRAM, "json/ndjson", table=table.name)["kitchen"]
            self.assertEqual([strict(line) for line in lines.output.splitlines()], want, table.name)
            for made in (records, lines):
                self.assertIn("not_finite" if table.name == "edges" else "", made.headers.get("X-Bourse-Notes", ""))
                self.assertNotIn("table=" + table.name + ">", made.headers["Link"])

    def test_records_of_the_single_values(self):
        report = dump.render(PROGRAM, "json")["kitchen"].report
        want = [{"name": f.name, "value": expected_value(v), "unit": f.unit} for f, v in report.scalars]
        records = dump.render(PROGRAM, "json", table="values", layout="records")["kitchen"].output
        self.assertEqual(strict(records), want)
        lines = dump.render(PROGRAM, "json/ndjson", table="values")["kitchen"].output
        self.assertEqual([strict(line) for line in lines.splitlines()], want)

    def test_of_an_empty_report_there_are_no_records(self):
        self.assertEqual(dump.render(PROGRAM, "json", layout="records")["empty"].output, b"[]\n")
        self.assertEqual(dump.render(PROGRAM, "json/ndjson")["empty"].output, b"")

    def test_the_same_report_gives_the_same_bytes(self):
        self.assertEqual(dump.render(PROGRAM, "json")["kitchen"].output,
                         dump.render(PROGRAM, "json")["kitchen"].output)

    def test_no_byte_can_break_a_reader(self):
        output = dump.render(PROGRAM, "json")["kitchen"].output
        self.assertTrue(output.endswith(b"}\n"))
        self.assertEqual(output.count(b"\n"), 1, "the compact form is one line")
        self.assertFalse([byte for byte in output[:-1] if byte < 0x20], "controls")
        for separator in ("\u2028", "\u2029"):
            self.assertNotIn(separator.encode(), output)

    def test_pretty_has_one_line_a_row(self):
        output = dump.render(PROGRAM, "json", pretty="true")["kitchen"].output.decode()
        self.assertIn('\n        {"symbol":"BTCUSDT","price":"-0.10"}\n', output)

    @unittest.skipIf(jsonschema is None, "python3-jsonschema is not installed")
    def test_the_published_schema_holds(self):
        with open(SCHEMA, encoding="utf-8") as file:
            schema = json.load(file)
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        for layout in ("objects", "arrays", "columns"):
            for name, made in dump.render(PROGRAM, "json", layout=layout).items():
                with self.subTest(layout=layout, report=name):
                    validator.validate(json.loads(made.output))
        with open(README, encoding="utf-8") as file:
            validator.validate(json.loads(re.search(r"```json\n(.*?)```", file.read(), re.S).group(1)))

    @unittest.skipIf(jsonschema is None, "python3-jsonschema is not installed")
    def test_the_published_schema_refuses_other_shapes(self):
        with open(SCHEMA, encoding="utf-8") as file:
            validator = jsonschema.Draft202012Validator(json.load(file))
        good = json.loads(dump.render(PROGRAM, "json")["kitchen"].output)

        def broken(change):
            report = json.loads(json.dumps(good))
            change(report)
            return report

        for change in (lambda r: r.pop("notes"), lambda r: r.update(extra=1),
                       lambda r: r.update(as_of=1734688800), lambda r: r["notes"][0].update(level="loud"),
                       lambda r: r["charts"][0].update(kind="pie"),
                       lambda r: r["charts"][0].update(axis=2), lambda r: r["charts"][0].update(stacked=False),
                       lambda r: r["charts"][0].update(guides=[{"label": "where?"}]),
                       lambda r: r["tables"]["looks"]["fields"][0].update(format=""),
                       lambda r: r["tables"]["one"].pop("rows"),
                       lambda r: r["tables"]["one"]["fields"][0].update(type="money")):
            self.assertFalse(validator.is_valid(broken(change)))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
