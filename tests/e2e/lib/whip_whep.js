// Runs in the test page: the published WHIP and WHEP clients of npm, on a connection each. They know
// nothing of this server but an address and a token.

import { WHEPClient } from "/whep.js";
import { WHIPClient } from "/whip.js";

const { lab } = window;
lab.wish = { client: null, peer: null };

/** Publishes camera and microphone of the page; gives the leg's address. */
lab.publish = async (url, token) => {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
  const peer = new RTCPeerConnection();
  for (const track of stream.getTracks()) peer.addTransceiver(track, { direction: "sendonly", streams: [stream] });
  lab.wish = { client: new WHIPClient(), peer };
  await lab.wish.client.publish(peer, url, token);
  return lab.wish.client.resourceURL.href;
};

/** Watches and listens; what comes is shown where the SDK would show it. */
lab.view = async (url, token) => {
  const peer = new RTCPeerConnection();
  const stream = new MediaStream();
  peer.ontrack = ({ track }) => stream.addTrack(track);
  for (const kind of ["audio", "video"]) peer.addTransceiver(kind, { direction: "recvonly" });
  const video = Object.assign(document.createElement("video"), { autoplay: true, muted: true, srcObject: stream });
  const frame = Object.assign(document.createElement("div"), { className: "mcuContent" });
  frame.append(video);
  document.getElementById("root").append(frame);
  lab.wish = { client: new WHEPClient(), peer };
  await lab.wish.client.view(peer, url, token);
  return lab.wish.client.resourceURL.href;
};

/** Says goodbye as the client does: closes, then DELETE. */
lab.stop = () => lab.wish.client.stop();
