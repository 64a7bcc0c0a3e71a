# SPDX-License-Identifier: MIT
"""The headers and the examples with every compiler and standard library that is here.

Usage: matrix.py SOURCE WORK [--full]
Compilers are looked for in the path: g++ and g++-12 or newer, clang++ and clang++-14 or newer, each once; clang also with libc++,
where it finds one. The newest of each kind (--full: all of them), without a warning,
    builds and runs numbers.cpp at -O2, also under a German locale: what is read and written as numbers
    builds and runs zscore_cpp with its unit test at -O0: bourse/testing.hpp
    checks every example as C++20 (C: C11), and all of the SDK's headers as C++23 without RTTI
    refuses the headers without exceptions, with one #error
--full: all of this also at the other level and as the other standard, and a missing compiler or library is a failure. What was not
here is said at the end.
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

SOURCE, WORK = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
FULL = "--full" in sys.argv[3:]
SDK, HERE = SOURCE / "sdk", pathlib.Path(__file__).resolve().parent
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror", "-fdiagnostics-color=never")
WANTED = ("g++", "clang++-14", "clang++-16")  # of Debian 12; `g++` is 12 there
LOCALE = "de_DE.UTF-8"
SECONDS = 300


def said(command, **more):
    return subprocess.run([str(word) for word in command], text=True, capture_output=True, timeout=SECONDS, check=False, **more)


class Compiler:
    """One that is here, with one standard library."""

    def __init__(self, name, library):
        self.name, self.library = name, library
        self.flags = ["-stdlib=libc++"] if library == "libc++" else []
        self.c = re.sub(r"g\+\+", "gcc", name) if name.startswith("g++") else name.replace("clang++", "clang")

    def __str__(self):
        return f"{self.name} {self.library}"

    def cxx(self, *words):
        return [self.name, *self.flags, *WARNINGS, "-I", SDK / "include", *words]


def version(name):
    return int(said([name, "-dumpversion"]).stdout.split(".")[0])


def here():
    """Compilers by their versions, and what is wanted and not here."""
    names = ["g++", "clang++", *(f"g++-{n}" for n in range(12, 20)), *(f"clang++-{n}" for n in range(14, 25))]
    found, seen, missing = [], set(), []
    for name in sorted((n for n in names if shutil.which(n)), key=len, reverse=True):
        program = os.path.realpath(shutil.which(name))
        if program in seen:
            continue
        seen.add(program)
        found.append(Compiler(name, "libstdc++"))
        if not name.startswith("clang"):
            continue
        with tempfile.TemporaryDirectory() as folder:
            one = pathlib.Path(folder) / "one.cpp"
            one.write_text("#include <string>\nint main(int n, char**) { return static_cast<int>(std::string(\"\").size()) - n + 1; }\n")
            tried = said([name, "-stdlib=libc++", "-std=c++20", one, "-o", one.with_suffix("")])
        if tried.returncode == 0:
            found.append(Compiler(name, "libc++"))
        else:
            missing.append(f"libc++ for {name}")
    if not FULL:
        newest = {kind: max((c.name for c in found if c.name.startswith(kind)), key=version, default=None) for kind in ("g++", "clang++")}
        left = sorted({c.name for c in found} - set(newest.values()))
        missing += [f"{name} (--full tries it, too)" for name in left]
        return sorted((c for c in found if c.name not in left), key=str), missing
    programs = {os.path.realpath(shutil.which(c.name)) for c in found}
    missing += [name for name in WANTED if not shutil.which(name) or os.path.realpath(shutil.which(name)) not in programs]
    return sorted(found, key=str), missing


def german():
    """The environment in which there is a German locale, or None."""
    for path in (None, str(WORK / "locales")):
        environment = dict(os.environ, **({"LOCPATH": path} if path else {}))
        if path and not (WORK / "locales" / LOCALE).exists():
            if not shutil.which("localedef"):
                return None
            (WORK / "locales").mkdir(parents=True, exist_ok=True)
            said(["localedef", "--no-archive", "-i", "de_DE", "-f", "UTF-8", WORK / "locales" / LOCALE])
        if said(["locale", "decimal_point"], env=dict(environment, LC_ALL=LOCALE)).stdout.strip() == ",":
            return environment
    return None


def cases(compiler, environment):
    """(what, its commands: each must succeed, or, where a pattern stands beside it, fail with that)."""
    work = WORK / re.sub(r"\W+", "_", str(compiler))
    work.mkdir(parents=True, exist_ok=True)
    for level in ("-O2", "-O0") if FULL else ("-O2",):
        program = work / f"numbers{level}"
        yield f"numbers {level}", [
            (compiler.cxx("-std=c++20", level, HERE / "numbers.cpp", "-o", program), None, None),
            ([program, LOCALE] if environment else [program], environment, None)]
    zscore = SDK / "examples/zscore_cpp"
    for level in ("-O0", "-O2") if FULL else ("-O0",):
        program = work / f"zscore{level}"
        yield f"zscore and its test {level}", [
            (compiler.cxx("-std=c++20", level, zscore / "zscore.cpp", zscore / "zscore_test.cpp", "-ldl", "-o", program), None, None),
            ([program], None, None)]
    only = ("-fsyntax-only",)
    for standard in ("c++20", "c++2b") if FULL else ("c++20",):
        for file in sorted((SDK / "examples").glob("*_cpp/*.cpp")):
            if file.parent.name == "zscore_cpp" and standard == "c++20":
                continue  # is built above
            yield f"{file.name} {standard}", [(compiler.cxx(f"-std={standard}", *only, file), None, None)]
    for standard in ("c11", "c2x") if FULL else ("c11",):
        for file in sorted((SDK / "examples").glob("*_c/*.c")):
            words = [compiler.c, *WARNINGS, f"-std={standard}", *only, "-I", SDK / "include", file]
            if compiler.library == "libstdc++":
                yield f"{file.name} {standard}", [(words, None, None)]
    header = SOURCE / "tests/sdk/every_header.cpp"
    for flags in (("-std=c++2b", "-fno-rtti"), ("-std=c++20",)) if FULL else (("-std=c++2b", "-fno-rtti"),):
        yield f"every header {' '.join(flags)}", [(compiler.cxx(*flags, *only, header), None, None)]
    yield "without exceptions", [
        (compiler.cxx("-std=c++20", "-fno-exceptions", *only, header), None, r"error: .*leave out -fno-exceptions")]


def tried(compiler, what, commands):
    """Why not, or None."""
    for command, environment, refusal in commands:
        done = said(command, env=environment)
        told = done.stdout + done.stderr
        errors = [line for line in told.splitlines() if re.search(r"error:", line)]
        if refusal is None:
            wrong = done.returncode != 0 or "warning:" in told
        else:
            wrong = done.returncode == 0 or not errors or not re.search(refusal, errors[0])
            wrong = wrong or sum("#error" in line or "leave out" in line for line in errors) != 1
        if wrong:
            return f"== {compiler}, {what}:\n{' '.join(map(str, command))}\n{told}"
    return None


def main():
    WORK.mkdir(parents=True, exist_ok=True)
    found, missing = here()
    environment = german()
    if environment is None:
        missing.append(f"the locale {LOCALE} (localedef makes it of the package locales)")
    began, before = time.monotonic(), os.times()
    with concurrent.futures.ThreadPoolExecutor(max_workers=len(os.sched_getaffinity(0))) as pool:
        jobs = [(c, what, pool.submit(tried, c, what, commands)) for c in found for what, commands in cases(c, environment)]
        failures = [failure for _, _, job in jobs if (failure := job.result())]
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    print("\n".join(failures))
    for compiler in found:
        names = [what for c, what, _ in jobs if c is compiler]
        print(f"{compiler}: {len(names)} cases")
    print(f"{len(jobs)} cases, {len(failures)} failed; {time.monotonic() - began:.0f} s, {processor:.0f} s of processors")
    print("not here: " + ("nothing" if not missing else ", ".join(missing)))
    if not jobs:
        sys.exit("no compiler is here")
    sys.exit(1 if failures or (FULL and missing) else 0)


main()
