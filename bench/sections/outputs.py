"""What leaves a room beside its legs: what a recording and a stream cost, FFmpeg's children counted,
beside a transcode of the same film; and many recordings at once, all whole."""

import os
import pathlib
import socket
import subprocess
import time

import clips
from compare import Book, times, within
from machine import QUICK, spent, timed
from product import LOAD, Server, each

WARM, SECONDS = (4, 4) if QUICK else (6, 10)
MEMBERS = 3
SEVERAL = 3 if QUICK else 5
SOUND_ROOMS, PICTURE_ROOMS = (3, 1) if QUICK else (20, 3)


def children(pid):
    """The processes a process has started and that live."""
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            found += [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{task}/children").read_text().split()]
        except OSError:
            continue
    return found


def _of_all(pid, ask):
    total = 0
    for one in [pid, *children(pid)]:
        try:
            total += ask(one)
        except OSError:
            continue  # it ended meanwhile; its time is in its parent's
    return total


def memory_kib(pid, kind):
    """`Rss` or `Pss` of a process and its children."""
    def ask(one):
        lines = pathlib.Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith(f"{kind}:"))
    return _of_all(pid, ask)


def cores(pid, seconds):
    """Processor seconds a second of a process and its children."""
    before, began = _of_all(pid, spent), time.monotonic()
    time.sleep(seconds)
    return (_of_all(pid, spent) - before) / (time.monotonic() - began)


class People:
    """Members who send and receive as long as it is asked for: `with People(server, tokens) as people`."""

    def __init__(self, server, tokens, *more):
        arguments = ["members", "--ws", server.ws, "--pid", server.pid, "--tokens", tokens, "--warm", 2, "--seconds", 300, *more]
        self.command = [str(LOAD), *[str(a) for a in arguments]]

    def __enter__(self):
        self.child = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()


class Target:
    """An RTMP server for one stream that throws away what comes."""

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"rtmp://127.0.0.1:{port}/live/key"
        command = ["ffmpeg", "-nostdin", "-v", "error", "-listen", "1", "-i", self.url, "-c", "copy", "-f", "null", "-"]
        self.child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.child.terminate()
        self.child.wait()


def films(server):
    """The files of recordings."""
    return sorted((server.folder / "recordings").rglob("*.mp4"))


def cost(codec, recorded, streams=0):
    """What a room of three cameras costs; with streams, also before each of them."""
    with Server(network__allow_private="true") as server:
        room = server.room("room", record_on_start=recorded)
        more = [*each("--clip", clips.clips("meet", (640, 360))), *(["--h264"] if codec == "h264" else [])]
        targets = [Target() for _ in range(streams)]
        with People(server, server.members(MEMBERS, media_allowed="video-only"), "--soundless", *more):
            time.sleep(WARM)
            found = {"cores": round(cores(server.pid, SECONDS), 4)}
            for n, target in enumerate(targets):
                target.__enter__()
                stream = server._post("/rooms/room/streams", {"url": target.url})
                deadline = time.monotonic() + 20
                while server.get(f"/streams/{stream['id']}")["state"] != "live" and time.monotonic() < deadline:
                    time.sleep(0.2)
                time.sleep(2)
                found[f"cores_{n + 1}_streams"] = round(cores(server.pid, SECONDS), 4)
            found["rss_kib"] = memory_kib(server.pid, "Rss")
            found["children"] = len(children(server.pid))
            server.end([room])
        for target in targets:
            target.__exit__()
        film = None
        if recorded:
            settle(server, 1)
            film = films(server)[0].read_bytes()
    return found, film


def settle(server, wanted):
    """Waits until so many recordings are completed, and gives their rows."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        rows = server.get("/room_recordings?page_size=100")["data"]
        if len([row for row in rows if row["status"] == "completed"]) >= wanted:
            return rows
        time.sleep(0.5)
    return server.get("/room_recordings?page_size=100")["data"]


def transcode(film):
    """Cores of decoding a film and encoding it again at its speed: what a recorder that joins costs."""
    path = pathlib.Path("/dev/shm/rotunda-bench-film.mp4")
    path.write_bytes(film)
    probe = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    seconds = float(subprocess.run(probe, capture_output=True, text=True, check=True).stdout)
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-c:v", "libx264", "-preset", "veryfast", "-b:v", "1500k",
               "-c:a", "aac", "-b:a", "96k", "-f", "null", "-"]  # fmt: skip
    figures = timed(command)
    path.unlink()
    return {"cores": round(figures["cpu_s"] / seconds, 4), "film_s": round(seconds, 1)}


def run():
    book = Book("outputs")
    plain, _ = cost("h264", False)
    book.run("H.264 room, not recorded", plain)
    recorded, film = cost("h264", True, streams=2)
    book.run("H.264 room, recorded, then streamed to one and to two", recorded)
    full = transcode(film)
    book.run("ffmpeg: the film transcoded", full)
    added = max(recorded["cores"] - plain["cores"], 0)
    note = f"{recorded['cores']} against {plain['cores']} cores; a transcode is {full['cores']}"
    found = added / full["cores"]
    book.row("recording an H.264 canvas", "≤ 0.15 transcodes", times(found), within(found, 0.15), note)
    further = recorded["cores_2_streams"] - recorded["cores_1_streams"]
    note = f"{recorded['cores']}, {recorded['cores_1_streams']}, {recorded['cores_2_streams']} cores with none, one and two"
    book.row("each further RTMP target", "≤ 0.01 cores", f"{further:.4f} cores", within(further, 0.01), note)
    vp8, _ = cost("vp8", False)
    book.run("VP8 room, not recorded", vp8)
    both, _ = cost("vp8", True, streams=2)
    book.run("VP8 room, recorded and streamed to two", both)
    found = (both["cores_2_streams"] - vp8["cores"]) / full["cores"]
    note = f"{both['cores_2_streams']} against {vp8['cores']} cores"
    book.row("a recording and two RTMP targets of a VP8-only canvas", "≤ 1.1 transcodes", times(found), within(found, 1.1), note)
    _memory(book)
    _many(book)
    return book


def _rooms(recorded):
    """What `SEVERAL` sound-only rooms take, in MB: each page as often as it is mapped, and once."""
    names = [f"sound{i}" for i in range(SEVERAL)]
    with Server() as server:
        made = [server.room(name, record_on_start=recorded) for name in names]
        tokens = server.tokens([(name, "m", {"media_allowed": "audio-only"}) for name in names])
        with People(server, tokens, "--talkers", SEVERAL, *each("--voice", clips.voices())):
            time.sleep(WARM + SECONDS)
            found = {kind.lower() + "_mb": round(memory_kib(server.pid, kind) / 1024, 1) for kind in ("Rss", "Pss")}
            server.end(made)
    return found


def _memory(book):
    plain, recorded = _rooms(False), _rooms(True)
    book.run(f"{SEVERAL} sound-only rooms, not recorded", plain)
    book.run(f"{SEVERAL} sound-only rooms, recorded", recorded)
    once, mapped = ((recorded[key] - plain[key]) / SEVERAL for key in ("pss_mb", "rss_mb"))
    note = f"{SEVERAL} at once, children included, what they share counted once; {mapped:.0f} MB if it is counted each time"
    book.row("memory of a recording", "≤ 40 MB", f"{once:.0f} MB", within(once, 40), note)


def _many(book):
    rooms = [f"sound{i}" for i in range(SOUND_ROOMS)]
    shown = [f"picture{i}" for i in range(PICTURE_ROOMS)]
    with Server() as server:
        made = [server.room(name, record_on_start=True) for name in rooms + shown]
        heard = server.tokens([(name, "m", {"media_allowed": "audio-only"}) for name in rooms])
        seen = server.tokens([(name, f"m{i}", {}) for name in shown for i in range(2)])
        voices = ["--talkers", SOUND_ROOMS, *each("--voice", clips.voices())]
        began = time.monotonic()
        with People(server, heard, *voices), People(server, seen, "--h264", *each("--clip", clips.clips("meet", (640, 360)))):
            time.sleep(WARM + 2 * SECONDS)
            figures = {"cores": round(cores(server.pid, SECONDS), 4), "children": len(children(server.pid))}
            server.end(made)
        lasted = time.monotonic() - began
        rows = settle(server, len(rooms + shown))
        whole = [film for film in films(server) if is_whole(film)]
        shortest = min((row["duration"] or 0 for row in rows), default=0)
    book.run(f"{SOUND_ROOMS} sound-only rooms and {PICTURE_ROOMS} with pictures, all recorded", {**figures, "shortest_s": shortest, "whole": len(whole)})
    good = len(whole) == len(rooms + shown) and shortest > lasted * 0.7
    note = f"the shortest of {shortest:.0f} s, people there for {lasted:.0f} s; {figures['cores']} cores"
    book.row(f"{SOUND_ROOMS} sound-only rooms and {PICTURE_ROOMS} of 720p recorded at once", "all whole", f"{len(whole)} of {len(rooms + shown)}", good, note)


def is_whole(film):
    """Whether a strict decoder is content."""
    strict = ["ffmpeg", "-nostdin", "-v", "error", "-xerror", "-err_detect", "explode", "-i", str(film), "-f", "null", "-"]
    done = subprocess.run(strict, capture_output=True, text=True)
    return done.returncode == 0 and not done.stderr
