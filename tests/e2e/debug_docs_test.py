# SPDX-License-Identifier: MIT
"""docs/howto/debug-a-plugin.md, from the source of its plugin to each of its commands, in its order."""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import bourse_process as bourse

PAGE = os.path.join(bourse.SOURCE_DIR, "docs/howto/debug-a-plugin.md")


class Page(unittest.TestCase):
    def setUp(self):
        for tool in ("gdb", "valgrind", "addr2line", "g++"):
            if shutil.which(tool) is None:
                self.skipTest(f"{tool} is not installed")
        if bourse.SANITIZED:
            self.skipTest("a program with a sanitizer is not the reader's")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        os.symlink(bourse.PROGRAM, os.path.join(self.folder, "bourse"))
        with open(PAGE, encoding="utf-8") as file:
            self.page = file.read()
        self.write("faulty.cpp", self.block("cpp"))
        text = self.block("yaml")
        self.assertIn("/usr/lib/bourse/plugins", text)
        self.write("debug.yaml", text.replace("/usr/lib/bourse/plugins", bourse.PLUGINS))

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def block(self, kind):
        found = re.findall(rf"^```{kind}\n(.*?)^```$", self.page, re.MULTILINE | re.DOTALL)
        self.assertEqual(len(found), 1)
        return found[0]

    def test_each_command_does_what_the_page_says(self):
        blocks = re.findall(r"^```bash\n(.*?)^```$", self.page, re.MULTILINE | re.DOTALL)
        said = []
        for block in blocks:
            done = subprocess.run(["bash", "-ec", block], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  timeout=300 * bourse.PATIENCE, check=False,
                                  env={**os.environ, "PATH": self.folder + ":" + os.environ["PATH"],
                                       "CPATH": os.path.join(bourse.SOURCE_DIR, "sdk/include")})
            if "ptrace: Operation not permitted" in done.stdout:
                self.skipTest("this machine lets no process trace another one")
            self.assertEqual(done.returncode, 0, block + done.stdout)
            said.append(done.stdout)
        _, words, line, gdb, valgrind, asan = said
        self.assertIn("\nlast,2,", words)
        self.assertIn("ended with 139", words)
        self.assertRegex(words, r"error crashed signal=SIGSEGV component=example\.faulty/faulty call=run route=run request_id=run at=faulty\.so\+0x")
        self.assertRegex(line, r"Faulty::run[^\n]*\n.*faulty\.cpp:16")
        self.assertRegex(gdb, r"Breakpoint 1, .*faulty\.cpp:16")
        self.assertIn("{1, 1, 2, 3, 5, 8}", gdb)
        self.assertIn("faulty.cpp:16", valgrind)
        self.assertIn("AddressSanitizer: stack-buffer", asan)


if __name__ == "__main__":
    unittest.main()
