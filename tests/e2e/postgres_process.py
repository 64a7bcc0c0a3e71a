# SPDX-License-Identifier: MIT
"""Debian's PostgreSQL as a child process, for end-to-end tests: in a folder of its own, on a socket in it and no port."""
import contextlib
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time


def programs():
    """The folder of the newest version's; None without one."""
    found = sorted(os.path.dirname(path) for path in glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    return found[-1] if found else None


def reason():
    """Why there is none here; None when there is."""
    if programs() is None:
        return "no PostgreSQL server: apt-get install postgresql"
    if os.geteuid() == 0:  # it refuses to run as root
        try:
            pwd.getpwnam("postgres")
        except KeyError:
            return "there is no user postgres to run a server as"
    return None


class Postgres:
    """Serves while the context lasts; stop() and start() between. `options`: settings of the server."""

    def __init__(self, **options):
        self.bin = programs()
        self.folder = tempfile.mkdtemp(prefix="bourse-postgres-")
        self.user = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.data = os.path.join(self.folder, "data")
        self.options = {"listen_addresses": "", "fsync": "off", "shared_buffers": "32MB", "autovacuum": "off", **options}
        self.process = None
        self.count = 0
        subprocess.run([self.program("initdb"), "-D", self.data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                        "--no-sync"], check=True, stdout=subprocess.DEVNULL, cwd="/", **self.user)
        self.start()

    def program(self, name):
        return os.path.join(self.bin, name)

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        words = [self.program("postgres"), "-D", self.data, "-k", self.folder]
        for name, value in self.options.items():
            words += ["-c", f"{name}={value}"]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", **self.user)
        end = time.monotonic() + 60
        while subprocess.run([self.program("pg_isready"), "-q", "-h", self.folder], check=False).returncode != 0:
            if time.monotonic() > end:
                raise AssertionError("PostgreSQL did not start")
            time.sleep(0.05)

    def stop(self):
        """At once; who is connected is cut off."""
        if self.process is not None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(60)
            self.process = None

    def pids(self):
        """The server and those that serve its connections."""
        found = []
        for path in glob.glob("/proc/[0-9]*/stat"):
            with contextlib.suppress(OSError):
                with open(path, encoding="utf-8") as file:
                    fields = file.read().rpartition(")")[2].split()
                if int(fields[1]) == self.process.pid:
                    found.append(int(path.split("/")[2]))
        return [self.process.pid, *found]

    @contextlib.contextmanager
    def frozen(self):
        """It is there and says nothing, as one whose disk hangs."""
        stopped = self.pids()
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in stopped:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def url(self, database):
        return f"postgresql://tester@/{database}?host={self.folder}"

    def new_database(self):
        """The address of one that was not there before."""
        self.count += 1
        self.ask("postgres", f"CREATE DATABASE history_{self.count}")
        return self.url(f"history_{self.count}")

    def ask(self, database, sql):
        """Rows as lists of texts."""
        url = database if "://" in database else self.url(database)
        done = subprocess.run([self.program("psql"), "--no-psqlrc", "--quiet", "--csv", "--tuples-only", url, "-c", sql], check=True, text=True,
                              capture_output=True, env={**os.environ, "PGTZ": "UTC"})
        return [line.split(",") for line in done.stdout.splitlines()]
