# SPDX-License-Identifier: MIT
"""Numbers and times as Python writes them: repr(float), decimal, datetime.

Each line: kind, tab, value, tab, text. Reals are given by their bits, times in ns, decimals as
coefficient:scale. Usage: text_vectors.py FILE
"""
import datetime
import decimal
import math
import random
import struct
import sys

SEED = 20241220
INT64_MIN, INT64_MAX = -2**63, 2**63 - 1


def bits_of(real):
    return struct.unpack(">Q", struct.pack(">d", real))[0]


def real_of(bits):
    return struct.unpack(">d", struct.pack(">Q", bits))[0]


def reals(rng):
    values = [0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, math.pi, 1 / 3, 0.1 + 0.2,
              2.0**53 - 1, 2.0**53, 2.0**53 + 2, 9999999999999998.0, 1e16, 9.5e-05, 1e-4, 1e23, 9e22,
              123456789012345680.0, 5e15, 4503599627370497.5, 9007199254740991.0, 9.1e15]
    for exponent in range(-323, 309):
        power = float("1e%d" % exponent)
        values += [power, math.nextafter(power, math.inf), math.nextafter(power, 0.0)]
    for exponent in range(-1074, 1024):
        values.append(math.ldexp(1.0, exponent))
    for _ in range(8000):
        values.append(real_of(rng.getrandbits(64)))
        values.append(rng.uniform(-100, 100))
        values.append(rng.uniform(0, 1) * 10 ** rng.randint(-7, 20))
        values.append(round(rng.uniform(-1e6, 1e6), rng.randint(0, 8)))
        values.append(float(rng.randint(-2**60, 2**60) >> rng.randint(0, 60)))
    for value in values:
        if math.isfinite(value):
            yield value
            yield -value


def integers(rng):
    yield from (0, 1, -1, INT64_MIN, INT64_MAX, INT64_MIN + 1)
    for digits in range(0, 19):
        for near in (-1, 0, 1):
            yield 10**digits + near
            yield -(10**digits + near)
    for _ in range(2000):
        yield rng.randint(INT64_MIN, INT64_MAX) >> rng.randint(0, 63)


def decimals(rng):
    coefficients = [0, 1, -1, 9, 10, 99, 100, 10**38 - 1, 1 - 10**38, INT64_MAX, INT64_MIN,
                    INT64_MAX + 1, INT64_MIN - 1, 2**64 - 1, 2**64, 10**19, 10**19 - 1]
    for coefficient in coefficients:
        for scale in range(-38, 39):
            yield coefficient, scale
    for _ in range(8000):
        coefficient = rng.randint(0, 10 ** rng.randint(1, 38) - 1)
        yield rng.choice((-1, 1)) * coefficient, rng.choice((rng.randint(-38, 38), rng.randint(0, 10)))


def decimal_text(coefficient, scale):
    digits = tuple(int(d) for d in str(abs(coefficient)))
    if coefficient == 0 and scale < 0:
        return "0"  # there are no digits for zeros to follow
    return format(decimal.Decimal((int(coefficient < 0), digits, -scale)), "f")


def times(rng):
    second, day = 10**9, 86400 * 10**9
    yield from (0, -1, 1, INT64_MIN, INT64_MAX, 999, 1000, 999999, 10**6, second - 1, second, -second,
                day, -day, -day - 1, day - 1, 951782400 * second, 951868799 * second + 999999999,
                -2208988800 * second, 4102444800 * second, 1735689599 * second + 250 * 10**6)
    for year in range(1678, 2262):  # both ends of February
        for month, of_month in ((2, 28), (3, 1), (12, 31), (1, 1)):
            date = datetime.date(year, month, of_month)
            yield (date.toordinal() - datetime.date(1970, 1, 1).toordinal()) * day + rng.choice((0, day - 1))
    for _ in range(4000):
        step = rng.choice((1, 10**3, 10**6, second, 3600 * second))
        yield rng.randint(INT64_MIN // step + 1, INT64_MAX // step) * step


def time_text(ns):
    seconds, rest = divmod(ns, 10**9)
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    text = moment.isoformat(timespec="seconds")
    decimals_of_second = "%09d" % rest
    for keep in (0, 3, 6, 9):
        if not decimals_of_second[keep:].strip("0"):
            return text + ("." + decimals_of_second[:keep] if keep else "") + "Z"
    raise AssertionError(ns)


def main():
    rng = random.Random(SEED)
    with open(sys.argv[1], "w", encoding="ascii", newline="\n") as out:
        for value in reals(rng):
            out.write("real\t%016x\t%r\n" % (bits_of(value), value))
        for value in integers(rng):
            if INT64_MIN <= value <= INT64_MAX:
                out.write("integer\t%d\t%d\n" % (value, value))
        for coefficient, scale in decimals(rng):
            out.write("decimal\t%d:%d\t%s\n" % (coefficient, scale, decimal_text(coefficient, scale)))
        for ns in times(rng):
            out.write("time\t%d\t%s\n" % (ns, time_text(ns)))


if __name__ == "__main__":
    main()
