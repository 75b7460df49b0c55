"""The guard that CI runs: instruction counts, calls, round trips and size against a committed baseline.

Never time: a busy machine must not fail a change. More instructions or bytes fail; fewer ask for --update, so that
the ground gained is kept. Calls and round trips must be equal: a call that is gone may be a look that is missing.
"""

import json
from pathlib import Path

# Hash seeds, TLS randoms and the length of a packet's pieces move counts by well under one percent.
INSTRUCTIONS_TOLERANCE = 0.03
BYTES_TOLERANCE = 0.02


def figures(instructions, calls, zip_size):
    """The guarded figures as one flat table."""
    flat = {f"instructions.{name}": count for name, count in instructions.items()}
    for story, found in calls.items():
        flat[f"calls.{story}"] = found["calls"]
        flat[f"round_trips.{story}"] = found["round_trips"]
    return {**flat, "zip_bytes": zip_size}


def tolerance(name):
    if name.startswith("instructions."):
        return INSTRUCTIONS_TOLERANCE
    return BYTES_TOLERANCE if name == "zip_bytes" else 0.0


def _rule(allowed):
    return f"at most +{allowed:.0%}" if allowed else "exact"


def compare(measured, wanted):
    """One line per figure, and whether all hold."""
    lines, good = [], True
    for name in sorted(measured.keys() | wanted.keys()):
        if name not in wanted or name not in measured:
            lines.append(f"FAIL  {name}: {'not in the baseline' if name not in wanted else 'not measured'}")
            good = False
            continue
        base, now, allowed = wanted[name], measured[name], tolerance(name)
        change = (now - base) / base if base else float(now != base)
        worse = change > allowed or (change and not allowed)
        better = change < -allowed and not worse
        good = good and not worse
        word = "FAIL" if worse else "gain" if better else "ok"
        lines.append(f"{word:4}  {name:26} {now:>12,}  baseline {base:>12,}  {change:+7.2%}  ({_rule(allowed)})")
    if any(line.startswith("gain") for line in lines):
        lines.append("Something became better: rewrite the baseline with --update and commit it.")
    return lines, good


def read(path):
    return json.loads(Path(path).read_text())["figures"]


def write(path, measured, tools):
    text = json.dumps({"measured_with": tools, "figures": measured}, indent=2, sort_keys=True)
    Path(path).write_text(text + "\n")
