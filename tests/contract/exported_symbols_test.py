# SPDX-License-Identifier: MIT
"""Every plugin exports bourse_plugin_v1 and nothing else, and links nothing of Bourse.

usage: exported_symbols_test.py --nm NM --leaky LEAKY.so PLUGIN.so...

LEAKY.so breaks both rules on purpose, so that we know that breaking them is noticed.
"""
import argparse
import pathlib
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
THE_SYMBOL = "bourse_plugin_v1"
arguments = None


def symbols(library, which):
    out = subprocess.run([arguments.nm, "-D", which, library], check=True, capture_output=True,
                         text=True).stdout
    return [line.split()[-1].partition("@")[0] for line in out.splitlines()]


def violations(library):
    """Sentences; empty when the library is as it should be."""
    if not pathlib.Path(library).exists():
        return [f"{library} is not there: build all targets before testing"]
    found = []
    defined = symbols(library, "--defined-only")
    if THE_SYMBOL not in defined:
        found.append(f"{library} does not export {THE_SYMBOL}, so the host cannot load it: use "
                     "BOURSE_PLUGIN(...) or define that function")
    for name in sorted(set(defined) - {THE_SYMBOL}):
        found.append(f"{library} exports {name}, which may collide with another plugin: link it "
                     "with bourse_add_plugin, whose version script hides all else")
    for name in symbols(library, "--undefined-only"):
        if "bourse" in name:
            found.append(f"{library} needs {name} from outside, but the host exports nothing: "
                         "call it through bourse_host, or compile it into the plugin")
    return found


def folders_with_plugins():
    return [file.parent for file in ROOT.glob("plugins/*/*/CMakeLists.txt")
            if "bourse_add_plugin(" in file.read_text(encoding="utf-8")]


class ExportedSymbols(unittest.TestCase):
    def test_every_plugin_exports_one_symbol_and_needs_none_of_bourse(self):
        for plugin in arguments.plugins:
            with self.subTest(plugin):
                self.assertEqual([], violations(plugin))

    def test_the_plugins_of_this_tree_are_among_those_looked_at(self):
        folders = folders_with_plugins()
        if not folders:
            self.skipTest("plugins/ has no folder with a plugin yet")
        looked_at = len([p for p in arguments.plugins if "minimal_plugin" not in p])
        self.assertGreater(looked_at, 0, f"{folders[0]} has a plugin, but CMake handed over none: "
                           "does bourse_add_plugin still add to the property BOURSE_PLUGINS?")


class TheCheckItself(unittest.TestCase):
    def test_it_looks_at_something(self):
        self.assertTrue(any("minimal_plugin" in plugin for plugin in arguments.plugins))

    def test_it_sees_a_leaked_symbol_and_a_missing_one(self):
        found = "\n".join(violations(arguments.leaky))
        self.assertIn("exports leaked_helper", found)
        self.assertIn("needs bourse_internal_name", found)
        self.assertNotIn("does not export", found)

    def test_it_sees_a_library_that_is_no_plugin(self):
        maps = pathlib.Path("/proc/self/maps").read_text(encoding="utf-8").split()
        libc = next(word for word in maps if pathlib.Path(word).name.startswith("libc."))
        self.assertIn("does not export bourse_plugin_v1", violations(libc)[0])

    def test_it_sees_a_plugin_that_was_not_built(self):
        self.assertEqual(["/nowhere/absent.so is not there: build all targets before testing"],
                         violations("/nowhere/absent.so"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--leaky", required=True)
    parser.add_argument("plugins", nargs="+")
    arguments = parser.parse_args()
    unittest.main(argv=["exported_symbols_test"])
