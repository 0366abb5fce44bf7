"""Writes what was found: the table, the raw runs, the machine. Nothing of it is written by hand."""

import json

from machine import CACHE, QUICK, REPO

DOCS = REPO / "docs" / "performance"

HEAD = """# Performance

Written by `make bench`; do not edit. How it is measured stands in
[bench/README.md](../../bench/README.md), why a bar is missed in [misses.md](misses.md), every single
run in [runs.md](runs.md) and, for machines, [results.json](results.json).
"""


def folder(is_whole):
    """Only a whole, unhurried run may speak for the product."""
    return DOCS if is_whole and not QUICK else CACHE / "report"


def write(facts, books, seconds, is_whole):
    """Writes the report and gives its folder."""
    to = folder(is_whole)
    to.mkdir(parents=True, exist_ok=True)
    rows = [row for book in books for row in book.rows]
    runs = [run for book in books for run in book.runs]
    (to / "README.md").write_text(_readme(facts, rows, seconds))
    (to / "runs.md").write_text(_runs(facts, runs))
    (to / "results.json").write_text(json.dumps({"machine": facts, "rows": rows, "runs": runs}, indent=1) + "\n")
    return to


def _readme(facts, rows, seconds):
    lines = [HEAD]
    missed = sum(row["verdict"] == "MISSED" for row in rows)
    judged = sum(row["verdict"] != "printed" for row in rows)
    lines.append(f"{judged - missed} of {judged} bars met.\n")
    lines += ["| work | bar | found | | |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        verdict = f"**{row['verdict'].lower()}**" if row["verdict"] == "MISSED" else row["verdict"]
        cells = [row["work"], row["bar"], row["found"], verdict, row["note"]]
        lines.append("| " + " | ".join(_cell(c) for c in cells) + " |")
    lines += ["", "## The machine", "", "| | |", "| --- | --- |"]
    lines += [f"| {key.replace('_', ' ')} | {_cell(value)} |" for key, value in facts.items()]
    lines += [f"| whole run | {seconds / 60:.1f} minutes |", ""]
    return "\n".join(lines)


def _runs(facts, runs):
    lines = ["# Every run", "", f"Of {facts['at']}, commit {facts['commit']}. The load is the machine's one, five and "
             "fifteen minute average at the run's end. Cores are processor seconds a second.", ""]  # fmt: skip
    section = None
    for run in runs:
        if run["section"] != section:
            section = run["section"]
            lines += [f"## {section}", "", "| run | load | figures |", "| --- | --- | --- |"]
        figures = {k: v for k, v in run.items() if k not in ("section", "run", "load", "void", "cells")}
        text = " ".join(f"{k}={json.dumps(v, separators=(',', ':'))}" for k, v in figures.items() if v is not None)
        void = f"**void: {run['void']}** " if run["void"] else ""
        lines.append(f"| {_cell(run['run'])} | {run['load']} | {_cell(void + text)} |")
    return "\n".join([*lines, ""])


def _cell(value):
    return str(value).replace("|", "\\|").replace("\n", " ")
