// Films made by ffmpeg and a web server that hands them out, with Range as web servers have it.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const hex = (colour) => `0x${colour.map((c) => c.toString(16).padStart(2, "0")).join("")}`;

/**
 * Two minutes of film, one in each colour, with a tone of `hz` at a peak of `dbfs`; the same as
 * HLS; a song of three seconds; and a film that was cut off.
 */
export async function startFilms({ hz, dbfs, first, then }) {
  const folder = mkdtempSync(join(tmpdir(), "rotunda-films-"));
  const make = (...args) => execFileSync("ffmpeg", ["-v", "error", "-y", ...args], { cwd: folder });
  const minute = (colour, label) => `color=${hex(colour)}:s=320x180:r=10:d=60[${label}]`;
  // FFmpeg's sine has a peak of 1/8.
  const sine = `sine=${hz}:r=48000:d=120,volume=${8 * 10 ** (dbfs / 20)}`;
  make(
    "-f", "lavfi", "-i", `${minute(first, "a")};${minute(then, "b")};[a][b]concat`, "-f", "lavfi", "-i", sine,
    "-c:v", "libx264", "-preset", "ultrafast", "-g", "20", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "1", "film.mp4",
  );
  make("-i", "film.mp4", "-c", "copy", "-t", "30", "-hls_time", "4", "-hls_list_size", "0", "list.m3u8");
  make("-f", "lavfi", "-i", "sine=300:d=3", "song.mp3");
  writeFileSync(join(folder, "cut.mp4"), readFileSync(join(folder, "film.mp4")).subarray(0, 2000));
  const server = createServer((request, response) => answer(folder, request, response));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: (name) => `http://127.0.0.1:${server.address().port}/${name}`,
    stop: () => {
      server.closeAllConnections?.();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function answer(folder, request, response) {
  const name = new URL(request.url, "http://localhost").pathname.slice(1);
  if (!/^[a-z0-9.]+$/.test(name)) return void response.writeHead(404).end();
  let bytes;
  try {
    bytes = readFileSync(join(folder, name));
  } catch {
    return void response.writeHead(404).end();
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  if (!range) {
    response.writeHead(200, { "accept-ranges": "bytes", "content-length": bytes.length });
    return void response.end(bytes);
  }
  const [from, to] = [Number(range[1]), range[2] ? Number(range[2]) : bytes.length - 1];
  const part = bytes.subarray(from, to + 1);
  response.writeHead(206, { "content-range": `bytes ${from}-${to}/${bytes.length}`, "content-length": part.length });
  response.end(part);
}
