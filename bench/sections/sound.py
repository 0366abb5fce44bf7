"""Sound only: twenty members of whom three speak, beside Janus' AudioBridge; then fifty."""

import clips
from compare import Book, in_turn, median, ratio, times, void, within
from machine import QUICK
from peers import janus
from product import Server, each, load

WARM, SECONDS = (3, 3) if QUICK else (4, 8)
TALKERS = 3


def members(n):
    """n members without cameras, of whom three speak; the others have microphones and send nothing, on both sides."""
    with Server() as server:
        server.room("room", max_members=100)
        tokens = server.members(n, media_allowed="audio-only")
        return load("members", "--ws", server.ws, "--pid", server.pid, "--tokens", tokens, "--warm", WARM, "--seconds", SECONDS,
                    *each("--voice", clips.voices()), "--talkers", TALKERS)  # fmt: skip


def run():
    book = Book("sound")

    def ours(_):
        figures = members(20)
        return book.run("rotunda, 20 members, 3 speak", figures, void(figures, pictures=False))

    def theirs(_):
        figures = janus.bridge(20, TALKERS, clips.voice(1), SECONDS, WARM)
        slow = figures["pps"] < 0.98 * 20 * 50
        return book.run("janus audiobridge, 20 members, 3 speak", figures, f"{figures['pps']} packets a second" if slow else None)

    turns = in_turn({"peer": theirs, "ours": ours})
    found = ratio(turns, "ours", "peer")
    note = f"{median(turns, 'ours')} against {median(turns, 'peer')} cores"
    book.row("20 members, 3 speak, sound only", "≤ 0.4× Janus AudioBridge", times(found), within(found, 0.4), note)
    fifty = members(50)
    fifty = book.run("rotunda, 50 members, 3 speak", fifty, void(fifty, pictures=False))
    twenty = median(turns, "ours")
    grown = fifty["cores"] / twenty if fifty and twenty else None
    note = f"{fifty['cores'] if fifty else 'void'} against {twenty} cores"
    book.row("50 members of whom 3 speak", "≤ 1.5× of 20", times(grown), within(grown, 1.5), note)
    return book
