# SPDX-License-Identifier: MIT
"""The mistakes of tests/host/config/mistakes, each put before `bourse check`: is it found, at its place, with a remedy?

The share that is told exactly where it stands is printed, and must not fall below what it was promised to be.
"""
import concurrent.futures
import os
import pathlib
import re
import tempfile
import unittest

import bourse_process as bourse

FOLDER = pathlib.Path(bourse.SOURCE_DIR) / "tests/host/config/mistakes"
BASE = (FOLDER / "base.yaml").read_text(encoding="utf-8").split("\n")[:-1]
TOKEN = "e2e-0123456789abcdef"
EXACT_AT_LEAST = 0.98
TOLD = re.compile(r"^(?P<file>[^:\n]*)(:(?P<line>\d+):(?P<column>\d+))?: (?P<severity>error|warning)\[(?P<code>\w+)\]: (?P<message>.*)$")
PLACE = "^"


class Case:
    """One mistake: what the file is, and what must be told of it."""

    def __init__(self, name):
        self.name, self.verdict, self.hint, self.place = name, ("good", ""), "", None
        self.edits, self.environment, self.content = {}, {}, None

    def edit(self, number, kind, text):
        self.edits.setdefault(number, []).append((kind, text))

    def lines(self):
        for number, line in enumerate(BASE, 1):
            edits = self.edits.get(number, [])
            if not any(kind in ">-" for kind, _ in edits):
                yield line
            for kind in ">", "+":
                yield from (text for what, text in edits if what == kind)

    def text(self):
        """The bytes of the file; finds the place by its mark."""
        if self.content is not None:
            return self.content
        lines = list(self.lines())
        for number, line in enumerate(lines, 1):
            if PLACE in line:
                self.place = (number, line.index(PLACE) + 1)
                lines[number - 1] = line.replace(PLACE, "", 1)
        return ("\n".join(lines) + "\n").encode()


def read_cases():
    cases = []
    for line in (FOLDER / "mistakes.txt").read_text(encoding="utf-8").split("\n"):
        edit = re.match(r"(\d+)([>+-])(.*)$", line)
        if line.startswith("== "):
            cases.append(Case(line[3:]))
        elif edit:
            cases[-1].edit(int(edit[1]), edit[2], edit[3])
        elif line.startswith("env "):
            name, _, value = line[4:].partition("=")
            cases[-1].environment[name] = value
        elif line and not line.startswith("#"):
            verdict, _, rest = line.partition(" ")
            code, _, cases[-1].hint = rest.partition(" ")
            cases[-1].verdict = (verdict, code)
    return cases


def whole(name, content, code, place=None, hint=""):
    """A case of its own, that is no edit of the base."""
    case = Case(name)
    case.content, case.verdict, case.place, case.hint = content, ("error" if code else "good", code), place, hint
    return case


def other_cases():
    base = ("\n".join(BASE) + "\n").encode()
    laughs = "\n".join(f"x-{i}: &x{i} [" + ", ".join([f"*x{i - 1}" if i else "a"] * 10) + "]" for i in range(9))
    return [
        whole("an empty file", b"", "empty_file", None, "the least is"),
        whole("only comments", b"# nothing\n", "empty_file", None, "the least is"),
        whole("only blanks", b"   \n\n  ", "empty_file", None, "the least is"),
        whole("UTF-16", base.decode().encode("utf-16"), "not_text", (1, 1), "UTF-8"),
        whole("a byte of Latin-1", base.replace(b"/v1/prices", b"/m\xe4rkte"), "not_text", (24, 13), "UTF-8"),
        whole("a byte that is zero", base.replace(b"level: info", b"level: in\0fo"), "not_text", (11, 12), "UTF-8"),
        whole("a program", pathlib.Path(bourse.PROGRAM).read_bytes()[:20000], "not_text", (1, 1), "UTF-8"),
        whole("line ends of old machines", base.replace(b"\n", b"\r"), "not_text", (1, 10), "line ends"),
        whole("line ends of Windows", base.replace(b"\n", b"\r\n"), ""),
        whole("line ends of Windows, and a mistake", base.replace(b"info", b"loud").replace(b"\n", b"\r\n"), "bad_value", (11, 10)),
        whole("a byte order mark", b"\xef\xbb\xbf" + base, ""),
        whole("a byte order mark, and a mistake", b"\xef\xbb\xbf" + base.replace(b'"127.0.0.1:21020"', b"8080"), "bad_value", (3, 11)),
        whole("10 MB of comments", b"# nothing\n" * 1_000_000 + base, "too_large"),
        whole("10 MB of routes", base + b"  - {path: /x, run: prices, format: json}\n" * 240_000, "too_large"),
        whole("a bomb of aliases", laughs.encode() + b"\n" + base, "too_large", None),
        whole("an alias inside itself", b"x-a: &a [^*a]\n".replace(b"^", b"") + base, "unsupported_yaml", (1, 10)),
        whole("TOML", b"[server]\nlisten = \"0.0.0.0:8080\"\n", "wrong_type", None),
        whole("a list", b"- bourse: 1\n", "wrong_type", (1, 1)),
        whole("a text", b"serve prices\n", "wrong_type", (1, 1)),
        whole("nginx", b"server {\n  listen 80;\n}\n", "wrong_type", None),
        whole("no routes", b"bourse: 1\n", "missing_key", (1, 1), "list what shall be served"),
        whole("an empty list of routes", b"bourse: 1\nroutes: []\n", "bad_value", (2, 9)),
        whole("JSON", b'{"bourse": 1, "sources": {"m": {"use": "synthetic"}}, "routes": [{"path": "/a", "run": "prices", '
                      b'"source": "m", "format": "json"}]}', ""),
        whole("a long path", base.replace(b"/v1/prices", b"/" + b"x" * 2000), "bad_path", (24, 11)),
    ]


def check(case, folder):
    """What is wrong with what was told, or nothing; and whether it was told exactly at its place."""
    content = case.text()
    file = os.path.join(folder, re.sub(r"\W", "_", case.name) + ".yaml")
    pathlib.Path(file).write_bytes(content)
    plugins = () if b"\nplugins:" in content else (bourse.PLUGINS,)  # the option takes the place of the key
    done = bourse.run("check", file, plugins=plugins, env={"OP_TOKEN": TOKEN, **case.environment}, cwd=folder)
    told = [match.groupdict() | {"at": number} for number, line in enumerate(done.stderr.split("\n"))
            if (match := TOLD.match(line))]
    severity, code = case.verdict
    if severity == "good":
        return ("told: " + done.stderr if told or done.returncode else ""), True
    if done.returncode != (1 if severity == "error" else 0):
        return f"exit code {done.returncode}: {done.stderr}", False
    right = [one for one in told if (one["severity"], one["code"]) == (severity, code)]
    if not right:
        return f"{code} is not told: {done.stderr}", False
    block = done.stderr.split("\n\n")
    if case.hint and not any(case.hint in part and f"[{code}]" in part for part in block):
        return f"no {case.hint!r} in: {done.stderr}", False
    if code == "syntax" and "help: " not in done.stderr:
        return f"no remedy: {done.stderr}", False
    others = [one for one in told if one not in right and one["severity"] == "error"]
    if others:
        return f"one mistake, told as {len(told)}: {done.stderr}", False
    exact = case.place is None or any((int(one["line"] or 0), int(one["column"] or 0)) == case.place for one in right)
    return ("" if exact else f"not at {case.place}: {done.stderr}"), exact


class Mistakes(unittest.TestCase):
    def test_are_told_where_they_stand(self):
        cases = read_cases() + other_cases()
        self.assertGreaterEqual(len(cases), 146)
        with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(2) as pool:
            verdicts = list(pool.map(lambda case: check(case, folder), cases))
        exact = sum(exact for _, exact in verdicts)
        print(f"{exact} of {len(cases)} mistakes are told exactly where they stand ({100 * exact / len(cases):.1f} %)")
        complaints = [f"{case.name}: {complaint}" for case, (complaint, _) in zip(cases, verdicts) if complaint]
        for complaint in complaints:
            print(complaint)
        self.assertGreaterEqual(exact / len(cases), EXACT_AT_LEAST)
        syntax = [case.name for case, (complaint, _) in zip(cases, verdicts) if complaint and case.verdict[1] == "syntax"]
        self.assertEqual(syntax, [], "each has its line and a remedy")


if __name__ == "__main__":
    unittest.main(verbosity=2)
