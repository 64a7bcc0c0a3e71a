# SPDX-License-Identifier: MIT
"""An order of sources: an exchange that nobody answers for, and the one that stands in for it."""
import json
import socket
import tempfile
import unittest

import bourse_process as bourse

CONFIG = """
    bourse: 1
    server: {{admin: "127.0.0.1:0"}}
    sources:
      main: {{use: binance, config: {{base_url: "http://127.0.0.1:{port}"}}}}
      spare: {{use: synthetic}}
    defaults: {{source: [main, spare], deadline: 20s, cache: off}}
    routes:
      - {{path: "/t/{{symbol}}", run: technical, formats: [json, csv]}}
    """


class Failover(unittest.TestCase):
    def test_who_is_down_is_stood_in_for_told_and_then_passed_over(self):
        # Bound and not listening: nobody else gets the port, and connections to it are refused.
        with tempfile.TemporaryDirectory() as folder, socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            config = bourse.write_config(folder, CONFIG.format(port=closed.getsockname()[1]))
            with bourse.Server(config) as server:
                for _ in range(12):
                    status, _, body = server.get("/t/BTCUSDT")
                    self.assertEqual(status, 200, body)
                    notes = [note for note in json.loads(body)["notes"] if note["code"] == "spare_source"]
                    self.assertEqual([note["text"] for note in notes],
                                     ["Source main could not be asked. This comes from source spare."])
                page = server.get("/metrics", port=server.admin_port)[2].decode()
                self.assertIn('bourse_source_passed_over{source="main"} 1\n', page)
                self.assertIn('bourse_source_passed_over{source="spare"} 0\n', page)
                self.assertEqual(server.get("/readyz", port=server.admin_port)[0], 200)
                routes = json.loads(server.get("/routes", port=server.admin_port)[2])
                self.assertEqual((routes[0]["source"], routes[0]["spares"]), ("main", ["spare"]))
            log = server.log()
            self.assertEqual(log.count("source_passed_over source=main"), 1, log)

    def test_check_wants_each_to_offer_what_is_read(self):
        with tempfile.TemporaryDirectory() as folder:
            config = bourse.write_config(folder, """
                bourse: 1
                sources: {main: {use: binance}, spare: {use: synthetic}}
                routes:
                  - {path: /mine, run: account, format: json, source: [main, spare],
                     access: {tokens: ["${A_TOKEN_OF_A_TEST}"]}}
                """)
            done = bourse.run("check", config, env={"A_TOKEN_OF_A_TEST": "a-token-of-the-end-to-end-tests"})
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn('dataset_not_offered', done.stderr)
            self.assertIn('source "spare" does not deliver', done.stderr)
            self.assertNotIn('source "main" does not deliver', done.stderr)


if __name__ == "__main__":
    unittest.main()
