# SPDX-License-Identifier: MIT
"""A running server takes another configuration: whole, or not at all."""
import contextlib
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import tempfile
import threading
import time
import unittest

import bourse_process as bourse

OLD_TOKEN = "an-old-token-0123456789"
NEW_TOKEN = "a-new-token-0123456789"
PLAIN = """
    bourse: 1
    server: {admin: "127.0.0.1:0"}
    sources: {market: {use: synthetic, config: {seed: 1, now: "2025-03-01T12:00:00Z"}}}
    defaults: {source: market}
    routes:
      - {path: "/t/{symbol}", run: technical, format: csv}
    """
WRONG = PLAIN.replace("format: csv", "format: cvs").replace("seed: 1", "sed: 1")


def post(server, headers=None, target="/reload"):
    """Returns (status, the JSON of the answer)."""
    connection = http.client.HTTPConnection("127.0.0.1", server.admin_port, timeout=bourse.DEADLINE_SECONDS)
    with contextlib.closing(connection):
        connection.request("POST", target, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def figures(server):
    page = server.get("/metrics", port=server.admin_port)[2].decode()
    return {name: float(value) for name, value in re.findall(r"(?m)^([a-z_]+) ([-+.e0-9]+)$", page)}


def soon(claim, seconds=bourse.DEADLINE_SECONDS):
    """Waits for what happens on a thread of its own right after what was asked for."""
    end = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


class Reload(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, text):
        return bourse.write_config(self.folder, text)

    def test_a_route_comes_and_goes_and_what_did_not_change_is_kept(self):
        with bourse.Server(self.write(PLAIN)) as server:
            self.assertEqual(server.get("/more/BTCUSDT")[0], 404)
            old = server.get("/t/BTCUSDT")[2]
            self.write(PLAIN + '  - {path: "/more/{symbol}", run: technical, format: csv}\n')
            status, said = post(server)
            self.assertEqual(status, 200, said)
            self.assertEqual(said["generation"], 2)
            self.assertEqual(said["routes"], {"added": ["/more/{symbol}"], "removed": [], "changed": [],
                                              "kept": 1})
            for kind in ("sources", "components", "plugins"):
                self.assertEqual((said[kind]["added"], said[kind]["removed"], said[kind]["changed"]),
                                 ([], [], []), kind)
                self.assertGreater(said[kind]["kept"], 0, kind)
            self.assertEqual(server.get("/more/BTCUSDT")[0], 200)
            # The instances are the same, so what is known already still is.
            _, headers, body = server.get("/t/BTCUSDT")
            self.assertEqual(body, old)
            self.assertIn("hit", headers["cache-status"])
            self.write(PLAIN)
            self.assertEqual(post(server)[1]["routes"]["removed"], ["/more/{symbol}"])
            self.assertEqual(server.get("/more/BTCUSDT")[0], 404)
            self.assertTrue(soon(lambda: figures(server)["bourse_generations_alive"] == 1))
        self.assertIn("reloaded generation=2", server.log())

    def test_another_setting_makes_another_source_and_other_answers(self):
        with bourse.Server(self.write(PLAIN)) as server:
            old = server.get("/t/BTCUSDT")[2]
            self.write(PLAIN.replace("seed: 1", "seed: 2"))
            status, said = post(server)
            self.assertEqual((status, said["sources"]["changed"]), (200, ["market"]))
            self.assertEqual(said["components"]["changed"], [])
            self.assertNotEqual(server.get("/t/BTCUSDT")[2], old)

    def test_a_wrong_file_changes_nothing_and_all_errors_are_told(self):
        with bourse.Server(self.write(PLAIN)) as server:
            path = self.write(WRONG)
            status, said = post(server)
            self.assertEqual((status, said["code"]), (422, "configuration_refused"))
            self.assertEqual(sorted(e["code"] for e in said["errors"]),
                             ["unknown_component", "unknown_setting"])
            self.assertEqual(said["report"], bourse.run("check", path).stderr)
            self.assertEqual(server.get("/t/BTCUSDT")[0], 200)
            now = figures(server)
            self.assertEqual((now["bourse_reloads_refused_total"], now["bourse_last_reload_successful"],
                              now["bourse_generation"]), (1, 0, 1))
            status, _, ready = server.get("/readyz", port=server.admin_port)
            self.assertEqual(status, 200, "what was served before goes on")
            self.assertIn(said["report"], ready.decode())
            self.write(PLAIN)
            self.assertEqual(post(server)[0], 200)
            self.assertEqual(server.get("/readyz", port=server.admin_port)[2], b"ok\n")
            now = figures(server)
            self.assertEqual((now["bourse_reloads_total"], now["bourse_reloads_refused_total"],
                              now["bourse_last_reload_successful"]), (1, 1, 1))
            self.assertAlmostEqual(now["bourse_last_reload_time_seconds"], time.time(), delta=60)
        self.assertIn("reload_refused errors=2", server.log())
        self.assertIn("code=unknown_setting", server.log())

    def test_whatever_is_in_the_place_of_the_file_the_old_one_is_served(self):
        def write(text):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)

        def code(expected, text=""):
            status, said = post(server)
            self.assertEqual((status, [e["code"] for e in said["errors"]]), (422, [expected]))
            self.assertIn(text, said["report"])
            self.assertEqual(server.get("/t/BTCUSDT")[0], 200)

        with bourse.Server(self.write(PLAIN)) as server:
            path = os.path.join(self.folder, "bourse.yaml")
            with open(path, encoding="utf-8") as file:
                whole = file.read()
            os.unlink(path)
            code("unreadable_file", "No such file")
            os.mkdir(path)
            code("unreadable_file", "folder")
            os.rmdir(path)
            os.mkfifo(path)
            code("unreadable_file", "pipe")
            os.unlink(path)
            write("")
            code("empty_file")
            write(whole[:whole.index("synthetic") + 4])  # half written
            code("syntax")
            with open(path, "wb") as file:
                file.write(b"\x7fELF\0\0\1\xff")
            self.assertEqual(post(server)[0], 422)
            write("#" * (2 << 20))
            code("too_large")
            if os.geteuid() != 0:  # root may read everything
                write(whole)
                os.chmod(path, 0)
                code("unreadable_file", "Permission denied")
                os.chmod(path, 0o600)
            write(whole)
            self.assertEqual(post(server)[0], 200)

    def test_a_pipe_is_read_once(self):
        path = os.path.join(self.folder, "pipe")
        os.mkfifo(path)
        with open(self.write(PLAIN), encoding="utf-8") as file:
            text = file.read()

        def feed():
            with open(path, "w", encoding="utf-8") as pipe:
                pipe.write(text)

        feeder = threading.Thread(target=feed)
        feeder.start()
        with bourse.Server(path) as server:
            feeder.join(bourse.DEADLINE_SECONDS)
            status, said = post(server)
            self.assertEqual((status, said["errors"][0]["help"]), (422, "start the server with a file"))
            self.assertEqual(server.get("/t/BTCUSDT")[0], 200)

    def test_the_file_that_is_served_is_told_by_its_sha256(self):
        def told():
            page = server.get("/metrics", port=server.admin_port)[2].decode()
            return re.findall(r'bourse_configuration_info\{sha256="([0-9a-f]{64})"\} 1', page)

        def sha256():
            with open(path, "rb") as file:
                return hashlib.sha256(file.read()).hexdigest()

        path = self.write(PLAIN)
        with bourse.Server(path) as server:
            first = sha256()
            self.assertEqual(told(), [first])
            self.write(PLAIN + "    # a comment\n")
            status, said = post(server)
            self.assertEqual((status, said["configuration"]), (200, sha256()))
            self.assertNotEqual(sha256(), first)
            self.assertEqual(told(), [sha256()])
            taken = sha256()
            self.write(WRONG)
            self.assertEqual(post(server)[0], 422)
            self.assertEqual(told(), [taken], "the last good one")
            self.assertAlmostEqual(figures(server)["bourse_configuration_time_seconds"], time.time(),
                                   delta=60)

    def test_an_exchange_that_is_dead_refuses_no_reload(self):
        text = PLAIN.replace("sources: {", 'sources: {dead: {use: binance, config: {base_url: '
                             '"http://127.0.0.1:9", block_file: none}}, ')
        with bourse.Server(self.write(text)) as server:
            self.write(text + '  - {path: "/dead/{symbol}", run: technical, format: csv, source: dead}\n')
            status, said = post(server)
            self.assertEqual((status, said["sources"]["kept"]), (200, 2), said)
            self.write(text.replace("127.0.0.1:9", "127.0.0.1:7"))
            status, said = post(server)
            self.assertEqual((status, said["sources"]["changed"]), (200, ["dead"]), said)

    def test_sighup_reloads_too(self):
        with bourse.Server(self.write(PLAIN)) as server:
            self.write(PLAIN + '  - {path: "/more/{symbol}", run: technical, format: csv}\n')
            server.process.send_signal(signal.SIGHUP)
            self.assertTrue(soon(lambda: server.get("/more/BTCUSDT")[0] == 200))

    def test_only_who_means_it_may_ask(self):
        with bourse.Server(self.write(PLAIN)) as server:
            here = f"127.0.0.1:{server.admin_port}"
            for headers in ({"Host": "evil.example"}, {"Host": "localhost.evil.example"},
                            {"Origin": "http://evil.example"}, {"Origin": "null"},
                            {"Origin": "http://127.0.0.1:1"}, {"Origin": "https://" + here},
                            {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                            {"Host": "evil.example", "Origin": "http://evil.example"}):
                status, said = post(server, headers)
                self.assertEqual((status, said["code"]), (403, "foreign_request"), headers)
            for headers in ({}, {"Host": "localhost"}, {"Host": "[::1]:9"}, {"Origin": "http://" + here},
                            {"Sec-Fetch-Site": "none"},
                            {"Sec-Fetch-Site": "same-origin", "Origin": "http://" + here}):
                self.assertEqual(post(server, headers)[0], 200, headers)
            self.assertEqual(server.get("/reload", port=server.admin_port)[0], 405)
            self.assertEqual(server.get("/reload", method="POST")[0], 405)  # the public listener

    def test_what_cannot_change_is_said_and_the_rest_is_taken(self):
        with bourse.Server(self.write(PLAIN)) as server:
            self.write(PLAIN.replace('admin: "127.0.0.1:0"',
                                     'admin: "127.0.0.1:1", workers: 7, queue: 99, listen: "127.0.0.1:2"')
                       + "log: {level: warn, format: json, access: off}\n")
            status, said = post(server)
            self.assertEqual(status, 200, said)
            # Where it listens the command line said.
            self.assertEqual(said["needs_restart"],
                             ["server.admin", "server.workers", "server.queue", "log.format"])
            server.get("/t/ETHUSDT?limit=7")
        self.assertIn("needs_restart keys=", server.log())
        self.assertNotIn("limit=7", server.log(), "what the log tells of requests is taken")

    def test_a_secret_out_of_a_file_is_read_again(self):
        secret = os.path.join(self.folder, "token")
        text = PLAIN.replace("format: csv}", 'format: csv, access: {tokens: ["${TOKEN}"]}}')

        def put(token):
            with open(secret, "w", encoding="ascii") as file:
                file.write(token + "\n")

        def status_with(server, token):
            return server.get("/t/BTCUSDT", {"Authorization": "Bearer " + token})[0]

        put(OLD_TOKEN)
        with bourse.Server(self.write(text), env={"TOKEN_FILE": secret}) as server:
            self.assertEqual((status_with(server, OLD_TOKEN), status_with(server, NEW_TOKEN)), (200, 401))
            put(NEW_TOKEN)
            self.assertEqual(status_with(server, OLD_TOKEN), 200, "not before it is asked for")
            status, said = post(server)
            self.assertEqual((status, said["routes"]["changed"]), (200, ["/t/{symbol}"]))
            self.assertEqual((status_with(server, OLD_TOKEN), status_with(server, NEW_TOKEN)), (401, 200))
            os.unlink(secret)
            status, said = post(server)
            self.assertEqual((status, said["errors"][0]["code"]), (422, "bad_environment"))
            self.assertEqual(status_with(server, NEW_TOKEN), 200)
            put("short")
            status, said = post(server)
            self.assertEqual(status, 422)
            self.assertNotIn("short", json.dumps(said))
            self.assertEqual(status_with(server, NEW_TOKEN), 200)
        for token in (OLD_TOKEN, NEW_TOKEN):
            self.assertNotIn(token, server.log())

    def test_a_route_that_becomes_closed_gives_nothing_that_was_kept(self):
        with bourse.Server(self.write(PLAIN), env={"TOKEN": OLD_TOKEN}) as server:
            server.get("/t/BTCUSDT")
            self.assertIn("hit", server.get("/t/BTCUSDT")[1]["cache-status"])
            self.write(PLAIN.replace("format: csv}", 'format: csv, access: {tokens: ["${TOKEN}"]}}'))
            self.assertEqual(post(server)[0], 200)
            self.assertEqual(server.get("/t/BTCUSDT")[0], 401)
            _, headers, _ = server.get("/t/BTCUSDT", {"Authorization": "Bearer " + OLD_TOKEN})
            self.assertEqual(headers["cache-control"], "private, no-store")

    def test_a_plugin_that_was_replaced_on_disk_is_taken_and_a_broken_one_is_not(self):
        plugins = os.path.join(self.folder, "plugins")
        os.mkdir(plugins, 0o755)

        def put(name):
            path = os.path.join(plugins, "good.so")
            shutil.copy(os.path.join(bourse.FIXTURES, name), path + ".new")
            os.chmod(path + ".new", 0o644)
            os.replace(path + ".new", path)

        put("good.so")
        text = PLAIN.replace("sources: {", "sources: {quotes: {use: echo-source}, ")
        with bourse.Server(self.write(text), plugins=(bourse.PLUGINS, plugins)) as server:
            for name in ("good_changed.so", "good.so", "good_changed.so"):
                put(name)
                status, said = post(server)
                self.assertEqual((status, said["plugins"]["changed"], said["sources"]["changed"]),
                                 (200, ["fixture.good"], ["quotes"]))
            with open(os.path.join(plugins, "good.so"), "wb") as file:
                file.write(b"\x7fELF half of it")
            self.assertEqual(post(server)[0], 422)
            os.unlink(os.path.join(plugins, "good.so"))
            status, said = post(server)
            self.assertEqual((status, said["errors"][0]["code"]), (422, "unknown_component"))
            self.assertEqual(server.get("/t/BTCUSDT")[0], 200)
            with open(f"/proc/{server.process.pid}/maps", encoding="ascii", errors="replace") as maps:
                copies = {line.split()[4] for line in maps if "good.so" in line}
            self.assertLessEqual(len(copies), 2, "each file is loaded once, however often it comes")

    def test_a_format_that_was_replaced_renders_anew_what_was_known_already(self):
        plugins = os.path.join(self.folder, "plugins")
        os.mkdir(plugins, 0o755)

        def put(name):
            shutil.copy(os.path.join(bourse.FIXTURES, name), os.path.join(plugins, "new"))
            os.chmod(os.path.join(plugins, "new"), 0o644)
            os.replace(os.path.join(plugins, "new"), os.path.join(plugins, "good.so"))

        def runs():
            page = server.get("/metrics", port=server.admin_port)[2].decode()
            return {kind: int(n) for kind, n in
                    re.findall(r'bourse_cache_runs_total\{kind="(\w+)"\} (\d+)', page)}

        put("good.so")
        text = PLAIN.replace("format: csv", "formats: [csv, echo-text], cache: {fresh: 60s}")
        with bourse.Server(self.write(text), plugins=(bourse.PLUGINS, plugins)) as server:
            plain = {"Accept": "text/plain"}
            server.get("/t/BTCUSDT", plain)
            server.get("/t/BTCUSDT")
            self.assertIn("hit", server.get("/t/BTCUSDT", plain)[1]["cache-status"])
            before = runs()
            put("good_changed.so")
            status, said = post(server)
            self.assertEqual((status, said["components"]["changed"]), (200, ["fixture.good/echo-text"]))
            self.assertIn("uri-miss", server.get("/t/BTCUSDT", plain)[1]["cache-status"])
            self.assertIn("hit", server.get("/t/BTCUSDT")[1]["cache-status"], "of the other format")
            self.assertEqual(runs(), {**before, "rendering": before["rendering"] + 1})

    def test_a_create_that_never_returns_holds_neither_requests_nor_the_end(self):
        plugins = (bourse.PLUGINS, bourse.fixture_folder(self.folder, "hostile.so"))
        text = PLAIN.replace("sources: {", "sources: {bad: {use: hostile, config: {trick: stay_in_create}}, ")
        with bourse.Server(self.write(PLAIN), plugins=plugins) as server:
            self.write(text)
            server.process.send_signal(signal.SIGHUP)
            self.assertTrue(soon(lambda: " reloading" in server.log()))
            for _ in range(20):
                self.assertEqual(server.get("/t/BTCUSDT")[0], 200)
            self.end_within(server, 30)
        self.assertIn("reload_does_not_end", server.log())

    def end_within(self, server, seconds):
        begin = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        server.stop_signal = None
        server.process.wait(bourse.DEADLINE_SECONDS)
        self.assertLess(time.monotonic() - begin, seconds)

    def slow_server(self):
        """Started with a secret out of a file that is a pipe by now: to read it waits for a writer."""
        secret = os.path.join(self.folder, "token")
        with open(secret, "w", encoding="ascii") as file:
            file.write(OLD_TOKEN)
        text = PLAIN + '  - {path: "/p", run: symbols, format: csv, access: {tokens: ["${TOKEN}"]}}\n    '
        server = bourse.Server(self.write(text), env={"TOKEN_FILE": secret})
        os.unlink(secret)
        os.mkfifo(secret)
        return server, secret

    def test_reading_that_takes_long_holds_no_request_and_those_who_ask_meanwhile_share_the_next(self):
        server, secret = self.slow_server()
        with server:
            server.process.send_signal(signal.SIGHUP)
            self.assertTrue(soon(lambda: " reloading" in server.log()))
            answers = []
            askers = [threading.Thread(target=lambda: answers.append(post(server))) for _ in range(5)]
            for asker in askers:
                asker.start()
            for _ in range(20):
                self.assertEqual(server.get("/t/BTCUSDT")[0], 200)
            server.process.send_signal(signal.SIGHUP)
            self.assertEqual(figures(server)["bourse_reloads_total"], 0)
            self.assertEqual(answers, [])
            # Only a pipe that is there is opened: the next reload finds a file.
            with open(secret, "w", encoding="ascii") as pipe:
                with open(secret + ".new", "w", encoding="ascii") as file:
                    file.write(NEW_TOKEN)
                os.replace(secret + ".new", secret)
                pipe.write(OLD_TOKEN)
            for asker in askers:
                asker.join(bourse.DEADLINE_SECONDS)
            self.assertEqual([status for status, _ in answers], [200] * 5)
            self.assertLessEqual(figures(server)["bourse_reloads_total"], 3, "not one for each")
            self.assertEqual(server.get("/p", {"Authorization": "Bearer " + NEW_TOKEN})[0], 200)

    def test_the_end_waits_for_no_reload_and_who_waits_for_the_next_is_told(self):
        server, _ = self.slow_server()
        with server:
            server.process.send_signal(signal.SIGHUP)
            self.assertTrue(soon(lambda: " reloading" in server.log()))
            connection = http.client.HTTPConnection("127.0.0.1", server.admin_port,
                                                    timeout=bourse.DEADLINE_SECONDS)
            with contextlib.closing(connection):
                connection.request("POST", "/reload")
                figures(server)  # the same thread reads it, after that one
                self.end_within(server, 30)
                answer = connection.getresponse()
                self.assertEqual((answer.status, json.loads(answer.read())["code"]), (503, "no_reload"))
        self.assertIn("reload_does_not_end", server.log())
        self.assertEqual(server.log().count(" reloading"), 1)

    def test_a_hangup_while_the_server_stops_is_a_line_in_the_log(self):
        text = PLAIN.replace('admin: "127.0.0.1:0"', 'admin: "127.0.0.1:0", shutdown: {delay: 4s}')
        with bourse.Server(self.write(text)) as server:
            server.process.send_signal(signal.SIGTERM)
            server.stop_signal = None
            self.assertTrue(soon(lambda: "stopping" in server.log()))
            server.process.send_signal(signal.SIGHUP)
            status, said = post(server)
            self.assertEqual((status, said["code"]), (503, "no_reload"))
            server.process.wait(bourse.DEADLINE_SECONDS)
        self.assertIn('signal_ignored signal=SIGHUP message="the server is shutting down"', server.log())
        self.assertNotIn(" reloading", server.log())

    def test_a_port_that_is_taken_ends_the_start_in_order(self):
        with bourse.Server(self.write(PLAIN)) as server:
            done = bourse.run("serve", os.path.join(self.folder, "bourse.yaml"), "--listen",
                              f"127.0.0.1:{server.port}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("error: ", done.stderr)

    def test_watch_reloads_what_is_saved_and_tells_of_what_is_wrong(self):
        plugins = os.path.join(self.folder, "plugins")
        os.mkdir(plugins, 0o755)
        secret = os.path.join(self.folder, "token")
        with open(secret, "w", encoding="ascii") as file:
            file.write(OLD_TOKEN)
        text = PLAIN + '  - {path: "/p", run: symbols, format: csv, access: {tokens: ["${TOKEN}"]}}\n    '
        with bourse.Server(self.write(text), plugins=(bourse.PLUGINS, plugins), options=("--watch",),
                           env={"TOKEN_FILE": secret}) as server:
            # A route.
            self.write(text + '  - {path: "/more/{symbol}", run: technical, format: csv}\n')
            self.assertTrue(soon(lambda: server.get("/more/BTCUSDT")[0] == 200))
            # Something wrong, then something right.
            self.write(WRONG)
            self.assertTrue(soon(lambda: figures(server)["bourse_last_reload_successful"] == 0))
            self.assertEqual(server.get("/more/BTCUSDT")[0], 200)
            self.write(text)
            self.assertTrue(soon(lambda: server.get("/more/BTCUSDT")[0] == 404))
            # A secret, as Kubernetes and editors replace it.
            with open(secret + ".new", "w", encoding="ascii") as file:
                file.write(NEW_TOKEN)
            os.replace(secret + ".new", secret)
            self.assertTrue(soon(
                lambda: server.get("/p", {"Authorization": "Bearer " + NEW_TOKEN})[0] == 200))
            # A plugin.
            done = figures(server)["bourse_reloads_total"]
            shutil.copy(os.path.join(bourse.FIXTURES, "good.so"), os.path.join(plugins, "good.so"))
            self.assertTrue(soon(lambda: figures(server)["bourse_reloads_total"] > done))
            self.assertTrue(soon(lambda: "fixture.good" in server.get(
                "/plugins", port=server.admin_port)[2].decode()))
        self.assertIn("watching files=2 plugin_folders=2", server.log())
        self.assertIn("file_changed file=" + os.path.join(self.folder, "bourse.yaml"), server.log())
        self.assertIn("code=unknown_setting", server.log())

    def test_a_destroy_that_never_returns_holds_no_request(self):
        plugins = (bourse.PLUGINS, bourse.fixture_folder(self.folder, "hostile.so"))
        text = PLAIN.replace("sources: {", "sources: {bad: {use: hostile, config: {trick: stay_in_destroy}}, ")
        with bourse.Server(self.write(text), plugins=plugins) as server:
            self.write(PLAIN)
            self.assertEqual(post(server)[1]["sources"]["removed"], ["bad"])
            for _ in range(20):
                self.assertEqual(server.get("/t/BTCUSDT")[0], 200)
            self.assertEqual(figures(server)["bourse_generations_alive"], 2)
            status = [post(server)[0] for _ in range(10)]
            self.assertEqual(status, [200] * 6 + [503] * 4, "they do not pile up without end")
            self.assertEqual(server.get("/t/BTCUSDT")[0], 200)
        self.assertIn('plugin_does_not_end call="destroy of fixture.hostile/hostile"', server.log())


class UnderLoad(unittest.TestCase):
    """BOURSE_TEST_RELOADS=1000 is the long way."""
    RELOADS = int(os.environ.get("BOURSE_TEST_RELOADS", "100"))
    CLIENTS = 3
    # So little is kept that what grows is not that.
    TEXT = PLAIN.replace('"127.0.0.1:0"}', '"127.0.0.1:0", cache: {memory: 1MiB}}').replace(
        "routes:", 'routes:\n      - {path: "/echo/{symbol}", run: technical, format: echo-text}').replace(
            "sources: {", "sources: {quotes: {use: echo-source}, ")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.plugins = os.path.join(self.folder, "plugins")
        os.mkdir(self.plugins, 0o755)
        self.put_plugin("good.so")
        self.failures = []
        self.seconds = []
        self.stop = threading.Event()

    def put_plugin(self, name):
        new = os.path.join(self.folder, "new")
        shutil.copy(os.path.join(bourse.FIXTURES, name), new)
        os.chmod(new, 0o644)
        os.replace(new, os.path.join(self.plugins, "good.so"))

    def ask(self, server):
        """Over one connection, which is kept open over all generations."""
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=bourse.DEADLINE_SECONDS)
        with contextlib.closing(connection):
            number = 0
            while not self.stop.is_set():
                number += 1
                rows = 1 + number % 150
                target = "/echo/BTCUSDT" if number % 5 == 0 else f"/t/BTCUSDT?limit={rows}"
                begin = time.monotonic()
                connection.request("GET", target)
                answer = connection.getresponse()
                body = answer.read()
                self.seconds.append(time.monotonic() - begin)
                if answer.status != 200 or body.count(b"\n") != (0 if number % 5 == 0 else rows + 1):
                    self.failures.append((target, answer.status, body[:300]))

    def change(self, number):
        """What the next reload finds, and the status that it answers."""
        if number % 2 == 1:
            bourse.write_config(self.folder, WRONG)
            return 422
        if number % 4 == 0:  # a route that comes and goes
            more = '  - {path: "/more/{symbol}", run: technical, format: csv}\n' if number % 8 == 0 else ""
            bourse.write_config(self.folder, self.TEXT + more)
        else:  # another source, and another plugin file
            bourse.write_config(self.folder, self.TEXT.replace("seed: 1", f"seed: {1 + number % 3}"))
            self.put_plugin("good_changed.so" if number % 8 == 2 else "good.so")
        return 200

    def test_good_and_bad_reloads_in_turn_fail_no_request_and_take_no_memory(self):
        with bourse.Server(bourse.write_config(self.folder, self.TEXT),
                           plugins=(bourse.PLUGINS, self.plugins)) as server:
            threads = [threading.Thread(target=self.ask, args=(server,)) for _ in range(self.CLIENTS)]
            for thread in threads:
                thread.start()
            memory = []
            try:
                for number in range(self.RELOADS):
                    expected = self.change(number)
                    status, said = post(server)
                    self.assertEqual(status, expected, said)
                    if number % 50 == 49:
                        memory.append(self.resident(server))
            finally:
                self.stop.set()
                for thread in threads:
                    thread.join(bourse.DEADLINE_SECONDS)
            self.assertEqual(self.failures[:3], [])
            self.assertGreater(len(self.seconds), self.RELOADS)
            self.assertTrue(soon(lambda: figures(server)["bourse_generations_alive"] == 1))
            now = figures(server)
            self.assertEqual((now["bourse_reloads_total"], now["bourse_reloads_refused_total"]),
                             (self.RELOADS / 2, self.RELOADS / 2))
            with open(f"/proc/{server.process.pid}/maps", encoding="ascii", errors="replace") as maps:
                copies = {line.split()[4] for line in maps if "good.so" in line}
            self.assertLessEqual(len(copies), 2, "two contents, two copies")
            times = sorted(self.seconds)
            print(f"{self.RELOADS} reloads, {len(times)} requests, all 200; ms: median "
                  f"{1e3 * times[len(times) // 2]:.1f}, 99 % {1e3 * times[len(times) * 99 // 100]:.1f}, "
                  f"longest {1e3 * times[-1]:.1f}; resident KiB {memory}")
            if not bourse.SANITIZED:
                self.assertLess(memory[-1] - memory[0], 8192, memory)

    @staticmethod
    def resident(server):
        with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
            return [int(line.split()[1]) for line in status if line.startswith("VmRSS")][0]


if __name__ == "__main__":
    unittest.main()
