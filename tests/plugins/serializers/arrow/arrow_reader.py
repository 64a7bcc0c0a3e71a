# SPDX-License-Identifier: MIT
"""Reads an Arrow IPC stream with Python alone, by the published format, and refuses what it does not allow."""
import dataclasses
import decimal
import struct

SCHEMA, DICTIONARY, BATCH = 1, 2, 3
INT, FLOAT, UTF8, BOOL, DECIMAL, TIMESTAMP = 2, 3, 5, 6, 7, 10
END = b"\xff\xff\xff\xff\0\0\0\0"


class Table:
    """A table of a flatbuffer; fields by number."""

    def __init__(self, data, at):
        self.data, self.at = data, at
        vtable = at - struct.unpack_from("<i", data, at)[0]
        size = struct.unpack_from("<H", data, vtable)[0]
        self.slots = struct.unpack_from("<%dH" % (size // 2 - 2), data, vtable + 4)

    @classmethod
    def root(cls, data):
        return cls(data, struct.unpack_from("<I", data)[0])

    def where(self, number):
        return self.at + self.slots[number] if number < len(self.slots) and self.slots[number] else None

    def scalar(self, number, code, default=0):
        at = self.where(number)
        if at is None:
            return default
        assert at % struct.calcsize(code) == 0, "a scalar is not aligned"
        return struct.unpack_from("<" + code, self.data, at)[0]

    def target(self, number):
        at = self.where(number)
        return None if at is None else at + struct.unpack_from("<I", self.data, at)[0]

    def table(self, number):
        at = self.target(number)
        return None if at is None else Table(self.data, at)

    def text(self, number):
        at = self.target(number)
        if at is None:
            return None
        length = struct.unpack_from("<I", self.data, at)[0]
        assert self.data[at + 4 + length] == 0, "a string does not end in NUL"
        return self.data[at + 4:at + 4 + length].decode("utf-8")

    def tables(self, number):
        at = self.target(number)
        if at is None:
            return []
        places = range(at + 4, at + 4 + 4 * struct.unpack_from("<I", self.data, at)[0], 4)
        return [Table(self.data, p + struct.unpack_from("<I", self.data, p)[0]) for p in places]

    def pairs(self, number):
        """A vector of structs of two int64."""
        at = self.target(number)
        count = struct.unpack_from("<I", self.data, at)[0]
        assert (at + 4) % 8 == 0, "structs are not aligned"
        flat = struct.unpack_from("<%dq" % (2 * count), self.data, at + 4)
        return list(zip(flat[::2], flat[1::2]))


@dataclasses.dataclass
class Field:
    name: str
    kind: int
    type: Table
    dictionary: int | None
    metadata: dict


@dataclasses.dataclass
class Stream:
    fields: list
    metadata: dict
    columns: list  # a list of values each; None: null
    batches: list  # rows of each
    dictionaries: dict


def metadata(table, number):
    made = [(pair.text(0), pair.text(1)) for pair in table.tables(number)]
    assert None not in [word for pair in made for word in pair], "a key or value is null"
    assert len(dict(made)) == len(made), "a key is there twice"
    return dict(made)


def field(table):
    encoding = table.table(4)
    if encoding is not None:
        index = encoding.table(1)
        assert index.scalar(0, "i") == 32 and index.scalar(1, "B") == 1, "numbers are int32"
    assert table.tables(5) == [] and table.target(5) is not None
    return Field(table.text(0), table.scalar(2, "B"), table.table(3),
                 None if encoding is None else encoding.scalar(0, "q"), metadata(table, 6))


def bits(data, count):
    assert len(data) == (count + 7) // 8
    assert count % 8 == 0 or data[-1] >> count % 8 == 0, "bits behind the last row are set"
    return [bool(data[i // 8] >> i % 8 & 1) for i in range(count)]


def values(of, rows, take, dictionaries):
    if of.dictionary is not None and dictionaries is not None:
        known = dictionaries[of.dictionary]
        return lambda valid: [known[n] if v else None
                              for n, v in zip(struct.unpack("<%di" % rows, take()), valid, strict=True)]
    if of.kind == UTF8:
        offsets = struct.unpack("<%di" % (rows + 1), take())
        text = take()
        assert offsets[0] == 0 and offsets[-1] == len(text) and list(offsets) == sorted(offsets)
        made = [text[a:b].decode("utf-8") for a, b in zip(offsets, offsets[1:])]
    elif of.kind == BOOL:
        made = bits(take(), rows)
    elif of.kind == DECIMAL:
        assert (of.type.scalar(0, "i"), of.type.scalar(2, "i", 128)) == (38, 128)
        scale, data = of.type.scalar(1, "i"), take()
        assert len(data) == 16 * rows
        made = [(int.from_bytes(data[i:i + 16], "little", signed=True), scale) for i in range(0, 16 * rows, 16)]
        made = [decimal.Decimal((int(c < 0), tuple(map(int, str(abs(c)))), -s)) for c, s in made]
    elif of.kind == FLOAT:
        assert of.type.scalar(0, "h") == 2
        made = list(struct.unpack("<%dd" % rows, take()))
    elif of.kind == TIMESTAMP:
        assert of.type.scalar(0, "h") == 3 and of.type.text(1) == "UTC"
        made = list(struct.unpack("<%dq" % rows, take()))
    else:
        assert of.kind == INT and of.type.scalar(0, "i") == 64 and of.type.scalar(1, "B") == 1
        made = list(struct.unpack("<%dq" % rows, take()))
    return lambda valid: [value if v else None for value, v in zip(made, valid, strict=True)]


def batch(table, body, fields, dictionaries):
    rows, nodes, buffers = table.scalar(0, "q"), table.pairs(1), iter(table.pairs(2))
    assert len(nodes) == len(fields)
    end = 0

    def take():
        nonlocal end
        at, length = next(buffers)
        assert at % 8 == 0 and end <= at and at + length <= len(body), "a buffer is out of place"
        assert not any(body[end:at]), "padding is not zero"
        end = at + length
        return body[at:end]

    columns = []
    for of, (length, nulls) in zip(fields, nodes, strict=True):
        assert length == rows
        validity = take()
        valid = bits(validity, rows) if validity else [True] * rows
        assert valid.count(False) == nulls, "the count of nulls is wrong"
        columns.append(values(of, rows, take, dictionaries)(valid))
    assert next(buffers, None) is None, "there are more buffers than fields need"
    assert not any(body[end:])
    return rows, columns


def read(data):
    at, stream, ended_dictionaries = 0, None, False
    while data[at:at + 8] != END:
        assert data[at:at + 4] == END[:4], "no message at %d: the stream has no end" % at
        size = struct.unpack_from("<i", data, at + 4)[0]
        assert size > 0 and size % 8 == 0
        head = Table.root(data[at + 8:at + 8 + size])
        body_at, body_size = at + 8 + size, head.scalar(3, "q")
        body = data[body_at:body_at + body_size]
        assert len(body) == body_size and body_size % 8 == 0 and head.scalar(0, "h") == 4
        kind, inner = head.scalar(1, "B"), head.table(2)
        if kind == SCHEMA:
            assert stream is None and body_size == 0 and inner.scalar(0, "h") == 0
            fields = [field(table) for table in inner.tables(1)]
            stream = Stream(fields, metadata(inner, 2), [[] for _ in fields], [], {})
        elif kind == DICTIONARY:
            number = inner.scalar(0, "q")
            assert not ended_dictionaries and number not in stream.dictionaries and inner.scalar(2, "B") == 0
            of = next(f for f in stream.fields if f.dictionary == number)
            stream.dictionaries[number] = batch(inner.table(1), body, [of], None)[1][0]
        else:
            assert kind == BATCH
            ended_dictionaries = True
            rows, columns = batch(inner, body, stream.fields, stream.dictionaries)
            stream.batches.append(rows)
            for column, more in zip(stream.columns, columns, strict=True):
                column.extend(more)
        at = body_at + body_size
    assert at + 8 == len(data), "something follows the end"
    return stream
