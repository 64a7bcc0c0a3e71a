# SPDX-License-Identifier: MIT
"""tables_test.py GOOD.so: a number bent in each table that the dynamic loader follows is told by file.tables, alone."""
import os
import struct
import sys
import tempfile
import unittest

from bad_test import said

GOOD = sys.argv.pop(1)
NULL, PLTRELSZ, PLTGOT, STRTAB, SYMTAB, RELA, RELASZ, STRSZ, INIT, INIT_ARRAY = 0, 2, 3, 5, 6, 7, 8, 10, 12, 25
INIT_ARRAYSZ, GNU_HASH, RELACOUNT, VERSYM, VERNEED, VERNEEDNUM, SYMENT = 27, 0x6ffffef5, 0x6ffffff9, 0x6ffffff0, 0x6ffffffe, 0x6fffffff, 11


class Library:
    """As the ELF specification has it: 64 bits, little-endian."""

    def __init__(self):
        with open(GOOD, "rb") as file:
            self.bytes = bytearray(file.read())
        offset, count = struct.unpack_from("<Q", self.bytes, 32)[0], struct.unpack_from("<H", self.bytes, 56)[0]
        heads = [struct.unpack_from("<IIQQQQQQ", self.bytes, offset + 56 * i) for i in range(count)]
        self.loads = [head for head in heads if head[0] == 1]
        (dynamic,) = [head for head in heads if head[0] == 2]
        self.entries = {}
        for at in range(dynamic[2], dynamic[2] + dynamic[5], 16):
            tag, value = struct.unpack_from("<qQ", self.bytes, at)
            if tag == NULL:
                break
            self.entries.setdefault(tag, (at + 8, value))

    def at(self, tag):
        """Where in the file the table begins that the entry leads to."""
        address = self.entries[tag][1]
        (load,) = [load for load in self.loads if load[3] <= address < load[3] + load[5]]
        return load[2] + address - load[3]

    def put(self, form, offset, *values):
        struct.pack_into("<" + form, self.bytes, offset, *values)

    def set(self, tag, value):
        self.put("Q", self.entries[tag][0], value)


class Tables(unittest.TestCase):
    def bent(self, bend, words):
        library = Library()
        bend(library)
        with tempfile.TemporaryDirectory() as folder:
            file = os.path.join(folder, "bent.so")
            with open(file, "wb") as to:
                to.write(library.bytes)
            report = said(file, "--only", "file,descriptions")
        wrong = [run for run in report["runs"] if run["outcome"] not in ("pass", "skipped")]
        self.assertEqual([(run["rule"], run["outcome"]) for run in wrong], [("file.tables", "failed")], report)
        self.assertIn(words, wrong[0]["findings"][0]["seen"])

    def test_the_good_one_is_good(self):
        self.assertTrue(said(GOOD, "--only", "file,descriptions")["good"])

    def test_names_end_inside_of_their_strings(self):
        self.bent(lambda it: it.put("B", it.at(STRTAB) + it.entries[STRSZ][1] - 1, 65), "have no end")
        self.bent(lambda it: it.set(STRSZ, 1 << 40), "not part of it")
        self.bent(lambda it: it.put("I", it.at(SYMTAB) + 24, 1 << 30), "outside of its strings")

    def test_symbols_are_where_they_are_said_to_be(self):
        self.bent(lambda it: it.set(SYMTAB, it.entries[SYMTAB][1] + 8), "symbols are not where")
        self.bent(lambda it: it.set(SYMENT, 16), "symbols are not where")

    def test_the_hash_table_has_buckets_ends_and_a_filter(self):
        self.bent(lambda it: it.put("I", it.at(GNU_HASH), 0), "impossible size")        # a division by 0
        self.bent(lambda it: it.put("I", it.at(GNU_HASH) + 8, 3), "impossible size")    # not a power of two
        self.bent(lambda it: it.put("I", it.at(GNU_HASH) + 12, 64), "impossible size")  # a shift beyond the word
        self.bent(lambda it: it.put("I", it.at(GNU_HASH) + 4, 1 << 20), "impossible size")

        def lead_outside(it):
            (words,) = struct.unpack_from("<I", it.bytes, it.at(GNU_HASH) + 8)
            it.put("I", it.at(GNU_HASH) + 16 + 8 * words, 1 << 20)
        self.bent(lead_outside, "outside of its symbols")

        def never_end(it):
            buckets, first, words, _ = struct.unpack_from("<IIII", it.bytes, it.at(GNU_HASH))
            chains = it.at(GNU_HASH) + 16 + 8 * words + 4 * buckets
            (count,) = [struct.unpack_from("<Q", it.bytes, head + 32)[0] // 24 for head in sections(it) if kind(it, head) == 11]
            for i in range(count - first):
                (entry,) = struct.unpack_from("<I", it.bytes, chains + 4 * i)
                it.put("I", chains + 4 * i, entry & ~1)
        self.bent(never_end, "has no end")

    def test_relocations_are_of_known_kinds_and_change_what_is_theirs(self):
        self.bent(lambda it: it.set(RELASZ, it.entries[RELASZ][1] + 1), "relocations are not part of it")
        self.bent(lambda it: it.put("Q", it.at(RELA), 1 << 33), "changes what is not part of it")
        self.bent(lambda it: it.put("Q", it.at(RELA), 0), "cannot be written")  # its own header
        self.bent(lambda it: it.put("I", it.at(RELA) + 8, 200), "type 200")
        self.bent(lambda it: it.put("I", it.at(RELA) + 12, 1 << 20), "of no symbol")
        self.bent(lambda it: it.set(RELACOUNT, 1 << 20), "fewer relative relocations")

    def test_versions_are_listed_and_their_lists_end(self):
        self.bent(lambda it: it.put("H", it.at(VERSYM) + 2, 0x7fff), "a version that it does not list")
        self.bent(lambda it: it.set(VERNEEDNUM, 1000), "longer or shorter")
        self.bent(lambda it: it.put("I", it.at(VERNEED) + 8, 1 << 30), "not part of it")
        self.bent(lambda it: it.put("I", it.at(VERNEED) + 4, 1 << 30), "of no library")

    def test_functions_that_run_at_load_are_code(self):
        self.bent(lambda it: it.set(INIT, it.entries[STRTAB][1]), "not in its code")
        self.bent(lambda it: it.set(INIT_ARRAYSZ, it.entries[INIT_ARRAYSZ][1] + 4), "run at its start or end")


def sections(library):
    (offset,), (count,) = struct.unpack_from("<Q", library.bytes, 40), struct.unpack_from("<H", library.bytes, 60)
    return [offset + 64 * i for i in range(count)]


def kind(library, head):
    return struct.unpack_from("<I", library.bytes, head + 4)[0]


if __name__ == "__main__":
    unittest.main()
