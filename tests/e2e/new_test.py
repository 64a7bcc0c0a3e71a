# SPDX-License-Identifier: MIT
"""bourse new: every kind in every language is written, built, tested, validated and asked over HTTP, against an installed SDK.

BOURSE_SDK is the folder to install into, BOURSE_BUILD the build that is installed from. BOURSE_NEW=all takes all twelve,
else one of each kind and of each language. Rust is left out, and said so, where there is no cargo.
"""
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor

import bourse_process

KINDS = ("analysis", "source", "serializer", "layer")
LANGS = ("cpp", "c", "rust")
SOURCE = pathlib.Path(bourse_process.SOURCE_DIR)
CARGO = shutil.which("cargo")
SLICE = [("analysis", "cpp"), ("source", "c"), ("layer", "rust"), ("serializer", "cpp")]
CHOSEN = list(itertools.product(KINDS, LANGS)) if os.environ.get("BOURSE_NEW") == "all" else SLICE
# The ugliest legal ones; null is a word of YAML, test a target of CMake, class a word of C++, std a crate of Rust.
NAMES = ("ext_1_a_123b_b11", "a", "x" * 63, "class", "null", "test", "std", "a__b", "call", "bourse", "health", "json")
SYNTHETIC = "BTCUSDT"


def new(*arguments, cwd=None):
    return bourse_process.run("new", *arguments, cwd=cwd)


class TheCommand(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def refused(self, code, *arguments):
        done = new(*arguments, cwd=self.folder)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_a_name_that_cannot_be_one_is_refused_with_one_that_can(self):
        for name, near in (("1abc", "plugin_1abc would do"), ("Ä", "take a name such as trend"), ("My-Trend", "my_trend would do"),
                           ("a b", "a_b would do"), ("_a", "a would do"), ("", "take a name such as trend"),
                           ("x" * 64, "x" * 63 + " would do"), ("../a", "a would do"), ("a/b", "a_b would do")):
            said = self.refused(2, name)
            self.assertIn(near, said, name)
            self.assertIn("it becomes an id, a file and part of a path", said)
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_kind_or_a_language_that_there_is_not_is_refused_with_those_there_are(self):
        self.assertIn('there is no kind "analyses", but analysis, source, serializer, layer; did you mean analysis?',
                      self.refused(2, "a", "--kind", "analyses"))
        self.assertIn('there is no language "go", but cpp, c, rust', self.refused(2, "a", "--lang", "go"))

    def test_the_page_shows_what_is_said(self):
        page = (SOURCE / "docs/reference/command-line.md").read_text(encoding="utf-8")
        shown = re.search(r"(?ms)^```text\n\$ bourse new trend\n(.*?)^```$", page)[1]
        self.assertEqual(new("trend", cwd=self.folder).stdout, shown)

    def test_nothing_is_written_over(self):
        os.mkdir(os.path.join(self.folder, "full"))
        kept = pathlib.Path(self.folder, "full", "README.md")
        kept.write_text("mine", encoding="utf-8")
        self.assertIn("is there already, and not empty", self.refused(1, "full"))
        self.assertEqual((kept.read_text(encoding="utf-8"), os.listdir(os.path.join(self.folder, "full"))), ("mine", ["README.md"]))
        self.assertIn("is there already, and no folder", self.refused(1, "a", "--into", str(kept)))
        os.mkdir(os.path.join(self.folder, "empty"))
        self.assertEqual(new("empty", cwd=self.folder).returncode, 0)

    def test_no_file_has_a_marker_or_a_word_of_the_template(self):
        for kind, lang in itertools.product(KINDS, LANGS):
            place = pathlib.Path(self.folder, "it")
            self.assertEqual(new("zz_9", "--kind", kind, "--lang", lang, cwd=self.folder, ).returncode, 0)
            place = pathlib.Path(self.folder, "zz_9")
            files = [file for file in place.rglob("*") if file.is_file()]
            self.assertEqual(len(files), 9, files)
            for file in files:
                text = file.read_text(encoding="utf-8")
                self.assertNotRegex(text, r"@[A-Z_]+@|template|TODO", f"{kind} {lang} {file}")
                self.assertTrue(text.endswith("\n"), file)
            said = (place / "README.md").read_text(encoding="utf-8")
            self.assertEqual(len(re.search(r"```sh\n(.*?)```", said, re.S)[1].splitlines()), 5)
            for name in re.findall(r"`((?:src/)?[a-z_]+\.(?:rs|c|cpp))`", said):
                self.assertTrue((place / name).exists(), name)
            shutil.rmtree(place)

    def test_what_is_printed_is_what_to_type_in_a_shell(self):
        done = new("a", "--into", "it's a \"place\"", cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        line = next(line for line in done.stdout.splitlines() if line.strip().startswith("cd "))
        there = subprocess.run(["sh", "-c", line + " && pwd"], cwd=self.folder, capture_output=True, text=True, check=True)
        self.assertEqual(there.stdout.strip(), os.path.join(self.folder, "it's a \"place\""))


class EveryProject(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(suffix=" with a blank")))
        cls.sdk = cls.folder / "sdk"
        subprocess.run(["cmake", "--install", os.environ["BOURSE_BUILD"], "--prefix", cls.sdk, "--component", "sdk"], check=True,
                       stdout=subprocess.DEVNULL)
        cls.target = cls.folder / "target"  # one for all projects in Rust, so that the crate is compiled once

    def sh(self, command, place):
        """A line of the README, as it is."""
        environment = {**os.environ, "PATH": os.path.dirname(bourse_process.PROGRAM) + ":" + os.environ["PATH"],
                       "CARGO_TARGET_DIR": str(self.target / place.name), "CARGO_HOME": str(self.folder / "cargo"),
                       "CFLAGS": "-Wall -Wextra -Wpedantic -Wconversion -Wno-sign-conversion -Wshadow -Werror", "RUSTFLAGS": "-Dwarnings",
                       "CXXFLAGS": "-Wall -Wextra -Wpedantic -Wconversion -Wno-sign-conversion -Wshadow -Werror"}
        if not os.path.lexists(place / "target"):
            os.makedirs(self.target / place.name, exist_ok=True)
            os.symlink(self.target / place.name, place / "target")
        done = subprocess.run(["sh", "-c", command], cwd=place, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{place.name}: {command}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout

    def make(self, kind, lang, name):
        place = self.folder / f"{kind} {lang}"
        done = new(name, "--kind", kind, "--lang", lang, "--into", str(place), "--sdk", str(self.sdk))
        if done.returncode != 0 or done.stderr:
            raise AssertionError(done.stdout + done.stderr)
        build, test, validate, _, curl = re.search(r"```sh\n(.*?)```", (place / "README.md").read_text(encoding="utf-8"),
                                                   re.S)[1].splitlines()
        self.sh(build, place)
        self.sh(test, place)
        if bourse_process.run("help", "validate").returncode == 0:
            self.sh(validate, place)
        config = place / "bourse.yaml"
        with bourse_process.Server(str(config), plugins=()) as server:
            target = re.search(r"http://[^/]*(/[^']*)'", curl)[1]
            status, headers, body = server.get(target)
        if status != 200:
            raise AssertionError(f"{kind} {lang}: {target}: {status} {body}")
        self.look(kind, headers, body.decode())

    def look(self, kind, headers, text):
        if kind == "analysis":
            self.assertRegex(text, r'"rows": ?50')
            self.assertRegex(text, r'"moved": ?-?\d')
        elif kind == "serializer":
            self.assertIn("text/plain", headers["content-type"])
            self.assertRegex(text, r"(?m)^series: open_time=.* close=\d+\.\d+ ")
        elif kind == "source":
            self.assertRegex(text, r'"100(\.0+)?"')
            self.assertRegex(text, r'"101(\.0+)?"')
        else:
            self.assertIn("BTCUSDT", text)

    def test_each_builds_passes_its_test_validates_and_answers(self):
        jobs = [(kind, lang, NAMES[place % len(NAMES)]) for place, (kind, lang) in enumerate(CHOSEN) if lang != "rust" or CARGO]
        if not CARGO:
            print("without Rust: there is no cargo on this machine", file=sys.stderr)
        with ThreadPoolExecutor(2) as two:
            for done in [two.submit(self.make, *job) for job in jobs]:
                done.result()


if __name__ == "__main__":
    unittest.main()
