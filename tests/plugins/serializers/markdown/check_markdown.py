# SPDX-License-Identifier: MIT
"""The kitchen sink as GitHub's own parser (cmark-gfm) shows it: every cell in its place, and nothing else than cells.

Usage: check_markdown.py PROGRAM; PROGRAM is render_reports. Without cmark-gfm it is skipped.
"""
import html.parser
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, __file__.rsplit("/", 2)[0])
import dump  # noqa: E402

PROGRAM = sys.argv[1]
JOINER = "\u2060"


class Page(html.parser.HTMLParser):
    """Tables as rows of texts, headings, and the names of all elements."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.headings, self.elements, self.pictures = [], [], [], []
        self.at = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.at = "cell"
        elif tag in ("h1", "h2"):
            self.headings.append("")
            self.at = "heading"
        elif tag == "img":
            self.pictures.append(dict(attrs))

    def handle_endtag(self, tag):
        if tag in ("td", "th", "h1", "h2"):
            self.at = None

    def handle_data(self, data):
        if self.at == "cell":
            self.tables[-1][-1][-1] += data
        elif self.at == "heading":
            self.headings[-1] += data


def shown(**params):
    made = dump.render(PROGRAM, "markdown", **params)["kitchen"]
    extensions = [word for name in ("table", "autolink", "strikethrough", "tasklist") for word in ("-e", name)]
    page = subprocess.run(["cmark-gfm", *extensions, "--unsafe"], input=made.output, capture_output=True, check=True)
    return made.report, Page(page.stdout.decode())


def words(text):
    """What is left of a text when blanks, controls and what has no width are not looked at."""
    return "".join(c for c in text if c.isprintable() and not c.isspace() and c != JOINER)


class Markdown(unittest.TestCase):
    def test_every_table_has_its_rows_and_columns(self):
        report, page = shown(rows=10000)
        tables = page.tables[1:]  # the first holds the single values
        with_rows = [t for t in report.tables if t.rows]
        self.assertEqual(len(tables), len(with_rows))
        self.assertEqual(len(page.tables[0]), len(report.scalars) + 1)
        for table, got in zip(with_rows, tables):
            self.assertEqual(len(got), len(table.rows) + 1, table.name)
            self.assertEqual({len(row) for row in got}, {len(table.fields)}, table.name)

    def test_texts_show_as_they_are(self):
        report, page = shown(rows=10000)
        compared = 0
        for table, got in zip([t for t in report.tables if t.rows], page.tables[1:]):
            for want_row, got_row in zip(table.rows, got[1:]):
                for want, cell in zip(want_row, got_row):
                    if want.type != dump.TEXT or want.value is None or len(want.value) > 200:
                        continue
                    self.assertEqual(words(cell), words(want.value), table.name)
                    compared += 1
        self.assertGreater(compared, 20)

    def test_there_is_nothing_but_headings_notes_and_tables(self):
        _, page = shown()
        self.assertLessEqual(set(page.elements), {"h1", "h2", "p", "blockquote", "strong", "table", "thead", "tbody", "tr", "th", "td"})
        self.assertEqual(page.elements.count("h1"), 1)

    def test_a_picture_is_shown_where_its_address_is_given(self):
        _, page = shown(picture="https://desk.example/a?format=png&x=(1)")
        self.assertEqual([p["src"] for p in page.pictures], ["https://desk.example/a?format=png&x=(1)"])


if __name__ == "__main__":
    if shutil.which("cmark-gfm") is None:
        print("cmark-gfm is not installed")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1])
