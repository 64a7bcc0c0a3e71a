# SPDX-License-Identifier: MIT
"""plugins_test.py BAD_FOLDER: plugins and check look at each file in a process of its own, and go on with the others."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

BAD = sys.argv[1]
del sys.argv[1:]
CONFIG = "bourse: 1\nserver: {listen: '127.0.0.1:0'}\nroutes:\n  - {path: /a, run: plain, format: plain-text}\n"
ENDING = {"crashes_in_constructor": "SIGABRT", "exits_in_constructor": "exit code 70", "crashes_in_destructor": "SIGABRT"}


def bourse(*words):
    return subprocess.run([os.environ["BOURSE"], *words], capture_output=True, text=True, timeout=120, check=False,
                          stdin=subprocess.DEVNULL)


class Plugins(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.plugins = os.path.join(self.folder, "plugins")
        os.mkdir(self.plugins, 0o755)

    def put(self, *names):
        for name in names:
            shutil.copy(os.path.join(BAD, name + ".so"), self.plugins)

    def test_files_that_end_the_process_are_told_and_the_others_shown(self):
        self.put("good", *ENDING)
        done = bourse("plugins", self.plugins, "--json")
        self.assertEqual(done.returncode, 1, done.stderr)
        said = json.loads(done.stdout)
        self.assertEqual([plugin["name"] for plugin in said["plugins"]], ["bad.plain"])
        refused = {os.path.basename(one["file"])[:-3]: one for one in said["refused"]}
        self.assertEqual(set(refused), set(ENDING))
        for name, how in ENDING.items():
            self.assertEqual(refused[name]["code"], "ends_process")
            self.assertIn(how, refused[name]["message"])
            self.assertIn(name + ".so", refused[name]["message"])

    def test_one_that_never_ends_is_ended(self):
        self.put("good", "prints_for_ever")
        done = bourse("plugins", self.plugins, "--limit", "3")
        self.assertEqual(done.returncode, 1)
        self.assertIn("bad.plain 1.2.3", done.stdout)
        self.assertNotIn("..", done.stdout)  # what it printed
        self.assertIn("did not end within 3 s and was killed", done.stderr)

    def test_check_tells_of_it_as_of_any_file_that_is_refused(self):
        self.put("good")
        config = os.path.join(self.folder, "bourse.yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG)
        self.assertEqual(bourse("check", config, "--plugins", self.plugins).returncode, 0)
        self.put("exits_in_constructor")
        done = bourse("check", config, "--plugins", self.plugins, "--strict")
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn("exits_in_constructor.so: the process that loaded it", done.stderr)
        self.assertIn("exit code 70", done.stderr)

    def test_what_a_server_would_not_run_is_not_run_here(self):
        self.put("exits_in_constructor")
        os.chmod(os.path.join(self.plugins, "exits_in_constructor.so"), 0o666)
        done = bourse("plugins", self.plugins)
        self.assertEqual(done.returncode, 1)
        self.assertIn("everyone may write to this file", done.stderr)


if __name__ == "__main__":
    unittest.main()
