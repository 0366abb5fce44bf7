"""What was seen: figures of the times at which pictures came, and of the browser's counts. Times are
milliseconds after the change of the link unless a name says otherwise."""

import numpy as np

#: A gap that is noticed, and one after which pictures do not count as moving.
GAP_MS = 200
STILL_MS = 500
#: Within so long after a change everything must have been found out.
SEARCH_MS = 10_000
#: Mean steps of luma by which a quarter of the canvas shows a new picture of a camera.
MOVED = 0.8
#: The weak one's cell: who comes last is at the bottom right of four.
CELL = 3


def gaps(times, begin, end):
    """(begin, length) of what lies between pictures, from `begin` to `end`."""
    inside = times[(times > begin) & (times < end)]
    edges = np.concatenate([[begin], inside, [end]])
    return edges[:-1], np.diff(edges)


def steady(times, begin, end):
    """Figures of the time in which nothing changes any more."""
    _, lengths = gaps(times, begin, end)
    span = (end - begin) / 1000
    count = int(((times > begin) & (times < end)).sum())
    return {
        "fps": round(count / span, 1),
        "gaps_per_minute": round(float((lengths > GAP_MS).sum()) * 60 / span, 1),
        "longest_gap_ms": round(float(lengths.max())),
    }


def moving_after(times, begin, end):
    """When pictures move again after a change: the end of the last stillness that began within ten
    seconds of it."""
    edges, lengths = gaps(times, begin, end)
    still = (lengths > STILL_MS) & (edges < begin + SEARCH_MS)
    ends = (edges + lengths)[still]
    return round(float(ends.max() - begin)) if len(ends) else 0


def counted(counters, kind, name):
    """How much a counter grew, 0 where there is none."""
    rows = [row[kind] for row in counters if row.get(kind)]
    return rows[-1].get(name, 0) - rows[0].get(name, 0) if len(rows) > 1 else 0


def received(side):
    """What the browser counted of what came."""
    counters = side["counters"]
    span = (side["ended"] - side["began"]) / 1000
    picture = lambda name: counted(counters, "inbound-rtp/video", name)
    sound = lambda name: counted(counters, "inbound-rtp/audio", name)
    samples = max(1, sound("totalSamplesReceived"))
    packets = max(1, picture("packetsLost") + picture("packetsReceived"))
    trips = [row["roundTrip"] for row in counters if row.get("roundTrip") is not None]
    return {
        "kbps": round(picture("bytesReceived") * 8 / span / 1000),
        "lost_percent": round(100 * picture("packetsLost") / packets, 1),
        "key_frames_per_minute": round(picture("keyFramesDecoded") * 60 / span, 1),
        "asked_key_frames_per_minute": round(picture("pliCount") * 60 / span, 1),
        "concealed_percent": round(100 * sound("concealedSamples") / samples, 2),
        "sound_buffer_ms": round(1000 * sound("jitterBufferDelay") / max(1, sound("jitterBufferEmittedCount"))),
        "round_trip_ms": round(1000 * float(np.median(trips))) if trips else None,
        "protocol": counters[-1].get("protocol"),
        "codec": (counters[-1].get("inbound-rtp/video") or {}).get("codec"),
    }


def sent(side):
    """What the browser counted of what it published."""
    counters = side["counters"]
    span = (side["ended"] - side["began"]) / 1000
    picture = lambda name: counted(counters, "outbound-rtp/video", name)
    last = counters[-1].get("outbound-rtp/video") or {}
    return {
        "sent_fps": round(picture("framesEncoded") / span, 1),
        "sent_height": last.get("frameHeight"),
        "sent_kbps": round(picture("bytesSent") * 8 / span / 1000),
        "sent_sound_kbps": round(counted(counters, "outbound-rtp/audio", "bytesSent") * 8 / span / 1000),
    }


def times_of(side):
    """When pictures came, after the writing down began, and how high they were."""
    rows = np.array(side["pictures"], float).reshape(-1, 2)
    return rows[:, 0] - side["began"], rows[:, 1]


def cell(side, begin, end):
    """Figures of the weak publisher's cell on the healthy viewer's canvas."""
    times, _ = times_of(side)
    looks = np.array(side["looks"], float).reshape(-1, 4)
    count = min(len(times), len(looks))
    figures = steady(times[:count][looks[:count, CELL] > MOVED], begin, end)
    return {"cell_fps": figures["fps"], "cell_longest_gap_ms": figures["longest_gap_ms"]}


def dip(side, began, ended):
    """How a dip was got over: from when on pictures moved, and from when on they were whole again."""
    times, heights = times_of(side)
    full = heights.max(initial=0)
    smaller = times[(heights < full) & (times > began)]
    whole = times[(heights == full) & (times > max(ended, smaller.max(initial=0)))]
    end = side["ended"] - side["began"]
    concealed = [
        (row["at"] - side["began"], row["inbound-rtp/audio"]["concealedSamples"])
        for row in side["counters"]
        if row.get("inbound-rtp/audio")
    ]
    lost = np.interp([began, end], *np.array(concealed, float).T)
    return {
        "dip_moving_after_ms": moving_after(times, began, end),
        "dip_full_size_after_ms": round(float(whole.min(initial=end) - ended)),
        "dip_lost_speech_ms": round(float(lost[1] - lost[0]) / 48),
    }
