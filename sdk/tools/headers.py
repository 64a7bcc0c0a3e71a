# SPDX-License-Identifier: MIT
"""Reads bourse.h and bourse/ext/*.h into a model, without a compiler.

The headers are C11 of a plain kind: typedefs of integers, opaque structs, structs of members (pointers, functions by
pointer, one union with a name), enums without a name, and #define of numbers and texts. What this file does not
understand is a Fault with its place, never passed over.
"""
import dataclasses
import pathlib
import re

INCLUDE = pathlib.Path(__file__).resolve().parents[1] / "include"


class Fault(Exception):
    """What is wrong, as a sentence with its place."""


# ---- the model ------------------------------------------------------------------------------------------------
@dataclasses.dataclass(frozen=True)
class Named:
    name: str
    const: bool = False

    def text(self, inner=""):
        return ("const " if self.const else "") + self.name + (f" {inner}" if inner else "")


@dataclasses.dataclass(frozen=True)
class Pointer:
    to: object
    const: bool = False

    def text(self, inner=""):
        star = "*" + ("const " if self.const and inner else "const" if self.const else "") + inner
        return self.to.text(f"({star})" if isinstance(self.to, Function) else star)


@dataclasses.dataclass(frozen=True)
class Function:
    result: object
    params: tuple   # of (name or "", type)

    def text(self, inner=""):
        params = ", ".join(kind.text(name) for name, kind in self.params) or "void"
        return self.result.text(f"{inner}({params})")


@dataclasses.dataclass(frozen=True)
class Union:
    members: tuple  # of (name, type)

    def text(self, inner=""):
        members = " ".join(kind.text(name) + ";" for name, kind in self.members)
        return f"union {{ {members} }}" + (f" {inner}" if inner else "")


@dataclasses.dataclass
class Member:
    name: str
    type: object

    @property
    def is_function(self):
        return isinstance(self.type, Pointer) and isinstance(self.type.to, Function)


@dataclasses.dataclass
class Struct:
    name: str
    members: list
    end: int         # where in the header's text its closing brace stands

    @property
    def grows(self):
        return self.members[0] == Member("size", Named("uint32_t"))


@dataclasses.dataclass
class Number:
    name: str
    value: int
    group: str       # the typedef that its enum follows, "flags" if all of it is 1u << n, "macro", or ""


@dataclasses.dataclass
class Header:
    name: str        # "bourse/bourse.h"
    text: str
    items: list = dataclasses.field(default_factory=list)   # in the header's order
    typedefs: dict = dataclasses.field(default_factory=dict)
    opaque: list = dataclasses.field(default_factory=list)
    structs: list = dataclasses.field(default_factory=list)
    numbers: list = dataclasses.field(default_factory=list)
    texts: dict = dataclasses.field(default_factory=dict)
    entries: list = dataclasses.field(default_factory=list)   # what a plugin exports, as text


# ---- reading --------------------------------------------------------------------------------------------------
TOKEN = re.compile(r"\s*([A-Za-z_]\w*|[{}()*;,=\[\]]|<<|[0-9]+u?)")
NUMBER = re.compile(r"([0-9]+)(u?)(?:\s*<<\s*([0-9]+))?\Z")
DEFINE = re.compile(r"#\s*define\s+(BOURSE_\w+)\s+(.+?)\s*\Z")
ENTRY = re.compile(r"BOURSE_EXPORT\b[^;]*;")


def blank(text, pattern, flags=re.DOTALL):
    """Blanks what matches, so that every other character keeps its place."""
    return re.sub(pattern, lambda match: re.sub(r"[^\n]", " ", match.group()), text, flags=flags)


def without_preprocessor(text, header):
    lines = []
    logical = ""
    for line in text.split("\n"):
        part = logical + line
        directive = part.lstrip().startswith("#")
        logical = part[:-1] if directive and line.endswith("\\") else ""
        if directive and not logical:
            found = DEFINE.match(part.strip())
            if found:
                define(found.group(1), found.group(2), header)
        lines.append(" " * len(line) if directive else line)
    return "\n".join(lines)


def define(name, value, header):
    number = NUMBER.match(value)
    if number:
        header.numbers.append(Number(name, int(number.group(1)) << int(number.group(3) or 0), "macro"))
    elif re.fullmatch(r'"[^"\\]*"', value):
        header.texts[name] = value[1:-1]


class Reader:
    def __init__(self, name, text):
        self.header = Header(name, text)
        self.last_typedef = ""
        code = without_preprocessor(blank(text, r"/\*.*?\*/"), self.header)
        code = blank(code, r'extern\s+"C"\s*\{', re.DOTALL)
        # The braces of extern "C" close in a line of their own, between two directives.
        code = blank(code, r"^\}[ ]*$", re.MULTILINE)
        self.tokens = []
        self.header.entries = [" ".join(found.split()[1:]).rstrip(";") for found in ENTRY.findall(code)]
        self.code = blank(code, ENTRY.pattern)
        at = 0
        while self.code[at:].strip():
            match = TOKEN.match(self.code, at)
            if not match:
                raise Fault(f"{self.place(at)}: cannot be read: {self.code[at:].strip()[:40]!r}")
            self.tokens.append((match.group(1), match.start(1)))
            at = match.end()
        self.at = 0

    def place(self, at):
        return f"{self.header.name}:{self.code.count(chr(10), 0, at) + 1}"

    def peek(self, ahead=0):
        return self.tokens[self.at + ahead][0] if self.at + ahead < len(self.tokens) else ""

    def take(self, wanted=None):
        token, at = self.tokens[self.at] if self.at < len(self.tokens) else ("the end", len(self.code))
        if wanted is not None and token != wanted:
            raise Fault(f"{self.place(at)}: expected {wanted!r}, found {token!r}")
        self.at += 1
        return token

    def word(self):
        token = self.take()
        if not re.match(r"[A-Za-z_]", token):
            raise Fault(f"{self.place(self.tokens[self.at - 1][1])}: expected a name, found {token!r}")
        return token

    # -- declarations --
    def base(self):
        const, name = False, ""
        while not name or self.peek() == "const":
            token = self.word()
            if token == "const":
                const = True
            elif token != "struct":
                name = token
        return Named(name, const)

    def declarator(self, kind):
        """(name or "", type) of what follows a base type: stars, a name, a function in brackets."""
        while self.peek() == "*":
            self.take()
            const = self.peek() == "const"
            if const:
                self.take()
            kind = Pointer(kind, const)
        if self.peek() == "(" and self.peek(1) == "*":
            self.take("(")
            self.take("*")
            name = self.word()
            self.take(")")
            return name, Pointer(Function(kind, self.params()))
        name = self.word() if re.match(r"[A-Za-z_]", self.peek()) else ""
        return name, kind

    def params(self):
        self.take("(")
        if self.peek() == "void" and self.peek(1) == ")":
            self.take()
        found = []
        while self.peek() != ")":
            found.append(self.declarator(self.base()))
            if self.peek() == ",":
                self.take()
        self.take(")")
        return tuple(found)

    def members(self):
        found = []
        while self.peek() != "}":
            if self.peek() == "union":
                self.take()
                self.take("{")
                inner = tuple((one.name, one.type) for one in self.members())
                self.take("}")
                found.append(Member(self.word(), Union(inner)))
            else:
                base = self.base()
                found.append(Member(*self.declarator(base)))
                while self.peek() == ",":
                    self.take()
                    found.append(Member(*self.declarator(base)))
            self.take(";")
        if any(not one.name for one in found):
            raise Fault(f"{self.place(self.tokens[self.at][1])}: a member has no name")
        return found

    def struct(self, name):
        self.take("{")
        members = self.members()
        end = self.tokens[self.at][1]
        self.take("}")
        struct = Struct(name, members, end)
        self.header.structs.append(struct)
        self.header.items.append(struct)

    def enum(self):
        group, self.last_typedef = self.last_typedef, ""
        self.take("{")
        found, following = [], 0
        while self.peek() != "}":
            name = self.word()
            written = ""
            if self.peek() == "=":
                self.take()
                while self.peek() not in (",", "}"):
                    written += self.take()
                number = NUMBER.match(written)
                if not number:
                    raise Fault(f"{self.place(self.tokens[self.at][1])}: {written!r} is no number")
                following = int(number.group(1)) << int(number.group(3) or 0)
            found.append((Number(name, following, group), written))
            following += 1
            if self.peek() == ",":
                self.take()
        self.take("}")
        self.take(";")
        if all(written.startswith("1u<<") for _, written in found):
            for number, _ in found:
                number.group = "flags"
        self.header.numbers += [number for number, _ in found]
        self.header.items += [number for number, _ in found]

    def typedef(self):
        if self.peek() != "struct":
            base = self.base()
            self.last_typedef = self.word()
            self.header.typedefs[self.last_typedef] = base.name
            self.header.items.append((self.last_typedef, base.name))
        else:
            self.take()
            name = self.word()
            if self.peek() == "{":
                self.struct(name)
            else:
                self.header.opaque.append(name)
            if self.word() != name:
                raise Fault(f"{self.place(self.tokens[self.at - 1][1])}: typedef and struct differ: {name}")
        self.take(";")

    def read(self):
        while self.peek():
            token = self.take()
            if token == "typedef":
                self.typedef()
            elif token == "enum":
                self.enum()
            elif token == "struct":
                name = self.word()
                if self.peek() == "{":
                    self.struct(name)
                self.take(";")
            else:
                raise Fault(f"{self.place(self.tokens[self.at - 1][1])}: cannot be read: {token!r}")
        return self.header


def names(include=INCLUDE):
    """The contract's C headers but market.h, bourse.h first."""
    ext = sorted(path.name for path in (include / "bourse/ext").glob("*.h"))
    return ["bourse/bourse.h"] + ["bourse/ext/" + name for name in ext]


def read(include=INCLUDE):
    """All headers; a struct that is only declared in one place and defined in another is not opaque."""
    headers = [Reader(name, (include / name).read_text(encoding="utf-8")).read() for name in names(include)]
    defined = {struct.name for header in headers for struct in header.structs}
    for header in headers:
        header.opaque = [name for name in header.opaque if name not in defined]
    return headers
