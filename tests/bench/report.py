"""The table that `make bench` prints."""

from collections import Counter

HANDLER, FLOOR, PEER = "alarm-handler", "floor", "python peer"

_ROWS = (
    ("zip", "zip_bytes", "bytes", 0),
    ("init", "init_ms", "ms", 2),
    ("init", "instructions.init", "instructions", 0),
    ("init, embedded Amazon roots", "instructions.init_embedded_roots", "instructions", 0),
    ("first event", "first_event_ms", "ms", 2),
    ("first event", "instructions.first_event", "instructions", 0),
    ("cold start (init + first event)", "cold_start_ms", "ms", 2),
    ("cold start", "cold_start_cpu_ms", "ms CPU", 2),
    ("warm event", "warm_event_ms", "ms", 2),
    ("warm event", "warm_cpu_us", "us CPU", 0),
    ("warm event", "instructions.warm_event", "instructions", 0),
    ("warm, per AWS call", "instructions.warm_call", "instructions", 0),
    ("peak resident memory", "rss_peak_kb", "KB", 0),
    *(
        (f"{story} event", f"{figure}.{story}", figure.replace("_", " "), 0)
        for story in ("acting", "duplicate", "refused")
        for figure in ("calls", "round_trips")
    ),
)


def _cell(value, digits):
    return "-" if value is None else f"{value:,.{digits}f}"


def _ratio(over, under):
    return "-" if over is None or not under else f"{over / under:.1f}x"


def _rows(results):
    """Head and rows of the table; a figure that was not measured is a dash, never a number."""
    columns = [name for name in (FLOOR, HANDLER, PEER) if name in results]
    rows = [["figure", "unit", *columns, "handler / floor", "peer / handler"]]
    for label, key, unit, digits in _ROWS:
        values = {name: results[name].get(key) for name in columns}
        if all(value is None for value in values.values()):
            continue
        rows.append(
            [
                label,
                unit,
                *(_cell(values[name], digits) for name in columns),
                _ratio(values.get(HANDLER), values.get(FLOOR)),
                _ratio(values.get(PEER), values.get(HANDLER)),
            ]
        )
    return rows


def table(results):
    """Lines of the table for a terminal."""
    head, *rows = _rows(results)
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(len(head))]
    return ["  ".join(_pad(row, widths)).rstrip() for row in [head, ["-" * width for width in widths], *rows]]


def markdown(results):
    """Lines of the table for docs/performance.md."""
    head, *rows = _rows(results)
    rule = ["---" if at < 2 else "---:" for at in range(len(head))]
    return ["| " + " | ".join(row) + " |" for row in [head, rule, *rows]]


def calls(stories):
    """The calls of each story, and where the peer's differ: ratios hold only for the same work."""
    lines = []
    for story, counts in stories[HANDLER].items():
        mine, peers = Counter(counts), Counter(stories[PEER][story])
        lines.append(f"{story}: {_named(mine)}")
        for who, more in ((HANDLER, mine - peers), (PEER, peers - mine)):
            if more:
                lines.append(f"  only {who}: {_named(more)}")
    return lines


def _named(counts):
    return ", ".join(name if count == 1 else f"{count} x {name}" for name, count in sorted(counts.items()))


def _pad(row, widths):
    return [cell.ljust(width) if at < 2 else cell.rjust(width) for at, (cell, width) in enumerate(zip(row, widths))]
