# SPDX-License-Identifier: MIT
"""The commands, and what they say when something is wrong."""
import contextlib
import csv
import fcntl
import io
import json
import os
import re
import shutil
import stat
import struct
import subprocess
import tempfile
import termios
import unittest

import bourse_process as bourse

DEFAULT = os.path.join(bourse.SOURCE_DIR, "config", "bourse.yaml")
GOOD = """
    bourse: 1
    sources:
      market: {use: synthetic, config: {seed: 7}}
    defaults: {source: market}
    routes:
      - {path: "/t/{symbol}", run: technical, format: csv}
"""


class Check(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def check(self, text, **options):
        return bourse.run("check", bourse.write_config(self.folder, text), **options)

    def test_the_default_is_good(self):
        done = bourse.run("check", DEFAULT)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("good:", done.stdout)

    def test_one_is_not_called_many(self):
        done = self.check(GOOD)
        self.assertRegex(done.stdout, r"^good: 1 route, 1 source, \d+ plugins\n$")

    def test_all_mistakes_are_shown_at_once_each_with_its_place(self):
        done = self.check("""
            bourse: 1
            sources:
              market: {use: sinthetic}
            defaults: {source: market}
            routes:
              - {path: "/a/{symbol}", run: technical, fromat: csv}
              - {path: /b, run: technical, format: csv, params: {limit: {max: 5000000}}}
              - {path: "/c/{symbl}", run: technical, formats: [json, pdf]}
            """)
        self.assertEqual(done.returncode, 1)
        self.assertIn('unknown key "fromat"', done.stderr)
        self.assertIn('did you mean "format"?', done.stderr)
        self.assertRegex(done.stderr, r"bourse\.yaml:\d+:\d+: error\[unknown_key\]")
        # What the file says wrong hides nothing of what only the plugins know.
        for words in ('there is no source "sinthetic"', "is wider than the plugin's own",
                      "{symbl} is no parameter of technical", 'there is no format "pdf"'):
            self.assertIn(words, done.stderr)
        self.assertIn("5 errors", done.stderr)

    def test_what_only_the_plugins_know_is_checked_too(self):
        done = self.check("""
            bourse: 1
            sources:
              market: {use: synthetic, config: {sead: 1}}
            defaults: {source: market}
            routes:
              - {path: /b, run: technicl, format: csv}
              - {path: /c, run: technical, format: csv, params: {limit: {max: 5000000}}}
              - {path: "/d/{symbl}", run: technical, format: csv}
              - {path: "/e/{symbol}", run: technical, formats: [json, pdf]}
            """)
        self.assertEqual(done.returncode, 1)
        for code, words in (("unknown_setting", 'did you mean "seed"'),
                            ("unknown_component", 'did you mean "technical"'),
                            ("not_narrower", "limit"),
                            ("unknown_parameter", "{symbol}"),
                            ("unknown_component", "pdf")):
            self.assertIn(code, done.stderr)
            self.assertIn(words, done.stderr)

    def test_a_wrong_type_is_said_with_what_is_expected(self):
        done = self.check(GOOD.replace("seed: 7", "seed: many"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("seed", done.stderr)
        self.assertIn("whole number", done.stderr)

    def test_a_missing_file_is_said_with_its_name(self):
        done = bourse.run("check", "/nonexistent/bourse.yaml")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nonexistent/bourse.yaml", done.stderr)

    def test_a_missing_plugin_folder_is_said_with_its_name(self):
        done = self.check(GOOD, plugins=("/nonexistent/plugins",))
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nonexistent/plugins", done.stderr)

    def test_values_of_the_environment_are_never_shown(self):
        text = GOOD.replace("seed: 7", 'seed: "${BOURSE_TEST_SECRET}"')
        done = self.check(text, env={"BOURSE_TEST_SECRET": "hunter2hunter2"})
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("hunter2", done.stdout + done.stderr)
        self.assertIn("seed", done.stderr)


class BrokenPlugin(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.plugins = os.path.join(self.folder, "plugins")
        os.mkdir(self.plugins, 0o755)
        for name in os.listdir(bourse.PLUGINS):
            if name.endswith(".so"):
                shutil.copy(os.path.join(bourse.PLUGINS, name), self.plugins)
                os.chmod(os.path.join(self.plugins, name), 0o644)

    def truncate(self, name):
        path = os.path.join(self.plugins, name)
        with open(path, "r+b") as file:
            file.truncate(5000)

    def test_the_server_starts_without_one_that_no_route_needs(self):
        self.truncate("replay.so")
        config = bourse.write_config(self.folder, GOOD)
        with bourse.Server(config, plugins=(self.plugins,)) as server:
            self.assertEqual(server.get("/t/BTCUSDT")[0], 200)
        self.assertIn("replay.so", server.log())

    def test_it_does_not_start_without_one_that_a_route_needs(self):
        self.truncate("technical.so")
        config = bourse.write_config(self.folder, GOOD)
        done = bourse.run("serve", config, "--listen", "127.0.0.1:0", plugins=(self.plugins,))
        self.assertEqual(done.returncode, 1)
        self.assertIn("technical.so", done.stderr)
        self.assertIn('there is no analysis "technical"', done.stderr)

    def test_a_world_writable_plugin_is_refused_with_the_remedy(self):
        path = os.path.join(self.plugins, "technical.so")
        os.chmod(path, os.stat(path).st_mode | stat.S_IWOTH)
        done = bourse.run("plugins", self.plugins)
        self.assertEqual(done.returncode, 1)
        self.assertIn("technical.so", done.stderr)
        self.assertIn("chmod", done.stderr)


class Run(unittest.TestCase):
    FIXED = ("--use", "synthetic", "--set", "now=2025-03-01T12:00:00Z")

    def test_the_same_seed_and_clock_give_the_same_bytes(self):
        words = ("run", "technical", *self.FIXED, "--symbol", "ETHUSDT", "--format", "csv")
        first, second = bourse.run(*words), bourse.run(*words)
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertEqual(first.stdout, second.stdout)
        other = bourse.run(*words, "--set", "seed=1")
        self.assertNotEqual(first.stdout, other.stdout)

    def test_without_a_format_who_reads_decides(self):
        words = [bourse.PROGRAM, "run", "prices", "--use", "synthetic", "--symbols", "BTCUSDT"]
        piped = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        self.assertEqual(json.loads(piped)["component"], "bourse.prices/prices")
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "prices.csv")
            subprocess.run([*words, "--output", file], check=True)
            with open(file, encoding="utf-8") as report:
                self.assertTrue(report.readline().startswith("symbol,price,"))
        for environment, bold in (({}, True), ({"NO_COLOR": "1"}, False)):
            shown = self.on_a_terminal(words, environment)
            self.assertIn("BTCUSDT", shown)
            self.assertEqual("\x1b[1mPrices" in shown, bold, shown)
            self.assertEqual("\x1b" in shown, bold)
            self.assertLessEqual(max(len(re.sub("\x1b\\[[0-9]*m", "", line)) for line in shown.splitlines()), 60)

    def on_a_terminal(self, words, environment):
        """What a terminal of sixty columns gets."""
        terminal, end = os.openpty()
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        with subprocess.Popen(words, stdout=end, env={**os.environ, **environment}):
            os.close(end)
            shown = b""
            with contextlib.suppress(OSError):  # EIO: the other side was closed
                while chunk := os.read(terminal, 65536):
                    shown += chunk
        os.close(terminal)
        return shown.decode()

    def test_json_and_csv_carry_the_same_prices(self):
        words = ("run", "technical", *self.FIXED, "--symbol", "BTCUSDT", "--limit", "30", "--format")
        rows = list(csv.DictReader(io.StringIO(bourse.run(*words, "csv").stdout, newline="")))
        report = json.loads(bourse.run(*words, "json").stdout)
        objects = report["tables"]["series"]["rows"]
        self.assertEqual(len(rows), 30)
        self.assertEqual([r["close"] for r in rows], [o["close"] for o in objects])
        self.assertEqual([r["open_time"] for r in rows], [o["open_time"] for o in objects])

    def test_replay_reads_recorded_candles(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "ABCUSDT-1h-2024-12.csv"), "w", encoding="ascii") as file:
                for hour in range(48):
                    start = 1735516800000 + hour * 3_600_000
                    price = f"{100 + hour}.50000000"
                    file.write(f"{start},{price},{price},{price},{price},2.00000000,{start + 3599999},"
                               f"{2 * (100 + hour) + 1}.00000000,5,1.00000000,100.00000000,0\n")
            done = bourse.run("run", "technical", "--use", "replay", "--set", f"folder={folder}",
                              "--symbol", "ABCUSDT", "--limit", "10", "--format", "csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = list(csv.DictReader(io.StringIO(done.stdout, newline="")))
        self.assertEqual(rows[-1]["close"], "147.50000000")
        self.assertEqual(rows[-1]["open_time"], "2024-12-31T23:00:00Z")
        # The mean of 20 closes that rise by 1: the last minus 9.5.
        self.assertEqual(float(rows[-1]["sma_fast"]), 138.0)
        self.assertEqual(float(rows[-1]["rsi"]), 100.0)

    def test_times_are_relative_to_one_moment_and_blanks_are_no_part_of_items(self):
        def lines(*words):
            done = bourse.run("run", *words, "--format", "plain", plugins=(bourse.PIPELINE,))
            self.assertEqual(done.returncode, 0, done.stderr)
            return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)

        for text, minutes in (("-30d", 43200), ("-2w", 20160), ("-12h", 720), ("-90m", 90), ("now", 0)):
            said = lines("who", "--since", text)
            second = int(said["now"]) // 10**9 * 10**9  # relative times go back from the last full one
            self.assertEqual(second - int(said["since"]), minutes * 60 * 10**9, text)
        self.assertEqual(lines("who", "--since=2020-12-01")["since"], "1606780800000000000")
        self.assertEqual(lines("echo", "--names", "x, y ,z")["names"], "[x][y][z]")
        done = bourse.run("run", "echo", "--names", "x,,y", plugins=(bourse.PIPELINE,))
        self.assertEqual(done.returncode, 1)
        self.assertIn("item 2 is empty", done.stderr)

    def test_a_failure_is_said_once(self):
        for analysis in ("throws", "misuse", "silent", "fails"):
            done = bourse.run("run", analysis, "--format", "plain", plugins=(bourse.PIPELINE,))
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, r"^error: .*\n$", analysis)

    def test_usage_mistakes_are_exit_code_2_with_a_hint(self):
        for words, expected in (
                (("run", "technicl", "--use", "synthetic"), "did you mean technical"),
                (("run", "technical", "--use", "sinthetic", "--symbol", "BTCUSDT"), "synthetic"),
                (("run", "technical", "--use", "synthetic", "--format", "jsn"), "did you mean json"),
                (("run", "technical", "--use", "synthetic", "BTCUSDT"), "--NAME VALUE"),
                (("run", "technical", "--symbol", "BTCUSDT"), "--use")):
            with self.subTest(words=words):
                done = bourse.run(*words, env={"BOURSE_CONFIG": ""})
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(expected, done.stderr)
                self.assertEqual(done.stdout, "")

    def test_a_missing_parameter_is_named(self):
        done = bourse.run("run", "technical", *self.FIXED)
        self.assertEqual(done.returncode, 1)
        self.assertIn("symbol", done.stderr)
        self.assertIn("missing_parameter", done.stderr)

    def test_help_lists_the_parameters_with_their_rules(self):
        done = bourse.run("run", "technical", "--help")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("--rsi-period", done.stdout)
        self.assertIn("a whole number from", done.stdout)


class Probe(unittest.TestCase):
    DATASETS = ["candles", "ticker_24h", "prices", "book_ticker", "order_book", "trades", "symbols"]

    def test_every_dataset_of_the_default_source_is_tried(self):
        done = bourse.run("probe", "--config", DEFAULT)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        lines = done.stdout.splitlines()
        self.assertEqual([line.split()[:2] for line in lines[1:-1]],
                         [["pass", name] for name in self.DATASETS])
        self.assertEqual(lines[-1], "7 passed, 0 failed, 0 skipped")

    def test_json_says_the_same(self):
        done = bourse.run("probe", "market", "--config", DEFAULT, "--json")
        said = json.loads(done.stdout)
        self.assertEqual((said["source"], said["component"]), ("market", "bourse.synthetic/synthetic"))
        self.assertEqual([finding["name"] for finding in said["findings"]], self.DATASETS)
        self.assertEqual((said["passed"], said["failed"], said["skipped"]), (7, 0, 0))

    def test_arguments_go_to_the_datasets_that_have_them(self):
        done = bourse.run("probe", "--use", "synthetic", "--symbol", "NOPE", "--limit=3")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"fail +candles .*NOPE.*\[symbol_not_found\]")
        self.assertRegex(done.stdout, r"pass +prices ")
        self.assertIn("4 passed, 3 failed, 0 skipped", done.stdout)
        self.assertIn("->", done.stdout)

    def test_what_cannot_be_asked_without_an_argument_is_skipped_with_the_remedy(self):
        with tempfile.TemporaryDirectory() as folder:
            row = "1735689600000,1,1,1,1,1,1735693199999,1,1,1,1,0\n"
            with open(os.path.join(folder, "BTCUSDT-1h-2025-01.csv"), "w", encoding="utf-8") as file:
                file.write(row)
            words = ("probe", "--use", "replay", "--set", "folder=" + folder)
            done = bourse.run(*words)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertRegex(done.stdout, r"skipped +candles +needs symbol\n.*Give --symbol VALUE\.")
            done = bourse.run(*words, "--symbol", "BTCUSDT")
            self.assertRegex(done.stdout, r"pass +candles +1 row in")

    def test_what_only_routes_need_may_be_missing(self):
        with tempfile.TemporaryDirectory() as folder:
            text = GOOD.replace("format: csv", 'format: csv, access: {tokens: ["${NOT_SET_ANYWHERE}"]}')
            config = bourse.write_config(folder, text)
            self.assertEqual(bourse.run("check", config).returncode, 1)
            for words in (("probe", "market"), ("run", "technical", "--symbol", "BTCUSDT")):
                done = bourse.run(*words, "--config", config)
                self.assertEqual((done.returncode, done.stderr), (0, ""), words)

    def test_mistakes_are_said(self):
        for words, expected in (
                (("probe", "nowhere", "--config", DEFAULT), "nowhere"),
                (("probe", "--config", DEFAULT, "--symbl", "X"), "did you mean symbol"),
                (("probe", "--use", "sinthetic"), "did you mean synthetic"),
                (("probe", "--config", DEFAULT, "--symbol"), "needs a value")):
            with self.subTest(words=words):
                done = bourse.run(*words)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(expected, done.stderr)


class LayersOnTheCommandLine(unittest.TestCase):
    CONFIG = """
        bourse: 1
        plugins: {config: {fixture.pipeline/tuned: {window: 20}}}
        sources:
          top: {use: layer, over: feed, config: {times: 2}}
          feed: {use: steady}
        defaults: {source: feed}
        routes: [{path: /x, run: echo, format: plain}]
        """

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.config = bourse.write_config(self.folder, self.CONFIG)
        self.layers = (bourse.PLUGINS, bourse.fixture_folder(self.folder, "layers.so"))

    def run_two(self, *words):
        return bourse.run("run", "two", "--format", "plain", *words, plugins=(bourse.PIPELINE,),
                          env={"BOURSE_CONFIG": ""})

    def test_run_takes_a_layer_of_the_configuration_or_one_made_on_the_spot(self):
        with_config = ("--config", self.config)
        for words, rows in ((with_config, 3),
                            ((*with_config, "--source", "top"), 6),
                            ((*with_config, "--source", "top", "--set", "times=3"), 9),
                            ((*with_config, "--use", "layer", "--over", "feed", "--set", "times=4"), 12),
                            ((*with_config, "--use", "layer", "--over", "top", "--set", "times=5"), 30),
                            (("--use", "layer", "--over", "steady", "--set", "times=2"), 6)):
            with self.subTest(words=words):
                done = self.run_two(*words)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(f"a.rows={rows}\n", done.stdout)

    def test_a_layer_over_a_component_as_it_comes_changes_no_byte(self):
        words = ("run", "symbols", "--format", "csv")
        bare = bourse.run(*words, "--use", "synthetic")
        over = bourse.run(*words, "--use", "passes", "--over", "synthetic", plugins=self.layers)
        self.assertEqual((over.returncode, over.stderr), (0, ""))
        self.assertEqual(over.stdout, bare.stdout)

    def test_mistakes_with_layers_are_said_with_the_remedy(self):
        with_config = ("--config", self.config)
        for words, code, expected in (
                (("--use", "layer"), 2, "name the source under it by --over"),
                (("--use", "steady", "--over", "prompt"), 2, "leave --over out"),
                (("--use", "layer", "--over", "stedy"), 2, "did you mean steady"),
                (("--use", "layer", "--over", "layer"), 2, "layer itself"),
                ((*with_config, "--over", "feed"), 2, "--use"),
                ((*with_config, "--source", "tpo"), 2, "did you mean top"),
                ((*with_config, "--source", "top", "--set", "tims=2"), 1, "Did you mean times?"),
                ((*with_config, "--source", "top", "--set", "times=10"), 1, "from 1 to 9")):
            with self.subTest(words=words):
                done = self.run_two(*words)
                self.assertEqual(done.returncode, code, done.stdout + done.stderr)
                self.assertIn(expected, done.stderr)
                self.assertEqual(done.stdout, "")

    def test_run_takes_the_settings_of_an_analysis_from_the_file(self):
        words = ("run", "tuned", "--format", "plain")
        done = bourse.run(*words, "--config", self.config, plugins=(bourse.PIPELINE,))
        self.assertIn("window=20\n", done.stdout, done.stderr)
        done = bourse.run(*words, plugins=(bourse.PIPELINE,), env={"BOURSE_CONFIG": ""})
        self.assertIn("window=5\n", done.stdout, done.stderr)
        config = bourse.write_config(self.folder, self.CONFIG.replace("window: 20", "window: 101"), "bad.yaml")
        done = bourse.run(*words, "--config", config, plugins=(bourse.PIPELINE,))
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("bad.yaml:3:", done.stderr)
        self.assertIn("fixture.pipeline/tuned could not be made", done.stderr)

    def test_probe_tries_what_a_layer_passes_on(self):
        words = ("probe", "--use", "layer", "--over", "steady", "--name", "x", "--token", "t")
        done = bourse.run(*words, plugins=(bourse.PIPELINE,))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout.splitlines()[0],
                         r"^command-line \(fixture\.pipeline/layer .*\) over steady \(fixture\.pipeline/steady")
        self.assertRegex(done.stdout, r"pass +series +3 rows")
        self.assertRegex(done.stdout, r"pass +private +1 row")
        said = json.loads(bourse.run(*words, "--json", plugins=(bourse.PIPELINE,)).stdout)
        self.assertEqual(said["over"], ["steady"])
        done = bourse.run("probe", "top", "--config", self.config, "--name", "x", "--token", "t",
                          plugins=(bourse.PIPELINE,))
        self.assertRegex(done.stdout, r"pass +series +6 rows")

    def test_check_says_what_is_wrong_with_layers_and_their_settings(self):
        config = bourse.write_config(self.folder, """
            bourse: 1
            plugins: {config: {fixture.pipeline/tuend: {window: 1}, steady: {}}}
            sources:
              alone: {use: layer}
              heavy: {use: steady, over: alone}
            routes: [{path: /x, run: echo, format: plain}]
            """, "wrong.yaml")
        done = bourse.run("check", config, plugins=(bourse.PIPELINE,))
        self.assertEqual(done.returncode, 1)
        for code in ("unknown_component", "settings_of_a_source", "layer_without_over", "not_a_layer"):
            self.assertIn(f"error[{code}]", done.stderr)
        circle = bourse.write_config(self.folder, """
            bourse: 1
            sources: {a: {use: layer, over: b}, b: {use: layer, over: a}}
            routes: [{path: /x, run: echo, format: plain}]
            """, "circle.yaml")
        done = bourse.run("check", circle, plugins=(bourse.PIPELINE,))
        self.assertIn("error[circular_sources]", done.stderr)
        self.assertIn("a over b over a", done.stderr)

    def test_routes_and_plugins_show_layers(self):
        config = bourse.write_config(self.folder, self.CONFIG.replace(
            "run: echo, format: plain", "run: two, format: plain, source: top"), "shown.yaml")
        done = bourse.run("routes", config, plugins=(bourse.PIPELINE,))
        self.assertIn("top over feed", done.stdout, done.stderr)
        done = bourse.run("plugins", bourse.PIPELINE)
        self.assertIn("abi 1.0", done.stdout)
        self.assertRegex(done.stdout, r"layer: Layer\n    a layer: it lies over another source")


class ProbeOfAHostileSource(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.plugins = (bourse.fixture_folder(folder.name, "hostile.so"),)

    def words(self, trick, *more):
        return ("probe", "--use", "hostile", "--set", "trick=" + trick, "--timeout", "0.3", *more)

    def probe(self, trick, *more):
        return bourse.run(*self.words(trick, *more), plugins=self.plugins)

    def test_one_that_never_returns_is_a_failure_and_not_waited_for(self):
        done = self.probe("stay_in_fetch")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stdout, r"fail +rows +did not end")
        self.assertIn("0 passed, 1 failed, 0 skipped", done.stdout)
        said = json.loads(self.probe("stay_in_probe", "--json").stdout)
        self.assertEqual([f["name"] for f in said["findings"]], ["probe"])
        self.assertEqual((said["passed"], said["failed"], said["skipped"]), (0, 1, 0))

    def test_one_that_tells_without_end_is_cut_short(self):
        done = self.probe("tell_without_end", "--json")
        self.assertEqual(done.returncode, 1, done.stderr)
        said = json.loads(done.stdout)
        self.assertEqual((said["passed"], said["failed"]), (1000, 2))
        self.assertIn("of which 1000 are shown", said["findings"][-1]["text"])

    def test_its_words_cannot_forge_lines(self):
        done = self.probe("forge")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        self.assertEqual([line.split()[0] for line in done.stdout.splitlines()[1:]],
                         ["fail", "->", "0"])
        report = ("run", "technical", "--symbol", "BTCUSDT", "--use", "hostile",
                  "--set", "trick=forge_create")
        for words in (self.words("forge_create"), report):
            done = bourse.run(*words, plugins=(bourse.PLUGINS, *self.plugins))
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
            self.assertNotIn("\x1b", done.stderr)

    def test_its_log_lines_stand_on_lines_of_their_own(self):
        terminal, end = os.openpty()
        self.addCleanup(os.close, terminal)
        words = [bourse.PROGRAM, *self.words("log_while_it_waits")[:-1], "1.2",
                 "--plugins", *self.plugins]
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=end) as process:
            os.close(end)
            seen = b""
            with contextlib.suppress(OSError):  # EIO: the other side was closed
                while chunk := os.read(terminal, 65536):
                    seen += chunk
            self.assertEqual(process.wait(bourse.DEADLINE_SECONDS), 1)
        self.assertIn(b"checking ...", seen)
        self.assertIn(b"still waiting", seen)
        for line in seen.split(b"\n"):
            logged = line.rpartition(b"\x1b[K")[2]
            if b"still waiting" in line:
                self.assertRegex(logged, rb"^\d{4}-\d\d-\d\dT")


class Look(unittest.TestCase):
    def test_routes_shows_the_table(self):
        done = bourse.run("routes", DEFAULT)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("/api/v1/market/statistics/json", done.stdout)

    def test_plugins_shows_parameters(self):
        done = bourse.run("plugins", bourse.PLUGINS)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("bourse.technical", done.stdout)
        self.assertIn("rsi_period", done.stdout)

    def test_plugins_shows_what_is_optional_secret_or_private(self):
        done = bourse.run("plugins", bourse.PIPELINE)
        self.assertEqual(done.returncode, 0, done.stderr)
        for line in (r"      key +text of at most 256 bytes, secret",
                     r"    delivers diary, private: only for routes with `access`",
                     r"    asks for extra, optional",
                     r"        depth +a whole number, optional",
                     r"        m +integer, optional",
                     r"        n +integer"):
            self.assertRegex(done.stdout, f"(?m)^{line}$")

    def test_no_command_and_unknown_commands_are_usage_mistakes(self):
        self.assertEqual(bourse.run().returncode, 2)
        self.assertEqual(bourse.run("dance").returncode, 2)
        self.assertEqual(bourse.run("--version").returncode, 0)


if __name__ == "__main__":
    unittest.main()
