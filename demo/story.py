"""The night of LFE-7918, told from the far side: the table, the scalable target, the topic's copy, the calls."""

import json
import re
import sys
import time
from datetime import datetime, timedelta

import events
from fleet import alarm_name
from tools import Failed, duration

SERVICE = "prod-eu/web"
REMEDY = "cpu-high"
# A beat that does not come in this time ends the demo.
BEAT_WITHIN_S = 30
# The same for what waits for the schedule: MiniStack fires rate(1 minute) 60 to 70 s after creation, then each minute.
SCHEDULED_BEAT_WITHIN_S = 75
POLL_S = 0.2
# One pass sees that the need is low, a later one that it stayed so for the release delay; one more for bad luck.
PASSES_MAX = 3
# CPU of the night, and of its end: what 3 tasks carry at 30 % would be 45 % on 2.
HIGH, LOW = 95.0, 30.0
REPEATS = 5


class Story:
    """One run. Each method is a beat: it waits for what must come and prints what was read."""

    def __init__(self, local):
        self.local = local
        self.fleet = local.fleet
        self.web = local.fleet.find(SERVICE)
        self.began = time.monotonic()
        self.tasks = self.web["capacity"]["min"]

    def tell(self, demo_began):
        self.baseline()
        event = self.alarm_fires()
        self.same_event_again(event)
        self.load_falls()
        self.lease_ends()
        self.checked()
        took = duration(time.time() - demo_began)
        print(f" done     {took}.   next: target/debug/headroom explain --help   make demo KEEP=1 (leaves it running)")

    # Printing and waiting

    def say(self, word, text, right=""):
        seconds = int(time.monotonic() - self.began)
        print(f" {seconds // 60:02}:{seconds % 60:02}  {word:<9} {text:<68} {right}".rstrip(), flush=True)

    def wait(self, word, read, within=BEAT_WITHIN_S, meanwhile=""):
        """Reads until there is something; what does not come ends the demo with the functions' last words."""
        began, problem = time.monotonic(), ""
        while time.monotonic() < began + within:
            try:
                if seen := read():
                    if meanwhile and sys.stdout.isatty():
                        print("\r\x1b[K", end="")
                    return seen
            except Exception as error:  # a missing table is a finding, not a crash of the demo
                problem = f"\nlast answer: {error}"
            if meanwhile and sys.stdout.isatty():
                waited = time.monotonic() - began
                print(f"\r\x1b[K        {meanwhile}: {waited:.0f} of at most {within} s", end="", flush=True)
            time.sleep(POLL_S)
        raise Failed(f"{word} did not come within {within} s.{problem}\n{self.local.last_words()}")

    # What the table says

    def case(self, event):
        """The journal entry of this transition: the one whose event is ours."""
        name, firing = event["detail"]["alarmName"], event["detail"]["state"]["value"]
        stamp = _time(event["detail"]["state"]["timestamp"])
        for item in self.local.items("C#", "CASE"):
            entry = json.loads(item["doc"])
            seen = entry.get("event") or {}
            if (seen.get("name"), seen.get("state")) == (name, firing) and _time(seen["at"]) == stamp:
                return entry
        return None

    def lease(self):
        """The lease of the remedy, living or ended, from the service's STATE item."""
        for item in self.local.items("S#", "STATE"):
            for lease in json.loads(item["doc"])["leases"].values():
                if lease["alarm"] == alarm_name(self.web, REMEDY):
                    return lease
        return None

    # The beats

    def baseline(self):
        desired, running = self.fleet.running(self.web)
        low, high = self.fleet.bounds(self.web)
        print(f"\n The night of LFE-7918, {SERVICE}. Its only scaling policy watches requests per target.")
        self.say("", f"desired {desired}, running {running}   bounds {low}..{high}")
        self.fleet.put_cpu(self.web, HIGH, self.tasks, ages=(2, 3, 4))
        self.fleet.set_alarm(self.web, REMEDY, "ALARM", f"CPU {HIGH} % for 2 of 2 minutes, put by the demo")
        self.say("METRIC", f"CPU {HIGH:.0f} % on {self.tasks} tasks for 3 minutes, put by the demo")

    def alarm_fires(self):
        local, mark = self.local, self.local.scaling.mark()
        alarm = self.fleet.alarm(self.web, REMEDY)
        event = events.alarm_event(alarm, self.web, "OK", [HIGH, HIGH])
        functions, refused = events.route(local.here, event)
        if not functions:
            raise Failed("EVENT reaches nobody: " + "; ".join(refused) + "\n" + local.last_words())
        events.deliver(local.here, functions, event)
        text = f"OK -> {alarm['StateValue']} {alarm['AlarmName']}, {HIGH} % over {alarm['Threshold']:.0f} %"
        self.say("EVENT", text, "deployed pattern: match")
        self.say("", f"sent to the rule's own target: {', '.join(functions)}", "its policy lets the rule in")
        self.decided(event)
        self.leased(mark)
        return event

    def decided(self, event):
        entry = self.wait("DECIDED", lambda: self.case(event))
        judgement = entry["judgement"]
        grant = judgement["decision"].get("act") if isinstance(judgement["decision"], dict) else None
        if not grant:
            raise Failed(f"DECIDED otherwise: {json.dumps(judgement['decision'])}\n{self.local.last_words()}")
        passed = sum(guard["passed"] for guard in judgement["guards"])
        text = f"scale-out to {grant['lease']['floor']}: {arithmetic(judgement['need'])}"
        self.say("DECIDED", text, f"{passed} of {len(judgement['guards'])} guards passed   {entry['decision']}")
        self.found = entry["seen"]["target"]["known"]
        self.expected = grant["expected"]

    def leased(self, mark):
        lease = self.wait("LEASE", self.lease)
        length = (_time(lease["until"]) - _time(lease["granted"])).total_seconds()
        text = f"floor {lease['floor']} for {duration(length)}, renewed while the load needs it"
        self.say("LEASE", text, f"owner {lease['alarm']}")
        low, high = self.wait("BOUNDS", lambda: self.bounds_at(lease["floor"]))
        expected, found = (f"{b['min']}..{b['max']}" for b in (self.expected, self.found))
        text = f"min {self.found['min']} -> {low}, max {high}; expected {expected}, found {found}"
        self.say("BOUNDS", text, self.calls(mark))
        self.tell_notice(1)
        # moto moves no task by itself; Application Auto Scaling would bring desired up to min.
        self.fleet.set_running(self.web, low)
        self.tasks = self.fleet.running(self.web)[1]

    def bounds_at(self, low):
        bounds = self.fleet.bounds(self.web)
        return bounds if bounds[0] == low else None

    def tell_notice(self, number):
        notices = self.wait("NOTICE", lambda: self.notices_at_least(number))
        self.say("NOTICE", title_of(notices[number - 1]))

    def notices_at_least(self, number):
        notices = self.local.notices()
        return notices if len(notices) >= number else None

    def same_event_again(self, event):
        local = self.local
        calls, published = local.scaling.mark(), local.aws.mark()
        notices, ended = len(local.notices()), local.invocations(local.control.handler)
        processes, entries = local.processes(), len(local.items("C#", "CASE"))
        functions, _ = events.route(local.here, event)
        for number in range(1, REPEATS + 1):
            events.deliver(local.here, functions, event)
            self.wait("AGAIN", lambda: local.invocations(local.control.handler) >= ended + number)
        events.deliver(local.here, functions, event, REPEATS, at_once=True)
        self.wait("AGAIN", lambda: local.invocations(local.control.handler) >= ended + 2 * REPEATS)
        # A message that should not exist gets the time that a real one takes.
        time.sleep(1)
        changes = local.scaling.count("RegisterScalableTarget", calls)
        sent = max(local.aws.count("Publish", published), len(local.notices()) - notices)
        grown = len(local.items("C#", "CASE")) - entries
        duplicates = local.invocations(local.control.handler) - ended - grown
        outcome = f"{duplicates} duplicates, {changes} changes, {sent} notices"
        text = f"same event {REPEATS} times, then {REPEATS} at once: {outcome}"
        self.say("AGAIN", text, f"{local.processes() - processes} more processes")
        if changes or sent or grown:
            raise Failed(f"a duplicate acted\n{local.last_words()}")

    def load_falls(self):
        local = self.local
        self.mark_before_quiet = local.scaling.mark()
        event = self.quiet()
        functions, refused = events.route(local.here, event)
        if not functions:
            raise Failed("EVENT reaches nobody: " + "; ".join(refused))
        events.deliver(local.here, functions, event)
        entry = self.wait("EVENT", lambda: self.case(event))
        text = f"ALARM -> OK, CPU {LOW:.0f} % on {self.tasks} tasks, put by the demo"
        lease = self.lease()
        self.say("EVENT", text, f"lease {'ended' if lease['ended'] else 'kept'}   {entry['decision']}")

    def quiet(self):
        """The load has fallen since the last whole minute, and the alarm is OK. Answers the alarm's event.

        Headroom reads whole minutes, so the high ones were put further back: no minute may hold both.
        """
        self.fleet.put_cpu(self.web, LOW, self.tasks, ages=(0, 1))
        self.fleet.set_alarm(self.web, REMEDY, "OK", f"CPU {LOW} %, put by the demo")
        return events.alarm_event(self.fleet.alarm(self.web, REMEDY), self.web, "ALARM", [LOW])

    def lease_ends(self):
        local, mark, notices = self.local, self.mark_before_quiet, len(self.local.notices())
        passes = local.invocations(local.control.prewarm)
        while not (lease := self.lease())["ended"]:
            if passes > PASSES_MAX:
                raise Failed(f"the lease still lives after {passes} passes of the reconciler\n{local.last_words()}")
            self.wait(
                "the schedule's next minute",
                lambda: local.invocations(local.control.prewarm) > passes or self.lease()["ended"],
                SCHEDULED_BEAT_WITHIN_S,
                f"waiting for the schedule, {local.schedule_expression()}",
            )
            passes = local.invocations(local.control.prewarm)
            low = self.lease()["low_since"]
            need = f"need low since {low[11:19]} UTC" if low else "need not low yet"
            self.say("PASS", f"{passes}, the reconciler woken by the schedule, {local.schedule_expression()}", need)
            self.quiet()
        at, why = lease["ended"]
        age = (_time(at) - _time(lease["granted"])).total_seconds()
        self.say("LEASE", f"ended after {duration(age)}: {why.replace('_', ' ')}")
        base = self.web["capacity"]["min"]
        low, high = self.wait("BOUNDS", lambda: self.bounds_at(base))
        self.say("BOUNDS", f"min {lease['floor_highest']} -> {low}, max {high}: the baseline", self.calls(mark))
        self.tell_notice(max(notices, 2))
        # As above: with min back, Application Auto Scaling's own policies would scale in.
        self.fleet.set_running(self.web, low)

    def calls(self, mark):
        count = self.local.scaling.count("RegisterScalableTarget", mark)
        return f"{count} call{'s' if count != 1 else ''} of RegisterScalableTarget"

    def checked(self):
        local = self.local
        at_baseline, services = self.fleet.at_baseline(), self.fleet.services
        changes = local.scaling.count("RegisterScalableTarget", local.fleet_mark)
        notices, entries, dead = len(local.notices()), len(local.items("C#", "CASE")), local.dead_letters()
        print(
            f" checked  {len(at_baseline)} of {len(services)} services at their baseline; {changes} changes, "
            f"{notices} notices, {entries} journal entries, {dead} dead letters"
        )
        if len(at_baseline) != len(services) or dead:
            raise Failed(f"not as it was before\n{local.last_words()}")


def arithmetic(need):
    return f"ceil({need['running']} running x {need['value']:.1f} / {need['target']:.0f}) = {need['tasks']}"


def title_of(message):
    """The first line that people see: the chat message's title, else the e-mail's subject."""
    try:
        return json.loads(message["Message"])["content"]["title"]
    except (ValueError, KeyError, TypeError):
        return message.get("Subject") or message["Message"].splitlines()[0]


def _time(text):
    """A UTC time as jiff (`...00.5Z`) or CloudWatch (`...00.500+0000`) writes it; Python 3.10 reads neither."""
    whole, fraction = re.fullmatch(r"([^.Z+]+)(\.\d+)?(?:Z|\+00:?00)", text).groups()
    return datetime.fromisoformat(whole) + timedelta(seconds=float(fraction or 0))
