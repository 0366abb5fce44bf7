"""Writes docs/networks/README.md: what was found, the bars, the machine. Nothing of it is written by hand."""

import sys

from materials import REPO

sys.path.insert(0, str(REPO / "bench"))
from machine import facts  # noqa: E402

PAGE = REPO / "docs" / "networks" / "README.md"

HEAD = """# Weak networks

Written by `make lab`; do not edit. How it is measured, and what the words mean, stands in
[tests/netlab/README.md](../../tests/netlab/README.md).
"""

COLUMNS = {
    "fps": "pictures/s",
    "gaps_per_minute": "gaps > 200 ms a minute",
    "longest_gap_ms": "longest gap, ms",
    "moving_after_ms": "moves after, ms",
    "heights": "heights",
    "kbps": "kbit/s",
    "concealed_percent": "sound concealed, %",
    "lag_ms": "lag, ms",
    "pesq": "PESQ",
    "stoi": "STOI",
    "newcomer_ms": "newcomer, ms",
    "again_ms": "again, ms",
    "healthy_fps": "healthy: pictures/s",
    "healthy_pesq": "healthy: PESQ",
    "forced_key_frames_per_minute": "forced key frames a minute",
}
UP_COLUMNS = {
    "pesq": "heard PESQ",
    "stoi": "STOI",
    "cell_fps": "its cell: pictures/s",
    "cell_longest_gap_ms": "its cell: longest gap, ms",
    "sent_fps": "sent: pictures/s",
    "sent_height": "sent: height",
    "sent_kbps": "sent: kbit/s",
    "sent_sound_kbps": "sent: sound kbit/s",
    "healthy_fps": "healthy: pictures/s",
    "forced_key_frames_per_minute": "forced key frames a minute",
}


def table(rows, figures, columns):
    """The figures of some rows as Markdown."""
    lines = ["| line | " + " | ".join(columns.values()) + " |", "| --- |" + " --- |" * len(columns)]
    for row in rows:
        found = figures[row["name"]]
        cells = [found.get("error", "").splitlines()[0]] if "error" in found else [_shown(found.get(key)) for key in columns]
        lines.append(f"| {row['is']} | " + " | ".join(cells) + " |")
    return lines


def _shown(value):
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "–" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _turns(turns):
    return "each figure is of one turn." if turns == 1 else f"each figure is the median of {turns} turns."


def page(rows, figures, verdicts, turns):
    """The whole page."""
    met = sum(verdict.is_met for verdict in verdicts)
    floors = sum(not verdict.is_met and not verdict.fails for verdict in verdicts)
    counted = f"{met} of {len(verdicts)} bars met, {floors} missed for a reason that stands beside them"
    lines = [HEAD, f"{counted}. {len(rows)} rows were played; {_turns(turns)}", ""]
    lines += ["## Somebody watches behind the line", "", *table([r for r in rows if not r.get("publishes")], figures, COLUMNS), ""]
    lines += ["## Somebody publishes behind the line", "", *table([r for r in rows if r.get("publishes")], figures, UP_COLUMNS), ""]
    lines += ["## Bars", "", "| row | bar | found | |", "| --- | --- | --- | --- |"]
    for verdict in verdicts:
        said = "met" if verdict.is_met else "**missed**" if verdict.fails else f"missed: {verdict.floor}"
        lines.append(f"| {verdict.row} | {verdict.bar} | {_shown(verdict.found)} | {said} |")
    lines += ["", "## The machine", "", "| | |", "| --- | --- |"]
    lines += [f"| {key.replace('_', ' ')} | {value} |" for key, value in facts().items() if key not in ("gstreamer", "janus")]
    return "\n".join([*lines, ""])


def write(*found):
    """Writes the page."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(*found))
    return PAGE
