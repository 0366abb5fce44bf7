"""Plays rows of rows.json over a real weak link, and judges them: lab.py [--ci] [--turns N] [--judge] [ROW...].

Without rows all of them; all of them in three turns write docs/networks/README.md. Ends with "N passed,
N failed", a row being one; fails when one did. ROTUNDA_LAB_VP8, _QUALITY and
_BROWSER: see README.md."""

import argparse
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile

import figures
import judge
import link
import materials
import report
import sound

HERE = pathlib.Path(__file__).resolve().parent
TABLE = json.loads((HERE / "rows.json").read_text())
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", materials.REPO / "target"))
NETLAB = os.environ.get("ROTUNDA_NETLAB", str(TARGET / "debug" / "netlab"))
#: Who watches behind the link.
BROWSER = os.environ.get("ROTUNDA_LAB_BROWSER", "chromium")
#: The canvas, and its pictures a second.
QUALITY = os.environ.get("ROTUNDA_LAB_QUALITY", "720p")
FPS = {"720p": 20, "1080p": 30}
#: Other circumstances than those that the document is about.
VARIED = any(name.startswith("ROTUNDA_LAB_") for name in os.environ)
#: Seconds of a row: three whole sentences at least, and in CI one, mostly two.
SECONDS = 34
CI_SECONDS = 22
#: One turn of a row is one throw: a median of three, which a whole run judges, would take CI six minutes. So a
#: row fails CI when it misses a bar three times in a row.
CI_TURNS = 3


class Lab:
    """A session on one machine: what is played, what was found."""

    def __init__(self, options, rows, folder):
        self.options, self.rows, self.folder = options, rows, folder
        self.made = materials.make()
        self.spoken = sound.sentences(self.made["speech"])
        self.turns = {row["name"]: [] for row in rows}
        self.void = {}

    def play(self, rows, turn):
        """Plays rows one after the other, and keeps their figures."""
        out = self.folder / str(turn)
        out.mkdir(parents=True, exist_ok=True)
        with link.running(NETLAB, seed=turn) as running:
            self._run(running, self._plan(running, rows, out))
        for row in rows:
            self._keep(row, out)

    def look(self, turn):
        """The figures of a turn that was played before."""
        for row in self.rows:
            self._keep(row, self.folder / str(turn))

    def _plan(self, running, rows, out):
        seconds = CI_SECONDS if self.options.ci else SECONDS
        return {
            "rows": rows, "out": str(out), "address": link.NEAR, "far": running.far, "control": str(running.control),
            "materials": self.made, "seconds": seconds, "newcomers": not self.options.ci,
            "vp8": os.environ.get("ROTUNDA_LAB_VP8") == "1", "quality": QUALITY,
            "browser": BROWSER,
        }  # fmt: skip

    def _run(self, running, plan):
        path = pathlib.Path(plan["out"]) / "plan.json"
        path.write_text(json.dumps(plan))
        subprocess.run(running.inside(["node", str(HERE / "run.mjs"), str(path)]))

    def _keep(self, row, out):
        """The figures of a turn, unless it says nothing about the line."""
        name = row["name"]
        is_there = (out / f"{name}.json").exists()
        found = figures.of(out, name, self.spoken, FPS[QUALITY]) if is_there else {"error": "it was not played"}
        print(f"   {name}: {json.dumps(found, ensure_ascii=False)}", flush=True)
        why = judge.void(found, self.options.ci)
        if why:
            print(f"** VOID: {name}: {why}", flush=True)
            self.void[name] = why
            return
        self.void.pop(name, None)
        self.turns[name].append(found)

    def found(self):
        """The medians of all rows that have figures."""
        kept = {name: [turn for turn in turns if "error" not in turn] or turns for name, turns in self.turns.items()}
        return {name: judge.median(turns) for name, turns in kept.items() if turns}

    def verdicts(self):
        """One for each bar of each row that has figures."""
        found = self.found()
        judged = [row for row in self.rows if row["name"] in found]
        each = (judge.judge(row, found[row["name"]], judge.clean_of(row, found), TABLE, self.options.ci) for row in judged)
        return [verdict for row in each for verdict in row]

    def repeat(self):
        """CI plays what failed or was void up to twice more; the last turn counts."""
        for turn in range(2, CI_TURNS + 1):
            failed = {verdict.row for verdict in self.verdicts() if verdict.fails} | set(self.void)
            again = [row for row in self.rows if row["name"] in failed]
            if not again:
                return
            print(f"== turn {turn}, of what failed: {' '.join(row['name'] for row in again)}", flush=True)
            for verdict in self.verdicts():
                if verdict.fails:
                    print(f"   missed {verdict.row}: {verdict.bar}, found {verdict.found}")
            for row in again:
                self.turns[row["name"]] = []
            self.play(again, turn)


def chosen(options):
    """The rows that are asked for."""
    every = [judge.without_sound(row) for row in TABLE["rows"]] if BROWSER == "firefox" else TABLE["rows"]
    rows = [row for row in every if row.get("ci")] if options.ci else every
    unknown = set(options.rows) - {row["name"] for row in TABLE["rows"]}
    if unknown:
        names = ", ".join(row["name"] for row in TABLE["rows"])
        raise SystemExit(f"no such row: {', '.join(sorted(unknown))}; there are {names}")
    return [row for row in every if row["name"] in options.rows] if options.rows else rows


def end(lab, options):
    """Says what was found, and gives the exit status."""
    verdicts = lab.verdicts()
    for verdict in verdicts:
        word = "MISSED" if verdict.fails else "met   " if verdict.is_met else "floor "
        print(f"   {word} {verdict.row}: {verdict.bar}, found {verdict.found}")
    failed = {verdict.row for verdict in verdicts if verdict.fails}
    count = len(failed)
    if judge.too_many_void(len(lab.void), len(lab.rows)):
        print(f"** {len(lab.void)} of {len(lab.rows)} rows are void: this machine could not say")
        count += 1
    is_whole = not options.rows and not options.ci and options.turns >= 3
    if (is_whole or options.write) and not VARIED:
        print(f"written: {report.write(lab.rows, lab.found(), verdicts, options.turns)}")
    print(f"{len(lab.rows) - len(failed) - len(lab.void)} passed, {count} failed")
    return 1 if count else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ci", action="store_true", help="four rows, one turn, kinder bars")
    parser.add_argument("--turns", type=int, default=3, help="turns of each row (default: 3; in CI 1)")
    parser.add_argument("--write", action="store_true", help="write the document, whatever is played")
    parser.add_argument("--judge", action="store_true", help="play nothing: judge what lies in --out")
    parser.add_argument("--out", type=pathlib.Path, help="keep what was written down in this folder")
    parser.add_argument("rows", nargs="*")
    options = parser.parse_args()
    if options.judge and not options.out:
        parser.error("--judge needs the --out of what was played")
    # Whoever ends this leaves neither link nor namespaces behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="rotunda-lab-") as folder:
        lab = Lab(options, chosen(options), options.out or pathlib.Path(folder))
        for turn in range(1, 2 if options.ci else options.turns + 1):
            print(f"== turn {turn}", flush=True)
            if options.judge:
                lab.look(turn)
            else:
                lab.play(lab.rows, turn)
        if options.ci:
            lab.repeat()
        return end(lab, options)


if __name__ == "__main__":
    sys.exit(main())
