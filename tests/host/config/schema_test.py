# SPDX-License-Identifier: MIT
"""docs/reference/bourse.schema.json: a legal schema, that takes what is good and refuses what is not."""
import json
import pathlib
import unittest

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests/host/config/golden"
SCHEMA = json.loads((ROOT / "docs/reference/bourse.schema.json").read_text(encoding="utf-8"))


class Loader(yaml.SafeLoader):
    """As YAML 1.2 has it, and editors: "off" and "yes" are texts, 2026-01-01 is one, too."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag.rsplit(":", 1)[1] in ("int", "float", "null")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def load(text):
    return yaml.load(text, Loader)  # noqa: S506 (a SafeLoader)


def complaints(text):
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message}" for error in validator.iter_errors(load(text))]


class Schema(unittest.TestCase):
    def test_is_one(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)

    def test_takes_every_configuration_of_the_tree(self):
        files = sorted([*ROOT.glob("config/*.yaml"), *GOLDEN.glob("good_*.yaml")])
        self.assertGreaterEqual(len(files), 6)
        for file in files:
            with self.subTest(file=file.name):
                self.assertEqual(complaints(file.read_text(encoding="utf-8")), [])

    def test_refuses_what_the_reader_refuses(self):
        good = "bourse: 1\nroutes: [{path: /a, run: b, format: c}]\n"
        self.assertEqual(complaints(good), [])
        for mistake in ("sevrer: {}", "server: {queue: 0}", "server: {queue: many}", "server: {max-body: 1 MB}",
                        "server: {idle-timeout: 10sec}", "server: {idle-timeout: 10}", "log: {level: warning}",
                        "log: [level]", "sources: {a: {}}", "sources: {a: {use: B}}", "defaults: {path: /a}",
                        "plugins: {pins: {a.so: sha256:12}}", "server: {cache: {memroy: 1MiB}}",
                        "defaults: {cache: on}", "defaults: {cache: {fresh: 1 day}}"):
            with self.subTest(mistake=mistake):
                self.assertTrue(complaints(good + mistake + "\n"))
        for mistake in ("bourse: 2\nroutes: []", "routes: []", "bourse: 1\nroutes: {}", "bourse: 1\nroutes: [{run: b}]", "bourse: 1\ngroups: [{path: /a}]"):
            with self.subTest(mistake=mistake):
                self.assertTrue(complaints(mistake))

    def test_says_what_each_key_means(self):
        for shape in (SCHEMA, *SCHEMA["$defs"].values()):
            for name, key in shape["properties"].items():
                self.assertTrue(key["description"], name)


if __name__ == "__main__":
    unittest.main()
