# SPDX-License-Identifier: MIT
"""The layout that compiled plugins rely on is that of tests/contract/layout/, and a change of it is seen.

Every mutation below was done to a copy of the headers; a check of offsets alone would let most of them pass.
"""
import os
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True  # sdk/tools is part of the source tree
sys.path.insert(0, str(ROOT / "sdk/tools"))

import grow  # noqa: E402
import headers  # noqa: E402
import layout  # noqa: E402
import rust  # noqa: E402

CC = (os.environ.get("CC") or "cc",)
BOURSE = "bourse/bourse.h"


class Tree(unittest.TestCase):
    """A copy of the headers, and what the check says of it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.include = pathlib.Path(folder.name, "include")
        self.golden = pathlib.Path(folder.name, "golden")
        shutil.copytree(headers.INCLUDE, self.include)
        shutil.copytree(layout.GOLDEN, self.golden)

    def change(self, old, new, file=BOURSE, times=1):
        text = (self.include / file).read_text(encoding="utf-8")
        self.assertEqual(text.count(old), times, f"{old!r} in {file}: adapt this test")
        (self.include / file).write_text(text.replace(old, new), encoding="utf-8")

    def swap(self, one, other, file=BOURSE):
        """Two pieces of text change places."""
        text = (self.include / file).read_text(encoding="utf-8")
        self.assertEqual((text.count(one), text.count(other)), (1, 1), f"{one!r}, {other!r}: adapt this test")
        text = text.replace(one, "\0").replace(other, one).replace("\0", other)
        (self.include / file).write_text(text, encoding="utf-8")

    def next_minor(self):
        text = (self.include / BOURSE).read_text(encoding="utf-8")
        text, n = re.subn(r"(#define BOURSE_ABI_MINOR )\d+", r"\g<1>1", text)
        self.assertEqual(n, 1)
        (self.include / BOURSE).write_text(text, encoding="utf-8")

    def write_down(self):
        found = layout.of_headers(self.include, CC)
        (self.golden / f"{found.major}.{found.minor}.txt").write_text(layout.write(found), encoding="utf-8")

    def faults(self):
        return list(layout.check(layout.of_headers(self.include, CC), self.golden))

    def assert_seen(self, *parts):
        told = "\n".join(self.faults())
        for part in parts:
            self.assertIn(part, told)

    def assert_seen_in_both(self, *parts):
        """As a change of the draft, and as one of a later minor."""
        self.assert_seen(*parts)
        self.next_minor()
        self.write_down()
        self.assert_seen(*parts)


class TheLayout(unittest.TestCase):
    def test_is_the_one_that_was_written_down(self):
        faults = list(layout.check(layout.of_headers(compiler=CC)))
        remedy = f"\n\nUndo it; or, while the ABI is a draft, run {layout.COMMAND}"
        self.assertFalse(faults, "\n" + "\n".join(faults) + remedy)

    def test_is_read_back_as_it_is_written(self):
        found = layout.of_headers(compiler=CC)
        self.assertEqual(layout.read(layout.write(found)), found)

    def test_covers_every_struct_and_number_of_the_headers(self):
        found = layout.of_headers(compiler=CC)
        for name in headers.names():
            text = re.sub(r"/\*.*?\*/", "", (headers.INCLUDE / name).read_text(encoding="utf-8"), flags=re.DOTALL)
            for struct in re.findall(r"\bstruct\s+(bourse_\w+)\s*\{", text):
                self.assertIn(struct, found.structs)
            for body in re.findall(r"\benum\s*\{(.*?)\}", text, flags=re.DOTALL):
                for number in re.findall(r"\bBOURSE_\w+", body):
                    self.assertIn("number " + number, found.facts)


class TheDeclarationsForRust(unittest.TestCase):
    def test_are_those_of_the_headers(self):
        self.assertEqual(rust.FILE.read_text(encoding="utf-8"), rust.library(headers.INCLUDE, CC),
                         "run sdk/tools/contract.py rust")


class WhatChangesPlaces(Tree):
    """Two members of one type: their offsets and sizes are the same afterwards."""

    def test_functions(self):
        self.swap("(*poll)", "(*fail)")
        self.assert_seen_in_both("bourse_host.poll")

    def test_label_and_unit_of_a_field(self):
        self.swap("const char *label;                   /*", "const char *unit;                    /*")
        self.assert_seen_in_both("bourse_field.label")

    def test_scalars_and_tables_of_a_report(self):
        self.swap("size_t n_scalars; const bourse_scalar *const *scalars;",
                  "size_t n_tables;  const bourse_table  *const *tables;")
        self.assert_seen_in_both("bourse_report.n_scalars")

    def test_default_and_maximum_of_a_parameter(self):
        self.change("const char *def, *min, *max;", "const char *max, *min, *def;")
        self.assert_seen_in_both("bourse_param.def")

    def test_two_texts_of_a_report(self):
        self.change("bourse_str title, component;", "bourse_str component, title;")
        self.assert_seen_in_both("bourse_report.title")

    def test_two_texts_of_a_frozen_struct(self):
        self.change("typedef struct bourse_label { bourse_str name, value; }",
                    "typedef struct bourse_label { bourse_str value, name; }", "bourse/ext/metrics.h")
        self.assert_seen_in_both("bourse_label.name")

    def test_two_texts_of_an_extension(self):
        blanks = " " * 21
        self.swap(f"bourse_str name;{blanks}/* what was", f"bourse_str text;{blanks}/* what was", "bourse/ext/probe.h")
        self.assert_seen_in_both("bourse_finding.name")

    def test_two_parameters_of_a_function(self):
        self.change("bourse_str name, bourse_str value);", "bourse_str value, bourse_str name);")
        self.assert_seen_in_both("bourse_host.header")

    def test_a_union_s_members(self):
        self.change("int64_t i64; double f64;", "int64_t f64; double i64;")
        self.assert_seen_in_both("bourse_value.as")


class WhatIsChanged(Tree):
    def test_an_enumerator_has_another_number(self):
        self.change("BOURSE_TYPE_TEXT = 6,", "BOURSE_TYPE_TEXT = 8,")
        self.assert_seen_in_both("number BOURSE_TYPE_TEXT was 6 and is 8")

    def test_an_enumerator_stands_in_the_middle(self):
        self.change("BOURSE_CHART_BAR,", "BOURSE_CHART_STEP, BOURSE_CHART_BAR,")
        self.assert_seen_in_both("number BOURSE_CHART_BAR was 3 and is 4")

    def test_an_enumerator_is_gone(self):
        self.change("BOURSE_FORBIDDEN = 403, ", "")
        self.assert_seen_in_both("number BOURSE_FORBIDDEN is gone")

    def test_a_number_is_wider(self):
        self.change("typedef int32_t bourse_role;", "typedef int64_t bourse_role;")
        self.change("uint32_t size; bourse_role role;", "uint64_t size; bourse_role role;")
        self.assert_seen_in_both("type bourse_role was int32_t and is int64_t")

    def test_a_field_has_another_type_of_the_same_size(self):
        self.change("int64_t retry_after;", "uint64_t retry_after;")
        self.assert_seen_in_both("bourse_failure.retry_after")

    def test_a_function_returns_something_else(self):
        self.change("void (*unlease)", "bourse_status (*unlease)", "bourse/ext/shared.h")
        self.assert_seen_in_both("bourse_shared.unlease")

    def test_a_field_is_gone(self):
        self.change("  int64_t as_of;", "")
        self.assert_seen_in_both("bourse_report.as_of")

    def test_a_function_is_gone_from_the_end(self):
        self.change("  bourse_status (*write)(bourse_call *, bourse_str bytes);\n", "")
        self.assert_seen_in_both("bourse_host.write", "there is now `nothing`")

    def test_a_struct_is_gone(self):
        (self.include / "bourse/ext/watch.h").unlink()
        self.assert_seen_in_both("struct bourse_watch is gone", "text BOURSE_WATCH_ID is gone")

    def test_an_id_is_another_one(self):
        self.change('"bourse.tasks/1"', '"bourse.tasks/2"', "bourse/ext/tasks.h")
        self.assert_seen_in_both("text BOURSE_TASKS_ID")

    def test_the_entry_is_another_one(self):
        self.change("bourse_plugin_v1(const bourse_host *);", "bourse_plugin_v1(const bourse_host *, int);")
        self.assert_seen_in_both("entry bourse_plugin_v1")


class WhatGrows(Tree):
    def test_at_the_end_of_a_growing_struct_is_lawful_in_a_later_minor_only(self):
        self.change("} bourse_note;", "  uint64_t more;\n} bourse_note;")
        self.assert_seen("bourse_note has grown by more: this minor has been written down")
        self.next_minor()
        self.assert_seen("ABI 1.1 has not been written down")
        self.write_down()
        self.assertEqual(self.faults(), [])

    def test_before_the_end_is_not(self):
        self.change("  bourse_str code, text;               /* code",
                    "  uint64_t more;\n  bourse_str code, text;               /* code")
        self.assert_seen_in_both("bourse_note.code: was `8 16 code bourse_str`, there is now `8 8 more uint64_t`")

    def test_at_the_end_of_a_frozen_struct_is_not(self):
        self.change("typedef struct bourse_arg { bourse_str name; bourse_value value; }",
                    "typedef struct bourse_arg { bourse_str name; bourse_value value; uint64_t more; }")
        self.assert_seen_in_both("bourse_arg has grown by more", "it is frozen")

    def test_a_frozen_struct_does_not_begin_to_grow(self):
        self.change("typedef struct bourse_answer {         /* frozen",
                    "typedef struct bourse_answer { uint32_t size, flags; /* frozen")
        self.assert_seen_in_both("bourse_answer begins with size now")

    def test_new_numbers_structs_and_functions_are_lawful(self):
        self.change("BOURSE_TYPE_LIST = 7 ", "BOURSE_TYPE_LIST = 7, BOURSE_TYPE_BLOB = 8 ")
        self.change("BOURSE_CHART_HEATMAP }", "BOURSE_CHART_HEATMAP, BOURSE_CHART_DEPTH }")
        self.change("} bourse_watch;\n", "} bourse_watch;\n"
                    "typedef struct bourse_new { uint32_t size, flags; } bourse_new;\n", "bourse/ext/watch.h")
        self.assert_seen("number BOURSE_TYPE_BLOB is new", "struct bourse_new is new")
        self.next_minor()
        self.write_down()
        self.assertEqual(self.faults(), [])

    def test_a_limit_may_be_raised_and_not_lowered(self):
        self.change("BOURSE_MAX_FIELDS = 1024", "BOURSE_MAX_FIELDS = 2048")
        self.assert_seen("number BOURSE_MAX_FIELDS was 1024 and is 2048")
        self.next_minor()
        self.write_down()
        self.assertEqual(self.faults(), [])
        self.change("BOURSE_MAX_FIELDS = 2048", "BOURSE_MAX_FIELDS = 512")
        self.write_down()
        self.assert_seen("number BOURSE_MAX_FIELDS was 1024 and is 512")

    def test_the_headers_that_the_growth_tests_are_built_with_are_lawful(self):
        grown = self.include.parent / "grown"
        grow.write(self.include, grown)
        self.include = grown
        self.write_down()
        self.assertEqual(self.faults(), [])
        found = layout.of_headers(grown, CC)
        for name, (grows, _, lines) in layout.of_headers(compiler=CC).structs.items():
            self.assertEqual(len(found.structs[name][2]) > len(lines), grows, name)


class WhatCannotBeRead(Tree):
    def test_is_told_with_its_place(self):
        self.change("typedef struct bourse_progress {", "struct bourse_task x[3];\ntypedef struct bourse_progress {",
                    "bourse/ext/tasks.h")
        with self.assertRaisesRegex(headers.Fault, r"bourse/ext/tasks\.h:\d+: "):
            self.faults()

    def test_padding_is_told(self):
        self.change("} bourse_note;", "  uint32_t more;\n} bourse_note;")
        with self.assertRaisesRegex(headers.Fault, "bourse_note has 48 bytes, but its last member ends at 44"):
            self.faults()


if __name__ == "__main__":
    unittest.main()
