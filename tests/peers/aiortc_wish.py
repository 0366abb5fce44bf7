"""Publishes by WHIP and watches by WHEP with aiortc (PyPI); with `rsa`, by an RSA certificate."""

import array
import asyncio
import datetime
import fractions
import math
import sys

import av
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack
from aiortc.rtcdtlstransport import RTCCertificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from wish import RATE, arguments, post

SIZE = (320, 240)


class Camera(VideoStreamTrack):
    def __init__(self, yuv):
        super().__init__()
        self.yuv = yuv

    async def recv(self):
        pts, time_base = await self.next_timestamp()
        frame = av.VideoFrame(*SIZE, "yuv420p")
        for plane, value in zip(frame.planes, self.yuv):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = pts, time_base
        return frame


class Microphone(AudioStreamTrack):
    def __init__(self, hz):
        super().__init__()
        self.hz, self.at, self.start = hz, 0, None

    async def recv(self):
        loop = asyncio.get_running_loop()
        self.start = self.start or loop.time()
        await asyncio.sleep(max(0, self.start + self.at / RATE - loop.time()))
        turn = 2 * math.pi * self.hz / RATE
        wave = (int(math.sin(turn * n) * 6000) for n in range(self.at, self.at + 960))
        frame = av.AudioFrame("s16", "mono", 960)
        frame.planes[0].update(array.array("h", wave).tobytes())
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.at, fractions.Fraction(1, RATE)
        self.at += 960
        return frame


def connection(is_rsa):
    pc = RTCPeerConnection()
    if is_rsa:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "camera")])
        now = datetime.datetime.now(tz=datetime.timezone.utc)
        built = x509.CertificateBuilder().subject_name(name).issuer_name(name)
        built = built.public_key(key.public_key()).serial_number(x509.random_serial_number())
        built = built.not_valid_before(now - datetime.timedelta(days=1))
        built = built.not_valid_after(now + datetime.timedelta(days=30))
        # There is no public way to bring one's own.
        pc._RTCPeerConnection__certificates = [RTCCertificate(key, built.sign(key, hashes.SHA256()))]
    return pc


async def open_leg(pc, url, token):
    await pc.setLocalDescription(await pc.createOffer())
    answer = await asyncio.to_thread(post, url, token, pc.localDescription.sdp)
    await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))


async def look(track, watch):
    while True:
        frame = await track.recv()
        spots = [(x, y) for y in range(8, frame.height - 8, 64) for x in range(8, frame.width - 8, 64)]
        planes = []
        for plane, scale in zip(frame.reformat(format="yuv420p").planes, (1, 2, 2)):
            data, stride = bytes(plane), plane.line_size
            planes.append([data[y // scale * stride + x // scale] for x, y in spots])
        watch.picture(*planes)


async def listen(track, watch):
    while True:
        frame = await track.recv()
        samples = array.array("h", bytes(frame.planes[0])[: frame.samples * 4])
        watch.sound(sample / 32768 for sample in samples[::2])


async def main():
    http, publish, token, yuv, hz, watch, rest = arguments()
    sender, viewer = connection("rsa" in rest), connection("rsa" in rest)
    sender.addTrack(Camera(yuv))
    sender.addTrack(Microphone(hz))
    for transceiver in sender.getTransceivers():
        transceiver.direction = "sendonly"
    viewer.addTransceiver("video", direction="recvonly")
    viewer.addTransceiver("audio", direction="recvonly")
    # A channel nobody wants is no reason to go without pictures.
    viewer.createDataChannel("chat")
    tasks = []

    @viewer.on("track")
    def track(track):
        work = look if track.kind == "video" else listen
        tasks.append(asyncio.ensure_future(work(track, watch)))

    await open_leg(sender, f"{http}/whip", publish)
    await open_leg(viewer, f"{http}/whep", token)
    await asyncio.to_thread(sys.stdin.read)
    await asyncio.gather(sender.close(), viewer.close())


asyncio.run(main())
