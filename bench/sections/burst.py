"""Key frames to a large audience over a line of 1 Gbit/s, with the socket's buffer as systems have it: what
the socket does not take at once must wait, not be lost. A line that drops at its own queue's end would not
show it, so the queue is one whose bytes count against the sender's buffer (tbf on a veth)."""

import contextlib
import pathlib
import subprocess
import threading

import clips
from compare import Book
from machine import QUICK
from product import LOAD, Server, load

VIEWERS = 50 if QUICK else 400
WARM, SECONDS = (3, 4) if QUICK else (8, 10)
NEAR, FAR, SPACE = "10.78.0.1", "10.78.0.2", "rotunda-burst"
#: What a socket may hold on a system nobody has tuned.
BUFFER = 212_992
COUNTED = ("packets_sent", "packets_retransmitted", "packets_unsent")
BPS = 1_500_000
KNOB = pathlib.Path("/proc/sys/net/core/wmem_max")


def _run(*command):
    subprocess.run(command, check=True, capture_output=True, text=True)


@contextlib.contextmanager
def _line():
    """Two ends of a line of 1 Gbit/s, one of them in a namespace of its own."""
    before = KNOB.read_text()
    subprocess.run(["ip", "netns", "del", SPACE], capture_output=True)
    try:
        KNOB.write_text(str(BUFFER))
        _run("ip", "netns", "add", SPACE)
        _run("ip", "link", "add", "burst0", "type", "veth", "peer", "name", "burst1", "netns", SPACE)
        _run("ip", "addr", "add", f"{NEAR}/24", "dev", "burst0")
        _run("ip", "link", "set", "burst0", "up")
        _run("ip", "-n", SPACE, "addr", "add", f"{FAR}/24", "dev", "burst1")
        _run("ip", "-n", SPACE, "link", "set", "burst1", "up")
        _run("ip", "-n", SPACE, "link", "set", "lo", "up")
        _run("tc", "qdisc", "add", "dev", "burst0", "root", "tbf", "rate", "1gbit", "burst", "256kb", "limit", "64mb")
        yield
    finally:
        subprocess.run(["ip", "link", "del", "burst0"], capture_output=True)
        subprocess.run(["ip", "netns", "del", SPACE], capture_output=True)
        KNOB.write_text(before)


def _newcomers(server, tokens, stop):
    """Somebody comes every other second: of a canvas that moves much that costs a key frame."""
    for token in tokens:
        if stop.wait(2):
            return
        file = server.folder / "newcomer"
        file.write_text(token)
        subprocess.run([LOAD, "crowd", "--ws", server.ws, "--tokens", file, "-n", "1", "--pid", str(server.pid), "--seconds", "1", "--warm", "0"], capture_output=True)


def _watch(book):
    with _line(), Server(listen=NEAR, media__codecs="vp8", canvas__bitrate_720p=BPS) as server:
        everybody = [("show", "member", {"media_allowed": "video-only"})]
        everybody += [("show", f"v{i}", {"join_as": "audience"}) for i in range(VIEWERS + 12)]
        tokens = server.tokens(everybody).read_text().splitlines()
        first, file = server.folder / "first", server.folder / "rest"
        first.write_text(tokens[0])
        file.write_text("\n".join(tokens[1 : VIEWERS + 1]))
        member = subprocess.Popen([LOAD, "members", "--ws", server.ws, "--tokens", first, "--pid", str(server.pid), "--clip", clips.clip("busy", (1280, 720), 1), "--seconds", "300"],
                                  stdout=subprocess.DEVNULL)  # fmt: skip
        stop = threading.Event()
        joining = threading.Thread(target=_newcomers, args=(server, tokens[VIEWERS + 1 :], stop))
        joining.start()
        try:
            before = {name: server.counter(name) for name in COUNTED}
            figures = load("crowd", "--ws", server.ws, "--tokens", file, "-n", VIEWERS, "--pid", server.pid, "--seconds", SECONDS, "--warm", WARM, "--bind", FAR, namespace=SPACE)
            sent, again, unsent = (server.counter(name) - before[name] for name in COUNTED)
            # What is asked for again was lost; a viewer that lost much is given a smaller picture, which is seen in the rate.
            figures["lost_at_first"] = round((again + unsent) / max(sent, 1), 5)
        finally:
            stop.set()
            joining.join()
            member.kill()
            member.wait()
    return book.run(f"rotunda, {VIEWERS} viewers over 1 Gbit/s", figures)


def run():
    book = Book("burst")
    figures = _watch(book)
    loss, share = figures["lost_at_first"], figures["mbps"] * 1e6 / (VIEWERS * BPS)
    met = loss <= 0.005 and share >= 0.9 and figures["receiving"] == VIEWERS
    book.row(f"{VIEWERS} viewers behind 1 Gbit/s, key frames, a buffer of {BUFFER >> 10} KiB: packets lost at first", "≤ 0.5 %", f"{loss:.3%}", met,
             f"{figures['receiving']} of {VIEWERS} receive, {figures['mbps']} Mbit/s, {share:.0%} of the canvas' rate each")  # fmt: skip
    return book
