# SPDX-License-Identifier: MIT
"""Figures of real servers, and the names of figures in an expression of Prometheus: what monitoring is held to."""
import os
import re
import sys
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "e2e"))
import bourse_process  # noqa: E402  pylint: disable=wrong-import-position

PRODUCTION = os.path.join(ROOT, "config", "production.yaml")
SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)\Z')
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')


class Page:
    """One answer of /metrics, read strictly as the text format 0.0.4 says; AssertionError tells the line that breaks it."""

    def __init__(self, text):
        self.help, self.kind, self.samples = {}, {}, {}
        assert text.endswith("\n"), "the last line has no end"
        family, closed = None, set()
        for line in text.split("\n")[:-1]:
            if line.startswith(("# HELP ", "# TYPE ")):
                _, what, name, words = line.split(" ", 3)
                if name != family:
                    assert name not in closed, f"{name} comes twice: {line}"
                    closed.add(family)
                    family = name
                table = self.help if what == "HELP" else self.kind
                assert name not in table and words, line
                table[name] = words
                continue
            found = SAMPLE.match(line)
            assert found, line
            name, labels = found[1], tuple(LABEL.findall(found[2] or ""))
            assert self.family(name) == family, f"outside of its family: {line}"
            assert len({label for label, _ in labels}) == len(labels), line
            assert (name, labels) not in self.samples, f"twice: {line}"
            self.samples[name, labels] = float(found[3].replace("Inf", "inf"))
        assert set(self.help) == set(self.kind), "each family has both"

    def family(self, name):
        part = re.sub(r"_(bucket|sum|count)\Z", "", name)
        return part if self.kind.get(part) == "histogram" else name

    def names(self):
        """Of samples: what an expression may ask for."""
        return {name for name, _ in self.samples}

    def labels(self, name):
        return {label for sample, labels in self.samples if sample == name for label, _ in labels}

    def value(self, name, **labels):
        """The sum of those that have these labels."""
        return sum(value for (sample, has), value in self.samples.items()
                   if sample == name and labels.items() <= dict(has).items())


class Server(bourse_process.Server):
    """What config/production.yaml serves, with an admin listener."""

    def __init__(self, source="synthetic", state=None):
        env = {"BOURSE_SOURCE": source, "BOURSE_ADMIN": "127.0.0.1:0"}
        if state is not None:
            env["STATE_DIRECTORY"] = state
        super().__init__(PRODUCTION, env=env)

    def metrics(self):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/metrics", timeout=20) as answer:
            return answer.read().decode()

    def page(self):
        return Page(self.metrics())

    def reload(self):
        request = urllib.request.Request(f"http://127.0.0.1:{self.admin_port}/reload", method="POST")
        urllib.request.urlopen(request, timeout=60).close()


def some_traffic(server):
    """All that makes figures of their own: answers, kept ones, mistakes of clients and of a source, a reload."""
    for target in ("/api/v1/market/statistics", "/api/v1/market/statistics", "/api/v1/market/prices?format=csv",
                   "/api/v1/BTCUSDT/technical?limit=0", "/api/v1/NOSUCHUSDT/technical", "/nowhere", "/health"):
        server.get(target)
    server.reload()


_WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|`[^`]*`')
_KEYWORDS = set("""by without on ignoring group_left group_right bool and or unless offset inf nan atan2
    sum min max avg count topk bottomk quantile group stddev stdvar count_values""".split())


def names_in(expression):
    """Of the figures that it asks for. Functions are followed by a parenthesis, labels stand in braces or after `by`."""
    text = _WORDS.sub('""', expression)
    text = re.sub(r"\{[^{}]*\}", "", text)
    text = re.sub(r"\b(by|without|on|ignoring|group_left|group_right)\s*(\([^()]*\))", " ", text)
    text = re.sub(r"\[[^\]]*\]", "", text)
    names = set()
    for found in re.finditer(r"(?<![\w.:])[a-zA-Z_:][\w:]*", text):
        is_function = text[found.end():].lstrip().startswith("(")
        if found[0] not in _KEYWORDS and not is_function:
            names.add(found[0])
    return names


def labels_in(expression):
    """(figure, label) of each selector."""
    text = re.sub(r"\[[^\]]*\]", "", _WORDS.sub('""', expression))
    for figure, braces in re.findall(r"([a-zA-Z_:][\w:]*)\{([^{}]*)\}", text):
        for label in re.findall(r"([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)", braces):
            yield figure, label
