# SPDX-License-Identifier: MIT
"""Reads what dump() in kitchen_sink.cpp writes, and says how values look as text.

All knowledge of numbers and times is Python's: repr(float), decimal, datetime.
"""
import dataclasses
import datetime
import decimal
import struct
import subprocess
import tempfile
import pathlib

NULL, BOOL, I64, F64, DECIMAL, TIME, TEXT = range(7)
TYPE_NAMES = {BOOL: "boolean", I64: "integer", F64: "real", DECIMAL: "decimal", TIME: "time", TEXT: "text"}
LEVELS = {10: "debug", 20: "info", 30: "warning", 40: "error"}
KINDS = [None, "line", "area", "bar", "scatter", "candle", "histogram", "heatmap"]
ROLES = [None, "x", "y", "open", "high", "low", "close", "group", "heat", "lower", "upper",
         "size", "color", "label"]


@dataclasses.dataclass
class Value:
    type: int
    value: object  # bool, int, float, decimal.Decimal, int of ns, str, or None

    @property
    def finite(self):
        return self.type != F64 or self.value - self.value == 0

    def text(self):
        """How a format without types writes it; None: missing."""
        if self.type == NULL or not self.finite:
            return None
        if self.type == BOOL:
            return "true" if self.value else "false"
        if self.type == F64:
            return repr(self.value)
        if self.type == DECIMAL:
            return format(self.value, "f")
        if self.type == TIME:
            return time_text(self.value)
        return str(self.value)


@dataclasses.dataclass
class Field:
    name: str
    type: int
    label: str
    unit: str
    format: str


@dataclasses.dataclass
class Table:
    name: str
    label: str
    fields: list
    rows: list


@dataclasses.dataclass
class Chart:
    kind: str
    name: str
    title: str
    table: str
    pane: str
    channels: list
    levels: list
    range: list
    level_labels: list = dataclasses.field(default_factory=list)
    guides: list = dataclasses.field(default_factory=list)  # (Value, label)
    flags: int = 0
    axis: int = 0

    @property
    def looks(self):
        """What is there only where it is asked for."""
        names = ("logarithmic", "stacked", "horizontal")
        return {**({"axis": self.axis} if self.axis else {}),
                **{name: True for bit, name in enumerate(names) if self.flags >> bit & 1}}


@dataclasses.dataclass
class Report:
    title: str = ""
    component: str = ""
    as_of: int = 0
    meta: list = dataclasses.field(default_factory=list)  # (key, Value)
    notes: list = dataclasses.field(default_factory=list)  # (level, code, text)
    scalars: list = dataclasses.field(default_factory=list)  # (Field, Value)
    tables: list = dataclasses.field(default_factory=list)
    charts: list = dataclasses.field(default_factory=list)


def time_text(ns):
    seconds, rest = divmod(ns, 10**9)
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    digits = "%09d" % rest
    keep = next(n for n in (0, 3, 6, 9) if not digits[n:].strip("0"))
    return moment.isoformat(timespec="seconds") + ("." + digits[:keep] if keep else "") + "Z"


def text(word):
    return None if word == "-" else bytes.fromhex(word[1:]).decode("utf-8")


def real(bits):
    return struct.unpack(">d", bytes.fromhex(bits))[0]


def value(word):
    kind, rest = word[0], word[1:]
    if kind == "n":
        return Value(NULL, None)
    if kind == "b":
        return Value(BOOL, rest == "1")
    if kind == "i":
        return Value(I64, int(rest))
    if kind == "f":
        return Value(F64, real(rest))
    if kind == "t":
        return Value(TIME, int(rest))
    if kind == "s":
        return Value(TEXT, bytes.fromhex(rest).decode("utf-8"))
    bits, scale = rest.split(":")
    coefficient = int.from_bytes(bytes.fromhex(bits), "big", signed=True)
    digits = tuple(int(d) for d in str(abs(coefficient)))
    exponent = -int(scale) if coefficient != 0 else min(-int(scale), 0)  # zero needs no zeros behind
    return Value(DECIMAL, decimal.Decimal((int(coefficient < 0), digits, exponent)))


def field(words):
    return Field(words[0], int(words[1]), text(words[2]), text(words[3]), text(words[4]))


def read(path):
    report = Report()
    for line in pathlib.Path(path).read_text("ascii").splitlines():
        what, *words = line.split("\t")
        if what in ("title", "component"):
            setattr(report, what, text(words[0]))
        elif what == "as_of":
            report.as_of = int(words[0])
        elif what == "meta":
            report.meta.append((words[0], value(words[1])))
        elif what == "note":
            report.notes.append((LEVELS[int(words[0])], words[1], text(words[2])))
        elif what == "scalar":
            report.scalars.append((field(words), value(words[5])))
        elif what == "table":
            report.tables.append(Table(words[0], text(words[1]), [], []))
        elif what == "field":
            report.tables[-1].fields.append(field(words))
        elif what == "row":
            report.tables[-1].rows.append([value(word) for word in words])
        elif what == "chart":
            report.charts.append(Chart(KINDS[int(words[0])], words[1], text(words[2]), words[3], text(words[4]),
                                       [], [], None))
        elif what == "channel":
            report.charts[-1].channels.append((ROLES[int(words[0])], words[1], text(words[2])))
        elif what == "level":
            report.charts[-1].levels.append(real(words[0]))
            report.charts[-1].level_labels.append(text(words[1]))
        elif what == "guide":
            report.charts[-1].guides.append((value(words[0]), text(words[1])))
        elif what == "look":
            report.charts[-1].flags, report.charts[-1].axis = int(words[0]), int(words[1])
        elif what == "range":
            report.charts[-1].range = [real(words[0]), real(words[1])]
        else:
            raise ValueError("unknown line: " + line)
    return report


@dataclasses.dataclass
class Rendering:
    report: Report
    output: bytes
    headers: dict


def render(program, plugin, **params):
    """What `plugin`, or "plugin/component", makes of the kitchen sink and, unless a table is named, the empty report."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["%s=%s" % item for item in params.items()]
        subprocess.run([program, plugin, folder, *words], check=True, timeout=100)
        found = {}
        for dump in pathlib.Path(folder).glob("*.dump"):
            lines = dump.with_suffix(".headers").read_text("ascii").splitlines()
            pairs = [line.split("\t", 1) for line in lines]
            assert len({name for name, _ in pairs}) == len(pairs), "a header is there twice"
            found[dump.stem] = Rendering(read(dump), dump.with_suffix(".out").read_bytes(), dict(pairs))
        return found
