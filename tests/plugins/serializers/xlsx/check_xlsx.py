# SPDX-License-Identifier: MIT
"""Every cell of the kitchen sink, read back from the parts of the workbook by Python's zipfile and XML parser.

Usage: check_xlsx.py PROGRAM [libreoffice]; PROGRAM is render_reports. With libreoffice, by hand because it takes
a while: LibreOffice opens the workbook, too, and what it makes of each cell is compared.
"""
import csv
import datetime
import decimal
import fractions
import io
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
import zipfile

try:
    import openpyxl
except ImportError:
    openpyxl = None

sys.path.insert(0, __file__.rsplit("/", 2)[0])
import dump  # noqa: E402

PROGRAM = sys.argv[1]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
UNITS_MAX = 32767
EPOCH = datetime.datetime(1899, 12, 30)


def units(text):
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def unescape(text):
    """ST_Xstring: _xHHHH_ is one character."""
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m.group(1), 16)), text)


class Sheet:
    def __init__(self, root, formats):
        self.root = root
        self.cells = {}
        self.looks = {}
        last_row = 0
        for row in root.find(MAIN + "sheetData"):
            number = int(row.get("r"))
            assert number > last_row, "rows go forward"
            last_row, last_column = number, 0
            for cell in row:
                letters, digits = re.fullmatch("([A-Z]+)([0-9]+)", cell.get("r")).groups()
                assert int(digits) == number
                column = 0
                for letter in letters:
                    column = column * 26 + ord(letter) - 64
                assert column > last_column, "columns go forward"
                last_column = column
                assert cell.find(MAIN + "f") is None, "a formula"
                self.cells[number, column] = self.value(cell)
                self.looks[number, column] = formats[int(cell.get("s", "0"))]

    @staticmethod
    def value(cell):
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            text = cell.find(MAIN + "is").find(MAIN + "t")
            assert text.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
            return unescape(text.text or "")
        word = cell.find(MAIN + "v").text
        if kind == "b":
            return {"1": True, "0": False}[word]
        assert kind == "n"
        return decimal.Decimal(word)

    def row(self, number, columns):
        return [self.cells.get((number, column + 1)) for column in range(columns)]


class Workbook:
    """What stands in the parts, followed from the root by relationships as a reader does it."""

    def __init__(self, data):
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        assert self.zip.testzip() is None
        assert {i.date_time for i in self.zip.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        part = lambda name: ElementTree.fromstring(self.zip.read(name))  # noqa: E731
        self.types = part("[Content_Types].xml")
        first = next(r for r in part("_rels/.rels") if r.get("Type").endswith("/officeDocument"))
        self.book = part(first.get("Target"))
        targets = {r.get("Id"): "xl/" + r.get("Target") for r in part("xl/_rels/workbook.xml.rels")}
        styles = part("xl/styles.xml")
        codes = {f.get("numFmtId"): f.get("formatCode") for f in styles.find(MAIN + "numFmts")}
        codes["0"] = "General"
        formats = [(codes[x.get("numFmtId")], x.get("quotePrefix") == "1") for x in styles.find(MAIN + "cellXfs")]
        self.names = [s.get("name") for s in self.book.find(MAIN + "sheets")]
        self.sheets = {s.get("name"): Sheet(part(targets[s.get(REL + "id")]), formats)
                       for s in self.book.find(MAIN + "sheets")}
        self.core = part("docProps/core.xml")


def digits(number):
    """Without zeros at either end."""
    return len(number.normalize().as_tuple().digits)


def expected(value):
    """The value of its cell and which loss it has."""
    if value.type == dump.NULL or not value.finite:
        return None, None
    if value.type == dump.BOOL:
        return value.value, None
    if value.type == dump.TEXT:
        text, cut = value.value, False
        if units(text) > UNITS_MAX:
            cut, taken = True, 0
            for i, c in enumerate(text):
                taken += units(c)
                if taken > UNITS_MAX:
                    text = text[:i]
                    break
        return text, "text_cut" if cut else None
    if value.type == dump.F64:
        return value.value, None
    if value.type == dump.TIME:
        ms = (value.value + 500_000) // 1_000_000
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=ms)
        if moment < datetime.datetime(1900, 3, 1):
            return dump.time_text(value.value), "time_as_text"
        return moment, "time_rounded" if value.value % 1_000_000 else None
    with decimal.localcontext() as context:
        context.prec = 100
        number = decimal.Decimal(value.text())
        if digits(number) > 15:
            return value.text(), "digits_as_text"
    return number, None


class Xlsx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = dump.render(PROGRAM, "xlsx")
        cls.report = cls.made["kitchen"].report
        cls.book = Workbook(cls.made["kitchen"].output)

    def same(self, got, want, value, place):
        if want is None or value.type in (dump.BOOL, dump.TEXT) or isinstance(want, str):
            self.assertEqual((type(got), got), (type(want), want), place)
        elif value.type == dump.F64:
            self.assertEqual(float(got), want, place)
        elif value.type == dump.TIME:
            ms = round(fractions.Fraction(float(got)) * 86_400_000)
            self.assertEqual(EPOCH + datetime.timedelta(milliseconds=ms), want, place)
        else:
            self.assertEqual(got, want, place)
            self.assertEqual(decimal.Decimal("%.15g" % float(got)), want, "%s: as Excel reads it" % (place,))

    def sheet_of(self, table):
        return self.book.sheets[table.name[:31]]

    def test_every_cell_of_every_table(self):
        seen = 0
        for table in self.report.tables:
            sheet = self.sheet_of(table)
            rows = max(row for row, _ in sheet.cells)
            self.assertLessEqual(rows, len(table.rows) + 1)
            for number, row in enumerate(table.rows, 2):
                for column, (got, value) in enumerate(zip(sheet.row(number, len(row)), row)):
                    self.same(got, expected(value)[0], value, (table.name[:20], number, column))
                    seen += 1
        self.assertGreater(seen, 300)

    def test_heads_have_labels_and_units_and_stay_in_sight(self):
        heads = {table.name: self.sheet_of(table).row(1, len(table.fields)) for table in self.report.tables}
        self.assertEqual(heads["edges"][1], "Count (s)")
        self.assertEqual(heads["edges"][4], "Amount (USDT)")
        self.assertEqual(heads["edges"][0], "flag")
        self.assertEqual(heads["looks"][2], "share (%)")
        self.assertEqual(heads["texts"][1], "=Words\r\n\"<i>\"")
        for table in self.report.tables:
            root = self.sheet_of(table).root
            pane = root.find(".//%spane" % MAIN)
            self.assertEqual((pane.get("state"), pane.get("ySplit"), pane.get("topLeftCell")), ("frozen", "1", "A2"))
            self.assertEqual(root.find(MAIN + "autoFilter").get("ref"),
                             "A1:%s%d" % (chr(64 + len(table.fields)), len(table.rows) + 1))

    def test_numbers_and_times_look_like_them(self):
        looks = lambda name, column: self.book.sheets[name].looks[2, column][0]  # noqa: E731
        self.assertEqual(looks("edges", 2), "0")
        self.assertEqual(looks("edges", 5), "0.00000000")
        self.assertEqual(looks("candles", 1), "yyyy\\-mm\\-dd\\ hh:mm:ss")
        self.assertEqual(self.book.sheets["edges"].looks[4, 10][0], "yyyy\\-mm\\-dd\\ hh:mm:ss.000")
        self.assertEqual(looks("looks", 1), "yyyy\\-mm\\-dd")
        table = next(t for t in self.report.tables if t.name == "texts")
        quoted = [row[1].value for i, row in enumerate(table.rows, 2)
                  if self.book.sheets["texts"].looks.get((i, 2), (0, False))[1]]
        self.assertIn("=1+1", quoted)
        self.assertTrue(all(re.match("[=+@-]", text) for text in quoted), quoted)
        self.assertNotIn("0=1", quoted)

    def lists(self):
        """The lists of the sheet Report by the first word of their heads."""
        sheet = self.book.sheets["Report"]
        last = max(row for row, _ in sheet.cells)
        out, name = {"": []}, ""
        for number in range(1, last + 1):
            row = sheet.row(number, 4)
            if not any(cell is not None for cell in row):
                name = None
            elif name is None:
                name = row[0]
                out[name] = []
            else:
                out[name].append(row)
        return out

    def test_the_report_has_title_meta_and_key_figures(self):
        lists = self.lists()
        self.assertEqual(lists[""][0][0], self.report.title)
        self.assertEqual(lists[""][1][1], self.report.component)
        self.assertEqual([row[0] for row in lists["Given"]], [key for key, _ in self.report.meta])
        for row, (key, value) in zip(lists["Given"], self.report.meta):
            self.same(row[1], expected(value)[0], value, key)
        for row, (field, value) in zip(lists["Key figure"], self.report.scalars, strict=True):
            self.assertEqual((row[0], row[3]), (field.label or field.name, field.name))
            self.assertEqual(row[2] or "", field.unit or "")
            self.same(row[1], expected(value)[0], value, field.name)
        self.assertEqual([row[2] for row in lists["Sheet"]], [len(t.rows) for t in self.report.tables])

    def test_notes_tell_of_every_loss(self):
        notes = self.lists()["Note"]
        for row, (level, code, text) in zip(notes, self.report.notes):
            self.assertEqual(row[:3], [code, level, text])
        lost = {}
        values = [("column %s of table %s" % (f.name, t.name), row[i]) for t in self.report.tables
                  for i, f in enumerate(t.fields) for row in t.rows]
        values += [("value " + field.name, value) for field, value in self.report.scalars]
        values += [("meta " + key, value) for key, value in self.report.meta]
        for place, value in values + [("as of", dump.Value(dump.TIME, self.report.as_of))]:
            loss = expected(value)[1]
            if loss:
                lost.setdefault(loss, {}).setdefault(place, 0)
                lost[loss][place] += 1
        said = {row[0]: row[2] for row in notes[len(self.report.notes):]}
        self.assertEqual(set(said), {"not_finite", *lost})
        self.assertEqual(set(lost), {"digits_as_text", "text_cut", "time_rounded", "time_as_text"})
        for code, places in lost.items():
            self.assertEqual(int(said[code].split()[0]), sum(places.values()), code)
            if len(places) <= 10:
                for place, count in places.items():
                    self.assertIn("%s (%d)" % (place, count), said[code])

    def test_names_of_sheets_are_those_of_the_tables(self):
        self.assertEqual(self.book.names, [t.name[:31] for t in self.report.tables] + ["Report"])
        self.assertEqual(len({name.lower() for name in self.book.names}), len(self.book.names))
        self.assertEqual(Workbook(self.made["empty"].output).names, ["Report"])

    def test_it_is_dated_as_the_report_and_the_same_bytes_each_time(self):
        created = self.book.core.find("{http://purl.org/dc/terms/}created").text
        self.assertEqual(created, dump.time_text(self.report.as_of // 10**9 * 10**9))
        self.assertEqual(dump.render(PROGRAM, "xlsx")["kitchen"].output, self.made["kitchen"].output)

    def test_every_part_has_a_type_and_is_there(self):
        parts = {"/" + name for name in self.book.zip.namelist()}
        overridden = {o.get("PartName") for o in self.book.types if o.get("PartName")}
        self.assertEqual(overridden, {p for p in parts if not p.endswith(".rels") and p != "/[Content_Types].xml"})


@unittest.skipUnless(openpyxl, "python3-openpyxl is not installed")
class OpenPyXl(unittest.TestCase):
    def test_it_reads_the_same_values(self):
        made = dump.render(PROGRAM, "xlsx")["kitchen"]
        book = openpyxl.load_workbook(io.BytesIO(made.output))
        for table in made.report.tables:
            sheet = book[table.name[:31]]
            self.assertEqual(sheet.freeze_panes, "A2")
            for number, row in enumerate(table.rows, 2):
                for column, value in enumerate(row, 1):
                    want, got = expected(value)[0], sheet.cell(number, column).value
                    place = (table.name[:20], number, column)
                    if isinstance(want, datetime.datetime):
                        self.assertEqual(got, want, place)
                    elif isinstance(want, decimal.Decimal):
                        self.assertEqual(float(got), float(want), place)
                    elif value.type != dump.TEXT:
                        self.assertEqual(got, want, place)
                    elif want is not None:
                        # It leaves escapes as they are, and has no empty texts.
                        self.assertEqual(unescape(got or ""), want, place)


@unittest.skipUnless("libreoffice" in sys.argv[2:] and shutil.which("soffice"), "by hand, where LibreOffice is installed")
class LibreOffice(unittest.TestCase):
    def test_it_opens_the_workbook_and_finds_the_values(self):
        made = dump.render(PROGRAM, "xlsx")["kitchen"]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "book.xlsx")
            path.write_bytes(made.output)
            raw = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
            subprocess.run(["soffice", "--headless", "-env:UserInstallation=file://%s/profile" % folder, "--convert-to",
                            raw, "--outdir", folder, str(path)], check=True, capture_output=True, timeout=300)
            numbers = texts = 0
            for table in made.report.tables:
                if any(v.type == dump.TEXT and re.search("[\r\n\x00-\x1f\ufffe\uffff]", v.value or "")
                       for row in table.rows for v in row):
                    continue  # CSV itself would have to be read leniently
                lines = pathlib.Path(folder, "book-%s.csv" % table.name[:31]).read_text("utf-8").splitlines()
                rows = list(csv.reader(lines))[1:]
                for row, cells in zip(table.rows, rows):
                    for value, cell in zip(row, cells):
                        want = expected(value)[0]
                        if value.type in (dump.F64, dump.DECIMAL, dump.I64) and want is not None:
                            if isinstance(want, str):
                                self.assertEqual(cell, want)
                            else:
                                self.assertAlmostEqual(float(cell) / (float(want) or 1), 1 if want else 0, 14)
                            numbers += 1
                        elif value.type == dump.TEXT and want is not None:
                            self.assertEqual(cell, want)
                            texts += 1
            self.assertGreater(numbers, 100)
            self.assertGreater(texts, 10)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
