# SPDX-License-Identifier: MIT
"""docker/, config/production.yaml and .github/workflows, as files: what must hold before anything is run."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

try:
    import yaml
except ImportError:
    print("skipped: there is no python3-yaml on this machine")
    sys.exit(77)

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BOURSE = os.environ["BOURSE"]
PLUGINS = os.environ["BOURSE_PLUGINS"]
SERVERS = ("bourse-1", "bourse-2")


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(ms|s|m)", str(text)).groups()
    return int(number) * {"ms": 0.001, "s": 1, "m": 60}[unit]


def directive(name, path):
    """The value of an nginx directive that must be there once."""
    value, = re.findall(rf"(?m)^\s*{name} ([^;]+);", read(path))
    return value


class Dockerfile(unittest.TestCase):
    text = read("docker/Dockerfile")
    last = text[text.index("FROM scratch AS run"):]

    def test_every_stage_begins_with_the_base_or_another_stage(self):
        stages = re.findall(r"(?m)^FROM (\S+) AS (\S+)$", self.text)
        self.assertEqual([name for _, name in stages], ["toolchain", "test", "build", "docs", "files", "run"])
        for number, (base, _) in enumerate(stages):
            self.assertIn(base, ["${BASE}", "scratch", *[name for _, name in stages[:number]]])
        self.assertRegex(self.text, r"(?m)^ARG BASE=debian:bookworm-slim@sha256:[0-9a-f]{64}$")
        # What is mended in its packages comes in all the same.
        self.assertIn("apt-get upgrade -y", self.text)

    def test_it_ends_as_a_fixed_user_that_asks_itself_how_it_is(self):
        self.assertRegex(self.last, r"(?m)^USER 10001:10001$")
        self.assertIn('CMD ["/usr/bin/bourse", "health"]', self.last)
        self.assertRegex(self.last, r'(?m)^ENTRYPOINT \["/usr/bin/bourse"\]$')
        self.assertNotIn("RUN", self.last)  # there is no shell to run anything

    def test_what_is_installed_of_the_sources_is_copied_into_the_image(self):
        """Of the build at hand: what it installs as it lies in the repository."""
        build = os.path.dirname(os.path.dirname(BOURSE))
        scripts = [os.path.join(folder, "cmake_install.cmake") for folder, _, files in os.walk(build) if "cmake_install.cmake" in files]
        blocks = [block for script in scripts for block in re.findall(r'(?s)COMPONENT STREQUAL "runtime".*?\nendif', read(script))]
        sources = {path for block in blocks for path in re.findall(r'"(/[^"$]+)"', block)
                   if path.startswith(ROOT + "/") and not path.startswith(build + "/")}
        self.assertIn(os.path.join(ROOT, "docs", "reference", "bourse.schema.json"), sources)
        stage = re.search(r"(?ms)^FROM toolchain AS build$(.*?)^FROM ", self.text)[1]
        copied = [word for line in re.findall(r"(?m)^COPY (.*)$", stage) for word in line.split()[:-1]]
        for path in sources:
            name = os.path.relpath(path, ROOT)
            self.assertTrue(any(name == word or name.startswith(word + "/") for word in copied), f"{name} is not in {copied}")

    def test_it_fetches_nothing_but_packages_and_knows_no_secret(self):
        self.assertNotRegex(self.text, r"(?m)^ADD |curl|wget|(?i:password|token|secret)")

    def test_the_list_of_packages_is_that_of_dev(self):
        for which in ("build", "test"):
            self.assertIn(f"sh /dev-command packages {which}", self.text)
            words = subprocess.run([os.path.join(ROOT, "dev"), "packages", which], capture_output=True, text=True,
                                   check=True).stdout.split()
            self.assertIn({"build": "libpistache-dev", "test": "libgtest-dev"}[which], words)

    def test_packages_of_a_day_come_from_where_they_are_kept(self):
        """SNAPSHOT, on the list of sources that Debian's image has."""
        script = re.search(r'(?s)sed -i -E ".*?" \\\n\s+\S+;', self.text)[0]
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "debian.sources")
            with open(path, "w", encoding="utf-8") as file:
                file.write("Types: deb\nURIs: http://deb.debian.org/debian\nSuites: bookworm bookworm-updates\n\n"
                           "Types: deb\nURIs: http://deb.debian.org/debian-security\nSuites: bookworm-security\n")
            subprocess.run(["sh", "-c", script.replace("/etc/apt/sources.list.d/debian.sources", path)], check=True,
                           env={**os.environ, "SNAPSHOT": "20261101T000000Z"})
            with open(path, encoding="utf-8") as file:
                text = file.read()
        at = "URIs: http://snapshot.debian.org/archive/%s/20261101T000000Z/\nCheck-Valid-Until: no\nSuites: "
        self.assertEqual([text.count(at % name) for name in ("debian", "debian-security")], [1, 1], text)

    def test_what_changes_with_each_version_comes_last(self):
        self.assertLess(self.last.index("COPY --link --from=files /system /"),
                        self.last.index("COPY --link --from=files /install /"))
        self.assertLess(self.last.index("/install /"), self.last.index("ARG VERSION"))

    def test_only_what_is_named_reaches_the_build(self):
        lines = [line for line in read(".dockerignore").splitlines() if line and not line.startswith("#")]
        self.assertEqual(lines[0], "*")
        for word in ("docker/.*", "docker/plugins", "docker/secrets", "docker/tls", "**/*.key", "**/*.pem"):
            self.assertGreater(lines.index(word), lines.index("!docker"))
        for word in ("!.git", "!build", "!*"):
            self.assertNotIn(word, lines)
        for folder in re.findall(r"(?m)^COPY (?!--)(\S+) ", self.text):
            if folder != ".":
                self.assertIn("!" + folder.split("/")[0], lines)


class Command(unittest.TestCase):
    """./dev container where no engine is: a word, and a failure."""

    def run_with(self, fake, *command):
        """What is run (or `command`), and whether a package was asked for on the way."""
        with tempfile.TemporaryDirectory() as folder:
            for tool in ("sh", "dirname"):
                os.symlink(shutil.which(tool), os.path.join(folder, tool))
            if fake is not None:
                path = os.path.join(folder, "docker")
                with open(path, "w", encoding="utf-8") as file:
                    file.write("#!/bin/sh\n" + fake)
                os.chmod(path, 0o755)
            asked = os.path.join(folder, "dpkg-query")
            with open(asked, "w", encoding="utf-8") as file:
                file.write(f"#!/bin/sh\n: >{folder}/asked\necho installed\n")
            os.chmod(asked, 0o755)
            done = subprocess.run(command or [os.path.join(ROOT, "tests", "docker", "run")], capture_output=True, text=True,
                                  timeout=60, check=False, env={"PATH": folder})
            self.asked_for_packages = os.path.exists(os.path.join(folder, "asked"))
            return done

    def test_without_the_command_it_says_so(self):
        done = self.run_with(None)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no container engine here", done.stderr)

    def test_nothing_is_installed_before_there_is_an_engine(self):
        done = self.run_with(None, os.path.join(ROOT, "dev"), "container")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no container engine here", done.stderr)
        self.assertFalse(self.asked_for_packages)

    def test_without_an_answer_it_says_what_the_engine_said(self):
        # `docker info` ends well without a daemon; `docker version` does not.
        done = self.run_with('case $1 in info) exit 0 ;; esac\necho "Cannot connect to the daemon" >&2\nexit 1\n')
        self.assertEqual(done.returncode, 1)
        self.assertIn("does not answer: Cannot connect to the daemon", done.stderr)

    def test_without_compose_or_buildx_it_names_what_is_missing(self):
        for missing in ("compose", "buildx"):
            done = self.run_with(f'case $1 in {missing}) exit 1 ;; esac\n')
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"docker {missing} is missing", done.stderr)


class Compose(unittest.TestCase):
    production = yaml.safe_load(read("docker/compose.prod.yaml"))
    trying = yaml.safe_load(read("docker/compose.yaml"))
    monitoring = yaml.safe_load(read("docker/compose.monitoring.yaml"))
    history = yaml.safe_load(read("docker/compose.history.yaml"))
    database = yaml.safe_load(read("docker/compose.postgres.yaml"))

    def test_every_container_is_hardened(self):
        services = {**self.monitoring["services"], **self.database["services"], **self.production["services"], **self.trying["services"]}
        self.assertEqual(sorted(services), ["bourse", "bourse-1", "bourse-2", "grafana", "nginx", "postgres", "prometheus"])
        for name, service in services.items():
            with self.subTest(name):
                self.assertIs(service["read_only"], True)
                self.assertEqual(service["cap_drop"], ["ALL"])
                self.assertNotIn("cap_add", service)
                self.assertNotIn("privileged", service)
                self.assertEqual(service["security_opt"], ["no-new-privileges:true"])
                self.assertLessEqual(service["pids_limit"], 128)
                self.assertIn("mem_limit", service)
                self.assertEqual(set(service["logging"]["options"]) & {"max-size", "max-file"}, {"max-size", "max-file"})
                self.assertIn("stop_grace_period", service)

    def test_nginx_has_room_for_its_workers_twice_as_while_it_reloads(self):
        workers = int(directive("worker_processes", "docker/nginx/nginx.conf"))
        self.assertLess(2 * workers + 10, self.production["services"]["nginx"]["pids_limit"])

    def test_only_nginx_is_published(self):
        self.assertEqual([n for n, s in self.production["services"].items() if "ports" in s], ["nginx"])
        for service in (self.trying["services"]["bourse"], *self.monitoring["services"].values(), *self.database["services"].values()):
            for port in service.get("ports", []):
                self.assertTrue(port.startswith("127.0.0.1:"))

    def test_monitoring_reaches_the_servers_and_nobody_reaches_them_through_it(self):
        services = self.monitoring["services"]
        self.assertEqual(sorted(services), ["bourse-1", "bourse-2", "grafana", "prometheus"])
        for name in SERVERS:
            self.assertEqual(services[name], {"environment": {"BOURSE_ADMIN": "0.0.0.0:9090"}})
        scraped, = yaml.safe_load(read("docker/prometheus/prometheus.yml"))["scrape_configs"][0]["static_configs"]
        self.assertEqual(scraped["targets"], [f"{name}:9090" for name in SERVERS])
        self.assertEqual(services["prometheus"]["networks"], ["inside", "monitoring"])
        self.assertEqual(services["grafana"]["networks"], ["monitoring"])

    def test_a_history_is_kept_where_the_image_may_write(self):
        folder, = re.findall(r"STATE_DIRECTORY=(\S+)", Dockerfile.last)
        self.assertIn(f"config/history.yaml /install{'/etc/bourse/'}", Dockerfile.text)
        self.assertEqual(sorted(self.history["services"]), list(SERVERS))
        for name in SERVERS:
            service = self.history["services"][name]
            config = service["environment"]["BOURSE_CONFIG"]
            self.assertEqual(config, "/etc/bourse/history.yaml")
            self.assertEqual(service["command"], ["serve", config])
            self.assertEqual(service["environment"]["BOURSE_DATABASE"], f"${{BOURSE_DATABASE:-sqlite:{folder}/history.db}}")
            self.assertTrue(any(volume.endswith(":" + folder) for volume in self.production["services"][name]["volumes"]))

    def test_the_database_is_reached_by_the_servers_and_by_nobody_else(self):
        services = self.database["services"]
        self.assertEqual(sorted(services), [*SERVERS, "postgres"])
        self.assertEqual(services["postgres"]["networks"], ["database"])
        self.assertIs(self.database["networks"]["database"]["internal"], True)
        self.assertNotIn("ports", services["postgres"])
        for name in SERVERS:
            self.assertEqual(services[name]["networks"], {"database": {}})
            # They answer without it.
            self.assertNotIn("depends_on", services[name])
            self.assertIn("@postgres/bourse?", services[name]["environment"]["BOURSE_DATABASE"])

    def test_the_databases_password_is_in_files_that_one_user_each_may_read(self):
        text = read("docker/compose.postgres.yaml")
        self.assertNotRegex(text, r"PASSWORD: ")
        for name in SERVERS:
            self.assertEqual(self.database["services"][name]["environment"]["BOURSE_DATABASE_PASSWORD_FILE"], "/run/secrets/database_password")
            self.assertEqual(self.database["services"][name]["secrets"], ["database_password"])
        postgres = self.database["services"]["postgres"]
        self.assertEqual(postgres["environment"]["POSTGRES_PASSWORD_FILE"], "/run/secrets/postgres_password")
        self.assertEqual(postgres["secrets"], ["postgres_password"])
        user = postgres["user"].split(":")[0]
        for owner, file in (("10001", "database_password"), (user, "postgres_password")):
            self.assertIn(f"install -m 400 -o {owner} -g {owner} /dev/stdin secrets/{file}", read("docs/howto/deploy.md"))
        self.assertIn("pg_isready", postgres["healthcheck"]["test"])

    def test_nginx_cannot_reach_out_and_the_servers_cannot_be_reached(self):
        networks = {name: set(s["networks"]) for name, s in self.production["services"].items()}
        self.assertEqual(networks, {"bourse-1": {"inside", "outside"}, "bourse-2": {"inside", "outside"},
                                    "nginx": {"edge", "inside"}})
        self.assertIs(self.production["networks"]["inside"]["internal"], True)

    def test_nginx_knows_the_servers_whether_they_run_or_not(self):
        """Docker's names are those of what runs; without these, nginx would not start beside a server that does not."""
        fixed = [f"{name}:{self.production['services'][name]['networks']['inside']['ipv4_address']}" for name in SERVERS]
        self.assertEqual(self.production["services"]["nginx"]["extra_hosts"], fixed)
        self.assertEqual(re.findall(r"(?m)^\s*server (\S+):8080 ", read("docker/nginx/nginx.conf")), list(SERVERS))

    def test_clients_are_told_apart_by_their_addresses(self):
        """Published for IPv6, all of them would have one: that of the engine's bridge."""
        for path in ("docker/compose.prod.yaml", "docker/compose.tls.yaml"):
            for port in yaml.safe_load(read(path))["services"]["nginx"]["ports"]:
                self.assertTrue(port.startswith("${HTTP_ADDRESS:-0.0.0.0}:"), port)

    def test_it_starts_on_a_machine_with_one_processor(self):
        """An engine refuses to give more than there are."""
        for name in SERVERS:
            default = re.fullmatch(r"\$\{BOURSE_CPUS:-(.+)\}", str(self.production["services"][name]["cpus"]))[1]
            self.assertLessEqual(float(default), 1)

    def test_nginx_is_of_a_stable_branch_that_knows_what_it_is_told(self):
        image = re.fullmatch(r"\$\{NGINX_IMAGE:-nginx:(\d+)\.(\d+)-alpine@sha256:[0-9a-f]{64}\}", self.production["services"]["nginx"]["image"])
        major, minor = int(image[1]), int(image[2])
        self.assertGreaterEqual((major, minor), (1, 26))  # `http2 on`
        self.assertEqual(minor % 2, 0, "an odd number is a branch that ends when the next one begins")

    def test_nginx_starts_when_the_servers_are_healthy(self):
        self.assertEqual(self.production["services"]["nginx"]["depends_on"],
                         {name: {"condition": "service_healthy"} for name in SERVERS})
        self.assertIn("healthcheck", self.production["services"]["nginx"])

    def test_the_image_and_the_source_of_data_are_never_guessed(self):
        for name in SERVERS:
            service = self.production["services"][name]
            self.assertRegex(service["image"], r"\A\$\{BOURSE_IMAGE:\?.*\}\Z")
            self.assertRegex(service["environment"]["BOURSE_SOURCE"], r"\A\$\{BOURSE_SOURCE:\?.*\}\Z")

    def test_the_two_servers_differ_in_nothing_but_their_address_and_memory(self):
        one, two = (dict(self.production["services"][name]) for name in SERVERS)
        self.assertNotEqual(one.pop("networks"), two.pop("networks"))
        (plugins, state), (same_plugins, other_state) = one.pop("volumes"), two.pop("volumes")
        self.assertEqual(one, two)
        self.assertEqual(plugins, same_plugins)
        self.assertTrue(plugins.endswith(":/usr/local/lib/bourse/plugins:ro"))
        # What is remembered is written where the image says, into a volume of its own.
        folder, = re.findall(r"STATE_DIRECTORY=(\S+)", Dockerfile.last)
        names = [volume.removesuffix(":" + folder) for volume in (state, other_state)]
        self.assertEqual(sorted(names), sorted(self.production["volumes"]))

    def test_what_is_for_operators_stays_inside(self):
        config = yaml.safe_load(read("config/production.yaml"))
        self.assertEqual(config["server"]["admin"], "${BOURSE_ADMIN:-127.0.0.1:9090}")
        for name in SERVERS:
            service = self.production["services"][name]
            self.assertEqual(service["environment"]["BOURSE_ADMIN"], "${BOURSE_ADMIN:-127.0.0.1:9090}")
            self.assertFalse({"ports", "expose"} & set(service))
        self.assertNotIn("9090", read("docker/Dockerfile"))
        for folder, _, names in os.walk(os.path.join(ROOT, "docker", "nginx")):
            for name in names:
                self.assertNotIn("9090", read(os.path.join(folder, name)), name)

    def test_keys_are_files_not_values(self):
        keys = yaml.safe_load(read("docker/compose.keys.yaml"))
        for name in SERVERS:
            service = keys["services"][name]
            for variable, value in service["environment"].items():
                self.assertTrue(variable.endswith("_FILE"))
                self.assertEqual(value, f"/run/secrets/{variable.removesuffix('_FILE').lower()}")
            self.assertEqual(sorted(service["secrets"]), sorted(keys["secrets"]))
        for secret in keys["secrets"].values():
            self.assertEqual(list(secret), ["file"])

    def test_every_variable_is_in_the_example_and_in_the_how_to(self):
        example, how_to = read("docker/example.env"), read("docs/howto/deploy.md")
        for file in ("compose.prod.yaml", "compose.tls.yaml", "compose.keys.yaml", "compose.monitoring.yaml"):
            text = re.sub(r"(?m)^\s*#.*", "", read("docker/" + file))
            for name in set(re.findall(r"\$\{([A-Z_]+)", text)) :
                self.assertRegex(example, rf"(?m)^#?{name}=", file)
                self.assertIn(f"`{name}`", how_to, file)

    def test_the_example_holds_no_other_variables_and_no_keys(self):
        used = "".join(read("docker/" + name) for name in os.listdir(os.path.join(ROOT, "docker"))
                       if name.endswith(".yaml"))
        for name in re.findall(r"(?m)^#?([A-Z_]+)=", read("docker/example.env")):
            if name != "COMPOSE_FILE":
                self.assertIn("${" + name, used + read("docker/upgrade"))


class Times(unittest.TestCase):
    """Who waits for whom: each must give up before the one that waits for it."""
    config = yaml.safe_load(read("config/production.yaml"))
    production = yaml.safe_load(read("docker/compose.prod.yaml"))

    def test_an_answer_comes_before_nginx_gives_up(self):
        self.assertLess(seconds(self.config["defaults"]["deadline"]),
                        seconds(directive("proxy_read_timeout", "docker/nginx/nginx.conf").split(" ")[0]))

    def test_nginx_closes_idle_connections_first(self):
        kept, = re.findall(r"(?m)^    keepalive_timeout (\w+);", read("docker/nginx/nginx.conf"))
        self.assertLess(seconds(kept), seconds(self.config["server"]["idle-timeout"]))

    def test_a_server_has_time_to_end(self):
        shutdown = self.config["server"]["shutdown"]
        for name in SERVERS:
            self.assertLess(seconds(shutdown["delay"]) + seconds(shutdown["grace"]),
                            seconds(self.production["services"][name]["stop_grace_period"]))

    def test_what_a_server_may_hold_is_less_than_what_it_is_given(self):
        """The sum that production.yaml states. 120 MB for a picture of 12 million pixels: docs/howto/deploy.md, Sizing."""
        units = {"KiB": 1 << 10, "MiB": 1 << 20, "m": 1 << 20}

        def size(text):
            number, unit = re.fullmatch(r"(\d+)([A-Za-z]+)", str(text)).groups()
            return int(number) * units[unit]

        def default(text):
            return re.fullmatch(r"\$\{\w+:-(.+)\}", str(text))[1]

        server = self.config["server"]
        workers = int(default(server["workers"]))
        pictures = [route["params"] for route in self.config["routes"] if "png" in str(route.get("formats", route.get("format")))]
        for params in pictures:
            pixels = params["width"]["max"] * params["height"]["max"] * params["scale"]["max"] ** 2
            self.assertLessEqual(pixels, 12_000_000)
        self.assertTrue(pictures)
        held = (40 << 20) + size(server["memory"]) + size(server["cache"]["memory"]) + \
            workers * (120_000_000 + size(server["max-response"]))
        for name in SERVERS:
            service = self.production["services"][name]
            self.assertLess(held, size(default(service["mem_limit"])))
            self.assertEqual(default(service["environment"]["BOURSE_WORKERS"]), str(workers))

    def test_a_server_believes_the_network_that_nginx_is_in(self):
        proxies = self.config["server"]["trusted-proxies"]
        self.assertEqual(proxies["from"], ["${BOURSE_PROXIES:-172.16.83.0/24}"])
        self.assertEqual(self.production["networks"]["inside"]["ipam"]["config"][0]["subnet"], "${BOURSE_SUBNET:-172.16.83}.0/24")
        for name in SERVERS:
            self.assertEqual(self.production["services"][name]["environment"]["BOURSE_PROXIES"],
                             "${BOURSE_SUBNET:-172.16.83}.0/24")
        self.assertIn("proxy_set_header X-Forwarded-For $remote_addr;", read("docker/nginx/include/proxy.conf"))

    def test_nginx_writes_only_where_it_can(self):
        tmpfs = [entry.split(":")[0] for entry in self.production["services"]["nginx"]["tmpfs"]]
        for path in re.findall(r"(?m)^\s*(?:pid|\w+_temp_path) (\S+);", read("docker/nginx/nginx.conf")):
            self.assertTrue(path.startswith("/tmp/"), path)
        self.assertEqual(tmpfs, ["/tmp", "/etc/nginx/conf.d"])


class Production(unittest.TestCase):
    def check(self, environment, path=os.path.join(ROOT, "config", "production.yaml")):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("BOURSE", "BINANCE"))}
        return subprocess.run([BOURSE, "check", path, "--plugins", PLUGINS],
                              capture_output=True, text=True, timeout=60, check=False, env={**clean, **environment})

    def test_the_configuration_is_good(self):
        done = self.check({"BOURSE_SOURCE": "synthetic"})
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_with_a_history_it_is_good_too(self):
        with tempfile.TemporaryDirectory() as folder:
            for database, password in (("sqlite:" + os.path.join(folder, "history.db"), ""), ("postgresql:///none?host=" + folder, "value")):
                file = os.path.join(folder, "password")
                with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as text:
                    text.write(password)
                done = self.check({"BOURSE_SOURCE": "synthetic", "BOURSE_DEFAULT_SOURCE": "kept", "BOURSE_DATABASE": database,
                                   **({"BOURSE_DATABASE_PASSWORD_FILE": file} if password else {})}, os.path.join(ROOT, "config", "history.yaml"))
                self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_it_does_not_start_without_being_told_where_data_comes_from(self):
        done = self.check({})
        self.assertEqual(done.returncode, 1)
        self.assertIn("BOURSE_SOURCE", done.stderr)

    def test_an_account_is_added_as_the_how_to_says(self):
        """Its two pieces of YAML, put into the configuration that ships."""
        blocks = re.findall(r"(?ms)^```yaml\n(.*?)^```", read("docs/howto/deploy.md"))
        sources, = (block for block in blocks if block.startswith("sources:"))
        routes, = (block for block in blocks if block.startswith("routes:"))
        config = yaml.safe_load(read("config/production.yaml"))
        config["sources"] = yaml.safe_load(sources)["sources"]
        config["routes"] += yaml.safe_load(routes)["routes"]
        with tempfile.TemporaryDirectory() as folder:
            key, token, path = (os.path.join(folder, name) for name in ("binance_key", "token", "my.yaml"))
            for name, text in ((key, "api_key=value-of-key\nsecret=value-of-secret\n"),
                               (token, "f" * 64 + "\n"), (path, yaml.safe_dump(config))):
                with open(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
                    file.write(text)
            done = self.check({"BINANCE_KEY_FILE": key, "BOURSE_ACCESS_TOKEN_FILE": token, "STATE_DIRECTORY": folder}, path)
            self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
            done = self.check({"BINANCE_KEY_FILE": key, "STATE_DIRECTORY": folder}, path)
            self.assertIn("BOURSE_ACCESS_TOKEN", done.stderr)

    def test_texts_and_files_are_added_as_the_how_to_says(self):
        block, = (block for block in re.findall(r"(?ms)^```yaml\n(.*?)^```", read("docs/howto/deploy.md")) if "robots.txt" in block)
        config = yaml.safe_load(read("config/production.yaml"))
        config["routes"] += yaml.safe_load(block)["routes"]
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "site"))
            for name, text in (("site/favicon.svg", "<svg/>"), ("site/index.html", "<h1>"), ("my.yaml", yaml.safe_dump(config))):
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
            done = self.check({"BOURSE_SOURCE": "synthetic"}, os.path.join(folder, "my.yaml"))
            self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)

    def test_it_serves_every_format_there_is(self):
        done = subprocess.run([BOURSE, "plugins", PLUGINS], capture_output=True, text=True, timeout=60, check=True)
        text = read("config/production.yaml")
        for form in re.findall(r"(?m)^ +serializer +([a-z0-9-]+)", done.stdout):
            self.assertRegex(text, rf"formats?: .*\b{form}\b", "a format that no route offers")

    def test_logs_are_json(self):
        self.assertEqual(yaml.safe_load(read("config/production.yaml"))["log"]["format"], "json")


class Digests(unittest.TestCase):
    """What is run and built on is named by its content, and something looks for newer content."""
    PLACES = ("docker/Dockerfile", "docker/upgrade", *(f"docker/{name}" for name in sorted(os.listdir(os.path.join(ROOT, "docker")))
                                                       if name.startswith("compose.")),
              "tests/docker/engine/engine.py", "tests/docker/engine/production_test.py",
              *(f".github/workflows/{name}" for name in sorted(os.listdir(os.path.join(ROOT, ".github", "workflows")))))

    def images(self, path):
        """As they are written where something is run or built on."""
        text = re.sub(r"(?m)^\s*#.*", "", read(path))
        for image in re.findall(r"(?m)^\s*(?:-\s*)?(?:image|container): ([^{\s#]\S*)|^ARG BASE=(\S+)|^cosign_image=(\S+)|^REGISTRY = \"(\S+)\"",
                                text):
            image = "".join(image)
            yield re.sub(r"\A\$\{\w+:-(.*)\}\Z", r"\1", image)

    def test_every_image_is_named_by_its_digest(self):
        own = {"bourse:local", "bourse:scan"}
        for path in self.PLACES:
            for image in self.images(path):
                if image in own or image.startswith(("${BOURSE_IMAGE", "${{", "scanned")):
                    continue
                with self.subTest(path):
                    self.assertRegex(image, r"\A[a-z0-9./-]+:[\w.-]+@sha256:[0-9a-f]{64}\Z")

    def test_one_image_has_one_digest(self):
        found = {}
        for path in self.PLACES:
            for name, digest in re.findall(r"([a-z0-9./-]+:[\w.-]+)@(sha256:[0-9a-f]{64})", read(path)):
                self.assertEqual(found.setdefault(name, digest), digest, path)
        self.assertGreaterEqual(len(found), 6)

    def test_every_digest_is_looked_after(self):
        manager, = json.loads(read(".github/renovate.json"))["customManagers"]
        pattern = manager["matchStrings"][0].replace("(?<", "(?P<")
        files = [re.compile(text[1:-1]) for text in manager["managerFilePatterns"]]
        for path in self.PLACES:
            text = read(path)
            digests = re.findall(r"sha256:[0-9a-f]{64}", text)
            self.assertEqual([match["currentDigest"] for match in re.finditer(pattern, text)], digests, path)
            if digests:
                self.assertTrue(any(file.search(path) for file in files), path)
        self.assertIn("github-actions", json.loads(read(".github/renovate.json"))["enabledManagers"])


class Workflows(unittest.TestCase):
    files = {name: yaml.safe_load(read(f".github/workflows/{name}"))
             for name in sorted(os.listdir(os.path.join(ROOT, ".github", "workflows")))}

    def jobs(self):
        for name, workflow in self.files.items():
            for job_name, job in workflow["jobs"].items():
                yield f"{name}: {job_name}", workflow, job

    def test_nothing_is_permitted_that_a_job_does_not_ask_for(self):
        wider = {}
        for where, workflow, job in self.jobs():
            self.assertEqual(workflow["permissions"], {}, where)
            self.assertEqual(job["permissions"]["contents"], "read", where)
            wider[where] = {k for k, v in job["permissions"].items() if v == "write"}
        self.assertEqual({where: what for where, what in wider.items() if what},
                         {"release.yml: image": {"packages", "id-token"}, "security.yml: code": {"security-events"},
                          "security.yml: image": {"security-events"}, "security.yml: published": {"security-events"}})

    def test_every_job_ends(self):
        for where, _, job in self.jobs():
            self.assertLessEqual(job["timeout-minutes"], 120, where)

    def test_actions_are_pinned_by_commit(self):
        for name in self.files:
            for action in re.findall(r"uses: (\S+)", read(f".github/workflows/{name}")):
                self.assertRegex(action, r"\A[\w./-]+@[0-9a-f]{40}\Z")

    def test_what_is_published_is_signed_as_upgrade_reads_it(self):
        steps = self.files["release.yml"]["jobs"]["image"]["steps"]
        installer, = [step for step in steps if step.get("uses", "").startswith("sigstore/cosign-installer@")]
        publish, = [step["run"] for step in steps if step.get("id") == "publish"]
        # First what it is, then the signature, then the names that people follow.
        places = [publish.index(words) for words in ("exit 1", 'cosign sign --yes "$image@$DIGEST"', '"${tags[@]}" "$image@$DIGEST"')]
        self.assertEqual(places, sorted(places))
        upgrade = read("docker/upgrade")
        self.assertIn(f":{installer['with']['cosign-release']}@sha256:", upgrade)
        self.assertIn("/\\.github/workflows/release\\.yml@", upgrade)
        self.assertIn("refs/(heads/main|tags/v[0-9.]+)", upgrade)
        self.assertEqual(self.files["release.yml"][True]["push"], {"branches": ["main"], "tags": ["v[0-9]+.[0-9]+.[0-9]+"]})

    def test_a_checkout_leaves_no_token_behind(self):
        for where, _, job in self.jobs():
            for step in job["steps"]:
                if step.get("uses", "").startswith("actions/checkout@"):
                    self.assertIs(step["with"]["persist-credentials"], False, where)

    def test_no_script_is_made_of_what_others_wrote(self):
        """${{ }} is put into a script before the shell reads it: names of branches, inputs and secrets go through env."""
        for where, _, job in self.jobs():
            for step in job["steps"]:
                self.assertNotIn("${{", step.get("run", ""), where)

    def test_pull_requests_push_nothing(self):
        for name, workflow in self.files.items():
            if "pull_request" in workflow[True]:  # YAML reads the key `on` so
                for job in workflow["jobs"].values():
                    if job.get("if") != "github.event_name == 'schedule'":
                        self.assertNotIn("packages", job["permissions"], name)
                    self.assertNotEqual(job["permissions"].get("packages"), "write", name)
                    self.assertNotIn("secrets.", str(job), name)
        self.assertEqual(set(self.files["release.yml"][True]), {"push"})

    def test_what_is_published_was_tested(self):
        steps = self.files["release.yml"]["jobs"]["image"]["steps"]
        names = [step.get("name", step.get("uses")) for step in steps]
        login = next(i for i, step in enumerate(steps) if step.get("uses", "").startswith("docker/login-action"))
        order = [names.index("Run all tests on the toolchain of the image"), names.index("Build"),
                 names.index("Test the image"), login, names.index("Publish what was tested")]
        self.assertEqual(order, sorted(order))
        publish = steps[order[-1]]["run"]
        self.assertNotIn("buildx build", publish)
        # The tags that people follow come after the comparison, and from what was compared.
        places = [publish.index(words) for words in ('"$STAGING@$DIGEST"', 'published=$(', "exit 1", '"${tags[@]}" "$image@$DIGEST"')]
        self.assertEqual(places, sorted(places))

    def test_no_test_is_left_out_for_want_of_root(self):
        """Plugins and keys must have certain owners; a test of them that cannot give them away is skipped."""
        for name, job in (("ci.yml", "container"), ("release.yml", "image")):
            scripts = [step.get("run", "") for step in self.files[name]["jobs"][job]["steps"]]
            self.assertEqual(len(re.findall(r"sudo --set-home .*(?:\./dev container|tests/docker/run)", "".join(scripts))), 1, name)
        test, = [step for step in self.files["release.yml"]["jobs"]["image"]["steps"] if step.get("name") == "Test the image"]
        self.assertIn("BOURSE_BUILD_IMAGE", test["env"])

    def test_what_is_published_and_deployed_is_scanned(self):
        job = self.files["security.yml"]["jobs"]["published"]
        self.assertEqual(job["strategy"]["matrix"]["what"], ["bourse", "nginx"])
        script, = [step["run"] for step in job["steps"] if "run" in step]
        # Its way of finding out which nginx that is, on the file as it is.
        sed = re.search(r"image=\$\((sed .*)\)\n", script)[1]
        found = subprocess.run(["sh", "-c", sed], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        self.assertRegex(found, r"\Anginx:[\d.]+-alpine@sha256:[0-9a-f]{64}\n\Z")


if __name__ == "__main__":
    unittest.main()
