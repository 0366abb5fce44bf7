"""The clips: generated pictures and voices, kept in the user's cache.

busy   every block moves and carries noise: the worst case for every encoder
meet   a still background and one moving head with little noise: a meeting
still  nothing moves
"""

import struct
import subprocess

from machine import CACHE

KINDS = 5
SECONDS = 10
FPS = 25
BITRATES = {(320, 180): 200, (640, 360): 600, (1280, 720): 1500}
# Cameras ask for the bits their cell can show, so a smaller picture is a clip of its own.
SIZES = {"busy": list(BITRATES), "meet": [(640, 360)], "still": [(640, 360)]}


def clip(content, size, kind):
    """Where a clip lies."""
    return CACHE / "clips" / content / f"{size[0]}x{size[1]}_{kind % KINDS}.ivf"


def clips(content, size=(640, 360)):
    """All kinds of one content and size."""
    return [clip(content, size, kind) for kind in range(KINDS)]


def twice(content, size, kind):
    """The same clip played twice without a break in its times, for peers that cannot loop."""
    source = clip(content, size, kind)
    target = source.with_name(f"twice_{source.name}")
    if not target.exists():
        whole = source.read_bytes()
        pictures = _pictures(whole[32:])
        more = [(pts + len(pictures), data) for pts, data in pictures]
        target.write_bytes(whole[:32] + b"".join(struct.pack("<IQ", len(d), pts) + d for pts, d in pictures + more))
    return target


def _pictures(body):
    """(time, bytes) of the pictures of an IVF file without its header."""
    found, at = [], 0
    while at + 12 <= len(body):
        length, pts = struct.unpack_from("<IQ", body, at)
        found.append((pts, body[at + 12 : at + 12 + length]))
        at += 12 + length
    return found


def voice(kind):
    return CACHE / "clips" / f"voice_{kind % KINDS}.opus"


def voices():
    return [voice(kind) for kind in range(KINDS)]


def make():
    """Makes what is missing."""
    for content, sizes in SIZES.items():
        for size in sizes:
            for kind in range(KINDS):
                make_clip(content, size, kind)
    for kind in range(KINDS):
        _make_voice(kind)


def _source(content, w, h, kind):
    """(source, filter) of lavfi."""
    wide, high = w * 5 // 4 // 2 * 2, h * 5 // 4 // 2 * 2
    if content == "still":
        return f"gradients=s={w}x{h}:r={FPS}:n=5:seed={kind + 7}", "loop=loop=-1:size=1:start=0,format=yuv420p"
    if content == "meet":
        head_w, head_h = w // 4 // 2 * 2, h // 2 // 2 * 2
        source = (
            f"gradients=s={w}x{h}:r={FPS}:speed=0.00001:n=5:seed={kind + 7}[b];"
            f"mandelbrot=s={head_w}x{head_h}:r={FPS}:end_pts=600:maxiter=200:start_x=-0.7{kind}[h];"
            f"[b][h]overlay=x='W*0.37+W*0.04*sin(t*(1.1+0.2*{kind}))':y='H*0.3+H*0.03*sin(t*2.3+{kind})'"
        )
        return source, "noise=alls=2:allf=t,format=yuv420p"
    sources = [
        f"testsrc2=s={wide}x{high}:r={FPS}",
        f"mandelbrot=s={wide}x{high}:r={FPS}:end_pts=400:maxiter=300",
        f"life=s={wide // 4}x{high // 4}:r={FPS}:mold=10:ratio=0.4:seed=1:death_color=#204080:life_color=#f0d0b0,"
        f"scale={wide}x{high}:flags=bilinear",
        f"gradients=s={wide}x{high}:r={FPS}:speed=0.03:n=6:seed=3",
        f"mptestsrc=r={FPS},scale={wide}x{high}:flags=bilinear,hue=H=t",
    ]
    pan = (
        f"crop={w}:{h}:x='({wide}-{w})/2*(1+sin(t*1.3+{kind}))':y='({high}-{h})/2*(1+cos(t*0.9+{kind}))',"
        "noise=alls=6:allf=t,format=yuv420p"
    )
    return sources[kind], pan


def make_clip(content, size, kind):
    """Makes one clip if it is missing."""
    w, h = size
    source, filters = _source(content, w, h, kind)
    rate = BITRATES[size]
    encoder = [
        "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", f"{rate}k", "-maxrate", f"{rate}k",
        "-bufsize", f"{rate * 2}k", "-g", "250", "-error-resilient", "1", "-lag-in-frames", "0", "-an",
    ]  # fmt: skip
    _ffmpeg(["-f", "lavfi", "-i", source, "-t", str(SECONDS), "-vf", filters, *encoder], clip(content, size, kind))


def _make_voice(kind):
    """Tones with pauses, so that whoever looks for speech finds some and loses it again."""
    sound = (
        f"aevalsrc='(0.35*sin(2*PI*({120 + 35 * kind})*t+3*sin(2*PI*3*t))"
        f"+0.15*sin(2*PI*({900 + 130 * kind})*t)+0.08*(random({kind})-0.5))"
        f"*max(0\\,sin(2*PI*0.31*t+{kind}))*(0.6+0.4*sin(2*PI*4.1*t))':s=48000:d={SECONDS * 3}"
    )
    encoder = ["-ac", "1", "-c:a", "libopus", "-b:a", "32k", "-application", "voip", "-frame_duration", "20"]
    _ffmpeg(["-f", "lavfi", "-i", sound, *encoder], voice(kind))


def _ffmpeg(arguments, target):
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"part.{target.name}")
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments, str(part)], check=True)
    part.rename(target)
