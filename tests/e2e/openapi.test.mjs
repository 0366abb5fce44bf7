// The description of the REST interface is one that other people's programs can use: valid by the
// specification's own schema, and a typed client generated from it compiles and works.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { after, describe, test } from "node:test";

import { Validator } from "@seriousme/openapi-schema-validator";
import openapiTS, { astToString } from "openapi-typescript";

import { basic } from "./lib/rest.mjs";
import { world } from "./lib/world.mjs";

const modules = join(dirname(fileURLToPath(import.meta.url)), "node_modules");

const PROGRAM = `
import createClient from "openapi-fetch";
import type { paths } from "./schema";

declare const process: { argv: string[] };
const [base, authorization] = process.argv.slice(2) as [string, string];
const client = createClient<paths>({ baseUrl: base, headers: { authorization } });

const made = await client.POST("/api/video/rooms", { body: { name: "from-a-generated-client", max_members: 3 } });
if (!made.data) throw new Error(JSON.stringify(made.error));
const id: string = made.data.id;
const refused = await client.POST("/api/video/rooms", { body: { name: "no spaces here" } });
console.log(JSON.stringify([made.data.name, made.data.max_members, id.length, refused.response.status]));
`;

describe("the OpenAPI document", () => {
  const it = world("openapi", { browser: false });
  const folder = mkdtempSync(join(tmpdir(), "rotunda-openapi-"));
  let document;

  after(() => rmSync(folder, { recursive: true, force: true }));

  test("is valid by the specification's own schema", async () => {
    document = await (await fetch(`${it.server.http}/openapi.json`)).json();
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    assert.ok(valid, JSON.stringify(errors, null, 1));
  });

  test("names no route that the server does not have", async () => {
    for (const [path, item] of Object.entries(document.paths)) {
      for (const method of Object.keys(item).filter((key) => ["get", "put", "post", "delete", "patch"].includes(key))) {
        const answer = await fetch(`${it.server.http}${path.replace("{id}", "0").replace("{token}", "0")}`, { method: method.toUpperCase() });
        const text = await answer.text();
        assert.notEqual(answer.status, 405, `${method} ${path}`);
        assert.ok(answer.status !== 404 || text !== "", `${method} ${path} is no route`);
      }
    }
  });

  test("a client generated from it compiles with strict types, makes a room, and is refused in words", { timeout: 120_000 }, async () => {
    writeFileSync(join(folder, "schema.ts"), astToString(await openapiTS(structuredClone(document), { defaultNonNullable: false })));
    writeFileSync(join(folder, "program.ts"), PROGRAM);
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    symlinkSync(modules, join(folder, "node_modules"));
    const options = ["--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--skipLibCheck", "--lib", "es2022,dom"];
    execFileSync(process.execPath, [join(modules, "typescript/bin/tsc"), ...options, "program.ts"], { cwd: folder, stdio: "pipe" });
    const { http, project_id: project, api_token: token } = it.server;
    const out = execFileSync(process.execPath, ["program.js", http, basic(project, token)], { cwd: folder, encoding: "utf8", timeout: 20_000 });
    assert.deepEqual(JSON.parse(out), ["from-a-generated-client", 3, 36, 422]);
  });
});
