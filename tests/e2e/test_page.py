"""The live page in a headless Chromium: what it shows, how it looks, and what it costs. One browser for all checks.

    python3 tests/e2e/test_page.py

builds what it needs and runs every test. Every world here stands still and is moved by the test.
"""

import base64
import json
import os
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(Path(__file__).resolve().parent)]
sys.dont_write_bytecode = True

import chromium
import tools

CHECKS = (Path(__file__).resolve().parent / "page_checks.js").read_text()
NIGHT = ROOT / "tests" / "scenarios" / "langfuse_headroom.txt"
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
# WCAG 2.2, 1.4.3: the least contrast of text of any size.
CONTRAST_MIN = 4.5
MINUTE, HOUR = 60, 3_600
MANY = 1_000
# Rows on one screen and the round of others, each with some texts, in some updates; all rows would be ten times that.
WRITES_MAX = 1_500
VIEW_BYTES_MAX = 1_500_000

browser = None


def setUpModule():
    global browser
    if chromium.find() is None:
        if os.environ.get("CI"):
            raise chromium.Failed(f"CI needs one of {', '.join(chromium.NAMES)}: .ci/run installs it")
        raise unittest.SkipTest(f"no {', '.join(chromium.NAMES)} here (Debian: apt install chromium): page not tested")
    browser = chromium.Chromium()


def tearDownModule():
    if browser:
        browser.close()


class Server:
    """`headroom local` with a world that stands still; with Headroom inside, when the scenario names a fleet file."""

    def __init__(self, scenario, *options):
        binary = tools.target_dir() / "headroom"
        command = [str(binary), "local", str(scenario), "--speed", "0", "--port", "0", "--json", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if "url" not in line:
            raise chromium.Failed(f"{' '.join(command)} did not start: exit {self.process.wait()}")
        self.url = json.loads(line)["url"] + "/"

    def post(self, path, body, **headers):
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def advance(self, seconds):
        self.post("_headroom/advance", {"seconds": seconds})

    def ecs(self, operation, **members):
        target = f"AmazonEC2ContainerServiceV20141113.{operation}"
        return self.post("", members, **{"x-amz-target": target, "content-type": "application/x-amz-json-1.1"})

    def text(self):
        with urllib.request.urlopen(self.url + "_headroom/view", timeout=60) as answer:
            return answer.read().decode()

    def view(self):
        return json.loads(self.text())

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


class Page(unittest.TestCase):
    maxDiff = None

    def begin(self, *arguments):
        """A world at its start, and the page of it."""
        self.server = Server(*(arguments or (NIGHT, "--headroom")))
        self.addCleanup(self.server.close)
        # First the page goes, then its server: else it would complain into the next test.
        self.addCleanup(browser.wait, "location.href === 'about:blank'", "an empty page")
        self.addCleanup(browser.open, "about:blank")
        browser.urls.clear()
        browser.complaints.clear()
        browser.look(1280)
        browser.open(self.server.url)
        browser.wait("document.readyState === 'complete' && document.body.dataset.state === 'live'", "the first drawing")
        browser.run(f"window.checks = {CHECKS}; 0")

    def move(self, seconds):
        """Moves the world and waits until the page shows it; answers its JSON."""
        self.server.advance(seconds)
        return self.shown()

    def shown(self):
        view = self.server.view()
        at = datetime.fromtimestamp(view["now"], timezone.utc)
        date, clock = at.strftime("%Y-%m-%d"), at.strftime("%H:%M:%S")
        browser.wait(f"date.textContent === '{date}' && time.textContent === '{clock}'", f"{date} {clock}")
        return view

    def items(self, where):
        return browser.run(f"checks.items('{where}')")

    def card(self):
        (card,) = browser.run("checks.cards()")
        return card

    def assert_looks_right(self, what):
        """At every width and in both themes: nothing faint, cut, or written over something else."""
        for width in WIDTHS:
            for scheme in SCHEMES:
                with self.subTest(what, width=width, scheme=scheme):
                    browser.look(width, scheme=scheme)
                    self.assertEqual(browser.run(f"checks.faint({CONTRAST_MIN})"), [])
                    self.assertEqual(browser.run("checks.cut()"), [])
                    self.assertEqual(browser.run("checks.overlapping()"), [])
        browser.look(1280)

    def tearDown(self):
        if browser and hasattr(self, "server"):
            self.assertEqual(browser.complaints, [], "the console of the browser")
            # What the browser draws for itself is no request of the page.
            foreign = [u for u in browser.urls if not u.startswith((self.server.url, "data:", "about:", "chrome:"))]
            self.assertEqual(foreign, [], "requests to another host")
            self.assertTrue(browser.urls, "no request was seen at all")


class TheNight(Page):
    def test_shows_the_numbers_that_the_server_gives(self):
        self.begin()
        for seconds in (10 * MINUTE, 2 * HOUR - 10 * MINUTE, 4 * MINUTE, 30 * MINUTE):
            view = self.move(seconds)
            (service,) = view["places"][0]["services"]
            card = self.card()
            p95 = service["p95"]
            thousands = f"{service['requests']:,.0f}"
            self.assertEqual(card["meters"], [
                f"{service['cpu']:.1f} %",
                f"{thousands} /min",
                f"{p95 * 1000:.0f} ms" if p95 < 1 else f"{p95:.2f} s",
                f"{service['errors']:.2f} %",
            ])
            self.assertEqual(card["desired"], str(service["desired"]))
            self.assertEqual(card["label"], f"desired {service['desired']}, min {service['min']}, max {service['max']}, ceiling 15")
            self.assertEqual(card["why"][::2], [f"min {service['min']}", f"max {service['max']}"])
            self.assertEqual(card["why"][1], service["why_min"]["text"])
            self.assertEqual(card["tasks"], [stage for stage, _ in service["tasks"]])
            self.assertEqual(card["said"].split(",")[0], f"{service['healthy']} of {service['desired']} healthy")
            self.assertEqual(card["state"], service["state"])
            summary = browser.run("[...summary.querySelectorAll('a')].map((a) => a.innerText.trim())")
            wanted = view["summary"]
            self.assertEqual(summary[1], f"{wanted['healthy']}/{wanted['desired']} tasks healthy")
            self.assertEqual(summary[2], f"{wanted['in_alarm']} in ALARM")
            self.assertEqual(len(self.items("decisions")), len(view["decisions"]))
            lines = browser.run("document.querySelectorAll('#timeline li').length")
            self.assertEqual(lines, len(view["timeline"]))

    def test_an_alarm_comes_and_goes_a_task_starts_and_a_lease_lives_and_ends(self):
        self.begin()
        self.move(1 * HOUR + 59 * MINUTE)
        before = self.card()
        self.assertEqual(before["tasks"], ["healthy", "healthy"])
        self.assertEqual(before["why"][1], "baseline")
        self.assertIn("prod-eu-web-cpu-high OK", self.items("alarms")[0])
        self.assertEqual(self.items("leases"), [])

        self.move(3 * MINUTE + 40)
        during = self.card()
        self.assertIn("prod-eu-web-cpu-high ALARM", self.items("alarms")[0])
        self.assertEqual(during["state"], "ALARM cpu-high")
        self.assertEqual(during["tasks"], ["healthy", "healthy", "starting"])
        self.assertTrue(during["why"][1].startswith("lease floor 3 by cpu-high until 02:"), during["why"])
        (lease,) = self.items("leases")
        for part in ("prod-eu/web floor 3", "left", "alarm prod-eu-web-cpu-high", "Why: ceil(2 x 95.0 / 70) = 3"):
            self.assertIn(part, lease)
        self.assertIn("ACT scale-out to 3 tasks: ceil(2 x 95.0 / 70) = 3", self.items("decisions")[0])
        self.assertIn("minimum 2 -> 3 for high CPU", self.items("notices")[0])
        self.assertEqual(during["top"], before["top"], "nothing above moved")

        self.move(3 * MINUTE)
        after = self.card()
        self.assertEqual(after["tasks"], ["healthy", "healthy", "healthy"])
        self.assertIn("prod-eu-web-cpu-high OK", self.items("alarms")[0])

        self.move(2 * HOUR + 5 * MINUTE)
        ended = self.card()
        (lease,) = self.items("leases")
        self.assertIn("ended 04:09", lease)
        self.assertIn("the load no longer needed it", lease)
        self.assertEqual(ended["why"][1], "baseline")
        self.assertIn("back to min 2", self.items("notices")[0])
        self.assertEqual(browser.run("document.querySelectorAll('#leases .live').length"), 0)

    def test_looks_right_at_every_width_and_in_both_themes(self):
        self.begin()
        self.assert_looks_right("at the start")
        self.move(2 * HOUR + 2 * MINUTE + 40)
        self.assert_looks_right("alarm, lease, a task that starts")
        self.move(2 * HOUR + 10 * MINUTE)
        self.assert_looks_right("the lease has ended")
        self.assertEqual(browser.run("checks.outline()"), [])

    def test_a_reason_that_grows_moves_nothing_below_it(self):
        self.begin()
        heights = {}
        for moment, seconds in (("before", 2 * HOUR - 5 * MINUTE), ("during", 7 * MINUTE + 40)):
            self.move(seconds)
            for width in WIDTHS:
                browser.look(width)
                heights[width, moment] = browser.run("document.querySelector('.card').offsetHeight")
        for width in WIDTHS:
            self.assertEqual(heights[width, "before"], heights[width, "during"], f"height of the card at {width}")

    def test_a_second_without_a_change_writes_nothing(self):
        self.begin()
        self.move(2 * HOUR + 10 * MINUTE)
        browser.run("checks.writes(1500)")
        self.assertEqual(browser.run("checks.writes(2500)"), 0)
        self.assertGreater(self.writes_of_a_minute(), 0, "the counter counts")

    def writes_of_a_minute(self):
        browser.run("window.counted = checks.writes(2500); 0")
        self.server.advance(MINUTE)
        return browser.run("window.counted")


class Deployments(Page):
    def test_a_deployment_shows_its_revisions_and_its_progress(self):
        self.begin()
        self.move(10 * MINUTE)
        self.assertIsNone(self.card()["deploy"])
        container = {"name": "web", "image": "web:next", "essential": True}
        self.server.ecs("RegisterTaskDefinition", family="prod-eu-web", containerDefinitions=[container])
        self.server.ecs("UpdateService", cluster="prod-eu-cluster", service="prod-eu-web", taskDefinition="prod-eu-web")
        view = self.move(30)
        card, deployment = self.card(), view["places"][0]["services"][0]["deployment"]
        self.assertIn(f"Deployment of prod-eu-web:2: in progress", card["deploy"])
        self.assertIn(f"{deployment['healthy']} of 2 healthy", card["deploy"])
        self.assertEqual(card["state"], "deploying prod-eu-web:2")
        groups = browser.run("[...document.querySelectorAll('.rev')].map((p) => p.textContent)")
        self.assertEqual(groups, ["prod-eu-web:1", "prod-eu-web:2"])
        self.assert_looks_right("a deployment runs")
        self.move(10 * MINUTE)
        self.assertIn("successful", self.card()["deploy"])

    def test_tasks_that_fail_are_drawn_with_their_reason(self):
        self.begin()
        self.move(10 * MINUTE)
        self.server.post("_headroom/deploy", {"service": "web", "begins": "not_at_all"})
        self.move(5 * MINUTE)
        card = self.card()
        self.assertIn("failed", card["tasks"])
        self.assertIn("CannotPullContainerError", card["deploy"])
        self.assert_looks_right("tasks fail")


class States(Page):
    def test_a_lost_connection_is_said_and_recovers(self):
        self.begin()
        self.move(2 * HOUR + 2 * MINUTE + 40)
        browser.offline(True)
        self.addCleanup(browser.offline, False)
        browser.wait("document.body.dataset.state === 'lost'", "the loss")
        said = browser.run("link.innerText")
        self.assertIn("connection lost, shown as of 02:02:40", said)
        self.assert_looks_right("the connection is lost")
        # A browser reports each failed request by itself.
        browser.complaints[:] = [c for c in browser.complaints if "ERR_INTERNET_DISCONNECTED" not in c]
        self.assertEqual(browser.complaints, [])
        self.server.advance(MINUTE)
        browser.offline(False)
        browser.wait("document.body.dataset.state === 'live'", "the recovery")
        self.shown()
        browser.complaints[:] = [c for c in browser.complaints if "ERR_INTERNET_DISCONNECTED" not in c]

    def test_a_world_without_services_says_what_to_do(self):
        self.begin()
        view = self.server.view()
        empty = {**view, "places": [], "summary": dict.fromkeys(view["summary"], 0), "leases": [], "alarms": [], "timeline": []}
        body = base64.b64encode(json.dumps({**empty, "alarms_ok": 0, "decisions": [], "notices": []}).encode()).decode()
        browser.run("window.fetch = async () => new Response(atob('%s')); 0" % body)
        browser.wait("!blank.hidden", "the advice")
        self.assertIn("no services yet", browser.run("blank.innerText"))
        self.assertEqual(browser.run("document.querySelectorAll('.card').length"), 0)
        self.assertEqual(browser.run("getComputedStyle(document.querySelector('#leases .none')).display"), "block")
        self.assert_looks_right("no services")

    def test_every_control_is_reached_by_keyboard_and_shows_its_focus(self):
        self.begin()
        reached = []
        for _ in range(8):
            browser.press("Tab")
            ring = browser.run("checks.ring()")
            self.assertTrue(ring["seen"], ring)
            self.assertTrue(ring["inside"], ring)
            reached.append(ring["name"])
            if len(reached) == 4:
                browser.press("Enter")
                self.assertEqual(browser.run("location.hash"), "#alarms")
                break
        self.assertEqual(reached[0], "Skip to the services")

    def test_nothing_moves_for_those_who_asked_for_that(self):
        self.begin()
        moving = "getComputedStyle(document.querySelector('.range b')).transitionDuration"
        self.assertEqual(browser.run(moving), "0s")
        browser.look(1280, still=False)
        self.assertNotEqual(browser.run(moving), "0s")


class Many(Page):
    """A thousand services: what one update costs is counted, not timed."""

    @classmethod
    def setUpClass(cls):
        cls.scenario = tempfile.NamedTemporaryFile("w", suffix=".txt")
        cls.addClassCleanup(cls.scenario.close)
        lines = ["scenario A thousand services", "start 2026-11-23T08:00:00Z", "seed 3"]
        for number in range(MANY):
            name, high = f"svc-{number:04}", 140 if number % 250 == 7 else 30
            lines += [
                f"service {name}", f"  ecs 222222222222 eu-west-1 cluster-{number // 100}/{name}", "  bounds 2..10",
                f"  alarm {name}-cpu cpu > 85% 1 of 1", f"  load daily {900 + number % 50}/min..1600/min peak 14:00 work {high}ms",
            ]
        cls.scenario.write("\n".join(lines) + "\n")
        cls.scenario.flush()

    def test_a_thousand_services_stay_usable(self):
        self.begin(self.scenario.name)
        view = self.move(20 * MINUTE)
        self.assertEqual(view["summary"]["services"], MANY)
        self.assertLess(len(self.server.text()), VIEW_BYTES_MAX)
        alarming = [s["id"] for p in view["places"] for s in p["services"] if s["tone"] == "alarm"]
        self.assertEqual(len(alarming), 4)
        self.assertEqual(len([a for a in self.items("alarms") if "ALARM since 08:" in a]), 4)
        self.assertIn(f"{MANY - 4} other alarms, {MANY - 4} of them OK", browser.run("alarms.innerText"))
        browser.wait("document.querySelectorAll('.card.open').length >= 4", "rows in need to open")
        opened = browser.run("[...document.querySelectorAll('.card.open')].map((c) => c.dataset.id)")
        self.assertTrue(set(alarming) <= set(opened), opened)
        self.assertLess(len(opened), 30)
        browser.wait("document.querySelector('.card.open .meters path.line')?.getAttribute('d')", "an hour of a row in need")

        browser.run("window.counted = checks.writes(3200); 0")
        self.server.advance(MINUTE)
        writes = browser.run("window.counted")
        print(f"{MANY} services: {writes} writes in three updates, {len(self.server.text())} bytes")
        self.assertGreater(writes, 10)
        self.assertLess(writes, WRITES_MAX)

        browser.run("filter.value = 'svc-0042'; filter.dispatchEvent(new Event('input')); 0")
        self.assertEqual(browser.run("found.textContent"), f"1 of {MANY:,} shown")
        browser.run("[...document.querySelectorAll('.card:not([hidden]) button')][0].focus(); 0")
        browser.press("Enter")
        row = "[...document.querySelectorAll('.card:not([hidden])')][0]"
        browser.wait(f"{row}.querySelector('.meters path.line')?.getAttribute('d')", "the opened row's hour")
        shown = browser.run(f"{row}.querySelector('.meters b').textContent")
        found = [s for p in self.server.view()["places"] for s in p["services"] if s["name"] == "svc-0042"]
        self.assertEqual(shown, f"{found[0]['cpu']:.1f} %")
        self.assert_looks_right("a filter")
        browser.run("filter.value = ''; only.click(); 0")
        self.assertEqual(browser.run("found.textContent"), f"{view['summary']['need']} of {MANY:,} shown")

    def test_a_thousand_services_look_right(self):
        self.begin(self.scenario.name)
        self.move(20 * MINUTE)
        browser.wait("document.querySelectorAll('.card.open').length >= 4", "rows in need to open")
        self.assert_looks_right("a thousand services")
        self.assertEqual(browser.run("checks.outline()"), [])


def picture(path):
    """Writes the page as it is a minute after the alarm of the night: `python3 tests/e2e/test_page.py --picture FILE`."""
    page = Page()
    setUpModule()
    try:
        page.begin()
        page.move(2 * HOUR + 3 * MINUTE + 20)
        browser.look(1280, 860)
        shot = browser.call("Page.captureScreenshot", format="webp", quality=85)["data"]
        Path(path).write_bytes(base64.b64decode(shot))
    finally:
        page.doCleanups()
        tearDownModule()


def main():
    subprocess.run(["cargo", "build", "--workspace", "--locked"], cwd=ROOT, check=True)
    if sys.argv[1:2] == ["--picture"]:
        picture(sys.argv[2])
        return
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
