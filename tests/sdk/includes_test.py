# SPDX-License-Identifier: MIT
"""What the SDK's headers may not include: what libc++ 14 or libstdc++ 12 does not have, and what is dear to every plugin.

<memory>, <functional> and <chrono> each cost a plugin more than all else that it includes (decisions/contract.md); they stand only in
headers that few plugins need.
"""
import pathlib
import re
import unittest

HEADERS = pathlib.Path(__file__).resolve().parents[2] / "sdk" / "include" / "bourse"
NOWHERE = {"stop_token", "source_location", "format", "expected", "print", "ranges", "regex", "iostream"}
DEAR = {"memory", "functional", "chrono", "thread", "mutex", "condition_variable"}
FEW_NEED = {"pulse.hpp", "testing.hpp"}


def wrong(name, text):
    """Sentences on what a header includes."""
    included = set(re.findall(r"^\s*#\s*include\s*<([^>]+)>", text, re.MULTILINE))
    for header in sorted(included & NOWHERE):
        yield f"{name} includes <{header}>, which not every compiler that plugins are built with has"
    for header in sorted(included & DEAR) if name not in FEW_NEED else ():
        yield f"{name} includes <{header}>, which every plugin would pay for: write the part of it that is needed by hand"


class Includes(unittest.TestCase):
    def test_the_headers_keep_to_it(self):
        files = sorted(HEADERS.rglob("*.h*"))
        self.assertGreater(len(files), 40)
        found = [sentence for file in files
                 for sentence in wrong(str(file.relative_to(HEADERS)), file.read_text(encoding="utf-8"))]
        self.assertEqual(found, [])

    def test_what_is_wrong_is_seen(self):
        self.assertIn("<stop_token>", next(wrong("pulse.hpp", "#include <stop_token>\n")))
        self.assertIn("by hand", next(wrong("plugin.hpp", "#  include <memory>\n")))
        self.assertEqual(list(wrong("pulse.hpp", "#include <chrono>\n// #include <format>\n")), [])


if __name__ == "__main__":
    unittest.main()
