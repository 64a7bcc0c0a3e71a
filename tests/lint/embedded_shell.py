# SPDX-License-Identifier: MIT
"""shellcheck for the shell inside other files: RUN of Dockerfiles, run: of workflow steps.

    embedded_shell.py FILE...    exit code 1 when shellcheck finds something
"""
import re
import subprocess
import sys

import yaml

RUN = re.compile(r"\s*RUN\s+(?:--\S+\s+)*(.*)", re.IGNORECASE)
HEREDOC = re.compile(r"<<-?['\"]?(\w+)")


def workflow_scripts(text):
    """(where, script, dialect) of each step. ${{ }} is filled in before a shell sees it, with one word or several."""
    for job_name, job in (yaml.safe_load(text).get("jobs") or {}).items():
        dialect = "sh" if "container" in job else "bash"  # what GitHub takes
        for number, step in enumerate(job.get("steps") or []):
            if "run" in step:
                where = f"{job_name}: {step.get('name', number)}"
                yield where, re.sub(r"\$\{\{.*?\}\}", "EXPRESSION", step["run"]), step.get("shell", dialect)


def dockerfile_scripts(text):
    lines = text.split("\n")
    at = 0
    while at < len(lines):
        found, start = RUN.match(lines[at]), at + 1
        if found and not found[1].startswith("["):
            body = [re.sub(r"--mount=\S+", "", found[1])]
            heredoc = HEREDOC.match(found[1])
            if heredoc:
                body = []
                while at + 1 < len(lines) and lines[at + 1].strip() != heredoc[1]:
                    at += 1
                    body.append(lines[at])
            else:
                while lines[at].rstrip().endswith("\\") and at + 1 < len(lines):
                    at += 1
                    body.append(re.sub(r"^\s*--mount=\S+", "", lines[at]))
            yield f"line {start}", "\n".join(body), "sh"
        at += 1


def check(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    scripts = workflow_scripts(text) if path.endswith((".yml", ".yaml")) else dockerfile_scripts(text)
    good = True
    for where, script, dialect in scripts:
        # SC2046: lists of packages are words on purpose, and a Dockerfile has no place for a directive.
        done = subprocess.run(["shellcheck", "--shell", dialect, "--format", "gcc", "--exclude", "SC2046", "-"],
                              input=script.lstrip(" \\\n") + "\n", capture_output=True, text=True, check=False)
        if done.returncode != 0:
            good = False
            print(re.sub(r"(?m)^-:", f"{path} ({where}) +", done.stdout + done.stderr).rstrip())
    return good


if __name__ == "__main__":
    sys.exit(0 if all([check(path) for path in sys.argv[1:]]) else 1)
