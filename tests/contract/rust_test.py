# SPDX-License-Identifier: MIT
"""Plugins in Rust, of the declarations that are made from the headers: built by rustc alone, asked over HTTP.

Gets the compiler by the environment variable RUSTC, the program and its plugins as the tests of tests/e2e do, and
says why it was skipped (exit code 77) when there is no compiler.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
RUSTC = os.environ.get("RUSTC", "")
if not RUSTC:
    print("skipped: there is no rustc on this machine")
    sys.exit(77)
sys.path.insert(0, str(ROOT / "tests/e2e"))

import bourse_process  # noqa: E402

CONFIG = """
    bourse: 1
    sources: {market: {use: synthetic, config: {seed: 42}}}
    defaults: {source: market}
    routes:
      - {path: "/returns/{symbol}", run: returns, format: json}
      - {path: "/png/{symbol}", run: returns, format: png}
      - {path: "/panics/{how}", run: panics, format: json}
"""


def compile_rust(source, out, *arguments):
    # The flags that cargo gives, and every warning an error.
    done = subprocess.run([RUSTC, "--edition=2021", "-Dwarnings", *arguments, str(source), "-o", str(out)],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(done.stderr)


class Rust(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        crate = cls.folder / "libbourse_sys.rlib"
        compile_rust(ROOT / "sdk/rust/src/lib.rs", crate, "--crate-type=rlib", "--crate-name=bourse_sys")
        cls.plugins = cls.folder / "plugins"
        cls.plugins.mkdir(mode=0o755)
        for name, source in (("returns", ROOT / "sdk/examples/returns_rust/src/lib.rs"),
                             ("panics", ROOT / "tests/contract/rust/panics.rs")):
            file = cls.plugins / (name + ".so")
            compile_rust(source, file, "--crate-type=cdylib", f"--crate-name={name}", "-Cstrip=debuginfo",
                         f"--extern=bourse_sys={crate}")
            file.chmod(0o644)
        cls.config = bourse_process.write_config(folder.name, CONFIG)
        cls.server = cls.enterClassContext(
            bourse_process.Server(cls.config, plugins=(bourse_process.PLUGINS, str(cls.plugins))))

    def test_the_plugin_is_shown_with_what_it_declares(self):
        done = bourse_process.run("plugins", str(self.plugins))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("example.returns 1.0.0", done.stdout)
        self.assertIn("test.panics 1.0.0", done.stdout)

    def test_a_plugin_exports_one_symbol(self):
        for name in ("returns.so", "panics.so"):
            done = subprocess.run(["nm", "-D", "--defined-only", self.plugins / name], capture_output=True, text=True,
                                  check=True)
            self.assertEqual([line.split()[-1] for line in done.stdout.splitlines()], ["bourse_plugin_v1"])

    def test_its_figures_are_those_of_its_own_closing_prices(self):
        status, report = self.server.json("/returns/BTCUSDT?limit=20")
        self.assertEqual(status, 200, report)
        rows = report["tables"]["returns"]["rows"]
        self.assertEqual(len(rows), 20)
        closes = [float(row["close"]) for row in rows]
        changes = [row["change"] for row in rows]
        self.assertIsNone(changes[0], "nothing is before the first row")
        for before, now, change in zip(closes, closes[1:], changes[1:]):
            self.assertAlmostEqual(change, 100 * (now / before - 1), places=9)
        self.assertAlmostEqual(report["values"]["total"], 100 * (closes[-1] / closes[0] - 1), places=9)
        self.assertEqual(report["values"]["rising"], sum(1 for change in changes[1:] if change > 0))

    def test_its_chart_is_drawn(self):
        status, headers, body = self.server.get("/png/BTCUSDT")
        self.assertEqual((status, headers["content-type"], body[:8]), (200, "image/png", b"\x89PNG\r\n\x1a\n"))

    def test_a_wrong_parameter_is_refused_as_declared(self):
        status, problem = self.server.json("/returns/BTCUSDT?limit=1")
        self.assertEqual((status, problem["code"], problem["parameter"]), (400, "parameter_out_of_range", "limit"))

    def test_a_failure_of_what_it_asks_is_passed_on(self):
        status, problem = self.server.json("/returns/NOSUCHMARKET")
        self.assertEqual((status, problem["code"]), (404, "symbol_not_found"))

    def test_a_panic_costs_its_request_only(self):
        for how in ("text", "formatted", "index"):
            status, problem = self.server.json("/panics/" + how)
            self.assertEqual((status, problem["code"]), (500, "plugin_panicked"), how)
        status, _ = self.server.json("/returns/BTCUSDT")
        self.assertEqual(status, 200)

    def test_so_does_one_whose_payload_panics_when_it_is_dropped(self):
        # The crate forgets such a payload (guarded() in sdk/rust), for there is nothing else to do with it; a leak
        # checker would report it.
        options = ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "detect_leaks=0")))
        with bourse_process.Server(self.config, plugins=(bourse_process.PLUGINS, str(self.plugins)),
                                   env={"ASAN_OPTIONS": options}) as server:
            status, problem = server.json("/panics/nasty")
            self.assertEqual((status, problem["code"]), (500, "plugin_panicked"))
            self.assertEqual(server.json("/returns/BTCUSDT")[0], 200)

    def test_what_a_short_host_does_not_have_is_seen(self):
        status, problem = self.server.json("/panics/reaches")
        self.assertEqual(status, 200, problem)


if __name__ == "__main__":
    unittest.main()
