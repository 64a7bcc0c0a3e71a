# SPDX-License-Identifier: MIT
"""Every fault that the fake exchange knows: what the client did about it, and what the HTTP caller got.

`bourse serve` with the source `binance`, on top of the fake exchange, both as programs. One row a fault; what a row says
is asserted, and the rows are the table of docs/reference/binance-faults.md:

    python3 tests/e2e/binance_faults_test.py --write        # with BOURSE, BOURSE_EXCHANGE, BOURSE_PLUGINS set
"""
import concurrent.futures
import dataclasses
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request

from bourse_process import PATIENCE, SOURCE_DIR
from exchange_process import KEY, SECRET, TOKEN, Exchange, prepared, serve

TABLE = os.path.join(SOURCE_DIR, "docs", "reference", "binance-faults.md")
KLINES, RULES, PRICE, ACCOUNT = ("/api/v3/" + p for p in ("klines", "exchangeInfo", "ticker/price", "account"))
DEPTH, TOP = "/api/v3/depth", "/api/v3/ticker/bookTicker"
TECHNICAL = "/BTCUSDT/technical?limit=50"
JSON_TECHNICAL = "/BTCUSDT/technical.json?limit=50"
AT_ONCE, PAUSE, LONG, WAIT, CLOCK, NONE = "at once", "pause", "long pause", "Retry-After", "clock", ""
AGAIN = {
    AT_ONCE: "again at once, on a fresh connection",
    PAUSE: "again after 0 to 250 ms{}",
    LONG: "again after 0 to 4 s",
    WAIT: "again after the wait",
    CLOCK: "sets its clock, signs anew, again",
    NONE: "-",
}
# Upper bounds of pauses, in seconds, before the 2nd, 3rd and 4th attempt: twice the one before, 10 s at most.
PAUSES = {PAUSE: (0.25, 0.5, 1.0), LONG: (4.0, 8.0, 10.0), AT_ONCE: (0.0, 0.5, 1.0), WAIT: (), CLOCK: (), NONE: ()}
SLACK = 3.0  # of a busy machine
HUGE = {"huge", "gzip_bomb"}  # which take a second by themselves


@dataclasses.dataclass
class Row:
    what: str                # the fault, for people
    kind: str                # for POST /_fake/fault; "" where `setup` does it
    always: bool = False     # every request meets it, or only the first
    more: dict = dataclasses.field(default_factory=dict)  # more parameters of the fault
    again: str = NONE
    requests: tuple = (1, 1)  # at least and at most
    status: int = 200
    code: str = ""
    retry_after: tuple = ()  # at least and at most; (): none
    target: str = TECHNICAL
    path: str = KLINES       # of the requests that count and meet the fault
    alone: bool = False      # leaves something behind: needs an exchange of its own
    setup: object = None     # called with the Exchange before the question
    key: dict = None         # of the account
    first: bool = False      # the very first request of a process; else it has done one of these before
    away: bool = False       # nothing was sent when it failed, however often it was tried
    # Called with the answer's body and that without the fault (None of `first`); what is wrong with it, as texts.
    check: object = None
    note: str = ""


def kind(name, what, **more):
    """Parameters of a fault that answers with an error of the exchange."""
    return {"what": what, "kind": name, "more": more}


FAILED = {"status": 502, "code": "exchange_failed", "retry_after": (5, 5)}
BAD = {"status": 502, "code": "exchange_bad_answer", "retry_after": (5, 5)}
UNREACHABLE = {"status": 503, "code": "exchange_unreachable", "retry_after": (5, 5)}
LATE = {"status": 504, "code": "exchange_deadline", "retry_after": (1, 1)}
FOUR = {"always": True, "again": PAUSE, "requests": (4, 4)}
TWICE = {"again": PAUSE, "requests": (2, 2)}
SMALL = {"target": "/prices?symbols=BTCUSDT,ETHUSDT", "path": PRICE}  # too small to be packed
QUICK = {"target": "/quick" + TECHNICAL}
PATIENT = {"target": "/patient" + TECHNICAL}  # reading 4 x 64 MiB takes a sanitizer's build longer than 15 s
BOOK = {"target": "/BTCUSDT/liquidity?read_limit=100", "path": DEPTH}  # one request, however far it reaches


def both(row, always):
    """The fault once, which the client gets over, and always."""
    once = {"again": PAUSE, "requests": (2, 2), **row}
    return [Row(**once), Row(**{**once, "always": True, "requests": (4, 4), **always})]


def odd(name, what, code, **more):
    """An answer that is not right, and is used with a note of this code."""
    usual = {"target": JSON_TECHNICAL, "note": f"the answer is used, with the note `{code}`",
             "check": lambda body, clean: check_note(body, code)}
    return Row(what, name, **{**usual, **more})


def mended(name, what, code):
    """As odd, but that all figures are those of the right answer."""
    return odd(name, what, code, note=f"mended: the same figures, with the note `{code}`",
               check=lambda body, clean: check_note(body, code) + check_tables(body, clean))


def whole(name, what, **more):
    """A fault that an answer survives."""
    return Row(what, name, more=more, note="the answer is used")


ROWS = [
    # Shut out.
    Row("403, a firewall's HTML page", "firewall", status=503, code="exchange_firewall", retry_after=(299, 300),
        alone=True),
    Row("451, blocked country", "geo_block", status=503, code="exchange_geo_block", retry_after=(3599, 3600),
        alone=True),
    Row("418 with Retry-After: 120", "error", more={"status": 418, "code": -1003, "header": "Retry-After: 120"},
        status=503, code="exchange_banned", retry_after=(119, 120), alone=True),
    Row("429 with Retry-After: 1", "error", more={"status": 429, "code": -1003, "header": "Retry-After: 1"},
        again=WAIT, requests=(2, 2), alone=True),
    Row("429 with Retry-After: 30, beyond the deadline", "error",
        more={"status": 429, "code": -1003, "header": "Retry-After: 30"}, status=503, code="exchange_rate_limit",
        retry_after=(29, 30), alone=True),
    Row("a real 429: others on this address used the minute up", "", alone=True, status=503,
        code="exchange_rate_limit", retry_after=(40, 50), setup=lambda e: e.command("use", weight=7000)),
    Row("a real 429 for the number of requests: \"Too many requests queued.\"", "", alone=True, status=503,
        code="exchange_rate_limit", retry_after=(40, 50), setup=lambda e: e.command("limits", raw=1)),
    Row("429 with -1015: too many orders, Retry-After: 1", "error",
        more={"status": 429, "code": -1015, "header": "Retry-After: 1"}, again=WAIT, requests=(2, 2), alone=True),
    Row("a real 418: others on this address were banned", "", alone=True, status=503, code="exchange_banned",
        retry_after=(119, 120), setup=lambda e: e.command("ban", length="2m")),
    # 5xx.
    *both(kind("server_error", "500 without a body"), FAILED),
    *both(kind("bad_gateway", "502, a proxy's HTML page"), FAILED),
    *both(kind("gateway_timeout", "504, a proxy's HTML page"), FAILED),
    *both(kind("timeout", "-1007: time-out behind the API, 504", status=504), FAILED),
    *both(kind("error", "-1000, 500", status=500, code=-1000), FAILED),
    *both(kind("error", "-1001, 500", status=500, code=-1001), FAILED),
    *both(kind("error", "408 with -1007", status=408, code=-1007), FAILED),
    *both(kind("error", "-1006: unexpected response, 500", status=500, code=-1006), FAILED),
    Row("503 with -1008: overload", "busy", again=LONG, requests=(2, 2)),
    Row("503 with -1008: overload", "busy", always=True, again=LONG, requests=(1, 4), status=503, code="exchange_busy",
        retry_after=(30, 30), note="as the deadline allows; here 1 s", **QUICK),
    Row("503 with -1016: shutting down", "error", more={"status": 503, "code": -1016}, again=LONG, requests=(2, 2)),
    Row("503 with -1016: shutting down", "error", more={"status": 503, "code": -1016}, always=True, again=LONG,
        requests=(1, 4), status=503, code="exchange_busy", retry_after=(30, 30),
        note="as the deadline allows; here 1 s", **QUICK),
    # Refusals.
    Row("404 as for an unknown path", "not_found", status=422, code="exchange_refused"),
    Row("400 with -1121: no such market", "", target="/NOPEUSDT/technical", status=404, code="symbol_not_found"),
    Row("400 with -1100: illegal characters", "error", more={"code": -1100}, status=422, code="exchange_refused"),
    Row("400 with a code that nobody knows", "error", more={"code": -9999}, status=422, code="exchange_refused"),
    Row("302 to another host", "redirect", more={"text": "http://127.0.0.1:1/"}, **BAD, note="not followed"),
    # Keys.
    Row("401 with -2015: unknown key", "", target="/account", path=ACCOUNT, status=502, code="exchange_key_refused",
        retry_after=(60, 60), key={"api_key": KEY[::-1], "api_secret": SECRET}, alone=True),
    Row("400 with -1022: another key's secret", "", target="/account", path=ACCOUNT, status=502,
        code="exchange_key_refused", retry_after=(60, 60), key={"api_key": KEY, "api_secret": SECRET[::-1]},
        alone=True),
    Row("-1021: the exchange's clock jumps by a minute", "", target="/account", path=ACCOUNT,
        key={"api_key": KEY, "api_secret": SECRET}, alone=True, again=CLOCK, requests=(2, 2),
        setup=lambda e: e.command("clock", advance="1m")),
    Row("-1021", "error", always=True, more={"code": -1021}, target="/account", path=ACCOUNT,
        key={"api_key": KEY, "api_secret": SECRET}, alone=True, again=CLOCK, requests=(2, 2), status=502,
        code="exchange_key_refused", retry_after=(60, 60)),
    Row("its clock is a day behind from the start", "", target="/account", path=ACCOUNT, first=True,
        key={"api_key": KEY, "api_secret": SECRET}, alone=True, setup=lambda e: e.command("clock", skew="-1d"),
        note="the clock is set before the first signature"),
    # Never sent.
    Row("connections refused for 40 ms", "", away=True, again=PAUSE, alone=True,
        setup=lambda e: e.go_away("40ms"), note="nothing was sent, so anything may be"),
    Row("connections refused", "", always=True, away=True, again=PAUSE, requests=(0, 0), **UNREACHABLE, alone=True,
        setup=lambda e: e.go_away("10m")),
    Row("a certificate that nobody trusts", "", first=True, away=True, requests=(0, 0), status=502, code="exchange_not_trusted",
        retry_after=(60, 60), alone=True, note="never again"),
    # Sent, no answer.
    Row("TCP reset instead of an answer, used connection", "reset_before", again=AT_ONCE, requests=(2, 2)),
    Row("TCP reset instead of an answer", "reset_before", **{**FOUR, "again": AT_ONCE}, **UNREACHABLE,
        note="then after pauses"),
    Row("closed instead of an answer, used connection", "close_before", again=AT_ONCE, requests=(2, 2)),
    Row("closed instead of an answer", "close_before", **{**FOUR, "again": AT_ONCE}, **UNREACHABLE,
        note="then after pauses"),
    Row("the request is never read", "hang_unread", **LATE, **QUICK, requests=(0, 0)),
    Row("the request is read, never answered", "hang", **LATE, **QUICK),
    Row("answers after 300 ms", "slow", more={"delay": "300ms"}, note="the answer is used"),
    Row("answers after 3 s, beyond the deadline", "slow", more={"delay": "3s"}, **LATE, **QUICK),
    Row("drips a byte in 50 ms, beyond the deadline", "drip", more={"delay": "50ms"}, **LATE, **QUICK),
    # Broken answers.
    *both(kind("reset_mid_body", "TCP reset after half a body"), UNREACHABLE),
    *both(kind("close_mid_body", "closed after half a body"), UNREACHABLE),
    *both(kind("length_too_long", "10 bytes fewer than declared"), UNREACHABLE),
    *both(kind("chunked_broken", "a chunk's size is no number"), UNREACHABLE),
    *both(kind("not_http", "bytes that are not HTTP"), UNREACHABLE),
    *both(kind("gzip_bad", "gzip with a wrong byte"), UNREACHABLE),
    *both(kind("truncated_json", "half a packed body"), UNREACHABLE),
    *both(kind("length_too_short", "a packed body, 10 bytes more than declared"), UNREACHABLE),
    *both({**kind("truncated_json", "half a JSON text"), **SMALL}, {**BAD, "requests": (2, 2)}),
    *both({**kind("length_too_short", "JSON, 10 bytes more than declared"), **SMALL}, {**BAD, "requests": (2, 2)}),
    *both(kind("empty", "200 without a body"), {**BAD, "requests": (2, 2)}),
    *both(kind("body", "200 with an HTML page", text="<html>maintenance</html>"), {**BAD, "requests": (2, 2)}),
    *both(kind("microseconds", "times in microseconds, unasked"), {**BAD, "requests": (2, 2)}),
    *both(kind("huge_head", "1 MiB of headers"), UNREACHABLE),
    *both({**kind("huge", "64 MiB of blanks behind the JSON"), **PATIENT}, UNREACHABLE),
    *both({**kind("gzip_bomb", "64 MiB of blanks, packed"), **PATIENT}, UNREACHABLE),
    # Odd, but good.
    whole("gzip", "gzip"),
    whole("gzip_false", "says gzip, is not packed"),
    whole("gzip_unlabelled", "packed, and does not say so"),
    whole("chunked", "in chunks of odd sizes"),
    whole("http10", "HTTP/1.0, ends with the connection"),
    whole("close", "announces and closes the connection"),
    Row("closes the connection after the answer, unannounced", "close_silently", note="the answer is used, and the "
        "next request has a fresh connection"),
    Row("members that nobody knows", "unknown_field", **SMALL, note="the answer is used"),
    Row("words that nobody knows", "unknown_enum", target="/symbols?symbols=BTCUSDT,ETHUSDT", path=RULES, first=True,
        alone=True, check=lambda body, clean: check_words(body), note="the answer is used"),
    Row("rows in reverse order", "reversed", **SMALL, note="the answer is used"),
    Row("levels of a book with a third element", "third_element", **BOOK, note="the answer is used"),
    Row("filters with members of other filters", "foreign_filters", target="/symbols?symbols=BTCUSDT,ETHUSDT",
        path=RULES, first=True, alone=True, check=lambda body, clean: check_steps(body), note="the answer is used"),
    Row("an account without commissionRates, of 15 basis points", "no_commission_rates", target="/account",
        path=ACCOUNT, key={"api_key": KEY, "api_secret": SECRET}, alone=True,
        setup=lambda e: e.command("rates", maker="0.0015", taker="0.0015"),
        check=lambda body, clean: check_commission(body), note="0.0015, from the basis points"),
    # Odd, and told.
    mended("closes_before_it_opens", "a candle's close time is before its open", "odd_candle"),
    mended("closes_too_late", "a candle's close time is that of the next", "odd_candle"),
    odd("zero_prices", "a candle with prices of zero and a volume", "odd_candle"),
    odd("high_below_low", "a candle whose high is below its low", "odd_candle"),
    odd("unreadable_row", "a candle whose open is no number", "unreadable_row",
        requests=(2, 2), note="without that candle, with the note `unreadable_row`; the second request is for another"),
    odd("crossed", "the best bid above the best ask, of a book", "crossed_book", **BOOK),
    odd("crossed", "the best bid above the best ask, of a ticker", "crossed_book", target=SMALL["target"], path=TOP),
    odd("", "a market that stopped in 2024", "stale_data", target=JSON_TECHNICAL.replace("BTC", "XMR"), alone=True),
    odd("", "a market that is halted", "stale_data", alone=True,
        setup=lambda e: e.command("status", symbol="BTCUSDT", status="HALT", since="2024-06-17T03:00:00Z")),
    odd("", "a hole of 164 days in a history", "gaps", target=JSON_TECHNICAL + "&interval=1d", alone=True,
        setup=lambda e: e.command("hole", symbol="BTCUSDT", **{"from": "2024-06-01", "to": "2024-11-12"})),
    Row("a name that is not ASCII", "", target="/%E5%B8%81%E5%AE%89%E4%BA%BA%E7%94%9FUSDT/technical?limit=50",
        note="the answer is used"),
]
# Whose data is the same with the fault as without.
SAME = {"gzip", "gzip_false", "gzip_unlabelled", "chunked", "http10", "close", "close_silently", "slow",
        "unknown_field", "reversed", "third_element"}


class Pair:
    """An exchange and a server on top of it, which have made acquaintance."""

    def __init__(self, row=None):
        self.certificate = None
        # A standing clock would be behind a client's by more than a second after a while, which is a fault of its own.
        options = {"now": None} if row is not None and row.key else {}
        if row is not None and row.code == "exchange_not_trusted":
            self.certificate = tempfile.mkdtemp()
            options = self_signed(self.certificate)
        self.exchange = Exchange(**options)
        try:
            self.server = serve(self.exchange.url, deadline="15s", key=row.key if row else None)
        except BaseException:
            self.exchange.kill()
            raise
        if row is None or not row.first:
            self.ask("/ETHUSDT/technical?limit=20")
            prepared(self.server)

    def close(self):
        self.server.__exit__(None, None, None)
        self.exchange.kill()
        if self.certificate:
            shutil.rmtree(self.certificate)

    def ask(self, target):
        headers = {"Authorization": "Bearer " + TOKEN} if target.startswith("/account") else {}
        status, headers, body = self.server.get(target, headers)
        return status, headers, body


def self_signed(folder):
    certificate, key = os.path.join(folder, "certificate.pem"), os.path.join(folder, "key.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", key, "-out", certificate, "-days", "1", "-subj", "/CN=fake", "-addext",
                    "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True, timeout=30)
    return {"cert": certificate, "key": key}


def data_of(body):
    """What a report says, but for when it was made."""
    return re.sub(rb'"(as_of|time|generated_at|elapsed_ms|request_id)":("[^"]*"|[0-9.]+),?', b"", body)


def play(row, pair):
    """Lets the row happen. Returns what differs from it, as texts."""
    exchange, wrong = pair.exchange, []
    before, clean = set(), None
    if not row.first:
        status, _, clean = pair.ask(row.target if row.status != 404 else TECHNICAL)
        if row.key is None and status != 200:
            return [f"without the fault: {status} {clean[:300]}"]
        before = {r["port"] for r in exchange.requests()}
    exchange.command("forget")
    if row.kind:
        path = {} if row.kind == "hang_unread" else {"path": row.path}
        exchange.command("fault", kind=row.kind, times=0 if row.always else 1, **path, **row.more)
    if row.setup:
        row.setup(exchange)
    status, headers, body = pair.ask(row.target)
    if row.kind:
        exchange.command("clear")
    wrong += check_answer(row, status, headers, body, clean)
    seen = exchange.requests(row.path)
    wrong += check_requests(row, seen, before)
    if row.kind == "close_silently":
        wrong += check_next(pair, row, seen)
    return wrong


def check_next(pair, row, seen):
    """The request after an answer whose connection was closed behind it."""
    status, _, body = pair.ask(row.target)
    wrong = [] if status == 200 else [f"the next request was answered {status} {body[:300]}"]
    following = pair.exchange.requests(row.path)[len(seen):]
    if len(following) != 1 or following[0]["port"] in {r["port"] for r in seen}:
        wrong.append(f"the next request was not a single one on a fresh connection: {following}")
    return wrong


def check_words(body):
    """Both markets are there, with the exchange's word for their state."""
    states = {row["symbol"]: row["status"] for row in json.loads(body)["tables"]["symbols"]["rows"]}
    return [] if states == dict.fromkeys(("BTCUSDT", "ETHUSDT"), "TRADING_OF_TOMORROW") else [f"states: {states}"]


def check_note(body, code):
    """A note of this code is there."""
    codes = [note["code"] for note in json.loads(body)["notes"]]
    return [] if code in codes else [f"notes {codes}, expected {code}"]


def check_tables(body, clean):
    """All figures are those without the fault."""
    mended, right = (json.loads(text) for text in (body, clean))
    return [] if mended["tables"] == right["tables"] else [f"other figures than without the fault: {body[:300]}"]


def check_steps(body):
    """The rules are those of the filter that they belong to."""
    row = json.loads(body)["tables"]["symbols"]["rows"][0]
    steps = {name: row[name] for name in ("tick_size", "lot_step", "minimum_quantity", "minimum_notional")}
    right = {"tick_size": "0.01000000", "lot_step": "0.00001000", "minimum_quantity": "0.00001000",
             "minimum_notional": "5.00000000"}
    return [] if steps == right else [f"rules: {steps}"]


def check_commission(body):
    text = body.decode()
    return [] if "0.0015" in text else [f"no commission of 0.0015: {text[:400]}"]


def spread(seconds):
    """The server sends callers back apart: up to a fourth later, a second at least and 30 at most."""
    return seconds + min(30, max(1, seconds // 4))


def check_answer(row, status, headers, body, clean):
    wrong = []
    code = json.loads(body)["code"] if status >= 400 else ""
    if (status, code) != (row.status, row.code):
        wrong.append(f"answered {status} {code}, expected {row.status} {row.code}: {body[:400]}")
    wait = int(headers["retry-after"]) if "retry-after" in headers else None
    if (wait is None) != (not row.retry_after) or (wait is not None
                                                  and not row.retry_after[0] <= wait <= spread(row.retry_after[1])):
        wrong.append(f"Retry-After: {wait}, expected {row.retry_after}, spread")
    if row.check is not None:
        wrong += row.check(body, clean)
    if row.kind in SAME and status == 200 and data_of(body) != data_of(clean):
        wrong.append(f"other data than without the fault: {body[:300]} / {clean[:300]}")
    return wrong


def check_requests(row, seen, before):
    wrong = []
    if not row.requests[0] <= len(seen) <= row.requests[1]:
        wrong.append(f"{len(seen)} requests, expected {row.requests}")
    gaps = [(b["realMicroseconds"] - a["realMicroseconds"]) / 1e6 for a, b in zip(seen, seen[1:])]
    for gap, most in zip(gaps, PAUSES[row.again]):
        if gap > most + SLACK and row.kind not in HUGE:
            wrong.append(f"paused for {gap} s, at most {most} expected")
    if row.again == WAIT and any(not 1.0 <= gap < 1.0 + SLACK for gap in gaps):
        wrong.append(f"waited {gaps}, expected 1 s")
    if row.again == AT_ONCE and len(seen) > 1:
        if seen[0]["port"] not in before:
            wrong.append("the first request was not on a used connection")
        if seen[1]["port"] in before | {seen[0]["port"]}:
            wrong.append("the second request was not on a fresh connection")
    if any(r["query"].count("signature=") for r in seen):
        signatures = [re.search("signature=([^&]+)", r["query"])[1] for r in seen]
        stamps = [re.search("timestamp=([0-9]+)", r["query"])[1] for r in seen]
        # Between the two of -1021 the clock is set: it may say the same millisecond, and so the same signature, once more.
        anew = len(set(stamps)) if row.what == "-1021" else len(signatures)
        if len(set(signatures)) != anew:
            wrong.append("an attempt was not signed anew")
    return wrong


# ---- the table

def said_requests(row):
    least, most = row.requests
    return str(least) if least == most else f"{least} to {most}"


def said_again(row):
    if row.again == PAUSE and row.always and not row.away and row.requests[1] < 4:
        return "again once, after 0 to 250 ms"
    if row.again == PAUSE and row.always:
        return "again after 0 to 250, 500, 1000 ms"
    return AGAIN[row.again].format("")


def said_wait(row):
    if not row.retry_after:
        return "-"
    least, most = row.retry_after
    return str(most) if most - least <= 1 else "the rest of the minute"


def table():
    lines = ["| fault | how often | requests | the client | the caller got | `Retry-After` | |", "|---|---|---|---|---|---|---|"]
    for row in ROWS:
        answer = f"{row.status} `{row.code}`" if row.code else str(row.status)
        lines.append(f"| {row.what} | {'always' if row.always else 'once'} | {said_requests(row)} | {said_again(row)} "
                     f"| {answer} | {said_wait(row)} | {row.note} |")
    return "\n".join(lines) + "\n"


HEAD = """# What happens when the exchange fails

Each row is a test: `bourse serve` with the source `binance` asks the [fake exchange](../../tests/exchange/README.md), which has
the fault, once or always; counted are the requests that arrived, with their times and connections. Made by
`tests/e2e/binance_faults_test.py --write` and compared with it in every test run: do not edit.

Pauses are drawn evenly from zero to the time named. Every attempt takes its share of the rate limit anew, and is signed anew. The caller's
deadline is 15 s, a minute for the rows of 64 MiB, or 1 s where waiting for it is the point. What the codes mean to a caller: [how-to](../howto/binance.md).

"""


class Faults(unittest.TestCase):
    maxDiff = None

    def test_every_fault_is_met_as_the_table_says(self):
        free = queue.SimpleQueue()  # pairs that a row has left in order

        def run(row):
            pair = Pair(row) if row.alone else (free.get() if not free.empty() else Pair())
            try:
                wrong = play(row, pair)
            except Exception as error:  # pylint: disable=broad-except
                pair.close()
                return [f"{type(error).__name__}: {error}"]
            if row.alone:
                pair.close()
            else:
                free.put(pair)
            return wrong

        with concurrent.futures.ThreadPoolExecutor(max(2, 8 // PATIENCE)) as pool:
            for row, wrong in zip(ROWS, pool.map(run, ROWS)):
                with self.subTest(row.what, always=row.always):
                    self.assertEqual(wrong, [])
        while not free.empty():
            free.get().close()

    def test_the_table_in_the_documentation_is_this_one(self):
        with open(TABLE, encoding="utf-8") as file:
            self.assertEqual(file.read(), HEAD + table(), "run this test with --write")

    def test_every_fault_of_the_exchange_has_a_row(self):
        with Exchange() as exchange:
            with urllib.request.urlopen(exchange.url + "/_fake/", timeout=20) as answer:
                page = answer.read().decode()
        names = set(re.findall(r"^  ([a-z0-9_]+) ", page.split("Faults:")[1], re.MULTILINE))
        self.assertGreater(len(names), 30)
        # Those of streams: their units are in the tests of binance/streams; this table is of requests.
        of_streams = {name for name in names if name.startswith("stream_")} | {"old_book", "too_many_page"}
        self.assertEqual(names - of_streams - {row.kind for row in ROWS}, set())


if __name__ == "__main__":
    if "--write" in sys.argv:
        with open(TABLE, "w", encoding="utf-8") as out:
            out.write(HEAD + table())
        sys.exit(0)
    unittest.main(verbosity=2)
