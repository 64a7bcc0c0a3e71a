# SPDX-License-Identifier: MIT
"""The image: what is in it, what it may do, how it starts and ends."""
import gzip
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
import time
import unittest
import zlib

import engine
from engine import docker, inspect

COMPRESSED_BYTES_MAX = 60_000_000


def compressed_size(blob):
    """What a registry shows: layers are compressed there, and may or may not be in an engine's store."""
    return len(blob) if blob[:2] == b"\x1f\x8b" else len(gzip.compress(blob, 6))


class Image(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.mkdtemp(prefix="bourse-image-")
        cls.addClassCleanup(shutil.rmtree, folder)
        path = os.path.join(folder, "image.tar")
        docker("save", "--output", path, engine.IMAGE)
        cls.layers, cls.entries = [], {}
        with tarfile.open(path) as archive:
            for layer in json.load(archive.extractfile("manifest.json"))[0]["Layers"]:
                blob = archive.extractfile(layer).read()
                cls.layers.append(compressed_size(blob))
                with tarfile.open(fileobj=io.BytesIO(blob)) as content:
                    cls.entries.update({entry.name.strip("./"): entry for entry in content.getmembers()})
        cls.config = json.loads(docker("image", "inspect", engine.IMAGE).stdout)[0]["Config"]

    def test_it_is_small(self):
        engine.note(layers=[f"{size / 1e6:.1f} MB" for size in self.layers], compressed=f"{sum(self.layers) / 1e6:.1f} MB")
        self.assertLessEqual(sum(self.layers), COMPRESSED_BYTES_MAX)

    def test_it_holds_no_tools(self):
        programs = [name for name, entry in self.entries.items()
                    if entry.isfile() and entry.mode & 0o111 and ".so" not in os.path.basename(name)]
        self.assertEqual(programs, ["usr/bin/bourse"])

    def test_nothing_is_set_uid_or_writable_by_others(self):
        for name, entry in self.entries.items():
            self.assertFalse(entry.mode & 0o6000, name)
            if not entry.issym() and name != "tmp":
                self.assertFalse(entry.mode & 0o002, name)
            owner = 10001 if name == "var/lib/bourse" else 0
            self.assertEqual((entry.uid, entry.gid), (owner, owner), name)
        self.assertEqual(self.entries["var/lib/bourse"].mode & 0o777, 0o700)

    def test_it_carries_what_scanners_and_lawyers_look_for(self):
        for package in ("libc6", "libssl3", "libstdc++6", "libpistache0", "ca-certificates", "base-files"):
            found = [name for name in self.entries if name.startswith(f"var/lib/dpkg/status.d/{package}")]
            self.assertTrue(found, package)
        self.assertIn("usr/share/doc/bourse/copyright", self.entries)
        self.assertIn("usr/share/doc/libssl3/copyright", self.entries)
        self.assertIn("usr/lib/os-release", self.entries)
        self.assertGreater(self.entries["etc/ssl/certs/ca-certificates.crt"].size, 100_000)

    def test_no_key_and_no_source_is_in_it(self):
        for name in self.entries:
            self.assertNotRegex(name, r"\.(cpp|hpp|h|o|a|pem|key|env|git)$")

    def test_its_description_says_who_it_is(self):
        self.assertEqual(self.config["User"], "10001:10001")
        self.assertEqual(self.config["Entrypoint"], ["/usr/bin/bourse"])
        self.assertEqual(self.config["Healthcheck"]["Test"], ["CMD", "/usr/bin/bourse", "health"])
        self.assertIn("/usr/local/lib/bourse/plugins", self.config["Volumes"])
        for label in ("title", "description", "licenses", "version", "revision", "source", "base.name"):
            self.assertTrue(self.config["Labels"]["org.opencontainers.image." + label], label)

    def test_all_plugins_load(self):
        done = docker("run", "--rm", *engine.HARDENED, "--network", "none", engine.IMAGE, "plugins")
        shipped = sorted(name for name in self.entries if name.endswith(".so") and name.startswith("usr/lib/bourse/plugins/"))
        shown = sorted(path.lstrip("/") for path in re.findall(r"^bourse\.\S+ \S+ +(\S+\.so)$", done.stdout, re.MULTILINE))
        self.assertEqual(shown, shipped)
        for component in ("source     binance", "analysis   account"):
            self.assertIn(component + ":", done.stdout)
        self.assertEqual(done.stderr, "")

    def test_its_configurations_are_good(self):
        for file in ("bourse.yaml", "production.yaml", "history.yaml"):
            done = docker("run", "--rm", *engine.HARDENED, "--network", "none", "--env", "BOURSE_SOURCE=synthetic",
                          engine.IMAGE, "check", f"/etc/bourse/{file}")
            self.assertIn("good:", done.stdout)
            self.assertEqual(done.stderr, "")

    def test_every_format_can_be_written(self):
        """The fonts, the libraries: all that only shows when it is used."""
        formats = re.findall(r"(?m)^ +serializer +(\w+)", docker("run", "--rm", engine.IMAGE, "plugins").stdout)
        self.assertGreaterEqual(len(formats), 3)
        for form in formats:
            made = docker("create", *engine.HARDENED, "--network", "none", engine.IMAGE, "run", "technical", "--use",
                          "synthetic", "--symbol", "BTCUSDT", "--format", form).stdout.strip()
            self.addCleanup(docker, "rm", "--force", made)
            # Bytes, not text: PNG is one of them.
            done = subprocess.run(["docker", "start", "--attach", made], capture_output=True, timeout=60, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, b""), form)
            self.assertGreater(len(done.stdout), 1000, form)
            if form == "png":
                self.check_png(done.stdout)

    def check_png(self, data):
        """A whole picture. Without fonts or their cache, fontconfig would have said so on standard error."""
        self.assertEqual(data[:8], b"\x89PNG\r\n\x1a\n")
        pixels = zlib.decompress(b"".join(
            data[at + 8:at + 8 + int.from_bytes(data[at:at + 4], "big")]
            for at in self.chunks(data) if data[at + 4:at + 8] == b"IDAT"))
        self.assertGreater(len(set(pixels)), 16)

    @staticmethod
    def chunks(data):
        at = 8
        while at < len(data):
            yield at
            at += 12 + int.from_bytes(data[at:at + 4], "big")


class Hardening(unittest.TestCase):
    """Seen from inside: a busybox is lent to a container that runs like the one in production."""

    @classmethod
    def setUpClass(cls):
        cls.probe = engine.probe_file(cls)
        cls.name = "bourse-test-hardening"
        docker("rm", "--force", cls.name, check=False)
        cls.addClassCleanup(docker, "rm", "--force", "--volumes", cls.name)
        start = time.monotonic()
        docker("run", "--detach", "--name", cls.name, *engine.HARDENED, "--publish", "127.0.0.1:0:8080",
               "--volume", f"{cls.probe}:/busybox:ro", engine.IMAGE)
        cls.port = int(docker("port", cls.name, "8080").stdout.strip().rsplit(":", 1)[1])
        engine.until("an answer", cls.answers)
        engine.note(first_answer=f"{time.monotonic() - start:.2f} s")
        engine.until("healthy", lambda: inspect(cls.name, "{{.State.Health.Status}}") == "healthy")
        engine.note(healthy=f"{time.monotonic() - start:.2f} s")

    @classmethod
    def answers(cls):
        try:
            return engine.ask(cls.port, "/health")[0] == 200
        except (OSError, engine.http.client.HTTPException):
            return False

    def inside(self, *words):
        return docker("exec", self.name, "/busybox", *words, check=False)

    def test_it_is_nobody_in_particular(self):
        status = self.inside("cat", "/proc/1/status").stdout
        self.assertRegex(status, r"(?m)^Uid:\t10001\t10001\t10001\t10001$")
        self.assertRegex(status, r"(?m)^Gid:\t10001\t10001\t10001\t10001$")

    def test_it_has_no_capability_and_cannot_get_one(self):
        status = self.inside("cat", "/proc/1/status").stdout
        for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
            self.assertRegex(status, rf"(?m)^{name}:\t0000000000000000$")
        self.assertRegex(status, r"(?m)^NoNewPrivs:\t1$")
        self.assertRegex(status, r"(?m)^Seccomp:\t2$")

    def test_it_can_write_nowhere(self):
        for folder in ("/", "/tmp", "/etc/bourse", "/usr/bin", "/usr/lib/bourse/plugins", "/usr/local/lib/bourse/plugins", "/var",
                       "/var/lib/bourse"):
            self.assertNotEqual(self.inside("touch", f"{folder}/probe").returncode, 0, folder)

    def test_its_plugins_come_from_memory_that_nobody_can_change(self):
        maps = self.inside("cat", "/proc/1/maps").stdout
        self.assertIn("technical.so", maps)
        self.assertNotIn("rwxp", maps)

    def test_memory_and_processes_are_limited(self):
        read = lambda name: self.inside("cat", f"/sys/fs/cgroup/{name}").stdout.strip()  # noqa: E731
        if not read("memory.max"):  # cgroup v1
            self.assertEqual(read("memory/memory.limit_in_bytes"), str(512 << 20))
            self.assertEqual(read("pids/pids.max"), "128")
        else:
            self.assertEqual((read("memory.max"), read("pids.max")), (str(512 << 20), "128"))

    def test_memory_and_threads(self):
        def status():
            text = self.inside("cat", "/proc/1/status").stdout
            return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024, int(re.search(r"Threads:\s+(\d+)", text)[1])
        idle, _ = status()
        with engine.Load(self.port, clients=8) as load:
            load.more(500)
            busy, threads = status()
        engine.note(idle=f"{idle:.0f} MB", under_load=f"{busy:.0f} MB", threads=threads)
        self.assertEqual(set(load.outcomes), {200})
        if shutil.which("wrk"):  # harder than what these clients can do
            done = subprocess.run(["wrk", "--threads", "2", "--connections", "64", "--duration", "5s",
                                   f"http://127.0.0.1:{self.port}{load.target}"],
                                  capture_output=True, text=True, timeout=60, check=True)
            self.assertNotIn("Non-2xx", done.stdout)
            rate = re.search(r"Requests/sec:\s+(\S+)", done.stdout)[1]
            busy, threads = status()
            engine.note(wrk_64_connections=f"{rate} answers/s", after=f"{busy:.0f} MB", threads=threads)
        self.assertLess(idle, 100)
        self.assertLess(busy, 300)

    def test_zz_it_ends_at_once_and_well_when_told_to(self):
        start = time.monotonic()
        docker("stop", "--time", "20", self.name)
        engine.note(stopped=f"{time.monotonic() - start:.2f} s")
        self.assertEqual(inspect(self.name, "{{.State.ExitCode}}"), "0")


class Exchange(unittest.TestCase):
    """The image's libraries and certificates for asking one; no network is needed for that."""

    def probe(self, *words, network="none"):
        return docker("run", "--rm", *engine.HARDENED, "--network", network, *words, engine.IMAGE, "probe", "--use",
                      "binance", "--timeout", "2", check=False)

    def test_without_a_network_the_name_is_what_is_not_found(self):
        done = self.probe()
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"fail +connection +The name data-api\.binance\.vision cannot be found")
        # Read-only and without a volume, there is nowhere to write a ban down.
        self.assertIn("none, and none could be remembered: /var/lib/bourse/binance-data.block cannot be written: Read-only file system",
                      done.stdout)
        self.assertEqual([line for line in done.stderr.splitlines() if " warn  source_" not in line], [])  # that it fails, in the log too
        done = self.probe("--tmpfs", "/var/lib/bourse:uid=10001,gid=10001,mode=0700")
        self.assertIn("none; remembered in /var/lib/bourse/binance-data.block", done.stdout)

    def test_the_authorities_of_the_image_are_those_that_count(self):
        """A stand-in for the exchange, behind a proxy, is not trusted; and is, once the image's list has it."""
        with engine.StandIn("data-api.binance.vision") as exchange:
            proxy = ("--env", f"HTTPS_PROXY=http://127.0.0.1:{exchange.port}")
            done = self.probe(*proxy, network="host")
            self.assertRegex(done.stdout, r"fail +connection +.*certificate.*")
            self.assertIn("[exchange_not_trusted]", done.stdout)

            made = docker("create", engine.IMAGE).stdout.strip()
            authorities = os.path.join(exchange.folder, "authorities.crt")
            docker("cp", f"{made}:/etc/ssl/certs/ca-certificates.crt", authorities)
            docker("rm", "--volumes", made)
            with open(authorities, "a", encoding="utf-8") as file, open(exchange.certificate, encoding="utf-8") as more:
                self.assertGreater(file.tell(), 100_000)
                file.write(more.read())
            os.chmod(authorities, 0o644)
            done = self.probe(*proxy, "--volume", f"{authorities}:/etc/ssl/certs/ca-certificates.crt:ro", network="host")
            self.assertRegex(done.stdout, r"pass +connection +TLS, certificate trusted", done.stdout)

    def test_a_ban_is_remembered_by_the_next_container(self):
        volume = "bourse-test-state"
        docker("volume", "rm", "--force", volume)
        self.addCleanup(docker, "volume", "rm", "--force", volume)
        mount = ("--volume", f"{volume}:/var/lib/bourse")
        until = int(time.time()) + 3600
        docker("run", "--rm", *engine.HARDENED, *mount, "--volume", f"{engine.probe_file(self)}:/busybox:ro",
               "--entrypoint", "/busybox", engine.IMAGE, "sh", "-c",
               "echo bourse-binance-block 1 data-api.binance.vision:443 banned "
               f"{until}000 > /var/lib/bourse/binance-data.block")
        done = self.probe(*mount)
        self.assertRegex(done.stdout, r"fail +blocks +shut out \(banned\) until")
        self.assertIn("[exchange_banned]", done.stdout)


class Health(unittest.TestCase):
    def test_a_server_that_hangs_is_unhealthy(self):
        name = "bourse-test-hanging"
        docker("rm", "--force", name, check=False)
        self.addCleanup(docker, "rm", "--force", "--volumes", name)
        docker("run", "--detach", "--name", name, "--health-interval", "500ms", "--health-retries", "2",
               "--health-start-period", "0s", *engine.HARDENED, engine.IMAGE)
        engine.until("healthy", lambda: inspect(name, "{{.State.Health.Status}}") == "healthy")
        engine.signal_main("-STOP", name)
        engine.until("unhealthy", lambda: inspect(name, "{{.State.Health.Status}}") == "unhealthy")
        self.assertIn("no answer in time", inspect(name, "{{json .State.Health.Log}}"))


@unittest.skipUnless(os.environ.get("BOURSE_BUILD_IMAGE"), "a plugin is built with the toolchain, which is not built here")
class ThirdPartyPlugin(unittest.TestCase):
    def test_a_plugin_in_the_folder_is_served(self):
        """As docs/howto/deploy.md says it."""
        folder = tempfile.mkdtemp(prefix="bourse-plugin-")
        self.addCleanup(shutil.rmtree, folder)
        os.chmod(folder, 0o755)
        docker("build", "--quiet", "--tag", "bourse-test-plugin", "-", stdin=f"""
FROM {os.environ['BOURSE_BUILD_IMAGE']} AS sdk
RUN cmake --install build/release --prefix /sdk --component sdk && \
    cmake -S sdk/examples/range_c -B /range -G Ninja -D CMAKE_PREFIX_PATH=/sdk -D CMAKE_BUILD_TYPE=Release && \
    cmake --build /range
FROM scratch
COPY --from=sdk /range/range.so /range.so
CMD ["/range.so"]
""")
        made = docker("create", "bourse-test-plugin").stdout.strip()
        docker("cp", f"{made}:/range.so", folder)
        docker("rm", made)
        path = os.path.join(folder, "range.so")
        os.chown(path, os.geteuid(), os.getegid())
        os.chmod(path, 0o644)
        if os.geteuid() != 0:
            self.skipTest("plugins must belong to root: run as root")
        mount = ("--volume", f"{folder}:/usr/local/lib/bourse/plugins:ro")
        done = docker("run", "--rm", *engine.HARDENED, *mount, engine.IMAGE, "run", "range", "--use", "synthetic",
                      "--symbol", "BTCUSDT", "--days", "7", "--format", "json")
        self.assertEqual(json.loads(done.stdout)["values"]["candles"], 7, done.stdout)
        os.chmod(path, 0o666)
        done = docker("run", "--rm", *engine.HARDENED, *mount, engine.IMAGE, "plugins", "/usr/local/lib/bourse/plugins",
                      check=False)
        self.assertIn("chmod o-w", done.stderr)


if __name__ == "__main__":
    unittest.main()
