# SPDX-License-Identifier: MIT
"""sdk/rust by cargo: its tests, and that it builds with nothing but itself: no network, an empty CARGO_HOME, --locked.

Gets the program and the compiler by CARGO, RUSTC and RUSTDOC, and a folder for what is built by BUILT; says why it was
skipped (exit code 77) when there is no cargo.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CARGO = os.environ.get("CARGO", "")
if not CARGO:
    print("skipped: there is no cargo on this machine")
    sys.exit(77)
BUILT = os.environ["BUILT"]


class Crate(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.vectors = cls.folder / "decimals.txt"
        subprocess.run([sys.executable, ROOT / "tests/sdk/decimal_vectors.py", cls.vectors], check=True)

    def cargo(self, *arguments, cwd):
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        environment = {**os.environ, "CARGO_HOME": str(home), "CARGO_TARGET_DIR": BUILT, "RUSTFLAGS": "-Dwarnings",
                       "BOURSE_DECIMAL_VECTORS": str(self.vectors), "RUST_BACKTRACE": "0"}
        done = subprocess.run([CARGO, *arguments, "--offline"], cwd=cwd, env=environment, capture_output=True, text=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def test_the_safe_face_against_the_fake_host_and_decimals_against_pythons(self):
        said = self.cargo("test", "--locked", cwd=ROOT / "tests/sdk/rust")
        self.assertIn("every_case_of_pythons_decimal_comes_out_the_same ... ok", said)
        self.assertIn("a_panic_is_a_failure_and_the_next_call_is_none ... ok", said)

    def test_its_own_tests_and_what_its_documentation_shows(self):
        said = self.cargo("test", "--locked", "--features", "testing", cwd=ROOT / "sdk/rust")
        self.assertIn("every_field_stands_where_the_c_compiler_puts_it ... ok", said)
        self.assertRegex(said, r"src/lib\.rs - \(line \d+\) \.\.\. ok")

    def test_the_example_builds_where_it_is_installed(self):
        # As under share/bourse: the crate and the examples side by side, which nobody may write to.
        place = self.folder / "share/bourse"
        for name in ("rust", "examples/returns_rust"):
            shutil.copytree(ROOT / "sdk" / name, place / name, ignore=shutil.ignore_patterns("target"))
        self.cargo("build", "--release", "--locked", cwd=place / "examples/returns_rust")
        self.assertTrue((pathlib.Path(BUILT) / "release/libreturns.so").exists())


if __name__ == "__main__":
    unittest.main()
