"""The figures of one turn: what run.mjs wrote down, as one flat table by the names that bars use."""

import json

import pictures
import sound

#: Sentences that begin sooner after the link's change belong to neither state.
SOUND_AFTER = 2.0
#: Pictures likewise, where the row says nothing else.
SETTLE = 2.0
#: After a dip's end the sound may take so long to be on time again.
BACK_AFTER = 5.0


def of(folder, name, spoken, fps=20):
    """Figures of a row in a folder of run.mjs, `fps` being the canvas'; `error` alone when it was not played
    to its end."""
    found = json.loads((folder / f"{name}.json").read_text())
    if "error" in found:
        return {"error": found["error"]}
    row, healthy, weak = found["row"], found["healthy"], found["weak"]
    heard = {who: sound.recorded(folder / f"{name}.{who}.s16", found[who].get("rate", 48_000)) for who in ("healthy", "weak")}
    figures = {"at": found["at"], **_server(found), **_healthy(row, healthy, heard, spoken)}
    figures["healthy_share_of_pictures"] = round(figures["healthy_fps"] / fps, 3)
    figures |= _publisher(row, found) if row.get("publishes") else _viewer(row, found, heard, spoken)
    return figures


def _window(row, side):
    return 1000 * row.get("settle", SETTLE), side["ended"] - side["began"]


def _server(found):
    before, after = found["before"], found["after"]
    grown = {key: after["machine"][key] - before["machine"][key] for key in ("idle", "all")}
    return {
        "idle_share": round(grown["idle"] / max(0.01, grown["all"]), 3),
        "server_cores": round((after["spent"] - before["spent"]) / found["seconds"], 2),
        "asked_of_server_per_minute": round(_grown(found, "key_frames_asked_total") * 60 / found["seconds"], 1),
        "link_lost": found["link"]["down"]["lost"] + found["link"]["up"]["lost"],
        "link_overflowed": found["link"]["down"]["overflowed"] + found["link"]["up"]["overflowed"],
    }


def _grown(found, name):
    return found["after"]["metrics"].get(name, 0) - found["before"]["metrics"].get(name, 0)


def _healthy(row, side, heard, spoken):
    """The healthy viewer; where the weak one publishes, it hears the weak one."""
    times, _ = pictures.times_of(side)
    begin, end = _window(row, side)
    counts = pictures.received(side)
    marks = sound.marks(spoken, heard["healthy"], SOUND_AFTER)
    figures = {
        "healthy_fps": pictures.steady(times, begin, end)["fps"],
        "healthy_kbps": counts["kbps"],
        "healthy_forced_key_frames_per_minute": counts["key_frames_per_minute"],
        "forced_key_frames_per_minute": counts["key_frames_per_minute"],
        "healthy_codec": counts["codec"],
    }
    return figures | (marks if row.get("publishes") else {f"healthy_{key}": value for key, value in marks.items()})


def _publisher(row, found):
    begin, end = _window(row, found["healthy"])
    return pictures.cell(found["healthy"], begin, end) | pictures.sent(found["weak"])


def _viewer(row, found, heard, spoken):
    side = found["weak"]
    times, heights = pictures.times_of(side)
    begin, end = _window(row, side)
    figures = pictures.steady(times, begin, end) | pictures.received(side)
    figures |= sound.marks(spoken, heard["weak"], SOUND_AFTER)
    figures["moving_after_ms"] = pictures.moving_after(times, 0, end)
    figures["size_changes"] = int((heights[1:] != heights[:-1]).sum())
    figures["heights"] = sorted({int(height) for height in heights[times > begin]})
    figures["lag_ms"] = _lag(found, heard, SOUND_AFTER)
    if "dip" in row:
        figures |= _dip(row, found, heard)
    return figures | _newcomers(found)


def _lag(found, heard, after):
    began = [found[who].get("soundBegan") for who in ("healthy", "weak")]
    return None if None in began else sound.lag(heard["healthy"], heard["weak"], began, after)


def _dip(row, found, heard):
    began, ended = (1000 * second for second in row["dip"])
    figures = pictures.dip(found["weak"], began, ended)
    figures["dip_lag_after_ms"] = _lag(found, heard, row["dip"][1] + BACK_AFTER)
    return figures


def _newcomers(found):
    """When a newcomer over the bad line saw the first picture; a minute stands for never."""
    names = {"newcomer": "newcomer_ms", "again": "again_ms"}
    return {
        key: round(found[name]["picture"]) if found[name]["picture"] is not None else 60_000
        for name, key in names.items()
        if name in found
    }
