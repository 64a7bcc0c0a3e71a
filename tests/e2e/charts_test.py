# SPDX-License-Identifier: MIT
"""Charts of the HTML page that answer mouse, touch and keys, in Chromium. Skipped without it."""
import sys
import unittest

import browser
import page_test

STATE = """(() => {
    const svg = [...document.querySelectorAll('svg[data-chart]')].find((each) => each.getBoundingClientRect().width > 0);
    const box = svg.getBoundingClientRect(), view = svg.viewBox.baseVal, [left, right] = JSON.parse(svg.dataset.chart).panes[0].x;
    const tools = svg.closest('figure').querySelector('.answering');
    const stretch = [...svg.querySelectorAll('.live.whole > text')].at(-1)?.textContent ?? 'whole';
    const cross = svg.querySelector('.cross')?.getAttribute('d') ?? '';
    return {box: [box.left, box.top, box.width, box.height], left: box.left + left / view.width * box.width,
        right: box.left + right / view.width * box.width, stretch, panes: (cross.match(/M/g) ?? []).length,
        readout: tools.querySelector('output').textContent, spoken: tools.querySelector('input').getAttribute('aria-valuetext'),
        focused: document.activeElement === tools.querySelector('input'), scrolled: scrollY};
})()"""
FRAME = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"


class Answering(page_test.Case):
    def begin(self, target="/still/BTCUSDT?limit=120", **options):
        page = self.open(target, **options)
        page.run("document.querySelector('figure').scrollIntoView()")
        return page

    def state(self, page):
        page.run(FRAME)
        return page.run(STATE)

    def at(self, page, part):
        """A point of the first pane: `part` of its width."""
        state = self.state(page)
        return state["left"] + part * (state["right"] - state["left"]), state["box"][1] + 150

    def mouse(self, page, kind, x, y, **more):
        page.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)

    def wheel(self, page, part, dy, modifiers=0, dx=0):
        x, y = self.at(page, part)
        self.mouse(page, "mouseWheel", x, y, deltaX=dx, deltaY=dy, modifiers=modifiers)
        page.run(FRAME)

    def touch(self, page, kind, *points):
        page.command("Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)])

    def press(self, page, key, modifiers=0):
        for kind in ("keyDown", "keyUp"):
            page.command("Input.dispatchKeyEvent", type=kind, key=key, code=key, modifiers=modifiers,
                         **({"text": key} if len(key) == 1 and kind == "keyDown" else {}))
        page.run(FRAME)

    def test_the_crosshair_is_over_all_panes_and_reads_what_the_table_shows(self):
        page = self.begin()
        x, y = self.at(page, 0.5)
        self.mouse(page, "mouseMoved", x, y)
        state = self.state(page)
        self.assertEqual(state["panes"], 4)
        time = state["readout"].split(" UTC: ")[0]
        row = page.run("""(() => {
            const table = document.querySelector('table[data-table="series"]');
            const row = [...table.querySelectorAll('tbody tr')].find((each) => each.querySelector('time').dateTime.startsWith(%r));
            const place = (field) => [...table.tHead.rows[0].cells].findIndex((head) => head.dataset.field === field);
            return ['open', 'close', 'sma_fast', 'volume', 'rsi', 'macd_signal'].map((field) => row.cells[place(field)].textContent);
        })()""" % time.replace(" ", "T"))
        for text in row:
            self.assertIn(text, state["readout"])
        self.mouse(page, "mouseMoved", 2, 2)
        self.assertEqual(self.state(page)["panes"], 0, "away from the chart it is gone")
        self.assert_clean(page)

    def test_a_wheel_is_the_pages_but_with_ctrl_or_while_the_chart_has_the_keys(self):
        page = self.begin()
        before = self.state(page)
        self.assertEqual(before["stretch"], "whole")
        self.wheel(page, 0.5, 100)
        page.wait(f"scrollY > {before['scrolled']}")
        self.assertEqual(self.state(page)["stretch"], "whole")
        page.run("document.querySelector('figure').scrollIntoView()")
        scrolled = self.state(page)["scrolled"]
        self.wheel(page, 0.5, -100, modifiers=2)
        zoomed = self.state(page)
        self.assertNotEqual(zoomed["stretch"], "whole")
        self.assertEqual(zoomed["scrolled"], scrolled)
        x, y = self.at(page, 0.5)
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(page, kind, x, y, button="left", clickCount=1)
        self.assertTrue(self.state(page)["focused"])
        self.wheel(page, 0.5, -100)
        self.assertNotEqual(self.state(page)["stretch"], zoomed["stretch"])
        for kind in ("mousePressed", "mouseReleased"):
            self.mouse(page, kind, x, y, button="left", clickCount=2)
        self.assertEqual(self.state(page)["stretch"], "whole", "a double click shows all again")
        self.assert_clean(page)

    def test_a_drag_pans_what_is_zoomed_and_keys_do_all_that_a_mouse_does(self):
        page = self.begin()
        for _ in range(5):
            self.wheel(page, 0.5, -100, modifiers=2)
        zoomed = self.state(page)["stretch"]
        x, y = self.at(page, 0.5)
        self.mouse(page, "mousePressed", x, y, button="left", clickCount=1)
        self.mouse(page, "mouseMoved", x + 150, y, button="left", buttons=1)
        self.mouse(page, "mouseReleased", x + 150, y, button="left", clickCount=1)
        panned = self.state(page)["stretch"]
        self.assertLess(panned, zoomed, "earlier times came in from the left")
        self.press(page, "End")
        end = self.state(page)["readout"]
        self.press(page, "ArrowLeft")
        left = self.state(page)
        self.assertLess(left["readout"], end)
        self.assertEqual(left["spoken"], left["readout"])
        self.press(page, "+")
        closer = self.state(page)["stretch"]
        self.assertNotEqual(closer, panned)
        self.press(page, "0")
        self.assertEqual(self.state(page)["stretch"], "whole")
        self.press(page, "Escape")
        state = self.state(page)
        self.assertEqual((state["panes"], state["focused"], state["readout"]), (0, False, ""))
        self.assert_clean(page)

    def test_fingers_pan_and_pinch_and_a_vertical_one_scrolls(self):
        page = self.open("/still/BTCUSDT?limit=120")
        page.command("Emulation.setDeviceMetricsOverride", width=400, height=800, deviceScaleFactor=1, mobile=True)
        page.command("Emulation.setTouchEmulationEnabled", enabled=True)
        page.run("document.querySelector('figure').scrollIntoView()")
        (a, y), (b, _) = self.at(page, 0.4), self.at(page, 0.6)
        self.touch(page, "touchStart", (a, y), (b, y))
        for step in range(1, 6):
            self.touch(page, "touchMove", (a - 10 * step, y), (b + 10 * step, y))
        self.touch(page, "touchEnd")
        pinched = self.state(page)["stretch"]
        self.assertNotEqual(pinched, "whole")
        x, _ = self.at(page, 0.5)
        self.touch(page, "touchStart", (x, y))
        for step in range(1, 6):
            self.touch(page, "touchMove", (x + 15 * step, y))
        self.touch(page, "touchEnd")
        panned = self.state(page)
        self.assertLess(panned["stretch"], pinched)
        self.touch(page, "touchStart", (x, y))
        for step in range(1, 9):
            self.touch(page, "touchMove", (x, y - 15 * step))
        self.touch(page, "touchEnd")
        page.wait(f"scrollY > {panned['scrolled']}")
        self.assertEqual(self.state(page)["stretch"], panned["stretch"])
        self.assert_clean(page)

    def test_a_series_is_hidden_by_its_name_and_buttons_do_what_gestures_do(self):
        page = self.begin()
        click = "[...document.querySelectorAll('figure .answering button')].find((each) => each.textContent.endsWith(%r)).click()"
        purple = "document.querySelectorAll('.live.whole .ink-series-1').length"
        page.run(click % "SMA 20")
        self.assertEqual(self.state(page)["stretch"][-3:], "UTC", "it is drawn anew")
        self.assertEqual(page.run(purple.replace("-1'", "-0'")), 0)
        self.assertEqual(page.run(purple), 1)
        page.run(click % "SMA 20")
        self.assertEqual(self.state(page)["stretch"], "whole")
        page.run(click % "+")
        half = self.state(page)["stretch"]
        page.run(click % "\u2190")
        self.assertLess(self.state(page)["stretch"], half)
        page.run(click % "Reset")
        self.assertEqual(self.state(page)["stretch"], "whole")
        self.assert_clean(page)

    def test_a_page_that_follows_keeps_the_stretch_and_the_time(self):
        page = self.begin("/t/BTCUSDT")
        page.wait(page_test.LIVE)
        for _ in range(5):
            self.wheel(page, 0.2, -100, modifiers=2)
        self.wheel(page, 0.2, 0, dx=-400)
        x, y = self.at(page, 0.5)
        self.mouse(page, "mouseMoved", x, y)
        before = self.state(page)
        for _ in range(3):
            self.await_news(page)
        after = self.state(page)
        self.assertEqual(after["stretch"], before["stretch"])
        self.assertEqual(after["readout"], before["readout"])
        self.assertEqual(after["panes"], 4)
        self.assert_clean(page)

    def test_without_scripts_the_still_picture_is_there(self):
        page = self.open("/still/BTCUSDT?limit=120")
        page.command("Emulation.setScriptExecutionDisabled", value=True)
        page.go(page.run("location.href") + "&rows=50")
        self.assertEqual(page.run("document.querySelectorAll('figure .answering, .live').length"), 0)
        self.assertGreater(page.run("document.querySelector('.wide > svg').getBoundingClientRect().height"), 400)


if __name__ == "__main__":
    if browser.program() is None:
        print("skipped: there is no Chromium on this machine (apt-get install chromium)")
        sys.exit(77)
    unittest.main(verbosity=2)
