// The REST side, as an application's server would use it.

/** A client for `/api/video` with one project's credentials. */
export function restClient({ http, project_id, api_token }) {
  const authorization = basic(project_id, api_token);
  return {
    get: (path) => send(http, "GET", path, undefined, authorization),
    post: (path, body) => send(http, "POST", path, body, authorization),
    put: (path, body) => send(http, "PUT", path, body, authorization),
    delete: (path) => send(http, "DELETE", path, undefined, authorization),
    /** Any method, any credentials, a body sent as it is when it is a string. */
    raw: (method, path, body, auth = authorization) => send(http, method, path, body, auth),
    /** Creates a room and gives its object. */
    async room(wish) {
      return expect(await this.post("/rooms", wish), 200);
    },
    /** A room token for the SDK. */
    async token(wish) {
      return expect(await this.post("/room_tokens", wish), 200).token;
    },
  };
}

export const basic = (project, token) =>
  `Basic ${Buffer.from(`${project}:${token}`).toString("base64")}`;

/** The body of an answer that must have this status. */
export function expect(answer, status) {
  if (answer.status !== status) {
    throw new Error(`expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
  return answer.body;
}

/** What stands in a token: its two readable parts. */
export function decode(token) {
  const [header, payload] = token.split(".").slice(0, 2);
  const read = (part) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
  return { header: read(header), payload: read(payload) };
}

async function send(http, method, path, body, authorization) {
  const headers = { ...(authorization && { authorization }) };
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await fetch(`${http}/api/video${path}`, {
    method,
    headers,
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  let parsed = text;
  try {
    parsed = text === "" ? null : JSON.parse(text);
  } catch {
    // Not JSON: the caller sees the text.
  }
  return { status: answer.status, headers: answer.headers, body: parsed };
}
