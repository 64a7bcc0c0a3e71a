# SPDX-License-Identifier: MIT
"""check, routes and plugins for programs: JSON, standard input, addresses that are tried, output that cannot be written."""
import json
import os
import pty
import resource
import shutil
import socket
import subprocess
import tempfile
import unittest

import bourse_process as bourse

GOOD = """\
bourse: 1
server: {listen: "127.0.0.1:0"}
sources:
  market: {use: synthetic, config: {seed: 7}}
defaults: {source: market}
routes:
  - {path: "/t/{symbol}", run: technical, format: csv}
"""
UNUSED = "plugins: {pins: {\"not_there.so\": \"sha256:" + "0" * 64 + "\"}}\n"  # a warning


def listening(text):
    return GOOD.replace('"127.0.0.1:0"', text)


class Looking(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, text, name="bourse.yaml"):
        return bourse.write_config(self.folder, text, name)

    def json(self, *words, code=0, **options):
        done = bourse.run(*words, "--json", **options)
        self.assertEqual((done.returncode, done.stderr), (code, ""), done.stdout)
        return json.loads(done.stdout)


class Json(Looking):
    def test_a_good_one_is_good_and_counted(self):
        said = self.json("check", self.write(GOOD))
        self.assertEqual({k: said[k] for k in ("good", "errors", "warnings", "routes", "sources", "diagnostics")},
                         {"good": True, "errors": 0, "warnings": 0, "routes": 1, "sources": 1, "diagnostics": []})
        self.assertNotIn("not_tried", said)

    def test_each_mistake_has_place_code_message_remedy_and_severity(self):
        file = self.write(GOOD.replace("format: csv", "fromat: csv") + UNUSED)
        said = self.json("check", file, code=1)
        self.assertFalse(said["good"])
        self.assertNotIn("routes", said)
        by_code = {d["code"]: d for d in said["diagnostics"]}
        mistake = by_code["unknown_key"]
        # Line 7 is `  - {path: "/t/{symbol}", run: technical, fromat: csv}`: 42 characters stand before the key, which has 6.
        self.assertEqual({k: mistake[k] for k in ("severity", "file", "line", "column", "length")},
                         {"severity": "error", "file": file, "line": 7, "column": 43, "length": 6})
        self.assertIn('unknown key "fromat"', mistake["message"])
        self.assertIn('did you mean "format"?', mistake["remedy"])
        places = [(d["line"] or 0, d["column"] or 0) for d in said["diagnostics"]]
        self.assertEqual(places, sorted(places))
        self.assertEqual(said["errors"], sum(d["severity"] == "error" for d in said["diagnostics"]))

    def test_what_has_no_line_has_none(self):
        said = self.json("check", "/nonexistent/bourse.yaml", code=1)
        one, = said["diagnostics"]
        self.assertEqual((one["code"], one["file"], one["line"], one["column"], one["length"]),
                         ("unreadable_file", "/nonexistent/bourse.yaml", None, None, None))

    def test_no_configuration_at_all_is_said_in_the_same_way(self):
        if os.path.exists("/etc/bourse/bourse.yaml"):
            self.skipTest("there is one on this machine")
        one, = self.json("check", code=1, env={"BOURSE_CONFIG": ""})["diagnostics"]
        self.assertEqual((one["code"], one["file"]), ("no_configuration", None))
        self.assertIn("BOURSE_CONFIG", one["remedy"])

    def test_values_of_the_environment_are_in_no_json(self):
        file = self.write(GOOD.replace("seed: 7", 'seed: "${BOURSE_TEST_SECRET}"'))
        done = bourse.run("check", file, "--json", env={"BOURSE_TEST_SECRET": "hunter2hunter2"})
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("hunter2", done.stdout + done.stderr)

    def test_routes_with_their_parameters(self):
        file = self.write(GOOD.replace("format: csv}", "formats: [csv, json], title: Of one, "
                                       "params: {interval: 1d, limit: {default: 20, max: 50}}, "
                                       'access: {tokens: ["${TOKEN}", "${OTHER}"]}}'))
        tokens = {"TOKEN": "abcdefghijklmnop0", "OTHER": "abcdefghijklmnop1"}
        route, = self.json("routes", file, env=tokens)
        self.assertEqual((route["path"], route["title"], route["formats"], route["source"], route["tokens"]),
                         ("/t/{symbol}", "Of one", ["csv", "json"], "market", 2))
        self.assertEqual(route["token_names"], [])
        rules = {p["name"]: p for p in route["parameters"]}
        self.assertEqual(route["parameters"][0]["name"], "symbol")
        self.assertEqual((rules["symbol"]["in"], rules["symbol"]["required"]), ("path", True))
        self.assertEqual((rules["interval"]["in"], rules["interval"]["value"]), ("fixed", "1d"))
        self.assertEqual({k: rules["limit"][k] for k in ("in", "of", "type", "default", "max")},
                         {"in": "query", "of": ["technical"], "type": "integer", "default": "20", "max": "50"})
        self.assertEqual(rules["delimiter"]["of"], ["csv"])

    def test_what_routes_take_of_the_environment_is_not_shown(self):
        file = self.write(GOOD.replace("format: csv}", 'format: csv, params: {interval: "${BOURSE_TEST_SECRET}"}}'))
        for words in ((), ("--json",)):
            done = bourse.run("routes", file, *words, env={"BOURSE_TEST_SECRET": "15m"})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn("15m\"", done.stdout)
            self.assertNotIn("interval=15m", done.stdout)
            self.assertIn("interval", done.stdout)

    def test_plugins_with_their_settings_and_datasets(self):
        said = self.json("plugins", bourse.PIPELINE)
        self.assertEqual(said["refused"], [])
        components = {c["id"]: c for plugin in said["plugins"] for c in plugin["components"]}
        datasets = {d["name"]: d for c in components.values() for d in c["datasets"]}
        self.assertTrue(datasets["diary"]["private"])
        secret = next(p for c in components.values() for p in c["settings"] + c["parameters"] if p["name"] == "key")
        self.assertTrue(secret["secret"] and secret["hidden"])
        self.assertNotIn("default", secret)

    def test_refused_plugins_are_listed_and_fail(self):
        plugins = os.path.join(self.folder, "plugins")
        os.mkdir(plugins)
        with open(os.path.join(plugins, "broken.so"), "wb") as file:
            file.write(b"\x7fELF nothing")
        said = self.json("plugins", plugins, code=1)
        refused, = said["refused"]
        self.assertEqual((said["plugins"], refused["file"]), ([], os.path.join(plugins, "broken.so")))
        self.assertTrue(refused["code"] and refused["message"])


class Strict(Looking):
    def test_warnings_fail_only_when_asked_to(self):
        file = self.write(GOOD + UNUSED)
        self.assertEqual(bourse.run("check", file).returncode, 0)
        done = bourse.run("check", file, "--strict")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("--strict", done.stderr)
        self.assertIn("warning[", done.stderr)
        said = self.json("check", file, "--strict", code=1)
        self.assertEqual((said["good"], said["errors"], said["warnings"]), (False, 0, 1))
        self.assertEqual(bourse.run("check", self.write(GOOD), "--strict").returncode, 0)


class StandardInput(Looking):
    def test_check_and_routes_read_it(self):
        done = bourse.run("check", "-", text=GOOD)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        done = bourse.run("check", "-", text=GOOD.replace("format: csv", "fromat: csv"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("-:7:43: error[unknown_key]", done.stderr)
        self.assertIn("/t/{symbol}", bourse.run("routes", "-", text=GOOD).stdout)

    def test_its_relative_paths_start_in_the_working_folder(self):
        shutil.copytree(bourse.PLUGINS, os.path.join(self.folder, "mine"), ignore=lambda _, names: [n for n in names if not n.endswith(".so")])
        done = bourse.run("check", "-", text=GOOD + "plugins: {path: [mine]}\n", plugins=(), cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        done = bourse.run("check", "-", text=GOOD + "plugins: {path: [mine]}\n", plugins=(), cwd="/")
        self.assertEqual(done.returncode, 1)

    def test_a_server_starts_from_it_and_refuses_to_reload(self):
        words = [bourse.PROGRAM, "serve", "-", "--plugins", bourse.PLUGINS]
        with subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
            self.addCleanup(server.kill)
            server.stdin.write(GOOD)
            server.stdin.close()
            line = next(line for line in server.stderr if "listening" in line)
            self.assertIn("routes=1", line)
            server.send_signal(1)
            line = next(line for line in server.stderr if "configuration_error" in line)
            self.assertIn("read once", line)
            server.terminate()
            self.assertEqual(server.wait(bourse.DEADLINE_SECONDS), 0)

    def test_too_much_of_it_is_refused(self):
        done = bourse.run("check", "-", text="#" * ((1 << 20) + 1))
        self.assertEqual(done.returncode, 1)
        self.assertIn("error[too_large]", done.stderr)


class Bind(Looking):
    def fails(self, text, *expected, **options):
        done = bourse.run("check", self.write(listening(text)), "--bind", **options)
        self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
        for words in expected:
            self.assertIn(words, done.stderr)
        return done.stderr

    def test_where_it_can_listen_all_is_good_and_nothing_is_left(self):
        path = os.path.join(self.folder, "b.sock")
        file = self.write(listening(f'["127.0.0.1:0", "unix:{path}"], admin: "127.0.0.1:0"'))
        done = bourse.run("check", file, "--bind")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("and it can listen", done.stdout)
        self.assertFalse(os.path.exists(path))

    def test_a_port_in_use_is_told_at_its_place_and_only_when_asked_for(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            said = self.fails(f'"127.0.0.1:{port}"', f"127.0.0.1:{port}", "another process listens there", "error[cannot_listen]")
            self.assertRegex(said, r"bourse\.yaml:2:18: ")
            self.assertEqual(bourse.run("check", self.write(listening(f'"127.0.0.1:{port}"'))).returncode, 0)

    def test_every_address_that_fails_is_told(self):
        with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
            first, second = (s.getsockname()[1] for s in (one, two))
            said = self.fails(f'["127.0.0.1:{first}", "192.0.2.1:8080"], admin: "127.0.0.1:{second}"', "no network interface")
            self.assertIn(f"127.0.0.1:{first}", said)
            self.assertIn("the admin listener", said)
            self.assertIn("3 errors", said)

    def test_a_folder_that_is_not_there_and_a_socket_somebody_listens_on(self):
        self.fails(f'"unix:{self.folder}/none/b.sock"', f"{self.folder}/none/b.sock")
        path = os.path.join(self.folder, "b.sock")
        with socket.socket(socket.AF_UNIX) as taken:
            taken.bind(path)
            taken.listen()
            self.fails(f'"unix:{path}"', "another process listens there already")
            self.assertTrue(os.path.exists(path))

    @unittest.skipUnless(os.geteuid() == 0, "only root can be without what root can do")
    def test_a_privileged_port(self):
        file = self.write(listening('"127.0.0.1:81"'))
        os.chmod(self.folder, 0o755)
        done = subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", bourse.PROGRAM, "check", file, "--bind", "--plugins", bourse.PLUGINS],
                              capture_output=True, text=True, timeout=60, check=False)
        with open("/proc/sys/net/ipv4/ip_unprivileged_port_start", encoding="ascii") as first:
            if int(first.read()) <= 81:
                self.skipTest("no port is privileged here")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("CAP_NET_BIND_SERVICE", done.stderr)

    def test_too_few_descriptors(self):
        words = [bourse.PROGRAM, "check", self.write(listening('"127.0.0.1:0", max-connections: 5000')), "--bind", "--plugins", bourse.PLUGINS]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024)))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"bourse\.yaml:2:50: error\[bad_server_option\]: 5000 connections need \d+ open files")

    def test_what_systemd_would_pass_is_said_to_be_not_tried(self):
        file = self.write(listening('"systemd:web"'))
        done = bourse.run("check", file, "--bind")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("not tried", done.stdout)
        self.assertEqual(self.json("check", file, "--bind")["not_tried"], ["systemd:web"])

    def test_mistakes_that_plugins_know_and_addresses_are_told_together(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            text = listening(f'"127.0.0.1:{taken.getsockname()[1]}"').replace("run: technical", "run: technicl")
            done = bourse.run("check", self.write(text), "--bind")
        self.assertIn("error[unknown_component]", done.stderr)
        self.assertIn("error[cannot_listen]", done.stderr)


class Output(Looking):
    def test_what_cannot_be_written_is_a_failure(self):
        file = self.write(GOOD)
        for words in (("routes", file), ("routes", file, "--json"), ("check", file), ("check", file, "--json"), ("plugins", bourse.PLUGINS),
                      ("version",), ("help",), ("help", "check"), ("--help",), ("check", "--help"), ("--version",), ("help", "units"),
                      ("run", "technical", "--use", "synthetic", "--symbol", "BTCUSDT", "--format", "csv"),
                      ("probe", "--use", "synthetic"), ("run", "technical", "--help")):
            with self.subTest(words=words), open("/dev/full", "wb") as full:
                done = bourse.run(*words, stdout=full, env={"BOURSE_CONFIG": ""})
                self.assertEqual(done.returncode, 1)
                self.assertRegex(done.stderr, r"(?m)^error: standard output could not be written: ")

    def test_a_reader_that_leaves_is_told_nothing(self):
        read, write = os.pipe()
        os.close(read)
        with os.fdopen(write, "wb") as gone:
            done = bourse.run("plugins", bourse.PLUGINS, stdout=gone)
        self.assertEqual((done.returncode, done.stderr), (1, ""))

    def test_a_closed_output_is_no_other_file(self):
        """Whose number the next file that is opened would get."""
        for words in (("run", "technical", "--use", "synthetic", "--symbol", "BTCUSDT", "--format", "csv"), ("routes", self.write(GOOD))):
            with self.subTest(words=words):
                done = subprocess.run([bourse.PROGRAM, *words, "--plugins", bourse.PLUGINS], stderr=subprocess.PIPE, text=True, timeout=60,
                                      check=False, preexec_fn=lambda: os.close(1))
                self.assertEqual((done.returncode, done.stderr), (1, "error: standard output could not be written: Bad file descriptor\n"))

    def test_columns_hold_whatever_stands_in_them(self):
        long = "/a/very/long/path/that/goes/on/and/on/and/on/to/the/end/{symbol}"
        file = self.write(GOOD + f'  - {{path: "{long}", run: technical, formats: [csv, json, html, xml, png], deadline: 90s}}\n')
        rows = [line for line in bourse.run("routes", file).stdout.splitlines() if line.startswith("/")]
        self.assertEqual(len(rows), 2)
        for word in ("technical", "market"):
            self.assertEqual(*(row.index(word) for row in rows))

    def test_routes_shows_title_parameters_and_who_may(self):
        file = self.write(GOOD.replace("format: csv}", "format: csv, title: Of one, params: {interval: 1d, limit: {default: 20}}, "
                                       'access: {tokens: ["${TOKEN}"]}}'))
        done = bourse.run("routes", file, env={"TOKEN": "abcdefghijklmnop0"})
        self.assertRegex(done.stdout, r"(?m)^/t/\{symbol\} +technical +csv +market +5s +1 token$")
        self.assertIn("\n    Of one\n", done.stdout)
        self.assertIn("{symbol}, interval=1d fixed, limit=20, start", done.stdout)
        self.assertNotIn("abcdefgh", done.stdout)


class Terminal(Looking):
    WORDS = ("run", "technical", "--use", "synthetic", "--symbol", "BTCUSDT", "--limit", "60", "--format")

    def on_a_terminal(self, *words):
        terminal, end = pty.openpty()
        self.addCleanup(os.close, terminal)
        done = subprocess.run([bourse.PROGRAM, *words, "--plugins", bourse.PLUGINS], stdout=end, stderr=subprocess.PIPE, text=True,
                              timeout=60, check=False, stdin=subprocess.DEVNULL)
        os.write(end, b"END")
        os.close(end)
        seen = b""
        while not seen.endswith(b"END"):
            seen += os.read(terminal, 65536)
        return done, seen[:-3]

    def test_a_picture_does_not_go_to_a_terminal(self):
        done, seen = self.on_a_terminal(*self.WORDS, "png")
        self.assertEqual((done.returncode, seen), (1, b""))
        self.assertIn("--output FILE", done.stderr)
        self.assertIn("image/png", done.stderr)

    def test_text_does(self):
        done, seen = self.on_a_terminal("run", "technical", "--use", "synthetic", "--symbol", "BTCUSDT", "--limit", "2", "--format", "csv")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(b"open_time,", seen)

    def test_output_names_a_file(self):
        path = os.path.join(self.folder, "chart.png")
        done, seen = self.on_a_terminal(*self.WORDS, "png", "--output", path)
        self.assertEqual((done.returncode, seen, done.stderr), (0, b"", ""))
        with open(path, "rb") as file:
            self.assertEqual(file.read(8), b"\x89PNG\r\n\x1a\n")

    def test_a_report_that_fails_leaves_the_file_as_it_was(self):
        path = self.write("before", "chart.png")
        done = bourse.run("run", "technical", "--use", "synthetic", "--symbol", "NOPE", "--format", "png", "--output", path)
        self.assertEqual(done.returncode, 1)
        with open(path, encoding="ascii") as file:
            self.assertEqual(file.read(), "before")

    def test_a_file_that_cannot_be_written_is_named(self):
        for path in (os.path.join(self.folder, "none", "x"), "/dev/full"):
            done = bourse.run(*self.WORDS, "csv", "--output", path)
            self.assertEqual(done.returncode, 1)
            self.assertIn(path, done.stderr)


if __name__ == "__main__":
    unittest.main()
