# SPDX-License-Identifier: MIT
"""What Debian's hardening-check looks for, in each program and library of the package: read from the files, not from the flags that they
were built with. By ./dev package."""
import glob
import os
import re
import subprocess
import tempfile
import unittest

FOLDER = os.environ["BOURSE_PACKAGES"]


def readelf(what, path):
    return subprocess.run(["readelf", "-W", what, path], check=True, capture_output=True, text=True).stdout


class Hardening(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        package, = glob.glob(os.path.join(FOLDER, "bourse_*.deb"))
        cls.tree = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.tree.cleanup)
        subprocess.run(["dpkg-deb", "-x", package, cls.tree.name], check=True)
        cls.program = os.path.join(cls.tree.name, "usr", "bin", "bourse")
        cls.plugins = sorted(glob.glob(os.path.join(cls.tree.name, "usr", "lib", "bourse", "plugins", "*.so")))
        assert len(cls.plugins) > 5, cls.plugins

    def each(self):
        for path in (self.program, *self.plugins):
            with self.subTest(os.path.basename(path)):
                yield path

    def test_the_program_lies_at_another_address_each_time(self):
        self.assertRegex(readelf("--file-header", self.program), r"Type: +DYN \(Position-Independent Executable")

    def test_addresses_of_functions_cannot_be_overwritten(self):
        for path in self.each():
            self.assertIn("GNU_RELRO", readelf("--program-headers", path))
            self.assertRegex(readelf("--dynamic", path), r"\(FLAGS(_1)?\).*(BIND_)?NOW")

    def test_no_stack_is_code_and_no_code_is_written(self):
        for path in self.each():
            headers = readelf("--program-headers", path)
            self.assertRegex(headers, r"GNU_STACK +(0x\w+ +){5}RW +0x")
            self.assertNotRegex(headers, r"LOAD .* RWE ")
            self.assertNotIn("TEXTREL", readelf("--dynamic", path))

    def test_no_library_is_searched_where_it_was_built(self):
        for path in self.each():
            self.assertNotRegex(readelf("--dynamic", path), r"RPATH|RUNPATH")

    def test_stacks_and_buffers_are_guarded(self):
        names = {path: set(re.findall(r"UND (\w+)", readelf("--dyn-syms", path))) for path in (self.program, *self.plugins)}
        for path in self.each():
            self.assertIn("__stack_chk_fail", names[path])
        # A plugin may call nothing that could be guarded so.
        self.assertIn("__fprintf_chk", names[self.program])


if __name__ == "__main__":
    unittest.main()
