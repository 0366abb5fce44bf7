"""Bars against figures. A bar is [figure, relation, value], or with "C" behind it: the value is added to
the same session's figure when nothing was wrong with the line. A row may name floors: figures that cannot
be better, and why; a bar of theirs that is missed is shown, and fails nothing."""

import dataclasses
import statistics

#: How much kinder CI is, which takes one turn: so much PESQ, and so many times as long, from one picture to
#: the next, too.
CI_PESQ = 0.3
CI_TIMES = 1.5
#: In a turn of CI one key frame is nearly three a minute, and must be allowed where two are.
CI_FORCED = 1.5
#: A machine that was less idle could do no more.
IDLE = 0.02
#: The healthy viewer's least share of pictures; below it a turn of CI says nothing about the line.
HEALTHY = 0.95
#: Of so many rows at most one may be void.
VOID_OF = 4

SIGNS = {">=": "≥", "<=": "≤"}


@dataclasses.dataclass
class Verdict:
    """One bar of one row, what was found, whether it was met, and why it cannot be if it is known."""

    row: str
    bar: str
    found: object
    is_met: bool
    floor: str | None = None

    @property
    def fails(self):
        """Whether the row fails with it."""
        return not self.is_met and self.floor is None


def void(figures, is_ci):
    """Why a turn says nothing, or none."""
    if "error" in figures:
        return None
    if figures["idle_share"] < IDLE:
        return f"the machine was busy: {100 * figures['idle_share']:.0f} % idle"
    share = figures["healthy_share_of_pictures"]
    if is_ci and share < HEALTHY:
        return f"the healthy viewer saw {100 * share:.0f} % of the pictures"
    return None


def median(turns):
    """One table of figures from those of several turns; what is no number is the last turn's."""
    merged = dict(turns[-1])
    for key in merged:
        values = [turn[key] for turn in turns if isinstance(turn.get(key), (int, float))]
        if values and isinstance(merged[key], (int, float)):
            merged[key] = round(statistics.median(values), 3)
    return merged


def clean_of(row, rows):
    """PESQ of the clean row of the same direction: C. Another direction's where that was not played, the
    healthy one's where the weak one's browser gives no sound, and where neither was played, as in CI, the
    median of what all healthy viewers heard."""
    names = ("up-clean", "clean") if row.get("publishes") else ("clean", "up-clean")
    found = [rows.get(name, {}).get(key) for name in names for key in ("pesq", "healthy_pesq")]
    found = next((pesq for pesq in found if pesq is not None), None)
    healthy = [row["healthy_pesq"] for row in rows.values() if row.get("healthy_pesq") is not None]
    return found if found is not None or not healthy else statistics.median(healthy)


#: Bars of the weak one's sound.
SOUND = ("pesq", "stoi", "lag_ms", "dip_lag_after_ms")


def without_sound(row):
    """A row for a browser that gives no sound."""
    return row | {"bars": [bar for bar in row["bars"] if bar[0] not in SOUND]}


def bars_of(row, table):
    """All bars of a row: its own, and those of the healthy one beside it. Where the weak one publishes,
    the healthy one's sound is the row's own."""
    beside = [bar for bar in table["healthy"] if not (row.get("publishes") and bar[0] == "healthy_pesq")]
    return [*row["bars"], *beside]


def limit(bar, clean, is_ci):
    """What a figure is compared with; none where C is not known."""
    name, relation, value = bar[:3]
    if "C" in bar[3:]:
        if clean is None:
            return None
        value = clean + value
    if is_ci and name.endswith("pesq"):
        value -= CI_PESQ
    if is_ci and name.endswith("_ms") and relation == "<=":
        value *= CI_TIMES
    if is_ci and name.endswith("fps"):
        value /= CI_TIMES
    if is_ci and name == "healthy_forced_key_frames_per_minute":
        value *= CI_FORCED
    return round(value, 3)


def judge(row, figures, clean, table, is_ci):
    """A verdict for each bar of a row."""
    if "error" in figures:
        return [Verdict(row["name"], "played", figures["error"].splitlines()[0], False)]
    verdicts = []
    for bar in bars_of(row, table):
        most, found = limit(bar, clean, is_ci), figures.get(bar[0])
        is_met = most is not None and found is not None and (found >= most if bar[1] == ">=" else found <= most)
        verdicts.append(Verdict(row["name"], _said(bar, most), found, is_met, row.get("floors", {}).get(bar[0])))
    return verdicts


def _said(bar, most):
    relative = f" (C − {-bar[2]:g})" if "C" in bar[3:] else ""
    return f"{bar[0]} {SIGNS[bar[1]]} {'?' if most is None else f'{most:g}'}{relative}"


def too_many_void(void_rows, all_rows):
    """Whether a session with so many void rows says nothing."""
    return void_rows > max(1, all_rows // VOID_OF)
