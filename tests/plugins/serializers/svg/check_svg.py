# SPDX-License-Identifier: MIT
"""Drawings of the kitchen sink, read by Python's XML parser: they stand alone, and nothing in them is out of their style.

Usage: check_svg.py PROGRAM; PROGRAM is render_reports.
"""
import base64
import hashlib
import re
import sys
import unittest
import xml.etree.ElementTree as etree

sys.path.insert(0, __file__.rsplit("/", 2)[0])
import dump  # noqa: E402

PROGRAM = sys.argv[1]
SVG = "{http://www.w3.org/2000/svg}"
COLOR = re.compile(r"#[0-9a-f]{6}")


def drawn(report="kitchen", **params):
    made = dump.render(PROGRAM, "svg", **params)[report]
    return made, etree.fromstring(made.output)


def colors(style, scope):
    """Class to colour, of the rules below `scope`."""
    found = {}
    for selectors, color in re.findall(r"^([^\n{}@]+)\{color:([^}]+)\}$", style, re.MULTILINE):
        for selector in selectors.split(","):
            above, _, name = selector.rpartition(" .")
            assert above == "." + scope and COLOR.fullmatch(color), selector
            assert name not in found, name
            found[name] = color
    return found


class Svg(unittest.TestCase):
    def test_a_file_has_sizes_a_name_and_its_own_style(self):
        for report in ("kitchen", "empty"):
            for params, size in (({}, (1200, 800)), ({"shape": "card"}, (1200, 630)), ({"width": 320, "height": 240}, (320, 240))):
                with self.subTest(report=report, **params):
                    _, root = drawn(report, **params)
                    self.assertEqual(root.tag, SVG + "svg")
                    self.assertEqual((float(root.get("width")), float(root.get("height"))), size)
                    self.assertEqual(root.get("viewBox"), "0 0 %d %d" % size)
                    named = {e.get("id"): e for e in root.iter() if e.get("id")}
                    self.assertEqual([named[i].tag for i in root.get("aria-labelledby").split()], [SVG + "title", SVG + "desc"])
                    self.assertEqual(len([e for e in root.iter() if e.get("id")]), len(named), "an id is there twice")
                    for element in root.iter():
                        reference = re.fullmatch(r"url\(#(.+)\)", element.get("clip-path") or "url(#%s)" % next(iter(named)))
                        self.assertIn(reference.group(1), named)

    def test_every_ink_has_a_colour_in_each_theme(self):
        for theme, scope in (("auto", "bourse-auto"), ("light", "bourse-light"), ("dark", "bourse-dark")):
            _, root = drawn(theme=theme)
            self.assertEqual(root.get("class"), scope)
            style = root.find(SVG + "style").text
            first, media, second = style.partition("@media screen and (prefers-color-scheme:dark){")
            self.assertEqual(bool(media), theme == "auto")
            used = {e.get("class") for e in root.iter() if e.get("class")} - {scope}
            self.assertGreater(len(used), 5)
            rules = [colors(first, scope)] + ([colors(second, scope)] if media else [])
            for named in rules:
                self.assertLessEqual(used, set(named))
            if media:
                self.assertNotEqual(rules[0]["ink-background"], rules[1]["ink-background"])

    def test_nothing_comes_from_elsewhere_and_nothing_runs(self):
        made, root = drawn()
        allowed = {"svg", "title", "desc", "style", "clipPath", "rect", "g", "path", "text"}
        for element in root.iter():
            self.assertIn(element.tag.removeprefix(SVG), allowed)
            for name, value in element.attrib.items():
                self.assertFalse(name.startswith("on") or "href" in name or name == "style", name)
                self.assertNotIn("//", value)
        digest = base64.b64encode(hashlib.sha256(root.find(SVG + "style").text.encode()).digest()).decode()
        self.assertEqual(made.headers["Content-Security-Policy"],
                         "default-src 'none'; style-src 'sha256-%s'; frame-ancestors *" % digest)

    def test_a_badge_is_a_line(self):
        made, root = drawn(shape="badge")
        self.assertEqual(root.get("height"), "20")
        label, value = [e.text for e in root.iter(SVG + "text")]
        self.assertEqual(root.find(SVG + "desc").text, "%s: %s." % (label, value))
        _, large = drawn(shape="badge", height=40)
        self.assertAlmostEqual(float(large.get("width")), 2 * float(root.get("width")), delta=2)

    def test_the_same_report_gives_the_same_bytes(self):
        self.assertEqual(drawn()[0].output, drawn()[0].output)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
