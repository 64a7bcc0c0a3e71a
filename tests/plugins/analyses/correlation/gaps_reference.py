#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes gaps_reference.hpp: statistics of two daily histories of which one has a hole.

Python's own decimal with 50 digits, and nothing else: gaps_reference.py > gaps_reference.hpp
The prices are made up. The hole is a real one's: a market that was taken off the exchange from
2022-09-30 to 2023-03-11, 163 days, seen from 2023-03-20 with a window of 300 returns.
"""
from datetime import date, timedelta
from decimal import Decimal, getcontext

getcontext().prec = 50
NEWEST = date(2023, 3, 19)      # the newest closed candle
DAYS = 301                      # one more than returns
HOLE = (date(2022, 9, 30), date(2023, 3, 11))


def closes(seed, start):
    """A walk in whole cents, by a generator that needs no library."""
    out, cents = [], start
    for _ in range(DAYS):
        out.append(Decimal(cents) / 100)
        seed = (seed * 1103515245 + 12345) % 2**31
        cents += cents * ((seed >> 8) % 801 - 405) // 10000
    return out


def mean(values):
    return sum(values) / len(values)


def deviation(values):
    center = mean(values)
    return (sum((v - center) ** 2 for v in values) / (len(values) - 1)).sqrt()


def correlation(a, b):
    ma, mb = mean(a), mean(b)
    dots = sum((x - ma) * (y - mb) for x, y in zip(a, b))
    return dots / (sum((x - ma) ** 2 for x in a) * sum((y - mb) ** 2 for y in b)).sqrt()


def drawdown(values):
    high, deepest = values[0], Decimal(0)
    for value in values:
        high = max(high, value)
        deepest = max(deepest, 1 - value / high)
    return deepest


def main():
    days = [NEWEST - timedelta(days=DAYS - 1 - i) for i in range(DAYS)]
    has = [not HOLE[0] <= day <= HOLE[1] for day in days]
    whole, other = closes(20220930, 2930000), closes(20230312, 90000)
    holed = [Decimal(int((w * 3 + o * 40) * 25)) / 100 for w, o in zip(whole, other)]
    pairs = [i for i in range(1, DAYS) if has[i] and has[i - 1]]
    used = [i for i in range(DAYS) if has[i]]

    print("// SPDX-License-Identifier: MIT")
    print("// Written by gaps_reference.py with Python's decimal, 50 digits.")
    print("// clang-format off")
    print("#pragma once\n\n#include <array>\n#include <cstddef>\n#include <cstdint>\n")
    print("namespace bourse::correlation::gaps_reference {\n")
    epoch = date(1970, 1, 1)
    print("/// Days since 1970-01-01.")
    print(f"inline constexpr std::int64_t kNewestDay = {(NEWEST - epoch).days};")
    print(f"inline constexpr std::int64_t kHoleFirst = {(HOLE[0] - epoch).days}, "
          f"kHoleLast = {(HOLE[1] - epoch).days};")
    print(f"inline constexpr std::size_t kReturns = {len(pairs)}, kMissing = {has.count(False)};\n")
    for name, values in (("kWhole", whole), ("kHoled", holed)):
        lines = [", ".join(str(v) for v in values[i:i + 8]) for i in range(0, DAYS, 8)]
        print(f"inline constexpr std::array<double, {DAYS}> {name} = {{{{")
        print("    " + ",\n    ".join(lines) + "}};\n")
    returns = [[v[i] / v[i - 1] - 1 for i in pairs] for v in (whole, holed)]
    print("/// In percent, of kWhole and kHoled: what the days on both sides of the hole say.")
    year = Decimal(365).sqrt() * 100
    for name, of in (("kMeans", [100 * mean(r) for r in returns]),
                     ("kVolatilities", [year * deviation(r) for r in returns]),
                     ("kTotals", [100 * (v[used[-1]] / v[used[0]] - 1) for v in (whole, holed)]),
                     ("kDrawdowns", [100 * drawdown([v[i] for i in used]) for v in (whole, holed)])):
        print(f"inline constexpr double {name}[] = {{{of[0]:.20}, {of[1]:.20}}};")
    print(f"inline constexpr double kCorrelation = {correlation(*returns):.20};")
    over = [[v[b] / v[a] - 1 for a, b in zip(used, used[1:])] for v in (whole, holed)]
    print("/// The same with a \"daily\" return that goes over the hole: what must not be said.")
    print(f"inline constexpr double kMeansOver[] = {{{100 * mean(over[0]):.20}, "
          f"{100 * mean(over[1]):.20}}};")
    print("\n}  // namespace bourse::correlation::gaps_reference")


main()
