# SPDX-License-Identifier: MIT
"""Reads sdk/tools/datasets.txt, and says what of it may change once it has been published."""
import dataclasses
import re

SCALARS = ("bool", "i64", "f64", "decimal", "time", "text")
NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
UNIT = re.compile(r"(?:\{(?:quote|base|asset)\}|[^{}]+)\Z")
FLAGS = {"dataset": ("private", "optional"), "parameters": ("required", "secret", "optional"),
         "columns": ("optional",)}
CELLS = {"parameters": ["name", "type", "flags", "default", "range", "choices", "label", "meaning"],
         "columns": ["name", "type", "unit", "flags", "label", "meaning"]}


class Fault(Exception):
    """What is wrong with a table, as "file:line: sentence"."""


@dataclasses.dataclass
class Type:
    name: str       # one of SCALARS, or "list"
    scale: int = 0  # of a decimal
    item: str = ""  # of a list

    def __str__(self):
        if self.name == "list":
            return "list of " + self.item
        return f"decimal({self.scale})" if self.name == "decimal" else self.name


@dataclasses.dataclass
class Row:
    """A parameter or a column; what the other kind has not is empty."""
    name: str
    type: Type
    flags: tuple
    label: str
    meaning: str
    unit: str = ""
    default: str = ""
    least: str = ""
    most: str = ""
    choices: str = ""


@dataclasses.dataclass
class Dataset:
    name: str
    flags: tuple
    doc: str = ""
    parameters: list = dataclasses.field(default_factory=list)
    columns: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Choices:
    name: str
    doc: str = ""
    values: list = dataclasses.field(default_factory=list)


# ---- reading the table -----------------------------------------------------------------------------------------
def read_type(text):
    listed = re.fullmatch(r"list of (\w+)", text)
    if listed and listed.group(1) in SCALARS and listed.group(1) != "decimal":
        return Type("list", 0, listed.group(1))
    decimal = re.fullmatch(r"decimal\((\d{1,2})\)", text)
    if decimal and int(decimal.group(1)) <= 38:
        return Type("decimal", int(decimal.group(1)))
    if text in SCALARS and text != "decimal":
        return Type(text)
    raise Fault(f'"{text}" is no type: write bool, i64, f64, decimal(SCALE), time, text or list of one of them')


def read_flags(words, kind):
    for word in words:
        if word not in FLAGS[kind]:
            raise Fault(f'"{word}" is no flag here: there are {", ".join(FLAGS[kind])}')
    return tuple(flag for flag in FLAGS[kind] if flag in words)


def read_row(cells, kind):
    row = {name: "" if cell == "-" else cell for name, cell in zip(CELLS[kind], cells)}
    if not NAME.match(row["name"]) or row["name"].startswith("x_"):
        raise Fault(f'"{row["name"]}" is no name for a well-known one: small letters, digits and _, and '
                    "x_ is kept for what sources add")
    for needed in ("label", "meaning"):
        if not row[needed]:
            raise Fault(f'{row["name"]} has no {needed}')
    bounds = re.fullmatch(r"(\S*)\.\.(\S*)", row.get("range", "") or "..")
    if not bounds:
        raise Fault(f'"{row["range"]}" is no range: write MIN..MAX')
    if not UNIT.match(row.get("unit") or "%"):
        raise Fault(f'"{row["unit"]}" is no unit: braces are for {{quote}}, {{base}} and {{asset}}')
    return Row(row["name"], read_type(row["type"]), read_flags(row["flags"].split(), kind), row["label"],
               row["meaning"], row.get("unit", ""), row.get("default", ""), bounds.group(1), bounds.group(2),
               row.get("choices", ""))


class Reader:
    """Reads line by line; `rows` is the table that rows go to, `header` whether its first line is due."""

    def __init__(self):
        self.datasets, self.choices = [], []
        self.current, self.kind, self.header = None, "", False

    def line(self, text):
        words = text.split()
        if not words or text.startswith("#"):
            return
        if words[0] == "=" and len(words) >= 2:
            self.begin(Dataset(words[1], read_flags(words[2:], "dataset")), self.datasets)
        elif words[0] == "choices" and len(words) == 2:
            self.begin(Choices(words[1]), self.choices)
        elif self.current is None:
            raise Fault("a dataset begins with = NAME")
        elif text in CELLS and isinstance(self.current, Dataset):
            self.kind, self.header = text, True
        elif self.kind:
            self.cells([cell.strip() for cell in text.split("|")])
        elif isinstance(self.current, Choices) and text.startswith("  "):
            self.current.values += words
        else:
            self.current.doc = (self.current.doc + " " + text.strip()).strip()

    def begin(self, one, among):
        if not NAME.match(one.name) or one.name in [other.name for other in among]:
            raise Fault(f'"{one.name}" is no name, or there are two of it')
        among.append(one)
        self.current, self.kind = one, ""

    def cells(self, cells):
        wanted = CELLS[self.kind]
        if self.header:
            if cells != wanted:
                raise Fault(f"the table begins with {' | '.join(wanted)}")
            self.header = False
            return
        if len(cells) != len(wanted):
            raise Fault(f"{len(cells)} cells, but the table has {len(wanted)} columns")
        row = read_row(cells, self.kind)
        rows = getattr(self.current, self.kind)
        if row.name in [other.name for other in rows]:
            raise Fault(f'there are two {self.kind} "{row.name}"')
        rows.append(row)


@dataclasses.dataclass
class Market:
    datasets: list
    choices: list


def read(text, file="datasets.txt"):
    reader = Reader()
    for number, line in enumerate(text.splitlines(), 1):
        try:
            reader.line(line.rstrip())
        except Fault as fault:
            raise Fault(f"{file}:{number}: {fault}") from None
    lists = [one.name for one in reader.choices]
    for dataset in reader.datasets:
        if not dataset.doc or not dataset.columns:
            raise Fault(f"{file}: {dataset.name} has no prose or no columns")
        for row in dataset.parameters:
            if row.choices and row.choices not in lists:
                raise Fault(f'{file}: {dataset.name}.{row.name}: there are no choices "{row.choices}"')
    return Market(reader.datasets, reader.choices)


# ---- what may change ------------------------------------------------------------------------------------------
def kept(row):
    """What of a row may never change."""
    return (str(row.type), row.unit, "required" in row.flags, "secret" in row.flags)


def row_changes(where, kind, old, new):
    now = {row.name: row for row in new}
    for row in old:
        if row.name not in now:
            yield f"{where}: {row.name} is gone; what was published stays"
        elif kept(row) != kept(now[row.name]):
            yield f"{where}: {row.name} changed its type, scale, unit or flags; add another one instead"
        elif "optional" in row.flags and "optional" not in now[row.name].flags:
            yield f"{where}: {row.name} was optional, and sources leave it out: it stays so"
        elif "optional" in now[row.name].flags and "optional" not in row.flags:
            yield f"{where}: {row.name} became optional, and analyses rely on it: it stays as it was"
        elif kind == "parameters" and wider(row, now[row.name]):
            yield f"{where}: {row.name} has another default or other bounds, and sources hold the old ones"
    if [row.name for row in new][:len(old)] != [row.name for row in old]:
        yield f"{where}: what is new stands at the end, and the order stays"
    names = {row.name for row in old}
    for row in new:
        if row.name not in names and "optional" not in row.flags:
            yield f"{where}: {row.name} is new, so it is born optional: sources of today do not have it"


def wider(old, new):
    return (old.default, old.least, old.most, old.choices) != (new.default, new.least, new.most, new.choices)


def changes(old, new):
    """Sentences about what breaks rules 1 to 3; none: plugins of the old table live with the new one."""
    now = {dataset.name: dataset for dataset in new.datasets}
    for dataset in old.datasets:
        if dataset.name not in now:
            yield f"{dataset.name} is gone; what was published stays"
            continue
        for kind in CELLS:
            yield from row_changes(f"{dataset.name}, {kind}", kind, getattr(dataset, kind),
                                   getattr(now[dataset.name], kind))
        if dataset.flags != now[dataset.name].flags:
            yield f"{dataset.name} changed its flags"
    sets = {one.name: one for one in new.choices}
    for one in old.choices:
        if one.name not in sets or sets[one.name].values != one.values:
            yield f"the choices {one.name} changed, and sources hold the old ones"
