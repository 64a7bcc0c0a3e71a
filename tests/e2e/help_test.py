# SPDX-License-Identifier: MIT
"""help, version, and what is said to who mistypes."""
import json
import os
import re
import subprocess
import tempfile
import unittest

import bourse_process as bourse


def commands():
    shown = re.search(r"(?s)Subcommands:\n(.*?)\n\n", bourse.run("--help").stdout)[1]
    return re.findall(r"(?m)^  (\w+)", shown)


class Help(unittest.TestCase):
    def test_of_everything_and_of_each_command(self):
        self.assertEqual(bourse.run("help").stdout.strip(), bourse.run("--help").stdout.strip())
        for command in commands():
            with self.subTest(command):
                done = bourse.run("help", command)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertIn(f"bourse {command}", done.stdout)
                self.assertNotIn(os.path.dirname(bourse.PROGRAM), done.stdout)

    def test_of_each_topic_that_is_named(self):
        named = re.search(r"or one of: (.*)", bourse.run("help", "help").stdout)[1].split(", ")
        self.assertIn("units", named)
        for topic in named:
            done = bourse.run("help", topic)
            self.assertEqual((done.returncode, done.stderr), (0, ""), topic)
            self.assertGreater(len(done.stdout.splitlines()), 2)

    def test_of_each_key_and_each_code(self):
        for word, expected in (("server.queue", r"(?s)^server\.queue\n.*value +a whole number from 1 to .*default +256\n.*at the start only"),
                               ("deadline", r"(?m)^route\.deadline$"), ("level", r"debug, info, warn, error"), ("no_route", r"^no_route: .*: 404")):
            done = bourse.run("help", word)
            self.assertEqual((done.returncode, done.stderr), (0, ""), word)
            self.assertRegex(done.stdout, expected)

    def test_of_no_word(self):
        for word, expected in (("chekc", "did you mean check?"), ("unit", "did you mean units?"), ("xyzzy-frobnicate", "`bourse help` lists")):
            done = bourse.run("help", word)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(expected, done.stderr)


class Mistakes(unittest.TestCase):
    def test_each_is_named_with_what_was_meant(self):
        for words, expected in ((("chekc",), 'there is no command "chekc"; did you mean check?'),
                                (("rotues", "x.yaml"), "did you mean routes?"),
                                (("dance",), "there are serve, check, routes"),
                                (("check", "--jsno"), 'check has no option "--jsno"; did you mean --json?'),
                                (("check", "--jsno=1"), 'check has no option "--jsno"; did you mean --json?'),
                                (("serve", "--listn", "127.0.0.1:0"), "did you mean --listen?"),
                                (("check", "--frobnicate"), "`bourse help check`"),
                                (("--verison",), "did you mean --version?"),
                                (("check", "a.yaml", "b.yaml"), 'check does not take "b.yaml"'),
                                ((), "`bourse help` lists the commands")):
            with self.subTest(words=words):
                done = bourse.run(*words, plugins=())
                self.assertEqual((done.returncode, done.stdout), (2, ""))
                self.assertIn(expected, done.stderr)
                self.assertRegex(done.stderr, r"^error: [^\n]*\n$")

    def test_an_option_of_run_looks_like_a_parameter(self):
        done = bourse.run("run", "technical", "--use", "synthetic", "--symbol", "BTCUSDT", "--fromat", "csv")
        self.assertEqual(done.returncode, 1)
        self.assertIn("Did you mean --format?", done.stderr)
        done = bourse.run("run", "technical", "--use", "synthetic", "--symbl", "BTCUSDT")
        self.assertIn("Did you mean symbol?", done.stderr)


class Page(unittest.TestCase):
    """docs/reference/command-line.md"""
    with open(os.path.join(bourse.SOURCE_DIR, "docs", "reference", "command-line.md"), encoding="utf-8") as file:
        page = file.read()

    def test_what_it_shows_is_what_is_said(self):
        shown = [part.partition("\n") for block in re.findall(r"(?ms)^```console\n(.*?)^```$", self.page)
                 for part in re.split(r"(?m)^\$ ", block)[1:]]
        self.assertGreaterEqual(len(shown), 2)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "bourse"), "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\ncommand=$1\nshift\nexec {bourse.PROGRAM} \"$command\" --plugins {bourse.PLUGINS} \"$@\"\n")
            os.chmod(file.name, 0o755)
            for command, _, output in shown:
                with self.subTest(command=command):
                    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False,
                                          cwd=bourse.SOURCE_DIR, env={**os.environ, "PATH": folder + ":" + os.environ["PATH"]})
                    self.assertEqual(re.sub(r"\d+ plugins", "# plugins", done.stdout + done.stderr), re.sub(r"\d+ plugins", "# plugins", output))

    def test_it_tells_every_command_and_its_topics(self):
        for command in commands():
            self.assertRegex(self.page, rf"(?m)^\| `bourse {command}\b")
        for topic in re.search(r"or one of: (.*)", bourse.run("help", "help").stdout)[1].split(", "):
            self.assertIn(f"`{topic}`", self.page)


class Version(unittest.TestCase):
    def test_says_of_what_it_was_built(self):
        text = bourse.run("version").stdout
        self.assertEqual(text, bourse.run("--version").stdout)
        said = json.loads(bourse.run("version", "--json").stdout)
        self.assertEqual(text.splitlines()[0], "bourse " + said["version"])
        self.assertRegex(said["version"], r"^\d+\.\d+\.\d+$")
        self.assertRegex(said["commit"], r"^([0-9a-f]{12,40}(-dirty)?|unknown)$")
        with open(os.path.join(bourse.SOURCE_DIR, "sdk", "include", "bourse", "bourse.h"), encoding="ascii") as file:
            header = file.read()
        major, minor = (re.search(rf"#define BOURSE_ABI_{part} (\d+)", header)[1] for part in ("MAJOR", "MINOR"))
        self.assertEqual(said["abi"], f"{major}.{minor}")
        self.assertRegex(said["compiler"], r"^(g|clang)\+\+ \d")
        for name in ("commit", "abi", "compiler", "build"):
            self.assertRegex(text, rf"(?m)^{name} +{re.escape(said[name])}$")


if __name__ == "__main__":
    unittest.main()
