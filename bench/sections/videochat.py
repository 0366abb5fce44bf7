"""The settings door: what a setter costs with a full house watching, and what thousands of sockets
that only stay connected cost in memory."""

import base64
import concurrent.futures
import json
import urllib.request

from compare import Book
from machine import QUICK
from product import Server, load

SUBSCRIBERS, SETS = (100, 40) if QUICK else (300, 300)
SOCKETS = 500 if QUICK else 5000
BAR_MS, BAR_MB = 0.5, 150


def run():
    book = Book("videochat")
    _setter(book)
    _connected(book)
    return book


def _setter(book):
    figures = {}
    for sockets in (1, SUBSCRIBERS):
        with Server() as server:
            server.room("house")
            figures[sockets] = book.run(f"rotunda, setters, {sockets} sockets watching", _load(server, sockets, SETS))
    alone, full = figures[1], figures[SUBSCRIBERS]
    # Asking, storing and answering, and the push in everybody's queue; what the kernel takes to write
    # to that many connections is no setter's.
    each = alone["ms_cpu_per_set"] + full["ms_queued_per_set"]
    work = f"a setter with {SUBSCRIBERS} sockets watching"
    note = f"{alone['ms_cpu_per_set']:.3f} ms with one socket, all of it; {full['ms_queued_per_set']:.3f} ms to hand one text to {SUBSCRIBERS} queues"
    book.row(f"{work}, until it is in every queue", f"< {BAR_MS} ms", f"{each:.3f} ms", each < BAR_MS, note)
    note = f"{full['ms_user_per_set']:.2f} ms in the server, {full['ms_system_per_set']:.2f} ms in the kernel; all told after {full['ms_told_p50']} ms (p50), {full['ms_told_most']} ms (most)"
    book.row(f"{work}, with writing to each one's TCP connection", "printed", f"{full['ms_cpu_per_set']:.2f} ms of processor time", note=note)


def _connected(book):
    with Server() as server:
        server.room("house")
        figures = _load(server, SOCKETS, 0, subscribers=1)
    book.run(f"rotunda, {SOCKETS} settings sockets", figures)
    more = (figures["rss_kib_connected"] - figures["rss_kib_before"]) / 1024
    whole = figures["rss_kib_connected"] / 1024
    note = f"{more * 1024 / SOCKETS:.1f} KiB each, half of them socket.io; the process before: {figures['rss_kib_before'] / 1024:.0f} MB"
    book.row(f"{SOCKETS} connected settings sockets, memory of the process", f"< {BAR_MB} MB", f"{whole:.0f} MB", whole < BAR_MB, note)


def _load(server, sockets, sets, subscribers=None):
    file = server.folder / "sessions"
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        file.write_text("\n".join(pool.map(lambda n: _session(server, n), range(sockets))))
    return load(
        "settings", "--ws", server.ws, "--pid", server.pid, "--sessions", file, "--room", "house",
        "--metrics", server.facts["metrics"], "--subscribers", subscribers or sockets, "--sets", sets,
    )  # fmt: skip


def _session(server, n):
    """A session of the n-th user; the first manages the room."""
    pair = f"{server.facts['project_id']}:{server.facts['api_token']}".encode()
    head = {"authorization": "Basic " + base64.b64encode(pair).decode(), "content-type": "application/json"}
    wish = {"user_id": f"u{n}", "rooms": {"house": "view" if n else "manage"}}
    request = urllib.request.Request(f"{server.facts['http']}/api/v1/auth/sessions", json.dumps(wish).encode(), head)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())["sessionId"]
