# SPDX-License-Identifier: MIT
"""Headers of a minor that does not exist yet: every growing struct has one field more, every table of functions one
function more, and BOURSE_ABI_MINOR is one higher. Everything else, comments too, stays as it is."""
import re

import headers


def grown(header):
    text = header.text
    for struct in sorted(header.structs, key=lambda one: one.end, reverse=True):
        if not struct.grows:
            continue
        tail = " uint64_t grown_field;"
        if any(member.is_function for member in struct.members):
            tail += " void (*grown_function)(void);"
        text = text[:struct.end] + tail + " " + text[struct.end:]
    minor = re.compile(r"(#define BOURSE_ABI_MINOR )(\d+)")
    return minor.sub(lambda found: found.group(1) + str(int(found.group(2)) + 1), text)


def write(include, folder):
    """Fills `folder` with all of sdk/include, and the grown C headers in the place of theirs. What is right already is
    not touched, so that nothing is compiled again for it."""
    found = {header.name: grown(header) for header in headers.read(include)}
    wanted = {str(file.relative_to(include)): file for file in sorted(include.rglob("*")) if file.is_file()}
    for name, file in wanted.items():
        text = found.get(name) or file.read_text(encoding="utf-8")
        target = folder / name
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
    for file in sorted(folder.rglob("*.h")) + sorted(folder.rglob("*.hpp")):
        if str(file.relative_to(folder)) not in wanted:
            file.unlink()
