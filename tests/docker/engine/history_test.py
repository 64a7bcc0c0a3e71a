# SPDX-License-Identifier: MIT
"""docker/compose.history.yaml and compose.postgres.yaml: what was asked for is kept, and is there for the next container."""
import json
import os
import secrets
import unittest

import engine
from engine import docker

DAY = "/api/v1/BTCUSDT/technical?format=json&limit=24&end=2024-06-02T00:00:00Z"
SERVERS = ("bourse-1", "bourse-2")


def ask_on(test, path, status=200):
    answered, _, body = engine.ask(test.port, path)
    test.assertEqual(answered, status, body)
    return json.loads(body)


def backfill(test, server):
    return test.compose("exec", "-T", server, "bourse", "task", "kept", "backfill", "--symbols", "BTCUSDT", "--intervals", "1h", "--start",
                        "2024-06-01", "--end", "2024-06-03", "--share", "1")


def kept(test, server):
    done = test.compose("exec", "-T", server, "bourse", "task", "kept", "status", "--format", "json")
    return {row["symbol"]: row["candles"] for row in json.loads(done.stdout)["tables"]["kept"]["rows"]}


class InAFile(engine.Composed):
    files = "compose.prod.yaml:compose.history.yaml"

    def test_what_was_asked_for_is_there_for_the_next_container(self):
        backfill(self, "bourse-1")
        self.assertNotIn("not_kept", json.dumps(ask_on(self, DAY)["notes"]))
        before = kept(self, "bourse-1")
        self.assertEqual(set(before), {"BTCUSDT"})
        self.compose("up", "--detach", "--force-recreate", "--no-deps", "--wait", "bourse-1")
        self.assertEqual(kept(self, "bourse-1"), before)
        ask_on(self, "/api/v1/history/coverage?format=json")


class InPostgresql(engine.Composed):
    files = "compose.prod.yaml:compose.history.yaml:compose.postgres.yaml"

    @classmethod
    def prepare(cls):
        image = os.environ.get("BOURSE_TEST_POSTGRES")
        if image is not None:
            cls.settings = {"POSTGRES_IMAGE": image}
        elif docker("compose", "--file", "compose.prod.yaml", "--file", "compose.history.yaml", "--file", "compose.postgres.yaml", "pull", "postgres",
                    cwd=cls.docker_folder, check=False, env={"BOURSE_IMAGE": engine.IMAGE, "BOURSE_SOURCE": "synthetic"}).returncode != 0:
            raise unittest.SkipTest("no image of PostgreSQL: set BOURSE_TEST_POSTGRES, or let that of compose.postgres.yaml be pulled")
        if os.geteuid() != 0:
            raise unittest.SkipTest("passwords are given to other users: run it as root")
        folder = os.path.join(cls.docker_folder, "secrets")
        os.mkdir(folder, 0o711)
        password = secrets.token_hex(32)
        for name, owner in (("database_password", 10001), ("postgres_password", 70)):
            path = os.path.join(folder, name)
            with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o400), "w", encoding="utf-8") as file:
                file.write(password + "\n")
            os.chown(path, owner, owner)

    def test_both_servers_share_it_and_answer_without_it(self):
        engine.until("the database is found", lambda: "no_database" not in json.dumps(json.loads(
            engine.ask(self.port, "/api/v1/history/coverage?format=json")[2])))
        backfill(self, "bourse-1")
        self.assertEqual(kept(self, "bourse-1"), kept(self, "bourse-2"))
        self.compose("stop", "postgres")
        self.assertIn("not_kept", json.dumps(ask_on(self, DAY)["notes"]))
        self.compose("up", "--detach", "--no-deps", "--wait", "postgres")
        self.assertEqual(set(kept(self, "bourse-2")), {"BTCUSDT"})


if __name__ == "__main__":
    unittest.main()
