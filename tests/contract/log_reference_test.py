# SPDX-License-Identifier: MIT
"""docs/reference/log.md against the code: every event and field that the host writes is in its tables, and no other.

The events of plugins are theirs. What is read here: log_event(LEVEL, "event", {{"field", ...}, ...}), the lines of
requests (request_log.cpp), and the places named in OTHERS, whose fields are put together elsewhere.
"""
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reference/log.md"
ALWAYS = {"time", "level", "event", "cut"}

# Fields that stand in no brace list beside the name of their event.
OTHERS = {
    "listening": {"port", "on", "version", "routes", "plugins"},
    "admin_listening": {"port", "on"},
    "log_lines_lost": {"lines"},
    "call_stuck": {"component", "call", "route", "request_id", "milliseconds", "stuck", "substitute"},
    "call_returned": {"component", "call", "route", "request_id", "milliseconds", "stuck"},
    "crashed": {"signal", "fault", "component", "call", "route", "request_id", "asked_by", "at", "plugin_code", "address", "sent_by", "thread",
                "message"},
    "configuration_error": {"place", "code", "message", "help"},
    "configuration_warning": {"place", "code", "message", "help"},
}
# Whose event is a variable, or which are not of the host.
VARIABLE = {("verdicts.cpp", "level, event"), ("call.cpp", "known"), ("log.cpp", "level, event"),
            ("call_watch.cpp", "BOURSE_LEVEL_WARN, event")}


def calls(text, name):
    """The arguments of each call of that name, as text."""
    for found in re.finditer(r"\b" + name + r"\(", text):
        depth, at = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
        yield text[found.end():at - 1]


def written():
    events = {name: set(fields) for name, fields in OTHERS.items()}
    for file in sorted((ROOT / "host").rglob("*.cpp")):
        text = file.read_text(encoding="utf-8")
        for arguments in calls(text, "log_event"):
            head, _, fields = arguments.partition("{")
            if "string_view event" in head or any(file.name == name and head.startswith(start)
                                                  for name, start in VARIABLE):
                continue
            names = re.findall(r'"([a-z_]+)"', head)
            if not names:
                raise AssertionError(f"{file}: an event without a name: {arguments[:80]}")
            for name in names:
                events.setdefault(name, set()).update(re.findall(r'\{"([a-z_]+)",', "{" + fields))
    text = (ROOT / "host/service/request_log.cpp").read_text(encoding="utf-8").partition("std::string server_timing")[0]
    events["request"] = set(re.findall(r'(?:\.text|\.number|\.seconds|\.flag|\badd)\("([a-z_]+)",', text))
    return events


def documented():
    events = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            of_requests = line == "## The line of a request"
        if not line.startswith("| `"):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if of_requests:
            events.setdefault("request", set()).update(re.findall(r"`([a-z_]+)`", cells[0]))
        elif len(cells) == 4:
            for name in re.findall(r"`([a-z_]+)`", cells[0]):
                events[name] = set(re.findall(r"`([a-z_]+)`", cells[2]))
    return events


class LogReference(unittest.TestCase):
    def test_the_page_has_every_event_and_no_other(self):
        self.assertEqual(sorted(documented()), sorted(written()), "give each event a row in docs/reference/log.md")

    def test_the_page_has_every_field_and_no_other(self):
        said, done = documented(), written()  # the page, the code
        for event, fields in done.items():
            self.assertEqual(sorted(said.get(event, ())), sorted(fields - ALWAYS),
                             f"the fields of {event}, in docs/reference/log.md and in the code")

    def test_requests_are_found(self):
        self.assertTrue({"request_id", "client", "peer", "seconds", "client_left", "waiters"} <= written()["request"])


if __name__ == "__main__":
    unittest.main()
