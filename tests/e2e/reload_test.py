# SPDX-License-Identifier: MIT
"""A running server takes another configuration: whole, or not at all."""
import contextlib
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


def soon(claim, seconds=20):
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
            os.unlink(path)
            self.assertEqual(post(server)[0], 422)
            self.write(PLAIN)
            self.assertEqual(post(server)[0], 200)
            now = figures(server)
            self.assertEqual((now["bourse_reloads_total"], now["bourse_reloads_refused_total"],
                              now["bourse_last_reload_successful"]), (1, 2, 1))
            self.assertAlmostEqual(now["bourse_last_reload_time_seconds"], time.time(), delta=60)
        self.assertIn("reload_refused errors=2", server.log())
        self.assertIn("code=unknown_setting", server.log())

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
                       + "log: {level: warn, format: json}\n")
            status, said = post(server)
            self.assertEqual(status, 200, said)
            # Where it listens the command line said.
            self.assertEqual(said["needs_restart"],
                             ["server.admin", "server.workers", "server.queue", "log.format"])
            server.get("/t/ETHUSDT?limit=7")
        self.assertIn("needs_restart keys=", server.log())
        self.assertNotIn("limit=7", server.log(), "the level of the log is taken")

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
            with open(f"/proc/{server.process.pid}/maps", encoding="ascii", errors="replace") as maps:
                copies = {line.split()[4] for line in maps if "good.so" in line}
            self.assertLessEqual(len(copies), 2, "each file is loaded once, however often it comes")

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
    RELOADS = 200

    def test_good_and_bad_reloads_in_turn_fail_no_request_and_take_no_memory(self):
        more = PLAIN + '  - {path: "/more/{symbol}", run: technical, format: csv}\n'
        texts = [more, WRONG, PLAIN.replace("seed: 1", "seed: 2"), WRONG]
        with tempfile.TemporaryDirectory() as folder:
            with bourse.Server(bourse.write_config(folder, PLAIN)) as server:
                failures = []
                counts = [0] * 3
                stop = threading.Event()

                def ask(number):
                    # Kept open over all generations, and never the same question twice.
                    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
                    while not stop.is_set():
                        limit = 1 + counts[number] % 150
                        connection.request("GET", f"/t/BTCUSDT?limit={limit}")
                        answer = connection.getresponse()
                        body = answer.read()
                        counts[number] += 1
                        if answer.status != 200 or body.count(b"\n") != limit + 1:
                            failures.append((answer.status, body[:300]))
                    connection.close()

                threads = [threading.Thread(target=ask, args=(n,)) for n in range(len(counts))]
                for thread in threads:
                    thread.start()
                memory = []
                for i in range(self.RELOADS):
                    bourse.write_config(folder, texts[i % 4])
                    status, said = post(server)
                    self.assertEqual(status, 200 if i % 2 == 0 else 422, said)
                    if i % 50 == 49:
                        memory.append(self.resident(server))
                stop.set()
                for thread in threads:
                    thread.join(60)
                self.assertEqual(failures[:3], [])
                self.assertGreater(min(counts), 100)
                self.assertTrue(soon(lambda: figures(server)["bourse_generations_alive"] == 1))
                now = figures(server)
                self.assertEqual((now["bourse_reloads_total"], now["bourse_reloads_refused_total"]),
                                 (self.RELOADS / 2, self.RELOADS / 2))
                print("requests", sum(counts), "resident KiB", memory)
                # What is kept of answers may grow to its bound; each reload may not.
                kept = now["bourse_cache_bytes"] / 1024
                self.assertLess(memory[-1] - memory[0], kept + 4096, memory)

    @staticmethod
    def resident(server):
        with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
            return [int(line.split()[1]) for line in status if line.startswith("VmRSS")][0]


if __name__ == "__main__":
    unittest.main()
