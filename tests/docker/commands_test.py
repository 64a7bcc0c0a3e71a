# SPDX-License-Identifier: MIT
"""What README and the how-tos tell people to type for containers: files, options and routes in it exist.

Run with an engine by tests/docker/engine/commands_test.py."""
import os
import re
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

try:
    import yaml
except ImportError:
    print("skipped: there is no python3-yaml on this machine")
    sys.exit(77)

import commands
import figures
from commands import ROOT, read

sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
import bourse_process  # noqa: E402  pylint: disable=wrong-import-position


class Addresses(unittest.TestCase):
    """Each is asked of a server that serves what is served where the document is."""

    def ask(self, url):
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return answer.status
        except urllib.error.HTTPError as e:
            with e:
                return e.code

    def answered(self, config, paths, env=None):
        with bourse_process.Server(config, env=env) as server:
            return {path: self.ask(f"http://127.0.0.1:{server.port}{path}") for path in paths}

    def paths(self, document, wanted):
        return sorted({path for scheme, host, port, path in commands.urls(document) if wanted(host, port)})

    def test_they_are_found(self):
        """Or the tests below would hold nothing."""
        count = {document: len(list(commands.urls(document))) for document in commands.DOCUMENTS}
        self.assertTrue(all(count.values()), count)

    def test_what_is_tried_on_port_8080(self):
        for document in ("README.md", "docs/howto/deploy.md", "docker/compose.yaml"):
            paths = self.paths(document, lambda host, port: port == 8080)
            self.assertTrue(paths, document)
            # What README shows of a refusal is a refusal.
            expected = {path: 400 if "limit=0" in path else 200 for path in paths}
            self.assertEqual(self.answered(commands.tried(), paths), expected, document)

    def test_what_is_deployed(self):
        paths = self.paths("docs/howto/deploy.md", lambda host, port: port is None)
        self.assertIn("/health", paths)
        # Routes that the reader adds, as the document says; files_test.py checks that configuration.
        added = {route["path"] for block in re.findall(r"(?ms)^```yaml\n(routes:\n.*?)^```", read("docs/howto/deploy.md"))
                 for route in yaml.safe_load(block)["routes"]}
        self.assertEqual(added - set(paths), set(), "each is asked for")
        env = {"BOURSE_SOURCE": "synthetic", "BOURSE_ADMIN": "127.0.0.1:0"}
        config = os.path.join(ROOT, "config", "production.yaml")
        self.assertEqual(self.answered(config, set(paths) - added, env), {path: 200 for path in set(paths) - added})

    def test_what_operators_ask(self):
        paths = self.paths("docs/howto/deploy.md", lambda host, port: port == 9090)
        self.assertTrue(paths)
        with figures.Server() as server:
            for path in paths:
                self.assertEqual(self.ask(f"http://127.0.0.1:{server.admin_port}{path}"), 200, path)

    def test_what_the_package_serves(self):
        paths = self.paths("docs/howto/install.md", lambda host, port: port == 8080)
        self.assertTrue(paths)
        config = os.path.join(ROOT, "host", "package", "bourse.yaml")
        self.assertEqual(set(self.answered(config, paths).values()), {200}, paths)


class Words(unittest.TestCase):
    services = {name for file in ("prod", "postgres") for name in yaml.safe_load(read(f"docker/compose.{file}.yaml"))["services"]}

    def commands(self):
        for document in commands.DOCUMENTS:
            if document.endswith(".md"):
                for command in commands.container_commands(document):
                    yield document, command

    def test_they_are_found(self):
        found = [command for _, command in self.commands()]
        self.assertGreater(len(found), 20)
        self.assertTrue([command for document, command in self.commands() if document == "README.md"])

    def test_files_that_are_named_are_there(self):
        for document, command in self.commands():
            for path in re.findall(r"(?:-f|--file) (\S+)", command):
                with self.subTest(command):
                    self.assertTrue(os.path.exists(os.path.join(ROOT, path)), document)

    def test_services_that_are_named_exist(self):
        for _, command in self.commands():
            for words in re.findall(r"docker compose (?:exec(?: -T)?|logs|pull|stop|start) ([a-z][\w-]*)", command):
                with self.subTest(command):
                    self.assertIn(words, self.services)

    def test_arguments_of_a_build_are_those_of_the_dockerfile(self):
        arguments = {"SOURCE_DATE_EPOCH"}  # BuildKit's own
        for line in re.findall(r"(?m)^ARG (.*)$", read("docker/Dockerfile")):
            arguments |= {word.split("=")[0] for word in line.split()}
        for _, command in self.commands():
            for name in re.findall(r"--build-arg ([A-Z_]+)=", command):
                self.assertIn(name, arguments, command)

    def test_upgrade_has_the_options_that_are_shown(self):
        usage = subprocess.run([os.path.join(ROOT, "docker", "upgrade"), "--help"], capture_output=True, text=True, check=True).stdout
        for _, command in self.commands():
            if command.startswith("./upgrade"):
                for option in re.findall(r"--[a-z-]+", command):
                    self.assertIn(option, usage, command)

    def test_the_program_has_the_commands_that_are_shown(self):
        for _, command in self.commands():
            for word in re.findall(r"(?:IMAGE|bourse-\d bourse) ([a-z]+)", command):
                with self.subTest(command):
                    done = bourse_process.run(word, "--help")
                    self.assertEqual(done.returncode, 0, done.stderr)

    def test_each_is_run_with_an_engine_or_said_why_not(self):
        """By tests/docker/engine/commands_test.py, whose table this is."""
        sys.path.insert(0, os.path.join(ROOT, "tests", "docker", "engine"))
        import command_table
        for document, command in self.commands():
            with self.subTest(document):
                known = [pattern for pattern in command_table.ALL if re.fullmatch(pattern, command)]
                self.assertEqual(len(known), 1, f"{command}: add it to tests/docker/engine/command_table.py")
        for pattern in command_table.ALL:
            self.assertTrue(any(re.fullmatch(pattern, command) for _, command in self.commands()), f"nobody says {pattern}")


if __name__ == "__main__":
    unittest.main()
