// Takes the two pictures of the page that README shows: before the room, and in it with four people who are drawn.
//
// node screenshots.mjs   (after cargo build; writes docs/page/*.png)

import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { launch } from "./lib/browser.mjs";
import { expect, restClient } from "./lib/rest.mjs";
import { startServer } from "./lib/server.mjs";
import { Visitor } from "./lib/visitor.mjs";
import { until } from "./lib/wait.mjs";

const OUT = fileURLToPath(new URL("../../docs/page/", import.meta.url));
/** What a reader's line takes. */
const MOST_BYTES = 150_000;
const VIEWPORT = { width: 1120, height: 700 };
const PEOPLE = [
  { name: "Hanna", wall: "#d8e2dc", coat: "#31572c", skin: "#e5b08a", hair: "#5b3a29" },
  { name: "Amir", wall: "#cfd8e8", coat: "#264653", skin: "#b98058", hair: "#22181c" },
  { name: "Mia", wall: "#f0dcca", coat: "#9b2226", skin: "#f0c3a0", hair: "#c98b2c" },
  { name: "Gus", wall: "#dcd6ea", coat: "#4a4e69", skin: "#8d5b3f", hair: "#1c1713" },
];

/** A camera before which somebody sits who is drawn, and a microphone that is silent. */
const sitting = (looks) => `(${draw})(${JSON.stringify(looks)});`;

function draw({ wall, coat, skin, hair }) {
  const device = (kind, label) => ({ deviceId: kind, groupId: "", kind, label });
  navigator.mediaDevices.enumerateDevices = async () => [
    device("videoinput", "Camera"), device("audioinput", "Microphone"), device("audiooutput", "Headset"),
  ];
  navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
    const pen = canvas.getContext("2d");
    const oval = (colour, x, y, width, height) => {
      pen.fillStyle = colour;
      pen.beginPath();
      pen.ellipse(x, y, width, height, 0, 0, 2 * Math.PI);
      pen.fill();
    };
    setInterval(() => {
      pen.fillStyle = wall;
      pen.fillRect(0, 0, 1280, 720);
      oval(coat, 640, 800, 330, 300);
      oval(skin, 640, 500, 62, 90);
      oval(hair, 640, 300, 165, 185);
      oval(skin, 640, 335, 130, 160);
      oval("#222", 590, 320, 11, 14);
      oval("#222", 690, 320, 11, 14);
      oval("#8c3f3a", 640, 400, 38, 10);
    }, 100);
    const context = new AudioContext();
    const silence = new MediaStreamAudioDestinationNode(context);
    return new MediaStream([...(audio ? silence.stream.getAudioTracks() : []), ...(video ? canvas.captureStream(10).getVideoTracks() : [])]);
  };
}

const server = await startServer({ name: "screenshots" });
const it = { server, browser: await launch(), pages: [] };
try {
  const rest = restClient(server);
  const { id } = await rest.room({ name: "team", display_name: "Team" });
  const { url } = expect(await rest.post(`/rooms/${id}/links`, { role: "host" }), 201);
  const open = async ({ name, ...looks }) => {
    const visitor = await Visitor.open(it, url.slice(server.http.length + 1), { init: sitting(looks), context: { viewport: VIEWPORT, colorScheme: "light" } });
    await visitor.page.getByLabel("Your name").fill(name);
    await visitor.button("Continue").click();
    return visitor;
  };
  const shoot = async (visitor, name) => {
    mkdirSync(OUT, { recursive: true });
    await visitor.page.screenshot({ path: `${OUT}${name}.png` });
    const { size } = statSync(`${OUT}${name}.png`);
    console.log(`${name}.png: ${size} bytes`);
    assert.ok(size <= MOST_BYTES, name);
  };

  const [hanna, ...others] = await Promise.all(PEOPLE.map(open));
  await until("the preview", () => hanna.page.evaluate(() => document.querySelector("video").videoWidth > 0));
  await shoot(hanna, "door");
  for (const visitor of [hanna, ...others]) await visitor.join();
  const people = await hanna.people();
  await until("all are here", async () => (await people.count()) === PEOPLE.length);
  await others[1].button("Raise hand").click();
  await hanna.button(/^Chat/).click();
  await others[0].button(/^Chat/).click();
  await others[0].page.getByRole("textbox", { name: "Message" }).fill("The figures are at https://example.org/figures");
  await others[0].button("Send").click();
  await hanna.page.getByText("The figures are at").waitFor();
  await until("everybody is seen", () => hanna.page.evaluate(() => document.querySelector(".mcuContent video")?.videoWidth > 0));
  await until("the picture has settled", async () => {
    const seen = await hanna.page.evaluate(() => performance.now());
    return seen > 12_000;
  }, { within: 30_000 });
  await shoot(hanna, "room");
} finally {
  await it.browser.close();
  await server.dispose();
}
