"""Janus as the peer for audiences (streaming plugin) and for sound (AudioBridge), in a network
namespace of its own, with the load client beside it."""

import contextlib
import pathlib
import subprocess
import time

from machine import CACHE
from product import LOAD, load

NAMESPACE = "rotunda-bench"
ADDRESS = "10.77.0.1"
URL = "http://127.0.0.1:8088/janus"
LIBRARY = "/usr/lib/x86_64-linux-gnu/janus"
UNUSED = [
    "echotest", "recordplay", "sip", "nosip", "videocall", "videoroom", "voicemail", "textroom", "lua", "duktape",
]  # fmt: skip
UNUSED_TRANSPORTS = ["mqtt", "nanomsg", "pfunix", "rabbitmq", "websockets"]
INSIDE = ["ip", "netns", "exec", NAMESPACE]


def _configure(folder, event_loops):
    folder.mkdir(parents=True, exist_ok=True)
    plugins = ",".join(f"libjanus_{name}.so" for name in UNUSED)
    transports = ",".join(f"libjanus_{name}.so" for name in UNUSED_TRANSPORTS)
    loops = f"event_loops = {event_loops}" if event_loops else ""
    (folder / "janus.jcfg").write_text(f"""
general: {{ configs_folder = "{folder}" plugins_folder = "{LIBRARY}/plugins" transports_folder = "{LIBRARY}/transports"
  events_folder = "/nonexistent" loggers_folder = "/nonexistent" debug_level = 3 session_timeout = 0 {loops} }}
nat: {{ ice_enforce_list = "{ADDRESS}" ice_lite = true }}
media: {{ rtp_port_range = "20000-40000" }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
""")
    http = 'json = "compact" base_path = "/janus" http = true port = 8088 ip = "127.0.0.1" https = false'
    (folder / "janus.transport.http.jcfg").write_text(f"general: {{ {http} }}\n")
    stream = 'type = "rtp" id = 1 audio = false video = true videoport = 15004 videopt = 96 videocodec = "vp8"'
    (folder / "janus.plugin.streaming.jcfg").write_text(f"general: {{ }}\nm1: {{ {stream} }}\n")
    room = "sampling_rate = 48000 record = false audiolevel_event = false"
    (folder / "janus.plugin.audiobridge.jcfg").write_text(f"general: {{ }}\nroom-1: {{ {room} }}\n")


@contextlib.contextmanager
def running(event_loops=1):
    """Janus with one stream and one bridge; gives its process id."""
    subprocess.run([pathlib.Path(__file__).parent / "netns.sh", "up"], check=True)
    folder = CACHE / "janus"
    _configure(folder, event_loops)
    with open(CACHE / "janus.log", "wb") as log:
        # `ip netns exec` becomes the command: its process id is Janus'.
        child = subprocess.Popen([*INSIDE, "janus", "-o", "-F", folder], stdout=log, stderr=log)
    try:
        _await(child)
        yield child.pid
    finally:
        child.terminate()
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _await(child):
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and child.poll() is None:
        if subprocess.run([*INSIDE, "curl", "-s", "-o", "/dev/null", f"{URL}/info"]).returncode == 0:
            return
        time.sleep(0.2)
    raise RuntimeError(f"Janus did not start, see {CACHE / 'janus.log'}")


def viewers(n, seconds, warm, mbps=1.5):
    """n viewers of one stream, with Janus at its best: one event loop."""
    with running(event_loops=1) as pid:
        source = subprocess.Popen(
            [*INSIDE, LOAD, "source", "--to", "127.0.0.1:15004", "--mbps", str(mbps), "--seconds", "400"],
            stdout=subprocess.DEVNULL,
        )
        try:
            return load(
                "crowd", "--janus", URL, "-n", n, "--pid", pid, "--bind", ADDRESS, "--seconds", seconds, "--warm", warm,
                namespace=NAMESPACE,
            )  # fmt: skip
        finally:
            source.kill()
            source.wait()


def bridge(n, talkers, voice, seconds, warm):
    """n members of an AudioBridge room, of whom some talk."""
    with running(event_loops=1) as pid:
        return load(
            "bridge", "--janus", URL, "-n", n, "--talkers", talkers, "--voice", voice, "--pid", pid, "--bind", ADDRESS,
            "--seconds", seconds, "--warm", warm,
            namespace=NAMESPACE,
        )  # fmt: skip
