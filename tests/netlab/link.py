"""The link and its two namespaces, from beginning to end."""

import contextlib
import os
import pathlib
import subprocess
import tempfile

#: Where the server is reached from behind the link.
NEAR = "10.77.0.1"
FAR = "10.77.0.2"


class Link:
    """A running link: its control socket and its namespaces."""

    def __init__(self, folder):
        self.control = pathlib.Path(folder) / "control"
        self.near = f"netlab-near-{os.getpid()}"
        self.far = f"netlab-far-{os.getpid()}"

    def inside(self, command):
        """A command as it runs beside the server."""
        return ["ip", "netns", "exec", self.near, *command]

    def arguments(self, seed):
        ends = ["--near", f"{self.near},{NEAR}/24", "--far", f"{self.far},{FAR}/24"]
        return [*ends, "--control", str(self.control), "--seed", str(seed)]


@contextlib.contextmanager
def running(binary, seed):
    """A link that carries packets while the block runs; nothing is left of it afterwards."""
    with tempfile.TemporaryDirectory(prefix="rotunda-netlab-") as folder:
        link = Link(folder)
        child = subprocess.Popen([binary, *link.arguments(seed)], stdout=subprocess.PIPE, text=True)
        try:
            if child.stdout.readline() != "ready\n":
                raise SystemExit("there is no link; the lab needs root, network namespaces and /dev/net/tun")
            yield link
        finally:
            child.kill()
            child.wait()
            for namespace in (link.near, link.far):
                subprocess.run(["ip", "netns", "delete", namespace], stderr=subprocess.DEVNULL)
