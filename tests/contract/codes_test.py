# SPDX-License-Identifier: MIT
"""Every code that the host gives has its row in host/base/codes.cpp, of which `bourse explain CODE` is made, and no row is of a code
that nothing gives. Codes are found where they are given: `.code = "x"`, and the texts among the arguments of those who make a failure
or a diagnostic."""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = ROOT / "host" / "base" / "codes.cpp"
CODE = r"[a-z]+(?:_[a-z0-9]+)*"
# Who takes a code among its arguments. One word alone is a code only after `.code =` or in these texts.
GIVERS = re.compile(r"\b(?:error|warning|refuse|refused|refuse_key|failure|problem|fail_with|tell|add|code_of)\((?=[^;]*?\"" + CODE + r"\")")
ONE_WORD = {"syntax", "refuses", "cancelled", "overloaded", "stopping", "unanswered", "unhealthy", "failed", "usage"}
# Texts of that form among such arguments that are something else.
NO_CODES = re.compile(r"^bourse_|_total$|_seconds$|_bytes$")
JSON_MEMBERS = {"token_names", "built_with", "left_out", "media_type", "needs_token", "not_tried", "request_id", "retry_after", "deadline_seconds",
                "needs_restart", "in_flight", "trace_id"}


def arguments(text, start):
    """What stands between the parenthesis at `start` and its end."""
    depth, i, quoted = 0, start, False
    while i < len(text):
        c = text[i]
        if quoted:
            i += c == "\\"
            quoted = c != '"' or text[i - 1] == "\\"
        elif c == '"':
            quoted = True
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
            if depth == 0:
                return text[start + 1:i]
        i += 1
    return text[start + 1:]


def top_level(text):
    """The arguments themselves, not those of calls among them."""
    parts, depth, begin, quoted, i = [], 0, 0, False, 0
    while i < len(text):
        c = text[i]
        if quoted:
            if c == "\\":
                i += 1
            elif c == '"':
                quoted = False
        elif c == '"':
            quoted = True
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == "," and depth == 0:
            parts.append(text[begin:i])
            begin = i + 1
        i += 1
    return [part.strip() for part in [*parts, text[begin:]]]


def given(root):
    """{code: where}"""
    found = {}
    for file in sorted([*(root / "host").rglob("*.cpp"), *(root / "host").rglob("*.hpp")]):
        if "validate" in file.relative_to(root).parts[1:-1]:
            continue  # what it gives, plugins get: failures that are made on purpose
        if file.name.startswith("codes."):
            continue
        text = re.sub(r"//[^\n]*", "", file.read_text(encoding="utf-8"))
        where = str(file.relative_to(root))
        for match in re.finditer(r"\bcode = ([^;,{}]*)", text):
            for code in re.findall(rf'"({CODE})"', match[1]):
                found.setdefault(code, where)
        for match in re.finditer(rf'constexpr [^;=]*\bk\w*Code\w*\s*=\s*"({CODE})"', text):
            found.setdefault(match[1], where)
        for match in re.finditer(rf'"code", "({CODE})"', text):
            found.setdefault(match[1], where)
        for match in GIVERS.finditer(text):
            for part in top_level(arguments(text, match.end() - 1)):
                for code in re.findall(rf'^"({CODE})"$|\? "({CODE})"|: "({CODE})"$', part):
                    code = "".join(code)
                    if ("_" in code or code in ONE_WORD) and not NO_CODES.search(code) and code not in JSON_MEMBERS:
                        found.setdefault(code, where)
    return found


def rows():
    return re.findall(r'(?s)Code\{\s*"(\w+)",\s*((?:"(?:[^"\\]|\\.)*"\s*)+),\s*((?:"(?:[^"\\]|\\.)*"\s*)+),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\}',
                      TABLE.read_text(encoding="utf-8"))


class Codes(unittest.TestCase):
    def test_each_code_that_is_given_has_a_row(self):
        told = {row[0] for row in rows()}
        missing = {code: where for code, where in given(ROOT).items() if code not in told}
        self.assertEqual(missing, {}, "give each a row in host/base/codes.cpp: meaning, usual cause, what to do")

    def test_no_row_is_of_a_code_that_nothing_gives(self):
        text = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "host").rglob("*.?pp") if not file.name.startswith("codes."))
        # "no_" + kind + "_loaded"
        made = [re.compile(f"{first}[a-z]+{last}") for first, last in re.findall(r'"([a-z_]+_)" \+ [^;"]* \+ "(_[a-z_]+)"', text)]
        self.assertEqual([row[0] for row in rows() if f'"{row[0]}"' not in text and not any(one.fullmatch(row[0]) for one in made)], [])

    def test_rows_are_whole_sentences_in_order(self):
        found = rows()
        self.assertGreater(len(found), 100)
        self.assertEqual([row[0] for row in found], sorted({row[0] for row in found}))
        for code, *texts in found:
            for text in texts:
                with self.subTest(code=code, text=text):
                    self.assertGreater(len(text), 8)

    def test_what_the_pages_name_as_codes_is_told(self):
        """In the tables of http.md and configuration.md, where plugins' own are not said to be so."""
        page = (ROOT / "docs" / "reference" / "configuration.md").read_text(encoding="utf-8")
        table = page[page.index("## What `bourse check` knows of plugins"):]
        named = {code for row in re.findall(r"(?m)^\| (`.*?) \|", table) for code in re.findall(r"`([a-z]+_[a-z_]+)`", row)}
        self.assertIn("not_narrower", named)
        self.assertLessEqual(named, {row[0] for row in rows()})


class TheCheckItself(unittest.TestCase):
    def test_it_finds_codes_in_each_form(self):
        import tempfile
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "host").mkdir()
            (root / "host" / "a.cpp").write_text('''
                Failure f{.status = 4, .code = late ? "one_a" : "one_b", .message = "not_this"};
                diagnostics.error(place(a, "no_code here"), "two", "x");  // reader.error(m, "not_that", "x");
                reader.error(node.mark,
                             "three_c", "the words" + in_quotes("not_it"), "hint");
                return refuse(400, "four_d", "words");
                json(b, "code", "five_e");
                constexpr const char* kSixCode = "six";
                log_event(BOURSE_LEVEL_INFO, "an_event");
                ''', encoding="utf-8")
            self.assertEqual(set(given(root)), {"one_a", "one_b", "three_c", "four_d", "five_e", "six"})


if __name__ == "__main__":
    unittest.main()
