# SPDX-License-Identifier: MIT
"""Pages of the kitchen sink, read by Python's own parser and compared, cell by cell.

Usage: check_html.py PROGRAM; PROGRAM is render_reports.
"""
import base64
import collections
import decimal
import hashlib
import html.parser
import re
import sys
import unittest

sys.path.insert(0, __file__.rsplit("/", 2)[0])
import dump  # noqa: E402

PROGRAM = sys.argv[1]
VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}


class Element:
    def __init__(self, tag, attributes):
        self.tag, self.attributes, self.children = tag, attributes, []

    def __getitem__(self, name):
        return self.attributes[name]

    def get(self, name):
        return self.attributes.get(name)

    @property
    def text(self):
        return "".join(c if isinstance(c, str) else c.text for c in self.children)

    @property
    def elements(self):
        return [c for c in self.children if isinstance(c, Element)]

    def all(self, tag=None, of=None):
        """All inside with this tag and this class, in order."""
        for child in self.elements:
            fits = tag in (None, child.tag) and (of is None or of in (child.get("class") or "").split())
            if fits:
                yield child
            yield from child.all(tag, of)

    def one(self, tag, of=None):
        found = list(self.all(tag, of))
        assert len(found) == 1, "%d of <%s class=%s>" % (len(found), tag, of)
        return found[0]


class Tree(html.parser.HTMLParser):
    """Refuses what is not closed, closed twice, or a comment."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]
        self.feed(text)
        self.close()
        assert len(self.open) == 1, "not closed: <%s>" % self.open[-1].tag

    def end_cell(self):
        """HTML lets the end of a cell be left out before another one and at the end of its row."""
        if self.open[-1].tag in ("td", "th"):
            self.open.pop()

    def handle_starttag(self, tag, attrs):
        if tag in ("td", "th"):
            self.end_cell()
        assert len(dict(attrs)) == len(attrs), "an attribute is there twice in <%s>" % tag
        element = Element(tag, dict(attrs))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag == "tr":
            self.end_cell()
        assert self.open[-1].tag == tag, "</%s> where <%s> is open" % (tag, self.open[-1].tag)
        self.open.pop()

    def handle_data(self, data):
        self.open[-1].children.append(data)

    def handle_comment(self, data):
        raise AssertionError("a comment: " + data)

    def unknown_decl(self, data):
        raise AssertionError("a declaration: " + data)


def shown(text):
    """What the page makes of a text: controls as pictures, what it must not hold as U+FFFD."""
    out = []
    for c in text.replace("\r\n", "\n"):
        code = ord(c)
        if (code < 0x20 and c not in "\t\n"):
            out.append(chr(0x2400 + code))
        elif code == 0x7F:
            out.append("\u2421")
        elif 0x80 <= code <= 0x9F or 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE:
            out.append("\ufffd")
        else:
            out.append(c)
    return "".join(out)


def label_of(label, name):
    return shown(label) if label else name.replace("_", " ").capitalize()


# What the kitchen sink's durations are in words, by hand.
DURATIONS = {4980: "1 h 23 min", 0: "0 s", -45: "\u221245 s", 3.2e6: "3.2 ms"}
WORDS = {"date": None, "duration": lambda v: DURATIONS[v],
         "hex": lambda v: "%s0x%x" % ("-" if v < 0 else "", abs(v))}
MINUS = "\u2212"


def number_in(text):
    assert "-" not in text.partition("e")[0], "another minus than the page's: " + text
    return text.replace(",", "").replace(MINUS, "-")


def unit_of(field):
    if field.format == "date" or field.format == "duration":
        return ""
    return field.unit or ("UTC" if field.type == dump.TIME else "%" if field.format == "percent" else "")


def pages(**params):
    for name, made in dump.render(PROGRAM, "html", **params).items():
        yield name, made, Tree(made.output.decode("utf-8")).root


class Html(unittest.TestCase):
    maxDiff = 2000

    def check_value(self, cell, value, grouped=True, field=None, digits="short"):
        """`cell`: an element that holds the value and nothing else, but perhaps a unit."""
        if field and field.format in WORDS:
            return self.check_words(cell, value, field)
        children = [c for c in cell.children if not (isinstance(c, Element) and c.get("class") == "unit")]
        text = "".join(c if isinstance(c, str) else c.text for c in children).rstrip(" ")
        if value.text() is None:
            self.assertEqual(text, "\u2013")
            marked = cell if cell.tag in ("td", "th") else children[0]
            self.assertEqual(marked.get("class"), "none")
        elif value.type == dump.BOOL:
            self.assertEqual(text, "yes" if value.value else "no")
        elif value.type == dump.TEXT:
            self.assertEqual(text, shown(value.value).rstrip(" "))
        elif value.type == dump.TIME:
            self.check_time(children[0], value)
        elif value.type == dump.F64:
            self.check_real(children, text, value.value, digits)
        elif not grouped:
            self.assertEqual(text, str(value.value))
        else:
            self.assertEqual(decimal.Decimal(number_in(text)), decimal.Decimal(value.value))
            whole = re.match(MINUS + "?([0-9,]*)", text).group(1)
            self.assertEqual(whole, "{:,}".format(int(whole.replace(",", ""))) if grouped else whole)

    def check_words(self, cell, value, field):
        element = cell.elements[0]
        if field.format == "date":
            self.assertEqual(element.tag, "time")
            self.assertEqual(element["datetime"], dump.time_text(value.value))
            self.assertEqual(element.text, dump.time_text(value.value)[:10])
        else:
            self.assertEqual((element.tag, element["value"]), ("data", value.text()))
            self.assertEqual(element.text, WORDS[field.format](value.value))

    def check_time(self, element, value):
        self.assertEqual(element.tag, "time")
        self.assertEqual(element["datetime"], dump.time_text(value.value))
        exact = element["datetime"][:-1]
        cut = element.text.replace(" ", "T")
        self.assertTrue(exact.startswith(cut))
        self.assertEqual(exact[len(cut):].strip(":T0"), "", "only zeros are left out")

    def check_real(self, children, text, real, digits):
        number = decimal.Decimal(number_in(text))
        if digits == "all":
            return self.assertEqual(repr(float(number)), repr(real))
        if children[0].__class__ is Element and children[0].tag == "data":
            self.assertEqual(children[0]["value"], repr(real))
        slack = decimal.Decimal(1).scaleb(number.as_tuple().exponent) / 2
        self.assertLessEqual(abs(number - decimal.Decimal(real)), slack)
        self.assertEqual(number == 0, real == 0, "what is not zero is not shown as zero")

    def test_all_digits_of_statistics_are_there_on_request(self):
        for _, made, page in pages(digits="all"):
            tables = {t["data-table"]: t for t in page.all("table")}
            for table in made.report.tables:
                self.check_table(tables[table.name], table, digits="all")

    def test_every_cell_is_there(self):
        for name, made, page in pages():
            tables = {t["data-table"]: t for t in page.all("table")}
            self.assertEqual(list(tables), [t.name for t in made.report.tables])
            for table in made.report.tables:
                with self.subTest(table=table.name):
                    self.check_table(tables[table.name], table)

    def check_table(self, element, table, digits="short"):
        bodies = list(element.all("tbody"))
        self.assertEqual([e.tag for e in element.elements], ["caption", "thead"] + ["tbody"] * len(bodies))
        self.assertEqual(len(bodies), 1 if len(table.rows) <= 100 else -(-len(table.rows) // 50))
        heads = list(element.one("thead").all("th"))
        self.assertEqual([h["data-field"] for h in heads], [f.name for f in table.fields])
        self.assertEqual([h["data-type"] for h in heads], [dump.TYPE_NAMES[f.type] for f in table.fields])
        for head, field in zip(heads, table.fields):
            self.assertEqual(head["scope"], "col")
            unit = shown(unit_of(field))
            want = label_of(field.label, field.name) + (" " + unit if unit else "")
            self.assertEqual(head.text, want)
        rows = [row for body in bodies for row in body.elements]
        self.assertEqual(len(rows), len(table.rows))
        for row, values in zip(rows, table.rows):
            self.assertEqual(len(row.elements), len(values))
            for cell, value, field in zip(row.elements, values, table.fields):
                self.check_value(cell, value, field=field, digits=digits)
        decimals = collections.defaultdict(set)
        for place, field in enumerate(table.fields):
            if field.type == dump.DECIMAL:
                for row, values in zip(rows, table.rows):
                    if values[place].value is not None:
                        decimals[place].add(len(row.elements[place].text.partition(".")[2]))
        self.assertTrue(all(len(lengths) == 1 for lengths in decimals.values()), "points below each other")

    def test_key_figures_are_all_there(self):
        for _, made, page in pages():
            cards = {c["data-field"]: c for dl in page.all("dl", of="cards") for c in dl.elements}
            self.assertEqual(len(cards), len(made.report.scalars))
            for field, value in made.report.scalars:
                name, content = cards[field.name].elements
                self.assertEqual(name.text, label_of(field.label, field.name.rpartition(".")[2]))
                self.check_value(content, value, field=field)
                units = [e.text for e in content.all("span", of="unit")]
                unit = unit_of(field)
                self.assertEqual(units, [shown(unit)] if unit else [])

    def test_head_and_notes_are_there(self):
        for name, made, page in pages():
            report = made.report
            title = shown(report.title or report.component)
            self.assertEqual(page.one("h1").text, title)
            self.assertEqual(page.one("head").one("title").text, title)
            if report.as_of:
                self.check_time(next(page.one("p", of="by").all("time")), dump.Value(dump.TIME, report.as_of))
            found = [d for dl in page.all("dl", of="meta") for d in dl.elements]
            self.assertEqual(len(found), len(report.meta))
            for entry, (key, value) in zip(found, report.meta):
                self.assertEqual(entry.elements[0].text, label_of(None, key))
                self.check_value(entry.elements[1], value, grouped=False)
            notes = [(li["class"], li.one("code").text, li.one("span").text)
                     for ul in page.all("section", of="notes") for li in ul.all("li")]
            if name == "kitchen":
                self.assertEqual(notes[-1][:2], ("warning", "not_finite"))
                self.assertTrue(notes.pop()[2].startswith("6 numbers are not finite"))
            self.assertEqual(notes, [(level, code, shown(text) or code) for level, code, text in report.notes])

    def test_charts_have_names_and_words_for_those_who_do_not_see_them(self):
        for _, made, page in pages():
            figures = list(page.all("figure"))
            self.assertEqual(bool(figures), bool(made.report.charts))
            for figure in figures:
                self.assertEqual([d["class"] for d in figure.elements], ["wide", "narrow"])
                for svg in figure.all("svg"):
                    self.assertEqual(svg["role"], "img")
                    named = svg["aria-labelledby"].split()
                    self.assertEqual([e["id"] for e in svg.elements[:2]], named)
                    self.assertTrue(all(e.text.strip() for e in svg.elements[:2]))
                    self.assertEqual([e.tag for e in svg.elements[:2]], ["title", "desc"])
            titles = "".join(svg.text for f in figures for svg in f.all("svg"))
            panes = set()
            for chart in made.report.charts:  # the first of a pane names it
                if chart.pane not in panes:
                    self.assertIn(chart.title or chart.name, titles)
                panes.add(chart.pane)
                panes.discard(None)

    def test_nothing_of_the_data_can_run_or_load(self):
        for _, made, page in pages():
            seen = collections.Counter(e.tag for e in page.all())
            self.assertEqual(seen["script"], 1)
            for tag in ("iframe", "object", "embed", "base", "form", "img", "foreignobject", "use", "image"):
                self.assertEqual(seen[tag], 0, tag)
            for element in page.all():
                for name, text in element.attributes.items():
                    self.assertFalse(name == "style" or name.startswith("on"), name)
                    if name in ("href", "src", "action", "srcset", "xlink:href"):
                        self.assertIn(text, ("#", "data:,"))
                    if name in ("clip-path", "fill", "stroke", "mask", "filter") and "url" in (text or ""):
                        self.assertRegex(text, r"^url\(#chart-[0-9]+-(wide|narrow)-clip-[0-9]+\)$")

    def test_the_policy_allows_this_style_and_this_script_and_nothing_inline(self):
        for _, made, page in pages():
            policy = made.headers["Content-Security-Policy"]
            parts = dict(part.strip().split(" ", 1) for part in policy.split(";"))
            styles = list(page.all("style"))
            self.assertEqual(len(styles), 2 if any(len(t.rows) > 100 for t in made.report.tables) else 1)
            for tag, elements in (("style", styles), ("script", [page.one("script")])):
                digests = [base64.b64encode(hashlib.sha256(e.text.encode()).digest()).decode() for e in elements]
                self.assertEqual(parts[tag + "-src"], " ".join("'sha256-%s'" % digest for digest in digests))
            self.assertEqual(parts["default-src"], "'none'")
            self.assertEqual(parts["frame-ancestors"], "'none'")
            self.assertNotIn("unsafe", policy)
            self.assertNotIn("*", policy)

    def test_ids_are_unique_and_what_is_referred_to_is_there(self):
        for _, _, page in pages():
            ids = [e["id"] for e in page.all() if "id" in e.attributes]
            self.assertEqual(len(set(ids)), len(ids))
            for element in page.all():
                for wanted in (element.get("aria-labelledby") or "").split():
                    self.assertIn(wanted, ids)
            for clip in re.findall(r"url\(#([^)]*)\)", "".join(e.get("clip-path") or "" for e in page.all())):
                self.assertIn(clip, ids)

    def test_the_words_outside_of_data_hold_no_control(self):
        for _, made, _ in pages():
            text = made.output.decode("utf-8")
            self.assertIsNone(re.search("[\0-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]", text))
            self.assertTrue(text.startswith("<!DOCTYPE html>\n") and text.endswith("</html>\n"))

    def test_rows_beyond_the_limit_are_left_out_and_that_is_said(self):
        for name, made, page in pages(rows="3"):
            elements = {t["data-table"]: t for t in page.all("table")}
            for table in made.report.tables:
                rows = elements[table.name].one("tbody").elements
                self.assertEqual(len(rows), min(3, len(table.rows)))
                caption = elements[table.name].one("caption").text
                says = "The first 3 of %d rows." % len(table.rows)
                self.assertEqual(says in caption, len(table.rows) > 3)
                for row, values in zip(rows, table.rows):
                    for cell, value, field in zip(row.elements, values, table.fields):
                        self.check_value(cell, value, field=field)

    def test_the_same_report_gives_the_same_bytes(self):
        self.assertEqual(dump.render(PROGRAM, "html")["kitchen"].output,
                         dump.render(PROGRAM, "html")["kitchen"].output)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
