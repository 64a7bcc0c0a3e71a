# SPDX-License-Identifier: MIT
"""Tick times of a time axis, computed with Python's datetime: one line a case,
    unit count first last | tick tick ...
in ns since 1970."""
import datetime
import random
import sys

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}


def ns(moment):
    delta = moment - EPOCH
    return (delta.days * 86400 + delta.seconds) * 10**9 + delta.microseconds * 1000


def even(first, last, seconds):
    """Every `seconds` since 1970; whole weeks since Monday 5 January."""
    offset = 4 * 86400 if seconds % (7 * 86400) == 0 else 0
    at = first.replace(microsecond=0)
    while True:
        since = at - EPOCH
        if at >= first and (since.days * 86400 + since.seconds - offset) % seconds == 0:
            break
        at += datetime.timedelta(seconds=1 if seconds < 3600 else 60 - at.second)
    while at <= last:
        yield at
        at += datetime.timedelta(seconds=seconds)


def months(first, last, count):
    for year in range(first.year - first.year % 1000, last.year + 1):
        for month in range(1, 13):
            if (year * 12 + month - 1) % count:
                continue
            at = datetime.datetime(max(year, 1), month, 1, tzinfo=UTC)
            if year > 0 and first <= at <= last:
                yield at


def case(unit, count, first, last):
    if unit in ("month", "year"):
        ticks = months(first, last, count * (12 if unit == "year" else 1))
    else:
        ticks = even(first, last, count * UNITS[unit])
    ticks = [str(ns(t)) for t in ticks]
    return f"{unit} {count} {ns(first)} {ns(last)} | {' '.join(ticks)}"


def day(*date):
    return datetime.datetime(*date, tzinfo=UTC)


def boundaries():
    for unit, count, first, last in (
            ("day", 1, day(2024, 2, 27), day(2024, 3, 2)),           # leap day
            ("day", 1, day(2023, 2, 27), day(2023, 3, 2)),
            ("day", 1, day(1900, 2, 27), day(1900, 3, 2)),           # no leap year
            ("day", 1, day(2000, 2, 27), day(2000, 3, 2)),           # a leap year
            ("day", 7, day(2024, 12, 1), day(2025, 1, 31)),
            ("day", 14, day(1969, 11, 1), day(1970, 3, 1)),          # across 1970
            ("hour", 6, day(2024, 12, 31, 1), day(2025, 1, 1, 23)),
            ("minute", 30, day(1969, 12, 31, 22, 10), day(1970, 1, 1, 2)),
            ("second", 15, day(2024, 12, 31, 23, 59, 1), day(2025, 1, 1, 0, 1)),
            ("month", 1, day(2023, 11, 15), day(2024, 4, 2)),
            ("month", 3, day(1969, 5, 2), day(1971, 2, 1)),
            ("month", 6, day(2019, 1, 1), day(2024, 7, 1)),
            ("year", 1, day(2019, 6, 1), day(2025, 1, 1)),
            ("year", 20, day(1700, 1, 1), day(2250, 1, 1)),
            ("year", 100, day(1677, 9, 22), day(2262, 4, 10))):
        yield case(unit, count, first, last)


def seeded(generator):
    counts = {"second": (1, 2, 5, 10, 15, 30), "minute": (1, 2, 5, 10, 15, 30),
              "hour": (1, 2, 3, 4, 6, 12), "day": (1, 2, 7, 14), "month": (1, 2, 3, 6),
              "year": (1, 2, 5, 10, 20, 50, 100)}
    lengths = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "month": 30 * 86400,
               "year": 365 * 86400}
    for _ in range(400):
        unit = generator.choice(sorted(counts))
        count = generator.choice(counts[unit])
        reach = int(lengths[unit] * count * generator.uniform(0.5, 12))
        first = day(1700, 1, 1) + datetime.timedelta(
            days=generator.randrange(500 * 365), seconds=generator.randrange(86400),
            microseconds=generator.choice((0, 1, 999999)))
        last = min(first + datetime.timedelta(seconds=reach), day(2262, 1, 1))
        if last > first:
            yield case(unit, count, first, last)


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="ascii") as out:
        for line in list(boundaries()) + list(seeded(random.Random(20241231))):
            out.write(line + "\n")
