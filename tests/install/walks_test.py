# SPDX-License-Identifier: MIT
"""Pages for authors of plugins, walked line by line against an installed Bourse.

Usage: walks_test.py BUILD WORK PAGE...
What a page shows is done as it stands: a block of `sh` is run, all of a page in one shell, in an empty folder. Comments that no
reader sees say the rest, each in the line before a block:

    <!-- file: NAME -->    the block is this file; with `more:` it goes on
    <!-- shows: TEXT -->   what the block prints has a match of this regular expression
    <!-- not run -->       for people only

A line that begins with `bourse serve` or `bourse dev` goes on beside the others until the page ends; what asks it waits until it answers. Ports
8080 and 8090 are others here, and the places of the packages (/usr/...) are those of the installation.
"""
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

build, work, *pages = (os.path.abspath(path) for path in sys.argv[1:])
BLOCK = re.compile(r"(?P<said>(?:^<!-- [^\n]* -->\n)*)^```(?P<kind>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
SERVES = re.compile(r"^bourse (serve|dev)\b")
DEADLINE_SECONDS = 280


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Walk:
    def __init__(self, page, prefix):
        self.page = page
        name = os.path.splitext(os.path.basename(page))[0]
        self.folder = os.path.join(work, name)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.ports = {"8080": str(free_port()), "8090": str(free_port())}
        self.prefix = prefix
        self.script = ["set -e", "served="]
        self.wanted = []
        # What CMake finds by itself in /usr stands elsewhere here, and so do the plugins.
        self.environment = {**os.environ, "HOME": self.folder, "CMAKE_PREFIX_PATH": prefix, "XDG_RUNTIME_DIR": self.folder, "CARGO_NET_OFFLINE": "true",
                            "PATH": os.path.join(prefix, "bin") + ":" + os.environ["PATH"]}

    def here(self, text):
        for port, other in self.ports.items():
            text = re.sub(rf"\b{port}\b", other, text)
        return text.replace("/usr/share/bourse", os.path.join(self.prefix, "share/bourse")).replace(
            "/usr/lib/bourse", os.path.join(self.prefix, "lib/bourse"))

    def read(self):
        with open(self.page, encoding="utf-8") as file:
            text = file.read()
        for number, block in enumerate(BLOCK.finditer(text)):
            said = dict(re.findall(r"<!-- ([a-z ]+?)(?:: (.*?))? -->", block["said"]))
            if "not run" in said:
                continue
            if "file" in said or "more" in said:
                self.add_file(said.get("file") or said["more"], block["text"], "more" in said)
            elif block["kind"] == "sh":
                self.add_commands(number, block["text"], said.get("shows"))
        assert len(self.script) > 2, f"{self.page}: nothing to do"

    def add_file(self, name, text, goes_on):
        assert "'END OF FILE'" not in text
        self.script.append(f"cat {'>>' if goes_on else '>'} '{name}' <<'END OF FILE'\n{self.here(text)}END OF FILE")

    def add_commands(self, number, text, shows):
        self.script.append(f"echo '== block {number}'")
        if shows:
            self.wanted.append((number, shows))
        # A configuration that a command of the page has made listens on the page's port.
        self.script.append(f"find . -name '*.yaml' -not -path '*/build/*' -exec sed -i 's/\\b8080\\b/{self.ports['8080']}/g' {{}} +")
        for line in text.splitlines():
            line = self.here(line)
            if SERVES.match(line):
                command = line.split("#")[0].strip()
                # The reader ends the one before.
                self.script.append('if [ -n "$served" ]; then kill "$served"; wait "$served" || true; fi')
                self.script.append(f"{command} > served-{number}.log 2>&1 &\nserved=$!")
            elif "http://127.0.0.1:" in line and line.lstrip().startswith("curl"):
                url = re.search(r"http://127\.0\.0\.1:(\d+)", line)[1]
                self.script.append(f"for i in $(seq 600); do (echo > /dev/tcp/127.0.0.1/{url}) 2>/dev/null && break; sleep 0.1; done")
                self.script.append(line)
            else:
                self.script.append(line)

    def run(self):
        self.read()
        with subprocess.Popen(["bash", "-c", "\n".join(self.script)], cwd=self.folder, env=self.environment, bufsize=0, start_new_session=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as shell:
            began = time.monotonic()
            try:
                output = self.read_output(shell)
            finally:
                for number in (signal.SIGTERM, signal.SIGKILL):  # the servers; there may be none
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(shell.pid, number)
                        time.sleep(0.3)
        print(output)
        assert shell.returncode == 0, f"{self.page}: a command failed, after {time.monotonic() - began:.0f} s"
        said = dict(re.findall(r"^== block (\d+)\n(.*?)(?=^== block |\Z)", output, re.MULTILINE | re.DOTALL))
        for number, pattern in self.wanted:
            assert re.search(pattern, said[str(number)], re.MULTILINE), f"{self.page}: block {number} does not show {pattern!r}"

    @staticmethod
    def read_output(shell):
        """Until the shell itself ends: what it left running holds the pipe open."""
        output = []
        os.set_blocking(shell.stdout.fileno(), False)
        end = time.monotonic() + DEADLINE_SECONDS
        while True:
            code = shell.poll()
            piece = shell.stdout.read()
            if piece:
                output.append(piece)
            elif code is not None:
                return b"".join(output).decode(errors="replace")
            elif time.monotonic() > end:
                print(b"".join(output).decode(errors="replace"))
                raise AssertionError("the page did not come to its end")
            else:
                time.sleep(0.05)


def main():
    prefix = os.path.join(work, "prefix")
    shutil.rmtree(prefix, ignore_errors=True)
    for component in ("runtime", "sdk"):
        subprocess.run(["cmake", "--install", build, "--prefix", prefix, "--component", component], check=True, stdout=subprocess.DEVNULL)
    for page in pages:
        print("====", page)
        Walk(page, prefix).run()


if __name__ == "__main__":
    main()
