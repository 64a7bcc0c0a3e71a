# SPDX-License-Identifier: MIT
"""Calls into plugins that never return: they cost their own component, and not the server."""
import concurrent.futures
import json
import os
import re
import signal
import tempfile
import time
import unittest

import bourse_process as bourse

# With substitutes: 8, a component's share is two stuck calls; with one turn, half of them is that one.
CONFIG = """
    bourse: 1
    server: {{admin: "127.0.0.1:0", workers: {workers}, waiting-threads: 2, substitutes: {substitutes}, shutdown: {{grace: 100ms}}}}
    sources:
      market: {{use: synthetic}}
      pit: {{use: pit}}
      deep: {{use: deep-pit}}
    defaults: {{source: market, deadline: 300ms, cache: off}}
    routes:
      - {{path: "/t/{{symbol}}", run: technical, format: csv, deadline: 20s}}
      - {{path: /stays, run: stays, format: tar}}
      - {{path: /pit, run: asks, format: tar, source: pit}}
      - {{path: /deep, run: asks, format: tar, source: deep}}
      - {{path: /fresh, run: asks, format: tar, source: pit, cache: {{stale: 1h}}}}
    """


class Stuck(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.plugins = (bourse.PLUGINS, bourse.fixture_folder(self.folder, "staying_calls.so"))
        self.never = os.path.join(self.folder, "never")

    def server(self, workers=2, substitutes=8):
        return bourse.Server(
            bourse.write_config(self.folder, CONFIG.format(workers=workers, substitutes=substitutes)),
            plugins=self.plugins)

    def admin(self, server, page):
        return server.get(page, port=server.admin_port)

    def figure(self, server, name):
        text = self.admin(server, "/metrics")[2].decode()
        found = re.search(rf"(?m)^{re.escape(name)} (\S+)$", text)
        return float(found.group(1)) if found else None

    def code(self, answer):
        return json.loads(answer[2])["code"]

    def wait_for(self, what, say="it did not come true"):
        end = time.monotonic() + bourse.DEADLINE_SECONDS
        while not what():
            self.assertLess(time.monotonic(), end, say)
            time.sleep(0.01)

    def finish(self, server):
        """Stuck calls are left behind: that the server says it, and ends, is for ending_test."""
        server.process.send_signal(signal.SIGTERM)
        server.stop_signal = None
        self.assertEqual(server.process.wait(bourse.DEADLINE_SECONDS), 0)

    def fill(self, server, target, requests):
        with concurrent.futures.ThreadPoolExecutor(requests) as pool:
            return list(pool.map(lambda _: server.get(target), range(requests)))

    def others_go_on(self, server):
        for _ in range(4):
            self.assertEqual(server.get("/t/BTCUSDT")[0], 200)
        self.assertEqual(server.get("/health")[0], 200)
        self.assertEqual(self.admin(server, "/readyz")[0], 200)

    def check_costs_itself_only(self, target, component, call):
        with self.server() as server:
            for _ in range(4):  # many times as many as there are threads
                answers = self.fill(server, target + f"?file={self.never}", 8)
                self.assertLessEqual({answer[0] for answer in answers}, {503, 504})
            refused = server.get(target + f"?file={self.never}")
            self.assertEqual((refused[0], self.code(refused)), (503, "component_stuck"))
            self.assertGreaterEqual(int(refused[1]["retry-after"]), 10)
            self.assertIn(component, refused[2].decode())
            stuck = self.figure(server, f'bourse_calls_stuck{{component="{component}"}}')
            self.assertGreaterEqual(stuck, 2)
            total = self.figure(server, f'bourse_stuck_calls_total{{component="{component}"}}')
            self.assertGreaterEqual(total, stuck)
            self.assertGreater(
                self.figure(server, f'bourse_calls_refused_stuck_total{{component="{component}"}}'), 0)
            self.others_go_on(server)
            self.finish(server)
        lines = re.findall(r"call_stuck (.*)", server.log())
        # The threads it had before the first was stuck, and those it got before its share was reached.
        self.assertLessEqual(len(lines), 6, server.log())
        self.assertGreaterEqual(len(lines), total, server.log())
        for line in lines:
            self.assertRegex(line, rf"component={component} call={call} route={target} request_id=\w+ "
                                   r"milliseconds=\d+ stuck=\d substitute=yes")

    def test_an_analysis(self):
        self.check_costs_itself_only("/stays", "fixture.staying/stays", "run")

    def test_a_source_is_to_blame_and_not_who_asks_it(self):
        self.check_costs_itself_only("/pit", "fixture.staying/pit", "fetch")

    def test_a_source_that_waits_without_a_turn(self):
        self.check_costs_itself_only("/deep", "fixture.staying/deep-pit", "fetch")

    def test_a_serializer(self):
        with self.server() as server:
            self.fill(server, f"/stays?hold={self.never}", 8)
            self.wait_for(lambda: "call_stuck" in server.log())
            self.others_go_on(server)
            self.finish(server)
        self.assertRegex(server.log(), "call_stuck component=fixture.staying/tar call=render")
        self.assertNotIn("call_stuck component=fixture.staying/stays", server.log())

    def test_what_returns_is_told_and_the_component_is_asked_again(self):
        with self.server() as server:
            self.fill(server, f"/stays?file={self.never}", 8)
            self.wait_for(lambda: self.code(server.get(f"/stays?file={self.never}")) == "component_stuck")
            with open(self.never, "w", encoding="ascii"):
                pass
            self.wait_for(lambda: server.get(f"/stays?file={self.never}")[0] == 200)
            self.wait_for(lambda: self.figure(
                server, 'bourse_calls_stuck{component="fixture.staying/stays"}') == 0)
            self.assertEqual(self.figure(server, "bourse_substitutes"), 0)
            self.others_go_on(server)
        log = server.log()
        self.assertEqual(len(re.findall("call_stuck ", log)), len(re.findall("call_returned ", log)))
        self.assertRegex(log, r"call_returned component=fixture.staying/stays call=run .*stuck=0")

    def test_without_substitutes_the_server_says_that_it_cannot_answer(self):
        with self.server(workers=1, substitutes=0) as server:
            self.assertEqual(server.get(f"/stays?file={self.never}")[0], 504)
            self.wait_for(lambda: self.admin(server, "/readyz")[0] == 503)
            text = self.admin(server, "/readyz")[2].decode()
            self.assertEqual(text, "not ready: calls that do not return hold all turns, and no substitute "
                                   "is left: fixture.staying/stays (1)\n")
            answer = server.get("/health")
            self.assertEqual((answer[0], self.code(answer)), (503, "calls_stuck"))
            self.assertEqual(self.figure(server, "bourse_ready"), 0)
            with open(self.never, "w", encoding="ascii"):
                pass
            self.wait_for(lambda: self.admin(server, "/readyz")[0] == 200)
            self.others_go_on(server)
        self.assertIn("substitute=none_left", server.log())

    def test_a_refresh_that_does_not_return_is_made_again(self):
        with open(self.never, "w", encoding="ascii"):
            pass
        target = f"/fresh?file={self.never}"
        with self.server() as server:
            self.assertEqual(server.get(target)[0], 200)
            os.unlink(self.never)

            def stale():
                status, headers, _ = server.get(target)
                self.assertEqual(status, 200)
                self.assertIn("hit", headers["cache-status"])
                return len(re.findall("call_stuck component=fixture.staying/pit", server.log())) >= 2
            self.wait_for(stale, "the refresh that was stuck kept the next one from beginning")
            self.others_go_on(server)
            with open(self.never, "w", encoding="ascii"):
                pass
            self.wait_for(lambda: self.figure(
                server, 'bourse_calls_stuck{component="fixture.staying/pit"}') == 0)

    def test_who_asks_the_same_again_does_not_wait_for_what_never_comes(self):
        target = f"/fresh?file={self.never}"
        with self.server() as server:
            self.assertEqual(server.get(target)[0], 504)
            with open(self.never, "w", encoding="ascii"):
                pass
            self.wait_for(lambda: server.get(target)[0] == 200)


class Collecting(unittest.TestCase):
    def test_a_source_that_never_tells_its_figures_is_left_out(self):
        with tempfile.TemporaryDirectory() as folder:
            config = bourse.write_config(folder, """
                bourse: 1
                server: {admin: "127.0.0.1:0", shutdown: {grace: 100ms}}
                sources: {market: {use: synthetic}, bad: {use: hostile, config: {trick: stay_in_collect}}}
                defaults: {source: market}
                routes: [{path: "/t/{symbol}", run: technical, format: csv}]
                """)
            plugins = (bourse.PLUGINS, bourse.fixture_folder(folder, "hostile.so"))
            with bourse.Server(config, plugins=plugins) as server:
                end = time.monotonic() + bourse.DEADLINE_SECONDS
                text = ""
                refused = 'bourse_calls_refused_stuck_total{component="fixture.hostile/hostile"} '
                while not re.search(refused + r"[1-9]", text):
                    self.assertLess(time.monotonic(), end, text)
                    status, _, body = server.get("/metrics", port=server.admin_port)
                    self.assertEqual(status, 200)
                    text = body.decode()
                begin = time.monotonic()
                text = server.get("/metrics", port=server.admin_port)[2].decode()
                self.assertLess(time.monotonic() - begin, 1, "nobody waits for it any more")
                self.assertIn('bourse_metrics_collected{source="bad"} 0', text)
                self.assertRegex(text, r'bourse_calls_stuck\{component="fixture.hostile/hostile"\} [12]\n')
                server.process.send_signal(signal.SIGTERM)
                server.stop_signal = None
                self.assertEqual(server.process.wait(bourse.DEADLINE_SECONDS), 0)
            self.assertRegex(server.log(), "call_stuck component=fixture.hostile/hostile call=collect route=/metrics")


if __name__ == "__main__":
    unittest.main()
