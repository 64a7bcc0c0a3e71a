# SPDX-License-Identifier: MIT
"""Test vectors for bourse::Decimal, computed by Python's own decimal module.

usage: decimal_vectors.py OUTPUT

One case a line, words separated by blanks; a decimal is coefficient:scale. The last word is the
expected result: a decimal, a text, an order, the bits of a double, or the name of an error.
Deterministic: the seed is fixed.
"""
import random
import struct
import sys
from decimal import (Context, Decimal, MAX_EMAX, MIN_EMIN, ROUND_05UP, ROUND_CEILING, ROUND_DOWN,
                     ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP)

DIGITS, SCALE_MIN, SCALE_MAX = 38, -38, 38
LIMIT = 10**DIGITS
# 1500 digits hold the exact value of every double below, and every product and sum.
EXACT = Context(prec=1500, Emax=MAX_EMAX, Emin=MIN_EMIN)
# ROUND_05UP leaves a last digit that a second rounding takes for what it is: never for a tie.
STICKY = Context(prec=400, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_05UP)
MODES = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN,
         "up": ROUND_UP, "floor": ROUND_FLOOR, "ceiling": ROUND_CEILING}
SCALES = [-38, -37, -20, -19, -8, -1, 0, 0, 1, 2, 3, 8, 8, 8, 18, 19, 20, 37, 38]
MAGNITUDES = [0, 1, 2, 3, 4, 5, 7, 9, 10, 99, 100, 101, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1,
              2**63, 2**64 - 1, 2**64, 2**64 + 1, 10**18, 10**19 - 1, 10**19, 10**20, 2**126 - 1,
              10**37 - 1, 10**37, 10**37 + 1, 5 * 10**37, LIMIT // 2 - 1, LIMIT - 10, LIMIT - 2,
              LIMIT - 1]
# Written by real exchanges.
MARKET = [("70292.01000000", 8), ("284227394804.05000000", 8), ("79310965841885.00", 2),
          ("101021272.42510570", 8), ("1078397036.70", 2), ("92233720368.54775807", 8),
          ("-0.123", 3), ("0.00000001", 8), ("116340254505.95043233", 8), ("9999998955.00", 2)]

random.seed(20240310)


class Number:
    """A coefficient and a scale, and the exact value that they stand for."""

    def __init__(self, coefficient, scale):
        self.coefficient, self.scale = coefficient, scale
        self.value = Decimal(coefficient).scaleb(-scale, EXACT)

    def __str__(self):
        return f"{self.coefficient}:{self.scale}"


def any_magnitude():
    kind = random.random()
    if kind < 0.35:
        return random.choice(MAGNITUDES)
    digits = random.randint(1, DIGITS)
    magnitude = random.randrange(10**digits)
    if kind < 0.55:  # with zeros at the end
        magnitude = magnitude // 10**(digits // 2) * 10**(digits // 2)
    return magnitude


def any_number(scales=SCALES):
    if random.random() < 0.1:
        text, scale = random.choice(MARKET)
        return Number(int(text.replace(".", "")), scale)
    return Number(any_magnitude() * random.choice([1, 1, -1]), random.choice(scales))


def fitting(value, scale):
    """The exact value at the largest legal scale up to `scale` at which it has 38 digits."""
    if value == 0:
        return Number(0, max(SCALE_MIN, min(SCALE_MAX, scale)))
    for candidate in range(max(SCALE_MIN, min(SCALE_MAX, scale)), SCALE_MIN - 1, -1):
        shifted = value.scaleb(candidate, EXACT)
        if shifted == shifted.to_integral_value() and EXACT.abs(shifted) < LIMIT:
            return Number(int(shifted), candidate)
    return "range"


def rounded(value, scale, mode):
    if not SCALE_MIN <= scale <= SCALE_MAX:
        return "range"
    coefficient = int(value.scaleb(scale, EXACT).to_integral_value(MODES[mode], EXACT))
    return Number(coefficient, scale) if abs(coefficient) < LIMIT else "range"


def double_bits(value):
    return struct.pack(">d", value).hex()


def parse_cases():
    bad = ["-", "--1", "+1", ".", ".5", "5.", "-.5", "-5.", "1.2.3", "1,5", "1e5", "1E5", "1.5e-3",
           "NaN", "nan", "inf", "-inf", "Infinity", "0x10", "1_000", "1'000", "٣", "１", "½", "1-",
           "1.-5", "1f", "1.0f", "-NaN", "1.5.", "1..5", "/1", ":1", "1/", "1:", "1./", "1.:",
           "9" * 60 + "x", "0" * 60 + ".", "1." + "0" * 60 + "x"]
    for text in bad:
        yield "parse", text, "syntax"
    good = [text for text, _ in MARKET] + [
        "0", "-0", "0.0", "-0.00", "00", "000.10", "-007", "9" * 38, "-" + "9" * 38,
        "0." + "9" * 38, "0" * 50 + "9" * 38, "0" * 50 + "." + "0" * 38, "1" + "0" * 37,
        "0." + "0" * 37 + "1", "1." + "0" * 37, "18446744073709551615", "18446744073709551616",
        "9999999999999999999", "99999999999999999999", "-9999999999999999999"]
    out_of_range = ["1" * 39, "-" + "1" * 39, "0." + "0" * 39, "1." + "0" * 38, "1" + "0" * 38,
                    "9" * 38 + ".0", "0." + "0" * 38 + "1", "1" * 20 + "." + "1" * 19, "7" * 400,
                    "0" * 50 + "9" * 39, "1" + "0" * 400, "0." + "1" * 400]
    for _ in range(1500):
        digits = "".join(random.choice("0123456789") for _ in range(random.randint(1, 42)))
        split = random.randint(1, len(digits))
        good.append(random.choice(["", "-"]) + digits[:split] +
                    ("." + digits[split:] if split < len(digits) else ""))
    for text in out_of_range + good:
        _, _, decimals = text.partition(".")
        coefficient = int(text.replace(".", ""))
        fits = abs(coefficient) < LIMIT and len(decimals) <= SCALE_MAX
        yield "parse", text, Number(coefficient, len(decimals)) if fits else "range"


def print_cases():
    for scale in range(SCALE_MIN, SCALE_MAX + 1):
        for magnitude in random.sample(MAGNITUDES, 12) + [0, LIMIT - 1]:
            number = Number(magnitude * random.choice([1, -1]), scale)
            yield "print", number, format(number.value, "f") if magnitude or scale > 0 else "0"


def arithmetic_cases():
    operations = {"add": lambda a, b: (EXACT.add(a.value, b.value), max(a.scale, b.scale)),
                  "subtract": lambda a, b: (EXACT.subtract(a.value, b.value),
                                            max(a.scale, b.scale)),
                  "multiply": lambda a, b: (EXACT.multiply(a.value, b.value), a.scale + b.scale)}
    one, large = Number(1, 0), Number(1, -38)
    pairs = [(large, Number(-1, 0)), (large, one), (Number(LIMIT - 1, 0), one),
             (Number(10, 0), Number(-LIMIT + 1, 37)), (Number(2, -38), Number(-LIMIT + 1, 0)),
             (Number(10, -38), Number(0, 38)), (Number(LIMIT - 1, -38), Number(10**37, 38)),
             (Number(LIMIT // 2, 38), Number(LIMIT // 2, 38)), (large, large),
             (Number(LIMIT - 1, -38), Number(LIMIT - 1, 38)), (Number(0, -38), Number(0, -38)),
             (Number(LIMIT - 1, 38), Number(LIMIT - 1, 38)), (Number(0, 38), Number(0, 38)),
             (Number(5 * 10**37, 38), Number(2, 38)), (Number(LIMIT - 1, 0), Number(LIMIT - 1, 0))]
    for a in MARKET:
        for b in MARKET:
            pairs.append(tuple(Number(int(t.replace(".", "")), s) for t, s in (a, b)))
    pairs += [(any_number(), any_number()) for _ in range(1500)]
    near = [0, 1, 2, 8]
    pairs += [(any_number(near), any_number(near)) for _ in range(1500)]
    for a, b in pairs:
        for name, operation in operations.items():
            yield name, a, b, fitting(*operation(a, b))
            if name == "subtract":
                yield name, b, a, fitting(*operation(b, a))


def divide_cases():
    for mode in MODES:
        cases = [(any_number(), any_number(), random.choice(SCALES)) for _ in range(500)]
        cases += [(any_number([0, 2, 8]), any_number([0, 2, 8]), random.choice([0, 3, 8]))
                  for _ in range(500)]
        cases += [(any_number(), any_number(), random.choice([-39, 39, 100, -1000]))
                  for _ in range(5)]
        for _ in range(300):  # exact ties, and one unit beside them
            divisor = random.randrange(1, 10**random.randint(1, 18)) * 2
            quotient = random.randrange(10**random.randint(1, 18))
            scale = random.choice([0, 3, 8])
            tie = (2 * quotient + 1) * divisor // 2 * random.choice([1, -1])
            a_scale = random.choice([0, 8, 20])
            cases.append((Number(tie + random.choice([-1, 0, 0, 1]), a_scale),
                          Number(divisor, a_scale - scale), scale))
        for a, b, scale in cases:
            if b.coefficient == 0:
                yield "divide", a, b, scale, mode, "zero"
            else:
                yield ("divide", a, b, scale, mode,
                       rounded(STICKY.divide(a.value, b.value), scale, mode))


def compare_cases():
    pairs = [(any_number(), any_number()) for _ in range(1500)]
    for _ in range(500):  # equal or nearly so, written differently
        number = any_number()
        scale = random.choice(SCALES)
        other = rounded(number.value, scale, "down")
        if other != "range":
            pairs.append((number, other))
    pairs += [(Number(LIMIT - 1, -38), Number(LIMIT - 1, 38)),
              (Number(1, -38), Number(LIMIT - 1, 0)), (Number(-1, -38), Number(-LIMIT + 1, 0)),
              (Number(0, 38), Number(0, -38)), (Number(1, 38), Number(0, -38)),
              (Number(1, 0), Number(10**37, 37)), (Number(1, 0), Number(10**37 + 1, 37))]
    for a, b in pairs:
        yield "compare", a, b, int(EXACT.compare(a.value, b.value))
        yield "compare", b, a, int(EXACT.compare(b.value, a.value))


def rescale_cases():
    for mode in MODES:
        for _ in range(400):
            number, scale = any_number(), random.choice(SCALES + [-39, 39, 400])
            yield "rescale", number, scale, mode, rounded(number.value, scale, mode)
        for _ in range(150):  # ties, and one unit beside them
            drop = random.randint(1, 20)
            tie = (random.randrange(10**random.randint(1, 17)) * 10 + 5) * 10**(drop - 1)
            number = Number((tie + random.choice([-1, 0, 0, 1])) * random.choice([1, -1]), 8)
            yield "rescale", number, 8 - drop, mode, rounded(number.value, 8 - drop, mode)


def double_cases():
    numbers = [Number(magnitude * sign, scale) for magnitude in MAGNITUDES for sign in (1, -1)
               for scale in (-38, -23, -22, -1, 0, 1, 8, 22, 23, 38)]
    numbers += [Number(random.randrange(-2**53, 2**53), scale) for scale in range(-24, 25)
                for _ in range(5)]
    numbers += [any_number() for _ in range(1500)]
    for _ in range(300):  # half-way between two doubles, and one unit beside it
        tie = (random.randrange(2**52, 2**53) * 2 + 1) * 2**random.randint(0, 70)
        numbers.append(Number(tie + random.choice([-1, 0, 1]), 0))
    for number in numbers:
        yield "double", number, double_bits(float(number.value))


def nearest_cases():
    values = [0.0, -0.0, 0.5, 1.5, 2.5, -2.5, 0.125, 0.375, 2.675, 1.005, 0.1, 0.3, 1e15, 1e22,
              1e23, 123456789.987654321,
              5e-324, -5e-324, 2.2250738585072014e-308, 1.7976931348623157e308,
              1e38, 9.999999999999999e37, 1e37, 2.0**126, 2.0**127, 2.0**128, 2.0**203, 2.0**204,
              2.0**252, 2.0**253, 1e76, 9.9e75, 1e-38, 1e-39, 5e-39, 2.0**-127, 2.0**-128,
              2.0**-129, float("inf"), float("-inf"), float("nan")]
    cases = [(value, scale) for value in values for scale in sorted(set(SCALES))]
    cases += [(1.0, -39), (1.0, 39), (0.0, 39)]
    for _ in range(1500):
        value = random.uniform(-1, 1) * 10.0**random.randint(-45, 80)
        cases.append((value, random.choice(SCALES)))
    for _ in range(700):  # exact ties: an odd multiple of a negative power of two
        bits = random.randint(1, 12)
        value = (random.randrange(10**random.randint(1, 10)) * 2 + 1) / 2**bits
        cases.append((random.choice([1, -1]) * value, bits - 1))
    for _ in range(300):  # exact ties before the point
        zeros = random.randint(1, 8)
        value = float((random.randrange(10**6) * 10 + 5) * 10**(zeros - 1))
        cases.append((value + random.choice([0, 0, 0.25, -0.25]), -zeros))
    for value, scale in cases:
        finite = value - value == 0
        yield ("nearest", double_bits(value), scale,
               rounded(Decimal(value), scale, "half_even") if finite else "range")


def main(path):
    with open(path, "w", encoding="utf-8") as out:
        for cases in (parse_cases, print_cases, arithmetic_cases, divide_cases, compare_cases,
                      rescale_cases, double_cases, nearest_cases):
            for case in cases():
                print(*case, file=out)


if __name__ == "__main__":
    main(sys.argv[1])
