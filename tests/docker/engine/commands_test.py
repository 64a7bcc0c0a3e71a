# SPDX-License-Identifier: MIT
"""What README and the how-tos tell people to type, typed: with an engine, as it stands there but for names of this test."""
import os
import re
import shlex
import subprocess
import sys
import unittest

import command_table
import engine
from engine import docker

sys.path.insert(0, os.path.join(engine.ROOT, "tests", "docker"))
import commands  # noqa: E402  pylint: disable=wrong-import-position


def of(method):
    """The commands that this test runs, out of the documents."""
    found = [command for document in commands.DOCUMENTS if document.endswith(".md") for command in commands.container_commands(document)
             for pattern, name in {**command_table.TRY, **command_table.DEPLOYED}.items()
             if name == method and re.fullmatch(pattern, command)]
    assert found, f"no document says what {method} runs"
    return dict.fromkeys(found)


def typed(command, folder):
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=600, check=False,
                          env={**os.environ, "COMPOSE_PROGRESS": "plain"})
    if done.returncode != 0 and "| grep" not in command:
        raise AssertionError(f"{command} ends with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


class Table(unittest.TestCase):
    def test_every_command_that_is_to_be_run_has_its_test(self):
        for name in (*command_table.TRY.values(), *command_table.DEPLOYED.values()):
            self.assertTrue(hasattr(Try, name) or hasattr(Deployed, name), name)


class Try(engine.Composed):
    """README's first minute, and that of the how-to: the file as it is, the image that is tested instead of a build of it."""
    files = "compose.yaml"

    @classmethod
    def prepare(cls):
        docker("tag", engine.IMAGE, "bourse:local")

    def test_1_to_try_it(self):
        for command in of("test_1_to_try_it"):
            # Built by tests/docker/run a moment ago; another build is no other image.
            typed(command.replace("--build", "--no-build"), self.folder)
        for document in ("README.md", "docs/howto/deploy.md", "docker/compose.yaml"):
            paths = [path for _, _, port, path in commands.urls(document) if port == 8080]
            self.assertTrue(paths)
            for path in paths:
                self.assertEqual(engine.ask(self.port, path)[0], 200, f"{document}: {path}")


class Deployed(engine.Composed):
    settings = {"BOURSE_ADMIN": "0.0.0.0:9090"}

    def run_all(self, method, **replaced):
        """Types each command of this test; returns what they said."""
        said = ""
        names = {"IMAGE": engine.IMAGE, "bourse_inside": f"{self.project}_inside", "bourse-bourse-1-1": self.container("bourse-1"),
                 **replaced}
        for command in of(method):
            for name, value in names.items():
                command = re.sub(rf"(?<![\w/.-]){re.escape(name)}(?![\w/.-])|(?<=container:){re.escape(name)}", lambda _, v=value: v, command)
            done = typed(command, self.docker_folder)
            said += done.stdout + done.stderr
        return said

    def test_addresses(self):
        for _, _, port, path in commands.urls("docs/howto/deploy.md"):
            if port is None and path != "/api/v1/account":  # that one is added by the reader
                self.assertEqual(engine.ask(self.port, path)[0], 200, path)

    def test_a_configuration_is_checked(self):
        with open(os.path.join(engine.ROOT, "config", "production.yaml"), encoding="utf-8") as file:
            text = file.read()
        path = os.path.join(self.docker_folder, "my.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o644)
        self.assertIn("good", self.run_all("test_a_configuration_is_checked"))

    def test_plugins_are_listed(self):
        self.assertIn("technical", self.run_all("test_plugins_are_listed"))

    def test_a_source_is_probed(self):
        self.assertIn("market", self.run_all("test_a_source_is_probed"))

    def test_nginx_reloads(self):
        self.run_all("test_nginx_reloads")
        self.assertEqual(engine.ask(self.port, "/health")[0], 200)

    def test_a_server_is_made_anew(self):
        before = self.container("bourse-1")
        self.run_all("test_a_server_is_made_anew")
        self.assertNotEqual(self.container("bourse-1"), before)
        self.assertEqual(engine.ask(self.port, "/health")[0], 200)

    def test_nginx_is_started_alone(self):
        self.run_all("test_nginx_is_started_alone")

    def test_all_is_up(self):
        self.run_all("test_all_is_up")
        self.await_health("bourse-2")

    def test_there_are_logs(self):
        self.assertIn("listening", self.run_all("test_there_are_logs"))

    def test_a_request_is_followed(self):
        engine.ask(self.port, "/api/v1/market/prices", {"X-Request-Id": "followed-1"})
        # Both write after the answer, and the engine takes its time.
        for service in ("nginx", "bourse-"):
            engine.until(f"the request in the log of {service}", lambda beginning=service: any(
                beginning in line.split("|")[0] for line in self.run_all("test_a_request_is_followed", ID="followed-1").splitlines()))

    def test_what_runs_is_listed(self):
        self.assertIn("bourse-2", self.run_all("test_what_runs_is_listed"))

    def test_figures_are_read_from_inside(self):
        """With the program that stands for curl here: what matters is who reaches whom."""
        said = self.run_all("test_figures_are_read_from_inside", **{"curlimages/curl": f"{engine.probe_image()} wget -q -O -"})
        self.assertIn("\nbourse_ready 1\n", said)

    def test_another_container_joins(self):
        other = docker("run", "--detach", engine.probe_image(), "sleep", "600").stdout.strip()
        self.addCleanup(docker, "rm", "--force", other)
        self.run_all("test_another_container_joins", CONTAINER=other)
        self.assertIn("bourse_ready", docker("exec", other, "/busybox", "wget", "-q", "-O", "-", "http://bourse-1:9090/metrics").stdout)

    def test_a_shell_is_brought_along(self):
        """Without a terminal, and with the probe's image: it sees the other's processes and reaches its listener."""
        for command in of("test_a_shell_is_brought_along"):
            command = command.replace(" -it ", " ").replace("bourse-bourse-1-1", self.container("bourse-1"))
            command = command.replace("debian:bookworm-slim", f"{engine.probe_image()} sh -c " +
                                      shlex.quote("/busybox cat /proc/1/cmdline && /busybox wget -q -O - http://127.0.0.1:9090/livez"))
            said = typed(command, self.docker_folder).stdout
            self.assertIn("/usr/bin/bourse", said)
            self.assertTrue(said.endswith("ok\n"), said)

    def test_z_it_goes_with_what_it_remembers(self):
        volumes = [name for name in docker("volume", "ls", "--quiet").stdout.split() if name.startswith(self.project)]
        self.assertTrue(volumes)
        self.run_all("test_z_it_goes_with_what_it_remembers")
        left = docker("volume", "ls", "--quiet").stdout.split()
        self.assertFalse(set(volumes) & set(left))
        self.assertEqual(docker("ps", "--quiet", "--filter", f"label=com.docker.compose.project={self.project}").stdout, "")


if __name__ == "__main__":
    unittest.main()
