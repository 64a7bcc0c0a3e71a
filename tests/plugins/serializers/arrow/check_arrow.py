# SPDX-License-Identifier: MIT
"""Every cell of the kitchen sink, read back from Arrow IPC by a reader of its own.

Usage: check_arrow.py PROGRAM REPEATS; PROGRAM is render_reports, REPEATS is render_repeats.
"""
import json
import struct
import subprocess
import sys
import unittest

sys.path.insert(0, __file__.rsplit("/", 2)[0])
import arrow_reader  # noqa: E402
import dump  # noqa: E402

PROGRAM, REPEATS = sys.argv[1:3]
KINDS = {dump.BOOL: arrow_reader.BOOL, dump.I64: arrow_reader.INT, dump.F64: arrow_reader.FLOAT,
         dump.DECIMAL: arrow_reader.DECIMAL, dump.TIME: arrow_reader.TIMESTAMP, dump.TEXT: arrow_reader.UTF8}


def bits(value):
    """Equal where the bytes are: NaN is NaN, -0.0 is not 0.0."""
    return struct.pack("<d", value) if isinstance(value, float) else value


class ReadBack(unittest.TestCase):
    def equal(self, table, **params):
        made = arrow_reader.read(dump.render(PROGRAM, "arrow", table=table.name, **params)["kitchen"].output)
        self.assertEqual([f.name for f in made.fields], [f.name for f in table.fields])
        self.assertEqual(sum(made.batches), len(table.rows))
        for i, (got, want) in enumerate(zip(made.fields, table.fields, strict=True)):
            self.assertEqual(got.kind, KINDS[want.type])
            for key in ("label", "unit", "format"):
                if key != "unit" or "{" not in (want.unit or ""):
                    self.assertEqual(got.metadata.get(key), getattr(want, key) or None)
            self.assertEqual([bits(v) for v in made.columns[i]], [bits(row[i].value) for row in table.rows])
        return made

    def test_every_cell_of_every_table(self):
        for table in dump.render(PROGRAM, "arrow")["kitchen"].report.tables:
            with self.subTest(table=table.name):
                self.equal(table)
                self.assertEqual(self.equal(table, dictionaries="off").dictionaries, {})

    def test_texts_that_repeat_are_numbers_of_a_dictionary(self):
        words = [None if i % 5 == 0 else "word%d" % (i % 7) for i in range(70000)]
        for mode, known in (("auto", {1: ["word%d" % i for i in (1, 2, 3, 4, 6, 0, 5)]}), ("off", {})):
            made = arrow_reader.read(subprocess.run([REPEATS, mode], check=True, timeout=60,
                                                    stdout=subprocess.PIPE).stdout)
            self.assertEqual(made.dictionaries, known)
            self.assertEqual(made.batches, [65536, 70000 - 65536])
            self.assertEqual(made.columns, [list(range(70000)), words])

    def test_the_single_values(self):
        made = dump.render(PROGRAM, "arrow", table="values")["kitchen"]
        columns = arrow_reader.read(made.output).columns
        self.assertEqual(columns[0], [f.name for f, _ in made.report.scalars])
        self.assertEqual(columns[1], [v.text() for _, v in made.report.scalars])

    def test_the_schema_tells_of_the_report(self):
        made = dump.render(PROGRAM, "arrow")["kitchen"]
        metadata = arrow_reader.read(made.output).metadata
        self.assertEqual(metadata["title"], made.report.title)
        self.assertEqual(metadata["component"], made.report.component)
        self.assertEqual(metadata["as_of"], dump.time_text(made.report.as_of))
        notes = [(n["level"], n["code"], n["text"]) for n in json.loads(metadata["notes"])]
        self.assertEqual(notes, made.report.notes)

    def test_a_report_of_nothing(self):
        made = arrow_reader.read(dump.render(PROGRAM, "arrow")["empty"].output)
        self.assertEqual((made.columns, made.batches), ([[], [], []], []))

    def test_a_cut_stream_is_no_stream(self):
        output = dump.render(PROGRAM, "arrow")["kitchen"].output
        with self.assertRaises(AssertionError):
            arrow_reader.read(output[:-8])

    def test_the_same_report_gives_the_same_bytes(self):
        self.assertEqual(dump.render(PROGRAM, "arrow")["kitchen"].output,
                         dump.render(PROGRAM, "arrow")["kitchen"].output)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
