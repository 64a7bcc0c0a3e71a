# SPDX-License-Identifier: MIT
"""Every cell of the kitchen sink, read back by Python's csv module and a strict reader of RFC 4180.

Usage: check_csv.py PROGRAM; PROGRAM is render_reports.
"""
import csv
import io
import re
import sys
import unittest
import urllib.parse

sys.path.insert(0, __file__.rsplit("/", 2)[0])
import dump  # noqa: E402

PROGRAM = sys.argv[1]
csv.field_size_limit(1 << 20)
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
# Any apostrophes, then what a spreadsheet would run.
GUARDED = re.compile("'*[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def strict(text, delimiter):
    """Rows of (text, was quoted). Every line ends in CR LF, quotes stand at both ends or nowhere."""
    rows, row, i = [], [], 0
    while i < len(text):
        if text[i] == '"':
            cell, i = [], i + 1
            while True:
                end = text.index('"', i)
                cell.append(text[i:end])
                i = end + 1
                if text[i] != '"':
                    break
                cell.append('"')
                i += 1
            row.append(("".join(cell), True))
        else:
            end = i
            while text[end] not in (delimiter, "\r"):
                assert text[end] not in '"\n', "a cell that needs quotation marks has none: %r" % text[i:end + 20]
                end += 1
            row.append((text[i:end], False))
            i = end
        if text[i] == delimiter:
            i += 1
            continue
        assert text[i:i + 2] == "\r\n", "after a cell: %r" % text[i:i + 20]
        i += 2
        rows.append(row)
        row = []
    assert not row, "the last line does not end"
    return rows


def guard(text):
    return "'" + text if GUARDED.match(text) else text


def unguard(text):
    return text[1:] if text.startswith("'") and GUARDED.match(text[1:]) else text


def expected_cell(v, lone):
    """Text and whether it must be, must not be (False) or may be quoted (None)."""
    text = v.text()
    if text is None:
        return ("", lone)
    if v.type == dump.TEXT:
        return (guard(text), True if text == "" else None)
    return (text, False)


class Csv(unittest.TestCase):
    def compare(self, got, want):
        self.assertEqual(len(got), len(want))
        for line, (got_row, want_row) in enumerate(zip(got, want)):
            self.assertEqual([text for text, _ in got_row], [text for text, _ in want_row], "line %d" % line)
            for (text, quoted), (_, must) in zip(got_row, want_row):
                if must is not None:
                    self.assertEqual(quoted, must, "line %d: %r" % (line, text))

    def check_readers(self, output, delimiter, want):
        text = output.decode("utf-8")
        self.compare(strict(text, delimiter), want)
        by_module = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
        self.assertEqual(by_module, [[cell for cell, _ in row] for row in want])

    def test_every_table_holds_every_cell(self):
        tables = dump.render(PROGRAM, "csv")["kitchen"].report.tables
        for number, table in enumerate(tables):
            for name, delimiter in DELIMITERS.items():
                for header in ("true", "false"):
                    with self.subTest(table=table.name[:20], delimiter=name, header=header):
                        params = {"table": table.name, "delimiter": name, "header": header}
                        made = dump.render(PROGRAM, "csv", **params)["kitchen"]
                        lone = len(table.fields) == 1
                        want = [[expected_cell(v, lone) for v in row] for row in table.rows]
                        if header == "true":
                            want.insert(0, [(f.name, False) for f in table.fields])
                        self.check_readers(made.output, delimiter, want)

    def test_other_marks_of_decimals_hold_every_cell_too(self):
        for params, delimiter, mark, excel in (
                ({"delimiter": "semicolon", "decimal": "comma"}, ";", ",", False),
                ({"delimiter": "tab", "decimal": "comma", "bom": "true"}, "\t", ",", False),
                ({"dialect": "excel"}, ",", ".", True),
                ({"dialect": "excel", "locale": "de"}, ";", ",", True),
                ({"dialect": "excel", "locale": "de-CH", "bom": "false"}, ";", ".", True)):
            bom = params.get("bom", "true" if excel else "false") == "true"
            for table in dump.render(PROGRAM, "csv")["kitchen"].report.tables:
                with self.subTest(table=table.name[:20], **params):
                    output = dump.render(PROGRAM, "csv", table=table.name, **params)["kitchen"].output
                    self.assertEqual(output.startswith(b"\xef\xbb\xbf"), bom)
                    lone = len(table.fields) == 1
                    want = [[(f.name, False) for f in table.fields]]
                    for row in table.rows:
                        cells = [expected_cell(v, lone) for v in row]
                        for i, value in enumerate(row):
                            if value.type == dump.TIME and excel and cells[i][0]:
                                cells[i] = (cells[i][0].replace("T", " ").replace("Z", "").replace(".", mark), False)
                            elif value.type in (dump.F64, dump.DECIMAL) and cells[i][0]:
                                cells[i] = (cells[i][0].replace(".", mark), False)
                        want.append(cells)
                    self.check_readers(output.removeprefix(b"\xef\xbb\xbf"), delimiter, want)

    def test_a_german_excel_by_hand(self):
        output = dump.render(PROGRAM, "csv", table="one", dialect="excel", locale="de")["kitchen"].output
        self.assertEqual(output, b"\xef\xbb\xbfsymbol;price\r\nBTCUSDT;-0,10\r\n")

    def test_the_first_table_is_the_default(self):
        made = dump.render(PROGRAM, "csv")["kitchen"]
        same = dump.render(PROGRAM, "csv", table="edges")["kitchen"]
        self.assertEqual(made.output, same.output)

    def test_single_values_are_lines_of_name_value_unit(self):
        made = dump.render(PROGRAM, "csv", table="values")["kitchen"]
        want = [[("name", False), ("value", False), ("unit", False)]]
        for field, value in made.report.scalars:
            unit = dump.Value(dump.NULL if field.unit is None else dump.TEXT, field.unit)
            want.append([(field.name, False), expected_cell(value, False), expected_cell(unit, False)])
        self.check_readers(made.output, ",", want)

    def test_a_report_without_tables_gives_its_values(self):
        self.assertEqual(dump.render(PROGRAM, "csv")["empty"].output, b"name,value,unit\r\n")

    def test_the_guard_can_be_taken_away(self):
        made = dump.render(PROGRAM, "csv", table="texts")["kitchen"]
        table = next(t for t in made.report.tables if t.name == "texts")
        rows = strict(made.output.decode(), ",")[1:]
        guarded = 0
        for row, cells in zip(table.rows, rows):
            if row[1].type != dump.NULL:
                self.assertEqual(unguard(cells[1][0]), row[1].value)
                guarded += cells[1][0] != row[1].value
        self.assertGreaterEqual(guarded, 15)

    def test_no_cell_but_a_number_starts_like_a_formula(self):
        for table in ("texts", "values", "edges"):
            made = dump.render(PROGRAM, "csv", table=table)["kitchen"]
            for row in strict(made.output.decode(), ","):
                for text, _ in row:
                    if re.match("[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]", text):
                        self.assertRegex(text, r"\A-[0-9.]+(e[+-][0-9]+)?\Z")

    def test_the_same_report_gives_the_same_bytes(self):
        self.assertEqual(dump.render(PROGRAM, "csv", table="texts")["kitchen"].output,
                         dump.render(PROGRAM, "csv", table="texts")["kitchen"].output)

    def test_notes_are_in_a_header(self):
        made = dump.render(PROGRAM, "csv")["kitchen"]
        header = made.headers["X-Bourse-Notes"]
        self.assertLessEqual(len(header), 2048)
        self.assertTrue(all(" " <= c <= "~" for c in header))
        items = re.findall(r'([a-z][a-z0-9_]*);level=([a-z]+);text="((?:[^"\\]|\\.)*)"(?:, |$)', header)
        plain = lambda text: urllib.parse.unquote(re.sub(r"\\(.)", r"\1", text), errors="strict")  # noqa: E731
        self.assertEqual(items[0][:2], ("not_finite", "warning"))
        for (code, level, text), note in zip(items[1:], made.report.notes, strict=True):
            self.assertEqual((level, code), note[:2])
            want = note[2] if len(note[2]) <= 300 else note[2][:300] + "..."
            self.assertEqual(plain(text), want)
        self.assertEqual(dump.render(PROGRAM, "csv")["empty"].headers, {})

    def test_the_other_tables_are_linked(self):
        made = dump.render(PROGRAM, "csv", table="one")["kitchen"]
        header = made.headers["Link"]
        self.assertLessEqual(len(header), 2048)
        self.assertTrue(all(" " <= c <= "~" for c in header))
        names = re.findall(r'<\?table=([a-z0-9_]+)>; rel="item"', header)
        want = [t.name for t in made.report.tables if t.name != "one"] + ["values"]
        self.assertEqual(names, want)
        self.assertIn('<?table=candles>; rel="item"; title="Candles"', header)
        odd = re.search(r"<\?table=texts>; rel=\"item\"; title\*=UTF-8''([^,;]+)", header).group(1)
        label = next(t.label for t in made.report.tables if t.name == "texts")
        self.assertEqual(urllib.parse.unquote(odd, errors="strict"), label)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
