# SPDX-License-Identifier: MIT
"""matplotlib_technical.py SERIES.csv [OUTPUT.png]: the technical figure drawn by matplotlib (Agg),
1200 x 800, timed; to be held beside png_bench's technical/200. SERIES.csv is what the csv serializer
writes for the technical analysis:

    ./dev bourse run technical --format csv --limit 200 > series.csv
    ./tests/bench/matplotlib_technical.py series.csv

Import and first figure (fonts, caches) are not counted; the best and the median of 15 are shown."""
import csv
import datetime
import io
import statistics
import sys
import time

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

UP, DOWN, FAST, SLOW = "#00916a", "#cc5500", "#0072b2", "#a8578a"


def read(path):
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    columns = {name: [float(row[name]) if row[name] else float("nan") for row in rows]
               for name in rows[0] if name not in ("open_time", "closed")}
    columns["time"] = [datetime.datetime.fromisoformat(row["open_time"].replace("Z", "+00:00"))
                       for row in rows]
    return columns


def candles(axes, t, c, width):
    for up, colour in ((True, UP), (False, DOWN)):
        rows = [i for i in range(len(t)) if (c["close"][i] >= c["open"][i]) == up]
        x = [t[i] for i in rows]
        axes.vlines(x, [c["low"][i] for i in rows], [c["high"][i] for i in rows], colors=colour,
                    linewidth=1)
        axes.bar(x, [c["close"][i] - c["open"][i] for i in rows], width,
                 [c["open"][i] for i in rows], color="white" if up else colour, edgecolor=colour)


def draw(c):
    t = c["time"]
    width = (t[1] - t[0]) * 0.76
    figure, axes = plt.subplots(4, 1, sharex=True, figsize=(12, 8), dpi=100,
                                gridspec_kw={"height_ratios": [4, 1, 1, 1]})
    price, volume, rsi, macd = axes
    price.fill_between(t, c["bollinger_lower"], c["bollinger_upper"], color="#6b7280", alpha=0.1)
    candles(price, t, c, width)
    price.plot(t, c["sma_fast"], color=FAST, label="SMA 20")
    price.plot(t, c["sma_slow"], color=SLOW, label="SMA 50")
    price.legend(loc="upper left")
    volume.bar(t, c["volume"], width, color=FAST)
    rsi.plot(t, c["rsi"], color=FAST)
    rsi.axhline(30, linestyle="--")
    rsi.axhline(70, linestyle="--")
    rsi.set_ylim(0, 100)
    macd.bar(t, c["macd_histogram"], width,
             color=[UP if v >= 0 else DOWN for v in c["macd_histogram"]])
    macd.plot(t, c["macd"], color=FAST)
    macd.plot(t, c["macd_signal"], color=SLOW)
    for axis in axes:
        axis.grid(True, color="#e9ecf1")
        axis.yaxis.tick_right()
    price.set_title("BTCUSDT, 1h: technical analysis", loc="left")
    out = io.BytesIO()
    figure.savefig(out, format="png")
    plt.close(figure)
    return out.getvalue()


def main():
    columns = read(sys.argv[1])
    png = draw(columns)
    times = []
    for _ in range(15):
        start = time.process_time()
        draw(columns)
        times.append((time.process_time() - start) * 1000)
    if len(sys.argv) > 2:
        with open(sys.argv[2], "wb") as file:
            file.write(png)
    print(f"matplotlib {matplotlib.__version__}: {len(columns['time'])} candles, CPU per figure: "
          f"best {min(times):.0f} ms, median {statistics.median(times):.0f} ms, {len(png)} bytes")


if __name__ == "__main__":
    main()
