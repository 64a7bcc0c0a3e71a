# SPDX-License-Identifier: MIT
"""Does what docs/tutorial/first-plugin.md says, line by line, and looks at what comes out.

Usage: tutorial_test.py SOURCE BUILD WORK
A folder WORK stands for the reader's checkout: `sdk` and `build/release` lead to this tree's. The blocks marked sh are run as
they stand, in one shell; the block marked yaml is the file that the text names. Only the port is another one.
"""
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

source, build, work = (os.path.abspath(path) for path in sys.argv[1:4])


def blocks(text):
    return re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def main():
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(os.path.join(work, "build"))
    os.symlink(os.path.join(source, "sdk"), os.path.join(work, "sdk"))
    os.symlink(build, os.path.join(work, "build", "release"))
    with open(os.path.join(source, "docs/tutorial/first-plugin.md"), encoding="utf-8") as page:
        text = page.read()
    port = free_port()
    script, curl, serve = "set -e\n", None, None
    for kind, block in blocks(text):
        if kind == "yaml":
            name = re.search(r"This is the file `(.*?)`", text).group(1)
            with open(os.path.join(work, name), "w", encoding="utf-8") as file:
                file.write(block)
            continue
        for line in block.splitlines(keepends=True):
            if line.startswith("bourse serve"):
                serve = line.strip().replace("bourse", "build/release/bin/bourse", 1)
            elif line.startswith("curl"):
                curl = re.search(r"'(http://127.0.0.1:)8080(.*)'", line)
            else:
                script += line
    assert serve and curl, "the tutorial serves nothing, or asks for nothing"
    environment = dict(os.environ, HOME=work)
    done = subprocess.run(["bash", "-c", script], cwd=work, env=environment, text=True, capture_output=True, timeout=280, check=False)
    print(done.stdout, done.stderr, sep="\n")
    assert done.returncode == 0, "a command of the tutorial failed"
    assert re.search(r"^symbol,bid,ask,spread\r?\nBTCUSDT,[0-9.]+,[0-9.]+,[0-9.]+", done.stdout, re.MULTILINE), "step 4 shows no spread"

    with subprocess.Popen(serve.split() + ["--listen", f"127.0.0.1:{port}"], cwd=work, env=environment) as server:
        try:
            answer = ask(f"{curl.group(1)}{port}{curl.group(2)}", server)
        finally:
            server.terminate()
            code = server.wait(20)
    print(answer)
    assert re.match(r"symbol,bid,ask,spread\r?\nBTCUSDT,", answer), "step 5 answers no spread"
    assert code == 0, f"the server ended with {code}"


def ask(url, server):
    while server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=20) as response:
                return response.read().decode()
        except ConnectionRefusedError:
            time.sleep(0.05)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.05)
    raise AssertionError("the server ended")


main()
