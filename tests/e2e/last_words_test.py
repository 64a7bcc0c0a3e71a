# SPDX-License-Identifier: MIT
"""A process that a plugin ends says in whose call, and ends as it would have: by the signal, or with a code that is not 0."""
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import bourse_process as bourse

CONFIG = """
    bourse: 1
    log: {{format: {format}}}
    server: {{shutdown: {{grace: 1s}}}}
    sources: {{rows: {{use: rogue-source, config: {{create: "{create}", destroy: "{destroy}"}}}}}}
    routes: [{{path: /rogue, run: rogue, format: rogue-text, source: rows, deadline: 1m}}]
    """
SOURCE = os.path.join(bourse.SOURCE_DIR, "tests/fixtures/plugins/rogue.cpp")


class Rogue(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.plugins = bourse.fixture_folder(self.folder, "rogue.so")

    def config(self, create="none", destroy="none", form="text"):
        return bourse.write_config(self.folder, CONFIG.format(create=create, destroy=destroy, format=form))

    def ask(self, query, form="text"):
        """What the server says while it answers this, and how it ends."""
        server = bourse.Server(self.config(form=form), plugins=(self.plugins,))
        try:
            with self.assertRaises((http.client.HTTPException, ConnectionError)):
                server.get("/rogue?" + query, headers={"X-Request-Id": "the-request"})
            server.process.wait(bourse.DEADLINE_SECONDS)
        finally:
            if server.process.poll() is None:
                server.process.kill()
            server.reader.join(bourse.DEADLINE_SECONDS)
            server.process.stderr.close()
        return server.log(), server.process.returncode

    def run_it(self, *options, config=None):
        return bourse.run("run", "rogue", "--source", "rows", "--format", "rogue-text", "--config", config or self.config(), *options,
                          plugins=(self.plugins,))


@unittest.skipIf(bourse.SANITIZED, "a sanitizer tells of faults itself")
class Crashes(Rogue):
    def test_each_signal_names_component_call_route_and_request_and_ends_by_itself(self):
        for trick, name in (("null", "SIGSEGV"), ("abort", "SIGABRT"), ("divide", "SIGFPE"), ("illegal", "SIGILL"), ("bus", "SIGBUS")):
            with self.subTest(trick):
                log, code = self.ask("trick=" + trick)
                self.assertEqual(code, -getattr(signal, name), "the signal's own status")
                self.assertRegex(log, rf"\n\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z error crashed signal={name} "
                                      r"component=fixture\.rogue/rogue call=run route=/rogue request_id=the-request ")
                self.assertRegex(log, r"(at|plugin_code)=rogue\.so\+0x[0-9a-f]+ ")
                self.assertEqual(log.count("crashed"), 1)

    def test_the_line_is_json_where_the_log_is(self):
        log, _ = self.ask("trick=null", form="json")
        line = json.loads(log.splitlines()[-1])
        self.assertEqual((line["event"], line["level"], line["signal"], line["component"], line["call"], line["route"], line["request_id"]),
                         ("crashed", "error", "SIGSEGV", "fixture.rogue/rogue", "run", "/rogue", "the-request"))
        self.assertEqual(line["address"], "0x0")
        now = time.time()
        told = time.mktime(time.strptime(line["time"][:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
        self.assertLess(abs(now - told), 60, "the date is worked out without the C library")

    @unittest.skipIf(shutil.which("addr2line") is None, "addr2line is not installed")
    def test_the_place_is_what_addr2line_takes(self):
        log, _ = self.ask("trick=null")
        offset = re.search(r"at=rogue\.so\+(0x[0-9a-f]+)", log).group(1)
        found = subprocess.run(["addr2line", "-f", "-e", os.path.join(self.plugins, "rogue.so"), offset], stdout=subprocess.PIPE, text=True, check=True)
        with open(SOURCE, encoding="utf-8") as file:
            line = next(number for number, text in enumerate(file, 1) if "here: null" in text)
        self.assertIn("write_to", found.stdout)
        self.assertIn(f"rogue.cpp:{line}", found.stdout)

    def test_a_stack_that_overflows_in_a_worker_and_in_the_main_thread(self):
        log, code = self.ask("trick=overflow")
        self.assertEqual(code, -signal.SIGSEGV)
        self.assertRegex(log, r"crashed signal=SIGSEGV fault=stack_overflow component=fixture\.rogue/rogue call=run .*at=rogue\.so")
        done = self.run_it("--trick", "overflow")
        self.assertEqual(done.returncode, -signal.SIGSEGV)
        self.assertRegex(done.stderr, r"crashed signal=SIGSEGV fault=stack_overflow component=fixture\.rogue/rogue call=run route=run ")

    def test_a_thread_of_the_plugin_is_known_by_its_code(self):
        for trick, field in (("thread_null", "at"), ("thread_abort", "plugin_code")):
            with self.subTest(trick):
                log, code = self.ask("trick=" + trick)
                self.assertLess(code, 0)
                self.assertRegex(log, rf"crashed signal=\w+ .*{field}=rogue\.so\+0x")
                self.assertNotIn("component=fixture.rogue/rogue call=run route=/rogue request_id=the-request at", log)

    def test_a_stack_that_overflows_in_a_thread_of_the_plugin_is_silent_and_ends_by_the_signal(self):
        log, code = self.ask("trick=thread_overflow")
        self.assertEqual(code, -signal.SIGSEGV)
        self.assertNotIn("crashed", log)

    def test_within_malloc_there_are_last_words(self):
        begin = time.monotonic()
        log, code = self.ask("trick=abort_in_malloc")
        self.assertEqual(code, -signal.SIGABRT)
        self.assertLess(time.monotonic() - begin, 20 * bourse.PATIENCE)
        self.assertRegex(log, r"crashed signal=SIGABRT component=fixture\.rogue/rogue call=run ")

    def test_making_and_letting_go_are_calls_too(self):
        done = self.run_it(config=self.config(create="null"))
        self.assertEqual(done.returncode, -signal.SIGSEGV)
        self.assertRegex(done.stderr, r"crashed signal=SIGSEGV component=fixture\.rogue/rogue-source call=create ")
        done = self.run_it(config=self.config(destroy="abort"))
        self.assertEqual(done.returncode, -signal.SIGABRT)
        self.assertRegex(done.stderr, r"crashed signal=SIGABRT component=fixture\.rogue/rogue-source call=destroy ")

    def test_who_sent_a_signal_is_told(self):
        server = bourse.Server(self.config(), plugins=(self.plugins,))
        server.process.send_signal(signal.SIGSEGV)
        self.assertEqual(server.process.wait(bourse.DEADLINE_SECONDS), -signal.SIGSEGV)
        server.reader.join(bourse.DEADLINE_SECONDS)
        server.process.stderr.close()
        self.assertIn(f" sent_by={os.getpid()} ", server.log())
        self.assertNotIn("component=", server.log().splitlines()[-1])


class Exits(Rogue):
    def test_an_exit_in_a_request_ends_a_server_with_70_and_says_whose(self):
        for trick, words in (("exit", "fixture.rogue/rogue in run called exit(0)"), ("quick_exit", "fixture.rogue/rogue in run called quick_exit"),
                             ("thread_exit", "a thread of rogue.so called exit(0)")):
            with self.subTest(trick):
                log, code = self.ask("trick=" + trick)
                self.assertEqual(code, 70, log)
                self.assertEqual(log.count(" error exited "), 1, log)
                self.assertIn(words, log)

    def test_an_exit_in_create_and_in_destroy_ends_a_command_with_70(self):
        for config, verb in ((self.config(create="exit"), "create"), (self.config(destroy="exit"), "destroy")):
            done = self.run_it(config=self.config(**{verb: "exit"}))
            self.assertEqual(done.returncode, 70, done.stderr)
            self.assertIn(f"fixture.rogue/rogue-source in {verb} called exit(0), which ends the whole process", done.stderr)
            self.assertEqual(len(done.stderr.splitlines()), 1)
            self.assertTrue(config)

    def test_an_exit_in_create_ends_the_start_of_a_server_with_70(self):
        done = bourse.run("serve", self.config(create="exit"), "--listen", "127.0.0.1:0", plugins=(self.plugins,))
        self.assertEqual(done.returncode, 70)
        self.assertIn("fixture.rogue/rogue-source in create called exit(0)", done.stderr)

    def test_an_exit_while_a_server_ends_is_told(self):
        server = bourse.Server(self.config(destroy="exit"), plugins=(self.plugins,))
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(bourse.DEADLINE_SECONDS), 70)
        server.reader.join(bourse.DEADLINE_SECONDS)
        server.process.stderr.close()
        self.assertIn("fixture.rogue/rogue-source in destroy called exit(0)", server.log())

    def test_a_thread_that_is_left_is_no_crash_at_the_end(self):
        for _ in range(5):
            done = self.run_it("--trick", "leave_a_thread")
            self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_destroy_that_does_not_return_is_not_waited_for(self):
        begin = time.monotonic()
        done = self.run_it(config=self.config(destroy="stay"))
        self.assertEqual(done.returncode, 1)
        self.assertLess(time.monotonic() - begin, 30 * bourse.PATIENCE)
        self.assertIn("plugin_does_not_end call=\"destroy of fixture.rogue/rogue-source\"", done.stderr)

    def test_who_ends_well_ends_with_0(self):
        done = self.run_it()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, "sum %.17g\ntiny %.17g\n" % (sum([0.1] * 10), 1e-310 / 2))


if __name__ == "__main__":
    unittest.main()
