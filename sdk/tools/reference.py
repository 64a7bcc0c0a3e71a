# SPDX-License-Identifier: MIT
"""docs/reference/contract.md of the headers: limits, lifetimes and threads, function by function."""
import pathlib
import re

import headers

FILE = pathlib.Path(__file__).resolve().parents[2] / "docs/reference/contract.md"
COMMAND = "sdk/tools/contract.py reference"
MARK = re.compile(r"\s*\[(load|make|call|any)\]\.?")
COMMENT = re.compile(r"/\*(.*?)\*/", re.DOTALL)
HEAD = f"""# The contract, function by function

Made by `{COMMAND}` of the headers in `sdk/include/bourse`, which say more: structs, numbers and rules stand there and nowhere else. What may change, and
when, is in [the promise](../explanation/decisions/contract.md) and in [compatibility](compatibility.md).
"""


def words_of(comment):
    """A comment as one paragraph."""
    lines = [re.sub(r"^\s*\*( |$)", "", line).strip() for line in comment.strip().split("\n")]
    return re.sub(r"\s+", " ", " ".join(lines)).strip().removeprefix("* ")


def cell(text):
    """For a table; what stands in angle brackets or between bars is text."""
    return text.replace("|", "\\|").replace("<", "&lt;")


def escaped(text):
    """For a paragraph; names and masks keep their stars and underscores."""
    return re.sub(r"([*_|])", r"\\\1", text).replace("<", "&lt;")


def body_of(header, struct):
    """The text between the braces of a struct."""
    start = re.search(rf"\bstruct {struct.name}\s*\{{", header.text).end()
    return header.text[start:struct.end]


def pieces(text):
    """Comments and declarations, in their order: ("above", words), ("own", words) of what was declared last, ("code", text)."""
    at = 0
    for found in re.finditer(r"/\*.*?\*/", text, re.DOTALL):
        code = text[at:found.start()]
        if code.strip():
            yield "code", code
        own_line = not text[text.rfind("\n", 0, found.start()) + 1:found.start()].strip()
        yield "above" if own_line else "own", words_of(found.group()[2:-2])
        at = found.end()
    if text[at:].strip():
        yield "code", text[at:]


def comments_of(header, struct):
    """Of each function the comment on its line, and the one above it and its neighbours."""
    found, above, last = {}, "", None
    for kind, text in pieces(body_of(header, struct)):
        if kind == "above":
            above = text
        elif kind == "own" and last:
            found[last] = (text, found[last][1])
        elif kind == "code":
            last = None  # a comment behind something else is not about a function before it
            for name in re.findall(r"\(\*(\w+)\)\(", text):
                if name not in found and any(member.name == name and member.is_function for member in struct.members):
                    found[name], last = ("", above), name
    return found


def functions(header, struct):
    """(member, what is said of it, its mark)"""
    comments = comments_of(header, struct)
    last = ""
    for member in struct.members:
        own, above = comments.get(member.name, ("", ""))
        marks = MARK.findall(own) or MARK.findall(above)
        if not member.is_function:
            continue
        said = " ".join(part for part in (above if above != last else "", own) if part)
        yield member, MARK.sub("", said).strip(), marks[-1] if marks else ""
        last = above


def table_of(header, struct):
    yield "| function | threads | |"
    yield "|---|---|---|"
    for member, said, mark in functions(header, struct):
        if not mark:
            raise headers.Fault(f"{header.name}: {struct.name}.{member.name}: no comment says on which threads it is called")
        signature = member.type.to.text(member.name)
        yield f"| `{signature}` | [{mark}] | {cell(said)} |"


def limits(header):
    text = header.text[header.text.index("BOURSE_MAX_ID_BYTES"):]
    text = text[:text.index("};")]
    said, last = {}, []
    for found in re.finditer(r"\b(BOURSE_MAX_\w+)|/\*(.*?)\*/|\n", text, re.DOTALL):
        if found.group(1):
            last.append(found.group(1))
            said[found.group(1)] = ""
        elif found.group(2) and last:
            said[last[-1]] = words_of(found.group(2))
    yield "| limit | | of |"
    yield "|---|---|---|"
    for number in header.numbers:
        if number.name in said:
            yield f"| `{number.name}` | {number.value:,} | {cell(said[number.name])} |"


def rules(header):
    text = COMMENT.findall(header.text)[2]
    text = text[text.index("FIVE RULES"):]
    for number, rule in re.findall(r"^ \*\s+(\d)\.\s(.*?)(?=^ \*\s+\d\.|\Z)", text, re.MULTILINE | re.DOTALL):
        yield f"{number}. {escaped(words_of(' * ' + rule))}"


def about(header):
    """What the comment at the head of an extension's header says."""
    text = next(found for found in COMMENT.findall(header.text) if f"{pathlib.Path(header.name).name} - " in found)
    paragraphs = re.split(r"\n \*\s*\n", text)
    first, *others = (words_of(" * " + part) for part in paragraphs)
    first = first.split(" - ", 1)[1]
    return [escaped(part) for part in (first, *others)]


def render(include):
    main, *extensions = headers.read(include)
    structs = {struct.name: struct for struct in main.structs}
    yield HEAD
    yield "## Five rules\n"
    yield from rules(main)
    yield "\n## Limits\n"
    yield "The least that every host takes; beyond it, it says what it refuses.\n"
    yield from limits(main)
    yield "\n## What the host offers\n"
    yield "A table of functions, one for each plugin, as long as its library is loaded. Threads are those of rule 4.\n"
    yield from table_of(main, structs["bourse_host"])
    yield "\n## What a component offers\n"
    yield from table_of(main, structs["bourse_component"])
    yield "\n## What a plugin offers\n"
    yield from table_of(main, structs["bourse_plugin"])
    for entry in main.entries:
        name = re.search(r"\b(bourse_plugin_v\d+)", entry)[1]
        before = main.text[:re.search(rf"^BOURSE_EXPORT.*{name}", main.text, re.MULTILINE).start()]
        said = words_of(COMMENT.findall(before)[-1])
        yield f"| `{entry}` | [{MARK.findall(said)[-1]}] | {cell(MARK.sub('', said).strip())} |"
    yield "\n## Extensions\n"
    yield "Small interfaces that are asked for by their ids, of the host or of a component; a minor may bring more.\n"
    for header in extensions:
        name = pathlib.Path(header.name).name
        (identity,) = [text for key, text in header.texts.items() if key.endswith("_ID")]
        yield f"### {identity}\n"
        yield f"`#include <bourse/ext/{name}>`\n"
        yield "\n\n".join(about(header)) + "\n"
        rows = [row for struct in header.structs if any(member.is_function for member in struct.members)
                for row in list(table_of(header, struct))[2:]]
        if rows:
            yield "| function | threads | |\n|---|---|---|"
            yield from rows
            yield ""


def write(include, check):
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(render(include))).rstrip() + "\n"
    stale = not FILE.exists() or FILE.read_text(encoding="utf-8") != text
    if stale and not check:
        FILE.write_text(text, encoding="utf-8")
    return stale
