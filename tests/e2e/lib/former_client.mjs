// The former server SDK for Node, in a process of its own: its disconnect() may reject a promise that
// nobody holds ("Unauthorized", BaseSession._closeConnection), which would be an error of the whole
// test process. Arguments: host, project, token, room session, member. One line of JSON tells the end.

import { Video } from "realtime-api-3.13";

import { until, within } from "./wait.mjs";

const [host, project, token, id, member] = process.argv.slice(2);
const client = new Video.Client({ project, token, host, logLevel: "silent" });
const { roomSessions } = await within(10_000, "the sessions", client.getRoomSessions());
const { roomSession } = await client.getRoomSessionById(id);
const heard = [];
roomSession.on("member.updated", (updated) => heard.push(updated.id));
await within(10_000, "subscribing", roomSession.subscribe());
await within(10_000, "muting", roomSession.audioMute({ memberId: member }));
await within(10_000, "unmuting", roomSession.audioUnmute({ memberId: member }));
await until("the application is told", () => heard.includes(member));
process.stdout.write(`${JSON.stringify({ sessions: roomSessions.map((each) => each.id), heard })}\n`, () => process.exit(0));
