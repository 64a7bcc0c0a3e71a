# SPDX-License-Identifier: MIT
"""The layout that compiled plugins rely on, as text, and what may change of it from one minor to the next.

Offsets and sizes are those of 64-bit little-endian ELF platforms (LP64), measured by a compiled program; names and
types are read from the headers, because two fields of one type that have changed places measure the same.
"""
import dataclasses
import pathlib
import re
import subprocess
import tempfile

import headers

GOLDEN = pathlib.Path(__file__).resolve().parents[2] / "tests/contract/layout"
COMMAND = "sdk/tools/contract.py layout --write"
HEAD = """# The layout of ABI {major}.{minor}, written by sdk/tools/contract.py. Once that is released, this file never changes.
# Of a member: offset, size, name, type. A later minor has the same lines at the same places; what grows has more of
# them behind these, and limits (BOURSE_MAX_...) may be higher. tests/contract/layout_test.py holds it.
"""
PROGRAM = """#include <stdio.h>
{includes}
#define TYPE(type, field, wanted) \\
  _Static_assert(__builtin_types_compatible_p(__typeof__(((type *)0)->field), __typeof__(wanted)), #type "." #field)
{checks}
int main(void) {{
{prints}
  return 0;
}}
"""


# ---- measuring ------------------------------------------------------------------------------------------------
def paths(struct):
    """(path, type) of each member and, after a union, of what is in it."""
    for member in struct.members:
        yield member.name, member.type
        if isinstance(member.type, headers.Union):
            for name, kind in member.type.members:
                yield f"{member.name}.{name}", kind


def program(found):
    checks, prints = [], []
    for struct in (struct for header in found for struct in header.structs):
        prints.append(f'  printf("{struct.name} %zu %zu\\n", (size_t)0, sizeof({struct.name}));')
        for path, kind in paths(struct):
            if not isinstance(kind, headers.Union):
                checks.append(f"TYPE({struct.name}, {path}, {kind.text()});")
            prints.append(f'  printf("{struct.name}.{path} %zu %zu\\n", offsetof({struct.name}, {path}), '
                          f"sizeof((({struct.name} *)0)->{path}));")
    includes = "\n".join(f'#include "{header.name}"' for header in found)
    return PROGRAM.format(includes=includes, checks="\n".join(checks), prints="\n".join(prints))



def measure(found, include, compiler):
    """{"struct.path": (offset, size)}; asserts on the way that a field has the type that was read."""
    with tempfile.TemporaryDirectory() as folder:
        source, binary = pathlib.Path(folder, "layout.c"), pathlib.Path(folder, "layout")
        source.write_text(program(found), encoding="utf-8")
        built = subprocess.run([*compiler, "-std=gnu11", f"-I{include}", str(source), "-o", str(binary)],
                               capture_output=True, text=True, check=False)
        if built.returncode:
            raise headers.Fault("the headers do not compile, or were read wrongly:\n" + built.stderr)
        lines = subprocess.run([str(binary)], capture_output=True, text=True, check=True).stdout.splitlines()
    return {name: (int(offset), int(size)) for name, offset, size in (line.split() for line in lines)}


def gaps(struct, measured):
    """Holes mean that a member was overlooked, or padding, which the contract has none of."""
    at = 0
    for member in struct.members:
        offset, size = measured[f"{struct.name}.{member.name}"]
        if offset != at:
            yield f"{struct.name}.{member.name} stands at {offset}, but what is before it ends at {at}"
        at = offset + size
    if at != measured[struct.name][1]:
        yield f"{struct.name} has {measured[struct.name][1]} bytes, but its last member ends at {at}"


# ---- the text -------------------------------------------------------------------------------------------------
@dataclasses.dataclass
class Layout:
    major: int = 0
    minor: int = 0
    facts: dict = dataclasses.field(default_factory=dict)     # "number NAME", "type NAME", ...: text
    structs: dict = dataclasses.field(default_factory=dict)   # NAME: (grows, size, [line of a member])


def of_headers(include=headers.INCLUDE, compiler=("cc",)):
    found = headers.read(include)
    measured = measure(found, include, compiler)
    layout = Layout()
    faults = []
    for header in found:
        for entry in header.entries:
            layout.facts["entry " + entry.split("(")[0].split("*")[-1].split()[-1]] = entry
        for name, text in header.texts.items():
            layout.facts["text " + name] = f'"{text}"'
        for name, base in header.typedefs.items():
            layout.facts["type " + name] = base
        for name in header.opaque:
            layout.facts["type " + name] = "opaque"
        for number in header.numbers:
            layout.facts["number " + number.name] = str(number.value)
        for struct in header.structs:
            faults += gaps(struct, measured)
            lines = ["{:4} {:4}  {:16} {}".format(*measured[f"{struct.name}.{path}"], path, kind.text())
                     for path, kind in paths(struct)]
            layout.structs[struct.name] = (struct.grows, measured[struct.name][1], lines)
    if faults:
        raise headers.Fault("\n".join(faults))
    layout.major = int(layout.facts.pop("number BOURSE_ABI_MAJOR"))
    layout.minor = int(layout.facts.pop("number BOURSE_ABI_MINOR"))
    return layout


def write(layout):
    out = [HEAD.format(major=layout.major, minor=layout.minor)]
    out += [f"{name} = {value}\n" for name, value in layout.facts.items()]
    for name, (grows, size, lines) in layout.structs.items():
        out += [f"\nstruct {name} {'grows' if grows else 'frozen'} {size}\n", *(line + "\n" for line in lines)]
    return "".join(out)


def read(text):
    layout = Layout()
    lines = text.splitlines()
    version = re.match(r"# The layout of ABI (\d+)\.(\d+),", lines[0]) if lines else None
    if not version:
        raise headers.Fault("this is no layout: its first line does not name the ABI")
    layout.major, layout.minor = int(version.group(1)), int(version.group(2))
    members = None
    for line in lines[1:]:
        if line.startswith("struct "):
            _, name, grows, size = line.split()
            members = []
            layout.structs[name] = (grows == "grows", int(size), members)
        elif line[:1] == " " and members is not None:
            members.append(line)
        elif " = " in line and not line.startswith("#"):
            name, value = line.split(" = ", 1)
            layout.facts[name] = value
    return layout


# ---- what may change ------------------------------------------------------------------------------------------
def member_name(line):
    return line.split()[2]


def struct_changes(name, old, new, exact):
    grew, _, before = old
    grows, _, now = new
    if grew != grows:
        yield f"{name} {'begins no longer with size' if grew else 'begins with size now'}: it cannot change its kind"
    for place, line in enumerate(before):
        if place >= len(now) or now[place] != line:
            here = " ".join(now[place].split()) if place < len(now) else "nothing"
            yield f"{name}.{member_name(line)}: was `{' '.join(line.split())}`, there is now `{here}`"
            return
    if len(now) > len(before) and (exact or not grew):
        why = "this minor has been written down" if grew else "it is frozen: arrays of it would be read wrongly"
        yield f"{name} has grown by {member_name(now[len(before)])}: {why}"


def fact_allowed(name, old, new):
    """Limits are the least that every host takes: a later minor may take more."""
    return name.startswith("number BOURSE_MAX_") and int(new) >= int(old)


def changes(old, new, exact=False):
    """Sentences about what plugins built with `old` would read wrongly. exact: nothing may differ at all."""
    if old.major != new.major:
        yield f"the major version was {old.major} and is {new.major}: that is a new symbol, and a new file"
    for name, value in old.facts.items():
        if name not in new.facts:
            yield f"{name} is gone"
        elif new.facts[name] != value and (exact or not fact_allowed(name, value, new.facts[name])):
            yield f"{name} was {value} and is {new.facts[name]}"
    for name, struct in old.structs.items():
        if name not in new.structs:
            yield f"struct {name} is gone"
        else:
            yield from struct_changes(name, struct, new.structs[name], exact)
    if exact:
        for name in [name for name in new.facts if name not in old.facts]:
            yield f"{name} is new"
        for name in [name for name in new.structs if name not in old.structs]:
            yield f"struct {name} is new"


def check(layout, golden=GOLDEN):
    """Compares with every minor that was written down; the one of today must be among them."""
    known = sorted((read(file.read_text(encoding="utf-8")) for file in golden.glob(f"{layout.major}.*.txt")),
                   key=lambda one: one.minor)
    if layout.minor not in [one.minor for one in known]:
        yield f"ABI {layout.major}.{layout.minor} has not been written down: run {COMMAND}"
    for one in known:
        exact = one.minor == layout.minor
        for sentence in changes(one, layout, exact):
            yield f"since {one.major}.{one.minor}: {sentence}"
