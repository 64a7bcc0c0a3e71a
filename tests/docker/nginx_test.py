# SPDX-License-Identifier: MIT
"""The nginx configuration of docker/, by real requests. Needs nginx on this machine; skipped without."""
import gzip
import json
import os
import re
import socket
import ssl
import sys
import threading
import time
import unittest
import urllib.request
import warnings

import nginx_server

sys.path.insert(0, os.path.join(nginx_server.ROOT, "tests", "e2e"))
import bourse_process  # noqa: E402  pylint: disable=wrong-import-position

SECURITY_HEADERS = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Case(unittest.TestCase):
    limits = {}
    tls = False

    def setUp(self):
        self.first, self.second = nginx_server.Upstream(), nginx_server.Upstream()
        self.nginx = nginx_server.Nginx((self.first.port, self.second.port), self.tls, self.limits)
        self.addCleanup(self.stop)
        self.nginx.start()

    def stop(self):
        self.first.stop()
        self.second.stop()
        self.nginx.stop()

    def requests(self):
        return self.first.requests + self.second.requests

    def assert_problem(self, answer, status, code):
        got, headers, body = answer
        self.assertEqual(got, status)
        names = dict(headers)
        self.assertEqual(names["content-type"], "application/problem+json")
        problem = json.loads(body)
        self.assertEqual((problem["status"], problem["code"]), (status, code))
        self.assertEqual(problem["type"], "urn:bourse:problem:" + code)
        self.assertEqual(problem["request_id"], names["x-request-id"])
        self.assertTrue(problem["title"])
        self.assertTrue(problem["detail"])
        if "retry-after" in names:
            self.assertEqual(problem["retry_after"], int(names["retry-after"]))
        return problem, names

    def assert_security_headers(self, headers, policy=None):
        for name, value in SECURITY_HEADERS.items():
            if name == "content-security-policy" and policy:
                value = policy
            self.assertEqual([v for k, v in headers if k == name], [value], name)


class Configuration(unittest.TestCase):
    def test_nginx_accepts_both_servers(self):
        for tls in (False, True):
            nginx = nginx_server.Nginx((1, 2), tls)
            self.addCleanup(nginx.stop)
            code, words = nginx.check()
            self.assertEqual(code, 0, words)
            self.assertNotIn("[warn]", words)


class Headers(Case):
    def test_every_answer_has_the_security_headers_once(self):
        for target, status in (("/a", 200), ("/busy", 503), ("/health", 200)):
            with self.subTest(target):
                got, headers, _ = self.nginx.ask(target)
                self.assertEqual(got, status)
                self.assert_security_headers(headers)
        self.assert_security_headers(self.nginx.ask("/a", method="TRACE")[1])

    def test_a_page_with_a_policy_of_its_own_keeps_it(self):
        _, headers, _ = self.nginx.ask("/page")
        self.assert_security_headers(headers, "default-src 'none'; style-src 'sha256-x'")

    def test_without_tls_nothing_is_said_of_it(self):
        self.assertNotIn("strict-transport-security", dict(self.nginx.ask("/a")[1]))

    def test_versions_are_not_told(self):
        for _, value in self.nginx.ask("/a")[1] + self.nginx.ask("/a", method="TRACE")[1]:
            self.assertNotIn("nginx/", value)

    def test_nginx_itself_answers_its_own_probe(self):
        self.first.stop(), self.second.stop()
        self.nginx.port = self.nginx.probe_port
        self.assertEqual(self.nginx.ask("/")[0], 200)


class Passing(Case):
    def test_targets_go_on_byte_for_byte(self):
        for target in ("/api/v1/BTCUSDT/technical?limit=3", "/api/v1/%42TC%2FUSDT/technical",
                       "/api/v1/%E5%B8%81%E5%AE%89USDT/technical.csv", "/api/v1/1000SATSUSDT/x",
                       "/api/v1//x/./y/../z", "/a;b=c?symbols=A,B&symbols=C&x=%22%0d%0a", "/.well-known/x",
                       "/.git", "/x.php", "/wp-admin", "/select%20from", "/?a=<script>", "/A%5C%7C"):
            with self.subTest(target):
                self.nginx.ask(target)
                self.assertEqual(self.requests()[-1][0], f"GET {target} HTTP/1.1")
                self.first.requests.clear(), self.second.requests.clear()

    def test_head_and_options_and_others_reach_the_server(self):
        for method in ("HEAD", "OPTIONS", "POST"):
            self.assertEqual(self.nginx.ask("/a", method=method)[0], 200)
            self.assertIn(f"{method} /a HTTP/1.1", [line for line, _ in self.requests()])

    def test_the_server_learns_who_asks_and_how(self):
        self.nginx.ask("/a", [("Accept-Encoding", "br"), ("X-Forwarded-For", "192.0.2.7"), ("Forwarded", "for=192.0.2.7")])
        headers = dict(self.requests()[0][1])
        self.assertEqual(headers["Host"], f"127.0.0.1:{self.nginx.port}")
        self.assertEqual(headers["X-Forwarded-For"], "127.0.0.1", "what a client says of itself is not handed on")
        self.assertNotIn("Forwarded", headers)
        self.assertEqual(headers["X-Forwarded-Proto"], "http")
        self.assertNotIn("Accept-Encoding", headers)
        self.assertNotIn("close", headers.get("Connection", ""))

    def test_an_old_probe_without_a_host_is_answered(self):
        """HAProxy's httpchk, for one. HTTP/1.1 demands a Host, and a server that is asked so must get one."""
        for path in ("/health", "/a"):
            status, body = self.nginx.raw(f"GET {path} HTTP/1.0\r\n\r\n".encode())
            self.assertEqual((status, json.loads(body)["asked"]), (200, path))
            self.assertEqual(dict(self.requests()[-1][1])["Host"], "localhost")
            self.first.requests.clear(), self.second.requests.clear()

    def test_a_request_id_is_passed_on_and_a_bad_one_replaced(self):
        for given, kept in (("abc-DEF_1.2", True), ("x" * 64, True), ("x" * 65, False), ("a b", False),
                            ("a\"b", False), ("", False)):
            with self.subTest(given):
                _, headers, _ = self.nginx.ask("/a", [("X-Request-Id", given)])
                sent = dict(self.requests()[-1][1])["X-Request-Id"]
                self.assertRegex(sent, r"\A[A-Za-z0-9._-]{1,64}\Z")
                self.assertEqual(sent == given, kept)
                self.assertEqual(dict(headers)["x-request-id"], sent)
                self.first.requests.clear(), self.second.requests.clear()

    def test_connections_to_the_server_are_kept(self):
        for _ in range(40):
            self.nginx.ask("/a")
        self.assertEqual(len(self.requests()), 40)
        # One for each worker process and server, at most.
        with open(os.path.join(nginx_server.FOLDER, "nginx.conf"), encoding="utf-8") as file:
            workers = int(re.search(r"(?m)^worker_processes (\d+);$", file.read())[1])
        self.assertLessEqual(self.first.connections + self.second.connections, 2 * workers)

    def test_answers_are_compressed_for_those_who_ask(self):
        _, plain_headers, plain = self.nginx.ask("/a")
        _, headers, body = self.nginx.ask("/a", [("Accept-Encoding", "gzip")])
        self.assertEqual(dict(headers)["content-encoding"], "gzip")
        self.assertEqual(gzip.decompress(body), plain)
        for some in (plain_headers, headers):
            self.assertIn("Accept-Encoding", dict(some)["vary"])


class Errors(Case):
    def test_one_server_down_is_not_noticed(self):
        self.first.stop()
        self.assertEqual([self.nginx.ask("/a")[0] for _ in range(20)], [200] * 20)

    def test_both_down_is_a_problem_with_a_time_to_wait(self):
        self.first.stop(), self.second.stop()
        _, names = self.assert_problem(self.nginx.ask("/a"), 502, "server_unreachable")
        self.assertEqual(names["retry-after"], "2")

    def test_an_answer_that_breaks_off_is_asked_for_again_and_then_told(self):
        self.assert_problem(self.nginx.ask("/break"), 502, "server_unreachable")
        self.assertEqual(len(self.requests()), 2)

    def test_what_may_not_be_repeated_is_not(self):
        self.assertEqual(self.nginx.ask("/break", method="POST")[0], 502)
        self.assertEqual(len(self.requests()), 1)

    def test_an_error_of_the_server_is_its_own(self):
        status, headers, body = self.nginx.ask("/busy")
        self.assertEqual((status, dict(headers)["retry-after"], body), (503, "7", b'{"code":"overloaded"}'))
        # Who has too much to do shall not give as much to the other one.
        self.assertEqual(len(self.requests()), 1)

    def test_errors_of_both_do_not_make_nginx_give_up_on_them(self):
        self.assertEqual([self.nginx.ask("/busy")[0] for _ in range(20)], [503] * 20)
        self.assertEqual([self.nginx.ask("/break")[0] for _ in range(5)], [502] * 5)
        self.assertEqual(self.nginx.ask("/a")[0], 200)

    def test_a_body_is_limited(self):
        self.assertEqual(self.nginx.ask("/a", method="POST", body=b"x" * 16000)[0], 200)
        self.assert_problem(self.nginx.ask("/a", method="POST", body=b"x" * 17000), 413, "body_too_large")

    def test_headers_are_limited(self):
        self.assert_problem(self.nginx.ask("/a", [("X-Long", "x" * 9000)]), 431, "header_too_large")

    def test_the_target_is_limited(self):
        self.assertEqual(self.nginx.ask("/" + "x" * 8000)[0], 200)
        self.assert_problem(self.nginx.ask("/" + "x" * 9000), 414, "target_too_long")

    def test_the_page_of_errors_is_no_page(self):
        self.assert_problem(self.nginx.ask("/.problem"), 404, "no_route")
        self.assert_problem(self.nginx.ask("/.problem?x=1"), 404, "no_route")

    def test_what_nginx_alone_refuses_is_a_problem_too(self):
        for data, status, code in (
                (b"GET /a HTTP/3.0\r\nHost: a\r\n\r\n", 505, "version_not_supported"),
                (b"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nConnection: close\r\n\r\n", 501,
                 "unsupported_transfer_encoding")):
            got, body = self.nginx.raw(data)
            self.assertEqual((got, json.loads(body)["code"], json.loads(body)["status"]), (status, code, status))

    def test_trace_is_refused(self):
        self.assert_problem(self.nginx.ask("/a", method="TRACE"), 405, "method_not_allowed")
        self.assertEqual(self.requests(), [])

    def test_what_is_not_http_is_told_so(self):
        for data in (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
                     b"GET /a%00b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                     b"GET  HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\x02\x00\r\n\r\n"):
            status, body = self.nginx.raw(data)
            self.assertEqual((status, json.loads(body)["code"]), (400, "bad_request"), data)

    def test_hostile_targets_do_not_break_the_json(self):
        for target in ('/a"b', "/a\\b", "/a'b", "/a?x={\"y\":1}", "/%22%5c"):
            self.first.stop() if target == '/a"b' else None
            self.second.stop() if target == '/a"b' else None
            with self.subTest(target):
                problem, _ = self.assert_problem(self.nginx.ask(target), 502, "server_unreachable")
                self.assertEqual(problem.get("instance"), None if '"' in target or "\\" in target else target)


class Limits(Case):
    limits = {"NGINX_BURST": "4"}  # and one a second: five at once, the sixth is too many

    def test_too_many_requests_are_429_with_a_time_to_wait(self):
        answers = [self.nginx.ask(f"/a?n={n}") for n in range(20)]
        statuses = [status for status, _, _ in answers]
        self.assertEqual(statuses[:5], [200] * 5)
        self.assertGreaterEqual(statuses.count(429), 10)
        problem, names = self.assert_problem(answers[statuses.index(429)], 429, "too_many_requests")
        self.assertEqual(names["retry-after"], "1")
        self.assertEqual(problem["instance"], f"/a?n={statuses.index(429)}")
        self.assert_security_headers(answers[statuses.index(429)][1])
        self.assertEqual(len(self.requests()), statuses.count(200))

    def test_one_client_does_not_use_up_what_another_may(self):
        for _ in range(20):
            self.nginx.ask("/a")
        self.assertEqual(self.nginx.ask("/a", client="127.0.0.2")[0], 200)

    def test_health_is_answered_when_the_share_is_used_up_and_has_a_limit_of_its_own(self):
        while self.nginx.ask("/a")[0] == 200:
            pass
        # 20 more than ten a second: at least 21, and as many as came in while they were asked.
        statuses = [self.nginx.ask("/health")[0] for _ in range(300)]
        self.assertEqual(statuses[:21], [200] * 21)
        self.assertGreater(statuses.count(429), 100)
        self.assertEqual(self.nginx.ask("/health", client="127.0.0.2")[0], 200)
        self.assertEqual(self.nginx.ask("/a", client="127.0.0.2")[0], 200)
        self.assertEqual(len([line for line, _ in self.requests() if "/health" in line]), statuses.count(200) + 1)


class Connections(Case):
    limits = {"NGINX_CONNECTIONS": "3"}

    def test_too_many_at_a_time_are_429(self):
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.nginx.ask("/hang"))) for _ in range(8)]
        for thread in threads:
            thread.start()
        refused = []
        while len(refused) < 5:  # three hang, and the others come back
            refused = [a for a in list(answers) if a[0] == 429]
            threading.Event().wait(0.01)
        self.assertEqual(self.nginx.ask("/a", client="127.0.0.2")[0], 200)
        self.assertEqual(self.nginx.ask("/health")[0], 200)
        self.first.release.set(), self.second.release.set()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(status for status, _, _ in answers), [200] * 3 + [429] * 5)
        self.assert_problem(refused[0], 429, "too_many_requests")


class Streams(Case):
    limits = {"NGINX_BURST": "8", "NGINX_CONNECTIONS": "2"}
    events = [("Accept", "text/event-stream"), ("Accept-Encoding", "gzip, br, zstd")]

    def open(self, target, version="1.1"):
        s = socket.create_connection(("127.0.0.1", self.nginx.port), timeout=nginx_server.DEADLINE_SECONDS)
        self.addCleanup(s.close)
        headers = "".join(f"{name}: {value}\r\n" for name, value in self.events)
        s.sendall(f"GET {target} HTTP/{version}\r\nHost: a\r\n{headers}\r\n".encode())
        return s

    def read_until(self, stream, words):
        data = b""
        while words not in data:
            piece = stream.recv(65536)
            self.assertTrue(piece, data)
            data += piece
        return data.decode()

    def assert_later(self, answer):
        status, headers, body = answer
        names = dict(headers)
        self.assertEqual((status, names["content-type"], body), (200, "text/event-stream", b"retry: 5000\n\n"))
        self.assertEqual(names["cache-control"], "no-store, no-transform")
        self.assert_security_headers(headers)

    def test_an_event_goes_on_as_it_comes_and_the_target_byte_for_byte(self):
        target = "/events?url=%2Fa%3Fb%3D%25&url=/c//d/../%42"
        stream = self.open(target)
        head = self.read_until(stream, b"data: 1\n\n")  # the other one waits
        self.assertNotIn("content-encoding", head.lower())
        self.assertEqual(self.requests()[-1][0], f"GET {target} HTTP/1.1")
        self.first.release.set(), self.second.release.set()
        self.read_until(stream, b"data: 2\n\n")

    def test_silence_between_signs_of_life_ends_nothing(self):
        stream = self.open("/events")
        self.read_until(stream, b"data: 1\n\n")
        time.sleep(16)  # longer than an ordinary answer may take
        self.first.release.set(), self.second.release.set()
        self.read_until(stream, b"data: 2\n\n")

    def test_while_the_servers_are_gone_a_stream_is_told_when_to_come_back(self):
        self.first.stop(), self.second.stop()
        self.assert_later(self.nginx.ask("/a", self.events))
        self.assert_later(self.nginx.ask("/events?url=/a", [("Accept", "Text/Event-Stream; q=1, */*;q=0.1")]))
        self.assertEqual(self.nginx.ask("/a", self.events, method="HEAD")[::2], (200, b""))
        for accept in ("application/json", "application/json, text/event-stream", "text/event-streams"):
            self.assert_problem(self.nginx.ask("/a", [("Accept", accept)]), 502, "server_unreachable")

    def test_a_server_that_breaks_off_or_has_too_much_to_do_too(self):
        self.assert_later(self.nginx.ask("/break", self.events))
        # What Bourse itself says goes on as it is.
        self.assertEqual(self.nginx.ask("/busy", self.events)[0], 503)

    def test_who_asks_too_often_is_told_when_to_come_back(self):
        answers = [self.nginx.ask("/a", self.events) for _ in range(30)]
        late = [answer for answer in answers if answer[2] == b"retry: 5000\n\n"]
        self.assertEqual({answer[0] for answer in answers}, {200})
        self.assertGreater(len(late), 10)
        self.assertEqual(len(self.requests()), 30 - len(late))
        self.assert_later(late[0])

    def test_streams_take_no_connection_from_ordinary_requests(self):
        for _ in range(4):
            self.read_until(self.open("/events"), b"data: 1\n\n")
        self.assertEqual(self.nginx.ask("/a")[0], 200)

    def test_what_nginx_refuses_for_good_is_a_problem(self):
        self.assert_problem(self.nginx.ask("/a", self.events, method="POST", body=b"x" * 17000), 413, "body_too_large")


class Log(Case):
    def test_each_request_is_a_line_of_json(self):
        self.nginx.ask("/a\"b?c=\\d", [("User-Agent", "evil\"\\agent"), ("X-Request-Id", "id-1")])
        self.nginx.ask("/busy")
        self.nginx.ask("/health")  # not logged
        first, second = self.nginx.log(2)
        self.assertEqual((first["request_id"], first["uri"], first["status"]), ("id-1", "/a\"b?c=\\d", 200))
        self.assertEqual(first["agent"], "evil\"\\agent")
        self.assertIsInstance(first["bytes"], int)
        self.assertIsInstance(first["seconds"], float)
        self.assertEqual(first["client"], "127.0.0.1")
        self.assertIn(first["upstream"], [f"127.0.0.1:{u.port}" for u in (self.first, self.second)])
        self.assertEqual((second["status"], second["upstream_status"]), (503, "503"))

    def test_what_is_no_text_and_what_steers_a_terminal_are_not_in_it(self):
        """A lone 0xff is no UTF-8, so no JSON; C1 signs and DEL are, but a terminal obeys them."""
        for odd in (b"\xff", b"\x7f", b"\xc2\x9b2J", "\u202e".encode()):
            self.nginx.raw(b"GET /a" + odd + b" HTTP/1.1\r\nHost: a\r\nUser-Agent: b" + odd + b"\r\nConnection: close\r\n\r\n")
        for line in self.nginx.log(4):
            self.assertEqual((line["uri"], line["agent"]), ("(not printable ASCII)",) * 2)
        with open(os.path.join(self.nginx.folder, "access.log"), "rb") as file:
            self.assertRegex(file.read(), rb"\A[\n\x20-\x7e]*\Z")


class Tls(Case):
    tls = True

    def test_answers_say_that_tls_stays(self):
        status, headers, _ = self.nginx.ask("/a", secure=True)
        self.assertEqual(status, 200)
        self.assert_security_headers(headers)
        self.assertEqual(dict(headers)["strict-transport-security"], "max-age=31536000")
        self.assertEqual(dict(self.requests()[0][1])["X-Forwarded-Proto"], "https")

    def test_plain_requests_are_sent_to_tls(self):
        status, headers, _ = self.nginx.ask("/a?b=%22", [])
        self.assertEqual((status, dict(headers)["location"]), (308, "https://127.0.0.1/a?b=%22"))

    def test_health_is_asked_without_tls_too_and_is_that_of_the_servers(self):
        status, headers, body = self.nginx.ask("/health")
        self.assertEqual((status, json.loads(body)["asked"]), (200, "/health"))
        self.assert_security_headers(headers)

    def test_health_without_tls_is_bad_when_the_servers_are(self):
        self.first.stop(), self.second.stop()
        self.assert_problem(self.nginx.ask("/health"), 502, "server_unreachable")

    def test_http_2_is_spoken(self):
        context = ssl.create_default_context(cafile=f"{self.nginx.folder}/tls/fullchain.pem")
        context.set_alpn_protocols(["h2", "http/1.1"])
        with socket.create_connection(("127.0.0.1", self.nginx.tls_port)) as s:
            with context.wrap_socket(s, server_hostname="localhost") as tls:
                self.assertEqual(tls.selected_alpn_protocol(), "h2")

    def test_plain_http_on_the_tls_port_is_a_problem(self):
        self.nginx.port, plain = self.nginx.tls_port, self.nginx.port
        status, body = self.nginx.raw(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        self.nginx.port = plain
        self.assertEqual((status, json.loads(body)["code"]), (400, "bad_request"))

    def test_old_versions_of_tls_are_refused(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that they are old is the point
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with socket.create_connection(("127.0.0.1", self.nginx.tls_port)) as s:
            with self.assertRaises((ssl.SSLError, ConnectionResetError)):
                context.wrap_socket(s)


class TlsElsewhere(Case):
    tls = True
    limits = {"NGINX_HTTPS_PORT": "8443"}

    def test_plain_requests_are_sent_to_the_port_that_is_published(self):
        status, headers, _ = self.nginx.ask("/a?b=%22", [])
        self.assertEqual((status, dict(headers)["location"]), (308, "https://127.0.0.1:8443/a?b=%22"))


class WithTheProgram(unittest.TestCase):
    def test_the_default_routes_answer_through_nginx(self):
        config = os.path.join(nginx_server.ROOT, "config", "bourse.yaml")
        with bourse_process.Server(config) as one, bourse_process.Server(config) as two:
            nginx = nginx_server.Nginx((one.port, two.port))
            self.addCleanup(nginx.stop)
            nginx.start()
            status, headers, body = nginx.ask("/api/v1/market/statistics/json", [("X-Request-Id", "mine-1")])
            self.assertEqual(status, 200, body)
            self.assertEqual(dict(headers)["x-request-id"], "mine-1")
            self.assertIn("summary", body.decode())
            status, headers, body = nginx.ask("/no/such/route")
            self.assertEqual((status, json.loads(body)["code"]), (404, "no_route"))
            self.assertEqual(dict(headers)["content-security-policy"],
                             SECURITY_HEADERS["content-security-policy"])
            self.assertEqual(nginx.ask("/health")[0], 200)

    def test_a_server_that_ends_is_noticed_by_nobody(self):
        """While it waits for a slow reader it gives no 503 that nginx would hand on."""
        config = os.path.join(nginx_server.ROOT, "config", "production.yaml")
        env = {"BOURSE_SOURCE": "synthetic", "BOURSE_ADMIN": "127.0.0.1:0", "BOURSE_PROXIES": "127.0.0.1"}
        with bourse_process.Server(config, env=env) as one, bourse_process.Server(config, env=env) as two:
            nginx = nginx_server.Nginx((one.port, two.port), limits={"NGINX_RATE": "100000", "NGINX_BURST": "100000"})
            self.addCleanup(nginx.stop)
            nginx.start()
            with socket.socket() as reader:
                reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                reader.connect(("127.0.0.1", one.port))
                reader.sendall(b"GET /api/v1/analysis/technical/BTCUSDT/csv?limit=5000 HTTP/1.1\r\nHost: a\r\n\r\n")
                received = len(reader.recv(1))
                one.process.terminate()
                one.stop_signal = None
                # shutdown.delay is over when it lets go of a connection that is idle.
                with socket.create_connection(("127.0.0.1", one.port)) as idle:
                    idle.settimeout(30)
                    idle.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
                    while idle.recv(65536):
                        pass
                with socket.create_connection(("127.0.0.1", one.port)) as late:
                    late.settimeout(30)
                    self.assertEqual(late.recv(1), b"", "closed, without a word")
                statuses = [nginx.ask("/api/v1/BTCUSDT/technical?limit=50")[0] for _ in range(50)]
                self.assertIsNone(one.process.poll(), "it still waits")
                while chunk := reader.recv(65536):
                    received += len(chunk)
            self.assertEqual(set(statuses), {200})
            self.assertEqual(one.process.wait(60), 0, one.log())
            self.assertGreater(received, 500_000)

    def test_what_is_for_operators_does_not_pass(self):
        """While the servers do show it, to those who come another way."""
        config = os.path.join(nginx_server.ROOT, "config", "production.yaml")
        env = {"BOURSE_SOURCE": "synthetic", "BOURSE_ADMIN": "127.0.0.1:0"}
        with bourse_process.Server(config, env=env) as one, bourse_process.Server(config, env=env) as two:
            nginx = nginx_server.Nginx((one.port, two.port))
            self.addCleanup(nginx.stop)
            nginx.start()
            for path in ("/metrics", "/livez", "/readyz", "/routes", "/plugins"):
                with urllib.request.urlopen(f"http://127.0.0.1:{one.admin_port}{path}", timeout=20) as answer:
                    self.assertEqual(answer.status, 200)
                status, _, body = nginx.ask(path)
                self.assertEqual((status, json.loads(body)["code"]), (404, "no_route"), path)


if __name__ == "__main__":
    if nginx_server.program() is None:
        print("skipped: there is no nginx on this machine (apt-get install nginx-light)")
        sys.exit(77)
    unittest.main()
