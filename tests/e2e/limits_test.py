# SPDX-License-Identifier: MIT
"""Limits as a client meets them, over real sockets: what it is told, and what outlives a reload."""
import json
import os
import re
import tempfile
import unittest

import bourse_process as bourse

CONFIG = """
    bourse: 1
    server: {{admin: "127.0.0.1:0"}}
    sources: {{market: {{use: synthetic, config: {{seed: {seed}}}}}}}
    defaults:
      source: market
      cache: {{fresh: 1h}}
      access: {{tokens: [{{name: grafana, token: "${{LIMITS_TOKEN}}"}}]}}
    routes:
      - {{path: "/t/{{symbol}}", run: technical, format: csv, access: public, limits: {{client: {rate}}}}}
      - {{path: "/mine/{{symbol}}", run: technical, format: csv}}
    """
TOKEN = "a-token-of-the-end-to-end-tests"
ENV = {"LIMITS_TOKEN": TOKEN}


class Limits(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def config(self, rate="3/1h", seed=1):
        return bourse.write_config(self.folder, CONFIG.format(rate=rate, seed=seed))

    def reload(self, server):
        status, _, body = server.get("/reload", method="POST", port=server.admin_port)
        self.assertEqual(status, 200, body)

    def test_a_client_at_its_limit_is_told_and_a_reload_changes_nothing_of_it(self):
        with bourse.Server(self.config(), env=ENV) as server:
            status, headers, _ = server.get("/t/BTCUSDT")
            self.assertEqual(status, 200)
            self.assertEqual(headers["ratelimit-policy"], '"client";q=3;w=3600')
            self.assertEqual(headers["ratelimit"], '"client";r=2;t=1200')
            status, headers, _ = server.get("/t/BTCUSDT", {"If-None-Match": headers["etag"]})
            self.assertEqual(status, 304)
            self.assertEqual(headers["ratelimit"], '"client";r=1;t=2400')
            status, headers, _ = server.get("/t/BTCUSDT")
            self.assertIn("hit", headers["cache-status"])
            self.assertEqual(headers["ratelimit"], '"client";r=0;t=3600')
            for _ in range(3):
                status, headers, body = server.get("/t/BTCUSDT")
                self.assertEqual(status, 429)
                problem = json.loads(body)
                self.assertEqual(problem["code"], "rate_limited")
                self.assertEqual(problem["violated-policies"], ["client"])
                self.assertGreaterEqual(int(headers["retry-after"]), 1190)
                self.assertEqual(problem["retry_after"], int(headers["retry-after"]))
                self.assertEqual(headers["cache-control"], "no-store")
                self.config(seed=2)
                self.reload(server)
            self.config(rate="30/1h")
            self.reload(server)
            self.assertEqual(server.get("/t/BTCUSDT")[0], 429, "all was spent, and still is")
            for _ in range(20):
                self.assertEqual(server.get("/health")[0], 200)
            page = server.get("/metrics", port=server.admin_port)[2].decode()
            self.assertIn('bourse_rate_limited_total{policy="client"} 4\n', page)
            self.assertRegex(page, r'bourse_requests_total\{route="/t/\{symbol\}",[^}]*status="429"\} 4\n')

    def test_access_of_the_defaults_closes_all_but_what_is_public(self):
        with bourse.Server(self.config(), env=ENV) as server:
            self.assertEqual(server.get("/t/BTCUSDT")[0], 200)
            self.assertEqual(server.get("/mine/BTCUSDT")[0], 401)
            self.assertEqual(server.get("/mine/BTCUSDT", {"Authorization": "Bearer " + TOKEN})[0], 200)
            guess = {"Authorization": "Bearer not-a-token-of-anything"}
            statuses = [server.get("/mine/BTCUSDT", guess)[0] for _ in range(40)]
            self.assertEqual(statuses[:30], [401] * 30)
            self.assertEqual(set(statuses[31:]), {429})
            status, _, body = server.get("/mine/BTCUSDT", {"Authorization": "Bearer " + TOKEN})
            self.assertEqual((status, json.loads(body)["code"]), (429, "too_many_guesses"))
        self.assertNotIn(TOKEN, server.log())
        self.assertNotIn("not-a-token", server.log())

    def test_the_example_of_the_page_is_a_good_configuration(self):
        with open(os.path.join(bourse.SOURCE_DIR, "docs", "reference", "limits.md"), encoding="utf-8") as page:
            example = re.search(r"(?ms)^```yaml\n(.*?)^```$", page.read())[1]
        text = ("bourse: 1\nsources: {market: {use: synthetic}}\n" +
                example.replace("defaults:\n", "defaults:\n  source: market\n") +
                "routes: [{path: \"/t/{symbol}\", run: technical, format: csv}]\n")
        done = bourse.run("check", bourse.write_config(self.folder, text))
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    unittest.main()
