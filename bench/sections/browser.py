"""From the click on join to the first composed picture, in Chromium with the published SDK."""

import json
import os
import subprocess

from compare import Book
from machine import QUICK, REPO
from product import Server

from .audience import member


def run():
    book = Book("browser")
    n = 5 if QUICK else 30
    with Server() as server:
        present = server.members(1, room="browser")
        with member(server, present):
            tokens = server.tokens([("browser", f"guest{i}", {}) for i in range(n)])
            command = ["node", str(REPO / "bench" / "join.mjs"), server.ws, str(tokens)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=os.environ)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip()[-600:])
    figures = book.run(f"rotunda, {n} joins", json.loads(done.stdout.strip().splitlines()[-1]))
    p95 = figures["first_frame_ms_p95"]
    note = f"p50 {figures['first_frame_ms_p50']:.0f} ms, longest {max(figures['first_frame_ms']):.0f} ms, join() itself p50 {figures['join_ms_p50']:.0f} ms"
    book.row(f"join click to first composed frame in Chromium, {n} joins", "p95 < 800 ms", f"p95 {p95:.0f} ms", p95 < 800, note)
    return book
