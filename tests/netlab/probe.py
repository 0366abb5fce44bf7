"""The link against itself: datagrams there and back over a real link, and what came of them.

    probe.py "down loss=10" ["up jitter=30"...]     each argument is a command to the link
    --count 2000 --size 200 --every 5               how many, bytes, ms between two

ROTUNDA_NETLAB names another binary than that of the dev build. Needs root."""

import argparse
import json
import os
import socket
import subprocess
import sys
import threading
import time

import link
import materials
from say import say

PORT = 29500
TARGET = os.environ.get("CARGO_TARGET_DIR", materials.REPO / "target")
NETLAB = os.environ.get("ROTUNDA_NETLAB", f"{TARGET}/debug/netlab")


def echo():
    """Sends back what comes, until nothing comes for five seconds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.bind((link.FAR, PORT))
        own.settimeout(5)
        try:
            while True:
                own.sendto(*own.recvfrom(2000))
        except TimeoutError:
            return


def listen(own, arrived):
    """Keeps (number, seconds under way) of what comes back."""
    try:
        while True:
            number, sent = own.recv(2000).split()[:2]
            arrived.append((int(number), time.monotonic() - float(sent)))
    except TimeoutError:
        return


def probe(count, size, every):
    """Sends the datagrams, and gives what came back."""
    arrived = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.connect((link.FAR, PORT))
        own.settimeout(2)
        listener = threading.Thread(target=listen, args=(own, arrived))
        listener.start()
        begin = time.monotonic()
        for number in range(count):
            time.sleep(max(0, begin + number * every / 1000 - time.monotonic()))
            own.send(f"{number} {time.monotonic()} ".encode().ljust(size, b"x"))
        listener.join()
    return arrived


def rows(numbers, count):
    """Lengths of the rows of missing numbers."""
    lengths, last = [], -1
    for number in [*sorted(numbers), count]:
        if number > last + 1:
            lengths.append(number - last - 1)
        last = number
    return lengths


def summary(arrived, count, size):
    """What came, in words of the settings."""
    trips = sorted(1000 * trip for _, trip in arrived) or [0]
    lost = rows({number for number, _ in arrived}, count)
    return {
        "sent": count,
        "back": len(arrived),
        "lost_percent": round(100 * sum(lost) / count, 1),
        "row": round(sum(lost) / max(1, len(lost)), 2),
        "round_trip_ms": [round(trips[int(len(trips) * part)], 1) for part in (0.5, 0.95)],
        "overtaken": sum(b[0] < a[0] for a, b in zip(arrived, arrived[1:])),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--size", type=int, default=200)
    parser.add_argument("--every", type=float, default=5)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--echo", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("commands", nargs="*")
    options = parser.parse_args()
    if options.echo:
        return echo()
    if options.inside:
        return print(json.dumps(summary(probe(options.count, options.size, options.every), options.count, options.size)))
    own = [sys.executable, __file__]
    how = ["--count", str(options.count), "--size", str(options.size), "--every", str(options.every)]
    with link.running(NETLAB, seed=7) as running:
        for command in options.commands:
            say(running.control, command)
        with subprocess.Popen(["ip", "netns", "exec", running.far, *own, "--echo"]):
            time.sleep(0.5)
            subprocess.run(running.inside([*own, "--inside", *how]), check=True)
        print(say(running.control, "stat"))


if __name__ == "__main__":
    main()
