"""From a camera's picture in to the canvas that shows it out, on a quiet machine and with both
cores taken by others."""

import contextlib
import subprocess
import sys

import clips
from compare import Book
from machine import QUICK
from product import Server, each, load

MEMBERS = 9


@contextlib.contextmanager
def hogs(n):
    """Loops that take all they get, at the same priority as the server."""
    children = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(n)]
    try:
        yield
    finally:
        for child in children:
            child.kill()
            child.wait()


def starts(n, seconds):
    with Server(media__codecs="vp8") as server:
        wishes = [(f"start{s}", f"m{i}", {"media_allowed": "video-only"}) for s in range(n) for i in range(MEMBERS)]
        return load("latency", "--ws", server.ws, "--tokens", server.tokens(wishes), "--members", MEMBERS,
                    "--seconds", seconds, *each("--clip", clips.clips("meet")))  # fmt: skip


def run():
    book = Book("latency")
    n, seconds = (2, 4) if QUICK else (8, 6)
    quiet = book.run(f"rotunda, {n} starts", starts(n, seconds))
    spread = ", ".join(f"{s['p50']:.0f}/{s['p95']:.0f}" for s in quiet["starts"])
    book.row("camera frame in to canvas frame out, 9 members", "p95 < 60 ms", f"p95 {quiet['ms_p95']:.1f} ms", quiet["ms_p95"] < 60,
             f"p50 {quiet['ms_p50']:.1f} ms over {quiet['n']} frames; p50/p95 of each start: {spread}")  # fmt: skip
    with hogs(2):
        hogged = book.run("rotunda, both cores hogged", starts(1 if QUICK else 4, seconds))
    book.row("the same with both cores hogged", "printed", f"p50 {hogged['ms_p50']:.1f} ms, p95 {hogged['ms_p95']:.1f} ms")
    return book
