# SPDX-License-Identifier: MIT
"""The examples' own configurations, each served and asked over HTTP; the values are arithmetic on the sample candles.

Usage: asked_test.py EXAMPLES PLUGINS WORK
EXAMPLES is the installed folder, PLUGINS has what was built of it. Of each configuration only the folders of plugins are other
ones; where it has the synthetic market, the one of the CSV files takes its place if the answer is to be known.
"""
import contextlib
import csv
import datetime
import fractions
import http.client
import io
import json
import math
import os
import shutil
import statistics
import sys
import unittest

EXAMPLES, BUILT, WORK = (os.path.abspath(path) for path in sys.argv[1:4])
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e"))
import bourse_process as bourse  # noqa: E402

SAMPLE = os.path.join(EXAMPLES, "csv_source_cpp", "candles", "SAMPLE.csv")
with open(SAMPLE, encoding="utf-8") as sample:
    CANDLES = [(row[0], *(fractions.Fraction(number) for number in row[1:])) for row in csv.reader(sample)]
CLOSES = [candle[4] for candle in CANDLES]
FILES = "{use: csv-files, config: {folder: %s}}" % os.path.dirname(SAMPLE)


def server(example, file, replace=()):
    """Serves sdk/examples/EXAMPLE/FILE with the plugins that were built."""
    folder = os.path.join(WORK, example)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(os.path.join(EXAMPLES, example), folder)
    with open(os.path.join(folder, file), encoding="utf-8") as shipped:
        text = shipped.read()
    changed = text.replace("plugins: {path: [build, /usr/lib/bourse/plugins]}", f"plugins: {{path: [{BUILT}, {bourse.PLUGINS}]}}")
    assert changed != text, f"{file} names other folders of plugins than this test knows"
    for old, new in replace:
        assert old in changed, f"{file} has no {old}"
        changed = changed.replace(old, new)
    path = bourse.write_config(folder, changed, file)
    checked = bourse.run("check", path, plugins=())
    assert checked.returncode == 0, checked.stdout + checked.stderr
    return bourse.Server(path, plugins=())


def seconds_of(time):
    return int(datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp())


def rows(body):
    return list(csv.DictReader(io.StringIO(body.decode())))


class Examples(unittest.TestCase):
    def get(self, one, target):
        status, headers, body = one.get(target)
        self.assertEqual(status, 200, body)
        return headers, body

    def test_zscore(self):
        with server("zscore_cpp", "zscore.yaml", [("{use: synthetic}", FILES)]) as one:
            _, body = self.get(one, "/zscore/SAMPLE?window=3&limit=3&format=csv")
            shown = rows(body)
            self.assertEqual([float(row["close"]) for row in shown], [float(close) for close in CLOSES[-5:]])  # 3 scores, and 2 before
            for i, row in enumerate(shown):
                if i < 2:
                    self.assertEqual(row["zscore"], "")
                    continue
                window = CLOSES[-5:][i - 2:i + 1]
                wanted = float(window[-1] - statistics.mean(window)) / statistics.pstdev(map(float, window))
                self.assertAlmostEqual(float(row["zscore"]), wanted, places=12)
            headers, page = self.get(one, "/zscore/SAMPLE?window=3&format=html")
            self.assertIn(b"<svg", page)
            self.assertTrue(headers["content-type"].startswith("text/html"))
            _, picture = self.get(one, "/zscore/SAMPLE?window=3&format=png")
            self.assertEqual(picture[1:4], b"PNG")

    def test_vwap_bands(self):
        with server("vwap_bands_c", "vwap_bands.yaml", [("{use: synthetic}", FILES)]) as one:
            _, body = self.get(one, "/vwap/SAMPLE?width=1.5&format=csv")
            shown = rows(body)
            traded = [candle for candle in CANDLES if candle[5] != 0]
            self.assertEqual([row["open_time"] for row in shown], [candle[0] for candle in traded])
            for n, row in enumerate(shown, 1):
                weights = [candle[5] for candle in traded[:n]]
                prices = [(high + low + close) / 3 for _, _, high, low, close, _ in traded[:n]]
                mean = sum(p * w for p, w in zip(prices, weights)) / sum(weights)
                deviation = math.sqrt(sum(w * (p - mean) ** 2 for p, w in zip(prices, weights)) / sum(weights))
                self.assertAlmostEqual(float(row["vwap"]), float(mean), places=12)
                self.assertAlmostEqual(float(row["lower"]), float(mean) - 1.5 * deviation, places=12)
                self.assertAlmostEqual(float(row["upper"]), float(mean) + 1.5 * deviation, places=12)
            status, problem = one.json("/vwap/SAMPLE?width=11")
            self.assertEqual((status, problem["code"]), (400, "parameter_out_of_range"))

    def test_csv_source(self):
        with server("csv_source_cpp", "csv_source.yaml") as one:
            _, body = self.get(one, "/technical/SAMPLE?interval=1h&limit=3&format=csv")
            shown = rows(body)
            self.assertEqual([row["open_time"] for row in shown], [candle[0] for candle in CANDLES[-3:]])
            self.assertEqual([float(row["close"]) for row in shown], [float(close) for close in CLOSES[-3:]])
            self.assertEqual(one.json("/technical/NONE?interval=1h")[0], 404)
            self.assertEqual(one.json("/technical/..%2FSAMPLE?interval=1h")[0] // 100, 4)
            status, problem = one.json("/technical/SAMPLE?interval=1d")
            self.assertEqual((status, problem["code"]), (422, "no_interval"))

    def test_markdown(self):
        files = [("{use: synthetic}", FILES), ("{path: /prices, run: prices,", '{path: "/zscore/{symbol}", run: zscore,')]
        with server("markdown_cpp", "markdown.yaml", files) as one:
            headers, body = self.get(one, "/zscore/SAMPLE?window=3&limit=1&format=markdown")
            self.assertEqual(headers["content-type"], "text/markdown; charset=utf-8")
            lines = body.decode().splitlines()
            self.assertEqual(lines[0], "# Z-score of the close")
            table = [line for line in lines if line.endswith("|")]
            self.assertEqual(table[:2], ["Open time|Close|z-score|", "--|--|--|"])
            last = table[-1].split("|")
            self.assertEqual(last[:2], [CANDLES[-1][0], "13.12500000"])
            wanted = float(CLOSES[-1] - statistics.mean(CLOSES[-3:])) / statistics.pstdev(map(float, CLOSES[-3:]))
            self.assertAlmostEqual(float(last[2]), wanted, places=12)
        with server("markdown_cpp", "markdown.yaml") as one:
            _, body = self.get(one, "/prices?symbols=BTCUSDT,ETHUSDT")
            self.assertRegex(body.decode(), r"\nBTCUSDT\|[0-9.]+\|")

    def test_failover(self):
        files = [("exchange: {use: synthetic}", f"exchange: {FILES}"), ("interval: 1m", "interval: 1h")]
        with server("failover_cpp", "failover.yaml", files) as one:  # CSV files have no prices
            status, report = one.json("/prices?symbols=SAMPLE,NONE&format=json")
            self.assertEqual(status, 200, report)
            text = json.dumps(report)
            self.assertIn("failed_over", text)
            self.assertIn("13.125", text)
            self.assertEqual(one.json("/prices?symbols=NONE")[0] // 100, 4)
        with server("failover_cpp", "failover.yaml") as one:  # which has
            status, report = one.json("/prices?symbols=BTCUSDT&format=json")
            self.assertEqual(status, 200, report)
            self.assertNotIn("failed_over", json.dumps(report))

    def test_watchable(self):
        with server("watchable_cpp", "watchable.yaml") as one:
            connection = http.client.HTTPConnection("127.0.0.1", one.port, timeout=bourse.DEADLINE_SECONDS)
            with contextlib.closing(connection):
                connection.request("GET", "/tick?symbols=TICK", headers={"Accept": "text/event-stream"})
                answer, times = connection.getresponse(), []
                while len(times) < 2:
                    line = answer.readline().decode()
                    self.assertNotEqual(line, "", "the stream ended")
                    if not line.startswith("data: {"):
                        continue
                    report = json.loads(line[len("data: "):])
                    row = report["tables"]["prices"]["rows"][0]
                    times.append(seconds_of(report["as_of"]))
                    self.assertEqual(times[-1] % 2, 0)
                    self.assertEqual(float(row["price"]), 100 + times[-1] // 2 % 10)
            self.assertGreater(times[1], times[0])
            status, problem = one.json("/tick?symbols=TOCK")
            self.assertEqual((status, problem["code"]), (404, "symbol_not_found"))


if __name__ == "__main__":
    sys.argv[1:4] = []
    unittest.main()
