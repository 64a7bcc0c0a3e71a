# SPDX-License-Identifier: MIT
"""Whose mistake a wrong query is: what a client gave and a plugin passed on is the client's, what a plugin made up is the plugin's."""
import json
import tempfile
import unittest

import bourse_process as bourse

CONFIG = """
    bourse: 1
    sources: {rows: {use: rogue-source}}
    routes: [{path: /rogue, run: rogue, format: rogue-text, source: rows}]
    """


class Queries(unittest.TestCase):
    def test_who_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            config = bourse.write_config(folder, CONFIG)
            with bourse.Server(config, plugins=(bourse.fixture_folder(folder, "rogue.so"),)) as server:
                def asked(query):
                    status, _, body = server.get("/rogue?" + query)
                    return status, json.loads(body) if status != 200 else {}
                self.assertEqual(asked("side=sell")[0], 200)
                # The client's own word, which its analysis passes on.
                status, problem = asked("side=hold")
                self.assertEqual((status, problem["parameter"]), (400, "side"))
                self.assertIn("buy", problem["detail"])
                for trick, code in (("wrong_value", "wrong_query"), ("wrong_name", "plugin_misuse"), ("undeclared", "undeclared_dataset")):
                    status, problem = asked("trick=" + trick)
                    self.assertEqual((status, problem["code"]), (500, code), trick)
                    self.assertNotIn("parameter", problem)
                # What the client said is not what the plugin made of it.
                self.assertEqual(asked("trick=wrong_value&side=sell")[1]["code"], "wrong_query")
            for words in ('fixture.rogue/rogue asks for \\"rows\\" with an argument of its own making', 'it has no argument \\"size\\"',
                          'fixture.rogue/rogue asks for \\"more\\", which it does not declare'):
                self.assertIn(words, server.log())


if __name__ == "__main__":
    unittest.main()
