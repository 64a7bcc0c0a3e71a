# SPDX-License-Identifier: MIT
"""bad_test.py FILE RULE OUTCOME [OPTION...]: the plugin fails that rule by that outcome, and no other rule.

Each finding says where, what and what to do, and each that is not a pass gives the command that repeats it.
"""
import json
import os
import subprocess
import sys

PROGRAM = os.environ["BOURSE"]


def said(file, *options):
    done = subprocess.run([PROGRAM, "validate", file, "--format", "json", *options], capture_output=True, text=True,
                          timeout=290, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode in (0, 1) and done.stderr == "", (done.returncode, done.stderr, done.stdout)
    report = json.loads(done.stdout)
    assert report["good"] == (done.returncode == 0), (done.returncode, done.stdout)
    return report


def main(file, rule, outcome, *options):
    report = said(file, *options)
    wrong = [run for run in report["runs"] if run["outcome"] in ("failed", "crashed", "warning")]
    found = {(run["rule"], run["outcome"]) for run in wrong}
    expected = set() if rule == "none" else {(rule, outcome)}
    shown = json.dumps(wrong, indent=2)
    assert found == expected, f"expected {expected or 'nothing'}, got {found or 'nothing'}\n{shown}"
    for run in wrong:
        assert f"--in-process --only {rule}" in run["repeat"] and "--seed 1" in run["repeat"], shown
        for finding in run["findings"]:
            assert finding["seen"] and finding["remedy"], shown
        if outcome == "crashed":
            assert run["crash"] and run["item"] and run["remedy"], shown
        else:
            assert run["findings"], shown


if __name__ == "__main__":
    main(*sys.argv[1:])
