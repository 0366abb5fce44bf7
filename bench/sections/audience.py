"""Viewers: what each packet costs beside Janus, whether cost and memory grow evenly, and how soon
a newcomer has a picture."""

import contextlib
import statistics
import subprocess
import time

import clips
from compare import MOST_LOSS, Book, in_turn, median, ratio, times, within
from machine import QUICK
from peers import janus
from product import LOAD, Server, load

VIEWERS = 40 if QUICK else 200
WARM, SECONDS = (2, 3) if QUICK else (3, 8)


def _watch(n):
    """n light viewers of a canvas with one member on it; the canvas has the peer's rate. What the
    canvas costs however many look on (decoding, composing, encoding) is told apart by thread."""
    with Server(media__codecs="vp8") as server:
        wishes = [("show", "member", {"media_allowed": "video-only"})]
        wishes += [("show", f"v{i}", {"join_as": "audience"}) for i in range(n)]
        tokens = server.tokens(wishes)
        lines = tokens.read_text().splitlines()
        first, rest = tokens.with_suffix(".first"), tokens.with_suffix(".rest")
        first.write_text(lines[0])
        rest.write_text("\n".join(lines[1:]))
        with member(server, first):
            figures = load("crowd", "--ws", server.ws, "--tokens", rest, "-n", n, "--pid", server.pid, "--seconds", SECONDS, "--warm", WARM)
    canvas = sum(figures["threads"].get(name, 0.0) for name in ("canvas", "decode"))
    figures["cores_fanout"] = round(figures["cores"] - canvas, 5)
    figures["us_per_packet_net"] = round(figures["cores_fanout"] / figures["pps"] * 1e6, 3)
    return figures


@contextlib.contextmanager
def member(server, tokens):
    """A member whose clip is on the canvas as long as the context lasts."""
    command = [LOAD, "members", "--ws", server.ws, "--tokens", tokens, "--pid", str(server.pid), "--clip",
               clips.clip("busy", (640, 360), 1), "--seconds", "300"]  # fmt: skip
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        # Its canvas is to run before anybody counts memory.
        time.sleep(2)
        yield
    finally:
        child.kill()
        child.wait()


def _counted(book, label, figures):
    why = None
    if figures["loss"] > MOST_LOSS:
        why = f"loss {figures['loss']:.4%}"
    elif figures["receiving"] < figures["n"]:
        why = f"{figures['receiving']} of {figures['n']} receive"
    return book.run(label, figures, why)


def run():
    book = Book("audience")

    def alone(_):
        return _counted(book, "rotunda, 1 viewer", _watch(1))

    def ours(_):
        return _counted(book, f"rotunda, {VIEWERS} viewers", _watch(VIEWERS))

    def theirs(_):
        figures = janus.viewers(VIEWERS, SECONDS, WARM)
        figures["us_per_packet_net"] = figures["us_per_packet"]
        return _counted(book, f"janus event_loops, {VIEWERS} viewers", figures)

    turns = in_turn({"peer": theirs, "alone": alone, "ours": ours})
    found = ratio(turns, "ours", "peer", "us_per_packet_net")
    key = "us_per_packet_net"
    note = f"{median(turns, 'ours', key)} against {median(turns, 'peer', key)} µs a packet, {median(turns, 'ours', 'cores_fanout')} against {median(turns, 'peer')} cores"
    book.row(f"{VIEWERS} viewers at 1.5 Mbit/s, per packet", "≤ 0.5× Janus, event_loops", times(found), within(found, 0.5), note)
    _growth(book, turns)
    _encoder(book, turns)
    each = median(turns, "ours", "rss_kib_each")
    book.row("memory of each viewer", "< 300 KiB", f"{each} KiB", within(each, 300), f"Janus {median(turns, 'peer', 'rss_kib_each')} KiB")
    return book


def _growth(book, turns):
    few, many = (10, 80) if QUICK else (50, 400)
    points = {n: _counted(book, f"rotunda, {n} viewers", _watch(n)) for n in (few, many)}
    points[VIEWERS] = {"cores_fanout": median(turns, "ours", "cores_fanout")} if median(turns, "ours") else None
    text = ", ".join(f"{n}: {f['cores_fanout']:.3f}" if f else f"{n}: void" for n, f in sorted(points.items()))
    work = f"cores of the fan-out, {few} to {many} viewers"
    if not points[few] or not points[many]:
        book.row(work, "linear", text, False, "a run was void")
        return
    per_viewer = [points[n]["cores_fanout"] / n * 1e3 for n in (few, many)]
    # Linear: a viewer among many costs no more than a tenth above one among few.
    met = per_viewer[1] <= per_viewer[0] * 1.1
    book.row(work, "linear (+10 % a viewer at most)", text, met, f"{per_viewer[0]:.2f} → {per_viewer[1]:.2f} ms a viewer and second")


def _encoder(book, turns):
    """The thread that composes and encodes, with one viewer and with many: the median of the
    turns' ratios, for the machine's pace differs more from minute to minute than the bar is wide."""
    pairs = [[t[side]["threads"].get("canvas", 0.0) for side in ("alone", "ours")] for t in turns if t["alone"] and t["ours"]]
    if not pairs:
        book.broken("encoder from 1 viewer to many", "±5 %", "every pair was void")
        return
    change = statistics.median(many / one for one, many in pairs) - 1
    text = ", ".join(f"{one:.4f} → {many:.4f}" for one, many in pairs)
    book.row(f"encoder from 1 viewer to {VIEWERS}", "±5 %", f"{change:+.1%}", abs(change) <= 0.05, f"{text} cores")


def run_joining():
    book = Book("joining")
    n = 10 if QUICK else 50
    worst, results = None, []
    for turn in range(1 if QUICK else 3):
        with Server(media__codecs="vp8") as server:
            wishes = [("show", "member", {"media_allowed": "video-only"})]
            wishes += [("show", f"v{i}", {"join_as": "audience"}) for i in range(n + 1)]
            figures = load("joining", "--ws", server.ws, "--tokens", server.tokens(wishes), "--clip", clips.clip("busy", (640, 360), 1))
        results.append(book.run(f"rotunda, {n} join at 50/s, turn {turn + 1}", figures))
    p95 = sorted(f["first_keyframe_ms_p95"] for f in results)[len(results) // 2]
    got = min(f["with_keyframe"] for f in results)
    book.row(f"{n} viewers join at 50/s: first key frame, p95", "< 250 ms", f"{p95:.0f} ms", p95 < 250 and got == n,
             f"p50 {results[0]['first_keyframe_ms_p50']:.0f} ms, {got} of {n} got one; from opening the WebSocket")  # fmt: skip
    bad = sum(f["undecodable"] + f["gaps"] + f["began_without_keyframe"] for f in results)
    decoded = sum(f["decoded"] for f in results)
    book.row("every later frame decodable", "none fails", f"{bad} failed", bad == 0, f"{decoded} frames decoded, gaps counted for all viewers")
    closest = [f["closest_ms"] for f in results if f["closest_ms"] is not None]
    worst = min(closest) if closest else None
    text = f"{sum(f['forced_keyframes'] for f in results)} in {len(results)} runs" + (f", closest {worst} ms apart" if worst is not None else "")
    # Half a canvas tick of grace: the encoder can only answer at its next picture.
    book.row("key frames forced by joins", "≤ 1 per 500 ms", text, worst is None or worst >= 480)
    return book
