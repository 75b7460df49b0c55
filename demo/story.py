"""The night of LFE-7918, told from the far side: the table, the scalable target, the topic's copy, the calls."""

import html
import json
import re
import sys
import time
from datetime import datetime, timedelta

import events
from fleet import alarm_name
from stack import SPEED
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
# Requests per target and minute, and CPU, on two tasks: of the night, and of its end (FLEETS' Langfuse day).
HIGH, LOW = (850, 95.0), (700, 45.0)
REPEATS = 5
# The metrics are those of a load when they are this close to it: a minute in which it changed is not.
SETTLED = 0.02


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
        self.load_rises()
        event, functions = self.alarm_fires()
        self.tasks_follow(self.floor, HIGH)
        self.alarm_goes_ok()
        self.same_event_again(event, functions)
        self.load_falls()
        self.lease_ends()
        self.tasks_follow(self.web["capacity"]["min"], LOW)
        self.checked()
        self.told()
        self.read_again()
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

    def cases(self, event):
        """The journal entries of this transition."""
        name, firing = event["detail"]["alarmName"], event["detail"]["state"]["value"]
        stamp = _time(event["detail"]["state"]["timestamp"])
        entries = [json.loads(item["doc"]) for item in self.local.items("C#", "CASE")]
        seen = [(entry, entry.get("event") or {}) for entry in entries]
        return [
            entry
            for entry, of in seen
            if (of.get("name"), of.get("state")) == (name, firing) and _time(of["at"]) == stamp
        ]

    def case(self, event):
        found = self.cases(event)
        return found[0] if found else None

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
        cpu, requests = self.wait("the first metrics", lambda: self.fleet.metrics(self.web))
        print(f"\n The night of LFE-7918, {SERVICE}. Its only scaling policy watches requests per target.")
        print(f" The world runs {SPEED} times as fast: a minute of it is a second here.  {self.local.world.url}")
        self.say("", f"desired {desired}, running {running}   bounds {low}..{high}   {self.load_line(cpu, requests)}")

    def load_line(self, cpu, requests):
        return f"CPU {cpu:.0f} %   {requests:.0f} of {self.web['scaling']['requests_per_target']:.0f} requests per target"

    def load_rises(self):
        self.mark = self.local.scaling.mark()
        self.load(HIGH, "Auto Scaling has no reason to act")

    def load(self, load, comment=""):
        """Other load arrives; a minute of the world later its metrics say so."""
        base = self.web["capacity"]["min"]
        self.fleet.load(self.web, *load, base)
        cpu, requests = self.settled(load)
        on_base = f" = {cpu * self.tasks / base:.0f} % on {base}" if self.tasks != base else ""
        self.say("load", f"changes: {self.load_line(cpu, requests)}{on_base}", comment)

    def settled(self, load):
        """The metrics, once they are those of this load on the tasks that run now."""
        requests, cpu = (value * self.web["capacity"]["min"] / self.tasks for value in load)

        def read():
            found = self.fleet.metrics(self.web)
            close = found and abs(found[0] - cpu) < SETTLED * cpu and abs(found[1] - requests) < SETTLED * requests
            return found if close else None

        return self.wait("the metrics of this load", read)

    def alarm_event(self, state):
        """The alarm's event that reached the rule's target; what reaches nobody ends the demo.

        A new alarm goes from INSUFFICIENT_DATA to OK, which is no end of anything: an OK after ALARM is meant.
        """
        name = alarm_name(self.web, REMEDY)

        def meant():
            events = self.local.relay.alarms(name, state)
            return [e for e in events if state != "OK" or e[0]["detail"]["previousState"]["value"] == "ALARM"]

        arrived = self.wait("EVENT", meant)
        event, functions, refused = arrived[0]
        if not functions:
            raise Failed("EVENT reaches nobody: " + "; ".join(refused) + "\n" + self.local.last_words())
        return event, functions

    def alarm_fires(self):
        event, functions = self.alarm_event("ALARM")
        alarm = self.fleet.alarm(self.web, REMEDY)
        value = json.loads(event["detail"]["state"]["reasonData"])["recentDatapoints"][-1]
        minutes = alarm["EvaluationPeriods"]
        previous = event["detail"]["previousState"]["value"]
        text = f"{previous} -> ALARM {alarm['AlarmName']}, {value:.1f} % over {alarm['Threshold']:.0f} % for {minutes} minutes"
        self.say("EVENT", text, "deployed pattern: match")
        self.say("", f"sent to the rule's own target: {', '.join(functions)}", "its policy lets the rule in")
        self.decided(event)
        self.leased()
        return event, functions

    def decided(self, event):
        entry = self.wait("DECIDED", lambda: self.case(event))
        judgement = entry["judgement"]
        decision = judgement["decision"]
        grant = decision.get("act", {}).get("lease") if isinstance(decision, dict) else None
        if not grant:
            raise Failed(f"DECIDED otherwise: {json.dumps(judgement['decision'])}\n{self.local.last_words()}")
        passed = sum(guard["passed"] for guard in judgement["guards"])
        text = f"scale-out to {grant['lease']['floor']}: {arithmetic(judgement['need'])}"
        self.say("DECIDED", text, f"{passed} of {len(judgement['guards'])} guards passed   {entry['decision']}")
        self.decision = entry["decision"]
        self.found = entry["seen"]["target"]["known"]
        self.expected = grant["expected"]

    def leased(self):
        lease = self.wait("LEASE", self.lease)
        length = (_time(lease["until"]) - _time(lease["granted"])).total_seconds()
        text = f"floor {lease['floor']} for {duration(length)} (30 min in the fleet file), renewed while needed"
        self.say("LEASE", text, f"owner {lease['alarm']}")
        low, high = self.wait("BOUNDS", lambda: self.bounds_at(lease["floor"]))
        expected, found = (f"{b['min']}..{b['max']}" for b in (self.expected, self.found))
        text = f"min {self.found['min']} -> {low}, max {high}; expected {expected}, found {found}"
        self.say("BOUNDS", text, self.calls(self.mark))
        self.floor = low
        self.tell_notice(1)

    def bounds_at(self, low):
        bounds = self.fleet.bounds(self.web)
        return bounds if bounds[0] == low else None

    def tasks_follow(self, count, load):
        """Tasks that run and are healthy, and the CPU that they bring about: nobody but the world moves either."""
        there = lambda: self.fleet.running(self.web) == (count, count) and self.fleet.healthy(self.web) == count
        self.wait("TASKS", there)
        self.tasks = count
        self.cpu, requests = self.settled(load)
        self.say("TASKS", f"{count} running, {count} healthy   {self.load_line(self.cpu, requests)}")

    def alarm_goes_ok(self):
        event, _ = self.alarm_event("OK")
        entry = self.wait("EVENT", lambda: self.case(event))
        lease = self.lease()
        if lease["ended"]:
            raise Failed(f"OK released the lease, and the load would have been back\n{self.local.last_words()}")
        base = self.web["capacity"]["min"]
        text = f"ALARM -> OK; lease kept: this load on {base} tasks would be {self.cpu * self.tasks / base:.0f} %"
        self.say("EVENT", text, entry["decision"])

    def tell_notice(self, number):
        notices = self.wait("NOTICE", lambda: self.notices_at_least(number))
        self.say("NOTICE", title_of(notices[number - 1]))

    def notices_at_least(self, number):
        notices = self.local.notices()
        return notices if len(notices) >= number else None

    def same_event_again(self, event, functions):
        local = self.local
        changes, notices = local.scaling.count("RegisterScalableTarget", self.mark), len(local.notices())
        ended, processes = local.invocations(local.control.handler), local.processes()
        for number in range(1, REPEATS + 1):
            events.deliver(local.here, functions, event)
            self.wait("AGAIN", lambda: local.invocations(local.control.handler) >= ended + number)
        events.deliver(local.here, functions, event, REPEATS, at_once=True)
        self.wait("AGAIN", lambda: local.invocations(local.control.handler) >= ended + 2 * REPEATS)
        # A message that should not exist gets the time that a real one takes.
        time.sleep(1)
        changes = local.scaling.count("RegisterScalableTarget", self.mark) - changes
        sent = len(local.notices()) - notices
        cases = len(self.cases(event))
        outcome = f"{2 * REPEATS} duplicates, {changes} changes, {sent} notices"
        text = f"same event {REPEATS} times, then {REPEATS} at once: {outcome}"
        self.say("AGAIN", text, f"{local.processes() - processes} more processes")
        if changes or sent or cases != 1:
            raise Failed(f"a duplicate acted: {cases} cases of one event\n{local.last_words()}")

    def load_falls(self):
        self.load(LOW)

    def lease_ends(self):
        local, notices = self.local, len(self.local.notices())
        mark = local.scaling.mark()
        passes = first = local.invocations(local.control.prewarm)
        while not (lease := self.lease())["ended"]:
            if passes - first > PASSES_MAX:
                raise Failed(f"the lease still lives after {passes} passes of the reconciler\n{local.last_words()}")
            self.wait(
                "the schedule's next minute",
                lambda: local.invocations(local.control.prewarm) > passes or self.lease()["ended"],
                SCHEDULED_BEAT_WITHIN_S,
                f"waiting for the schedule, {local.schedule_expression()}",
            )
            passes = local.invocations(local.control.prewarm)
            seen = self.lease()
            need = "the load needs no more than the baseline" if seen["ended"] or seen["low_since"] else "still needed"
            self.say("PASS", f"{passes}, the reconciler woken by the schedule, {local.schedule_expression()}", need)
        at, why = lease["ended"]
        age = (_time(at) - _time(lease["granted"])).total_seconds()
        self.say("LEASE", f"ended after {duration(age)}: {why.replace('_', ' ')}")
        base = self.web["capacity"]["min"]
        low, high = self.wait("BOUNDS", lambda: self.bounds_at(base))
        self.say("BOUNDS", f"min {lease['floor_highest']} -> {low}, max {high}: the baseline", self.calls(mark))
        self.tell_notice(max(notices, 2))

    def calls(self, mark):
        count = self.local.scaling.count("RegisterScalableTarget", mark)
        return f"{count} call{'s' if count != 1 else ''} of RegisterScalableTarget"

    def checked(self):
        local = self.local
        at_baseline, services = self.fleet.at_baseline(), self.fleet.services
        changes = local.scaling.count("RegisterScalableTarget")
        notices, entries, dead = len(local.notices()), len(local.items("C#", "CASE")), local.dead_letters()
        print(
            f" checked  {len(at_baseline)} of {len(services)} services at their baseline; {changes} changes, "
            f"{notices} notices, {entries} journal entries, {dead} dead letters"
        )
        if len(at_baseline) != len(services) or dead:
            raise Failed(f"not as it was before\n{local.last_words()}")

    def told(self):
        """What people see: the notices went through the real queue and the notifier to a Slack of our own."""
        local = self.local
        seen = self.wait("TOLD", lambda: (seen := local.people())["edits"] and seen)
        print("\n What people see:\n" + "".join(f"   {line}\n" for line in seen["people"].splitlines()))
        if (seen["threads"], seen["alerts"]) != (1, 0) or "back to min" not in seen["people"]:
            raise Failed(f"one edited message and no alert were expected, not {seen}\n{local.last_words()}")

    def read_again(self):
        """The same table as a person reads it: by the command line, through the index of entries."""
        local = self.local
        listed = [json.loads(line) for line in local.headroom("journal", "--since", "1h", "--json").splitlines()]
        found = sorted(line["decision"] for line in listed)
        there = sorted(json.loads(item["doc"])["decision"] for item in local.items("C#", "CASE"))
        if found != there:
            raise Failed(f"`headroom journal` lists {found}, the table holds {there}")
        explained = local.headroom("explain", self.decision)
        if f"decided   ACT: scale-out to {self.floor} tasks" not in explained or "after     applied: min" not in explained:
            raise Failed(f"`headroom explain {self.decision}` says otherwise:\n{explained}")
        incident = local.headroom("journal", "export", "--markdown", self.decision)
        rows = sum(line.startswith("| 20") for line in incident.splitlines())
        if "| release |" not in incident:
            raise Failed(f"the incident of {self.decision} has no release:\n{incident}")
        print(f" journal  {len(listed)} entries; {self.decision} explained; its incident exported, {rows} lines of it")


def arithmetic(need):
    return f"ceil({need['running']} running x {need['value']:.1f} / {need['target']:.0f}) = {need['tasks']}"


def title_of(message):
    """The first line that people see: the chat message's title, else the e-mail's subject."""
    try:
        # Escaped for the chat.
        return html.unescape(json.loads(message["Message"])["content"]["title"])
    except (ValueError, KeyError, TypeError):
        return message.get("Subject") or message["Message"].splitlines()[0]


def _time(text):
    """A UTC time as jiff (`...00.5Z`) or CloudWatch (`...00.500+0000`) writes it; Python 3.10 reads neither."""
    whole, fraction = re.fullmatch(r"([^.Z+]+)(\.\d+)?(?:Z|\+00:?00)", text).groups()
    return datetime.fromisoformat(whole) + timedelta(seconds=float(fraction or 0))
