"""A whole event (nine members, three of whom speak, 200 viewers with sound, a recording and an RTMP target) beside
the sum of what others would take for its parts; and how many small rooms the machine carries."""

import subprocess
import time

import clips
from compare import MOST_LOSS, Book, times, within
from machine import QUICK
from peers import gstreamer, janus
from product import LOAD, Server, each, load
from sections import outputs

MEMBERS, VIEWERS, TALKERS = 9, 40 if QUICK else 200, 3
WARM, SECONDS = (3, 4) if QUICK else (6, 10)
SIZES = [(1280, 720), (640, 360), (320, 180)]
ROOMS = (1, 2) if QUICK else (2, 3, 4, 6)
LEAST_FRAMES = 0.95


def _crowded(n):
    """The event, with n viewers; the server's children count."""
    with Server(network__allow_private="true") as server, outputs.Target() as target:
        room = server.room("show", record_on_start=True, max_members=100)
        first, rest = server.members(MEMBERS, room="show"), server.tokens([("show", f"v{i}", {"join_as": "audience"}) for i in range(n)])
        command = [LOAD, "members", "--ws", server.ws, "--tokens", first, "--pid", str(server.pid), "--seconds", "300", "--h264",
                   *each("--clip", clips.clips("busy", (640, 360))), *each("--voice", clips.voices()), "--talkers", str(TALKERS)]  # fmt: skip
        people = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(3)
            server._post("/rooms/show/streams", {"url": target.url})
            before = _children(server)
            began = time.monotonic()
            figures = load("crowd", "--ws", server.ws, "--tokens", rest, "-n", n, "--h264", "--sound", "--pid", server.pid, "--seconds", SECONDS, "--warm", WARM)
            figures["cores_of_children"] = round((_children(server) - before) / (time.monotonic() - began), 4)
            figures["cores"] = round(figures["cores"] + figures["cores_of_children"], 4)
        finally:
            server.end([room])
            people.kill()
            people.wait()
    return figures


def _children(server):
    return sum(outputs.spent(child) for child in outputs.children(server.pid))


def run():
    book = Book("event")
    figures = _crowded(VIEWERS)
    figures = book.run(f"rotunda, the event with {VIEWERS} viewers", figures, f"loss {figures['loss']:.4%}" if figures["loss"] > MOST_LOSS else None)
    canvas = book.run("gstreamer vp8 busy", gstreamer.cost("busy", MEMBERS))
    seen = book.run(f"janus event_loops, {VIEWERS} viewers", janus.viewers(VIEWERS, SECONDS, WARM))
    mixed = book.run("janus audiobridge, 9 members", janus.bridge(MEMBERS, TALKERS, clips.voice(1), SECONDS, WARM))
    peers = sum(side["cores"] for side in (canvas, seen, mixed))
    found = figures["cores"] / peers if figures else None
    note = f"{figures['cores'] if figures else 'void'} cores with sound, file and stream, against {peers:.3f} of a canvas, a mix and viewers without sound"
    book.row(f"whole event: {MEMBERS} members, {VIEWERS} viewers, MP4, RTMP", "≤ 0.5× the sum of the peers", times(found), within(found, 0.5), note)
    return book


def _rooms(n):
    """n rooms of four people with 720p cameras, two of whom speak, as rooms run: uplinks shaped."""
    with Server(canvas__fps_720p=24, canvas__uplink_shaping="true") as server:
        tokens = server.tokens([(f"room{room}", f"m{i}", {}) for room in range(n) for i in range(4)])
        sizes = [each("--clip", clips.clips("busy", SIZES[0])), *(each("--smaller", clips.clips("busy", size)) for size in SIZES[1:])]
        return load("members", "--ws", server.ws, "--tokens", tokens, "--pid", server.pid, "--warm", WARM, "--seconds", SECONDS, "--h264",
                    *[part for size in sizes for part in size], "--steps", "1200000,400000",
                    *each("--voice", clips.voices()), "--talkers", 2 * n)  # fmt: skip


def run_density():
    book = Book("density")
    most, cores = 0, None
    for n in ROOMS:
        figures = _rooms(n)
        share = figures["fps"] / 24
        book.run(f"rotunda, {n} rooms of four", figures, None if share >= LEAST_FRAMES else f"{figures['fps']} of 24 pictures a second")
        cores = figures["cores"] / n
        if share < LEAST_FRAMES:
            break
        most = n
    text = f"{most} beside their people on the same cores; {cores:.3f} cores a room, which is {2 / cores:.0f} rooms in two cores' time (calculated)"
    book.row("rooms of four (720p cameras, sound, shaped) per two cores, ≥ 95 % of frames", "≥ 6", str(most), most >= 6, text)
    return book
