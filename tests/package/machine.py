# SPDX-License-Identifier: MIT
"""A Debian of its own, made of a folder, which it leaves as it is: with its own processes, mounts and network (loopback only), as
a virtual machine has them, but on this kernel. Needs root."""
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time

BOOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "boot")
DEADLINE_SECONDS = 300


# What the package manager says of everything else, at length: not what an administrator reads a transcript for.
CHATTER = re.compile(r"""(?mx)^(?:
    (?:The\ following|Suggested\ packages|Recommended\ packages).*\n(?:\ \ .*\n)* |
    (?:Reading|Building|Need\ to\ get|After\ this|Get:|debconf:|Selecting|\(Reading|Preparing|Processing|update-alternatives:).*\n |
    (?:Unpacking|Setting\ up)\ (?!bourse).*\n)""")
COLUMNS = 160


def shortened(said):
    """For the transcript: without chatter, each line with its end and no longer than a screen is wide."""
    lines = CHATTER.sub("", said if said.endswith("\n") or not said else said + "\n").splitlines()
    return "".join((line if len(line) <= COLUMNS else line[:COLUMNS] + " ...") + "\n" for line in lines if line.strip())


def cgroup_folder():
    """Where this kernel's one hierarchy of control groups is; beside older ones, or alone."""
    with open("/proc/self/mounts", encoding="utf-8") as file:
        return next(line.split()[1] for line in file if line.split()[2] == "cgroup2")


class Machine:
    """`with Machine(folder, systemd=True) as machine: machine.run("systemctl status")`. All that ran in it is gone after that."""

    def __init__(self, debian, systemd, transcript):
        self.debian = debian
        self.scratch = tempfile.mkdtemp()
        self.systemd = systemd
        self.transcript = transcript
        self.group = os.path.join(cgroup_folder(), f"bourse-test-{os.getpid()}")

    def __enter__(self):
        os.makedirs(self.group)
        first = ["/sbin/init"] if self.systemd else ["/usr/bin/sleep", "infinity"]

        def join_group():
            with open(os.path.join(self.group, "cgroup.procs"), "w", encoding="ascii") as file:
                file.write("0")
        self.outside = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--cgroup", "--uts", "--ipc", "--net", BOOT,
             self.debian, self.scratch, *first],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, preexec_fn=join_group)
        try:
            self.wait_for(self.find_first, "no first process")
            if self.systemd:
                self.wait_for(lambda: self.run("systemctl is-system-running", quiet=True, check=False).strip() in ("running", "degraded"),
                              "systemd does not come up")
                # Which systemd-run wants; systemctl does without.
                self.wait_for(lambda: self.exists("/run/dbus/system_bus_socket"), "systemd has no bus: is dbus in that Debian?")
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.outside.send_signal(signal.SIGKILL)  # and with it, by --kill-child, process 1 and all others in there
        self.outside.wait()
        self.wait_for(self.remove_group, "processes of the machine do not end")
        os.rmdir(self.scratch)

    def remove_group(self):
        for folder, _, _ in os.walk(self.group, topdown=False):
            try:
                os.rmdir(folder)
            except OSError:
                return False
        return True

    def find_first(self):
        """Its process 1, as it is numbered here, once the shell that mounts has become it."""
        with open(f"/proc/{self.outside.pid}/task/{self.outside.pid}/children", encoding="ascii") as file:
            children = file.read().split()
        if not children:
            assert self.outside.poll() is None, "the machine ended before it began"
            return False
        self.first = children[0]
        return os.path.basename(os.readlink(f"/proc/{self.first}/exe")) in ("systemd", "sleep")

    @staticmethod
    def wait_for(holds, otherwise, seconds=60):
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, otherwise
            time.sleep(0.05)

    def run(self, command, check=True, quiet=False, user=None):
        """What a shell in there says to standard output and standard error together."""
        words = ["nsenter", "--target", self.first, "--all", "env", "-i", "-C", "/", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                 "DEBIAN_FRONTEND=noninteractive", "HOME=/root"]
        if user:
            words += ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--reset-env"]
        done = subprocess.run([*words, "sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                              timeout=DEADLINE_SECONDS, stdin=subprocess.DEVNULL)
        if not quiet:
            self.transcript.write(f"{user or 'root'}{'$' if user else '#'} {command}\n{shortened(done.stdout)}")
            if done.returncode:
                self.transcript.write(f"[exit code {done.returncode}]\n")
            self.transcript.flush()
        if check and done.returncode:
            raise AssertionError(f"{command}\nexit code {done.returncode}:\n{done.stdout}")
        return done.stdout

    def path(self, path):
        return f"/proc/{self.first}/root{path}"

    def exists(self, path):
        return os.path.lexists(self.path(path))

    def write(self, path, text, mode=0o644):
        with open(self.path(path), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path(path), mode)

    def read(self, path):
        with open(self.path(path), encoding="utf-8") as file:
            return file.read()

    def owner(self, path):
        return self.run(f"stat -c '%U:%G %a' {path}", quiet=True).strip()


def older(package, version, folder, changes):
    """The package made over as if it were of an older version; `changes`: path and a function of its text."""
    tree = os.path.join(folder, "older")
    shutil.rmtree(tree, ignore_errors=True)
    subprocess.run(["dpkg-deb", "-R", package, tree], check=True)
    for path, change in {"DEBIAN/control": lambda text: re.sub(r"(?m)^Version: .*$", f"Version: {version}", text), **changes}.items():
        with open(os.path.join(tree, path), encoding="utf-8") as file:
            text = file.read()
        assert change(text) != text, path
        with open(os.path.join(tree, path), "w", encoding="utf-8") as file:
            file.write(change(text))
    made = os.path.join(folder, re.sub(r"_[^_]+_", f"_{version}_", os.path.basename(package)))
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-b", tree, made], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return made
