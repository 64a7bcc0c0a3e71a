# SPDX-License-Identifier: MIT
"""docker/upgrade, against a command `docker` that only pretends: order, rollback, what is written down."""
import fcntl
import os
import shutil
import stat
import subprocess
import tempfile
import textwrap
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DIGEST = "registry.example/bourse@sha256:" + "2" * 64
BEFORE = "registry.example/bourse@sha256:" + "1" * 64

# Writes down what it is asked, and fails where the file `faults` has a line that the call contains.
FAKE = """\
    #!/bin/sh
    line="${BOURSE_IMAGE:+[$BOURSE_IMAGE] }$*"
    echo "$line" >>"$FAKE_FOLDER/calls"
    case $* in
      login*) cat >"$FAKE_FOLDER/password"; echo "$DOCKER_CONFIG" >"$FAKE_FOLDER/login_folder" ;;
      "image inspect --format"*) printf 'other.example/bourse@sha256:3\\n%s\\n\\n' "$FAKE_DIGEST" ;;
    esac
    while read -r fault; do
      case $line in *"$fault"*) exit 1 ;; esac
    done <"$FAKE_FOLDER/faults"
    """


class Upgrade(unittest.TestCase):
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
        self.write("faults", "")
        self.write("calls", "")
        self.write("docker/.env", "BOURSE_IMAGE=registry.example/bourse:1\nBOURSE_SOURCE=synthetic\n")

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def upgrade(self, *words, stdin=""):
        return subprocess.run([os.path.join(self.docker, "upgrade"), *words], input=stdin, capture_output=True, text=True,
                              timeout=60, check=False,
                              env={**os.environ, "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
                                   "FAKE_FOLDER": self.folder, "FAKE_DIGEST": DIGEST})

    def started(self):
        """(image, server) in the order in which they were started."""
        return [(line.split("]")[0][1:], line.rsplit(" ", 1)[1]) for line in self.read("calls").splitlines()
                if "compose up" in line and line.endswith(("bourse-1", "bourse-2"))]

    def env(self):
        return dict(line.split("=", 1) for line in self.read("docker/.env").splitlines())

    def test_one_after_the_other_and_by_digest(self):
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.started(), [(DIGEST, "bourse-1"), (DIGEST, "bourse-2")])
        self.assertEqual(self.env(), {"BOURSE_IMAGE": DIGEST, "BOURSE_IMAGE_PREVIOUS": "registry.example/bourse:1",
                                      "BOURSE_SOURCE": "synthetic"})

    def test_a_digest_is_taken_as_it_is(self):
        self.assertEqual(self.upgrade(DIGEST).returncode, 0)
        self.assertEqual(self.env()["BOURSE_IMAGE"], DIGEST)
        self.assertNotIn("image inspect", self.read("calls"))

    def test_when_the_first_does_not_become_healthy_the_second_is_not_touched_before_both_go_back(self):
        self.write("faults", f"[{DIGEST}] compose up --detach --no-deps --wait --wait-timeout 60 bourse-1\n")
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual(done.returncode, 1)
        old = "registry.example/bourse:1"
        self.assertEqual(self.started(), [(DIGEST, "bourse-1"), (old, "bourse-1"), (old, "bourse-2")])
        self.assertEqual(self.env()["BOURSE_IMAGE"], old)
        self.assertNotIn("BOURSE_IMAGE_PREVIOUS", self.env())

    def test_when_the_second_fails_both_go_back(self):
        self.write("faults", f"[{DIGEST}] compose up --detach --no-deps --wait --wait-timeout 60 bourse-2\n")
        self.assertEqual(self.upgrade("registry.example/bourse:2").returncode, 1)
        self.assertEqual([server for _, server in self.started()], ["bourse-1", "bourse-2", "bourse-1", "bourse-2"])

    def test_when_nginx_does_not_reach_them_both_go_back(self):
        self.write("faults", "curl --fail\n")
        self.assertEqual(self.upgrade("registry.example/bourse:2").returncode, 1)
        self.assertEqual(self.started()[-1], ("registry.example/bourse:1", "bourse-2"))
        self.assertEqual(self.env()["BOURSE_IMAGE"], "registry.example/bourse:1")

    def test_nginx_takes_changed_files_over_without_a_new_container(self):
        self.upgrade("registry.example/bourse:2")
        calls = self.read("calls")
        self.assertIn("-s reload", calls)
        self.assertNotIn("--force-recreate", calls)

    def test_when_nginx_does_not_reload_both_go_back(self):
        self.write("faults", "compose exec -T nginx sh\n")
        self.assertEqual(self.upgrade("registry.example/bourse:2").returncode, 1)
        self.assertEqual(self.started()[-1], ("registry.example/bourse:1", "bourse-2"))

    def test_when_going_back_fails_too_it_says_so(self):
        self.write("faults", "wait-timeout 60 bourse-1\n")
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual(done.returncode, 3)
        self.assertIn("does not become healthy with registry.example/bourse:1 either", done.stderr)

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

    def test_a_refused_login_changes_nothing(self):
        self.write("faults", "login --username\n")
        done = self.upgrade("registry.example/bourse:2", "--login", "somebody", stdin="t0ken")
        self.assertEqual((done.returncode, self.started()), (1, []))
        self.assertIn("does not let somebody in", done.stderr)

    def test_it_wants_an_env_file_and_sensible_words(self):
        for words in ((), ("a", "--rollback"), ("--nonsense",), ("a", "--login")):
            self.assertEqual(self.upgrade(*words).returncode, 2, words)
        os.remove(os.path.join(self.docker, ".env"))
        done = self.upgrade("registry.example/bourse:2")
        self.assertEqual(done.returncode, 1)
        self.assertIn("example.env", done.stderr)

    def test_two_at_a_time_are_one_too_many(self):
        with open(os.path.join(self.docker, ".upgrade.lock"), "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.upgrade("registry.example/bourse:2")
        self.assertEqual((done.returncode, self.read("calls")), (1, ""))
        self.assertIn("another upgrade is running", done.stderr)


if __name__ == "__main__":
    unittest.main()
