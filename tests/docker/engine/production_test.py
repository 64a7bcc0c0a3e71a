# SPDX-License-Identifier: MIT
"""docker/compose.prod.yaml, from the outside, as clients see it: limits, faults, upgrades."""
import fcntl
import json
import os
import shutil
import signal
import ssl
import subprocess
import time
import unittest
import urllib.request

import engine
from engine import docker, inspect

FAST = {"NGINX_RATE": "100000", "NGINX_BURST": "100000", "NGINX_CONNECTIONS": "1000"}
SERVERS = ("bourse-1", "bourse-2")
REGISTRY = "registry:2.8.3@sha256:a3d8aaa63ed8681a604f1dea0aa03f100d5895b6a58ace528858a7b332415373"


def operators_page(case, server, path, check=True):
    """Asked by another container in the inner network; nginx's image is one that has curl."""
    return docker("run", "--rm", "--network", f"{case.project}_inside", "--entrypoint", "curl",
                  inspect(case.container("nginx"), "{{.Config.Image}}"), "--silent", "--show-error", "--fail",
                  "--max-time", "10", f"http://{server}:9090{path}", check=check)


class Production(engine.Composed):
    """With the limits that ship, and figures for whoever is let into the inner network."""
    settings = {"BOURSE_ADMIN": "0.0.0.0:9090"}

    def test_nothing_but_nginx_is_published(self):
        for server in SERVERS:
            self.assertEqual(inspect(self.container(server), "{{json .HostConfig.PortBindings}}"), "{}")
        self.assertEqual(list(json.loads(inspect(self.container("nginx"), "{{json .HostConfig.PortBindings}}"))),
                         ["8080/tcp"])
        networks = json.loads(inspect(self.container("nginx"), "{{json .NetworkSettings.Networks}}"))
        self.assertEqual(sorted(networks), [f"{self.project}_edge", f"{self.project}_inside"])
        self.assertEqual(docker("network", "inspect", "--format", "{{.Internal}}", f"{self.project}_inside").stdout.strip(),
                         "true")

    def test_every_container_is_hardened(self):
        for service in (*SERVERS, "nginx"):
            host = json.loads(inspect(self.container(service), "{{json .HostConfig}}"))
            self.assertTrue(host["ReadonlyRootfs"], service)
            self.assertEqual(host["CapDrop"], ["ALL"], service)
            self.assertFalse(host["CapAdd"], service)
            self.assertIn("no-new-privileges:true", host["SecurityOpt"], service)
            self.assertGreater(host["PidsLimit"], 0, service)
            self.assertGreater(host["Memory"], 0, service)
            self.assertIn("max-size", host["LogConfig"]["Config"], service)
            self.assertFalse(host["Privileged"], service)
        ports = json.loads(inspect(self.container("nginx"), "{{json .NetworkSettings.Ports}}"))["8080/tcp"]
        self.assertEqual([port["HostIp"] for port in ports], ["127.0.0.1"])
        user = docker("exec", self.container("nginx"), "id", "-u").stdout.strip()
        self.assertEqual(user, "101")

    def test_answers_come_with_the_security_headers_and_the_request_id(self):
        status, headers, body = engine.ask(self.port, "/api/v1/market/statistics", {"X-Request-Id": "test-1"})
        self.assertEqual(status, 200, body)
        self.assertEqual(headers["x-request-id"], "test-1")
        self.assertEqual(headers["content-security-policy"], "default-src 'none'; frame-ancestors 'none'")
        self.assertEqual(headers["x-content-type-options"], "nosniff")
        engine.until("the id in the log of nginx", lambda: any(
            line.get("request_id") == "test-1" and line["status"] == 200 for line in engine.logged(self.container("nginx"))))

    def test_what_is_for_operators_is_not_served(self):
        for path in ("/metrics", "/livez", "/readyz", "/routes", "/plugins"):
            status, _, body = engine.ask(self.port, path)
            self.assertEqual((status, json.loads(body)["code"]), (404, "no_route"), path)

    def test_figures_are_read_from_the_inner_network(self):
        """As docs/howto/deploy.md says it, with a curl in Prometheus' place."""
        for server in SERVERS:
            text = operators_page(self, server, "/metrics").stdout
            self.assertRegex(text, r"(?m)^bourse_ready(\{.*\})? 1$")
            self.assertIn("bourse_requests_total", text)

    def test_each_server_has_a_folder_of_its_own_to_remember_in(self):
        probe = engine.probe_file(self)
        for server in SERVERS:
            done = docker("run", "--rm", *engine.HARDENED, "--volumes-from", self.container(server),
                          "--entrypoint", "/busybox", "--volume", f"{probe}:/busybox:ro", engine.IMAGE, "sh", "-c",
                          "ls /var/lib/bourse; touch /var/lib/bourse/touched; ls -ldn /var/lib/bourse")
            self.assertRegex(done.stdout, r"\Adrwx------ .* 10001 +10001 ", server)

    def test_a_problem_of_the_program_passes_unchanged(self):
        status, headers, body = engine.ask(self.port, "/api/v1/BTCUSDT/technical?limit=0")
        self.assertEqual((status, headers["content-type"]), (400, "application/problem+json"))
        self.assertEqual(json.loads(body)["code"], "parameter_out_of_range")

    def test_zz_too_many_requests_are_told_when_to_come_back(self):
        """Last by name: it uses up what this address may ask."""
        time.sleep(40 / 20)  # burst / rate: until what other tests have asked for is forgotten
        answers = [engine.ask(self.port, "/no/such/route") for _ in range(200)]
        statuses = [status for status, _, _ in answers]
        engine.note(rate_limit=f"{statuses.count(404)} answered, {statuses.count(429)} refused of 200")
        self.assertEqual(set(statuses), {404, 429})
        self.assertGreaterEqual(statuses.count(404), 41)
        _, headers, body = answers[statuses.index(429)]
        self.assertEqual((headers["retry-after"], headers["content-type"]), ("1", "application/problem+json"))
        self.assertEqual(json.loads(body)["code"], "too_many_requests")
        self.assertEqual(engine.ask(self.port, "/health")[0], 200, "it has a share of its own")
        time.sleep(1)  # what Retry-After says
        self.assertEqual(engine.ask(self.port, "/no/such/route")[0], 404)

    def test_a_browser_shows_a_page_under_its_policy(self):
        browser = shutil.which("chromium") or shutil.which("google-chrome")
        if browser is None:
            self.skipTest("there is no Chromium on this machine")
        target = f"http://127.0.0.1:{self.port}/api/v1/analysis/correlation?format=html"
        status, headers, body = engine.ask(self.port, "/api/v1/analysis/correlation?format=html")
        self.assertEqual(status, 200)
        policy = headers["content-security-policy"]
        self.assertIn("default-src 'none'", policy)
        self.assertNotIn("unsafe-", policy)
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync", "--enable-logging=stderr",
             "--v=0", "--dump-dom", f"--user-data-dir={self.folder}/browser", target],
            capture_output=True, text=True, timeout=120, check=False)
        # Buttons are what the page's script adds: it was let run, and nothing was held back.
        self.assertNotIn(b"<button", body)
        self.assertTrue("<button" in done.stdout, "the script of the page did not run:\n" + done.stderr)
        self.assertNotIn("Content Security Policy", done.stderr)


class Faults(engine.Composed):
    settings = FAST

    def test_figures_are_for_the_container_itself_when_nothing_else_is_said(self):
        for server in SERVERS:
            done = operators_page(self, server, "/metrics", check=False)
            self.assertEqual(done.returncode, 7, done.stdout + done.stderr)  # curl: failed to connect

    def test_a_killed_server_is_not_noticed_and_comes_back(self):
        for server in SERVERS:
            container = self.container(server)
            restarts = int(inspect(container, "{{.RestartCount}}"))
            with engine.Load(self.port) as load:
                start = time.monotonic()
                engine.signal_main("-KILL", container)
                engine.until("a new process", lambda: int(inspect(container, "{{.RestartCount}}")) > restarts)
                self.await_health(server)
                back = time.monotonic() - start
                load.more(100)
            engine.note(killed=server, clients_saw=dict(load.outcomes), slowest=f"{load.slowest:.2f} s",
                        healthy_after=f"{back:.1f} s")
            self.assertEqual(set(load.outcomes), {200})

    def test_the_largest_pictures_fit_into_the_memory_that_is_given(self):
        """What production.yaml lets one ask for, more at a time than there are workers."""
        restarts = [inspect(self.container(server), "{{.RestartCount}}") for server in SERVERS]
        before = [engine.memory(self.container(server)) for server in SERVERS]
        target = "/api/v1/BTCUSDT/technical?format=png&width=2000&height=1500&scale=2"
        with engine.Load(self.port, target, clients=12) as load:
            load.more(40)
        after = [engine.memory(self.container(server)) for server in SERVERS]
        engine.note(before=[f"{now} MB" for now, _ in before], peak=[f"{peak} MB" for _, peak in after],
                    afterwards=[f"{now} MB" for now, _ in after], clients_saw=dict(load.outcomes))
        self.assertLessEqual(set(load.outcomes), {200, "503 overloaded", "504 deadline_exceeded"})
        self.assertEqual([inspect(self.container(server), "{{.RestartCount}}") for server in SERVERS], restarts)

    def test_both_killed_at_once_is_a_problem_with_a_time_to_wait(self):
        with engine.Load(self.port) as load:
            engine.signal_main("-KILL", *[self.container(server) for server in SERVERS])
            for server in SERVERS:
                self.await_health(server)
            engine.until("answers again", lambda: engine.ask(self.port, "/health")[0] == 200)
        engine.note(killed="both", clients_saw=dict(load.outcomes), slowest=f"{load.slowest:.2f} s")
        self.assertLessEqual(set(load.outcomes), {200, "502 server_unreachable", "504 server_too_slow"})
        self.assertGreater(load.outcomes[200], 0)

    def test_nginx_starts_again_while_a_server_is_down(self):
        self.compose("stop", "bourse-1")
        try:
            docker("restart", self.container("nginx"))
            engine.until("answers again", self.answers)
            self.assertEqual({engine.ask(self.port, "/api/v1/market/prices")[0] for _ in range(20)}, {200})
        finally:
            self.compose("start", "bourse-1")
            self.await_health("bourse-1")
            self.await_health("nginx")

    def test_a_killed_nginx_comes_back(self):
        container = self.container("nginx")
        with engine.Load(self.port) as load:
            start = time.monotonic()
            engine.signal_main("-KILL", container)
            engine.until("answers again", self.answers)
            back = time.monotonic() - start
            self.await_health("nginx")
        engine.note(killed="nginx", clients_saw=dict(load.outcomes), answers_after=f"{back:.2f} s")
        # What was open breaks, what comes before it listens is refused; nobody gets half an answer that looks whole.
        self.assertLessEqual(set(load.outcomes), {200, "ConnectionResetError", "ConnectionRefusedError",
                                                  "RemoteDisconnected", "IncompleteRead", "BadStatusLine"})

    def test_a_worker_of_nginx_is_replaced(self):
        container = self.container("nginx")
        workers = [line.split()[1] for line in docker("top", container, "-eo", "user,pid,args").stdout.splitlines()
                   if "worker process" in line]
        restarts = inspect(container, "{{.RestartCount}}")
        with engine.Load(self.port) as load:
            docker("run", "--rm", "--pid", "host", "--cap-add", "KILL", engine.probe_image(), "kill", "-9", workers[0])
            load.more(200)
        engine.note(killed="a worker of nginx", clients_saw=dict(load.outcomes))
        self.assertGreater(load.outcomes[200], 100)
        self.assertEqual(inspect(container, "{{.RestartCount}}"), restarts)

    def answers(self):
        try:
            return engine.ask(self.port, "/health")[0] == 200
        except (OSError, engine.http.client.HTTPException):
            return False

    def test_stopping_all_ends_well(self):
        for server in SERVERS:
            self.compose("stop", server)
            self.assertEqual(inspect(self.container(server), "{{.State.ExitCode}}"), "0")
            self.compose("start", server)
            self.await_health(server)


class Streams(engine.Composed):
    """Events as a browser's EventSource asks for them, through nginx."""
    settings = FAST

    def follow(self, target):
        connection = engine.http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        self.addCleanup(connection.close)
        connection.request("GET", target, headers={"Accept": "text/event-stream"})
        answer = connection.getresponse()
        self.assertEqual((answer.status, answer.headers.get_content_type()), (200, "text/event-stream"))
        return answer

    @staticmethod
    def events(answer):
        """Each as a dictionary of its fields, when it is whole; until the stream ends."""
        event = {}
        for line in answer:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                event[name] = value
            elif event:
                yield event
                event = {}

    def test_1_each_event_comes_when_it_is_made(self):
        """`synthetic` changes each second: what nginx held back would come in heaps, or within this time not at all."""
        events, came = self.events(self.follow("/api/v1/market/statistics")), []
        while len(came) < 3:
            event = next(events)
            if event.get("event") == "report":
                came.append((time.monotonic(), json.loads(event["data"])["as_of"]))
        self.assertEqual(len({as_of for _, as_of in came}), 3, came)
        self.assertGreater(came[2][0] - came[0][0], 0.5, came)

    def test_2_a_server_that_stops_says_so_and_the_other_goes_on(self):
        streams = [self.events(self.follow(target)) for target in ("/api/v1/market/statistics", "/api/v1/market/prices")]
        for events in streams:
            self.assertIn("data", next(event for event in events if "data" in event))
        for server in SERVERS:
            start = time.monotonic()
            self.compose("stop", server)
            took = time.monotonic() - start
            engine.note(stopped_with_streams=f"{took:.1f} s")
            self.assertLess(took, 14, "killed by the engine after 15 s")
            self.assertEqual(inspect(self.container(server), "{{.State.ExitCode}}"), "0")
            if server == SERVERS[0]:
                # Whichever server a stream was on: a new one has an answer at once.
                self.assertIn("data", next(event for event in self.events(self.follow("/api/v1/market/prices")) if "data" in event))
        for events in streams:
            *_, again, bye = events
            self.assertGreater(int(again["retry"]), 0)
            self.assertEqual((bye["event"], json.loads(bye["data"])["code"]), ("bye", "stopping"))
        # Nobody is there: a stream that says when to come back, for an EventSource gives up after anything else.
        *_, again = self.events(self.follow("/api/v1/market/prices"))
        self.assertEqual(again, {"retry": "5000"})
        for server in SERVERS:
            self.compose("start", server)
            self.await_health(server)


def make_certificate(docker_folder):
    """As docs/howto/deploy.md says it; returns the certificate's path."""
    folder = os.path.join(docker_folder, "tls")
    os.mkdir(folder, 0o755)
    certificate, key = os.path.join(folder, "fullchain.pem"), os.path.join(folder, "privkey.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                    "-keyout", key, "-out", certificate], check=True, capture_output=True)
    give_to(101, key)
    return certificate


def give_to(user, path):
    """It takes root to give a file away; without, others may read it."""
    os.chmod(path, 0o400 if os.geteuid() == 0 else 0o644)
    if os.geteuid() == 0:
        os.chown(path, user, user)


class Tls(engine.Composed):
    files = "compose.prod.yaml:compose.tls.yaml:compose.keys.yaml"

    @classmethod
    def prepare(cls):
        cls.certificate = make_certificate(cls.docker_folder)
        os.mkdir(os.path.join(cls.docker_folder, "secrets"), 0o755)
        cls.secret = os.path.join(cls.docker_folder, "secrets", "binance_key")
        with open(cls.secret, "w", encoding="utf-8") as file:
            file.write("api_key=value-of-api-key\nsecret=value-of-secret\n")
        give_to(10001, cls.secret)

    def test_tls_is_spoken_and_stays(self):
        context = ssl.create_default_context(cafile=self.certificate)
        url = f"https://localhost:{self.tls_port}/api/v1/market/prices"
        with urllib.request.urlopen(url, context=context, timeout=20) as answer:
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.headers["Strict-Transport-Security"], "max-age=31536000")

    def test_plain_requests_are_sent_there(self):
        status, headers, _ = engine.ask(self.port, "/api/v1/market/prices")
        self.assertEqual((status, headers["location"]), (308, f"https://127.0.0.1:{self.tls_port}/api/v1/market/prices"))

    def test_health_is_asked_without_tls_too(self):
        self.assertEqual(engine.ask(self.port, "/health")[0], 200)

    def test_nginx_of_this_version_has_nothing_to_warn_of(self):
        done = docker("exec", self.container("nginx"), "nginx", "-t", "-c", "/etc/nginx/bourse/nginx.conf")
        self.assertNotIn("[warn]", done.stdout + done.stderr)
        self.assertIn("successful", done.stdout + done.stderr)

    def test_keys_are_files_and_in_no_description(self):
        for server in SERVERS:
            container = self.container(server)
            described = docker("inspect", container).stdout
            self.assertNotIn("value-of", described)
            self.assertIn("BINANCE_KEY_FILE=/run/secrets/binance_key", described)
            done = docker("run", "--rm", "--volumes-from", container, "--entrypoint", "/busybox",
                          "--volume", f"{engine.probe_file(self)}:/busybox:ro", engine.IMAGE,
                          "cat", "/run/secrets/binance_key")
            self.assertEqual(done.stdout, "api_key=value-of-api-key\nsecret=value-of-secret\n")



class Versions(engine.Composed):
    """They come from a registry, as they do in production."""
    settings = dict(FAST)

    @classmethod
    def prepare(cls):
        cls.registry = os.environ.get("BOURSE_TEST_REGISTRY")
        if cls.registry is None:
            docker("rm", "--force", "bourse-test-registry", check=False)
            started = docker("run", "--detach", "--name", "bourse-test-registry", "--publish", "127.0.0.1:0:5000",
                             REGISTRY, check=False)
            if started.returncode != 0:
                raise unittest.SkipTest(f"no registry: set BOURSE_TEST_REGISTRY, or let {REGISTRY} be pulled")
            cls.addClassCleanup(docker, "rm", "--force", "--volumes", "bourse-test-registry")
            cls.registry = docker("port", "bourse-test-registry", "5000").stdout.strip()
        cls.repository = f"{cls.registry}/bourse-test"
        # compose.prod.yaml says what is run; a wrong entrypoint is what an image itself can get wrong.
        for version, change in (("1", 'LABEL one="1"'), ("2", 'LABEL two="2"'),
                                ("broken", 'ENTRYPOINT ["/usr/bin/bourse", "no-such-command"]')):
            docker("build", "--quiet", "--tag", f"{cls.repository}:{version}", "-",
                   stdin=f"FROM {engine.IMAGE}\n{change}\n")
            docker("push", "--quiet", f"{cls.repository}:{version}")
        # What is pulled must come from the registry.
        docker("image", "rm", "--force", *[f"{cls.repository}:{v}" for v in ("2", "broken")])
        cls.settings = {**FAST, "BOURSE_IMAGE": f"{cls.repository}:1"}

    def upgrade(self, *words):
        start = time.monotonic()
        done = subprocess.run([os.path.join(self.docker_folder, "upgrade"), *words], capture_output=True, text=True,
                              timeout=400, check=False)
        return done, time.monotonic() - start

    def running(self):
        return [inspect(self.container(server), "{{.Config.Image}}") for server in SERVERS]

    def running_images(self):
        """By content, however they are called."""
        return [inspect(self.container(server), "{{.Image}}") for server in SERVERS]

    def newer_files(self, name, before, after):
        """A copy of docker/ with another text in one file."""
        folder = os.path.join(self.folder, "newer")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(engine.DOCKER, folder, ignore=shutil.ignore_patterns(".*", "secrets", "tls", "plugins"))
        path = os.path.join(folder, name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        self.assertIn(before, text)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(before, after))
        return folder


class Upgrade(Versions):
    def newer_server(self, change):
        return self.newer_files("nginx/http.conf", "server_name _;", "server_name _; " + change)

    def test_1_an_upgrade_loses_no_answer(self):
        files = self.newer_server("add_header X-Files two always;")
        with engine.Load(self.port) as load:
            done, seconds = self.upgrade(f"{self.repository}:2", "--files", files)
        engine.note(upgrade=f"{seconds:.1f} s", clients_saw=dict(load.outcomes), slowest=f"{load.slowest:.2f} s")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(set(load.outcomes), {200})
        image, = set(self.running())
        self.assertRegex(image, rf"\A{self.repository}@sha256:[0-9a-f]{{64}}\Z")
        self.assertEqual(self.setting("BOURSE_IMAGE"), image)
        self.assertRegex(self.setting("BOURSE_IMAGE_PREVIOUS"), rf"\A{self.repository}@sha256:[0-9a-f]{{64}}\Z")
        self.assertNotEqual(self.setting("BOURSE_IMAGE_PREVIOUS"), image)
        self.assertEqual(engine.ask(self.port, "/health")[1]["x-files"], "two")

    def test_2_a_version_that_does_not_start_is_taken_back(self):
        before = self.running()
        with engine.Load(self.port) as load:
            done, seconds = self.upgrade(f"{self.repository}:broken")
        engine.note(failed_upgrade=f"{seconds:.1f} s", clients_saw=dict(load.outcomes), slowest=f"{load.slowest:.2f} s")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("going back", done.stderr)
        self.assertEqual(self.running(), before)
        self.assertEqual(set(load.outcomes), {200})

    def test_3_a_version_that_the_registry_does_not_have_changes_nothing(self):
        before = self.running()
        done, _ = self.upgrade(f"{self.repository}:none")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot pull", done.stderr)
        self.assertEqual(self.running(), before)

    def test_4_a_broken_nginx_configuration_changes_nothing(self):
        before = self.running()
        done, _ = self.upgrade(f"{self.repository}:1", "--files", self.newer_server("nonsense;"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("nothing was changed", done.stderr)
        self.assertEqual(self.running(), before)
        with open(os.path.join(self.docker_folder, "nginx", "http.conf"), encoding="utf-8") as file:
            self.assertNotIn("nonsense", file.read())

    def test_5_going_back_loses_no_answer_either(self):
        previous = self.setting("BOURSE_IMAGE_PREVIOUS")
        with engine.Load(self.port) as load:
            done, seconds = self.upgrade("--rollback")
        engine.note(rollback=f"{seconds:.1f} s", clients_saw=dict(load.outcomes))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(set(load.outcomes), {200})
        self.assertEqual(self.setting("BOURSE_IMAGE"), previous)
        self.assertEqual(self.running(), [previous] * 2)
        self.assertNotIn("x-files", engine.ask(self.port, "/health")[1])

    def test_6_when_only_the_second_fails_the_first_goes_on_answering(self):
        before = self.running()
        files = self.newer_files("compose.prod.yaml", '    volumes: [*plugins, "state-2:',
                                 '    command: [serve, /no/such/file]\n    volumes: [*plugins, "state-2:')
        with engine.Load(self.port) as load:
            done, seconds = self.upgrade(f"{self.repository}:2", "--files", files)
        engine.note(second_failed=f"{seconds:.1f} s", clients_saw=dict(load.outcomes), slowest=f"{load.slowest:.2f} s")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(set(load.outcomes), {200})
        self.assertEqual(self.running(), before)

    def test_7_when_the_connection_is_lost_it_goes_on_to_its_end(self):
        before = self.setting("BOURSE_IMAGE")
        process = subprocess.Popen([os.path.join(self.docker_folder, "upgrade"), f"{self.repository}:2"],
                                   stderr=subprocess.PIPE, text=True, start_new_session=True)
        for line in process.stderr:
            if line == "upgrade: bourse-1\n":
                break
        process.stderr.close()
        os.killpg(process.pid, signal.SIGHUP)
        process.wait(60)
        with open(os.path.join(self.docker_folder, ".upgrade.lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # it holds this to its end
        self.assertNotEqual(self.setting("BOURSE_IMAGE"), before)
        self.assertEqual(self.setting("BOURSE_IMAGE_PREVIOUS"), before)
        self.assertEqual(self.running(), [self.setting("BOURSE_IMAGE")] * 2)


class MovedTag(Versions):
    """A tag that is moved in the registry, as `latest` is; and TLS."""
    files = "compose.prod.yaml:compose.tls.yaml"

    @classmethod
    def prepare(cls):
        make_certificate(cls.docker_folder)
        super().prepare()
        cls.tag = f"{cls.repository}:moving"
        docker("tag", f"{cls.repository}:1", cls.tag)
        docker("push", "--quiet", cls.tag)
        cls.settings["BOURSE_IMAGE"] = cls.tag

    def move(self, version):
        """In the registry only; here the tag stays what it was."""
        manifests = f"http://{self.registry}/v2/bourse-test/manifests/"
        kinds = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, " \
                "application/vnd.docker.distribution.manifest.v2+json"
        with urllib.request.urlopen(urllib.request.Request(manifests + version, headers={"Accept": kinds}), timeout=20) as answer:
            kind, manifest = answer.headers["Content-Type"], answer.read()
        urllib.request.urlopen(urllib.request.Request(manifests + "moving", manifest, {"Content-Type": kind}, method="PUT"),
                               timeout=20).close()

    def test_1_a_failed_upgrade_to_the_same_tag_goes_back_to_what_ran(self):
        before = self.running_images()
        self.move("broken")
        done, _ = self.upgrade(self.tag)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(self.running_images(), before)
        self.compose("up", "--detach", "--wait")  # and this does not spread the new one
        self.assertEqual(self.running_images(), before)

    def test_2_a_rollback_goes_back_over_the_same_tag(self):
        before = self.running_images()
        self.move("2")
        self.assertEqual(self.upgrade(self.tag)[0].returncode, 0)
        self.assertNotEqual(self.running_images(), before)
        self.assertEqual(self.upgrade("--rollback")[0].returncode, 0)
        self.assertEqual(self.running_images(), before)

    def test_3_nginx_that_does_not_reach_the_servers_is_noticed_with_tls_too(self):
        before = self.running_images()
        done, _ = self.upgrade(f"{self.repository}:2", "--files",
                               self.newer_files("nginx/nginx.conf", ":8080 max_fails", ":8089 max_fails"))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("nginx does not reach the servers", done.stderr)
        self.assertEqual(self.running_images(), before)
        self.assertEqual(engine.ask(self.port, "/health")[0], 200)

    def test_4_what_does_not_start_can_be_upgraded(self):
        """Docker knows no address of a container that does not run; nginx needs none from it."""
        broken = f"{self.repository}:broken"
        docker("pull", "--quiet", broken)
        docker("compose", "up", "--detach", "--no-deps", *SERVERS, cwd=self.docker_folder,
               env={"BOURSE_IMAGE": broken, "COMPOSE_PROGRESS": "plain"})
        done, _ = self.upgrade(f"{self.repository}:2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(engine.ask(self.port, "/health")[0], 200)

    def test_5_the_first_one_needs_a_folder_with_env_and_the_command(self):
        self.compose("down")
        with open(os.path.join(self.docker_folder, ".env"), encoding="utf-8") as file:
            settings = [line for line in file if not line.startswith("BOURSE_IMAGE")]
        for name in os.listdir(self.docker_folder):
            path = os.path.join(self.docker_folder, name)
            if name not in (".env", "upgrade", "tls", "plugins"):
                shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
        with open(os.path.join(self.docker_folder, ".env"), "w", encoding="utf-8") as file:
            file.writelines([f"BOURSE_IMAGE={self.repository}:1\n", *settings])
        files = self.newer_files("nginx/nginx.conf", "bourse", "bourse")
        done, _ = self.upgrade(f"{self.repository}:broken", "--files", files)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("nothing ran before", done.stderr)
        self.assertEqual(docker("ps", "--quiet", "--filter", f"label=com.docker.compose.project={self.project}").stdout, "")
        done, seconds = self.upgrade(f"{self.repository}:2", "--files", files)
        engine.note(first_deployment=f"{seconds:.1f} s")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(engine.ask(self.port, "/health")[0], 200)


if __name__ == "__main__":
    unittest.main()
