# SPDX-License-Identifier: MIT
"""Writes where candles start, computed with Python's datetime: interval, time, start, next start.

Times are nanoseconds since 1970-01-01 UTC. The random times come from a fixed seed.
"""
import datetime
import random
import sys

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
STEPS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
NAMES = "1s 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1M".split()


def seconds(moment):
    return (moment - EPOCH).days * 86400 + (moment - EPOCH).seconds


def candle(name, moment):
    if name == "1M":
        start = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        return start, (start + datetime.timedelta(days=31)).replace(day=1)
    if name == "1w":
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        start = midnight - datetime.timedelta(days=midnight.weekday())
        return start, start + datetime.timedelta(days=7)
    length = datetime.timedelta(seconds=int(name[:-1]) * STEPS[name[-1]])
    start = EPOCH + (moment - EPOCH) // length * length
    return start, start + length


def main(path):
    random.seed(20240229)
    moments = [EPOCH, EPOCH - datetime.timedelta(microseconds=1)]
    for year in (1700, 1900, 1969, 1970, 2000, 2017, 2023, 2024, 2025, 2100, 2261):
        for month, day in ((1, 1), (2, 28), (3, 1), (12, 31)):
            midnight = datetime.datetime(year, month, day, tzinfo=UTC)
            moments += [midnight, midnight - datetime.timedelta(microseconds=1)]
    low, high = seconds(datetime.datetime(1678, 1, 1, tzinfo=UTC)), 9_000_000_000
    for _ in range(500):
        moments.append(EPOCH + datetime.timedelta(seconds=random.randint(low, high),
                                                  microseconds=random.randint(0, 999_999)))
    with open(path, "w", encoding="ascii") as out:
        for moment in moments:
            ns = seconds(moment) * 10**9 + moment.microsecond * 1000
            for name in NAMES:
                start, after = candle(name, moment)
                out.write(f"{name} {ns} {seconds(start) * 10**9} {seconds(after) * 10**9}\n")


main(sys.argv[1])
