# SPDX-License-Identifier: MIT
"""The packages bourse and bourse-dev as files: what is in them, what they say of themselves, and that their manual,
their completion and their configuration are those of the program."""
import configparser
import glob
import gzip
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

MISSING = [tool for tool in ("cpack", "dpkg-deb", "dpkg-shlibdeps", "file") if shutil.which(tool) is None]
if MISSING:
    print("skipped: not on this machine:", ", ".join(MISSING))
    sys.exit(77)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e"))
import bourse_process as bourse  # noqa: E402

ROOT = bourse.SOURCE_DIR
PACKAGE = os.path.join(ROOT, "host", "package")
BUILD = os.environ["BOURSE_BUILD"]
COMMANDS = ("serve", "check", "routes", "plugins", "health", "probe", "run", "task", "record", "dev", "new", "validate", "diff", "explain", "help", "completion", "version", "watch")
OF_ALL = {"--help"}


def output(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120, **options).stdout


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def setUpModule():
    global FOLDER, SERVER, DEV
    FOLDER = tempfile.TemporaryDirectory()
    # gzip, as nobody waits for xz here.
    subprocess.run(["cpack", "-G", "DEB", "--config", os.path.join(BUILD, "CPackConfig.cmake"), "-B", FOLDER.name,
                    "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip"],
                   check=True, stdout=subprocess.DEVNULL, timeout=240, cwd=FOLDER.name)
    made = sorted(glob.glob(os.path.join(FOLDER.name, "*.deb")))
    assert len(made) == 2, made
    DEV, SERVER = Package(made[0]), Package(made[1])


def tearDownModule():
    FOLDER.cleanup()


class Package:
    def __init__(self, file):
        self.file = os.path.basename(file)
        self.tree = tempfile.mkdtemp(dir=FOLDER.name)
        self.control_folder = tempfile.mkdtemp(dir=FOLDER.name)
        output("dpkg-deb", "-x", file, self.tree)
        output("dpkg-deb", "-e", file, self.control_folder)
        self.control = dict(re.findall(r"(?m)^([A-Z][\w-]*): (.*)$", output("dpkg-deb", "-f", file)))
        self.listed = {}  # path: (mode and type as `ls` has them, owner)
        for line in output("dpkg-deb", "-c", file).splitlines():
            mode, owner, _, _, _, path = line.split(None, 5)
            self.listed[path[1:]] = (mode, owner)
        self.files = sorted(path for path in self.listed if not path.endswith("/"))

    def path(self, path):
        return self.tree + path

    def relations(self, field):
        return [re.split(r"[ (]", word.strip())[0] for word in self.control[field].split(",")]


class Contents(unittest.TestCase):
    def test_the_server_has_the_program_its_plugins_and_what_runs_it(self):
        plugins = ["/usr/lib/bourse/plugins/" + os.path.basename(p) for p in glob.glob(os.path.join(BUILD, "plugins", "*.so"))]
        self.assertIn("/usr/lib/bourse/plugins/json.so", plugins)
        docs = ["/usr/share/bourse/docs/" + os.path.basename(p) for p in glob.glob(os.path.join(BUILD, "share/bourse/docs/*"))]
        self.assertEqual(SERVER.files, sorted(plugins + docs + [
            "/etc/bourse/bourse.yaml", "/etc/default/bourse", "/etc/logrotate.d/bourse", "/usr/bin/bourse",
            "/usr/lib/systemd/system/bourse.service", "/usr/share/bash-completion/completions/bourse",
            "/usr/share/bourse/bourse.schema.json",
            "/usr/share/fish/vendor_completions.d/bourse.fish", "/usr/share/zsh/vendor-completions/_bourse",
            "/usr/share/doc/bourse/changelog.Debian.gz", "/usr/share/doc/bourse/changelog.gz",
            "/usr/share/doc/bourse/copyright", "/usr/share/doc/bourse/examples/live.yaml", "/usr/share/doc/bourse/examples/desk.yaml",
            "/usr/share/doc/bourse/examples/production.yaml", "/usr/share/doc/bourse/examples/testnet.yaml",
            "/usr/share/man/man1/bourse.1.gz", "/usr/share/man/man5/bourse.yaml.5.gz"]))
        for folder in ("/etc/bourse/secrets/", "/var/lib/bourse/"):
            self.assertIn(folder, SERVER.listed)

    def test_the_sdk_has_all_headers_the_cmake_files_and_the_examples(self):
        wanted = ["/usr/share/doc/bourse-dev/" + name for name in ("changelog.Debian.gz", "changelog.gz", "copyright")]
        for name in ("Config", "ConfigVersion", "Plugin", "Targets"):
            wanted.append(f"/usr/lib/cmake/Bourse/Bourse{name}.cmake")
        wanted.append("/usr/lib/cmake/Bourse/bourse_plugin.map")
        for folder, place in (("include", "/usr/include"), ("examples", "/usr/share/bourse/examples"), ("rust", "/usr/share/bourse/rust")):
            for path in output("git", "ls-files", folder, cwd=os.path.join(ROOT, "sdk")).split() \
                    if os.path.exists(os.path.join(ROOT, ".git")) else []:
                if not path.endswith("Cargo.lock"):
                    wanted.append(place + path[len(folder):])
        found = [path for path in DEV.files if not path.endswith("Cargo.lock")]
        if os.path.exists(os.path.join(ROOT, ".git")):
            self.assertEqual(found, sorted(wanted))
        else:
            self.assertLessEqual(set(wanted), set(found))

    def test_everything_is_roots_and_nobody_else_may_write_it(self):
        for package in (SERVER, DEV):
            for path, (mode, owner) in package.listed.items():
                with self.subTest(path):
                    self.assertEqual(owner, "root/root")
                    if path.endswith("/"):
                        self.assertEqual(mode, "drwxr-xr-x")
                    else:
                        self.assertEqual(mode, "-rwxr-xr-x" if path == "/usr/bin/bourse" else "-rw-r--r--")

    def test_programs_are_stripped(self):
        for path in SERVER.files:
            if path.endswith(".so") or path == "/usr/bin/bourse":
                self.assertNotIn(".debug_info", output("readelf", "-SW", SERVER.path(path)), path)

    def test_no_file_knows_where_it_was_built(self):
        for package in (SERVER, DEV):
            for path in package.files:
                with open(package.path(path), "rb") as file:
                    self.assertNotIn(BUILD.encode(), file.read(), path)

    def test_the_sums_are_those_of_the_files(self):
        for package in (SERVER, DEV):
            listed = re.findall(r"(?m)^\w{32}  (.+)$", read(package.control_folder, "md5sums"))
            conffiles = package is SERVER and {"/etc/bourse/bourse.yaml", "/etc/default/bourse", "/etc/logrotate.d/bourse"} or set()
            self.assertLessEqual(set(package.files) - conffiles, {"/" + path for path in listed})
            output("md5sum", "-c", "--quiet", os.path.join(package.control_folder, "md5sums"), cwd=package.tree)


class Control(unittest.TestCase):
    def test_names_versions_and_architectures(self):
        version = output(bourse.PROGRAM, "--version").split()[1]
        architecture = output("dpkg", "--print-architecture").strip()
        for package, name, wanted in ((SERVER, "bourse", architecture), (DEV, "bourse-dev", "all")):
            self.assertEqual((package.control["Package"], package.control["Architecture"]), (name, wanted))
            self.assertEqual(package.control["Version"], f"{version}-1")
            self.assertEqual(package.file, f"{name}_{version}-1_{wanted}.deb")
            self.assertRegex(package.control["Maintainer"], r"^.+ <\S+@\S+>$")
            self.assertLess(len(package.control["Description"]), 80)
            self.assertNotRegex(package.control["Description"], r"(?i)^(an?|the) |\.$")

    def test_every_library_that_is_loaded_is_depended_on(self):
        """Asked of the linker and of Debian's database, not of dpkg-shlibdeps, which wrote the field."""
        depends = set(SERVER.relations("Depends"))
        for line in output("dpkg-query", "-W", "-f", "${Package}\t${Provides}\n").splitlines():
            name, _, provided = line.partition("\t")
            if depends & {word.split()[0] for word in provided.split(",") if word.split()}:
                depends.add(name)  # a name that is depended on is another package's, which provides it
        self.assertIn("adduser", depends)  # what postinst calls
        ours = [path for path in SERVER.files if path.endswith(".so")] + ["/usr/bin/bourse"]
        libraries = set()
        for path in ours:
            needed = re.findall(r"NEEDED\s+(\S+)", output("objdump", "-p", SERVER.path(path)))
            where = dict(re.findall(r"(?m)^\s*(\S+) => (/\S+)", output("ldd", SERVER.path(path))))
            libraries |= {os.path.realpath(where[name]) for name in needed if name in where}
        self.assertGreater(len(libraries), 10)
        for library in libraries:
            found = subprocess.run(["dpkg-query", "--search", library], capture_output=True, text=True, check=False).stdout or \
                output("dpkg-query", "--search", library.removeprefix("/usr"))
            self.assertIn(found.split(":")[0], depends, library)

    def test_what_is_in_etc_is_a_conffile(self):
        self.assertEqual(read(SERVER.control_folder, "conffiles").split(), [path for path in SERVER.files if path.startswith("/etc/")])
        self.assertFalse(os.path.exists(os.path.join(DEV.control_folder, "conffiles")))

    def test_only_the_server_runs_scripts(self):
        scripts = {"postinst", "prerm", "postrm"}
        self.assertEqual(set(os.listdir(SERVER.control_folder)) - {"control", "md5sums", "conffiles"}, scripts)
        self.assertEqual(set(os.listdir(DEV.control_folder)), {"control", "md5sums"})
        for name in scripts:
            path = os.path.join(SERVER.control_folder, name)
            self.assertEqual(os.stat(path).st_mode & 0o7777, 0o755)
            output("sh", "-n", path)
            self.assertIn("\nset -e\n", read(path))

    def test_the_changelog_begins_with_this_version(self):
        for package, name in ((SERVER, "bourse"), (DEV, "bourse-dev")):
            folder = package.path(f"/usr/share/doc/{name}")
            with gzip.open(os.path.join(folder, "changelog.Debian.gz"), "rt", encoding="utf-8") as file:
                text = file.read()
            said = output("dpkg-parsechangelog", "-l-", input=text)
            self.assertIn(f"\nVersion: {package.control['Version']}\n", said)
            self.assertRegex(said, r"(?m)^Source: bourse$")
            with gzip.open(os.path.join(folder, "changelog.gz"), "rt", encoding="utf-8") as file:
                self.assertEqual(file.read(), read(ROOT, "CHANGELOG.md"))

    def test_the_copyright_is_that_of_the_project(self):
        def words(text):
            return re.sub(r"(?m)^ \.$", "", text).split()
        licence = read(ROOT, "LICENSE").split("\n\n", 2)[2]
        text = read(SERVER.path("/usr/share/doc/bourse/copyright"))
        expat = re.search(r"(?ms)^License: Expat\n (.*?)\n\nLicense: BSD", text[text.index("\n\nLicense: "):])[1]
        self.assertEqual(words(expat), words(licence))
        self.assertIn("Copyright: 2026 The Bourse authors", text)


class Unit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = read(PACKAGE, "bourse.service")
        parser = configparser.RawConfigParser(strict=False, comment_prefixes=("#",), delimiters=("=",))
        parser.optionxform = str
        parser.read_string(cls.text.replace("SystemCallFilter=~", "SystemCallFilter2=~"))
        cls.service = dict(parser["Service"])
        cls.unit = dict(parser["Unit"])

    def test_what_it_starts_reads_and_tells_is_in_the_package(self):
        self.assertEqual(self.text, read(SERVER.path("/usr/lib/systemd/system/bourse.service")))
        self.assertIn(self.service["ExecStart"].split()[0], SERVER.files)
        self.assertIn(self.service["EnvironmentFile"].lstrip("-"), SERVER.files)
        for page in re.findall(r"man:(\S+)\((\d)\)", self.unit["Documentation"]):
            self.assertIn("/usr/share/man/man{1}/{0}.{1}.gz".format(*page), SERVER.files)
        self.assertIn(f"/var/lib/{self.service['StateDirectory']}/", SERVER.listed)

    def test_its_user_is_the_one_that_is_made(self):
        made, = re.findall(r"adduser --system .* (\w+)\n", read(PACKAGE, "postinst"))
        self.assertEqual((self.service["User"], self.service["Group"]), (made, made))
        self.assertNotIn("DynamicUser", self.service)
        # The page for those who write their own unit says the same, and why.
        page = read(ROOT, "docs", "howto", "systemd.md")
        self.assertIn(f"\nUser={made}\nGroup={made}\n", page)
        self.assertNotIn("\nDynamicUser=", page)

    def test_it_may_do_what_the_server_needs_and_no_more(self):
        for name, value in {
                "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes",
                "PrivateDevices": "yes", "MemoryDenyWriteExecute": "yes", "CapabilityBoundingSet": "",
                "AmbientCapabilities": "", "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX", "RestrictNamespaces": "yes",
                "NoExecPaths": "/var/lib/bourse /var/log/bourse /run/bourse /tmp /var/tmp /dev/shm", "SystemCallFilter": "@system-service", "SystemCallFilter2": "~@privileged @resources",
                "SystemCallArchitectures": "native", "UMask": "0077", "StateDirectoryMode": "0700"}.items():
            self.assertEqual(self.service.get(name), value, name)

    def test_the_files_that_are_rotated_are_where_it_may_write_them(self):
        text = read(SERVER.path("/etc/logrotate.d/bourse"))
        self.assertIn(f"\n/var/log/{self.service['LogsDirectory']}/*.log {{\n", text)
        self.assertIn("SIGUSR1", text)

    @unittest.skipUnless(shutil.which("logrotate"), "there is no logrotate on this machine")
    def test_logrotate_renames_the_files_and_then_tells_the_service(self):
        """With the paths of a folder, and a systemctl that writes down what it is told."""
        with tempfile.TemporaryDirectory() as folder:
            for name in ("logs", "bin"):
                os.mkdir(os.path.join(folder, name), 0o755)
            script = os.path.join(folder, "bin", "systemctl")
            with open(script, "w", encoding="ascii") as file:
                file.write(f"#!/bin/sh\necho \"$*\" >>{folder}/told\n")
            os.chmod(script, 0o755)
            with open(os.path.join(folder, "logs", "bourse.log"), "w", encoding="ascii") as file:
                file.write("a line\n")
            rules = os.path.join(folder, "rules")
            with open(rules, "w", encoding="ascii") as file:
                file.write(read(PACKAGE, "logrotate").replace("/var/log/bourse", folder + "/logs"))
            os.chmod(rules, 0o644)
            output("logrotate", "--force", "--state", os.path.join(folder, "state"), rules,
                   env={"PATH": os.path.join(folder, "bin") + ":" + os.environ["PATH"]})
            self.assertEqual(os.listdir(os.path.join(folder, "logs")), ["bourse.log.1"])
            self.assertEqual(read(folder, "told").splitlines()[-1], "kill --signal=SIGUSR1 --kill-whom=main bourse.service")

    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd-analyze on this machine")
    def test_systemd_finds_nothing_wrong_with_it(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "bourse.service")
            with open(path, "w", encoding="utf-8") as file:
                file.write(self.text.replace("ExecStart=/usr/bin/bourse", f"ExecStart={bourse.PROGRAM}"))
            done = subprocess.run(["systemd-analyze", "--man=no", "verify", path], capture_output=True, text=True, check=False,
                                  timeout=60)
            self.assertEqual((done.returncode, [line for line in done.stderr.splitlines() if "bourse" in line]), (0, []))
            # In tenths: 100 is no protection at all.
            done = subprocess.run(["systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=15", path],
                                  capture_output=True, text=True, check=False, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout[-500:] + done.stderr)


class Configuration(unittest.TestCase):
    file = os.path.join(PACKAGE, "bourse.yaml")

    def test_check_has_nothing_to_say(self):
        done = bourse.run("check", self.file)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_it_answers_nobody_but_this_machine(self):
        self.assertRegex(read(self.file), r'(?m)^  listen: "127\.0\.0\.1:8080"$')

    def test_every_route_answers_in_every_format(self):
        import yaml
        with open(self.file, encoding="utf-8") as file:
            routes = yaml.safe_load(file)["routes"]
        with bourse.Server(self.file) as server:
            for route in routes:
                for name in route["formats"]:
                    path = route["path"].replace("{symbol}", "BTCUSDT")
                    with self.subTest(path=path, format=name):
                        self.assertEqual(server.get(f"{path}?format={name}")[0], 200)

    def test_what_the_environment_file_shows_is_a_comment(self):
        for line in read(PACKAGE, "environment").splitlines():
            self.assertTrue(line.startswith("#") or not line, line)


def help_options(command):
    """Of `run`, too, whose own --help is about an analysis."""
    return set(re.findall(r"(?m)^  (?:-\w,)?(--[a-z]+(?:-[a-z]+)*)", output(bourse.PROGRAM, "help", command)))


class Manual(unittest.TestCase):
    page = read(PACKAGE, "bourse.1")

    def options_of(self, command):
        """Of its synopsis."""
        synopsis = self.page[self.page.index(".Sh SYNOPSIS"):self.page.index(".Sh DESCRIPTION")]
        text, = [part for part in synopsis.split("\n.Nm\n") if part.startswith(f".Cm {command}\n")]
        return {"--" + name for name in re.findall(r"Fl -([a-z]+(?:-[a-z]+)*)", text)}

    def test_every_command_and_option_of_the_program_is_told_and_no_other(self):
        shown = re.search(r"(?s)Subcommands:\n(.*?)\n\n", output(bourse.PROGRAM, "--help"))[1]
        self.assertEqual(sorted(re.findall(r"(?m)^  (\w+)", shown)), sorted(COMMANDS))
        described = re.findall(r"(?m)^\.It Fl -([a-z]+(?:-[a-z]+)*)", self.page)
        told = set()
        for command in COMMANDS:
            with self.subTest(command):
                self.assertRegex(self.page, rf"(?m)^\.It Cm {command}$")
                wanted = help_options(command) - OF_ALL
                self.assertEqual(self.options_of(command), wanted)
                told |= {name[2:] for name in wanted}
        self.assertEqual(sorted(described), sorted(told | {"help", "version"}))

    def test_every_key_of_the_configuration_is_told(self):
        page = read(PACKAGE, "bourse.yaml.5")
        told = set(re.findall(r"[a-z][a-z-]+", " ".join(re.findall(r"(?m)^\.(?:It )?Cm (.*)$", page))))
        reference = read(ROOT, "docs", "reference", "configuration.md") + read(ROOT, "docs", "reference", "caching.md")
        blocks = "".join(re.findall(r"(?ms)^```yaml\n(.*?)^```$", reference))
        keys = set(re.findall(r"(?m)(?:^ *|[{,] *|- \{)([a-z][a-z-]*):(?= |$)", re.sub(r" #.*", "", blocks)))
        self.assertLess({"listen", "use", "waiting-threads", "if-error"}, keys)
        own = {"market", "daily", "fill", "seed", "start", "window", "interval", "limit", "symbol", "symbols"}  # names that the operator gives
        self.assertEqual(sorted(keys - told - own), [])

    def test_its_example_is_a_good_configuration(self):
        example = re.search(r"(?s)\.Bd -literal\n(bourse: 1.*?)\.Ed", read(PACKAGE, "bourse.yaml.5"))[1]
        with tempfile.TemporaryDirectory() as folder:
            done = bourse.run("check", bourse.write_config(folder, example))
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    @unittest.skipUnless(shutil.which("mandoc"), "there is no mandoc on this machine")
    def test_mandoc_finds_nothing_wrong(self):
        for page in ("bourse.1", "bourse.yaml.5"):
            # Not whether other pages are installed here.
            done = subprocess.run(["mandoc", "-Tlint", "-Wstyle", os.path.join(PACKAGE, page)], capture_output=True, text=True,
                                  check=False, timeout=60)
            self.assertEqual([line for line in done.stdout.splitlines() if "referenced manual not found" not in line], [])


class Completion(unittest.TestCase):
    """By the shells themselves; of bash-completion the one function that is needed."""

    def bash(self, *words):
        script = """
          _init_completion() { words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=${words[cword]}; prev=${words[cword-1]}; }
          _filedir() { COMPREPLY=("<files $1>"); }
          . "$1"; shift
          COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bourse; printf '%s\\n' "${COMPREPLY[@]}" """
        return output("bash", "-c", script, "bash", SERVER.path("/usr/share/bash-completion/completions/bourse"), "bourse", *words).split("\n")[:-1]

    def fish(self, line):
        script = SERVER.path("/usr/share/fish/vendor_completions.d/bourse.fish")
        with tempfile.TemporaryDirectory() as home:
            said = output("fish", "--no-config", "-c", f"source {script}; complete -C 'bourse {line}'",
                          env={"HOME": home, "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}, cwd=home)
        return [row.split("\t")[0] for row in said.splitlines()]

    def test_the_package_has_what_the_program_writes(self):
        for shell, path in (("bash", "bash-completion/completions/bourse"), ("zsh", "zsh/vendor-completions/_bourse"),
                            ("fish", "fish/vendor_completions.d/bourse.fish")):
            self.assertEqual(read(SERVER.path("/usr/share/" + path)), output(bourse.PROGRAM, "completion", shell), shell)
        done = bourse.run("completion", "tcsh")
        self.assertEqual(done.returncode, 2)
        self.assertIn("bash, zsh and fish", done.stderr)

    def test_bash_completes_commands_options_and_values(self):
        self.assertEqual(sorted(self.bash("")), sorted([*COMMANDS, "--help", "--version"]))
        self.assertEqual(self.bash("ch"), ["check"])
        for command in COMMANDS:
            with self.subTest(command):
                self.assertEqual(sorted(self.bash(command, "-")), sorted(help_options(command)))
        self.assertEqual(self.bash("check", ""), ["<files @(yaml|yml)>"])
        self.assertEqual(self.bash("diff", "a.yaml", ""), ["<files @(yaml|yml)>"])
        self.assertEqual(self.bash("probe", "--config", ""), ["<files @(yaml|yml)>"])
        self.assertEqual(self.bash("run", "--output", ""), ["<files >"])
        self.assertEqual(self.bash("serve", "--plugins", ""), ["<files -d>"])
        self.assertEqual(self.bash("serve", "--listen", ""), [""])
        self.assertEqual(self.bash("completion", "z"), ["zsh"])
        self.assertEqual(self.bash("help", "exi"), ["exit-codes"])

    @unittest.skipUnless(shutil.which("fish"), "there is no fish on this machine")
    def test_fish_completes_commands_and_options(self):
        self.assertEqual(sorted(self.fish("")), sorted(COMMANDS))
        self.assertEqual(self.fish("chec"), ["check"])
        for command in COMMANDS:
            with self.subTest(command):
                self.assertEqual(sorted(w for w in self.fish(command + " --") if w.startswith("--")), sorted(help_options(command)))
        self.assertEqual(self.fish("completion z"), ["zsh"])

    @unittest.skipUnless(shutil.which("zsh"), "there is no zsh on this machine")
    def test_zsh_completes_commands_and_options(self):
        """In a terminal of its own: zsh completes nowhere else."""
        for line, wanted in (("ch", "bourse check "), ("check --st", "bourse check --strict "), ("run --outp", "bourse run --output="),
                             ("completion z", "bourse completion zsh "), ("explain --acc", "bourse explain --accept=")):
            with self.subTest(line), tempfile.TemporaryDirectory() as folder:
                shutil.copy(SERVER.path("/usr/share/zsh/vendor-completions/_bourse"), folder)
                shown = os.path.join(folder, "shown")
                script = f"""
                  zmodload zsh/zpty
                  zpty shell zsh -f -i
                  zpty -w shell 'PS1=; stty -echo; fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -d {folder}/dump'
                  zpty -w shell 'show() {{ print -r -- "$BUFFER|" >{shown}; zle kill-whole-line; }}; zle -N show; bindkey "^X" show; print re''ady'
                  zpty -r -m shell seen '*ready*'
                  sleep 0.3  # until it edits lines again: what comes earlier is no key yet
                  zpty -w -n shell $'bourse {line}'; sleep 0.2
                  zpty -w -n shell $'\t'; sleep 0.5
                  zpty -w -n shell $'\x18'
                  for i in {{1..200}}; do [[ -s {shown} ]] && break; zpty -r -t shell seen; sleep 0.05; done
                  zpty -d shell"""
                output("zsh", "-f", "-c", script, env={"HOME": folder, "PATH": os.environ["PATH"], "TERM": "xterm", "LC_ALL": "C.UTF-8"})
                self.assertEqual(read(shown), wanted + "|\n")


if __name__ == "__main__":
    unittest.main()
