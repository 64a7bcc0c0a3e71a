# SPDX-License-Identifier: MIT
"""The well-known datasets: market.h, market.rs and datasets.md are what the table says; it grows by its rules."""
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True  # sdk/tools is part of the source tree
sys.path.insert(0, str(ROOT / "sdk/tools"))

import datasets  # noqa: E402

PUBLISHED = ROOT / "tests/contract/datasets"
TABLE = (ROOT / "sdk/tools/datasets.txt").read_text(encoding="utf-8")
SMALL = """
= series
What it is.

parameters
  name | type         | flags    | default | range | choices | label | meaning
  s    | list of text | required | -       | 1..5  | -       | S     | Which.
  n    | i64          | -        | 3       | 1..9  | -       | N     | How many.

columns
  name  | type       | unit    | flags | label | meaning
  time  | time       | -       | -     | Time  | when
  value | decimal(8) | {quote} | -     | Value | how much

choices sizes
Legal sizes.
  small large
"""


class TheTable(unittest.TestCase):
    def test_is_what_the_generated_files_were_made_of(self):
        done = subprocess.run([sys.executable, ROOT / "sdk/tools/market.py", "--check"], capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_keeps_what_was_published(self):
        files = sorted(PUBLISHED.glob("*.txt"))
        self.assertTrue(files)
        now = datasets.read(TABLE)
        for file in files:
            found = list(datasets.changes(datasets.read(file.read_text(encoding="utf-8"), file.name), now))
            self.assertFalse(found, f"since {file.stem}:\n" + "\n".join(found))


class WhatMayChange(unittest.TestCase):
    def changes(self, *replacements):
        text = SMALL
        for old, new in replacements:
            self.assertEqual(text.count(old), 1, old)
            text = text.replace(old, new)
        return "\n".join(datasets.changes(datasets.read(SMALL), datasets.read(text)))

    def test_nothing_and_prose_and_labels(self):
        self.assertEqual(self.changes(), "")
        self.assertEqual(self.changes(("What it is.", "It is better said."), ("| N     | How many.", "| Count | So many."),
                                      ("| Value | how much", "| Price | the price")), "")

    def test_an_optional_column_or_parameter_at_the_end(self):
        self.assertEqual(self.changes(
            ("  value | decimal(8) | {quote} | -     | Value | how much\n",
             "  value | decimal(8) | {quote} | -     | Value | how much\n"
             "  more  | f64        | -       | optional | More | more\n"),
            ("  n    | i64          | -        | 3       | 1..9  | -       | N     | How many.\n",
             "  n    | i64          | -        | 3       | 1..9  | -       | N     | How many.\n"
             "  hint | text         | optional | -       | -     | -       | Hint  | A hint.\n")), "")

    def test_not_a_column_that_is_not_optional(self):
        self.assertIn("more is new, so it is born optional", self.changes(
            ("how much\n", "how much\n  more | f64 | - | - | More | more\n")))

    def test_not_a_column_before_the_end(self):
        self.assertIn("what is new stands at the end", self.changes(
            ("  value |", "  more | f64 | - | optional | More | more\n  value |")))

    def test_not_the_order(self):
        time = "  time  | time       | -       | -     | Time  | when\n"
        value = "  value | decimal(8) | {quote} | -     | Value | how much\n"
        self.assertIn("the order stays", self.changes((time + value, value + time)))

    def test_not_a_type_scale_unit_or_flag(self):
        for old, new in (("decimal(8)", "f64"), ("decimal(8)", "decimal(9)"), ("{quote}", "{base}"),
                         ("list of text | required", "list of text | -"), ("list of text", "list of i64")):
            self.assertIn("changed its type, scale, unit or flags", self.changes((old, new)), (old, new))

    def test_not_from_optional_to_sure_nor_back(self):
        self.assertIn("became optional", self.changes(("{quote} | -     |", "{quote} | optional |")))
        old = datasets.read(SMALL.replace("{quote} | -     |", "{quote} | optional |"))
        self.assertIn("was optional", "\n".join(datasets.changes(old, datasets.read(SMALL))))

    def test_not_a_default_a_bound_or_choices(self):
        for old, new in (("| 3       |", "| 4       |"), ("1..9", "1..8"), ("small large", "small large huge")):
            self.assertIn("the old ones", self.changes((old, new)))

    def test_nothing_goes(self):
        self.assertIn("time is gone", self.changes(("  time  | time       | -       | -     | Time  | when\n", "")))
        self.assertIn("series is gone", self.changes(("= series", "= others")))
        self.assertIn("changed its flags", self.changes(("= series", "= series private")))


class WhatIsNoTable(unittest.TestCase):
    def assert_refused(self, old, new, *parts):
        self.assertEqual(SMALL.count(old), 1, old)
        with self.assertRaises(datasets.Fault) as refused:
            datasets.read(SMALL.replace(old, new), "table.txt")
        for part in ("table.txt", *parts):
            self.assertIn(part, str(refused.exception))

    def test_is_told_with_its_line(self):
        self.assert_refused("decimal(8)", "decimal", "table.txt:13", '"decimal" is no type')
        self.assert_refused("decimal(8)", "decimal(39)", "is no type")
        self.assert_refused("list of text", "list of decimal", "is no type")
        self.assert_refused("  value |", "  x_value |", "x_ is kept for what sources add")
        self.assert_refused("  value |", "  time |", 'two columns "time"')
        self.assert_refused("{quote}", "{coin}", '"{coin}" is no unit')
        self.assert_refused("{quote} | -     |", "{quote} | maybe |", '"maybe" is no flag here: there are optional')
        self.assert_refused("1..9", "9", '"9" is no range')
        self.assert_refused("| Value | how much", "| -     | how much", "value has no label")
        self.assert_refused("| Value | how much", "| Value", "5 cells, but the table has 6 columns")
        self.assert_refused("  name  | type       | unit", "  name | unit", "the table begins with name | type")
        self.assert_refused("1..9  | -       |", "1..9  | colours |", 'there are no choices "colours"')
        self.assert_refused("What it is.", "", "series has no prose")


if __name__ == "__main__":
    unittest.main()
