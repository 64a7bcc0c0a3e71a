# SPDX-License-Identifier: MIT
"""Writes packed recordings, good and bad ones, with Python's gzip and zipfile.

FOLDER gets files for the tests to copy from; STAMP is touched at the end.
"""
import gzip
import pathlib
import sys
import zipfile

ROWS = ("1735689600000,10.5,12,9.5,11,100,1735693199999,1050,7,60,630,0\n"
        "1735693200000,11,11.5,10,10.25,50,1735696799999,540.125,3,20,216,0\n")
TICKER = ('{"symbol":"ETHBTC","openPrice":"1","highPrice":"3","lowPrice":"1","lastPrice":"2",'
          '"volume":"4","quoteVolume":"8","openTime":1709952420116,"closeTime":1710038820116,"count":5}')


def pack(file, members, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name), text, method)


def main(folder, stamp):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    packed = gzip.compress(ROWS.encode(), mtime=0)
    (folder / "good.csv.gz").write_bytes(packed)
    # gzip files may be joined as text files are.
    (folder / "joined.csv.gz").write_bytes(
        b"".join(gzip.compress((line + "\n").encode(), mtime=0) for line in ROWS.split()))
    (folder / "good.json.gz").write_bytes(gzip.compress(TICKER.encode(), mtime=0))
    (folder / "cut.csv.gz").write_bytes(packed[:-12])
    (folder / "damaged.csv.gz").write_bytes(packed[:-8] + b"\0\0\0\0" + packed[-4:])
    (folder / "plain.csv.gz").write_text(ROWS, encoding="ascii")
    pack(folder / "good.zip", {"A-1h-2025-01.csv": ROWS})
    pack(folder / "two.zip", {"A-1h-2025-01.csv": ROWS, "A-1h-2025-02.csv": ROWS})
    pack(folder / "none.zip", {})
    (folder / "plain.zip").write_text(ROWS, encoding="ascii")
    pack(folder / "stored.zip", {"A-1h-2025-01.csv": ROWS}, zipfile.ZIP_STORED)
    stored = (folder / "stored.zip").read_bytes()
    (folder / "damaged.zip").write_bytes(stored.replace(b"10.5,12", b"10.5,13"))
    # 20 MB of one good candle in some 20 to 60 kB.
    many = ROWS.split()[0] + "\n"
    bomb = many * (20_000_000 // len(many))
    (folder / "bomb.csv.gz").write_bytes(gzip.compress(bomb.encode(), mtime=0))
    pack(folder / "bomb.zip", {"A-1h-2025-01.csv": bomb})
    pathlib.Path(stamp).write_text("", encoding="ascii")


main(sys.argv[1], sys.argv[2])
