"""Says one command to a running link and prints its answer: say.py SOCKET COMMAND."""

import os
import socket
import sys
import tempfile


def say(control, command):
    """The answer; an error is raised as it was said."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
        own.bind(os.path.join(folder, "answer"))
        own.settimeout(5)
        own.sendto(command.encode(), str(control))
        answer = own.recv(4096).decode()
    if answer.startswith("error"):
        raise SystemExit(f"{command}: {answer}")
    return answer


if __name__ == "__main__":
    print(say(sys.argv[1], " ".join(sys.argv[2:])))
