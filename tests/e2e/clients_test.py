# SPDX-License-Identifier: MIT
"""Browsers and other clients over real HTTP: origins, Accept, pages of problems, lenient reading, fixed answers."""
import base64
import contextlib
import hashlib
import http.client
import json
import os
import re
import socket
import tempfile
import unittest

import bourse_process as bourse

ONE = "https://one.example"
TWO = "http://localhost:3000"
TOKEN = "a-token-of-sixteen-or-more"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

CONFIG = f"""
    bourse: 1
    server: {{listen: "127.0.0.1:0", max-body: 1KiB}}
    sources: {{market: {{use: synthetic}}}}
    defaults:
      source: market
      cache: {{fresh: 1h}}
      cors: {{origins: ["{ONE}", "{TWO}"], max-age: 10m}}
      headers: {{Strict-Transport-Security: max-age=63072000}}
    routes:
      - {{path: "/t/{{symbol}}", run: technical, formats: [json, csv, html, xml, png]}}
      - {{path: "/lenient/{{symbol}}", run: technical, formats: [json, csv], ignore: [_, "utm_*", fbclid, gclid],
         trailing-slash: redirect, case: {{symbol: upper}}}}
      - {{path: "/same/{{symbol}}", run: technical, format: csv, trailing-slash: same}}
      - {{path: /closed, run: prices, format: json, access: {{tokens: ["${{CLIENTS_TOKEN}}"]}}}}
      - {{path: /open, run: prices, formats: [json, csv], cors: {{origins: "*"}}, headers: {{X-Own: "yes"}}}}
    """


class Browsers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.server = bourse.Server(bourse.write_config(cls.folder.name, CONFIG), env={"CLIENTS_TOKEN": TOKEN})

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None, None, None)
        cls.folder.cleanup()

    def ask(self, target, headers=None, method="GET"):
        """(status, list of (lower-case name, value), body): a name may be there twice."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=bourse.DEADLINE_SECONDS)
        with contextlib.closing(connection):
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in (headers or {}).items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            body = answer.read()
            return answer.status, [(k.lower(), v) for k, v in answer.getheaders()], body

    def values(self, headers, name):
        return [value for key, value in headers if key == name]

    def test_every_answer_says_who_may_read_it_and_that_it_depends_on_who_asks(self):
        target = "/t/BTCUSDT?limit=5"
        etag = self.values(self.ask(target)[1], "etag")[0]
        for path, status, more, method in [
                (target, 200, {}, "GET"), (target, 200, {}, "HEAD"), (target, 200, {"Accept": "image/png"}, "GET"),
                (target, 304, {"If-None-Match": etag}, "GET"), (target, 412, {"If-Match": '"x"'}, "GET"),
                (target, 406, {"Accept": "application/pdf"}, "GET"), ("/t/NOSUCH", 404, {}, "GET"),
                ("/t/BTCUSDT?limit=0", 400, {}, "GET"), ("/closed", 401, {}, "GET"),
                ("/closed?symbols=BTCUSDT", 200, {"Authorization": "Bearer " + TOKEN}, "GET"),
                ("/nowhere", 404, {}, "GET"), ("/%zz", 400, {}, "GET"), (target, 405, {}, "DELETE"),
                ("/health", 200, {}, "GET")]:
            for origin, may in [(None, False), ("https://evil.example", False), ("null", False), (ONE, True), (TWO, True)]:
                with self.subTest(path=path, status=status, origin=origin, method=method):
                    got, headers, _ = self.ask(path, {**more, **({"Origin": origin} if origin else {})}, method)
                    self.assertEqual(got, status)
                    vary = self.values(headers, "vary")
                    self.assertEqual(len(vary), 1, vary)  # nginx before 1.23 reads one line only
                    self.assertIn("Origin", vary[0].split(", "))
                    self.assertEqual(self.values(headers, "access-control-allow-origin"), [origin] if may else [])
                    self.assertEqual(self.values(headers, "strict-transport-security"), ["max-age=63072000"])
                    if may:
                        exposed = self.values(headers, "access-control-expose-headers")[0]
                        for name in ("ETag", "Age", "Cache-Status", "Retry-After", "X-Request-Id", "Link"):
                            self.assertIn(name, exposed)

    def test_kept_answers_never_hand_one_origin_to_another(self):
        target = "/t/ETHUSDT?limit=5"
        self.ask(target)
        for _ in range(100):
            for origin in (ONE, TWO, None, "https://evil.example"):
                _, headers, _ = self.ask(target, {"Origin": origin} if origin else {})
                allowed = self.values(headers, "access-control-allow-origin")
                self.assertEqual(allowed, [origin] if origin in (ONE, TWO) else [])
        self.assertIn("hit", self.values(headers, "cache-status")[0])

    def test_a_browser_may_ask_first_without_a_token(self):
        asks = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
        for path in ("/closed", "/t/BTCUSDT", "/nowhere"):
            status, headers, body = self.ask(path, {"Origin": ONE, **asks}, "OPTIONS")
            self.assertEqual((status, body), (204, b""))
            self.assertEqual(self.values(headers, "access-control-allow-origin"), [ONE])
            self.assertEqual(self.values(headers, "access-control-allow-methods"), ["GET, HEAD"])
            self.assertIn("Authorization", self.values(headers, "access-control-allow-headers")[0])
            self.assertEqual(self.values(headers, "access-control-max-age"), ["600"])
            status, headers, _ = self.ask(path, {"Origin": "https://evil.example", **asks}, "OPTIONS")
            self.assertEqual(status, 204)
            self.assertEqual([n for n, _ in headers if n.startswith("access-control-")], [])
        status, headers, _ = self.ask("/open", {"Origin": "https://any.example", **asks}, "OPTIONS")
        self.assertEqual(self.values(headers, "access-control-allow-origin"), ["*"])

    def test_an_open_route_is_for_all_and_depends_on_no_origin(self):
        for headers_in in ({}, {"Origin": "https://any.example"}):
            _, headers, _ = self.ask("/open?symbols=BTCUSDT", headers_in)
            self.assertEqual(self.values(headers, "access-control-allow-origin"), ["*"])
            self.assertEqual(self.values(headers, "x-own"), ["yes"])
            self.assertEqual(self.values(headers, "strict-transport-security"), [])  # as a whole
            self.assertNotIn("Origin", self.values(headers, "vary")[0])

    def test_what_is_refused_before_it_is_a_request_may_be_read_too(self):
        data = (f"POST /open HTTP/1.1\r\nHost: a\r\nOrigin: {ONE}\r\nAccept: {BROWSER}\r\n"
                "Content-Length: 2000\r\n\r\n").encode()
        answer = self.server.raw(data).decode()
        self.assertTrue(answer.startswith("HTTP/1.1 413 "), answer)
        self.assertIn(f"\r\nAccess-Control-Allow-Origin: {ONE}\r\n", answer)
        self.assertIn("\r\nVary: Accept, Origin\r\n", answer)
        self.assertIn("<!DOCTYPE html>", answer)
        answer = self.server.raw(b"nonsense\r\n\r\n").decode()
        self.assertIn("\r\nVary: Accept, Origin\r\n", answer)
        self.assertNotIn("Access-Control", answer)

    def test_a_page_of_a_problem_allows_its_own_style_and_nothing_else(self):
        for target, status, said in [("/nowhere<script>", 404, "&lt;script&gt;"), ("/t/NOSUCH", 404, "NOSUCH"),
                                     ("/t/BTCUSDT?limit=%3Cb%3E", 400, "&lt;b&gt;"), ("/closed", 401, "token")]:
            got, headers, body = self.ask(target, {"Accept": BROWSER})
            page = body.decode()
            with self.subTest(target):
                self.assertEqual(got, status)
                self.assertEqual(self.values(headers, "content-type"), ["text/html; charset=utf-8"])
                self.assertEqual(self.values(headers, "vary"), ["Accept, Origin"])
                self.assertEqual(self.values(headers, "cache-control"), ["no-store"])
                self.assertIn(said, page)
                self.assertNotIn("<script", page)
                self.assertNotIn("<b>", page)
                style = re.search(r"<style>(.*?)</style>", page, re.DOTALL).group(1)
                digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
                policy = self.values(headers, "content-security-policy")[0]
                self.assertIn(f"style-src 'sha256-{digest}'", policy)
                self.assertIn("default-src 'none'", policy)
        got, headers, body = self.ask("/nowhere", {"Accept": "application/json"})
        self.assertEqual(self.values(headers, "content-type"), ["application/problem+json"])
        self.assertTrue(body.endswith(b"}\n"))
        self.assertEqual(json.loads(body)["code"], "no_route")

    def test_what_browsers_and_mailers_add_is_no_part_of_the_question(self):
        _, headers, body = self.ask("/lenient/BTCUSDT?limit=5")
        etag = self.values(headers, "etag")
        for more in ("_=1732968000", "utm_source=mail&utm_medium=x", "fbclid=a%20b", "gclid=&_=2"):
            status, headers, same = self.ask("/lenient/BTCUSDT?limit=5&" + more)
            self.assertEqual((status, self.values(headers, "etag"), same), (200, etag, body))
            self.assertIn("hit", self.values(headers, "cache-status")[0])
        for target in ("/lenient/BTCUSDT?callback=x", "/t/BTCUSDT?_=1"):
            status, _, body = self.ask(target)
            self.assertEqual((status, json.loads(body)["code"]), (400, "unknown_parameter"))

    def test_small_letters_and_a_slash_behind_the_path(self):
        _, headers, body = self.ask("/lenient/ETHUSDT?limit=5")
        for target in ("/lenient/ethusdt?limit=5", "/lenient/EthUsdt?limit=5"):
            status, again, same = self.ask(target)
            self.assertEqual((status, same), (200, body))
            self.assertIn("hit", self.values(again, "cache-status")[0])
        self.assertEqual(self.ask("/t/ethusdt?limit=5")[0], 404)
        status, headers, _ = self.ask("/lenient/ETHUSDT.csv/?limit=5&_=1", {"Origin": ONE})
        self.assertEqual(status, 301)
        self.assertEqual(self.values(headers, "location"), ["../ETHUSDT.csv?limit=5&_=1"])
        self.assertEqual(self.values(headers, "cache-control"), ["max-age=3600"])
        self.assertEqual(self.values(headers, "access-control-allow-origin"), [ONE])
        self.assertEqual(self.ask("/same/ETHUSDT/?limit=5")[0], 200)
        status, _, body = self.ask("/t/ETHUSDT/?limit=5")
        self.assertEqual(status, 404)
        self.assertIn("Did you mean /t/ETHUSDT?", json.loads(body)["detail"])

    def test_what_clients_call_a_format(self):
        for accept, media_type in [
                ("text/csv, */*", "text/csv"), ("text/xml", "application/xml"), ("application/csv", "text/csv"),
                ("text/json", "application/json"), ("*; q=.2", "application/json"),
                ('application/json;charset="UTF-8"', "application/json"),
                ("application/json;profile=x;q=0, */*", "application/json"),
                ("application/json;odata.metadata=minimal", "application/json"), ("image/png;x=1", "image/png"),
                ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "text/html"), (BROWSER, "text/html"),
                ("application/json, text/plain, */*", "application/json"), ("*/*", "application/json"),
                ("application/json; charset=utf-8", "application/json"), ("", "application/json"),
                ("text/*;q=0.5, application/xml", "application/xml")]:
            with self.subTest(accept):
                status, headers, _ = self.ask("/t/BTCUSDT?limit=5", {"Accept": accept})
                self.assertEqual(status, 200)
                self.assertTrue(self.values(headers, "content-type")[0].startswith(media_type), headers)
        status, headers, body = self.ask("/t/BTCUSDT?limit=5", {"Accept": "*/*;q=0"})
        self.assertEqual(status, 406)
        self.assertEqual(json.loads(body)["offer"], ["json", "csv", "html", "xml", "png"])
        self.assertIn("Accept", self.values(headers, "vary")[0])
        status, _, body = self.ask("/t/BTCUSDT?limit=5&format=CSV")
        self.assertEqual(status, 406)
        self.assertIn("Did you mean csv?", json.loads(body)["detail"])


if __name__ == "__main__":
    unittest.main()
