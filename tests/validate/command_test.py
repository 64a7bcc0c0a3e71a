# SPDX-License-Identifier: MIT
"""command_test.py GOOD BAD_FOLDER: what is wrong use, what is excused, how it is written, and that nothing is left running."""
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree

GOOD, BAD = sys.argv[1:3]
del sys.argv[1:]


def bourse(*words, **options):
    return subprocess.run([os.environ["BOURSE"], *words], capture_output=True, text=True, timeout=120, check=False,
                          stdin=subprocess.DEVNULL, **options)


def validate(*words, **options):
    return bourse("validate", *words, **options)


def bad(name):
    return os.path.join(BAD, name + ".so")


class WrongUse(unittest.TestCase):
    def test_what_cannot_be_tried_is_2_and_says_what_was_meant(self):
        for words, expected in (((GOOD, "--only", "fiel"), 'no rule "fiel"; did you mean file?'),
                                ((GOOD, "--only", "file.onename"), "did you mean file.one-name?"),
                                ((GOOD, "--except", "*.*"), "no rule is left"),
                                ((GOOD, "--only", "time-travel.longer-report", "--component", "analysis/*"), "nothing would be tried"),
                                (("/nowhere/x.so",), "cannot be read"),
                                (("/",), "is no file"),
                                ((), "name the plugin"),
                                ((GOOD, "--set", "limit"), "NAME=VALUE"),
                                ((GOOD, "--base", "debian7"), "debian12"),
                                ((GOOD, "--format", "yaml"), "text, json and junit"),
                                ((GOOD, "--exclude-file", "/nowhere"), "cannot be read")):
            with self.subTest(words=words):
                done = validate(*words)
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(expected, done.stderr)

    def test_what_is_no_plugin_is_1(self):
        for file, expected in ((__file__, "not an ELF file"), ("/bin/true", "plugin")):
            done = validate(file)
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertIn(expected, done.stdout)
            self.assertIn("failed", done.stdout)


class Exclusions(unittest.TestCase):
    def excusing(self, text, file, *words):
        with tempfile.TemporaryDirectory() as folder:
            name = os.path.join(folder, "known")
            with open(name, "w", encoding="utf-8") as to:
                to.write(text)
            return validate(file, "--exclude-file", name, *words)

    def test_with_a_reason_a_rule_is_not_tried_and_the_summary_says_why(self):
        done = self.excusing("# known\n\nmanners.output: a banner, issue 17\n", bad("prints"), "--only", "manners")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"skipped  manners\.output\n    why +excluded: a banner, issue 17\n")

    def test_of_one_component_only(self):
        text = "lifecycle.creates@analysis/*: known\n"
        done = self.excusing(text, bad("exits_in_create"), "--only", "lifecycle.creates")
        self.assertEqual(done.returncode, 1)
        self.assertIn("excluded: known", done.stdout)
        self.assertIn("crashed  lifecycle.creates (source/plain-source)", done.stdout)

    def test_without_a_reason_or_a_rule_is_a_mistake_with_its_place(self):
        for text, expected in (("file.base:\n", "known:1: write RULE: reason"), ("\nfile.base\n", "known:2: write RULE: reason"),
                               ("file.bases: why\n", "known:1: there is no rule \"file.bases\"; did you mean file.base?")):
            done = self.excusing(text, GOOD)
            self.assertEqual((done.returncode, done.stdout), (2, ""), text)
            self.assertIn(expected, done.stderr)

    def test_the_file_beside_the_plugin_is_taken(self):
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "mine.so")
            with open(bad("prints"), "rb") as source, open(file, "wb") as to:
                to.write(source.read())
            self.assertEqual(validate(file, "--only", "manners").returncode, 1)
            with open(os.path.join(folder, "mine.validate"), "w", encoding="utf-8") as to:
                to.write("manners.output: known\n")
            self.assertEqual(validate(file, "--only", "manners").returncode, 0)


class Reports(unittest.TestCase):
    def test_a_crash_has_rule_item_remedy_and_the_command_that_repeats_it(self):
        done = validate(bad("exits_in_create"), "--only", "lifecycle.creates", "--seed", "7")
        self.assertEqual(done.returncode, 1)
        self.assertIn("crashed  lifecycle.creates (analysis/plain)", done.stdout)
        self.assertIn("in     create of analysis/plain", done.stdout)
        self.assertIn("exit code 70 before it was done", done.stdout)
        (again,) = set(re.findall(r"again  bourse (.*--component analysis/plain.*)", done.stdout))
        self.assertIn("--seed 7", again)
        repeated = bourse(*again.split())  # calls exit(0) in this very process
        self.assertEqual(repeated.returncode, 70)
        self.assertNotIn("good", repeated.stdout)

    def test_strict_makes_a_warning_a_failure(self):
        words = (bad("nodelete"), "--only", "file.can-be-unloaded")
        self.assertEqual(validate(*words).returncode, 0)
        done = validate(*words, "--strict")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--strict takes no warnings", done.stdout)

    def test_junit_tells_failures_errors_and_what_was_skipped(self):
        done = validate(bad("prints_for_ever"), "--limit", "1", "--only", "file.tables,descriptions", "--format", "junit")
        self.assertEqual(done.returncode, 1)
        suite = xml.etree.ElementTree.fromstring(done.stdout).find("testsuite")
        self.assertEqual({name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")},
                         {"tests": "3", "failures": "0", "errors": "1", "skipped": "1"})
        cases = {(case.get("classname"), case.get("name")): case for case in suite.iter("testcase")}
        self.assertIn("did not end within 1 s and was killed", cases["descriptions", "loads"].find("error").get("message"))
        self.assertEqual(cases["descriptions", "known"].find("skipped").get("message"), "descriptions.loads did not pass")
        self.assertIsNone(cases["file", "tables"].find("error"))

    def test_what_a_plugin_prints_cannot_break_the_xml(self):
        done = validate(bad("prints_controls"), "--only", "manners.output", "--format", "junit")
        text = xml.etree.ElementTree.fromstring(done.stdout)  # which refuses every control that XML 1.0 forbids
        self.assertIn("]]>&<b>", next(text.iter("failure")).text)

    def test_the_same_seed_tells_the_same_in_the_same_order_whatever_the_jobs(self):
        def told(jobs):
            runs = json.loads(validate(GOOD, "--format", "json", "--jobs", jobs).stdout)["runs"]
            return [(run["rule"], run.get("component"), run["outcome"]) for run in runs]
        self.assertEqual(told("1"), told("8"))

    def test_in_this_process_it_tells_the_same(self):
        words = ("--format", "json", "--except", "lifecycle.two-copies")
        runs = json.loads(validate(GOOD, *words).stdout)["runs"]
        here = json.loads(validate(GOOD, *words, "--in-process").stdout)["runs"]
        self.assertEqual([(run["rule"], run["outcome"]) for run in here], [(run["rule"], run["outcome"]) for run in runs])


class Processes(unittest.TestCase):
    def test_what_loops_and_prints_is_gone_at_the_limit_with_its_children(self):
        begun = time.monotonic()
        done = validate(bad("starts_others"), "--only", "descriptions.loads", "--limit", "1")
        self.assertLess(time.monotonic() - begun, 20)
        self.assertIn("did not end within 1 s and was killed", done.stdout)
        self.assertEqual(processes_named("plain-child"), [])

    def test_the_children_go_with_their_parent(self):
        with subprocess.Popen([os.environ["BOURSE"], "validate", bad("starts_others"), "--only", "descriptions.loads"],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as parent:
            until(lambda: children_of(parent.pid))
            children = children_of(parent.pid)
            parent.kill()
        until(lambda: not any(os.path.exists(f"/proc/{child}") for child in children))
        for name in processes_named("plain-child"):  # of a child that was killed by the kernel, not by us
            os.kill(name, 9)


def processes():
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    text = file.read()
            except OSError:
                continue
            comm = text[text.index("(") + 1:text.rindex(")")]
            state, parent = text[text.rindex(")") + 2:].split()[:2]
            if state != "Z":
                yield int(name), comm, int(parent)


def processes_named(name):
    return [number for number, comm, _ in processes() if comm == name]


def children_of(pid):
    return [number for number, _, parent in processes() if parent == pid]


def until(true):
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


if __name__ == "__main__":
    unittest.main()
