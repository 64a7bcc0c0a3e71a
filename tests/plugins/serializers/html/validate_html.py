# SPDX-License-Identifier: MIT
"""Every page of the test reports, by a validator that knows the standard and accessibility.

Usage: validate_html.py PROGRAM HTML_VALIDATE RULES; PROGRAM is render_reports.
"""
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, __file__.rsplit("/", 2)[0])
import dump  # noqa: E402

PROGRAM, VALIDATE, RULES = sys.argv[1:4]

with tempfile.TemporaryDirectory() as folder:
    for theme in ("auto", "dark"):
        for name, made in dump.render(PROGRAM, "html", theme=theme, rows="40").items():
            pathlib.Path(folder, "%s-%s.html" % (name, theme)).write_bytes(made.output)
    done = subprocess.run([VALIDATE, "--config", RULES, "--formatter", "text", folder], timeout=100)
    sys.exit(done.returncode)
