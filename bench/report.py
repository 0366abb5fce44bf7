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
    _put(to, {"machine": facts, "minutes": round(seconds / 60, 1), "added": {}, "rows": rows, "runs": runs})
    return to


def add(facts, books):
    """Puts sections measured alone into the table of the last whole run, in place of their old rows,
    and says of each when and on which commit it was measured."""
    if QUICK:
        raise SystemExit("a hurried run may not speak for the product")
    results = json.loads((DOCS / "results.json").read_text())
    for book in books:
        for key, new in (("rows", book.rows), ("runs", book.runs)):
            results[key] = [old for old in results[key] if old["section"] != book.section] + new
        results["added"][book.section] = {"at": facts["at"], "commit": facts["commit"]}
    _put(DOCS, results)
    return DOCS


def _put(to, results):
    facts, runs = results["machine"], results["runs"]
    (to / "README.md").write_text(_readme(results))
    (to / "runs.md").write_text(_runs(facts, runs))
    (to / "results.json").write_text(json.dumps(results, indent=1) + "\n")


def _readme(results):
    rows, facts = results["rows"], results["machine"]
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
    lines += [f"| whole run | {results['minutes']} minutes |"]
    lines += [f"| section {name} | measured alone, {of['at']}, commit {of['commit']} |" for name, of in results["added"].items()]
    lines.append("")
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
