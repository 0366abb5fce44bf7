"""Requests: what each costs, whether they pile up on one core, and what it costs to tell a full hall
of a changed layout."""

import os

from compare import Book, within
from machine import QUICK
from product import Server, load

PER_SECOND, SECONDS = (200, 3) if QUICK else (2000, 20)
MEMBERS, AUDIENCE, LAYOUTS = (12, 40, 6) if QUICK else (300, 1000, 20)


def one_core(pid, core=0):
    """Keeps a process, all its threads and those to come on one core."""
    for thread in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(thread), {core})


def run():
    book = Book("rpc")
    _steady(book)
    _hall(book)
    return book


def _steady(book):
    with Server() as server:
        one_core(server.pid)
        figures = load(
            "rpc", "--ws", server.ws, "--pid", server.pid, "--tokens", server.members(2),
            "--project", server.facts["project_id"], "--api-token", server.facts["api_token"],
            "--per-second", PER_SECOND, "--seconds", SECONDS,
        )  # fmt: skip
    book.run(f"rotunda on one core, {PER_SECOND} requests a second", figures)
    each = figures["ms_cpu_per_rpc"]
    book.row("processor time of a request (half reads, half mutes)", "≤ 0.25 ms", f"{each:.3f} ms", within(each, 0.25), f"{figures['idle_cores']:.3f} cores idle, not counted")
    lost = figures["refused"] + figures["waiting"]
    enough = figures["per_second"] >= PER_SECOND * 0.99
    # A queue that grows shows as answers that come later and later.
    steady = figures["ms_p99_last"] <= max(2 * figures["ms_p99_first"], 50)
    note = f"p99 {figures['ms_p99_first']} ms in the first quarter, {figures['ms_p99_last']} ms in the last; most under way {figures['most_waiting']}"
    book.row(f"{PER_SECOND} requests a second for {SECONDS} s, server on one core", "all answered, no queue grows",
             f"{figures['per_second']:.0f} a second, {lost} not answered, p50 {figures['ms_p50']} ms", enough and steady and lost == 0, note)  # fmt: skip


def _hall(book):
    with Server(session__max_audience=AUDIENCE + 10) as server:
        server.room("hall", max_members=MEMBERS)
        wishes = [("hall", "host", {"permissions": ["room.set_layout"]})]
        wishes += [("hall", f"m{i}", {}) for i in range(MEMBERS - 1)]
        wishes += [("hall", f"a{i}", {"join_as": "audience"}) for i in range(AUDIENCE)]
        figures = load("hall", "--ws", server.ws, "--pid", server.pid, "--tokens", server.tokens(wishes), "--layouts", LAYOUTS, "--metrics", server.facts["metrics"])
    book.run(f"rotunda, {MEMBERS} members and {AUDIENCE} audience without media", figures)
    each, whole = figures["ms_queued_per_layout"], figures["ms_cpu_per_layout"]
    work = f"a set_layout to {MEMBERS} members and {AUDIENCE} audience"
    book.row(f"{work}, until it is in every queue", "< 20 ms", f"{each:.1f} ms", each < 20, "time of the session's task; the text is made once for all sockets")
    note = f"two events; everybody told after {figures['ms_told_p50']} ms (p50), {figures['ms_told_most']} ms (most)"
    book.row(f"{work}, with writing and every acknowledgement", "printed", f"{whole:.1f} ms of processor time", note=note)
