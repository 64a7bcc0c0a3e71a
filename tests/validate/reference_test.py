# SPDX-License-Identifier: MIT
"""docs/reference/validate.md has a row for each rule, with its own words. BOURSE_WRITE=1 writes them."""
import json
import os
import subprocess
import unittest

PAGE = os.path.join(os.environ["BOURSE_SOURCE"], "docs", "reference", "validate.md")
HEAD = "## Rules\n\n"


def rows():
    done = subprocess.run([os.environ["BOURSE"], "validate", "--list", "--format", "json"], capture_output=True, text=True,
                          check=True, timeout=60)
    text = "| rule | of | asks | remedy |\n|---|---|---|---|\n"
    for rule in json.loads(done.stdout):
        text += f"| `{rule['rule']}` | {', '.join(rule['of'])} | {rule['asks']} | {rule['remedy']} |\n"
    return text


class Reference(unittest.TestCase):
    def test_it_has_each_rule_as_it_is(self):
        with open(PAGE, encoding="utf-8") as file:
            head, _, told = file.read().partition(HEAD)
        if os.environ.get("BOURSE_WRITE"):
            with open(PAGE, "w", encoding="utf-8") as file:
                file.write(head + HEAD + rows())
            return
        self.assertEqual(told, rows(), "run this test with BOURSE_WRITE=1")

    def test_names_are_of_their_groups_and_sentences_are_whole(self):
        done = subprocess.run([os.environ["BOURSE"], "validate", "--list", "--format", "json"], capture_output=True, text=True,
                              check=True, timeout=60)
        rules = json.loads(done.stdout)
        self.assertEqual(len({rule["rule"] for rule in rules}), len(rules))
        for rule in rules:
            self.assertRegex(rule["rule"], rf"^{rule['group']}\.[a-z-]+$")
            self.assertRegex(rule["asks"], r"^[A-Z1-9].*\.$", rule["rule"])
            self.assertFalse(rule["remedy"].endswith("."), rule["rule"])
            self.assertTrue(rule["of"], rule["rule"])


if __name__ == "__main__":
    unittest.main()
