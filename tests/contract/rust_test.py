# SPDX-License-Identifier: MIT
"""Plugins in Rust, on the declarations and on the safe face: built by rustc alone, asked over HTTP.

Gets the compiler by the environment variable RUSTC, the program and its plugins as the tests of tests/e2e do, and
says why it was skipped (exit code 77) when there is no compiler.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
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
    sources:
      market: {use: synthetic, config: {seed: 42}}
      hollow: {use: hollow}
      doubled: {use: doubled, over: market}
    defaults: {source: market}
    routes:
      - {path: "/returns/{symbol}", run: returns, format: json}
      - {path: "/png/{symbol}", run: returns, format: png}
      - {path: "/doubled/{symbol}", run: returns, format: json, source: doubled}
      - {path: "/panics/{how}", run: panics, format: json}
      - {path: "/falls/{how}", run: falls, format: json}
      - {path: "/counts/{how}", run: falls, format: counts}
      - {path: "/asks/{how}", run: falls, format: json, source: hollow}
      - {path: "/hollow/{symbol}", run: reads, format: json, source: hollow}
      - {path: "/reads/{symbol}", run: reads, format: json}
"""
PLUGINS = (("returns", ROOT / "sdk/examples/returns_rust/src/lib.rs", ()),
           ("panics", ROOT / "tests/contract/rust/panics.rs", ()),
              ("safe", ROOT / "tests/contract/rust/safe.rs", ("-Cdebug-assertions",)))


def compile_rust(source, out, *arguments):
    # The flags that cargo gives, and every warning an error.
    return subprocess.run([RUSTC, "--edition=2021", "-Dwarnings", *arguments, str(source), "-o", str(out)],
                          capture_output=True, text=True, check=False)


def must_compile(*arguments):
    done = compile_rust(*arguments)
    if done.returncode != 0:
        raise AssertionError(done.stderr)


class Rust(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.crate = cls.folder / "libbourse.rlib"
        must_compile(ROOT / "sdk/rust/src/lib.rs", cls.crate, "--crate-type=rlib", "--crate-name=bourse",
                     "-Cdebug-assertions")
        cls.plugins = cls.folder / "plugins"
        cls.plugins.mkdir(mode=0o755)
        for name, source, flags in PLUGINS:
            file = cls.plugins / (name + ".so")
            must_compile(source, file, "--crate-type=cdylib", f"--crate-name={name}", "-Cstrip=debuginfo",
                         f"--extern=bourse={cls.crate}", *flags)
            file.chmod(0o644)
        cls.config = bourse_process.write_config(folder.name, CONFIG)
        # A payload whose drop panics is forgotten by the crate, for there is nothing else to do with it; a leak
        # checker would report it.
        cls.options = {"ASAN_OPTIONS": ":".join(filter(None, (os.environ.get("ASAN_OPTIONS"), "detect_leaks=0")))}
        cls.server = cls.enterClassContext(bourse_process.Server(
            cls.config, plugins=(bourse_process.PLUGINS, str(cls.plugins)), env=cls.options))

    def assert_logged(self, pattern):
        """The line of the log, which is read by a thread, that has it."""
        end = time.monotonic() + bourse_process.DEADLINE_SECONDS
        while time.monotonic() < end:
            for line in self.server.log().splitlines():
                if re.search(pattern, line):
                    return line
            time.sleep(0.02)
        raise AssertionError(f"{pattern} is not in:\n{self.server.log()}")

    def test_the_plugin_is_shown_with_what_it_declares(self):
        done = bourse_process.run("plugins", str(self.plugins))
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in ("example.returns 1.0.0", "test.panics 1.0.0", "test.safe 1.0.0"):
            self.assertIn(name, done.stdout)

    def test_a_plugin_exports_one_symbol(self):
        for name, _, _ in PLUGINS:
            done = subprocess.run(["nm", "-D", "--defined-only", self.plugins / (name + ".so")], capture_output=True,
                                  text=True, check=True)
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
        for how in ("text", "formatted", "index", "nasty"):
            status, problem = self.server.json("/panics/" + how)
            self.assertEqual((status, problem["code"]), (500, "plugin_panicked"), how)
        status, _ = self.server.json("/returns/BTCUSDT")
        self.assertEqual(status, 200)

    def test_an_unwrap_of_none_is_a_500_whose_place_is_in_the_log_and_the_next_call_is_fine(self):
        status, problem = self.server.json("/falls/none")
        self.assertEqual((status, problem["code"]), (500, "plugin_panicked"))
        self.assertIn("the log says more", problem["detail"])
        self.assertNotIn("safe.rs", problem["detail"])  # as of an exception: who asks is not told of code
        self.assert_logged(r"`Option::unwrap\(\)` on a `None` value \(at .*safe\.rs:\d+:\d+\)")
        self.assertEqual(self.server.json("/falls/not")[0], 200)

    def test_a_source_that_panics_fails_who_asked_it(self):
        status, problem = self.server.json("/asks/nested")
        self.assertEqual((status, problem["code"]), (500, "plugin_panicked"))
        self.assert_logged("asked for")

    def test_a_message_without_end_is_cut_at_a_character(self):
        status, problem = self.server.json("/falls/long")
        self.assertEqual((status, problem["code"]), (500, "plugin_panicked"))
        self.assertLess(len(self.assert_logged("éééé").encode()), 5000)

    def test_an_error_of_the_standard_library_is_a_failure_by_a_question_mark(self):
        status, problem = self.server.json("/falls/error")
        self.assertEqual((status, problem["code"]), (500, "plugin_error"))

    def test_an_empty_table_is_read(self):
        status, report = self.server.json("/hollow/BTCUSDT")
        self.assertEqual((status, report["values"]["cells"]), (200, 0))
        status, report = self.server.json("/reads/BTCUSDT")
        self.assertEqual((status, report["values"]["cells"]), (200, 3 * 500))

    def test_a_layer_in_rust_stands_over_a_source_in_cpp(self):
        plain = self.server.json("/returns/BTCUSDT?limit=5")[1]["tables"]["returns"]["rows"]
        doubled = self.server.json("/doubled/BTCUSDT?limit=5")[1]["tables"]["returns"]["rows"]
        for one, two in zip(plain, doubled):
            self.assertEqual(one["open_time"], two["open_time"])
            # Integers of the smallest unit, so that it is exact.
            self.assertEqual(2 * int(one["close"].replace(".", "")), int(two["close"].replace(".", "")))

    def test_a_serializer_that_is_not_sync_is_called_in_turn(self):
        answers = [self.server.get(f"/counts/{how}") for how in ("a", "b")]
        self.assertEqual([status for status, _, _ in answers], [200, 200])
        counts = [int(body.split()[0]) for _, _, body in answers]
        self.assertLess(counts[0], counts[1])
        self.assertIn(b"Some(I64(1))", answers[0][2])

    def test_what_a_short_host_does_not_have_is_seen(self):
        status, problem = self.server.json("/panics/reaches")
        self.assertEqual(status, 200, problem)

    def test_a_panic_at_the_end_is_logged_and_the_end_is_an_orderly_one(self):
        with bourse_process.Server(self.config, plugins=(bourse_process.PLUGINS, str(self.plugins)),
                                   env=self.options) as server:
            self.assertEqual(server.json("/falls/not")[0], 200)
        log = server.log()
        self.assertIn("begun in rust", log)
        self.assertIn("the plugin panicked in a destructor: in the drop of an instance (at ", log)
        self.assertIn("the plugin panicked in deinit: deinit after init (at ", log)

    # ---- what does not compile, beside what does ----

    def compiles(self, text):
        source = self.folder / "snippet.rs"
        source.write_text(text, encoding="utf-8")
        return compile_rust(source, self.folder / "snippet.out", "-Adead_code", "--crate-type=rlib", "--crate-name=snippet",
                            f"--extern=bourse={self.crate}", "--emit=metadata")

    COMPONENT = """
        use bourse::*;
        pub struct It(%s);
        impl Analysis for It {
            fn about() -> About { About::new("it", "It") }
            fn create(_: Host, _: &Values<'_>) -> Result<Self> { Ok(It(Default::default())) }
            fn run(&self, call: &Call<'_>, _: &Values<'_>) -> Result<()> { %s }
        }
        plugin! { name: "test.it", version: "1.0.0", components: [%s It] }
    """

    def test_who_is_called_by_many_threads_at_once_is_sync_or_says_serial(self):
        for what, kind, fine in (("i64", "analysis", True), ("std::cell::Cell<i64>", "analysis", False),
                                 ("std::cell::Cell<i64>", "serial analysis", True),
                                 ("Option<std::rc::Rc<i64>>", "serial analysis", False)):
            done = self.compiles(self.COMPONENT % (what, "call.poll()", kind))
            self.assertEqual(done.returncode == 0, fine, f"{what} {kind}: {done.stderr}")
            if not fine:
                self.assertRegex(done.stderr, "cannot be (shared|sent) between threads safely")

    def test_a_call_stays_on_its_thread_and_its_clock_does_not(self):
        for what, fine in (("call", False), ("call.clock()", True)):
            body = "let it = %s; std::thread::scope(|s| { s.spawn(move || it.poll()).join().unwrap() })" % what
            done = self.compiles(self.COMPONENT % ("i64", body, "analysis"))
            self.assertEqual(done.returncode == 0, fine, f"{what}: {done.stderr}")
            if not fine:
                self.assertRegex(done.stderr, "cannot be (shared|sent) between threads safely")

    def test_an_answer_does_not_outlive_its_page(self):
        body = 'let report; { let page = call.page(Query::new("candles"))?; report = page.report(); %s } %s'
        fine = self.compiles(self.COMPONENT % ("i64", body % ("call.notes_of(report)?;", "Ok(())"), "analysis"))
        self.assertEqual(fine.returncode, 0, fine.stderr)
        done = self.compiles(self.COMPONENT % ("i64", body % ("", "call.notes_of(report)"), "analysis"))
        self.assertIn("`page` does not live long enough", done.stderr)

    def test_panics_that_abort_do_not_compile(self):
        done = compile_rust(ROOT / "sdk/rust/src/lib.rs", self.folder / "abort.rlib", "--crate-type=rlib",
                            "--crate-name=bourse", "-Cpanic=abort")
        self.assertIn("would end the host with the plugin", done.stderr)


if __name__ == "__main__":
    unittest.main()
