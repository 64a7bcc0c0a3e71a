# SPDX-License-Identifier: MIT
"""A second implementation of the technical indicators, for technical_test to be held against.

Written from the definitions in the plugin's README, window by window, in decimal arithmetic of 60
digits: slow, and without any of the tricks that the plugin uses. Usage: reference.py OUTPUT

The output is a list of cases:
    case NAME
    settings KEY=VALUE ...
    columns NAME ...
    VALUE ...          one line a candle; undefined: nan
    end
"""

import random
import sys
from decimal import Decimal, getcontext

getcontext().prec = 60
HOUR = 3600 * 10**9
DAY = 24 * HOUR
DEFAULTS = dict(sma_fast=20, sma_slow=50, rsi_period=14, rsi_method="wilder", macd_fast=12,
                macd_slow=26, macd_signal=9, bollinger_period=20, bollinger_deviations=2.0,
                atr_period=14, stochastic_period=14, stochastic_smoothing=3, stochastic_signal=3)


def windows(values, period):
    """The last `period` values up to each row, or None while there are fewer or any is undefined."""
    for row in range(len(values)):
        window = values[max(0, row - period + 1): row + 1]
        yield window if len(window) == period and None not in window else None


def mean(values):
    return sum(values) / len(values)


def simple(values, period):
    return [None if w is None else mean(w) for w in windows(values, period)]


def recursive(values, seed_row, seed, weight):
    """seed at seed_row, then the weighted average of each value and the result before it."""
    out = [None] * len(values)
    if seed_row < len(values):
        out[seed_row] = seed
        for row in range(seed_row + 1, len(values)):
            out[row] = weight * values[row] + (1 - weight) * out[row - 1]
    return out


def exponential(values, period, seed_row=None):
    """Seeded with the mean of the `period` values that end at seed_row."""
    first = next((row for row, v in enumerate(values) if v is not None), len(values))
    seed_row = first + period - 1 if seed_row is None else seed_row
    seed = None if seed_row >= len(values) else mean(values[seed_row - period + 1: seed_row + 1])
    return recursive(values, seed_row, seed, Decimal(2) / (period + 1))


def wilder(values, first, period):
    """Wilder's smoothing of values[first:], seeded with the mean of the first `period` of them."""
    seed_row = first + period - 1
    seed = None if seed_row >= len(values) else mean(values[first: seed_row + 1])
    return recursive(values, seed_row, seed, Decimal(1) / period)


def rsi(closes, period, method):
    changes = [None] + [b - a for a, b in zip(closes, closes[1:])]
    gains = [None if c is None else max(c, Decimal(0)) for c in changes]
    losses = [None if c is None else max(-c, Decimal(0)) for c in changes]
    if method == "wilder":
        gains, losses = wilder(gains, 1, period), wilder(losses, 1, period)
    else:
        gains, losses = simple(gains, period), simple(losses, period)
    out = []
    for gain, loss in zip(gains, losses):
        if gain is None:
            out.append(None)
        elif gain == 0 and loss == 0:
            out.append(Decimal(50))
        elif loss == 0:
            out.append(Decimal(100))
        else:
            out.append(100 - 100 / (1 + gain / loss))
    return out


def minus(a, b):
    return [None if x is None or y is None else x - y for x, y in zip(a, b)]


def bollinger(closes, period, deviations):
    upper, middle, lower, percent_b, bandwidth = [], [], [], [], []
    for row, window in enumerate(windows(closes, period)):
        if window is None:
            for column in (upper, middle, lower, percent_b, bandwidth):
                column.append(None)
            continue
        m = mean(window)
        reach = Decimal(deviations) * mean([(v - m) ** 2 for v in window]).sqrt()
        flat = min(window) == max(window)
        middle.append(m)
        upper.append(m + reach)
        lower.append(m - reach)
        percent_b.append(Decimal("0.5") if flat else (closes[row] - m + reach) / (2 * reach))
        bandwidth.append(Decimal(0) if flat else 200 * reach / m)
    return upper, middle, lower, percent_b, bandwidth


def atr(highs, lows, closes, period):
    ranges = [highs[0] - lows[0]] if highs else []
    for row in range(1, len(closes)):
        before = closes[row - 1]
        ranges.append(max(highs[row] - lows[row], abs(highs[row] - before),
                          abs(lows[row] - before)))
    return wilder(ranges, 0, period)


def stochastic(highs, lows, closes, period, smoothing, signal):
    position = []
    for high, low, close in zip(windows(highs, period), windows(lows, period), closes):
        if high is None:
            position.append(None)
        elif max(high) == min(low):
            position.append(Decimal(50))
        else:
            position.append(100 * (close - min(low)) / (max(high) - min(low)))
    k = simple(position, smoothing)
    return k, simple(k, signal)


def obv(closes, volumes):
    out = []
    for row, volume in enumerate(volumes):
        if row == 0:
            out.append(volume)
        else:
            change = closes[row] - closes[row - 1]
            out.append(out[-1] + (volume if change > 0 else -volume if change < 0 else 0))
    return out


def vwap(times, highs, lows, closes, volumes):
    out = []
    for row, time in enumerate(times):
        day = time // DAY
        first = next(r for r in range(max(0, row - 1440), row + 1) if times[r] // DAY == day)
        rows = range(first, row + 1)
        known_start = first > 0 or times[0] % DAY == 0
        rows = [r for r in rows if highs[r] + lows[r] + closes[r] > 0]
        volume = sum(volumes[r] for r in rows)
        if not known_start or volume == 0:
            out.append(None)
        else:
            out.append(sum((highs[r] + lows[r] + closes[r]) / 3 * volumes[r] for r in rows) / volume)
    return out


def compute(candles, s):
    times = [c[0] for c in candles]
    highs, lows, closes, volumes = ([Decimal(c[i]) for c in candles] for i in range(1, 5))
    fast = exponential(closes, s["macd_fast"], s["macd_slow"] - 1)
    macd = minus(fast, exponential(closes, s["macd_slow"]))
    signal = exponential(macd, s["macd_signal"])
    upper, middle, lower, percent_b, bandwidth = bollinger(
        closes, s["bollinger_period"], s["bollinger_deviations"])
    k, d = stochastic(highs, lows, closes, s["stochastic_period"], s["stochastic_smoothing"],
                      s["stochastic_signal"])
    return {
        "sma_fast": simple(closes, s["sma_fast"]),
        "sma_slow": simple(closes, s["sma_slow"]),
        "ema_fast": exponential(closes, s["macd_fast"]),
        "ema_slow": exponential(closes, s["macd_slow"]),
        "rsi": rsi(closes, s["rsi_period"], s["rsi_method"]),
        "macd": macd,
        "macd_signal": signal,
        "macd_histogram": minus(macd, signal),
        "bollinger_upper": upper,
        "bollinger_middle": middle,
        "bollinger_lower": lower,
        "bollinger_percent_b": percent_b,
        "bollinger_bandwidth": bandwidth,
        "atr": atr(highs, lows, closes, s["atr_period"]),
        "stochastic_k": k,
        "stochastic_d": d,
        "obv": obv(closes, volumes),
        "vwap": vwap(times, highs, lows, closes, volumes),
    }


# ---- candles ------------------------------------------------------------------------------------


def candles_of(closes, step, seed, start=0, interval=HOUR, gaps=(), volume=10**9):
    """Candles around these closes; `step` is the tick. Gaps: rows before which time jumps on."""
    rng = random.Random(seed)
    out, time, before = [], start, closes[0]
    for row, close in enumerate(closes):
        time += interval * (1 + (rng.randrange(1, 40) if row in gaps else 0)) if row else 0
        high = max(close, before) + step * rng.randrange(12)
        low = max(min(close, before) - step * rng.randrange(12), Decimal(0))
        traded = Decimal(rng.randrange(volume)) / 10**5
        out.append((time, float(high), float(low), float(close), float(traded)))
        before = close
    return out


def walk(rows, start, step, seed):
    rng = random.Random(seed)
    price, out = Decimal(start), []
    for _ in range(rows):
        price = max(price + Decimal(step) * rng.randint(-30, 30), Decimal(step))
        out.append(price)
    return out


def flat(rows, price):
    return [Decimal(price)] * rows


def cases():
    def case(name, closes, step, seed=1, settings=None, **more):
        return name, candles_of(closes, Decimal(step), seed, **more), {**DEFAULTS, **(settings or {})}

    yield case("walk", walk(500, "60000", "0.01", 1), "0.01")
    yield case("walk_of_large_moves", walk(400, "100", "0.5", 2), "0.5", 2)
    yield case("cutler", walk(300, "3000", "0.01", 3), "0.01", 3, {"rsi_method": "cutler"})
    yield case("gaps", walk(300, "300", "0.01", 4), "0.01", 4, gaps={7, 50, 51, 199, 298})
    yield case("tiny_prices", walk(400, "0.00001", "0.00000001", 5), "0.00000001", 5,
               volume=10**17)
    yield case("huge_prices", walk(400, "98765432.1", "0.1", 6), "0.1", 6, volume=10**4)
    yield case("crash", walk(150, "1000000", "10", 7) + walk(450, "0.001", "0.000001", 8),
               "0.000001", 7)
    yield case("surge", walk(150, "0.001", "0.000001", 9) + walk(350, "1000000", "10", 10),
               "0.000001", 8)
    yield case("flat_stretches", walk(60, "5", "0.01", 11) + flat(120, "5.07")
               + walk(60, "5", "0.01", 12) + flat(90, "0.1"), "0", 9)
    yield case("flat", flat(120, "0.1"), "0", 10, {"rsi_method": "cutler"})
    yield case("only_gains", [Decimal(i) / 10 for i in range(1, 200)], "0.01", 11)
    yield case("only_losses", [Decimal(300 - i) / 10 for i in range(200)], "0.01", 12)
    yield case("starts_within_a_day", walk(120, "7", "0.001", 13), "0.001", 13, start=5 * HOUR)
    yield case("minutes", walk(400, "7", "0.001", 14), "0.001", 14, interval=HOUR // 60,
               start=DAY - HOUR)
    yield case("days", walk(200, "7", "0.001", 15), "0.001", 15, interval=DAY)
    yield case("smallest_periods", walk(80, "20", "0.01", 16), "0.01", 16, dict(
        sma_fast=2, sma_slow=3, rsi_period=2, macd_fast=2, macd_slow=3, macd_signal=2,
        bollinger_period=2, bollinger_deviations=0.1, atr_period=2, stochastic_period=2,
        stochastic_smoothing=1, stochastic_signal=1))
    yield case("large_periods", walk(700, "20", "0.01", 17), "0.01", 17, dict(
        sma_fast=100, sma_slow=500, rsi_period=100, macd_fast=150, macd_slow=200, macd_signal=100,
        bollinger_period=333, bollinger_deviations=10.0, atr_period=100, stochastic_period=250,
        stochastic_smoothing=50, stochastic_signal=100))
    yield case("macd_far_apart", walk(1200, "20", "0.01", 19), "0.01", 19, dict(
        macd_fast=5, macd_slow=35, macd_signal=5))
    yield case("macd_near", walk(5500, "20", "0.01", 20), "0.01", 20, dict(
        macd_fast=199, macd_slow=200, macd_signal=2))
    for rows in (1, 2, 13, 14, 15, 20, 26, 34):
        yield case(f"{rows}_rows", walk(rows, "20", "0.01", 18), "0.01", 18)


def number(value):
    return "nan" if value is None else repr(float(value))


def main():
    with open(sys.argv[1], "w", encoding="ascii") as out:
        for name, candles, settings in cases():
            columns = compute(candles, settings)
            print("case", name, file=out)
            print("settings", *(f"{k}={v}" for k, v in settings.items()), file=out)
            print("columns", *columns, file=out)
            for row, candle in enumerate(candles):
                print(candle[0], *(repr(v) for v in candle[1:]),
                      *(number(column[row]) for column in columns.values()), file=out)
            print("end", file=out)


main()
