# SPDX-License-Identifier: MIT
"""Writes a small recording and, with Python's decimal module, what must come out of it.

FOLDER gets bulk candle files of two invented markets, hourly from 2024-12-30 to 2025-01-03: in
milliseconds until the new year, in microseconds from then on, with all the oddities of real files: a
header in some, CRLF in some, rows out of order, an overlap, a hole, a candle off the grid, one without
trades. EXPECTED gets lines of words: all rows, their days, and the last 24 hours.
"""
import datetime
import pathlib
import random
import sys
from decimal import ROUND_HALF_UP, Decimal, getcontext

getcontext().prec = 60
HOUR = 3_600_000
START = int(datetime.datetime(2024, 12, 30, tzinfo=datetime.timezone.utc).timestamp() * 1000)
NEW_YEAR = int(datetime.datetime(2025, 1, 1, tzinfo=datetime.timezone.utc).timestamp() * 1000)
HEADER = ("open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,"
          "taker_buy_quote_volume,ignore")


def make_rows(symbol, price, step, hours):
    """(open ms, close ms, open, high, low, close, volume, quote, trades, taker base, taker quote)"""
    rows = []
    for i in range(hours):
        begin = START + i * HOUR
        if symbol == "AAAUSDT" and i in (30, 31, 32):
            continue  # a hole
        end = begin + HOUR - 1
        if symbol == "AAAUSDT" and i == 33:
            begin += 1_234_567  # off the grid
        moves = [price + random.randint(-900, 900) * step for _ in range(4)]
        low, high = min(moves + [price]), max(moves + [price])
        volume = Decimal(random.randint(0, 10**14)).scaleb(-8)
        if i == 40:
            volume, low, high, moves[3] = Decimal("0.00000000"), price, price, price
        quote = (volume * (low + high) / 2).quantize(Decimal("1e-8"))
        rows.append((begin, end, price, high, low, moves[3], volume, quote,
                     random.randint(1, 99999) if volume else 0,
                     (volume / 3).quantize(Decimal("1e-8")), (quote / 3).quantize(Decimal("1e-8"))))
        price = moves[3]
    return rows


def line(row, micro):
    begin = row[0] * 1000 if micro else row[0]
    end = row[1] * 1000 + 999 if micro else row[1]
    o, h, l, c, v, q, n, tb, tq = row[2:]
    return f"{begin},{o:.8f},{h:.8f},{l:.8f},{c:.8f},{v:.8f},{end},{q:.8f},{n},{tb:.8f},{tq:.8f},0"


def ns(row, which):
    micro = row[0] >= NEW_YEAR
    return row[which] * 1_000_000 + (999_000 if micro and which == 1 else 0)


def words(row):
    return " ".join(f"{x:.8f}" if isinstance(x, Decimal) else str(x) for x in row[2:])


def merge(rows):
    return (rows[0][2], max(r[3] for r in rows), min(r[4] for r in rows), rows[-1][5],
            sum(r[6] for r in rows), sum(r[7] for r in rows), sum(r[8] for r in rows),
            sum(r[9] for r in rows), sum(r[10] for r in rows))


def half_up(value, places):
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def main(folder, expected):
    random.seed(4)
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    out = []
    for symbol, price, step in (("AAAUSDT", Decimal("64000.00"), Decimal("0.01")),
                                ("BBBTRY", Decimal("0.00123456"), Decimal("0.00000001"))):
        rows = make_rows(symbol, price, step, 96)
        old = [r for r in rows if r[0] < NEW_YEAR]
        new = [r for r in rows if r[0] >= NEW_YEAR]
        crlf = "\r\n" if symbol == "AAAUSDT" else "\n"
        text = [line(r, False) for r in old]
        if symbol == "BBBTRY":
            random.shuffle(text)
        (folder / f"{symbol}-1h-2024-12.csv").write_bytes((crlf.join(text) + crlf).encode())
        for day in (0, 24):
            part = [line(r, True) for r in new if NEW_YEAR <= r[0] - day * HOUR < NEW_YEAR + 30 * HOUR]
            name = f"{symbol}-1h-2025-01-0{1 + day // 24}.csv"  # the second repeats some of the first
            (folder / name).write_bytes((HEADER + "\n" + "\n".join(part)).encode())
        for r in rows:
            out.append(f"row {symbol} {ns(r, 0)} {ns(r, 1)} {words(r)}")
        for day in range(4):
            begin = START + day * 24 * HOUR
            part = [r for r in rows if begin <= r[0] < begin + 24 * HOUR]
            out.append(f"day {symbol} {begin * 10**6} {(begin + 24 * HOUR - 1) * 10**6} "
                       + words((0, 0) + merge(part)))
        o, h, l, c, v, q, n, _, _ = merge(rows[-24:])
        out.append(f"last {symbol} {o:.8f} {h:.8f} {l:.8f} {c:.8f} {v:.8f} {q:.8f} {n} "
                   f"{c - o:.8f} {half_up(100 * (c - o) / o, 3):f} {half_up(q / v, 8):f} "
                   f"{rows[-25][5]:.8f}")
    pathlib.Path(expected).write_text("\n".join(out) + "\n", encoding="ascii")


main(sys.argv[1], sys.argv[2])
