# SPDX-License-Identifier: MIT
"""docker/compose.yaml: one command to try it."""
import json
import unittest

import engine


class Try(engine.Composed):
    files = "compose.yaml"

    @classmethod
    def prepare(cls):
        engine.docker("tag", engine.IMAGE, "bourse:local")

    def test_it_answers_with_invented_data_and_no_settings(self):
        status, _, body = engine.ask(self.port, "/api/v1/market/statistics/json")
        self.assertEqual(status, 200, body)
        self.assertGreater(json.loads(body)["values"]["summary"]["total_symbols"], 1)

    def test_it_is_published_on_this_machine_only(self):
        self.assertTrue(self.compose("port", "bourse", "8080").stdout.startswith("127.0.0.1:"))


if __name__ == "__main__":
    unittest.main()
