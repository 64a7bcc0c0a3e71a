#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes reference.hpp: correlations by SciPy and NumPy, to hold ours against.

Run by hand, with Debian's python3-scipy (1.10) and python3-numpy (1.24): reference.py > reference.hpp
The tests read the file it wrote and need neither. The prices are made up: a common movement plus one
of each market's own, on a coarse grid so that ranks have ties.
"""
import random

import numpy
import scipy
from scipy import stats

MARKETS, TIMES = 5, 61
COMMON = [0.9, 0.7, 0.0, -0.8, 0.4]


def closes():
    rng = random.Random(20241103)
    prices = [[100.0] for _ in range(MARKETS)]
    for _ in range(TIMES - 1):
        common = rng.gauss(0, 0.02)
        for market in range(MARKETS):
            own = rng.gauss(0, 0.02) * (1 - abs(COMMON[market]))
            moved = prices[market][-1] * (1 + COMMON[market] * common + own)
            prices[market].append(round(moved))
    return numpy.array(prices)


def numbers(name, values):
    flat = numpy.array(values, dtype=float).ravel()
    lines = [", ".join(repr(float(v)) for v in flat[i:i + 4]) for i in range(0, len(flat), 4)]
    print(f"inline constexpr std::array<double, {len(flat)}> {name} = {{{{")
    print("    " + ",\n    ".join(lines) + "}};")


def pairs(function, returns):
    return [function(returns[a], returns[b])
            for a in range(MARKETS) for b in range(a + 1, MARKETS)]


def p_value_cases():
    """r, n and p by the exact t distribution."""
    for n in (3, 4, 5, 10, 30, 365, 4998):
        for r in (-0.999999, -0.6, -0.1, 0.0, 1e-6, 0.05, 0.3, 0.9, 0.99999999):
            t = abs(r) * numpy.sqrt((n - 2) / ((1 - r) * (1 + r)))
            p = 2 * stats.t.sf(t, n - 2)
            if p > 1e-300:
                yield r, n, p


def main():
    prices = closes()
    simple = prices[:, 1:] / prices[:, :-1] - 1
    log = numpy.log(prices[:, 1:] / prices[:, :-1])
    matrix = numpy.corrcoef(simple)
    held = simple.mean(axis=0)
    peaks = numpy.maximum.accumulate(prices, axis=1)

    print("// SPDX-License-Identifier: MIT")
    print(f"// Written by reference.py with SciPy {scipy.__version__} and NumPy {numpy.__version__}.")
    print("// clang-format off")
    print("#pragma once\n\n#include <array>\n#include <cstddef>\n")
    print("namespace bourse::correlation::reference {\n")
    print(f"inline constexpr std::size_t kMarkets = {MARKETS}, kTimes = {TIMES};\n")
    numbers("kCloses", prices)
    for name, function, returns in (("Pearson", stats.pearsonr, simple),
                                    ("PearsonLog", stats.pearsonr, log),
                                    ("Spearman", stats.spearmanr, simple)):
        print("/// Pairs (0, 1), (0, 2) ... (3, 4).")
        found = pairs(function, returns)
        numbers(f"k{name}", [f[0] for f in found])
        numbers(f"k{name}P", [f[1] for f in found])
    print("/// stats.rankdata of the first market's returns.")
    numbers("kRanks", stats.rankdata(simple[0]))
    print("/// numpy.linalg.eigvalsh of the Pearson matrix, ascending.")
    numbers("kEigenvalues", numpy.linalg.eigvalsh(matrix))
    print("/// Of a market each: mean, sample deviation, total return, maximum drawdown.")
    numbers("kMeans", simple.mean(axis=1))
    numbers("kDeviations", simple.std(axis=1, ddof=1))
    numbers("kTotals", prices[:, -1] / prices[:, 0] - 1)
    numbers("kDrawdowns", ((peaks - prices) / peaks).max(axis=1))
    print("/// Of equal weights: deviation, mean deviation / deviation.")
    deviation = held.std(ddof=1)
    numbers("kHolding", [deviation, simple.std(axis=1, ddof=1).mean() / deviation])
    print("\nstruct PValue {\n  double r;\n  std::size_t n;\n  double p;\n};")
    print("inline constexpr PValue kPValues[] = {")
    print(",\n".join(f"    {{{float(r)!r}, {n}, {float(p)!r}}}" for r, n, p in p_value_cases()) + "};")
    rng = numpy.random.default_rng(7)
    print("\n/// Random symmetric matrices, row by row, and their largest eigenvalue.")
    for size in (2, 3, 8):
        a = rng.normal(size=(size, size))
        a = a + a.T
        numbers(f"kSymmetric{size}", a)
        print(f"inline constexpr double kLargest{size} = {float(numpy.linalg.eigvalsh(a)[-1])!r};")
    print("\n}  // namespace bourse::correlation::reference")


main()
