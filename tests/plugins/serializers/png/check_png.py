# SPDX-License-Identifier: MIT
"""check_png.py DRAW_SAMPLES: draws all samples and reads them back, without any of the code under
test: chunks and their checksums, the header, the number of pixels, the texts, the colours. Runs
pngcheck too, where it is installed."""
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

DRAW = None
SIZES = ((1200, 800, "1", "light"), (400, 300, "1", "dark"), (333, 222, "1.5", "dark"),
         (2400, 1600, "0.5", "light"))
BACKGROUND = {"light": (255, 255, 255), "dark": (0x12, 0x16, 0x1f)}


def chunks(data):
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "signature"
    at = 8
    while at < len(data):
        length, = struct.unpack(">I", data[at:at + 4])
        kind, body = data[at + 4:at + 8], data[at + 8:at + 8 + length]
        crc, = struct.unpack(">I", data[at + 8 + length:at + 12 + length])
        assert crc == zlib.crc32(kind + body), f"checksum of {kind}"
        yield kind, body
        at += 12 + length
    assert at == len(data), "bytes after the last chunk"


def unfilter(raw, width, height):
    """Rows of RGB bytes (PNG 1.2, chapter 6); only the filters None, Sub and Up."""
    stride = 3 * width
    assert len(raw) == (stride + 1) * height, f"{len(raw)} bytes for {width} x {height}"
    above = bytearray(stride)
    for y in range(height):
        kind, row = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1:(y + 1) * (stride + 1)])
        assert kind in (0, 1, 2), f"filter {kind}"
        if kind == 1:
            for i in range(3, stride):
                row[i] = (row[i] + row[i - 3]) & 255
        elif kind == 2:
            for i in range(stride):
                row[i] = (row[i] + above[i]) & 255
        yield row
        above = row


class Samples(unittest.TestCase):
    def check(self, file, width, height, theme):
        found = list(chunks(file.read_bytes()))
        self.assertEqual(found[0][0], b"IHDR")
        self.assertEqual(found[-1], (b"IEND", b""))
        self.assertEqual(struct.unpack(">IIBBBBB", found[0][1]), (width, height, 8, 2, 0, 0, 0))
        texts = dict(body.split(b"\0\0\0\0\0", 1) for kind, body in found if kind == b"iTXt")
        self.assertIn(b"Title", texts)
        texts[b"Title"].decode("utf-8")
        rows = list(unfilter(zlib.decompress(b"".join(b for k, b in found if k == b"IDAT")), width,
                             height))
        for row in rows[0], rows[-1]:  # the margin is empty
            self.assertEqual({tuple(row[i:i + 3]) for i in range(0, len(row), 3)},
                             {BACKGROUND[theme]})
        inked = sum(1 for row in rows for i in range(0, len(row), 30)
                    if tuple(row[i:i + 3]) != BACKGROUND[theme])
        self.assertGreater(inked, 20, "next to nothing is drawn")

    def test_every_sample_in_every_size(self):
        pngcheck = shutil.which("pngcheck")
        for width, height, scale, theme in SIZES:
            with tempfile.TemporaryDirectory() as folder:
                subprocess.run([DRAW, folder, str(width), str(height), scale, theme], check=True,
                               timeout=100)
                files = sorted(pathlib.Path(folder).glob("*.png"))
                self.assertGreater(len(files), 15)
                for file in files:
                    with self.subTest(file=file.name, width=width, theme=theme):
                        self.check(file, int(width * float(scale) + 0.5),
                                   int(height * float(scale) + 0.5), theme)
                if pngcheck:
                    done = subprocess.run([pngcheck, "-q", *files], capture_output=True, text=True,
                                          timeout=60, check=False)
                    self.assertEqual((done.returncode, done.stdout), (0, ""))


if __name__ == "__main__":
    DRAW = sys.argv.pop(1)
    unittest.main()
