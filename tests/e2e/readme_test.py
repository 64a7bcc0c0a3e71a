# SPDX-License-Identifier: MIT
"""What README shows is true: commands exist, their output has the shown shape, code is code that is built."""
import os
import re
import subprocess
import unittest

import bourse_process as bourse

README = os.path.join(bourse.SOURCE_DIR, "README.md")


def blocks(language):
    with open(README, encoding="utf-8") as file:
        return re.findall(rf"^```{language}\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL)


def shape(text):
    """Numbers, times and ids are not what is promised; everything else is."""
    text = re.sub(r'"request_id":"[^"]*"', '"request_id":"#"', text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "#time", text)
    return re.sub(r"-?\d+(\.\d+)?(e[+-]?\d+)?", "#", text)


class Readme(unittest.TestCase):
    def test_the_commands_exist(self):
        usage = subprocess.run([os.path.join(bourse.SOURCE_DIR, "dev"), "help"], text=True,
                               capture_output=True, check=True).stdout
        commands = re.findall(r"^\./dev (\w+)", "".join(blocks("sh")), re.MULTILINE)
        self.assertEqual(commands, ["run", "test"])
        for command in commands:
            self.assertRegex(usage, rf"(?m)^  {command} ")

    def test_the_console_shows_what_the_server_says(self):
        server = bourse.Server(os.path.join(bourse.SOURCE_DIR, "config", "bourse.yaml"))
        with server:
            for block in blocks("console"):
                for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
                    command, _, shown = part.partition("\n")
                    command = command.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}")
                    with self.subTest(command=command):
                        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True,
                                              timeout=60, check=True)
                        self.assertEqual(shape(done.stdout.strip()), shape(shown.strip()))

    def test_the_cpp_code_is_code_that_is_built(self):
        path = os.path.join(bourse.SOURCE_DIR, "sdk", "examples", "spread_cpp", "spread.cpp")
        with open(path, encoding="utf-8") as file:
            example = file.read()
        self.assertTrue(blocks("cpp"))
        for block in blocks("cpp"):
            self.assertIn(block, example)

    def test_the_yaml_is_a_good_configuration(self):
        import tempfile
        with tempfile.TemporaryDirectory() as folder:
            for block in blocks("yaml"):
                config = bourse.write_config(folder, "bourse: 1\n" + block)
                done = bourse.run("check", config)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_link_leads_somewhere(self):
        with open(README, encoding="utf-8") as file:
            links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", file.read())
        for link in links:
            self.assertTrue(os.path.exists(os.path.join(bourse.SOURCE_DIR, link)), link)


if __name__ == "__main__":
    unittest.main()
