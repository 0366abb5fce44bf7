#!/usr/bin/env python3
"""Runs the sections asked for (or all), writes the report, and fails when a bar is missed.

`--add` before the names puts the sections into the table of the last whole run."""

import pathlib
import signal
import sys
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import clips  # noqa: E402
import machine  # noqa: E402
import report  # noqa: E402
from compare import Book  # noqa: E402
from sections import audience, browser, burst, event, latency, mcu, outputs, quiet, rpc, sound, threads, videochat  # noqa: E402

SECTIONS = {
    "mcu": mcu.run_cost,
    "quality": mcu.run_quality,
    "growth": mcu.run_growth,
    "shaping": mcu.run_shaping,
    "sound": sound.run,
    "audience": audience.run,
    "threads": threads.run,
    "burst": burst.run,
    "event": event.run,
    "density": event.run_density,
    "joining": audience.run_joining,
    "browser": browser.run,
    "latency": latency.run,
    "empty": quiet.run_empty,
    "lonely": quiet.run_lonely,
    "rpc": rpc.run,
    "outputs": outputs.run,
    "videochat": videochat.run,
}


def section(name):
    """One section; what breaks it is a missed row, and the others go on."""
    began = time.monotonic()
    print(f"== {name}", flush=True)
    try:
        book = SECTIONS[name]()
    except Exception as error:  # whatever it is, it must stand in the table
        traceback.print_exc()
        book = Book(name)
        book.broken(f"section {name}", "it runs", error)
    print(f"   {name} took {time.monotonic() - began:.0f} s", flush=True)
    return book


def main(asked):
    # Whoever ends it early gets back what it changed: servers, namespaces, the kernel's settings.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    is_added = asked[:1] == ["--add"]
    asked = asked[is_added:]
    unknown = [name for name in asked if name not in SECTIONS]
    if unknown:
        sys.exit(f"no such section: {' '.join(unknown)}; there are {' '.join(SECTIONS)}")
    machine.CACHE.mkdir(parents=True, exist_ok=True)
    machine.raise_open_files()
    clips.make()
    facts = machine.facts()
    print(f"Machine: {facts['cores']} x {facts['cpu']}, load {facts['load_before']}, commit {facts['commit']}")
    began = time.monotonic()
    books = [section(name) for name in asked or SECTIONS]
    took = time.monotonic() - began
    folder = report.add(facts, books) if is_added else report.write(facts, books, took, is_whole=not asked)
    missed = [row for book in books for row in book.rows if row["verdict"] == "MISSED"]
    print(f"\n{folder / 'README.md'}: {len(missed)} missed")
    for row in missed:
        print(f"  missed: {row['work']}: {row['found']} (bar: {row['bar']}) {row['note']}")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
