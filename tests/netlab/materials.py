"""What people in the lab say and show, kept in the user's cache: four sentences of eight seconds, spoken
by flite; clips of the benchmarks for the members; a moving camera for who publishes behind the link."""

import os
import pathlib
import subprocess
import sys

REPO = pathlib.Path(__file__).resolve().parents[2]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "rotunda" / "netlab"

#: Seconds of a sentence, what it says and who says it. All differ, so that none is taken for another.
SENTENCE = 8
SENTENCES = [
    ("slt", "The morning train to the harbour was late again, so we walked along the river and counted the boats."),
    ("rms", "Every winter my uncle repaired old wooden clocks, and none of them ever showed the same time twice."),
    ("awb", "Please bring seven fresh lemons, a loaf of dark bread, and whatever cheese looks good at the market."),
    ("kal16", "Behind the yellow house a narrow path climbs through the forest until it reaches a quiet mountain lake."),
]

#: Kinds of the benchmarks' clips that differ most.
KINDS = (0, 1, 3)
SIZE = (640, 360)


def make():
    """Makes what is missing; gives where everything lies."""
    CACHE.mkdir(parents=True, exist_ok=True)
    speech = _make(CACHE / "speech.wav", _speak)
    voice = _make(CACHE / "speech.opus", lambda to: _encode(speech, to))
    camera = _make(CACHE / "camera.mjpeg", _film)
    return {"speech": str(speech), "voice": str(voice), "camera": str(camera), "clips": _clips()}


def _make(path, how):
    if not path.exists():
        part = path.with_name(f"part.{path.name}")
        how(part)
        part.rename(path)
    return path


def _speak(target):
    """Sentence behind sentence, each padded to its eight seconds, 48 kHz, one channel."""
    spoken = []
    for voice, text in SENTENCES:
        spoken.append(CACHE / f"{voice}.wav")
        subprocess.run(["flite", "-voice", voice, "-t", text, "-o", spoken[-1]], check=True)
    inputs = [part for path in spoken for part in ("-i", str(path))]
    each = f"aresample=48000,loudnorm=I=-20,aresample=48000,apad,atrim=0:{SENTENCE},asetpts=N/SR/TB"
    chains = "".join(f"[{n}]{each}[s{n}];" for n in range(len(spoken)))
    joined = "".join(f"[s{n}]" for n in range(len(spoken)))
    graph = f"{chains}{joined}concat=n={len(spoken)}:v=0:a=1"
    _ffmpeg([*inputs, "-filter_complex", graph, "-ac", "1", "-ar", "48000", "-c:a", "pcm_s16le"], target)


def _encode(speech, target):
    encoder = ["-c:a", "libopus", "-b:a", "32k", "-application", "voip", "-frame_duration", "20"]
    _ffmpeg(["-i", str(speech), *encoder], target)


def _film(target):
    # Every part of it moves in every picture, so that a new one is known by any part.
    source = f"testsrc2=s={SIZE[0]}x{SIZE[1]}:r=20"
    filters = "scroll=horizontal=0.01:vertical=0.015,format=yuvj420p"
    _ffmpeg(["-f", "lavfi", "-i", source, "-t", "10", "-vf", filters, "-c:v", "mjpeg", "-q:v", "5", "-f", "mjpeg"], target)


def _ffmpeg(arguments, target):
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments, str(target)], check=True)


def _clips():
    sys.path.insert(0, str(REPO / "bench"))
    import clips

    for kind in KINDS:
        clips.make_clip("busy", SIZE, kind)
    return [str(clips.clip("busy", SIZE, kind)) for kind in KINDS]
