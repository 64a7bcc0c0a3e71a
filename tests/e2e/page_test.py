# SPDX-License-Identifier: MIT
"""The HTML page that follows its own question, in Chromium. Skipped without it."""
import base64
import contextlib
import http.client
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import bourse_process as bourse
import browser

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "docker"))
import nginx_server  # noqa: E402  (beside the tests of docker/)

PORT_CONFIG = """
    bourse: 1
    server: {listen: "127.0.0.1:0", admin: "127.0.0.1:0"}
    log: {level: info}
    sources: {market: {use: synthetic}}
    defaults: {source: market}
    routes:
      - {path: "/t/{symbol}", run: technical, formats: [json, html], params: {limit: {default: 60}}}
      - {path: "/page/{symbol}", run: technical, format: html, params: {limit: {default: 60}}}
      - {path: "/still/{symbol}", run: technical, format: html, live: off}
      - {path: "/many/{symbol}", run: technical, format: html, live: off, params: {limit: {default: 1000}}}
    """
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT", "XRPUSDT", "ADAUSDT", "DOGEUSDT", "LTCUSDT", "LINKUSDT", "DOTUSDT")
# Whatever the page's policy forbids is told to the page itself.
WATCH_POLICY = "window.forbidden = []; addEventListener('securitypolicyviolation', (e) => forbidden.push(e.violatedDirective + ' ' + e.blockedURI));"
LIVE = "document.querySelector('.following output')?.textContent === 'live'"
AS_OF = "document.querySelector('.by time')?.dateTime"


class Case(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = self.stack.enter_context(tempfile.TemporaryDirectory())
        self.server = self.stack.enter_context(bourse.Server(bourse.write_config(self.folder, PORT_CONFIG)))
        self.pages = []

    def open(self, target, script="", port=None, **options):
        url = f"http://127.0.0.1:{port or self.server.port}{target}"
        page = self.browser.open(url, script=WATCH_POLICY + script, **options)
        self.pages.append(page)
        return page

    def tearDown(self):
        for page in self.pages:
            page.close()

    @classmethod
    def setUpClass(cls):
        cls.browser = browser.Browser("--ignore-certificate-errors")

    @classmethod
    def tearDownClass(cls):
        cls.browser.__exit__()

    def figure(self, name):
        _, _, body = self.server.get("/metrics", port=self.server.admin_port)
        return float(re.search(r"^" + re.escape(name) + r" (\S+)$", body.decode(), re.MULTILINE).group(1))

    def await_figure(self, name, value):
        begun = time.monotonic()
        while self.figure(name) != value:
            self.assertLess(time.monotonic() - begun, bourse.DEADLINE_SECONDS, f"{name} is {self.figure(name)}, and not {value}")
            time.sleep(0.1)
        return time.monotonic() - begun

    def await_news(self, page, seconds=bourse.DEADLINE_SECONDS):
        """Until it shows another version than now."""
        return page.wait(f"{AS_OF} !== {page.run('JSON.stringify(' + AS_OF + ')')}", seconds)

    def assert_clean(self, page):
        """Nothing was forbidden, nothing failed."""
        self.assertEqual(page.run("forbidden"), [])
        self.assertEqual(page.said(), [])


class Following(Case):
    def test_what_changes_is_shown_and_what_the_reader_did_stays(self):
        page = self.open("/t/BTCUSDT")  # the format by what the browser accepts
        page.wait(LIVE)
        page.run("window.mark = 'not loaded again'")
        page.run("""(() => {
            const box = document.querySelector('.scroll');
            const heads = [...box.querySelectorAll('th button')];
            heads[1].click(); heads[1].click();
            window.field = heads[1].parentElement.dataset.field;
            const filter = document.querySelector('.tools input');
            filter.value = '1';
            filter.dispatchEvent(new Event('input'));
            filter.focus();
            filter.setSelectionRange(1, 1);
            box.scrollTop = 120;
            scrollTo(0, 300);
        })()""")
        state = """JSON.stringify([mark, scrollY, document.querySelector('.tools input').value,
            document.querySelector('.tools input') === document.activeElement, document.activeElement.selectionStart,
            document.querySelector('th[data-field="' + field + '"]').getAttribute('aria-sort'),
            document.querySelector('.scroll').scrollTop > 0])"""
        before = page.run(state)
        self.assertIn('"descending"', before)
        for _ in range(3):
            self.await_news(page)
        self.assertEqual(page.run(state), before)
        order = page.run("""[...document.querySelectorAll('.scroll tbody tr')].map(
            (row) => Number(row.cells[1].textContent.replace(/,/g, '')))""")
        self.assertEqual(order, sorted(order, reverse=True), "it is in the order that was chosen")
        shown = page.run("[...document.querySelectorAll('.scroll tbody tr:not([hidden])')].map((row) => row.textContent)")
        self.assertTrue(shown)
        self.assertTrue(all("1" in text for text in shown))
        self.assert_clean(page)

    def test_the_page_shows_what_the_server_answers(self):
        """After many updates it is the page that a reload would bring."""
        page = self.open("/page/ETHUSDT", script="""
            const plain = window.fetch;
            window.fetch = async (...all) => {
                const answer = await plain(...all);
                answer.clone().text().then((text) => { if (text !== '') window.told = text; });
                return answer;
            };""")
        page.wait(LIVE)
        for _ in range(4):
            self.await_news(page)
        # But for what the script has added it is the very page that it was told last.
        same = """(() => {
            const mine = document.body.cloneNode(true);
            mine.querySelectorAll('.tools, .answering, .live, .following, #formats > span').forEach((each) => each.remove());
            mine.querySelectorAll('th button').forEach((each) => each.replaceWith(...each.childNodes));
            const told = new DOMParser().parseFromString(window.told, 'text/html').body;
            for (const each of [mine, told]) {
                each.querySelectorAll('tbody').forEach((body) => { body.replaceChildren(...body.rows); body.removeAttribute('style'); });
                each.querySelectorAll('table').forEach((table) => table.replaceChildren(table.caption, table.tHead, ...table.tBodies));
            }
            return ['header', 'main', 'footer'].every(
                (part) => mine.querySelector(part).isEqualNode(told.querySelector(part)) && told.querySelector(part).textContent !== '');
        })()"""
        page.wait(same)
        self.assert_clean(page)

    def test_the_age_grows_while_nothing_comes_and_the_pause_button_stops_and_starts_it(self):
        page = self.open("/t/SOLUSDT?format=html")
        page.wait(LIVE)
        page.wait("/^data \\d+ s old$/.test(document.querySelector('.age').textContent)")
        page.run("document.querySelector('.following button').focus()")
        for kind in ("keyDown", "keyUp"):
            page.command("Input.dispatchKeyEvent", type=kind, key=" ", code="Space", text=" ", windowsVirtualKeyCode=32)
        page.wait("document.querySelector('.following output').textContent === 'paused'")
        self.assertEqual(page.run("document.querySelector('.following button').ariaPressed"), "true")
        self.await_figure("bourse_live_streams", 0)
        as_of = page.run(AS_OF)
        page.wait("parseInt(document.querySelector('.age').textContent.slice(5)) >= 5")
        self.assertEqual(page.run(AS_OF), as_of)
        page.run("document.querySelector('.following button').click()")
        page.wait(LIVE)
        self.await_news(page)
        page.wait("parseInt(document.querySelector('.age').textContent.slice(5)) < 5")
        self.assert_clean(page)

    def test_a_hidden_page_holds_no_connection_and_goes_on_when_it_is_seen(self):
        page = self.open("/t/BTCUSDT?format=html")
        page.wait(LIVE)
        self.await_figure("bourse_live_streams", 1)
        other = self.browser.open("data:text/html,<p>other", window=False)
        other.command("Page.bringToFront")
        page.wait("document.visibilityState === 'hidden'")
        self.await_figure("bourse_live_streams", 0)
        page.command("Page.bringToFront")
        page.wait("document.visibilityState === 'visible'")
        self.await_figure("bourse_live_streams", 1)
        self.await_news(page)
        other.close()
        self.assert_clean(page)

    def test_where_the_server_does_not_tell_the_page_is_still(self):
        page = self.open("/still/BTCUSDT")
        page.wait("performance.getEntriesByType('resource').length > 0")  # it has asked
        time.sleep(3)
        self.assertIsNone(page.run("document.querySelector('.following')"))
        self.await_figure("bourse_live_streams", 0)
        self.assertEqual(page.run("forbidden"), [])

    def test_paper_and_a_saved_page_show_nothing_of_it(self):
        page = self.open("/t/BTCUSDT?format=html")
        page.wait(LIVE)
        page.command("Emulation.setEmulatedMedia", media="print")
        self.assertEqual(page.run("getComputedStyle(document.querySelector('.following')).display"), "none")
        path = os.path.join(self.folder, "saved.html")
        with open(path, "wb") as file:
            file.write(self.server.get("/t/BTCUSDT?format=html")[2])
        saved = self.browser.open("file://" + path)
        time.sleep(2)
        self.assertIsNone(saved.run("document.querySelector('.following')"))
        self.assertEqual(saved.run("document.querySelectorAll('.tools').length > 0"), True)
        self.assertEqual(saved.said(), [])
        saved.close()


class ManyRows(Case):
    """A thousand rows of 27 columns. Times depend on the machine; how often a page is laid out, and how much of it, does not."""

    SHOWN = "[...document.querySelectorAll('.many tbody tr')].filter((row) => !row.hidden)"

    def open_many(self, more=""):
        return self.open("/many/BTCUSDT" + more)

    def metrics(self, page):
        page.command("Performance.enable")
        page.run("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
        return {m["name"]: m["value"] for m in page.command("Performance.getMetrics")["metrics"]}

    def laid_out(self, page, action):
        """How often it is laid out while this is done."""
        before = self.metrics(page)
        page.run(action)
        after = self.metrics(page)
        return after["LayoutCount"] - before["LayoutCount"]

    def test_typing_and_sorting_lay_the_page_out_once_or_twice(self):
        page = self.open_many()
        self.assertEqual(page.run(self.SHOWN + ".length"), 1000)
        self.assertEqual(page.run("document.querySelectorAll('.many thead th').length"), 27)
        page.run("window.input = document.querySelector('.tools input'); input.focus()")
        type_in = "input.value = '%s'; input.dispatchEvent(new Event('input'))"
        for text in ("1", "12", "12:00", "", "btc"):
            self.assertLessEqual(self.laid_out(page, type_in % text), 6, text)
        self.assertEqual(page.run(self.SHOWN + ".length"), 0)
        page.run(type_in % "")
        for _ in range(3):
            self.assertLessEqual(self.laid_out(page, "document.querySelectorAll('.many th button')[4].click()"), 6)
        self.assert_clean(page)

    def test_only_rows_in_sight_are_rendered_and_all_are_there_for_readers_of_tables(self):
        page = self.open_many()
        rendered = "[...document.querySelectorAll('.many tbody td')].filter((cell) => cell.checkVisibility({contentVisibilityAuto: true})).length"
        self.assertLess(page.run(rendered), 27 * 300)
        page.run("const input = document.querySelector('.tools input'); input.value = '12:00'; input.dispatchEvent(new Event('input'))")
        found = page.run(self.SHOWN + ".map((row) => row.cells[0].textContent)")
        self.assertTrue(40 <= len(found) <= 43, found)
        self.assertTrue(all("12:00" in text for text in found))
        self.assertEqual(page.run("document.querySelector('.tools output').textContent"), f"{len(found)} of 1,000 rows")
        self.assertEqual(page.run("document.querySelector('.many').getAttribute('aria-rowcount')"), str(len(found) + 1))
        page.run("document.querySelector('.scroll').scrollIntoView()")
        page.wait(rendered + " > 26 * 20")
        page.command("Accessibility.enable")
        nodes = page.command("Accessibility.getFullAXTree")["nodes"]
        roles = [node["role"]["value"] for node in nodes if not node.get("ignored")]
        self.assertEqual(roles.count("columnheader"), 27)
        self.assertGreaterEqual(roles.count("rowheader"), 20)
        self.assertGreaterEqual(roles.count("cell") + roles.count("gridcell"), 26 * 20)
        page.run("document.querySelector('.tools input').value = ''; document.querySelector('.tools input').dispatchEvent(new Event('input'))")
        page.run("new Promise((done) => setTimeout(done, 200))")
        self.assertLess(page.run(rendered), 27 * 300)
        self.assertEqual(page.run("document.querySelectorAll('.many tbody[style*=hidden]').length"), 0, "what grew is not held back for long")

    def test_columns_are_wide_enough_for_what_they_hold(self):
        for more in ("", "?digits=all"):
            page = self.open_many(more)
            wide = page.run("""[...document.querySelectorAll('.many tbody')].slice(0, 1).flatMap((body) => [...body.querySelectorAll('td, th')])
                .filter((cell) => cell.scrollWidth > cell.clientWidth + 1 || cell.clientHeight > 40).map((cell) => cell.textContent)""")
            self.assertEqual(wide, [])
            heads = page.run("[...document.querySelectorAll('.many thead th')].filter((each) => each.scrollWidth > each.clientWidth + 1).length")
            self.assertEqual(heads, 0)

    def test_order_and_filter_stand_in_the_address_and_survive(self):
        page = self.open_many("?order=newest")
        first = page.run("document.querySelector('.many tbody tr').cells[0].textContent")
        page.run("document.querySelectorAll('.many th button')[4].click(); document.querySelectorAll('.many th button')[4].click()")
        page.run("const input = document.querySelector('.tools input'); input.value = '12:00'; input.dispatchEvent(new Event('input'))")
        page.wait("location.hash === '#series.sort=-close&series.find=12%3A00'")
        order = f"JSON.stringify({self.SHOWN}.map((row) => row.cells[4].textContent))"
        before = page.run(order)
        numbers = [float(text.replace(",", "")) for text in json.loads(before)]
        self.assertEqual(numbers, sorted(numbers, reverse=True))
        page.run("window.mark = 1; location.reload()")
        page.wait("document.readyState === 'complete' && window.mark === undefined && document.querySelector('.tools') !== null")
        self.assertEqual(page.run(order), before)
        self.assertEqual(page.run("document.querySelector('th[data-field=close]').getAttribute('aria-sort')"), "descending")
        page.run("location.hash = ''")
        page.wait(self.SHOWN + ".length === 1000")
        page.wait(f"document.querySelector('.many tbody tr').cells[0].textContent === '{first}'")
        times = page.run("[...document.querySelectorAll('.many tbody time')].map((each) => each.dateTime)")
        self.assertEqual(times, sorted(times, reverse=True), "the newest first, as the server was asked")
        self.assert_clean(page)

    def test_what_is_copied_has_the_minus_of_programs(self):
        page = self.open_many()
        copied = page.run("""(() => {
            const cell = [...document.querySelectorAll('.many td')].find((each) => each.textContent.startsWith('\u2212'));
            getSelection().selectAllChildren(cell);
            const event = new ClipboardEvent('copy', {clipboardData: new DataTransfer(), bubbles: true, cancelable: true});
            cell.dispatchEvent(event);
            return [cell.textContent, event.clipboardData.getData('text/plain')];
        })()""")
        self.assertEqual(copied[1], copied[0].replace("\u2212", "-"))
        self.assertIn("-", copied[1])


class Paper(Case):
    def test_wide_tables_are_split_and_each_page_of_them_has_its_heads(self):
        page = self.open("/still/BTCUSDT?limit=150")
        columns = page.run("[...document.querySelectorAll('th[data-field]')].map((head) => head.dataset.field)")
        page.run("""addEventListener('beforeprint', () => { window.parts = [...document.querySelectorAll('.part')].map((part) =>
                [part.rows.length, [...part.tHead.rows[0].cells].map((head) => head.dataset.field)]); })""")
        printed = page.command("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, preferCSSPageSize=True)["data"]
        parts = page.run("window.parts")
        self.assertGreater(len(parts), 1)
        self.assertEqual([rows for rows, _ in parts], [151] * len(parts))
        self.assertTrue(all(fields[0] == columns[0] for _, fields in parts), "each with its first column")
        self.assertEqual([field for _, fields in parts for field in fields[1:]], columns[1:], "and each other column once")
        self.assertEqual(page.run("document.querySelectorAll('.part, .whole').length"), 0, "the page is as before")
        if not shutil.which("pdftotext"):
            return
        path = os.path.join(self.folder, "printed.pdf")
        with open(path, "wb") as file:
            file.write(base64.b64decode(printed))
        text = subprocess.run(["pdftotext", "-layout", path, "-"], stdout=subprocess.PIPE, check=True).stdout.decode()
        pages = text.split("\f")[:-1]
        rows = [len(re.findall(r"^\s*\d{4}-\d\d-\d\d \d\d:\d\d", each, re.MULTILINE)) for each in pages]
        self.assertEqual(sum(rows), 150 * len(parts))
        for each, count in zip(pages, rows):
            if count > 0:
                self.assertIn("Open time", each)
            self.assertTrue(each.strip(), "no page is empty")
        for word in ("Filter rows", "List them", "Pause"):
            self.assertNotIn(word, text)

    def test_the_parts_of_a_table_fit_on_the_paper(self):
        page = self.open("/still/BTCUSDT")
        page.run("dispatchEvent(new Event('beforeprint'))")
        page.command("Emulation.setEmulatedMedia", media="print")
        page.command("Emulation.setDeviceMetricsOverride", width=703, height=1000, deviceScaleFactor=1, mobile=False)  # 186 mm
        wide = page.run("[...document.querySelectorAll('.part')].map((part) => part.scrollWidth)")
        self.assertTrue(len(wide) > 1 and max(wide) <= 703, wide)


class Between:
    """What stands between a browser and the server: shows it below a path of its own, and changes its pages."""

    def __init__(self, port, prefix="", change=lambda page: page):
        between = self
        self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                between.requests.append((self.command, self.path, self.headers.get("If-None-Match")))
                if not self.path.startswith(prefix + "/"):
                    return self.send_error(404)
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=bourse.DEADLINE_SECONDS)
                headers = {name: text for name, text in self.headers.items() if name not in ("Host", "Accept-Encoding", "Connection")}
                connection.request(self.command, self.path.removeprefix(prefix), headers=headers)
                self.pass_on(connection.getresponse())
                connection.close()

            def pass_on(self, answer):
                is_page = answer.getheader("Content-Type", "").startswith("text/html")
                body = change(answer.read()) if is_page else None
                self.send_response(answer.status)
                for name, text in answer.getheaders():
                    if name not in ("Transfer-Encoding", "Content-Length"):
                        self.send_header(name, text)
                if is_page:
                    self.send_header("Content-Length", str(len(body)))
                elif answer.status != 304:
                    self.close_connection = True
                self.end_headers()
                with contextlib.suppress(OSError):
                    if is_page and self.command != "HEAD":
                        self.wfile.write(body)
                    while not is_page and self.command != "HEAD" and (piece := answer.read1(65536)):
                        self.wfile.write(piece)

            do_HEAD = do_GET

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass  # a browser that leaves

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Places(Case):
    def between(self, **options):
        made = Between(self.server.port, **options)
        self.stack.callback(made.stop)
        return made

    def test_behind_a_path_of_a_proxy_it_asks_by_itself(self):
        proxy = self.between(prefix="/market")
        page = self.open("/market/t/BTCUSDT?format=html", port=proxy.port)
        page.wait(LIVE)
        for _ in range(2):
            self.await_news(page)
        self.assertEqual(self.figure("bourse_live_streams"), 0)
        self.assertEqual(page.run("forbidden"), [])
        self.assertEqual(len([path for _, path, _ in proxy.requests if path.startswith("/events")]), 2, "a try, and why it failed")
        self.assertTrue(any(tag for _, _, tag in proxy.requests), "with the version that is there")

    def test_behind_a_path_a_still_page_is_still(self):
        proxy = self.between(prefix="/market")
        page = self.open("/market/still/BTCUSDT", port=proxy.port)
        begun = time.monotonic()
        while ("HEAD", "/market/still/BTCUSDT", None) not in proxy.requests:
            self.assertLess(time.monotonic() - begun, bourse.DEADLINE_SECONDS)
            time.sleep(0.1)
        time.sleep(7)  # it would ask every five seconds
        self.assertEqual(len([path for method, path, _ in proxy.requests if (method, path) == ("GET", "/market/still/BTCUSDT")]), 1)
        self.assertIsNone(page.run("document.querySelector('.following')"))

    def test_open_details_and_what_is_selected_stay(self):
        number = iter(range(1_000_000))
        proxy = self.between(change=lambda page: page.replace(
            b"</main>", b"<details><summary>More</summary><p>%d</p></details><p id=words>%d</p></main>" % (next(number), next(number))))
        page = self.open("/t/BTCUSDT?format=html", port=proxy.port)
        page.wait(LIVE)
        page.run("""(() => {
            document.querySelector('details').open = true;
            getSelection().selectAllChildren(document.querySelector('#words'));
        })()""")
        selected = page.run("getSelection().toString()")
        before = page.run("document.querySelector('details p').textContent")
        self.await_news(page)
        page.wait(f"document.querySelector('details p').textContent !== '{before}'")
        self.assertEqual(page.run("[document.querySelector('details').open, getSelection().toString()]"), [True, selected])
        page.run("getSelection().collapse(null)")
        page.wait(f"document.querySelector('#words').textContent !== '{selected}'")


class ThroughNginx(Case):
    """The proxy of docker/, over TLS and HTTP/2, before the server."""

    def test_a_page_follows_and_two_hold_one_stream(self):
        if nginx_server.program() is None:
            self.skipTest("there is no nginx on this machine (apt-get install nginx-light)")
        nginx = nginx_server.Nginx((self.server.port, self.server.port), tls=True)
        self.stack.callback(nginx.stop)
        nginx.start()
        pages = []
        for symbol in SYMBOLS[:2]:
            page = self.browser.open(f"https://127.0.0.1:{nginx.tls_port}/t/{symbol}?format=html", script=WATCH_POLICY)
            self.pages.append(page)
            pages.append(page)
        for page in pages:
            page.wait(LIVE)
        for page in pages:
            self.await_news(page)
        self.await_figure("bourse_live_streams", 1)
        for page in pages:
            self.assert_clean(page)


class ManyPages(Case):
    def test_ten_pages_of_ten_questions_hold_one_connection(self):
        pages = [self.open(f"/t/{symbol}?format=html") for symbol in SYMBOLS]
        for page in pages:
            page.wait(LIVE)
        self.await_figure("bourse_live_streams", 1)
        self.await_figure("bourse_live_questions", 10)
        for page in pages:
            self.await_news(page)
        self.assertEqual(self.figure("bourse_live_streams"), 1)
        # And there is room for other requests: with a stream for each page they would wait for ever.
        self.assertEqual(pages[0].run("fetch('/t/BTCUSDT', {cache: 'no-store'}).then((answer) => answer.status)"), 200)
        self.assertLessEqual(self.figure("bourse_live_streams_opened_total"), 20)
        for page in pages:
            self.assert_clean(page)

    def test_when_the_leader_goes_another_page_goes_on(self):
        pages = [self.open(f"/t/{symbol}?format=html") for symbol in SYMBOLS[:3]]
        for page in pages:
            page.wait(LIVE)
        # The first one leads: it has been there alone.
        self.pages.remove(pages[0])
        pages[0].close()
        for page in pages[1:]:
            self.assertLess(self.await_news(page), 20 * bourse.PATIENCE)
        self.await_figure("bourse_live_streams", 1)

    def test_when_the_leader_is_stuck_another_page_takes_over_and_one_is_left_when_it_wakes(self):
        pages = [self.open(f"/t/{symbol}?format=html") for symbol in SYMBOLS[:2]]
        for page in pages:
            page.wait(LIVE)
        pages[0].command("Debugger.enable")
        pages[0].command("Debugger.pause")
        begun = time.monotonic()
        while not any(e["method"] == "Debugger.paused" for e in list(self.browser.events[pages[0].session])):
            self.assertLess(time.monotonic() - begun, bourse.DEADLINE_SECONDS)
            time.sleep(0.05)
        self.await_news(pages[1])  # what was on its way
        self.assertLess(self.await_news(pages[1]), 25 * bourse.PATIENCE)
        pages[0].command("Debugger.resume")
        pages[0].command("Debugger.disable")
        self.await_figure("bourse_live_streams", 1)
        for page in pages:
            self.await_news(page)
        self.assertEqual(self.figure("bourse_live_streams"), 1)


class Restart(Case):
    def test_after_a_restart_the_stream_is_back(self):
        page = self.open("/t/BTCUSDT?format=html")
        page.wait(LIVE)
        page.run("window.mark = 1")
        port = self.server.port
        self.server.__exit__(None, None, None)
        page.wait("document.querySelector('.following output').textContent === 'reconnecting'")
        time.sleep(3)
        again = bourse.Server(bourse.write_config(self.folder, PORT_CONFIG), port=port)
        self.stack.push(again.__exit__)
        self.server.process = again.process
        begun = time.monotonic()
        self.await_news(page)
        self.assertLess(time.monotonic() - begun, 15 * bourse.PATIENCE)
        page.wait(LIVE)
        self.assertEqual(page.run("window.mark"), 1)


if __name__ == "__main__":
    if browser.program() is None:
        print("skipped: there is no Chromium on this machine (apt-get install chromium)")
        sys.exit(77)
    unittest.main()
