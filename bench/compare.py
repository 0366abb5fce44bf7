"""Runs in turn, void runs, medians of ratios, and verdicts: what a table row is made of."""

import statistics

from machine import QUICK, load

TURNS = 1 if QUICK else 3
MOST_LOSS = 0.001
LEAST_FRESH = 0.98
FPS = 25


class Book:
    """Every raw run of a section and the rows made from them."""

    def __init__(self, section):
        self.section = section
        self.runs = []
        self.rows = []

    def run(self, label, figures, void=None):
        """Keeps a raw run; `void` says why it does not count."""
        kept = {"section": self.section, "run": label, "load": load(), "void": void, **figures}
        self.runs.append(kept)
        print(f"   {label}: {brief(kept)}", flush=True)
        return None if void else figures

    def row(self, work, bar, found, met=None, note=""):
        """A row of the table; `met` is None where the bar is only to be printed."""
        verdict = {None: "printed", True: "met", False: "MISSED"}[met]
        self.rows.append({"section": self.section, "work": work, "bar": bar, "found": found, "verdict": verdict, "note": note})
        print(f" = {work}: {found} (bar: {bar}) {verdict} {note}", flush=True)

    def broken(self, work, bar, why):
        """A row whose figure could not be had: missed, and said so."""
        self.row(work, bar, "no figure", False, str(why)[:300])


def in_turn(sides):
    """Runs each side once a turn, in order, and gives their figures by turn. A side is a function
    of the turn that gives figures, or None for a void run."""
    return [{name: run(turn) for name, run in sides.items()} for turn in range(TURNS)]


def ratio(turns, ours, theirs, key="cores"):
    """The median of the ratios of the turns in which both sides count; None without any."""
    ratios = [t[ours][key] / t[theirs][key] for t in turns if t[ours] and t[theirs] and t[theirs][key]]
    return statistics.median(ratios) if ratios else None


def median(turns, side, key="cores"):
    values = [t[side][key] for t in turns if t[side]]
    return statistics.median(values) if values else None


def void(figures, pictures=True, fps=FPS):
    """Why a run of members or viewers does not count, or None."""
    if figures["loss"] > MOST_LOSS:
        return f"loss {figures['loss']:.4%}"
    if pictures and figures["fps"] < fps * LEAST_FRESH:
        return f"{figures['fps']} frames a second"
    return None


def times(x):
    """A ratio as text."""
    return "no valid pair" if x is None else f"{x:.3f}×"


def within(x, bar):
    """Whether a figure is there and not above its bar."""
    return x is not None and x <= bar


def brief(run):
    """The figures one looks at while it runs."""
    wanted = [
        "cores", "client_cores", "fps", "kbps", "pps", "loss", "us_per_packet", "rss_kib", "mean_db", "void",
        "first_keyframe_ms_p95", "ms_p95", "connect_ms_p95", "threads",
    ]  # fmt: skip
    return " ".join(f"{key}={run[key]}" for key in wanted if run.get(key) is not None)
