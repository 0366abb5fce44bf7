"""What was heard: PESQ (wideband, ITU-T P.862.2) and STOI of recorded sentences against what was spoken,
and how much later one hears than another. Sounds are arrays at 16 kHz."""

import pathlib
import wave

import numpy as np
from pesq import pesq
from pystoi import stoi
from scipy.signal import fftconvolve, resample_poly

RATE = 16_000
#: The envelope by which sentences are found: one value each 10 ms.
STEP = 160
#: Below this nothing was heard at all.
SILENCE = 1e-3
#: A sentence may stand this far from where the others say, in steps of the envelope (0.8 s).
SLACK = 80


def sentences(path, seconds=8):
    """The spoken sentences, one array each."""
    with wave.open(str(path)) as file:
        whole = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
        rate = file.getframerate()
    count = len(whole) // (seconds * rate)
    return [resample_poly(whole[n * seconds * rate : (n + 1) * seconds * rate], RATE, rate) for n in range(count)]


def recorded(path, rate):
    """A recording, signed 16 bits."""
    whole = np.frombuffer(pathlib.Path(path).read_bytes(), np.int16) / 32768
    return resample_poly(whole, RATE, int(rate)) if len(whole) else whole


def envelope(sound, step=STEP):
    """Loudness, one value each `step` samples."""
    return np.sqrt((sound[: len(sound) // step * step].reshape(-1, step) ** 2).mean(1))


def _likeness(whole, part):
    """How much `part` is like each place of `whole`, −1 to 1."""
    part, whole = part - part.mean(), whole - whole.mean()
    power = np.maximum(fftconvolve(whole**2, np.ones(len(part)), "valid"), 1e-12)
    return fftconvolve(whole, part[::-1], "valid") / np.sqrt(power * (part**2).sum())


def _best(spoken, whole):
    """(which sentence, where in steps) of the one that is found most surely."""
    found = []
    for number, sentence in enumerate(spoken):
        like = _likeness(whole, envelope(sentence))
        found.append((float(like.max()), number, int(like.argmax())))
    return max(found)[1:]


def _places(spoken, whole):
    """(sentence, roughly where in steps) of all sentences that lie wholly in a recording."""
    length = len(envelope(spoken[0]))
    if len(whole) < length:
        return []
    number, at = _best(spoken, whole)
    first = at - number * length
    places = []
    for turn in range(-len(whole) // length - 2, len(whole) // length + 3):
        where = first + turn * length
        if 0 <= where <= len(whole) - length - 5:
            places.append((spoken[turn % len(spoken)], where))
    return places


def _exact(sentence, recording, whole, where):
    """Where a sentence begins, in samples: by its envelope, then by the sound itself."""
    lo = max(0, where - SLACK)
    like = _likeness(whole[lo : where + SLACK + len(envelope(sentence))], envelope(sentence))
    at = (lo + int(like.argmax())) * STEP
    lo = max(0, at - 1600)
    near = np.abs(fftconvolve(recording[lo : at + len(sentence) + 1600], sentence[::-1], "valid"))
    return lo + int(near.argmax()) if len(near) else at


def _fit(part, recording, lo, hi):
    """Where in `lo`…`hi` a second of sound fits best by its envelope; none where it fits nowhere."""
    lo, hi = max(0, lo), min(hi, len(recording) - len(part))
    if hi <= lo or np.abs(part).max() < 0.03:
        return None
    like = _likeness(envelope(recording[lo : hi + len(part)], 40), envelope(part, 40))
    return lo + 40 * int(like.argmax())


def _clarity(sentence, recording, at):
    """STOI with each second put where it fits best: a jitter buffer stretches time."""
    first = _fit(sentence, recording, at - 2400, at + 2400)
    shift = first - at if first is not None else 0
    pieces = []
    for begin in range(0, len(sentence), RATE):
        part = sentence[begin : begin + RATE]
        fits = _fit(part, recording, at + begin + shift - 960, at + begin + shift + 1000)
        shift = fits - at - begin if fits is not None else shift
        lo = max(0, at + begin + shift)
        piece = recording[lo : lo + len(part)]
        pieces.append(np.pad(piece, (0, len(part) - len(piece))))
    return float(stoi(sentence, np.concatenate(pieces), RATE))


def _mark(sentence, recording, at):
    """(PESQ, STOI) of one sentence; the worst marks for silence and for what PESQ finds no speech in."""
    heard = recording[at : at + len(sentence)]
    heard = np.pad(heard, (0, len(sentence) - len(heard)))
    if np.abs(heard).max() < SILENCE:
        return 1.0, 0.0
    try:
        return float(pesq(RATE, sentence, heard, "wb")), _clarity(sentence, recording, at)
    except Exception:  # pesq's own errors have no common base but this
        return 1.0, _clarity(sentence, recording, at)


def marks(spoken, recording, after=0.0):
    """Mean PESQ and STOI of all whole sentences that begin `after` seconds; none without any."""
    whole = envelope(recording)
    places = [(s, w) for s, w in _places(spoken, whole) if w >= after * RATE / STEP]
    found = [_mark(s, recording, _exact(s, recording, whole, w)) for s, w in places]
    if not found:
        return {"pesq": None, "stoi": None, "sentences": 0}
    pesqs, stois = zip(*found)
    return {"pesq": round(float(np.mean(pesqs)), 2), "stoi": round(float(np.mean(stois)), 3), "sentences": len(found)}


def lag(healthy, weak, began, after=0.0):
    """How much later the weak one hears, ms. `began` are the wall clocks, ms, of both first samples;
    only what was recorded `after` so many seconds counts."""
    skip = int(after * RATE)
    x, y = envelope(healthy[skip:], 80), envelope(weak[skip:], 80)
    count = min(len(x), len(y))
    if count < 400:
        return None
    x, y = x[:count] - x[:count].mean(), y[:count] - y[:count].mean()
    shift = int(fftconvolve(y, x[::-1]).argmax()) - (count - 1)
    return round(shift * 5 + began[1] - began[0])
