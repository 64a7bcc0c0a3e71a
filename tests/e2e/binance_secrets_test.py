# SPDX-License-Identifier: MIT
"""Nothing secret leaves the server: every byte of a full run with each kind of key is searched for what signs.

Keys are real ones of each type, checked by the fake exchange over the bytes that arrive. Each secret is looked for as it is, in base64,
percent-encoded and in hexadecimal.
"""
import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
import urllib.parse

import bourse_process
from exchange_process import KEY, SECRET, TOKEN, Exchange, metrics, prepared, serve

TARGETS = {"/prices": 200, "/symbols?symbols=BTCUSDT,ETHUSDT": 200, "/statistics?format=html": 200, "/statistics": 200,
           "/BTCUSDT/technical": 200, "/BTCUSDT/technical.json": 200, "/BTCUSDT/liquidity": 200,
           "/correlation?symbols=BTCUSDT,ETHUSDT,BNBUSDT": 200, "/NOPEUSDT/technical": 404,
           "/BTCUSDT/technical?limit=none": 400, "/nowhere": 404}
OPENSSL = shutil.which("openssl")


def openssl(*words, text=None):
    return subprocess.run([OPENSSL, *words], input=text, capture_output=True, check=True, timeout=60).stdout.decode()


def private_key(kind):
    if kind == "ed25519":
        return openssl("genpkey", "-algorithm", "ed25519")
    return openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")


def spellings(name, secret):
    """A secret, and what it may look like on the way."""
    raw = secret.encode()
    return {name: raw, name + " in base64": base64.b64encode(raw).rstrip(b"="), name + " in hex": raw.hex().encode(),
            name + " percent-encoded": urllib.parse.quote(secret, safe="").encode()}


class Heard:
    """Everything that came out, by where."""

    def __init__(self):
        self.bytes = {}

    def add(self, where, *parts):
        self.bytes[where] = b"\0".join(p if isinstance(p, bytes) else p.encode() for p in parts)

    def find(self, secrets):
        return [f"{name} in {where}" for where, data in self.bytes.items()
                for name, secret in secrets.items() if secret in data or secret.lower() in data.lower()]


class Secrets(unittest.TestCase):
    def full_run(self, exchange, key, heard, account_status, half=(502, "exchange_bad_answer")):
        """Every dataset, page and command; `account_status` is what /account is answered, and `half` what becomes of
        half such an answer of the exchange."""
        with serve(exchange.url, key=key, deadline="5s") as server:
            bearer = {"Authorization": "Bearer " + TOKEN}
            for target, expected in TARGETS.items():
                status, headers, body = server.get(target)
                self.assertEqual(status, expected, (target, body))
                heard.add(f"GET {target} ({status})", json.dumps(headers), body)
            prepared(server)
            status, headers, body = server.get("/account", bearer)
            self.assertEqual(status, account_status, body)
            heard.add("GET /account", json.dumps(headers), body)
            for who, wrong in (("without token", {}), ("wrong token", {"Authorization": "Bearer no"})):
                status, headers, body = server.get("/account", wrong)
                self.assertEqual(status, 401, body)
                heard.add("GET /account, " + who, json.dumps(headers), body)
            # Error pages that repeat what was asked.
            sent, signed = key["api_key"], exchange.requests("/api/v3/account")[-1]["query"]
            for kind, expected in (
                    ({"kind": "body", "status": 500, "text": f"you asked {signed} with {sent}"}, (502, "exchange_failed")),
                    ({"kind": "error", "code": -1102, "text": f"bad request {signed} {sent}"}, (422, "exchange_refused")),
                    ({"kind": "redirect", "text": f"http://127.0.0.1/?{signed}&key={sent}"}, (502, "exchange_bad_answer")),
                    ({"kind": "truncated_json"}, half),
                    ({"kind": "not_http"}, (503, "exchange_unreachable"))):
                self.fault(exchange, server, heard, bearer, kind, expected)
            for page in ("/metrics", "/routes", "/plugins", "/readyz"):
                heard.add("admin " + page, server.get(page, port=server.admin_port)[2])
            self.assertTrue(metrics(server))
            self.fault(exchange, server, heard, bearer, {"kind": "firewall"}, (503, "exchange_firewall"))  # shuts it out
        heard.add("the log at level debug", server.log())

    def fault(self, exchange, server, heard, bearer, kind, expected):
        before = len(exchange.requests("/api/v3/account"))
        exchange.command("fault", path="/api/v3/account", times=4, **kind)
        status, headers, body = server.get("/account", bearer)
        self.assertEqual((status, json.loads(body)["code"]), expected, (kind, body))
        met = exchange.requests("/api/v3/account")[before:]
        self.assertTrue(met, kind)
        self.assertEqual({tuple(r["faults"]) for r in met}, {(kind["kind"],)})
        heard.add(f"GET /account with the fault {kind['kind']} {kind.get('code', '')} ({status})", json.dumps(headers), body)
        exchange.command("clear")

    def commands(self, exchange, key, heard):
        """probe, check and run with the same key, by configuration and by hand."""
        with tempfile.TemporaryDirectory() as folder:
            settings = "".join(f'      {name}: "${{TEST_{name.upper()}}}"\n' for name in key)
            path = bourse_process.write_config(folder, f"""
bourse: 1
log: {{level: debug}}
sources:
  market:
    use: binance
    config:
      site: testnet
      base_url: "{exchange.url}"
      block_file: none
{settings}
defaults: {{source: market}}
routes:
  - {{path: /account, run: account, format: json, access: {{tokens: ["${{ACCESS_TOKEN}}"]}}}}
""")
            env = {"TEST_" + name.upper(): value for name, value in key.items()} | {"ACCESS_TOKEN": TOKEN}
            probes = []
            for words in (["probe", "market", "--config", path], ["probe", "market", "--config", path, "--json"],
                          ["check", path], ["routes", path], ["run", "account", "--config", path],
                          ["run", "technical", "--config", path, "--symbol", "BTCUSDT", "--format", "csv"]):
                done = bourse_process.run(*words, env=env)
                heard.add("bourse " + " ".join(words[:2]), done.stdout, done.stderr)
                probes.append((words[0], done.returncode, done.stdout + done.stderr))
            return probes

    def search(self, exchange, key, heard, more):
        signatures = set()
        for one in exchange.requests("/api/v3/"):
            signatures |= set(re.findall("signature=([^&]+)", one["query"]))
        self.assertGreater(len(signatures), 5)
        secrets = spellings("the API key", key["api_key"]) | spellings("the access token", TOKEN)
        for name, text in more.items():
            secrets |= spellings(name, text)
        for i, signature in enumerate(sorted(signatures)):
            secrets[f"signature {i}"] = signature.encode()
            secrets[f"signature {i}, decoded"] = urllib.parse.unquote(signature).encode()
        self.assertGreater(sum(map(len, heard.bytes.values())), 100_000)
        self.assertEqual(heard.find(secrets), [])

    def test_hmac(self):
        with Exchange(now=None) as exchange:
            heard, key = Heard(), {"api_key": KEY, "api_secret": SECRET}
            self.full_run(exchange, key, heard, 200)
            for words, code, text in self.commands(exchange, key, heard):
                self.assertEqual(code, 0, (words, text))
            self.search(exchange, key, heard, {"the secret": SECRET})

    def test_keys_that_are_wrong(self):
        with Exchange(now=None) as exchange:
            # Of half a refusal only the status is left: 400 for the signature, 401 for the key.
            for wrong, half in (({"api_key": KEY, "api_secret": SECRET[::-1]}, (422, "exchange_refused")),
                                ({"api_key": SECRET, "api_secret": KEY}, (502, "exchange_key_refused"))):
                heard = Heard()
                exchange.command("forget")
                self.full_run(exchange, wrong, heard, 502, half)
                self.commands(exchange, wrong, heard)
                self.search(exchange, wrong, heard, {"the secret": wrong["api_secret"]})

    @unittest.skipIf(OPENSSL is None, "openssl, which makes keys, is not installed")
    def test_ed25519_and_rsa(self):
        for kind in ("ed25519", "rsa"):
            with self.subTest(kind), Exchange(now=None) as exchange, tempfile.TemporaryDirectory() as folder:
                pem, name = private_key(kind), (kind + "Z" * 64)[:64]
                exchange.command("key", key=name, public_pem=openssl("pkey", "-pubout", text=pem.encode()))
                file = os.path.join(folder, "private.pem")
                with open(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="ascii") as out:
                    out.write(pem)
                heard, key = Heard(), {"api_key": name, "private_key_file": file}
                self.full_run(exchange, key, heard, 200)
                for words, code, text in self.commands(exchange, key, heard):
                    self.assertEqual(code, 0, (words, text))
                lines = [line for line in pem.splitlines() if not line.startswith("-")]
                self.search(exchange, key, heard, {f"line {i} of the private key": line for i, line in enumerate(lines)})

    def test_the_search_finds_what_is_there(self):
        heard = Heard()
        heard.add("somewhere", "x=" + urllib.parse.quote("a/b+c", safe=""))
        heard.add("elsewhere", b"\x00" + base64.b64encode(SECRET.encode()))
        self.assertEqual(heard.find(spellings("s", "a/b+c")), ["s percent-encoded in somewhere"])
        self.assertEqual(heard.find(spellings("t", SECRET)), ["t in base64 in elsewhere"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
