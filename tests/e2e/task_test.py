# SPDX-License-Identifier: MIT
"""`bourse task`: long work from the command line, on a terminal and without one."""
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest

import bourse_process as bourse

CONFIG = """
    bourse: 1
    sources:
      market: {use: worker}
      tower: {use: overseer, over: market}
    defaults: {source: market}
    routes:
      - {path: /s, run: symbols, format: json}
"""
# Steps of 20 ms: far more than any of these tests lets it do.
ENDLESS = ("count", "--steps", "1000000", "--delay", "20")


class Tasks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.plugins = os.environ["BOURSE_TASKS"]
        cls.config = bourse.write_config(cls.folder, CONFIG)

    def words(self, *words):
        return [bourse.PROGRAM, "task", "--config", self.config, "--plugins", self.plugins,
                "--plugins", bourse.PLUGINS, *words]

    def task(self, *words, env=None):
        return subprocess.run(self.words(*words), capture_output=True, text=True, check=False,
                              timeout=bourse.DEADLINE_SECONDS, stdin=subprocess.DEVNULL,
                              env={**os.environ, **(env or {})})

    def begun(self, *words, stderr=subprocess.PIPE):
        """An endless task, as soon as it tells that it has begun (with --json)."""
        process = subprocess.Popen(self.words("market", *ENDLESS, "--json", *words),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.kill)
        first = json.loads(process.stderr.readline())
        self.assertEqual(first["event"], "progress")
        return process


class Lists(Tasks):
    def test_all_sources_with_their_tasks(self):
        done = self.task()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("market (fixture.tasks/worker 1.0.0)\n  count          Count\n", done.stdout)
        self.assertIn("tower (fixture.tasks/overseer 1.0.0) over market (fixture.tasks/worker 1.0.0)\n"
                      "  ask            Ask below\n", done.stdout)

    def test_names_alone(self):
        for words, names in ((("--list-names",), "market\ntower\n"), (("tower", "--list-names"), "ask\n")):
            done = self.task(*words)
            self.assertEqual((done.returncode, done.stdout, done.stderr), (0, names, ""))

    def test_a_shell_completes_them(self):
        script = subprocess.run([bourse.PROGRAM, "completion", "bash"], capture_output=True, text=True, check=True, timeout=60).stdout
        # What bash-completion does before a script is asked, without being there.
        script = ("_init_completion() { words=(\"${COMP_WORDS[@]}\"); cword=$COMP_CWORD; cur=${words[cword]}; prev=${words[cword-1]}; }\n"
                  f"bourse() {{ :; }}\ncommand() {{ shift; \"{bourse.PROGRAM}\" \"$@\" --plugins \"$PLUGINS\"; }}\n" + script +
                  "\nCOMP_WORDS=(\"$@\"); COMP_CWORD=$(($#-1)); _bourse; echo \"${COMPREPLY[@]}\"\n")

        def completed(*words):
            done = subprocess.run(["bash", "-c", script, "bash", "bourse", "task", *words], capture_output=True, text=True, check=True,
                                  timeout=bourse.DEADLINE_SECONDS, env={**os.environ, "PLUGINS": self.plugins})
            return done.stdout.split()

        self.assertEqual(completed("--config", self.config, ""), ["market", "tower"])
        self.assertEqual(completed("--config=" + self.config, "t"), ["tower"])
        self.assertEqual(completed("--json", "--config", self.config, "tower", ""), ["ask"])
        self.assertEqual(completed("--config", self.config, "tower", "ask", ""), [])
        self.assertEqual(completed("--config", os.path.join(self.folder, "none.yaml"), ""), [])

    def test_one_source_with_the_parameters(self):
        done = self.task("market")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("Counts, step by step.\n  --steps                How many.\n", done.stdout)
        self.assertIn("a whole number from 0 to 1000000, default 3", done.stdout)

    def test_for_programs(self):
        tasks = json.loads(self.task("tower", "--json").stdout)
        self.assertEqual(tasks, [{
            "source": "tower", "component": "fixture.tasks/overseer", "over": ["market"],
            "tasks": [{"name": "ask", "title": "Ask below", "params": [
                {"name": "names", "doc": "Of series.", "rule": tasks[0]["tasks"][0]["params"][0]["rule"],
                 "required": True}]}]}])
        self.assertEqual([one["source"] for one in json.loads(self.task("--json").stdout)],
                         ["market", "tower"])


class Mistakes(Tasks):
    def assert_usage(self, words, *texts):
        done = self.task(*words)
        self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
        for text in texts:
            self.assertIn(text, done.stderr)

    def test_each_says_what_was_meant(self):
        self.assert_usage(["markt", "count"], 'no source "markt"; did you mean market?')
        self.assert_usage(["market", "cuont"], 'no task "cuont"; did you mean count?')
        self.assert_usage(["market", "zzz"], "there are count, note, fail, stay, say, login")
        self.assert_usage(["count"], "bourse task market count")
        self.assert_usage(["tower", "count"], "market under it has")
        self.assert_usage(["market", "count", "--stesp", "3"], "Did you mean steps?")
        self.assert_usage(["market", "count", "--steps", "-1"], "steps")
        self.assert_usage(["market", "note"], "code")
        self.assert_usage(["market", "--steps", "3"], "say which task of market")
        self.assert_usage(["--steps", "3"], "say which source and which task")
        self.assert_usage(["market", "count", "--format", "jsno"], "did you mean json?")

    def test_for_programs_they_are_json_too(self):
        done = self.task("market", "cuont", "--json")
        self.assertEqual(done.returncode, 2)
        said = json.loads(done.stderr)
        self.assertEqual((said["event"], said["code"]), ("failed", "usage"))

    def test_without_a_configuration(self):
        done = subprocess.run([bourse.PROGRAM, "task", "--plugins", self.plugins], text=True,
                              capture_output=True, check=False, timeout=bourse.DEADLINE_SECONDS,
                              env={"PATH": os.environ["PATH"]})
        if not os.path.exists("/etc/bourse/bourse.yaml"):
            self.assertEqual(done.returncode, 2)
            self.assertIn("name one by --config", done.stderr)


class Done(Tasks):
    def test_the_report_is_text_for_people(self):
        done = self.task("market", "count", "--steps", "2")
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout, "Count\n  Steps done  2\n\nWhat was counted\n  n\n  0\n  1\n")
        self.assertRegex(done.stderr, r"^market count: done in \d+ s\n$")

    def test_or_what_was_asked_for(self):
        done = self.task("market", "count", "--format", "json")
        self.assertEqual(json.loads(done.stdout)["values"]["steps"], 3)
        file = os.path.join(self.folder, "report.csv")
        done = self.task("market", "count", "--format", "csv", "--output", file)
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        with open(file, encoding="utf-8") as report:
            self.assertIn("n\n0\n1\n2", report.read().replace("\r", ""))

    def test_without_a_configuration(self):
        done = subprocess.run([bourse.PROGRAM, "task", "--use", "worker", "count", "--plugins",
                               self.plugins], text=True, capture_output=True, check=False,
                              timeout=bourse.DEADLINE_SECONDS, env={"PATH": os.environ["PATH"]})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Steps done  3", done.stdout)

    def test_a_layer_asks_the_source_under_it(self):
        done = self.task("tower", "ask", "--names", "a", "b", "--names=c")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("rows  3", done.stdout)

    def test_a_list_takes_what_a_shell_makes_of_a_star(self):
        done = self.task("market", "count", "--names", "a.zip", "b c.zip", "--steps", "1")
        self.assertIn("names       <a.zip><b c.zip>", done.stdout)
        self.assertEqual(self.task("market", "count", "--steps", "1", "2").returncode, 2)

    def test_the_exit_code_says_how_it_ended(self):
        for words, code, said in (
                (("note", "--code", "partial"), 0, "done in"),
                (("note", "--code", "findings"), 3, "with findings"),
                (("note", "--code", "unfinished"), 75, "run it again"),
                (("fail", "--status", "429"), 75, "run it again"),
                (("fail", "--status", "503", "--seconds", "32"), 75, "run it again in 32 s"),
                (("fail", "--status", "502"), 1, "failed after 0 s: Failed as it was asked to."),
                (("say", "--what", "throws"), 1, "on purpose"),
                (("say", "--what", "controls"), 0, "done in")):
            with self.subTest(words=words):
                done = self.task("market", *words)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(said, done.stderr)
                self.assertNotIn("\x1b", done.stderr)

    def test_the_command_that_goes_on_shows_no_secret(self):
        done = self.task("market", "login", "--token", "hunter2")
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("hunter2", done.stderr)
        self.assertIn("The key opens nothing.", done.stderr)

    def test_progress_for_programs_is_a_line_each(self):
        done = self.task("market", "count", "--steps", "3", "--delay", "1", "--json")
        self.assertEqual(done.returncode, 0)
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        self.assertEqual(lines[-1]["event"], "done")
        self.assertEqual((lines[-1]["done"], lines[-1]["total"], lines[-1]["percent"]), (3, 3, 100))
        for line in lines:
            self.assertEqual((line["source"], line["task"]), ("market", "count"))


class Ended(Tasks):
    def test_ctrl_c_ends_it_and_says_how_to_go_on(self):
        process = self.begun("--names", "it's")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=bourse.DEADLINE_SECONDS)
        self.assertEqual((process.returncode, out), (130, b""))
        last = [json.loads(line) for line in err.splitlines()][-1]
        self.assertEqual(last["event"], "cancelled")
        # What it says is the command: typed again, it does the same.
        words = subprocess.run(["bash", "-c", 'printf "%s\\n" ' + last["resume"]], text=True,
                               capture_output=True, check=True).stdout.splitlines()
        self.assertEqual(words, self.words("market", *ENDLESS, "--json", "--names", "it's"))

    def test_sigterm_and_sighup_as_well(self):
        for number, code in ((signal.SIGTERM, 143), (signal.SIGHUP, 129)):
            process = self.begun()
            process.send_signal(number)
            process.communicate(timeout=bourse.DEADLINE_SECONDS)
            self.assertEqual(process.returncode, code)

    def test_twice_ends_one_that_does_not_listen(self):
        process = subprocess.Popen(self.words("market", "stay"), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.kill)
        # Until it is at work, one signal ends it: it has a thread for the work and one that hears.
        end = time.monotonic() + bourse.DEADLINE_SECONDS
        while len(os.listdir(f"/proc/{process.pid}/task")) < 3 and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        self.assertIn(b"once more ends it at once", process.stderr.readline())
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=bourse.DEADLINE_SECONDS)
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"ended at once\nto go on: ", err)


class NotATerminal(Tasks):
    def test_a_log_gets_no_drawing_and_a_line_each_ten_seconds(self):
        log = tempfile.TemporaryFile(dir=self.folder)
        self.addCleanup(log.close)
        process = subprocess.Popen(self.words("market", *ENDLESS), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=log,
                                   env={**os.environ, "TERM": "xterm"})
        self.addCleanup(process.kill)
        time.sleep(12)  # the time is what is looked at
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(bourse.DEADLINE_SECONDS), 130)
        log.seek(0)
        text = log.read().decode()
        self.assertNotIn("\r", text)
        self.assertNotIn("\x1b", text)
        # That it is stopping is said only of one that takes its time.
        lines = [line for line in text.splitlines() if not line.startswith("stopping")]
        self.assertEqual(len(lines), 3, text)
        self.assertRegex(lines[0], r"^market count: 0\.0 %, 0\.\d %/min, \d+ h.* left, step \d+$")
        self.assertRegex(lines[1], r"^market count: stopped after \d+ s; what was done by then is kept$")
        self.assertIn("to go on: ", lines[2])


class ATerminal(Tasks):
    def terminal(self, words, term, columns=60):
        """Runs it with standard error on a pseudo-terminal, until Ctrl-C after a second."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen(self.words(*words), stdin=theirs, stdout=subprocess.DEVNULL,
                                   stderr=theirs, start_new_session=True,
                                   preexec_fn=lambda: fcntl.ioctl(theirs, termios.TIOCSCTTY, 0),
                                   env={**os.environ, "TERM": term})
        self.addCleanup(process.kill)
        os.close(theirs)
        text, sent = b"", False
        end = time.monotonic() + bourse.DEADLINE_SECONDS
        while time.monotonic() < end:
            ready, _, _ = select.select([ours], [], [], 1)
            try:
                if ready:
                    text += os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not sent and (text.count(b"\r") > 3 or (not ready and term == "dumb")):
                os.write(ours, b"\x03")  # the key itself
                sent = True
        os.close(ours)
        self.assertEqual(process.wait(bourse.DEADLINE_SECONDS), 130)
        return text.decode()

    def test_one_line_is_drawn_anew(self):
        text = self.terminal(("market", *ENDLESS), "xterm")
        drawings = re.findall(r"\r([^\r\n\x1b]*)\x1b\[K", text)
        told = [drawing for drawing in drawings if drawing.startswith("market count: 0.0 %")]
        self.assertGreater(len(told), 2, text)
        self.assertTrue(all(len(drawing) < 60 for drawing in drawings))
        # Gone before the last words, which stay.
        self.assertRegex(text, r"\r\x1b\[Kmarket count: stopped after \d+ s; what was done by then is kept\r\n")

    def test_a_narrow_one_is_not_scrolled(self):
        text = self.terminal(("market", *ENDLESS), "xterm", columns=20)
        for drawing in re.findall(r"\r([^\r\n\x1b]*)\x1b\[K", text):
            self.assertLess(len(drawing), 20)

    def test_a_dumb_one_is_not_drawn_on(self):
        text = self.terminal(("market", *ENDLESS), "dumb")
        self.assertNotIn("\x1b", text)


class OfAServer(Tasks):
    CONFIG = """
        bourse: 1
        server: {admin: "127.0.0.1:0"}
        sources: {market: {use: worker}}
        routes: [{path: /text, text: hello}]
        tasks:
          long: {source: market, task: count, params: {steps: 1000000, delay: 20}, at-start: true}
          often: {source: market, task: count, every: 1s, jitter: 0s}
          never: {source: market, task: count, params: {steps: 1}, every: 24h}
        """

    def serve(self, text):
        file = bourse.write_config(self.folder, text, name="server.yaml")
        return bourse.Server(file, plugins=(self.plugins, bourse.PLUGINS))

    def tasks(self, server):
        status, headers, body = server.get("/tasks", port=server.admin_port)
        self.assertEqual((status, headers["content-type"]), (200, "application/json"))
        return {row["name"]: row for row in json.loads(body)}

    def until(self, condition):
        end = time.monotonic() + bourse.DEADLINE_SECONDS
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def test_they_are_done_shown_steered_and_reloaded(self):
        with self.serve(self.CONFIG) as server:
            self.until(lambda: self.tasks(server)["long"].get("done", 0) > 0)
            self.until(lambda: self.tasks(server)["often"]["runs"]["done"] > 1)
            rows = self.tasks(server)
            self.assertEqual((rows["long"]["state"], rows["never"]["state"]), ("running", "waiting"))
            self.assertEqual(rows["often"]["last"]["outcome"], "done")
            self.assertNotIn("last", rows["never"])
            post = lambda target: server.get(target, method="POST", port=server.admin_port)
            self.assertEqual(post("/tasks/begin?name=long")[0], 409)
            self.assertEqual(post("/tasks/begin?name=lang")[0], 404)
            self.assertEqual(post("/tasks/begin")[0], 400)
            self.assertEqual(post("/tasks/begin?name=never")[0], 202)
            self.until(lambda: self.tasks(server)["never"]["runs"]["done"] == 1)
            self.assertEqual(server.get("/tasks/begin?name=never", port=server.admin_port,
                                        headers={"Origin": "http://evil.example"}, method="POST")[0], 403)
            text = server.get("/tasks", {"Accept": "text/plain"}, port=server.admin_port)[2].decode()
            self.assertRegex(text, r"(?m)^long \(market count\): running for \d+ s, 0 %, step \d+$")
            figures = server.get("/metrics", port=server.admin_port)[2].decode()
            self.assertIn("bourse_tasks_running 1\n", figures)
            self.assertIn('bourse_task_runs_total{task="never",outcome="done"} 1\n', figures)
            # A reload that leaves it alone, and one that takes it away.
            bourse.write_config(self.folder, self.CONFIG.replace("every: 1s", "every: 2s"), name="server.yaml")
            self.assertEqual(post("/reload")[0], 200)
            self.assertEqual(self.tasks(server)["long"]["state"], "running")
            lines = [line for line in self.CONFIG.splitlines() if "long:" not in line]
            bourse.write_config(self.folder, "\n".join(lines), name="server.yaml")
            self.assertEqual(post("/reload")[0], 200)
            self.assertNotIn("long", self.tasks(server))
            self.until(lambda: re.search(r"task_done task=long .*outcome=cancelled", server.log()))

    def test_they_end_with_the_server(self):
        with self.serve(self.CONFIG) as server:
            self.until(lambda: self.tasks(server)["long"].get("done", 0) > 0)
        self.assertRegex(server.log(), r"task_done task=long .*outcome=cancelled")

    def test_check_tells_what_the_source_does_not_offer(self):
        file = bourse.write_config(self.folder, self.CONFIG.replace("task: count", "task: cuont", 1),
                                   name="bad.yaml")
        done = bourse.run("check", file, plugins=(self.plugins, bourse.PLUGINS))
        self.assertEqual(done.returncode, 1)
        self.assertIn('source "market" has no task "cuont"', done.stderr)
        self.assertIn('did you mean "count"?', done.stderr)


if __name__ == "__main__":
    unittest.main()
