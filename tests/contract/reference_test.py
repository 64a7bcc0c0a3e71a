# SPDX-License-Identifier: MIT
"""docs/reference/contract.md is what the headers say, and says of every function on which threads it is called."""
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "sdk/tools"))

import headers  # noqa: E402
import reference  # noqa: E402


class Reference(unittest.TestCase):
    def test_is_up_to_date(self):
        self.assertFalse(reference.write(headers.INCLUDE, True), f"run {reference.COMMAND}")

    def test_has_every_function_and_every_limit(self):
        page = reference.FILE.read_text(encoding="utf-8")
        for header in headers.read():
            for struct in header.structs:
                for member in struct.members:
                    if member.is_function:
                        self.assertIn(f"| `{member.type.to.text(member.name)}` | [", page)
            for number in header.numbers:
                if number.name.startswith("BOURSE_MAX_"):
                    self.assertIn(f"| `{number.name}` | {number.value:,} |", page)

    def test_comments_go_to_their_functions(self):
        text = """
            struct bourse_t {
              uint32_t size, flags;
              int x;                     /* about x */
              void (*a)(void *self);     /* of a [call] */
              int y;                     /* not about a */
              /* of b and c,
               * in two lines [any] */
              void (*b)(void *self);
              void (*c)(void *self,
                        int more);       /* and c alone */
            };
        """
        header = headers.Reader("t.h", text).read()
        said = {member.name: (words, mark) for member, words, mark in reference.functions(header, header.structs[0])}
        self.assertEqual(said, {"a": ("of a", "call"), "b": ("of b and c, in two lines", "any"), "c": ("and c alone", "any")})

    def test_a_function_without_threads_is_a_fault(self):
        header = headers.Reader("t.h", "struct bourse_t { uint32_t size, flags; void (*a)(void *self); /* so */ };").read()
        with self.assertRaisesRegex(headers.Fault, "t.h: bourse_t.a: no comment says on which threads"):
            list(reference.table_of(header, header.structs[0]))

    def test_a_stale_page_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            kept, reference.FILE = reference.FILE, pathlib.Path(folder) / "contract.md"
            try:
                self.assertTrue(reference.write(headers.INCLUDE, True))
                self.assertTrue(reference.write(headers.INCLUDE, False))
                self.assertFalse(reference.write(headers.INCLUDE, True))
            finally:
                reference.FILE = kept


if __name__ == "__main__":
    unittest.main()
