"""Our server, its room tokens, and the load client against it."""

import base64
import json
import os
import pathlib
import secrets
import shutil
import subprocess
import tempfile
import time
import urllib.request
import uuid

from machine import CACHE, REPO

# Another build may be named, to look at the bench itself.
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPO / "target")) / "release"
SERVER = pathlib.Path(os.environ.get("ROTUNDA_BIN", TARGET / "rotunda"))
LOAD = pathlib.Path(os.environ.get("ROTUNDA_LOAD", TARGET / "rotunda-loadtest"))
READY_WITHIN = 20


def settings(**over):
    """The settings of a run as environment; keys are SECTION__KEY in lower case."""
    wanted = {
        "canvas__fps_720p": 25,
        "canvas__bitrate_720p": 1_500_000,
        "canvas__uplink_shaping": "false",
        "metrics__listen": "127.0.0.1:0",
        "log__level": "warn",
        **over,
    }
    return {f"ROTUNDA_{key.upper()}": str(value) for key, value in wanted.items()}


class Server:
    """A server of its own for each run: `with Server(...) as server`."""

    def __init__(self, listen="127.0.0.1", **over):
        self.listen = listen
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rotunda-bench-"))
        self.environment = {
            **os.environ,
            **settings(**over),
            "ROTUNDA_PROJECT_ID": str(uuid.uuid4()),
            "ROTUNDA_API_TOKEN": f"PT{secrets.token_hex(20)}",
            "ROTUNDA_READY_FILE": str(self.folder / "ready.json"),
        }

    def __enter__(self):
        command = [SERVER, "dev", "--data-dir", self.folder, "--listen", f"{self.listen}:0", "--udp-port", "0", "--tcp-port", "0"]
        self.log = open(CACHE / "server.log", "wb")
        self.child = subprocess.Popen(command, env=self.environment, stdout=self.log, stderr=self.log)
        self.facts = self._ready()
        self.pid = self.facts["pid"]
        self.ws = self.facts["ws"]
        return self

    def __exit__(self, *_):
        self.child.terminate()
        try:
            self.child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _ready(self):
        file = self.folder / "ready.json"
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            if file.exists():
                return json.loads(file.read_text())
            if self.child.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(f"the server did not get ready, see {CACHE / 'server.log'}")

    def get(self, path):
        """What REST answers to a question."""
        return self._ask(path)

    def counter(self, name):
        """What /metrics says of one figure."""
        with urllib.request.urlopen(f"{self.facts['metrics']}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.split(" ")[0].split("{")[0] == f"rotunda_{name}_total")

    def end(self, rooms):
        """Deletes rooms: their sessions end, and what was recorded of them is finished."""
        for room in rooms:
            self._ask(f"/rooms/{room['id']}", method="DELETE")

    def _post(self, path, body):
        return self._ask(path, body)

    def _ask(self, path, body=None, method=None):
        pair = f"{self.facts['project_id']}:{self.facts['api_token']}".encode()
        head = {"authorization": "Basic " + base64.b64encode(pair).decode(), "content-type": "application/json"}
        request = urllib.request.Request(f"{self.facts['http']}/api/video{path}", json.dumps(body).encode() if body is not None else None, head, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def room(self, name, **wish):
        """A room that is more than its token says."""
        return self._post("/rooms", {"name": name, **wish})

    def token(self, room, name, **wish):
        """A room token."""
        return self._post("/room_tokens", {"room_name": room, "user_name": name, **wish})["token"]

    def tokens(self, wishes):
        """A file of tokens; `wishes` are (room, name, more) triples."""
        file = self.folder / f"tokens-{uuid.uuid4()}"
        file.write_text("\n".join(self.token(room, name, **more) for room, name, more in wishes))
        return file

    def members(self, n, room="room", **more):
        """Tokens of n members of one room."""
        return self.tokens([(room, f"m{i}", more) for i in range(n)])


def load(*arguments, namespace=None):
    """Runs the load client and gives what it found."""
    inside = ["ip", "netns", "exec", namespace] if namespace else []
    command = [*inside, str(LOAD), *[str(a) for a in arguments]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command[:8])} …: {done.stderr.strip()[-600:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def each(flag, values):
    """`--flag a --flag b` for a command line."""
    return [part for value in values for part in (flag, str(value))]
