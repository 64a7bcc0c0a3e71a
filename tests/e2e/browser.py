# SPDX-License-Identifier: MIT
"""Chromium as a child process, told what to do over two pipes (--remote-debugging-pipe): no driver and no library is needed.

What it says of itself is the Chrome DevTools Protocol: JSON objects, each ended by a NUL.
"""
import base64
import contextlib
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading
import time

DEADLINE_SECONDS = 60 * int(os.environ.get("BOURSE_PATIENCE", "1"))


def program():
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Browser:
    """Use as a context manager."""

    def __init__(self, *options):
        self.folder = tempfile.mkdtemp(prefix="bourse-browser-")
        to_browser, self.out = os.pipe()
        from_browser, to_us = os.pipe()
        words = [program(), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
                 "--disable-dev-shm-usage", "--hide-scrollbars", f"--user-data-dir={self.folder}", "--remote-debugging-pipe",
                 *options, "about:blank"]
        # The shell gives the pipes the numbers that Chromium expects, 3 and 4.
        self.process = subprocess.Popen(["sh", "-c", f'exec "$@" 3<&{to_browser} 4>&{to_us} 2>/dev/null', "sh", *words],
                                        pass_fds=(to_browser, to_us), stdout=subprocess.DEVNULL, env={**os.environ, "HOME": self.folder})
        os.close(to_browser)
        os.close(to_us)
        self.number = 0
        self.answers = {}  # by number, a queue of one
        self.events = {}  # by session, all that came
        self.lock = threading.Lock()
        self.reader = threading.Thread(target=self._read, args=(from_browser,), daemon=True)
        self.reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError, AssertionError):
            self.command("Browser.close")
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.out)
        self.reader.join(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, pipe):
        data = b""
        with os.fdopen(pipe, "rb", buffering=0) as file:
            while piece := file.read(1 << 20):
                *whole, data = (data + piece).split(b"\0")
                for text in whole:
                    self._take(json.loads(text))
        with self.lock:
            for answer in self.answers.values():
                answer.put({"error": {"message": "Chromium has ended"}})

    def _take(self, message):
        with self.lock:
            if "id" in message:
                self.answers.pop(message["id"]).put(message)
            else:
                self.events.setdefault(message.get("sessionId"), []).append(message)

    def command(self, method, session=None, **params):
        answer = queue.Queue()
        with self.lock:
            self.number += 1
            self.answers[self.number] = answer
            message = {"id": self.number, "method": method, "params": params}
            if session:
                message["sessionId"] = session
            os.write(self.out, json.dumps(message).encode() + b"\0")
        got = answer.get(timeout=DEADLINE_SECONDS)
        if "error" in got:
            raise AssertionError(f"{method}: {got['error']['message']}")
        return got["result"]

    def open(self, url, window=True, script=None):
        """Another page, in a window of its own or as a tab of the last one. `script` runs in it before its own."""
        target = self.command("Target.createTarget", url="about:blank", newWindow=window)["targetId"]
        return Page(self, target, url, script)


class Page:
    def __init__(self, browser, target, url, script):
        self.browser, self.target = browser, target
        self.session = browser.command("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.command(domain + ".enable")
        self.command("Emulation.setDeviceMetricsOverride", width=1200, height=900, deviceScaleFactor=1, mobile=False)
        if script:
            self.command("Page.addScriptToEvaluateOnNewDocument", source=script)
        self.go(url)

    def command(self, method, **params):
        return self.browser.command(method, self.session, **params)

    def go(self, url):
        self.command("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, expression):
        """The value of an expression of JavaScript."""
        got = self.command("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in got:
            raise AssertionError(expression + ": " + json.dumps(got["exceptionDetails"]))
        return got["result"].get("value")

    def wait(self, expression, seconds=DEADLINE_SECONDS):
        """Until it is true; returns how many seconds that took."""
        begun = time.monotonic()
        while not self.run(expression):
            if time.monotonic() - begun > seconds:
                raise AssertionError(f"not within {seconds} s: {expression}\n{self.said()}")
            time.sleep(0.05)
        return time.monotonic() - begun

    def said(self):
        """What stands in its console: errors of scripts, what its policy forbade, what could not be loaded."""
        with self.browser.lock:
            events = list(self.browser.events.get(self.session, ()))
        texts = [e["params"]["entry"]["text"] for e in events if e["method"] == "Log.entryAdded"]
        texts += [json.dumps(e["params"]) for e in events if e["method"] == "Runtime.exceptionThrown"]
        return texts + [json.dumps(e["params"]["args"]) for e in events if e["method"] == "Runtime.consoleAPICalled"]

    def picture(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.command("Page.captureScreenshot", format="png")["data"]))

    def close(self):
        self.browser.command("Target.closeTarget", targetId=self.target)
