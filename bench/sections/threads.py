"""Network threads: the same viewers on one and on two, and the same load a thread on one to sixteen. Each
thread's own processor time counts, not the clock: two cores cannot drive sixteen threads at once."""

import contextlib
import statistics
import subprocess
import time

import clips
from compare import MOST_LOSS, Book, in_turn, times, within
from machine import QUICK
from product import LOAD, Server, load

VIEWERS = 60 if QUICK else 300
A_THREAD = 10 if QUICK else 20
WARM, SECONDS = (2, 3) if QUICK else (3, 8)


@contextlib.contextmanager
def _member(server, token):
    """Somebody seen and heard, as long as the context lasts."""
    file = server.folder / "first"
    file.write_text(token)
    command = [LOAD, "members", "--ws", server.ws, "--tokens", file, "--pid", str(server.pid), "--clip", clips.clip("busy", (640, 360), 1),
               "--voice", clips.voice(1), "--talkers", "1", "--seconds", "300"]  # fmt: skip
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        time.sleep(2)
        yield
    finally:
        child.kill()
        child.wait()


def _watch(book, viewers, threads):
    with Server(media__codecs="vp8", media__network_threads=threads) as server:
        first, *rest = server.tokens([("show", "member", {})] + [("show", f"v{i}", {"join_as": "audience"}) for i in range(viewers)]).read_text().splitlines()
        file = server.folder / "rest"
        file.write_text("\n".join(rest))
        with _member(server, first):
            figures = load("crowd", "--ws", server.ws, "--tokens", file, "-n", viewers, "--sound", "--pid", server.pid, "--seconds", SECONDS, "--warm", WARM)
    figures["net"], figures["net_busiest"] = figures["threads"]["net"], figures["busiest"]["net"]
    figures["net_us_per_packet"] = round(figures["net"] / figures["pps"] * 1e6, 3)
    why = f"loss {figures['loss']:.4%}" if figures["loss"] > MOST_LOSS else None
    return book.run(f"rotunda, {viewers} viewers with sound, {threads} threads", figures, why)


def run():
    book = Book("threads")
    turns = in_turn({"one": lambda _: _watch(book, VIEWERS, 1), "two": lambda _: _watch(book, VIEWERS, 2)})
    pairs = [(turn["one"], turn["two"]) for turn in turns if turn["one"] and turn["two"]]
    for work, bar, key in [("the busier of two network threads", 0.55, "net_busiest"), ("both network threads together", 1.05, "net")]:
        found = statistics.median(two[key] / one["net"] for one, two in pairs) if pairs else None
        text = ", ".join(f"{one['net']:.3f} → {two[key]:.3f}" for one, two in pairs)
        book.row(f"{VIEWERS} viewers with sound: {work}", f"≤ {bar}× of one thread", times(found), within(found, bar), f"{text} cores")
    _growth(book)
    return book


def _growth(book):
    each = {}
    for threads in (1, 4, 16):
        figures = _watch(book, A_THREAD * threads, threads)
        each[threads] = figures["net_us_per_packet"] if figures else None
    text = ", ".join(f"{threads}: {cost or 'void'}" for threads, cost in each.items())
    grown = each[16] / each[1] - 1 if each[1] and each[16] else None
    found = "no figure" if grown is None else f"{grown:+.1%}"
    book.row(f"network time a packet, {A_THREAD} viewers a thread, 1 to 16 threads", "≤ +10 %", found, grown is not None and grown <= 0.1, f"{text} µs")
