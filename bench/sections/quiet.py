"""What nobody costs: rooms that are empty again, and rooms of one member muted in both."""

from compare import Book, within
from machine import QUICK
from product import Server, load


def run_empty():
    book = Book("empty")
    n = 40 if QUICK else 500
    with Server() as server:
        tokens = server.tokens([(f"room{i}", "visitor", {}) for i in range(n)])
        figures = book.run(f"rotunda, {n} rooms empty again", load("empty", "--ws", server.ws, "--pid", server.pid, "--tokens", tokens))
    more = figures["thread_count"] - figures["thread_count_before"]
    note = f"{more:+d} threads, {figures['rss_kib_before'] / 1024:.0f} → {figures['rss_kib'] / 1024:.0f} MB"
    book.row(f"{n} rooms that had a session, empty again", "≤ 0.02 core", f"{figures['cores']:.4f} core", within(figures["cores"], 0.02), note)
    # Workers that SQLite and the runtime keep for a while are not a room's.
    book.row("threads kept by empty rooms", "none", f"{more:+d}", more <= 2, f"{figures['thread_count']} in all")
    return book


def run_lonely():
    book = Book("lonely")
    n = 10 if QUICK else 50
    with Server() as server:
        wish = {"join_audio_muted": True, "join_video_muted": True}
        tokens = server.tokens([(f"room{i}", "alone", wish) for i in range(n)])
        figures = load("members", "--ws", server.ws, "--pid", server.pid, "--tokens", tokens, "--warm", 3, "--seconds", 4 if QUICK else 10)
    book.run(f"rotunda, {n} sessions of one muted member", figures)
    cores = figures["cores"] / n
    megabytes = (figures["rss_kib"] - figures["rss_kib_before"]) / 1024 / n
    book.row(f"{n} sessions of one member muted in both", "printed", f"{cores * 1e3:.2f} ms a second and {megabytes:.2f} MB each",
             note=f"{figures['cores']:.4f} cores, {figures['threads']}")  # fmt: skip
    return book
