#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads bourse.h and bourse/ext/*.h, and makes of them what keeps them.

    sdk/tools/contract.py layout [--write]   compares the layout with tests/contract/layout/*.txt, or writes it down
    sdk/tools/contract.py rust [--check]     writes sdk/rust/src/sys/contract.rs, or says whether it is up to date
    sdk/tools/contract.py reference [--check]  writes docs/reference/contract.md, or says whether it is up to date
    sdk/tools/contract.py grow FOLDER        writes a tree of headers of a later minor: every growing struct is longer
"""
import argparse
import pathlib
import shlex
import sys

sys.dont_write_bytecode = True  # this folder is part of the source tree

import grow  # noqa: E402
import headers  # noqa: E402
import layout  # noqa: E402
import reference  # noqa: E402
import rust  # noqa: E402


def run_layout(options):
    found = layout.of_headers(options.include, shlex.split(options.cc))
    if options.write:
        file = layout.GOLDEN / f"{found.major}.{found.minor}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(layout.write(found), encoding="utf-8")
        return 0
    faults = list(layout.check(found, options.golden))
    if faults:
        print("\n".join(faults), file=sys.stderr)
        print("\nPlugins that are compiled already would read wrong memory. Put the change at the end of a growing\n"
              "struct, or undo it. (Only while the ABI is a draft: write it down again, " + layout.COMMAND + ".)",
              file=sys.stderr)
    return 1 if faults else 0


def run_rust(options):
    stale = rust.write(options.include, options.check)
    if stale and options.check:
        print("sdk/rust/src/sys/contract.rs is not what the headers say: run sdk/tools/contract.py rust", file=sys.stderr)
    return 1 if stale and options.check else 0


def run_reference(options):
    stale = reference.write(options.include, options.check)
    if stale and options.check:
        print(f"docs/reference/contract.md is not what the headers say: run {reference.COMMAND}", file=sys.stderr)
    return 1 if stale and options.check else 0


def run_grow(options):
    grow.write(options.include, options.folder)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--include", type=pathlib.Path, default=headers.INCLUDE, help="where bourse/ lies")
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("layout")
    one.add_argument("--write", action="store_true")
    one.add_argument("--golden", type=pathlib.Path, default=layout.GOLDEN)
    one.add_argument("--cc", default="cc", help="the C compiler that measures")
    one.set_defaults(run=run_layout)
    one = commands.add_parser("reference")
    one.add_argument("--check", action="store_true")
    one.set_defaults(run=run_reference)
    one = commands.add_parser("rust")
    one.add_argument("--check", action="store_true")
    one.set_defaults(run=run_rust)
    one = commands.add_parser("grow")
    one.add_argument("folder", type=pathlib.Path)
    one.set_defaults(run=run_grow)
    options = parser.parse_args()
    return options.run(options)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except headers.Fault as error:
        sys.exit(str(error))
