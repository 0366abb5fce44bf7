"""GStreamer as the MCU a self-hoster would build: N members decoded, composed as a grid, encoded
once. Fed from files as fast as it can: no network, no encryption, no jitter buffer."""

import json
import math
import subprocess

import clips
from machine import CACHE, timed

W, H, FPS = 1280, 720, 25
ENCODERS = {
    # cpu-used -6 is libwebrtc's and FreeSWITCH's setting, and quality for the processor time.
    "vp8": [
        "vp8enc", "deadline=1", "cpu-used=-6", "threads=1", "target-bitrate={bps}", "end-usage=cbr",
        "lag-in-frames=0", "error-resilient=default", "keyframe-max-dist=3000", "buffer-size=1000",
        "buffer-initial-size=500", "buffer-optimal-size=600", "static-threshold=1", "min-quantizer=2",
        "max-quantizer=56",
    ],
    "h264": [
        "openh264enc", "bitrate={bps}", "rate-control=bitrate", "complexity=low", "gop-size=3000",
        "multi-thread=1", "enable-frame-skip=false", "scene-change-detection=false",
    ],
}  # fmt: skip


def cells(n):
    """Where the members lie: x, y, width, height."""
    side = math.ceil(math.sqrt(n))
    w, h = W // side // 2 * 2, H // side // 2 * 2
    return [(i % side * w, i // side * h, w, h) for i in range(n)]


def _pipeline(n, sources, encoder, bps, sink):
    line = ["gst-launch-1.0", "-q", "compositor", "name=m", "background=black"]
    for i, (x, y, w, h) in enumerate(cells(n)):
        line += [f"sink_{i}::xpos={x}", f"sink_{i}::ypos={y}", f"sink_{i}::width={w}", f"sink_{i}::height={h}"]
    line += ["!", f"video/x-raw,format=I420,width={W},height={H},framerate={FPS}/1", "!"]
    line += [part.format(bps=bps) for part in ENCODERS[encoder]]
    line += ["!", *sink]
    for i, source in enumerate(sources):
        line += ["filesrc", f"location={source}", "!", "ivfparse", "!", "vp8dec", "threads=1", "!"]
        line += ["queue", "max-size-buffers=4", "!", f"m.sink_{i}"]
    return line


def cost(content, n, encoder="vp8", bps=1_500_000):
    """Cores it needs for real time."""
    sources = [clips.clip(content, (640, 360), i) for i in range(n)]
    run = timed(_pipeline(n, sources, encoder, bps, ["fakesink", "sync=false"]), stdout=subprocess.DEVNULL)
    if run["status"] != 0:
        raise RuntimeError("gst-launch-1.0 failed")
    return {"cores": round(run["cpu_s"] / clips.SECONDS, 4), "n": n, "rss_kib": run["rss_kib"], "wall_s": run["wall_s"]}


def canvas(content, n, encoder, bps=1_500_000, every=5):
    """Every so-manieth frame of its canvas while the clips play for the second time (as ours are
    seen: in the middle of a session, over a whole clip): the file of raw frames, the rate in kbit/s
    over the same time, and the cells."""
    after = clips.SECONDS
    parse = {"vp8": [], "h264": ["h264parse", "!"]}[encoder]
    file = CACHE / f"gst-{content}-{encoder}.mkv"
    sink = [*parse, "matroskamux", "!", "filesink", f"location={file}"]
    sources = [clips.twice(content, (640, 360), i) for i in range(n)]
    subprocess.run(_pipeline(n, sources, encoder, bps, sink), check=True, stdout=subprocess.DEVNULL)
    raw = file.with_suffix(".yuv")
    wanted = f"select='gte(n,{after * FPS})*not(mod(n,{every}))'"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", file, "-vf", wanted, "-vsync", "0", "-pix_fmt", "yuv420p",
         "-f", "rawvideo", raw],
        check=True,
    )  # fmt: skip
    return {"frames": raw, "kbps": _rate(file, after), "cells": cells(n)}


def _rate(file, after):
    shown = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "packet=size", "-of", "json", file],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    sizes = [int(packet["size"]) for packet in json.loads(shown.stdout)["packets"]][after * FPS :]
    return round(sum(sizes) * 8 / (len(sizes) / FPS) / 1000, 1)
