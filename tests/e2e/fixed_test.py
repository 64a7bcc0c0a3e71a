# SPDX-License-Identifier: MIT
"""Redirects, texts, files and folders over real HTTP, as an operator of nginx or Caddy would put them beside an API."""
import hashlib
import json
import os
import tempfile
import unittest

import bourse_process as bourse

TOKEN = "a-token-of-sixteen-or-more"
CONFIG = """
    bourse: 1
    server: {listen: "127.0.0.1:0", admin: "127.0.0.1:0"}
    sources: {market: {use: synthetic}}
    defaults: {source: market, headers: {X-Own: "1"}}
    routes:
      - {path: ["/v1/{symbol}", "/v2/{symbol}"], run: technical, formats: [json, csv]}
      - {path: "/old/{symbol}", redirect: {to: "/v2/{symbol}", status: 308}}
      - {path: /away, redirect: "https://other.example/docs?from=bourse"}
      - path: /robots.txt
        text: |
          User-agent: *
          Disallow: /
      - {path: /favicon.ico, file: icon.png}
      - {path: /page, text: {body: "<p>hello", media-type: text/html; charset=utf-8, max-age: 1h}}
      - {path: /static, folder: public}
      - {path: /inside, folder: {path: public, max-age: 1h}, access: {tokens: ["${FIXED_TOKEN}"]}}
    """
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


class Fixed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        public = os.path.join(cls.folder.name, "public")
        os.makedirs(os.path.join(public, "sub"))
        cls.write("icon.png", PNG)
        cls.write("secret", b"secret")
        cls.write("public/app.js", b"let a;")
        cls.write("public/.env", b"SECRET=1")
        cls.write("public/sub/index.html", b"<h1>sub")
        cls.config = bourse.write_config(cls.folder.name, CONFIG)
        cls.env = {"FIXED_TOKEN": TOKEN}
        # Relative paths are from the folder of the file, wherever the server is started.
        cls.server = bourse.Server(cls.config, env=cls.env, cwd="/")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None, None, None)
        cls.folder.cleanup()

    @classmethod
    def write(cls, name, data):
        with open(os.path.join(cls.folder.name, name), "wb") as file:
            file.write(data)

    def test_a_redirect_takes_values_and_query_along(self):
        for target, status, where in [
                ("/old/BTCUSDT?limit=3", 308, "/v2/BTCUSDT?limit=3"), ("/old/a%2F..%2Fb", 308, "/v2/a%2F..%2Fb"),
                ("/away", 301, "https://other.example/docs?from=bourse"),
                ("/away?x=1", 301, "https://other.example/docs?from=bourse&x=1")]:
            got, headers, body = self.server.get(target)
            self.assertEqual((got, headers["location"], body), (status, where, b""), target)
            self.assertEqual(headers["cache-control"], "max-age=3600", target)
            self.assertEqual(headers["x-own"], "1", target)
        self.assertEqual(self.server.get("/old/a%0d%0aX-Evil:%201")[0], 400)
        status, headers, _ = self.server.get("/old/BTCUSDT?limit=3")
        self.assertEqual(self.server.get(headers["location"])[0], 200, "it leads to what is there")

    def test_several_paths_are_one_route(self):
        one, two = (self.server.get(f"/{v}/BTCUSDT?limit=3&end=2026-01-01T00:00:00Z") for v in ("v1", "v2"))
        self.assertEqual((one[0], one[2]), (200, two[2]))
        self.assertIn("hit", two[1]["cache-status"], "what is kept for one is kept for the other")

    def test_texts_and_files_are_sent_as_they_are(self):
        for target, media_type, body, fresh in [
                ("/robots.txt", "text/plain; charset=utf-8", b"User-agent: *\nDisallow: /\n", "no-cache"),
                ("/favicon.ico", "image/png", PNG, "no-cache"),
                ("/page", "text/html; charset=utf-8", b"<p>hello", "public, max-age=3600"),
                ("/static/app.js", "text/javascript; charset=utf-8", b"let a;", "no-cache"),
                ("/static/sub/", "text/html; charset=utf-8", b"<h1>sub", "no-cache")]:
            status, headers, got = self.server.get(target)
            self.assertEqual((status, headers["content-type"], got, headers["cache-control"]),
                             (200, media_type, body, fresh), target)
            self.assertEqual(headers["x-content-type-options"], "nosniff", target)
            self.assertEqual(headers["content-length"], str(len(body)), target)
            self.assertEqual(headers["etag"], f'"{hashlib.sha256(body).hexdigest()[:32]}"', target)
            status, again, got = self.server.get(target, {"If-None-Match": headers["etag"]})
            self.assertEqual((status, got, again["etag"]), (304, b"", headers["etag"]), target)
            status, head, got = self.server.get(target, method="HEAD")
            self.assertEqual((status, got, head["content-length"]), (200, b"", str(len(body))), target)
            self.assertEqual(self.server.get(target, {"If-Match": '"other"'})[0], 412, target)
            self.assertEqual(self.server.get(target, method="DELETE")[0], 405, target)

    def test_nothing_outside_a_folder_is_served(self):
        for target in ["/static/../secret", "/static/..%2fsecret", "/static/%2e%2e/secret", "/static/%2e%2e%2fsecret",
                       "/static/sub/../../secret", "/static/..%5csecret", "/static//etc/passwd", "/static/%2fetc%2fpasswd",
                       "/static/app.js%00.png", "/static/.env", "/static/%2eenv", "/static/sub%2findex.html", "/static", "/static/",
                       "/static/none", "/static/app.js/", "/static/app.js/x"]:
            answer = self.server.raw(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            self.assertRegex(answer, rb"^HTTP/1.1 40[04] ", target)
            self.assertNotIn(b"\r\n\r\nsecret", answer, target)
            self.assertNotIn(b"SECRET", answer, target)
        status, headers, _ = self.server.get("/static/sub?x=1")
        self.assertEqual((status, headers["location"]), (301, "sub/?x=1"))

    def test_a_closed_folder_tells_strangers_nothing(self):
        for name in ("app.js", "none", "sub", ""):
            self.assertEqual(self.server.get("/inside/" + name)[0], 401, name)
        token = {"Authorization": "Bearer " + TOKEN}
        status, headers, body = self.server.get("/inside/app.js", token)
        self.assertEqual((status, body, headers["cache-control"]), (200, b"let a;", "private, no-store"))
        self.assertEqual(self.server.get("/inside/none", token)[0], 404)

    def test_the_pages_of_the_api_are_about_analyses(self):
        paths = self.server.json("/openapi.json")[1]["paths"]
        self.assertEqual(sorted(paths), ["/v1/{symbol}", "/v2/{symbol}"])
        status, _, index = self.server.get("/", {"Accept": "application/json"})
        self.assertEqual(status, 200)
        for word in (b"robots", b"favicon", b"/old", b"static"):
            self.assertNotIn(word, index)

    def test_commands_know_them(self):
        listed = bourse.run("routes", self.config, env=self.env).stdout
        for words in ("/away", "301 to https://other.example/docs?from=bourse", "text/plain; charset=utf-8, 26 bytes",
                      "2 files, 13 bytes"):
            self.assertIn(words, listed)
        table = json.loads(bourse.run("routes", self.config, "--json", env=self.env).stdout)
        fixed = {route["path"]: route.get("fixed") for route in table}
        self.assertEqual(fixed["/old/{symbol}"], "308 to /v2/{symbol}")
        self.assertIsNone(fixed["/v1/{symbol}"])
        for target, words in [("/old/BTCUSDT?a=1", "308 to /v2/BTCUSDT?a=1"), ("/robots.txt", "200 text/plain; charset=utf-8, 26 bytes"),
                              ("/robots.txt/", "404 no_route"), ("/static/app.js", "200 text/javascript"),
                              ("/static/none", "404 no_route"), ("/static/sub", "301 to sub/")]:
            done = bourse.run("explain", "GET", target, "--config", self.config, env=self.env)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(words, done.stdout, target)
        other = bourse.write_config(self.folder.name, CONFIG.replace("Disallow: /", "Disallow:"), "other.yaml")
        done = bourse.run("diff", self.config, other, env=self.env)
        self.assertIn("answer: text/plain; charset=utf-8, 26 bytes -> text/plain; charset=utf-8, 24 bytes", done.stdout)

    def test_what_cannot_be_served_is_told_where_it_is_named(self):
        for route, words in [
                ("{path: /a, file: nothing.txt}", ':3:22: error[unreadable_file]: the file "'),
                ("{path: /a, file: public}", "it is no regular file"),
                ("{path: /a, folder: nothing}", "error[unreadable_file]: the folder"),
                ("{path: /a, folder: icon.png}", "it is no folder"),
                ("{path: /a, text: x, run: technical}", 'the route has "text", so "run" says nothing'),
                ("{path: \"/{a}\", redirect: \"/{b}\"}", '"redirect" leads to {b}')]:
            with tempfile.TemporaryDirectory() as folder:
                os.mkdir(os.path.join(folder, "public"))
                open(os.path.join(folder, "icon.png"), "wb").close()
                config = bourse.write_config(folder, f"bourse: 1\nroutes:\n  - {route}\n")
                done = bourse.run("check", config)
                self.assertEqual(done.returncode, 1, route)
                self.assertIn(words, done.stderr, route)
                self.assertIn("^", done.stderr, route)
                self.assertIn("1 error", done.stderr, route)


class Reloaded(unittest.TestCase):
    def test_a_reload_takes_changed_files_whole_or_not_at_all(self):
        with tempfile.TemporaryDirectory() as folder:
            public = os.path.join(folder, "public")
            os.mkdir(public)
            page = os.path.join(public, "a.txt")
            with open(page, "w", encoding="utf-8") as file:
                file.write("one")
            config = bourse.write_config(folder, """
                bourse: 1
                server: {listen: "127.0.0.1:0", admin: "127.0.0.1:0"}
                routes: [{path: /s, folder: public}]
                """)
            with bourse.Server(config) as server:
                with open(page, "w", encoding="utf-8") as file:
                    file.write("two")
                self.assertEqual(server.get("/s/a.txt")[2], b"one", "no request reads a file")
                self.assertEqual(server.get("/reload", method="POST", port=server.admin_port)[0], 200)
                self.assertEqual(server.get("/s/a.txt")[2], b"two")
                os.symlink("/etc/passwd", os.path.join(public, "b.txt"))
                status, _, verdict = server.get("/reload", method="POST", port=server.admin_port)
                self.assertEqual(status, 422)
                self.assertIn(b"is a link that leads out of the folder", verdict)
                self.assertEqual(server.get("/s/a.txt")[2], b"two")
                self.assertEqual(server.get("/s/b.txt")[0], 404)


if __name__ == "__main__":
    unittest.main()
