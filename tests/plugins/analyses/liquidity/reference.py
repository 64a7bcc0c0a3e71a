#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes reference.hpp: a made-up order book and what it adds up to, by Python's decimal module
(and fractions, where something is divided).

Run by hand: reference.py > reference.hpp. The tests read the file it wrote. Every sum is a plain loop over
all levels here; the plugin finds its answers by bisection of running sums.
"""
import random
from decimal import Decimal, getcontext
from fractions import Fraction

getcontext().prec = 60
SIZES = ["5", "1000", "26000.5", "90000", "400000"]
DISTANCES = [Decimal(d) for d in ("0.1", "0.25", "0.5", "1", "2")]


def side(rng, sign):
    """Levels around 0.34 with gaps that reach beyond 5 %."""
    price, out = Decimal("0.34000"), []
    for _ in range(120):
        price += sign * Decimal(rng.choice([1, 1, 2, 3, 5, 8, 40, 90])) * Decimal("0.00001")
        out.append((price, Decimal(rng.randint(1, 90000)) / 10))
    return out


def distance(price, mid, sign):
    return sign * (price - mid) / mid * 100


def within(levels, mid, sign, percent):
    """Levels, quantity and value from mid to a distance."""
    inside = [(p, q) for p, q in levels if distance(p, mid, sign) <= percent]
    return len(inside), sum((q for _, q in inside), Decimal(0)), \
        sum((p * q for p, q in inside), Decimal(0))


def impact(levels, size, mid, sign):
    """Average price, percent, filled, levels."""
    size, mid = Fraction(size), Fraction(mid)
    spent = bought = Fraction(0)
    used = 0
    for price, quantity in levels:
        if spent >= size:
            break
        take = min(Fraction(quantity), (size - spent) / Fraction(price))
        spent, bought, used = spent + take * Fraction(price), bought + take, used + 1
    average = spent / bought
    return average, sign * (average - mid) / mid * 100, min(spent / size, Fraction(1)), used


def text(value):
    return format(value.normalize(), "f")


def main():
    rng = random.Random(8142021)
    bids, asks = side(rng, -1), side(rng, 1)
    mid = (bids[0][0] + asks[0][0]) / 2
    print("// SPDX-License-Identifier: MIT")
    print("// Written by reference.py.")
    print("// clang-format off")
    print("#pragma once\n\n#include <cstddef>\n\nnamespace bourse::liquidity::reference {\n")
    print("struct Level { const char* price; const char* quantity; };")
    for name, levels in (("kBids", bids), ("kAsks", asks)):
        print(f"inline constexpr Level {name}[] = {{")
        for i in range(0, len(levels), 4):
            print("    " + " ".join(f'{{"{p:.8f}", "{q:.8f}"}},' for p, q in levels[i:i + 4]))
        print("};")
    spread = asks[0][0] - bids[0][0]
    micro = (bids[0][0] * asks[0][1] + asks[0][0] * bids[0][1]) / (bids[0][1] + asks[0][1])
    print(f'inline constexpr const char* kMid = "{text(mid)}";')
    print(f"inline constexpr double kSpreadPercent = {float(spread / mid * 100)!r};")
    print(f"inline constexpr double kMicroprice = {float(micro)!r};")
    print("\n/// Bids, then asks: quantity, value, and the volume-weighted price.")
    print("struct Total { const char* quantity; const char* value; double price; };")
    totals = [(sum(q for _, q in s), sum(p * q for p, q in s)) for s in (bids, asks)]
    print("inline constexpr Total kTotals[] = {")
    for quantity, value in totals:
        print(f'    {{"{text(quantity)}", "{text(value)}", {float(value / quantity)!r}}},')
    print("};")
    print("\n/// Each distance, ascending: bids, asks, imbalance of the values, and what share of its side's value")
    print("/// within the farthest distance lies there.")
    print("struct Depth { std::size_t levels; const char* quantity; const char* value; double share; };")
    print("struct Within { double distance; Depth bid, ask; double imbalance; };")
    print("inline constexpr Within kWithin[] = {")
    farthest = [within(s, mid, sign, DISTANCES[-1])[2] for s, sign in ((bids, -1), (asks, 1))]
    for percent in DISTANCES:
        row = [within(s, mid, sign, percent) for s, sign in ((bids, -1), (asks, 1))]
        sides = ", ".join(f'{{{count}, "{text(quantity)}", "{text(value)}", {float(value / whole)!r}}}'
                          for (count, quantity, value), whole in zip(row, farthest))
        (_, _, bid), (_, _, ask) = row
        print(f"    {{{float(percent)!r}, {sides}, {float((bid - ask) / (bid + ask))!r}}},")
    print("};")
    near = sum(within(s, mid, sign, Decimal(1))[2] for s, sign in ((bids, -1), (asks, 1)))
    print(f'inline constexpr const char* kNear = "{text(near)}";')
    print(f"inline constexpr double kScore = {float(100 * near / (near + 1000000))!r};")
    print("\n/// A buy and a sell of each size.")
    print("struct Impact { const char* size; double average, percent, filled; std::size_t levels; };")
    print("inline constexpr Impact kImpacts[] = {")
    for size in SIZES:
        for levels, sign in ((asks, 1), (bids, -1)):
            average, percent, filled, used = impact(levels, Decimal(size), mid, sign)
            print(f'    {{"{size}", {float(average)!r}, {float(percent)!r}, {float(filled)!r}, {used}}},')
    print("};\n\n}  // namespace bourse::liquidity::reference")


main()
