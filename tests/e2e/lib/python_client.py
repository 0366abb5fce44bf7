"""What an application does with PyPI's signalwire-sdk: rooms, streams, tokens, sessions, recordings.

python_client.py HOST PROJECT TOKEN ROOM prints what it got as JSON lines; ROOM has a running session that
was recorded.
"""

import json
import sys

from signalwire.rest import RestClient, SignalWireRestError


def say(name, value):
    print(json.dumps([name, value]), flush=True)


def rooms(video):
    made = video.rooms.create(name="from-python", display_name="From Python", max_members=10, layout="grid-responsive")
    say("room", video.rooms.get(made["id"]))
    say("changed", video.rooms.update(made["id"], max_members=12))
    say("rooms", [room["name"] for room in video.rooms.list()["data"]])
    say("token", video.room_tokens.create(room_name="from-python", user_name="Ann", permissions=["room.self.audio_mute"]))
    stream = video.rooms.create_stream(made["id"], url="rtmp://live.example.com/app/key")
    say("streams", [one["id"] for one in video.rooms.list_streams(made["id"])["data"]])
    say("stream", [stream["id"], video.streams.get(stream["id"])["id"]])
    video.streams.update(stream["id"], url="rtmp://live.example.com/app/other")
    video.streams.delete(stream["id"])
    say("streams left", video.rooms.list_streams(made["id"])["data"])
    video.rooms.delete(made["id"])
    try:
        video.rooms.get(made["id"])
    except SignalWireRestError as error:
        say("deleted", error.status_code)


def sessions(video, room):
    session = next(one for one in video.room_sessions.list()["data"] if one["name"] == room)
    say("session", video.room_sessions.get(session["id"]))
    say("members", [one["name"] for one in video.room_sessions.list_members(session["id"])["data"]])
    say("events", [one["name"] for one in video.room_sessions.list_events(session["id"])["data"]])
    recordings = video.room_sessions.list_recordings(session["id"])["data"]
    say("recordings", [one["id"] for one in recordings])
    (recording,) = recordings
    say("recording", video.room_recordings.get(recording["id"]))
    say("all recordings", [one["id"] for one in video.room_recordings.list()["data"]])
    say("recording events", len(video.room_recordings.list_events(recording["id"])["data"]))
    video.room_recordings.delete(recording["id"])
    try:
        video.room_recordings.get(recording["id"])
    except SignalWireRestError as error:
        say("recording deleted", error.status_code)


if __name__ == "__main__":
    host, project, token, room = sys.argv[1:]
    client = RestClient(project=project, token=token, host=host)
    rooms(client.video)
    sessions(client.video, room)
