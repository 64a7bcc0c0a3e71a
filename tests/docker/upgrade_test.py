# SPDX-License-Identifier: MIT
"""docker/upgrade, against a command `docker` that only pretends: order, rollback, what is written down."""
import fcntl
import json
import os
import shutil
import signal
import stat
import subprocess
import tempfile
import textwrap
import unittest

try:
    import yaml
except ImportError:
    yaml = None

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DIGEST = "registry.example/bourse@sha256:" + "2" * 64
BEFORE = "registry.example/bourse@sha256:" + "1" * 64

OLD_ID = "sha256:" + "a" * 64

# Writes down what it is asked, and fails where the file `faults` has a line that the call contains. Where `halts` has
# one, it says so in `halted` and waits for `go` to be written. What runs is what `runs` says: the image as it was named.
FAKE = """\
    #!/bin/sh
    line="${BOURSE_IMAGE:+[$BOURSE_IMAGE] }$*"
    echo "$line" >>"$FAKE_FOLDER/calls"
    case $* in
      login*) cat >"$FAKE_FOLDER/password"; echo "$DOCKER_CONFIG" >"$FAKE_FOLDER/login_folder" ;;
      "compose ps"*) [ ! -s "$FAKE_FOLDER/runs" ] || printf 'c1\\nc2\\n' ;;
      "inspect --format {{.Image}} c1") echo "$FAKE_OLD_ID" ;;
      "inspect --format {{.Config.Image}} c1") cat "$FAKE_FOLDER/runs" ;;
      "image inspect --format"*"$FAKE_OLD_ID") printf 'other.example/bourse@sha256:3\\n%s\\n\\n' "$FAKE_BEFORE" ;;
      "image inspect --format"*) printf 'other.example/bourse@sha256:3\\n%s\\n\\n' "$FAKE_DIGEST" ;;
      "buildx imagetools inspect --format {{json .Manifest.Digest}} "*) echo "\\"${FAKE_DIGEST#*@}\\"" ;;
      "buildx imagetools inspect --format {{json .Image}} "*) cat "$FAKE_FOLDER/description" ;;
      "run --rm --read-only "*" verify "*) exec python3 "$FAKE_FOLDER/bin/cosign" "$@" ;;
      *" up "*) [ ! -e "$(cat "$FAKE_FOLDER/login_folder" 2>/dev/null)/." ] || touch "$FAKE_FOLDER/login_outlives_the_pull" ;;
    esac
    while read -r halt; do
      case $line in *"$halt"*) echo >"$FAKE_FOLDER/halted"; read -r go <"$FAKE_FOLDER/go" ;; esac
    done <"$FAKE_FOLDER/halts"
    while read -r fault; do
      case $line in *"$fault"*) exit 1 ;; esac
    done <"$FAKE_FOLDER/faults"
    """


# Stands in for cosign, with real signatures: `signed` beside it holds what registries hold of an image, by its digest. What is
# signed is cosign's document (its specification, "Simple Signing"): a signature of another image must not do. Who signed without
# a key is a certificate's word there: an identity and an issuer, which are compared as cosign does it.
COSIGN = """\
    import json, os, re, subprocess, sys
    words = sys.argv[1:]
    image = words[-1]
    repository, digest = image.split("@")
    folder = os.environ["FAKE_FOLDER"]
    option = lambda name: words[words.index(name) + 1] if name in words else None
    mounts = dict(reversed(word.removesuffix(":ro").split(":")) for at, word in enumerate(words) if words[at - 1] == "--volume")
    assert os.path.isdir(mounts["/login"])
    place = os.path.join(folder, "signed", digest.removeprefix("sha256:"))
    if not os.path.exists(place + ".json"):
        sys.exit("Error: no signatures found")
    with open(place + ".json", encoding="utf-8") as file:
        signed = json.load(file)
    if signed["critical"]["image"]["docker-manifest-digest"] != digest:
        sys.exit("Error: invalid or missing digest in claim")
    if option("--key"):
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", mounts[option("--key")], "-signature", place + ".sig",
                               place + ".json"], capture_output=True)
        if done.returncode != 0:
            sys.exit("Error: no matching signatures: invalid signature when validating ASN.1 encoded signature")
    else:
        with open(place + ".certificate", encoding="utf-8") as file:
            identity, issuer = file.read().splitlines()
        if not re.search(option("--certificate-identity-regexp"), identity) or option("--certificate-oidc-issuer") != issuer:
            sys.exit("Error: no matching signatures: none of the expected identities matched what was in the certificate")
    """


class Host(unittest.TestCase):
    """A host with docker/ and its .env, and a stand-in for the command docker."""
    signed_by = {}

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.docker = os.path.join(self.folder, "docker")
        shutil.copytree(os.path.join(ROOT, "docker"), self.docker, ignore=shutil.ignore_patterns(".env"))
        os.mkdir(os.path.join(self.folder, "bin"))
        fake = os.path.join(self.folder, "bin", "docker")
        with open(fake, "w", encoding="utf-8") as file:
            file.write(textwrap.dedent(FAKE))
        os.chmod(fake, stat.S_IRWXU)
        self.write("bin/cosign", textwrap.dedent(COSIGN))
        self.write("faults", "")
        self.write("halts", "")
        self.write("calls", "")
        self.write("runs", "registry.example/bourse:1\n")
        self.write("docker/.env", "BOURSE_IMAGE=registry.example/bourse:1\nBOURSE_SOURCE=synthetic\n")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def environment(self):
        return {**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}", "TMPDIR": self.folder,
                "BOURSE_SIGNED_BY": "nobody", **self.signed_by,
                "FAKE_FOLDER": self.folder, "FAKE_DIGEST": DIGEST, "FAKE_BEFORE": BEFORE, "FAKE_OLD_ID": OLD_ID}

    def upgrade(self, *words, stdin=""):
        return subprocess.run([os.path.join(self.docker, "upgrade"), *words], input=stdin, capture_output=True, text=True,
                              timeout=60, check=False, env=self.environment())

    def started(self):
        """(image, server) in the order in which they were started."""
        return [(line.split("]")[0][1:], line.rsplit(" ", 1)[1]) for line in self.read("calls").splitlines()
                if "compose up" in line and line.endswith(("bourse-1", "bourse-2"))]

    def env(self):
        """As compose reads it: what follows a blank and # is a comment."""
        return dict(line.split(" #")[0].split("=", 1) for line in self.read("docker/.env").splitlines())

    def content(self):
        """Every file of the folder that is not this machine's own, by path."""
        found = {}
        for folder, _, names in os.walk(self.docker):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), self.docker)
                if not path.startswith("."):
                    found[path] = self.read(os.path.join("docker", path))
        return found


class Upgrade(Host):
    def test_one_after_the_other_and_by_digest(self):
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.started(), [(DIGEST, "bourse-1"), (DIGEST, "bourse-2")])
        self.assertEqual(self.env(), {"BOURSE_IMAGE": DIGEST, "BOURSE_IMAGE_PREVIOUS": BEFORE, "BOURSE_SOURCE": "synthetic"})
        self.assertIn(f"BOURSE_IMAGE={DIGEST} # registry.example/bourse:2\n", self.read("docker/.env"))  # for people

    def test_what_runs_is_noted_by_digest_before_a_fetch_can_move_its_tag(self):
        """Most of all when the tag is the same: then, the tag would be the new image."""
        self.write("faults", f"[{DIGEST}] compose up --detach --no-deps --wait --wait-timeout 60 bourse-1\n")
        self.assertEqual(self.upgrade("registry.example/bourse:1").returncode, 1)
        self.assertEqual(self.started(), [(DIGEST, "bourse-1"), (BEFORE, "bourse-1"), (BEFORE, "bourse-2")])
        self.assertEqual(self.env()["BOURSE_IMAGE"], BEFORE)
        calls = self.read("calls").splitlines()
        self.assertLess(calls.index(f"tag {OLD_ID} registry.example/bourse:kept-{'a' * 12}"),
                        calls.index("pull --quiet registry.example/bourse:1"))

    def test_what_was_built_here_has_no_digest_and_keeps_a_name(self):
        self.write("runs", "bourse:local\n")
        self.assertEqual(self.upgrade("registry.example/bourse:2").returncode, 0)
        self.assertEqual(self.env()["BOURSE_IMAGE_PREVIOUS"], "bourse:kept-" + "a" * 12)

    def test_a_digest_in_env_is_believed_whatever_runs(self):
        """After an upgrade that was killed, what runs may be half of the new one."""
        other = "registry.example/bourse@sha256:" + "4" * 64
        self.write("docker/.env", f"BOURSE_IMAGE={other} # registry.example/bourse:0\n")
        self.assertEqual(self.upgrade("registry.example/bourse:2").returncode, 0)
        self.assertEqual(self.env()["BOURSE_IMAGE_PREVIOUS"], other)

    def test_other_lines_of_env_stay_as_they_are(self):
        self.write("docker/.env", "# A word.\nBOURSE_IMAGE=registry.example/bourse:1\nBOURSE_SOURCE=synthetic")  # no newline
        mode = stat.S_IRUSR | stat.S_IWUSR
        os.chmod(os.path.join(self.docker, ".env"), mode)
        self.assertEqual(self.upgrade(DIGEST).returncode, 0)
        self.assertEqual(self.read("docker/.env"), f"# A word.\nBOURSE_SOURCE=synthetic\nBOURSE_IMAGE={DIGEST}\n"
                                                   f"BOURSE_IMAGE_PREVIOUS={BEFORE} # registry.example/bourse:1\n")
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.docker, ".env")).st_mode), mode)

    def test_the_first_one_needs_nothing_that_runs(self):
        self.write("runs", "")
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.env()["BOURSE_IMAGE"], DIGEST)
        self.assertNotIn("BOURSE_IMAGE_PREVIOUS", self.env())

    def test_when_the_first_one_fails_nothing_runs_as_before(self):
        self.write("runs", "")
        self.write("faults", f"[{DIGEST}] compose up --detach --no-deps --wait --wait-timeout 60 bourse-1\n")
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual((done.returncode, self.started()), (1, [(DIGEST, "bourse-1")]))
        self.assertIn("nothing ran before", done.stderr)
        self.assertEqual(self.read("calls").splitlines()[-1], f"[{DIGEST}] compose down")
        self.assertEqual(self.env()["BOURSE_IMAGE"], "registry.example/bourse:1")

    def test_a_digest_is_taken_as_it_is(self):
        self.assertEqual(self.upgrade(DIGEST).returncode, 0)
        self.assertEqual(self.env()["BOURSE_IMAGE"], DIGEST)
        self.assertNotIn(f"image inspect --format {{{{range .RepoDigests}}}}{{{{println .}}}}{{{{end}}}} {DIGEST}", self.read("calls"))

    def test_when_the_first_does_not_become_healthy_the_second_is_not_touched_before_both_go_back(self):
        self.write("faults", f"[{DIGEST}] compose up --detach --no-deps --wait --wait-timeout 60 bourse-1\n")
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(self.started(), [(DIGEST, "bourse-1"), (BEFORE, "bourse-1"), (BEFORE, "bourse-2")])
        self.assertEqual(self.env()["BOURSE_IMAGE"], BEFORE)
        self.assertNotIn("BOURSE_IMAGE_PREVIOUS", self.env())

    def test_when_the_second_fails_it_goes_back_first_while_the_other_answers(self):
        self.write("faults", f"[{DIGEST}] compose up --detach --no-deps --wait --wait-timeout 60 bourse-2\n")
        self.assertEqual(self.upgrade("registry.example/bourse:2").returncode, 1)
        self.assertEqual(self.started(), [(DIGEST, "bourse-1"), (DIGEST, "bourse-2"), (BEFORE, "bourse-2"), (BEFORE, "bourse-1")])

    def test_when_nginx_does_not_reach_them_both_go_back(self):
        self.write("faults", f"[{DIGEST}] compose exec -T nginx curl\n")
        self.assertEqual(self.upgrade("registry.example/bourse:2").returncode, 1)
        self.assertEqual(self.started()[-1], (BEFORE, "bourse-2"))
        self.assertEqual(self.env()["BOURSE_IMAGE"], BEFORE)

    def test_nginx_takes_changed_files_over_without_a_new_container(self):
        self.upgrade("registry.example/bourse:2")
        calls = self.read("calls")
        self.assertIn("-s reload", calls)
        self.assertNotIn("--force-recreate", calls)

    def test_when_nginx_does_not_reload_both_go_back(self):
        self.write("faults", f"[{DIGEST}] compose exec -T nginx sh\n")
        self.assertEqual(self.upgrade("registry.example/bourse:2").returncode, 1)
        self.assertEqual(self.started()[-1], (BEFORE, "bourse-2"))

    def test_when_one_cannot_go_back_either_the_other_and_nginx_do_and_it_says_so(self):
        before = self.content()
        self.write("faults", "wait-timeout 60 bourse-2\n")
        done = self.upgrade("registry.example/bourse:2", "--files", self.newer())
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"bourse-2 does not become healthy with {BEFORE} either", done.stderr)
        self.assertEqual(self.started()[2:], [(BEFORE, "bourse-2"), (BEFORE, "bourse-1")])
        self.assertIn(f"[{BEFORE}] compose exec -T nginx sh", self.read("calls"))
        self.assertEqual(self.content(), before)

    def test_what_cannot_be_pulled_changes_nothing(self):
        self.write("faults", "pull --quiet\n")
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual((done.returncode, self.started()), (1, []))

    def test_a_tag_without_a_digest_changes_nothing(self):
        done = self.upgrade("elsewhere.example/bourse:2")
        self.assertEqual((done.returncode, self.started()), (1, []))
        self.assertIn("no digest", done.stderr)

    def test_a_configuration_that_nginx_refuses_changes_nothing(self):
        self.write("faults", "nginx.conf -t\n")
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual((done.returncode, self.started()), (1, []))

    def test_rollback_goes_to_the_one_before_and_back_again(self):
        self.write("docker/.env", f"BOURSE_IMAGE={DIGEST}\nBOURSE_IMAGE_PREVIOUS={BEFORE}\n")
        self.assertEqual(self.upgrade("--rollback").returncode, 0)
        self.assertEqual(self.env()["BOURSE_IMAGE"], BEFORE)
        self.assertEqual(self.env()["BOURSE_IMAGE_PREVIOUS"], DIGEST)
        self.assertNotIn("pull", self.read("calls"))  # it is here: an unreachable registry is no obstacle

    def test_a_rollback_pulls_what_is_no_longer_here_with_the_login_that_is_given(self):
        self.write("docker/.env", f"BOURSE_IMAGE={DIGEST}\nBOURSE_IMAGE_PREVIOUS={BEFORE}\n")
        self.assertEqual(self.upgrade("--rollback", "--login", "somebody", stdin="t0ken").returncode, 0)
        self.assertNotIn("login", self.read("calls"))  # it is here
        self.write("faults", f"image inspect {DIGEST}\n")
        done = self.upgrade("--rollback", "--login", "somebody", stdin="t0ken")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.read("password"), "t0ken")
        self.assertIn(f"pull --quiet {DIGEST}\n", self.read("calls"))

    def test_the_same_again_does_not_forget_what_was_before(self):
        self.write("docker/.env", f"BOURSE_IMAGE={DIGEST}\nBOURSE_IMAGE_PREVIOUS={BEFORE}\n")
        self.assertEqual(self.upgrade(DIGEST).returncode, 0)
        self.assertEqual(self.env()["BOURSE_IMAGE_PREVIOUS"], BEFORE)

    def test_there_must_be_something_to_go_back_to(self):
        done = self.upgrade("--rollback")
        self.assertEqual((done.returncode, self.started()), (1, []))
        self.assertIn("nothing to go back to", done.stderr)

    def test_a_token_goes_through_standard_input_and_stays_nowhere(self):
        done = self.upgrade("registry.example/bourse:2", "--login", "somebody", stdin="t0ken")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.read("password"), "t0ken")
        self.assertNotIn("t0ken", self.read("calls") + done.stdout + done.stderr + self.read("docker/.env"))
        self.assertFalse(os.path.exists(self.read("login_folder").strip()))
        self.assertFalse(os.path.exists(os.path.join(self.folder, "login_outlives_the_pull")))

    def begin(self, halt, *words):
        """Starts an upgrade, and returns it when it has come to the call of docker that says `halt`."""
        self.write("halts", halt + "\n")
        for name in ("halted", "go"):
            os.mkfifo(os.path.join(self.folder, name))
        process = subprocess.Popen([os.path.join(self.docker, "upgrade"), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=self.environment(), start_new_session=True)
        for stream in (process.stdin, process.stdout, process.stderr):
            self.addCleanup(stream.close)
        process.stdin.write(b"t0ken\n")
        process.stdin.close()
        self.read("halted")
        return process

    def end(self):
        """Lets it go on, and waits until the last process has let go of the lock."""
        self.write("halts", "")
        with open(os.path.join(self.folder, "go"), "r+b", buffering=0) as go:  # also when nobody is left to read it
            go.write(b"go\n")
        with open(os.path.join(self.docker, ".upgrade.lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)

    def test_it_goes_on_to_its_end_when_the_terminal_or_the_connection_is_lost(self):
        """Ctrl-C and a hang-up reach all processes of a terminal; of a connection, only the pipes break."""
        for lost in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGKILL, None):
            with self.subTest(lost):
                if self.env()["BOURSE_IMAGE"] == DIGEST:
                    self.doCleanups(), self.setUp()
                process = self.begin("wait-timeout 60 bourse-1", "registry.example/bourse:2")
                process.stdout.close()
                process.stderr.close()
                if lost is not None:
                    os.killpg(process.pid, lost)
                    process.wait(60)
                self.end()
                process.wait(60)
                self.assertEqual(self.started(), [(DIGEST, "bourse-1"), (DIGEST, "bourse-2")])
                self.assertEqual(self.env()["BOURSE_IMAGE"], DIGEST)
                self.assertIn("runs: " + DIGEST, self.read("docker/.upgrade.log"))

    def test_it_goes_back_too_when_nobody_looks_on_any_more(self):
        self.write("faults", f"[{DIGEST}] compose up --detach --no-deps --wait --wait-timeout 60 bourse-1\n")
        process = self.begin("wait-timeout 60 bourse-1", "registry.example/bourse:2")
        process.stderr.close()
        os.killpg(process.pid, signal.SIGHUP)
        process.wait(60)
        self.end()
        self.assertEqual(self.started()[1:], [(BEFORE, "bourse-1"), (BEFORE, "bourse-2")])

    def test_when_it_is_ended_during_the_pull_nothing_changes_and_no_login_stays(self):
        for lost in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
            with self.subTest(lost):
                if os.path.exists(os.path.join(self.folder, "go")):
                    self.doCleanups(), self.setUp()
                process = self.begin("pull --quiet", "registry.example/bourse:2", "--login", "somebody")
                self.assertTrue(os.path.exists(self.read("login_folder").strip()))
                os.killpg(process.pid, lost)
                self.assertNotEqual(process.wait(60), 0)
                self.assertFalse(os.path.exists(self.read("login_folder").strip()))
                self.assertEqual(self.started(), [])

    def test_a_refused_login_changes_nothing(self):
        self.write("faults", "login --username\n")
        done = self.upgrade("registry.example/bourse:2", "--login", "somebody", stdin="t0ken")
        self.assertEqual((done.returncode, self.started()), (1, []))
        self.assertIn("does not let somebody in", done.stderr)

    def test_it_wants_an_env_file_and_sensible_words(self):
        for words in ((), ("a", "--rollback"), ("--nonsense",), ("a", "--login"), ("a", "--files"),
                      ("--rollback", "--files", "b")):
            self.assertEqual(self.upgrade(*words).returncode, 2, words)
        os.remove(os.path.join(self.docker, ".env"))
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("example.env", done.stderr)

    def newer(self):
        """A copy of the folder with one file changed and one added."""
        folder = os.path.join(self.folder, "newer")
        shutil.copytree(os.path.join(ROOT, "docker"), folder, ignore=shutil.ignore_patterns(".*"))
        self.write("newer/nginx/http.conf", "newer\n")
        self.write("newer/nginx/templates/added.conf.template", "newer\n")
        return folder

    def test_newer_files_come_with_the_image_and_go_back_with_it(self):
        self.write("docker/compose.override.yaml", "services: {}\n")
        self.write("docker/.env", f"BOURSE_IMAGE={BEFORE}\n")
        before = self.content()
        inode = os.stat(os.path.join(self.docker, "nginx")).st_ino
        done = self.upgrade("registry.example/bourse:2", "--files", self.newer())
        self.assertEqual(done.returncode, 0, done.stderr)
        after = {**before, "nginx/http.conf": "newer\n", "nginx/templates/added.conf.template": "newer\n"}
        self.assertEqual(self.content(), after)
        self.assertEqual(os.stat(os.path.join(self.docker, "nginx")).st_ino, inode)  # a container has it mounted
        self.assertEqual(self.upgrade("--rollback").returncode, 0)
        self.assertEqual(self.content(), before)
        self.assertEqual(self.upgrade("--rollback").returncode, 0)  # and forth again
        self.assertEqual(self.content(), after)

    def test_files_go_back_when_the_upgrade_fails(self):
        before = self.content()
        newer = self.newer()
        for fault in ("nginx.conf -t", f"[{DIGEST}] compose up --detach --no-deps --wait --wait-timeout 60 bourse-2",
                      f"[{DIGEST}] compose exec -T nginx sh"):
            self.write("faults", fault + "\n")
            self.assertEqual(self.upgrade("registry.example/bourse:2", "--files", newer).returncode, 1, fault)
            self.assertEqual(self.content(), before, fault)

    def test_an_image_without_files_goes_back_without_files(self):
        self.assertEqual(self.upgrade("registry.example/bourse:2", "--files", self.newer()).returncode, 0)
        after = self.content()
        self.write("calls", "")
        self.write("docker/.env", self.read("docker/.env").replace(DIGEST, BEFORE))
        self.assertEqual(self.upgrade("registry.example/bourse:2").returncode, 0)
        self.assertEqual(self.upgrade("--rollback").returncode, 0)
        self.assertEqual(self.content(), after)

    def test_files_alone_for_the_same_image_go_back_to_those_of_the_image_before(self):
        before = self.content()
        self.assertEqual(self.upgrade("registry.example/bourse:2").returncode, 0)
        self.assertEqual(self.upgrade("registry.example/bourse:2", "--files", self.newer()).returncode, 0)
        self.assertNotEqual(self.content(), before)
        self.assertEqual(self.upgrade("--rollback").returncode, 0)
        self.assertEqual(self.content(), before)

    def test_files_of_an_upgrade_that_was_cut_off_are_put_back(self):
        before = self.content()
        newer = self.newer()
        # Killed when the first server is started: the fake ends its parent.
        fake = os.path.join(self.folder, "bin", "docker")
        with open(fake, encoding="utf-8") as file:
            text = file.read()
        with open(fake, "w", encoding="utf-8") as file:
            file.write(text + 'case $* in *bourse-1) [ -e "$FAKE_FOLDER/calm" ] || kill -9 $PPID ;; esac\n')
        self.assertEqual(self.upgrade("registry.example/bourse:2", "--files", newer).returncode, 128 + signal.SIGKILL)
        self.assertNotEqual(self.content(), before)
        self.write("calm", "")
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("was cut off", done.stderr)
        self.assertEqual(self.content(), before)

    def test_a_relative_folder_of_files_is_one_of_where_it_is_called(self):
        self.newer()
        done = subprocess.run(["docker/upgrade", "registry.example/bourse:2", "--files", "newer"], cwd=self.folder,
                              capture_output=True, text=True, timeout=60, check=False, env=self.environment())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.read("docker/nginx/http.conf"), "newer\n")

    @unittest.skipUnless(os.geteuid() == 0, "takes root")
    def test_root_leaves_nothing_in_the_folder_of_another(self):
        os.chown(self.docker, 1, 1)
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual((done.returncode, self.read("calls")), (1, ""))
        self.assertIn("sudo -u daemon", done.stderr)
        self.assertFalse(os.path.exists(os.path.join(self.docker, ".upgrade.lock")))

    def test_a_folder_that_is_no_copy_of_this_one_is_refused(self):
        done = self.upgrade("registry.example/bourse:2", "--files", os.path.join(self.folder, "bin"))
        self.assertEqual((done.returncode, self.started()), (1, []))
        self.assertIn("compose.prod.yaml", done.stderr)

    def test_two_at_a_time_are_one_too_many(self):
        with open(os.path.join(self.docker, ".upgrade.lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.upgrade("registry.example/bourse:2")
        self.assertEqual((done.returncode, self.read("calls")), (1, ""))
        self.assertIn("another upgrade is running", done.stderr)


class Signed(Host):
    """What is signed by whom .env trusts runs, and nothing else does."""
    signed_by = {"BOURSE_SIGNED_BY": ""}
    RELEASE = "https://github.com/Owner/bourse/.github/workflows/release.yml@refs/tags/v0.2.0"
    GITHUB = "https://token.actions.githubusercontent.com"

    def setUp(self):
        super().setUp()
        os.mkdir(os.path.join(self.folder, "signed"))

    def trust(self, whom):
        self.write("docker/.env", f"BOURSE_IMAGE=registry.example/bourse:1\nBOURSE_SOURCE=synthetic\nBOURSE_SIGNED_BY={whom}\n")

    def make_key(self, name):
        """(private, public), the public one as ./NAME.pub of the folder."""
        private, public = os.path.join(self.folder, name + ".key"), os.path.join(self.docker, name + ".pub")
        subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", private], check=True)
        subprocess.run(["openssl", "ec", "-in", private, "-pubout", "-out", public], check=True, capture_output=True)
        return private

    def sign(self, key=None, certificate=None, image=DIGEST, lies_at=DIGEST):
        place = os.path.join("signed", lies_at.rpartition(":")[2])
        repository, digest = image.split("@")
        self.write(place + ".json", json.dumps({"critical": {
            "identity": {"docker-reference": repository}, "image": {"docker-manifest-digest": digest},
            "type": "cosign container image signature"}, "optional": None}))
        if key is not None:
            subprocess.run(["openssl", "dgst", "-sha256", "-sign", key, "-out", os.path.join(self.folder, place + ".sig"),
                            os.path.join(self.folder, place + ".json")], check=True)
        self.write(place + ".certificate", "\n".join(certificate or ("", "")))

    def assert_refused(self, done, words="is not signed by"):
        self.assertEqual((done.returncode, self.started()), (1, []), done.stderr)
        self.assertIn(words, done.stderr)
        self.assertEqual(self.env()["BOURSE_IMAGE"], BEFORE)

    def test_by_the_key_that_is_trusted(self):
        self.trust("./release.pub")
        self.sign(self.make_key("release"))
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("signed by ./release.pub", done.stderr)
        self.assertEqual(self.env()["BOURSE_IMAGE"], DIGEST)
        self.assertIn(f"--key /key.pub {DIGEST}\n", self.read("calls"))  # of the digest that then runs

    def test_by_nobody_it_is_refused(self):
        self.trust("./release.pub")
        self.make_key("release")
        done = self.upgrade("registry.example/bourse:2")
        self.assert_refused(done)
        self.assertIn("no signatures found", done.stderr)
        self.assert_refused(self.upgrade(DIGEST))

    def test_by_another_key_it_is_refused(self):
        self.trust("./release.pub")
        self.make_key("release")
        self.sign(self.make_key("another"))
        self.assert_refused(self.upgrade("registry.example/bourse:2"))

    def test_with_the_signature_of_another_image_it_is_refused(self):
        """Copied beside it in the registry, as who may write there can do."""
        self.trust("./release.pub")
        self.sign(self.make_key("release"), image=BEFORE, lies_at=DIGEST)
        self.assert_refused(self.upgrade("registry.example/bourse:2"))

    def test_with_a_claim_that_was_changed_after_signing_it_is_refused(self):
        self.trust("./release.pub")
        self.sign(self.make_key("release"), image=BEFORE, lies_at=DIGEST)
        path = os.path.join("signed", DIGEST.rpartition(":")[2] + ".json")
        self.write(path, self.read(path).replace(BEFORE.split("@")[1], DIGEST.split("@")[1]))
        self.assert_refused(self.upgrade("registry.example/bourse:2"))

    def test_by_the_workflow_of_its_own_repository(self):
        self.trust("github.com/owner/bourse")  # however GitHub writes the owner
        for at in ("refs/tags/v0.2.0", "refs/heads/main"):
            self.sign(certificate=(self.RELEASE.replace("refs/tags/v0.2.0", at), self.GITHUB))
            done = self.upgrade(DIGEST)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("signed by github.com/owner/bourse", done.stderr)

    def test_by_another_workflow_branch_repository_or_issuer_it_is_refused(self):
        self.trust("github.com/owner/bourse")
        for identity, issuer in (
                (self.RELEASE.replace("release.yml", "ci.yml"), self.GITHUB),
                (self.RELEASE.replace("refs/tags/v0.2.0", "refs/heads/another"), self.GITHUB),
                (self.RELEASE.replace("refs/tags/v0.2.0", "refs/pull/1/merge"), self.GITHUB),
                (self.RELEASE.replace("Owner/", "Another/"), self.GITHUB),
                (self.RELEASE.replace("Owner/bourse/", "Owner/bourse-2/"), self.GITHUB),
                (self.RELEASE.replace("github.com/", "githubXcom/"), self.GITHUB),
                ("https://evil.example/?" + self.RELEASE, self.GITHUB), (self.RELEASE + "/x", self.GITHUB),
                (self.RELEASE, "https://accounts.example")):
            with self.subTest(identity, issuer=issuer):
                self.sign(certificate=(identity, issuer))
                self.assert_refused(self.upgrade("registry.example/bourse:2"))

    def test_of_githubs_registry_it_is_known_whose_signature_it_must_be(self):
        self.trust("")
        image = "ghcr.io/owner/bourse@" + DIGEST.split("@")[1]
        self.sign(certificate=(self.RELEASE, self.GITHUB), image=image, lies_at=image)
        done = self.upgrade(image)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("signed by github.com/owner/bourse", done.stderr)
        # The repository of another owner, with a signature that is good for the first.
        self.write("docker/.env", "BOURSE_IMAGE=registry.example/bourse:1\n")
        self.write("calls", "")
        self.assert_refused(self.upgrade(image.replace("owner", "another")), "not signed by github.com/another/bourse")

    def test_of_another_registry_it_must_be_said(self):
        self.trust("")
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual((done.returncode, self.read("calls")), (1, ""))
        self.assertIn("who signs registry.example/bourse? Set BOURSE_SIGNED_BY", done.stderr)

    def test_a_signer_that_is_none_is_told_before_anything_is_fetched(self):
        for whom in ("somebody", "github.com/owner", "github.com/owner/", "github.com/a/b/c", "./none.pub", "github.com/.*/.*",
                     "github.com//b"):
            with self.subTest(whom):
                self.trust(whom)
                done = self.upgrade("registry.example/bourse:2")
                self.assertEqual((done.returncode, self.read("calls")), (1, ""), done.stderr)
                self.assertIn("BOURSE_SIGNED_BY", done.stderr)

    def test_going_back_asks_no_one(self):
        """What ran before had its signature read when it came; and sigstore may be what is out of reach."""
        self.write("docker/.env", f"BOURSE_IMAGE={DIGEST}\nBOURSE_IMAGE_PREVIOUS={BEFORE}\n")
        done = self.upgrade("--rollback")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(" verify ", self.read("calls"))

    def test_the_login_of_the_pull_is_there_for_the_signature_and_goes_with_it(self):
        self.trust("./release.pub")
        self.sign(self.make_key("release"))
        done = self.upgrade("registry.example/bourse:2", "--login", "somebody", stdin="t0ken")
        self.assertEqual(done.returncode, 0, done.stderr)
        folder = self.read("login_folder").strip()
        self.assertIn(f"--volume {folder}:/login:ro", self.read("calls"))
        self.assertFalse(os.path.exists(folder))

    def test_what_reads_signatures_may_do_nothing_else(self):
        self.trust("./release.pub")
        self.sign(self.make_key("release"))
        self.upgrade("registry.example/bourse:2")
        call, = [line for line in self.read("calls").splitlines() if " verify " in line]
        for word in ("--rm", "--read-only", "--cap-drop ALL", "no-new-privileges", f"--user {os.getuid()}:{os.getgid()}"):
            self.assertIn(word, call)
        self.assertRegex(call, r" ghcr\.io/sigstore/cosign/cosign:v[0-9.]+@sha256:[0-9a-f]{64} verify ")


# Stands in for the way to the host: what would be said there is done here.
SSH = """\
    #!/bin/sh
    while [ $# -gt 0 ]; do
      case $1 in
        -o) [ "${2#UserKnownHostsFile=}" = "$2" ] || cat "${2#UserKnownHostsFile=}" >"$FAKE_FOLDER/known_hosts"; shift 2 ;;
        *) break ;;
      esac
    done
    echo "$*" >>"$FAKE_FOLDER/said"
    shift
    exec sh -c "$*"
    """
SSH_ADD = """\
    #!/bin/sh
    cat >"$FAKE_FOLDER/key"
    env >"$FAKE_FOLDER/environment_of_ssh_add"
    """


@unittest.skipIf(yaml is None, "there is no python3-yaml on this machine")
class Deploy(Host):
    """The step of .github/workflows/deploy.yml as it is written, with a stand-in for ssh."""

    def setUp(self):
        super().setUp()
        for name, text in (("ssh", SSH), ("ssh-add", SSH_ADD), ("ssh-agent", "#!/bin/sh\n")):
            path = os.path.join(self.folder, "bin", name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(textwrap.dedent(text))
            os.chmod(path, stat.S_IRWXU)
        with open(os.path.join(ROOT, ".github", "workflows", "deploy.yml"), encoding="utf-8") as file:
            job = yaml.safe_load(file)["jobs"]["deploy"]
        self.assertEqual(job["defaults"]["run"]["shell"], "bash")
        self.script, = [step["run"] for step in job["steps"] if step.get("name") == "Deploy"]
        self.find, = [step["run"] for step in job["steps"] if step.get("name") == "Find the digest"]
        checkout, = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout@")]
        self.assertEqual(checkout["with"]["ref"], "${{ steps.image.outputs.revision }}")

    def deploy(self, image):
        # As GitHub runs a step with `shell: bash`, in a checkout.
        shutil.copytree(os.path.join(ROOT, "docker"), os.path.join(self.folder, "checkout", "docker"), dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns(".*"))
        self.write("checkout/docker/nginx/http.conf", "newer\n")
        return subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", self.script],
                              cwd=os.path.join(self.folder, "checkout"), capture_output=True, text=True, timeout=60,
                              check=False,
                              env={**self.environment(), "DEPLOY_KEY": "the-key",
                                   "DEPLOY_KNOWN_HOSTS": "host ssh-ed25519 AAAA", "HOST": "host.example",
                                   "LOGIN": "deploy", "DEPLOY_FOLDER": self.docker, "IMAGE": image, "TOKEN": "t0ken",
                                   "GITHUB_ACTOR": "somebody"})

    def find_image(self, wanted, description=""):
        self.write("output", "")
        self.write("description", description)
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", self.find], capture_output=True, text=True,
                              timeout=60, check=False,
                              env={**self.environment(), "WANTED": wanted, "GITHUB_REPOSITORY": "Owner/Bourse",
                                   "GITHUB_OUTPUT": os.path.join(self.folder, "output")})
        return done, dict(line.split("=", 1) for line in self.read("output").splitlines())

    def test_files_come_from_the_commit_that_the_image_was_made_of(self):
        one = {"config": {"Labels": {"org.opencontainers.image.revision": "c" * 40, "org.opencontainers.image.version": "1"}}}
        wanted = {"reference": "ghcr.io/owner/bourse@sha256:" + "2" * 64, "revision": "c" * 40}
        for description in (json.dumps(one), json.dumps(one, indent=2), json.dumps({"linux/amd64": one, "linux/arm64": one})):
            done, output = self.find_image("0.1.0", description)
            self.assertEqual((done.returncode, output), (0, wanted), done.stderr)
        self.assertIn("ghcr.io/owner/bourse:0.1.0\n", self.read("calls"))
        self.assertEqual(self.find_image("")[1], {})  # back to what ran before: its files are on the host
        other = json.loads(json.dumps(one).replace("c" * 40, "d" * 40))
        for description in ("{}", json.dumps(one).replace("c" * 40, "unknown"), json.dumps({"a": one, "b": other})):
            done, output = self.find_image("0.1.0", description)
            self.assertEqual((done.returncode, output), (1, {}))
            self.assertIn("does not say which commit", done.stdout)

    def test_files_and_image_arrive_together(self):
        done = self.deploy(DIGEST)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.env()["BOURSE_IMAGE"], DIGEST)
        self.assertEqual(self.read("docker/nginx/http.conf"), "newer\n")
        self.assertEqual(self.read("known_hosts"), "host ssh-ed25519 AAAA\n")
        for line in self.read("said").splitlines():
            if line.startswith("deploy@"):
                self.assertTrue(line.startswith("deploy@host.example "), line)

    def test_when_it_fails_the_step_fails_and_nothing_has_changed(self):
        before = self.content()
        self.write("faults", f"[{DIGEST}] compose up --detach --no-deps --wait --wait-timeout 60 bourse-2\n")
        self.assertEqual(self.deploy(DIGEST).returncode, 1)
        self.assertEqual(self.content(), before)
        self.assertEqual(self.env()["BOURSE_IMAGE"], BEFORE)

    def test_without_an_image_it_goes_back(self):
        before = self.content()
        self.write("docker/.env", f"BOURSE_IMAGE={BEFORE}\n")
        self.assertEqual(self.deploy(DIGEST).returncode, 0)
        self.assertEqual(self.deploy("").returncode, 0)
        self.assertEqual(self.env()["BOURSE_IMAGE"], BEFORE)
        self.assertEqual(self.content(), before)

    def test_the_first_time_the_command_itself_arrives_too(self):
        os.remove(os.path.join(self.docker, "upgrade"))
        self.assertEqual(self.deploy(DIGEST).returncode, 0)

    def test_key_and_token_are_on_no_command_line_and_in_no_file(self):
        self.assertEqual(self.deploy(DIGEST).returncode, 0)
        self.assertEqual(self.read("key"), "the-key\n")
        self.assertEqual(self.read("password"), "t0ken")
        left = {}
        for folder, _, names in os.walk(self.folder):
            for name in names:
                with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                    left[name] = file.read()
        for name in ("key", "password", "environment_of_ssh_add"):  # written by the stand-ins
            del left[name]
        for name, text in left.items():
            self.assertNotIn("the-key", text, name)
            self.assertNotIn("t0ken", text, name)
        self.assertFalse([name for name in os.listdir(self.folder) if name.startswith("tmp")], "left behind")


if __name__ == "__main__":
    unittest.main()
