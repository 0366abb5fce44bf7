"""Publishes by WHIP and watches by WHEP with GStreamer's webrtcbin, whose certificates are RSA."""

import struct
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402
from wish import arguments, post, say  # noqa: E402

BIN = "webrtcbin name=rtc bundle-policy=max-bundle "
PICTURE = "video/x-raw,format=I420,width=320,height=240,framerate=15/1"


def publisher(rgb_pattern, hz, codec):
    encoders = {
        "vp8": "vp8enc deadline=1 keyframe-max-dist=30 ! rtpvp8pay",
        "h264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=30 ! "
        "video/x-h264,profile=main ! rtph264pay config-interval=-1 aggregate-mode=zero-latency",
    }
    name = {"vp8": "VP8", "h264": "H264"}[codec]
    caps = f"application/x-rtp,media=video,encoding-name={name},payload=96,clock-rate=90000"
    return Gst.parse_launch(
        BIN + f"videotestsrc is-live=true pattern=solid-color foreground-color={rgb_pattern} ! "
        f"{PICTURE} ! {encoders[codec]} pt=96 ! {caps} ! rtc. "
        f"audiotestsrc is-live=true freq={hz} volume=0.2 ! audio/x-raw,rate=48000,channels=2 ! "
        "opusenc ! rtpopuspay pt=97 ! "
        "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,"
        "encoding-params=(string)2 ! rtc."
    )


def viewer(watch):
    pipe, rtc = Gst.Pipeline.new(None), Gst.ElementFactory.make("webrtcbin", "rtc")
    rtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
    pipe.add(rtc)
    only = GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY
    for caps in (
        "application/x-rtp,media=video,encoding-name=VP8,payload=96,clock-rate=90000",
        "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000,"
        "encoding-params=(string)2",
    ):
        rtc.emit("add-transceiver", only, Gst.Caps.from_string(caps))
    rtc.connect("pad-added", lambda _, pad: receive(pipe, pad, watch))
    return pipe


def receive(pipe, pad, watch):
    if pad.direction != Gst.PadDirection.SRC:
        return
    is_video = pad.get_current_caps().get_structure(0).get_string("media") == "video"
    text = (
        "queue ! rtpvp8depay ! vp8dec ! videoconvert ! video/x-raw,format=I420 ! "
        if is_video
        else "queue ! rtpopusdepay ! opusdec ! audioconvert ! audioresample ! "
        "audio/x-raw,format=S16LE,rate=48000,channels=1 ! "
    ) + "appsink name=sink emit-signals=true sync=false max-buffers=8 drop=true"
    decoder = Gst.parse_bin_from_description(text, True)
    work = look if is_video else listen
    decoder.get_by_name("sink").connect("new-sample", lambda sink: work(sink, watch))
    pipe.add(decoder)
    decoder.sync_state_with_parent()
    pad.link(decoder.get_static_pad("sink"))


def data_of(sink):
    sample = sink.emit("pull-sample")
    buffer = sample.get_buffer()
    return sample.get_caps().get_structure(0), buffer.extract_dup(0, buffer.get_size())


def look(sink, watch):
    caps, data = data_of(sink)
    wide, high = caps.get_value("width"), caps.get_value("height")
    stride, half = (wide + 3) // 4 * 4, ((wide + 1) // 2 + 3) // 4 * 4
    u_at = stride * ((high + 1) // 2 * 2)
    v_at = u_at + half * ((high + 1) // 2)
    spots = [(x, y) for y in range(8, high - 8, 64) for x in range(8, wide - 8, 64)]
    pick = lambda at, stride, scale: [data[at + y // scale * stride + x // scale] for x, y in spots]
    watch.picture(pick(0, stride, 1), pick(u_at, half, 2), pick(v_at, half, 2))
    return Gst.FlowReturn.OK


def listen(sink, watch):
    _, data = data_of(sink)
    count = len(data) // 2
    watch.sound(s / 32768 for s in struct.unpack(f"<{count}h", data[: count * 2]))
    return Gst.FlowReturn.OK


def open_leg(pipe, url, token):
    """Offers once all candidates are there, as clients do that know no trickling."""
    rtc = pipe.get_by_name("rtc")

    def gathered(*_):
        if rtc.get_property("ice-gathering-state") != GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            return
        offer = rtc.get_property("local-description").sdp.as_text()
        threading.Thread(target=answered, args=(offer,)).start()

    def answered(offer):
        try:
            _, sdp = GstSdp.SDPMessage.new_from_text(post(url, token, offer))
        except Exception as error:  # noqa: BLE001
            say(f"refused {error}")
            return
        kind = GstWebRTC.WebRTCSDPType.ANSWER
        answer = GstWebRTC.WebRTCSessionDescription.new(kind, sdp)
        rtc.emit("set-remote-description", answer, Gst.Promise.new())

    def made(promise):
        promise.wait()
        reply = promise.get_reply()
        offer = reply.get_value("offer")
        done = Gst.Promise.new()
        rtc.emit("set-local-description", offer, done)
        done.interrupt()

    once = {"is_begun": False}

    def negotiate(*_):
        if not once["is_begun"]:
            once["is_begun"] = True
            rtc.emit("create-offer", None, Gst.Promise.new_with_change_func(made))

    # Before it plays: another thread may find at once that it must negotiate, and says so once.
    rtc.connect("notify::ice-gathering-state", gathered)
    rtc.connect("on-negotiation-needed", negotiate)
    pipe.set_state(Gst.State.PLAYING)


def main():
    Gst.init(None)
    http, publish, token, yuv, hz, watch, rest = arguments()
    rgb = rest[0]
    pipes = [publisher(rgb, hz, rest[1]), viewer(watch)]
    open_leg(pipes[0], f"{http}/whip", publish)
    open_leg(pipes[1], f"{http}/whep", token)
    loop = GLib.MainLoop()
    threading.Thread(target=lambda: (sys.stdin.read(), loop.quit()), daemon=True).start()
    loop.run()
    for pipe in pipes:
        pipe.set_state(Gst.State.NULL)


main()
