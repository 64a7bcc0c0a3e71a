# SPDX-License-Identifier: MIT
"""The packages on a clean Debian 12: what an administrator does with them in their life, in that order. By tests/package/run."""
import glob
import os
import re
import shutil
import subprocess
import time
import unittest

from machine import Machine, older

FOLDER = os.environ["BOURSE_PACKAGES"]
DEBIAN = os.environ["BOURSE_ROOT"]
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
INSTALL = "apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0"
OLD = "0.0.9-1"
AWAIT = "curl -sS --retry 20 --retry-connrefused --retry-delay 1 http://127.0.0.1:"  # for who is not told that it serves


def shown(words):
    """The commands that docs/howto/install.md shows, of the block that holds these words."""
    with open(os.path.join(SOURCE, "docs", "howto", "install.md"), encoding="utf-8") as file:
        block, = [block for block in re.findall(r"(?ms)^```sh\n(.*?)^```$", file.read()) if words in block]
    return "set -e\n" + block.replace("apt-get install", INSTALL).replace("./bourse", "/packages/bourse")


def one(pattern):
    path, = glob.glob(os.path.join(FOLDER, pattern))
    return path


def chroot(command):
    subprocess.run(["chroot", DEBIAN, "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "sh", "-ec", command],
                   check=True, stdout=subprocess.DEVNULL)


def setUpModule():
    """Machines have no network: what they install is fetched now, once, and not installed."""
    global TRANSCRIPT
    TRANSCRIPT = open(os.path.join(FOLDER, "transcript.txt"), "w", encoding="utf-8")
    packages = os.path.join(DEBIAN, "packages")
    shutil.rmtree(packages, ignore_errors=True)
    os.makedirs(packages)
    server, dev = one("bourse_*.deb"), one("bourse-dev_*.deb")
    for path in (server, dev):
        shutil.copy(path, packages)
    older(server, OLD, packages, {
        "etc/bourse/bourse.yaml": lambda text: text.replace("seed: 42", "seed: 41"),
        "etc/default/bourse": lambda text: text + "# of the older version\n"})
    shutil.copy("/etc/resolv.conf", os.path.join(DEBIAN, "etc", "resolv.conf"))
    version = os.path.basename(server).split("_")[1]
    chroot(f"""
        ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 || apt-get update -q
        apt-get install -y -q --no-install-recommends --download-only \\
          /packages/bourse_{version}_*.deb /packages/bourse-dev_*.deb cmake g++ make cargo rustc""")


def tearDownModule():
    TRANSCRIPT.close()


class Life(unittest.TestCase):
    """Steps that stand on one another, so the first that fails is the last (--failfast)."""
    systemd = False

    @classmethod
    def setUpClass(cls):
        TRANSCRIPT.write(f"\n==== {cls.__doc__}\n")
        cls.machine = Machine(DEBIAN, cls.systemd, TRANSCRIPT).__enter__()
        cls.addClassCleanup(lambda: cls.machine.end())
        cls.before = cls.files()

    @classmethod
    def files(cls):
        """All that a package or its user could leave behind. Logs, caches and the package manager's own are not."""
        found = cls.machine.run("find / -xdev \\( -path /var/log -o -path /var/cache -o -path /var/lib/dpkg -o -path /var/lib/apt "
                                "-o -path /tmp -o -path /run -o -path /proc -o -path /sys -o -path /dev \\) -prune -o -print", quiet=True)
        return set(found.split("\n"))

    def sh(self, command, **options):
        return self.machine.run(command, **options)

    def get(self, path, port=8080, *options):
        """Status and body."""
        text = self.sh(f"curl -sS -w '\\n%{{http_code}}' {' '.join(options)} 'http://127.0.0.1:{port}{path}'")
        body, _, status = text.rpartition("\n")
        return int(status), body

    def version(self, name="bourse"):
        return self.sh(f"dpkg-query -W -f '${{Version}} ${{db:Status-Status}}' {name}", quiet=True)


VERSION = os.path.basename(one("bourse_*.deb")).split("_")[1]
TOKEN = '-H "Authorization: Bearer $(cat /etc/bourse/secrets/access_token)"'
ROUTE = """  - {path: "/api/v1/spread", run: spread, format: csv, access: {tokens: ["${ACCESS_TOKEN}"]}}\n"""


class WithSystemd(Life):
    """Debian 12 with systemd"""
    systemd = True

    def pid(self):
        return self.sh("systemctl show -P MainPID bourse", quiet=True).strip()

    def active(self):
        return self.sh("systemctl is-active bourse", check=False, quiet=True).strip()

    def enabled(self):
        return self.sh("systemctl is-enabled bourse", check=False, quiet=True).strip()

    def test_01_installed_it_serves_this_machine(self):
        self.sh(f"{INSTALL} /packages/bourse_{OLD}_*.deb")
        self.assertEqual((self.active(), self.enabled()), ("active", "enabled"))
        status, body = self.get("/api/v1/market/statistics")
        self.assertEqual(status, 200)
        self.assertIn('"symbol"', body)
        self.assertEqual(self.sh("bourse health").strip(), "healthy: http://127.0.0.1:8080/health answers 200")
        self.assertRegex(self.sh("ss -ltnH 2>/dev/null || cat /proc/net/tcp", quiet=True), r"0100007F:1F90 00000000:0000 0A|127\.0\.0\.1:8080")

    def test_02_it_runs_as_its_user_without_rights(self):
        text = self.sh(f"grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/{self.pid()}/status")
        user = self.sh("id -u bourse").strip()
        self.assertEqual(dict(line.split(":") for line in re.sub(r"\s*\n", "\n", re.sub(r"[ \t]+", " ", text)).splitlines()), {
            "Uid": f" {user} {user} {user} {user}", "CapEff": " 0000000000000000", "CapBnd": " 0000000000000000",
            "NoNewPrivs": " 1", "Seccomp": " 2"})
        for path, owner in {"/etc/bourse": "root:root 755", "/etc/bourse/bourse.yaml": "root:root 644",
                            "/etc/bourse/secrets": "root:bourse 750", "/var/lib/bourse": "bourse:bourse 700", "/var/log/bourse": "bourse:bourse 750", "/run/bourse": "bourse:bourse 755",
                            "/usr/local/lib/bourse/plugins": "root:root 755"}.items():
            self.assertEqual(self.machine.owner(path), owner, path)
        self.assertRegex(self.sh("getent passwd bourse"), r"^bourse:[^:]*:\d+:\d+:Bourse[^:]*:/var/lib/bourse:/usr/sbin/nologin$")
        self.sh("systemd-analyze --man=no verify bourse.service")
        self.sh("systemd-analyze --no-pager security bourse.service | tail -1")
        self.assertIn("Status: ", self.sh("systemctl status --no-pager bourse"))  # which it told itself

    def test_03_all_plugins_are_loaded_under_these_rules_and_draw(self):
        self.assertNotRegex(self.sh("journalctl -u bourse -o cat --no-pager"), r" (warn|error) ")
        self.assertEqual(self.get("/api/v1/market/statistics?format=png", 8080, "-o", "/dev/null")[0], 200)
        self.assertEqual(self.get("/api/v1/BTCUSDT/technical?format=csv", 8080, "-o", "/dev/null")[0], 200)

    def test_04_it_writes_into_its_own_folders_only_and_runs_no_code_of_them(self):
        """As the kernel has it for the running server."""
        mounts = {line.split()[4]: set(line.split()[5].split(","))
                  for line in self.sh(f"cat /proc/{self.pid()}/mountinfo", quiet=True).splitlines()}
        writable = {path for path, options in mounts.items() if "rw" in options}
        self.assertTrue(writable.isdisjoint({"/", "/etc", "/usr", "/usr/lib", "/home", "/root"}), writable)
        for path in ("/var/lib/bourse", "/var/log/bourse", "/run/bourse", "/tmp", "/var/tmp", "/dev/shm"):
            self.assertLess({"rw", "noexec", "nosuid"}, mounts[path], path)
        # And as a program sees it that is started under the same rules.
        rules = " ".join(f"-p '{line}'" for line in self.machine.read("/usr/lib/systemd/system/bourse.service").splitlines()
                         if re.match(r"(Protect|Private|Restrict|NoNew|Memory|Capab|SystemCall|StateD|LogsD|NoExec|Lock|User|Group|UMask)", line))
        for command, answer in {
                "echo x >/etc/bourse/new": "Read-only file system",
                "echo kept >/var/lib/bourse/new; cat /var/lib/bourse/new; rm /var/lib/bourse/new": "kept",
                "cp /usr/bin/true /var/lib/bourse/x; chmod 755 /var/lib/bourse/x; /var/lib/bourse/x; rm /var/lib/bourse/x": "Permission denied",
                "cp /usr/bin/true /dev/shm/x; chmod 755 /dev/shm/x; /dev/shm/x; rm /dev/shm/x": "Permission denied",
                "unshare -U true": "Operation not permitted", "cat /etc/shadow": "Permission denied"}.items():
            said = self.machine.run(f"systemd-run --quiet --wait --pipe {rules} sh -c '{command}' 2>&1", check=False, quiet=True)
            TRANSCRIPT.write(f"root# systemd-run [the rules of bourse.service] sh -c '{command}'\n{said}")
            self.assertIn(answer, said)

    def test_05_an_administrators_change_lasts(self):
        text = self.machine.read("/etc/bourse/bourse.yaml")
        self.assertIn("seed: 41", text)
        self.machine.write("/etc/bourse/bourse.yaml", text.replace("127.0.0.1:8080", "127.0.0.1:8088"))
        self.sh("bourse check && systemctl restart bourse")
        self.assertEqual(self.get("/health", 8088)[0], 200)

    def test_06_an_upgrade_restarts_it_with_the_same_configuration(self):
        before = self.pid()
        self.sh(f"{INSTALL} /packages/bourse_{VERSION}_*.deb")
        self.assertEqual(self.version(), f"{VERSION} installed")
        self.assertEqual(self.active(), "active")
        self.assertNotEqual(self.pid(), before)
        self.assertEqual(self.get("/health", 8088)[0], 200)
        # Changed here and there: the administrator's stays, the package's is beside it. Changed there only: the package's.
        self.assertIn("seed: 41", self.machine.read("/etc/bourse/bourse.yaml"))
        self.assertIn("seed: 42", self.machine.read("/etc/bourse/bourse.yaml.dpkg-dist"))
        self.assertNotIn("of the older version", self.machine.read("/etc/default/bourse"))
        self.sh("cp /etc/bourse/bourse.yaml.dpkg-dist /etc/bourse/bourse.yaml && rm /etc/bourse/bourse.yaml.dpkg-dist && systemctl restart bourse")

    def test_07_a_plugin_is_built_with_the_sdk_and_served(self):
        self.sh("cd /root\n" + shown("spread_cpp ."))
        self.assertIn("example.spread", self.sh("cd /root\n" + shown("bourse plugins")))

    def test_08_a_changed_configuration_is_taken_by_the_same_process(self):
        before = self.pid()
        self.machine.write("/etc/bourse/bourse.yaml", self.machine.read("/etc/bourse/bourse.yaml") +
                           "  - {path: /api/v1/new, run: symbols, format: json}\n")
        self.assertEqual(self.get("/api/v1/new")[0], 404)
        self.sh(shown("systemctl reload"))
        self.machine.wait_for(lambda: self.get("/api/v1/new")[0] == 200, "the reload does not come")
        self.assertEqual(self.pid(), before)

    def test_09_a_secret_of_a_file_opens_a_route(self):
        self.sh(shown("openssl rand"))
        self.assertEqual(self.machine.owner("/etc/bourse/secrets/access_token"), "bourse:bourse 400")
        self.machine.write("/etc/bourse/bourse.yaml", self.machine.read("/etc/bourse/bourse.yaml") + ROUTE)
        self.assertIn("ACCESS_TOKEN", self.sh("bourse check", check=False))  # a shell knows nothing of it, its service does
        self.sh(shown("systemd-run"))
        self.sh("systemctl restart bourse")
        self.assertEqual(self.get("/api/v1/spread?symbols=BTCUSDT")[0], 401)
        status, body = self.get("/api/v1/spread?symbols=BTCUSDT", 8080, TOKEN)
        self.assertEqual(status, 200)
        self.assertRegex(body, r"^symbol,bid,ask,spread\r?\nBTCUSDT,")

    def test_10_it_comes_back_when_it_is_killed(self):
        before = self.pid()
        self.sh("systemctl kill -s KILL bourse")
        self.machine.wait_for(lambda: self.pid() not in ("0", before), "it does not come back")
        self.sh(AWAIT + "8080/health")

    def test_11_disabled_it_stays_through_an_upgrade(self):
        self.sh("systemctl disable --now bourse")
        self.sh(f"{INSTALL} --reinstall /packages/bourse_{VERSION}_*.deb")
        self.assertEqual((self.active(), self.enabled()), ("inactive", "disabled"))
        self.sh("systemctl enable --now bourse")
        self.assertEqual((self.active(), self.enabled()), ("active", "enabled"))

    def test_12_removed_it_stops_and_leaves_what_is_the_administrators(self):
        self.sh("apt-get remove -y -q -o Dpkg::Use-Pty=0 bourse")
        self.assertEqual(self.version(), f"{VERSION} config-files")
        self.assertNotEqual(self.active(), "active")
        self.sh("curl -sS http://127.0.0.1:8080/health && exit 1 || exit 0")
        for path in ("/etc/bourse/bourse.yaml", "/etc/bourse/secrets/access_token", "/var/lib/bourse", "/usr/local/lib/bourse/plugins/spread.so"):
            self.assertTrue(self.machine.exists(path), path)
        for path in ("/usr/bin/bourse", "/usr/lib/bourse", "/usr/lib/systemd/system/bourse.service"):
            self.assertFalse(self.machine.exists(path), path)

    def test_13_installed_again_it_is_as_before(self):
        self.sh(f"{INSTALL} /packages/bourse_{VERSION}_*.deb")
        self.assertEqual(self.get("/api/v1/spread?symbols=BTCUSDT", 8080, TOKEN)[0], 200)

    def test_14_purged_nothing_of_it_is_left(self):
        self.sh("apt-get purge -y -q -o Dpkg::Use-Pty=0 bourse bourse-dev")
        self.sh("rm -r /root/spread_cpp")
        self.assertFalse(self.machine.exists("/var/log/bourse"))
        left = {path for path in self.files() - self.before if "bourse" in path}
        # The administrator's own, in a folder that is his.
        self.assertEqual(left, {"/usr/local/lib/bourse", "/usr/local/lib/bourse/plugins", "/usr/local/lib/bourse/plugins/spread.so"})
        self.assertEqual(self.sh("systemctl list-unit-files --no-legend 'bourse*' || true").strip(), "")
        self.assertIn("bourse", self.sh("getent passwd bourse"))
        self.assertIn(self.sh("systemctl is-system-running", check=False).strip(), ("running", "degraded"))


class Projects(Life):
    """Debian 12 and nothing but the packages: `bourse new`, of every kind, in every language, up to an answer"""
    NAMES = {"cpp": "ext_1_a_123b_b11", "c": "null", "rust": "std"}

    def test_1_the_packages_and_compilers_are_installed(self):
        self.sh(f"{INSTALL} /packages/bourse_{VERSION}_*.deb /packages/bourse-dev_*.deb cmake g++ make cargo rustc")

    def test_2_each_project_builds_passes_its_test_validates_and_answers(self):
        validates = "no command" not in self.sh("bourse help validate", check=False, quiet=True)
        for lang in ("cpp", "c", "rust"):
            for kind in ("analysis", "source", "serializer", "layer"):
                with self.subTest(f"{kind} in {lang}"):
                    begun = time.monotonic()
                    place = f"/root/a {kind} in {lang}"
                    self.sh(f"bourse new {self.NAMES[lang]} --kind {kind} --lang {lang} --into '{place}'")
                    build, test, validate, serve, curl = re.search(
                        r"```sh\n(.*?)```", self.machine.read(place + "/README.md"), re.S)[1].splitlines()
                    for command in (build, test) + ((validate,) if validates else ()):
                        self.sh(f"cd '{place}' && {command}")
                    self.sh(f"cd '{place}' && ({serve} >/tmp/log 2>&1 & echo $! >/tmp/pid)")
                    said = self.sh(curl.replace("curl ", "curl -sS --retry 20 --retry-connrefused --retry-delay 1 -w '\\n%{http_code}\\n' "))
                    # Nobody may be there who waits for it: ended is ended.
                    self.sh("kill $(cat /tmp/pid) && timeout 20 sh -c 'while grep -q \"^State:.[^Z]\" /proc/$(cat /tmp/pid)/status 2>/dev/null; "
                            "do sleep 0.1; done'", quiet=True)
                    self.assertTrue(said.endswith("\n200\n"), said + self.machine.read("/tmp/log"))
                    TRANSCRIPT.write(f"[{kind} in {lang}: {time.monotonic() - begun:.1f} s from `bourse new` to the answer]\n")


class WithoutSystemd(Life):
    """Debian 12 as in a container: no service manager runs"""

    def test_1_it_is_installed_and_nothing_is_started(self):
        self.assertIn("bourse", self.sh(f"{INSTALL} /packages/bourse_{VERSION}_*.deb"))
        self.assertEqual(self.version(), f"{VERSION} installed")
        self.sh("curl -sS http://127.0.0.1:8080/health && exit 1 || exit 0")
        self.assertEqual(self.machine.owner("/var/lib/bourse"), "bourse:bourse 700")

    def test_2_the_server_runs_as_the_packages_user(self):
        self.sh(f"({shown('setpriv').strip().splitlines()[-1]}) >/tmp/log 2>&1 & echo $! >/tmp/pid")
        self.assertEqual(self.sh("until pid=$(pidof bourse); do sleep 0.1; done; stat -c %U /proc/$pid", quiet=True).strip(), "bourse")
        self.sh(AWAIT + "8080/health")
        self.assertEqual(self.get("/api/v1/BTCUSDT/technical?format=json")[0], 200)
        self.sh("kill $(pidof bourse) && timeout 20 tail --pid=$(cat /tmp/pid) -f /dev/null; cat /tmp/log")

    def test_3_upgraded_the_other_way_too(self):
        self.sh(f"{INSTALL} --allow-downgrades /packages/bourse_{OLD}_*.deb")
        self.sh(f"{INSTALL} /packages/bourse_{VERSION}_*.deb")
        self.assertEqual(self.version(), f"{VERSION} installed")

    def test_4_removed_and_purged_nothing_is_left(self):
        self.sh("apt-get remove -y -q -o Dpkg::Use-Pty=0 bourse")
        self.assertTrue(self.machine.exists("/etc/bourse/bourse.yaml"))
        self.assertFalse(self.machine.exists("/usr/local/lib/bourse"))
        self.sh("apt-get purge -y -q -o Dpkg::Use-Pty=0 bourse")
        self.assertEqual({path for path in self.files() - self.before if "bourse" in path}, set())


if __name__ == "__main__":
    unittest.main()
