"""Nine members on a canvas, against GStreamer: cost on three contents, quality on two, growth with
the number of members, and what uplink shaping saves."""

import math

import clips
from compare import Book, in_turn, median, ratio, times, void, within
from machine import CACHE, QUICK
from peers import gstreamer
from product import Server, each, load

MEMBERS = 9
WARM, SECONDS = (2, 3) if QUICK else (3, 8)
BPS = 1_500_000
BARS = {
    ("vp8", "busy"): 0.9, ("vp8", "meet"): 0.8, ("vp8", "still"): 0.3,
    ("h264", "busy"): 0.7, ("h264", "meet"): 0.6, ("h264", "still"): 0.3,
}  # fmt: skip
GUARD_DB = 0.2


def members(content, n=MEMBERS, codec="vp8", bps=BPS, frames=None, seconds=SECONDS, sizes=None, **settings):
    """n members who send 640x360 (or the first of `sizes`, obeying the server) and receive."""
    with Server(canvas__bitrate_720p=bps, **settings) as server:
        # Neither sent nor received, as of somebody who joins with `receiveAudio: false`: the peer has no sound.
        arguments = ["--soundless", "--ws", server.ws, "--pid", server.pid, "--warm", WARM, "--seconds", seconds]
        server.room("room", max_members=100)
        arguments += ["--tokens", server.members(n, media_allowed="video-only")]
        arguments += each("--clip", clips.clips(content, sizes[0] if sizes else (640, 360)))
        for smaller in (sizes or [])[1:]:
            arguments += each("--smaller", clips.clips(content, smaller))
        arguments += ["--steps", "1200000,400000"] if sizes else []
        arguments += ["--h264"] if codec == "h264" else []
        arguments += ["--frames", frames] if frames else []
        return load("members", *arguments)


def run_cost():
    book = Book("mcu")
    for content in ("busy", "meet", "still"):
        def ours(codec):
            def once(_):
                figures = members(content, codec=codec)
                # A canvas on which nothing changes is sent once a second, by design.
                return book.run(f"rotunda {codec} {content}", figures, void(figures, pictures=content != "still"))
            return once

        def theirs(_):
            return book.run(f"gstreamer vp8 {content}", gstreamer.cost(content, MEMBERS))

        turns = in_turn({"peer": theirs, "vp8": ours("vp8"), "h264": ours("h264")})
        for codec in ("vp8", "h264"):
            found, bar = ratio(turns, codec, "peer"), BARS[codec, content]
            note = f"{median(turns, codec)} against {median(turns, 'peer')} cores"
            name = {"vp8": "VP8", "h264": "H.264"}[codec]
            book.row(f"canvas {name}, 9 members, {content}", f"≤ {bar}× GStreamer VP8", times(found), within(found, bar), note)
    return book


def run_quality():
    """Likeness of the cells at the peer's rate, from two rates of ours that bracket it."""
    book = Book("quality")
    found = {}
    for content in ("busy", "meet"):
        for codec in ("vp8", "h264"):
            try:
                found[codec, content] = _quality(book, content, codec)
            except (RuntimeError, OSError) as error:
                book.broken(f"quality {codec}, {content}", f"≥ peer − {GUARD_DB} dB", error)
        if ("vp8", content) in found and ("h264", content) in found:
            (vp8, vp8_rate), (h264, h264_rate) = found["vp8", content], found["h264", content]
            text = f"VP8 {vp8:.2f} dB at {vp8_rate:.0f} kbit/s, H.264 {h264:.2f} dB at {h264_rate:.0f} kbit/s"
            book.row(f"VP8 beside H.264, {content}", "printed", text)
    return book


def _quality(book, content, codec):
    peer = gstreamer.canvas(content, MEMBERS, codec, BPS)
    wanted = book.run(f"gstreamer {codec} {content}", {"kbps": peer["kbps"], **_likeness(peer["frames"], peer["cells"], content)})
    first = _ours(book, content, codec, BPS)
    # The second rate lies as far beyond the peer's as the first one is on this side of it.
    off = peer["kbps"] / first["kbps"]
    second = _ours(book, content, codec, round(BPS * off * (1.15 if off > 1 else 1 / 1.15)))
    ours = _at(peer["kbps"], first, second)
    difference = ours - wanted["mean_db"]
    bracketed = min(first["kbps"], second["kbps"]) <= peer["kbps"] <= max(first["kbps"], second["kbps"])
    note = f"{ours:.2f} against {wanted['mean_db']:.2f} dB at {peer['kbps']:.0f} kbit/s"
    note += "" if bracketed else ", extrapolated"
    encoder = {"vp8": "vp8enc", "h264": "openh264enc"}[codec]
    bar = f"≥ {encoder} − {GUARD_DB} dB"
    book.row(f"quality {codec.upper()}, {content}", bar, f"{difference:+.2f} dB", difference >= -GUARD_DB, note)
    return first["mean_db"], first["kbps"]


def _ours(book, content, codec, bps):
    frames = CACHE / "canvas.yuv"
    # A whole clip, wherever it begins: the peer's figures are of a whole clip, too.
    figures = members(content, codec=codec, bps=bps, frames=frames, seconds=clips.SECONDS)
    figures |= _likeness(frames, [tuple(c) for c in figures["cells"]], content)
    why = void(figures)
    if book.run(f"rotunda {codec} {content} at {bps}", figures, why) is None:
        raise RuntimeError(f"void: {why}")
    return figures


def _likeness(frames, cells, content):
    places = [",".join(str(side) for side in cell) for cell in cells]
    arguments = [*each("--cell", places), *each("--clip", clips.clips(content))]
    return {"mean_db": 0.0, "cells_db": [], **_renamed(load("quality", "--canvas", frames, *arguments))}


def _renamed(likeness):
    return {"mean_db": likeness["mean_db"], "least_db": likeness["least_db"], "cells_db": likeness["cells"], "fresh_sampled": likeness["fresh"]}


def _at(kbps, one, other):
    """Likeness at a rate, between two, linear in the logarithm of the rate."""
    x0, x1 = math.log(one["kbps"]), math.log(other["kbps"])
    if abs(x1 - x0) < 0.01:
        return one["mean_db"]
    return one["mean_db"] + (math.log(kbps) - x0) / (x1 - x0) * (other["mean_db"] - one["mean_db"])


def run_growth():
    book = Book("growth")
    numbers = (1, 4, 9) if QUICK else (1, 4, 9, 16, 25)
    ours, theirs = {}, {}
    for n in numbers:
        figures = members("busy", n)
        ours[n] = book.run(f"rotunda vp8 busy n={n}", figures, void(figures))
        theirs[n] = book.run(f"gstreamer vp8 busy n={n}", gstreamer.cost("busy", n))
    for name, side in (("Rotunda", ours), ("GStreamer", theirs)):
        text = ", ".join(f"{n}: {side[n]['cores']:.3f}" if side[n] else f"{n}: void" for n in numbers)
        book.row(f"cores by members, {name}", "printed", text, note=f"exponent {_exponent(side)} from 4 on")
    if ours[numbers[0]] and ours[numbers[-1]]:
        first, last = ours[4], ours[numbers[-1]]
        if first and last:
            each_mb = (last["rss_kib"] - first["rss_kib"]) / 1024 / (numbers[-1] - 4)
            book.row("each further 360p member", "< 12 MB", f"{each_mb:.2f} MB", each_mb < 12, f"from 4 to {numbers[-1]} members")
    return book


def _exponent(side):
    """Slope of log cores over log members, least squares, from four members on."""
    points = [(math.log(n), math.log(f["cores"])) for n, f in side.items() if f and n >= 4]
    if len(points) < 2:
        return "unknown"
    mx, my = (sum(axis) / len(points) for axis in zip(*points))
    slope = sum((x - mx) * (y - my) for x, y in points) / sum((x - mx) ** 2 for x, _ in points)
    return f"{slope:.2f}"


def run_shaping():
    """Cameras of 720p that send less when asked to."""
    book = Book("shaping")
    sizes = [(1280, 720), (640, 360), (320, 180)]
    found = {}
    for shaped in ("false", "true"):
        figures = members("busy", sizes=sizes, canvas__uplink_shaping=shaped)
        found[shaped] = book.run(f"rotunda vp8 busy 720p cameras, shaping {shaped}", figures, void(figures))
    off, on = found["false"], found["true"]
    if not off or not on:
        book.broken("uplink shaping, 9 cameras of 720p", "printed; decode cost must fall", "a run was void")
        return book
    decode = [f["threads"].get("decode", 0) for f in (off, on)]
    text = f"{off['cores']:.3f} → {on['cores']:.3f} cores, decode {decode[0]:.3f} → {decode[1]:.3f}"
    book.row("uplink shaping, 9 cameras of 720p", "decode cost falls", text, decode[1] < decode[0], f"asked for {on['asked_bps']} bit/s each")
    return book
