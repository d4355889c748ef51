// emoncms and InfluxDB as they were measured, for the tests: they read a request's bytes, keep values by series and second, and
// answer as they are told to be today.

import { decodeText, encodeText } from "../src/text.js";

/** "stored": it has the batch, and its answer comes late, not at all, or is cut. */
export type Mood =
  | "fine"
  | "silent200"
  | "false200"
  | "401"
  | "503"
  | "deaf"
  | "storedLate"
  | "storedSilent"
  | "storedCut";

export const MOODS: readonly Mood[] = Object.freeze([
  "fine",
  "silent200",
  "false200",
  "401",
  "503",
  "deaf",
  "storedLate",
  "storedSilent",
  "storedCut",
]);

/** What a connection is given in return: bytes after so many ms, and whether it ends then. */
export interface Reply {
  readonly bytes: Uint8Array;
  readonly afterMs: number;
  readonly closes: boolean;
}

const LATE_MS = 25_000;

export interface Store {
  /** Series and second to value. */
  readonly values: Map<string, number>;
  /** New keys in the order of their coming, by series. */
  readonly order: Map<string, number[]>;
  /** Values that came again and were another. */
  readonly changed: string[];
  readonly requests: string[];
}

const newStore = (): Store => ({ values: new Map(), order: new Map(), changed: [], requests: [] });

function put(store: Store, series: string, time: number, value: number): void {
  const key = `${series} ${time}`;
  const before = store.values.get(key);
  if (before === undefined) {
    const times = store.order.get(series) ?? [];
    times.push(time);
    store.order.set(series, times);
  } else if (before !== value) store.changed.push(key);
  store.values.set(key, value);
}

interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Null: not whole yet. */
export function requestIn(bytes: Uint8Array): Request | null {
  const decoded = decodeText(bytes, 100_000);
  if (!decoded.ok) return null;
  const end = decoded.text.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [line = "", ...lines] = decoded.text.slice(0, end).split("\r\n");
  const [method = "", target = "", version] = line.split(" ");
  if (version !== "HTTP/1.1") throw new Error(`no request: ${line}`);
  const headers = new Map(
    lines.map((one): [string, string] => {
      const at = one.indexOf(": ");
      return [one.slice(0, at).toLowerCase(), one.slice(at + 2)];
    }),
  );
  const body = decoded.text.slice(end + 4);
  if (body.length < Number(headers.get("content-length"))) return null;
  const [path = "", query = ""] = target.split("?");
  return { method, path, query: new URLSearchParams(query), headers, body };
}

const httpOf = (status: string, body: string): Uint8Array =>
  encodeText(`HTTP/1.1 ${status}\r\nServer: test\r\nContent-Length: ${body.length}\r\n\r\n${body}`);

export interface FeedServer {
  readonly store: Store;
  mood: Mood;
  /** To all that a connection has brought so far; null: it waits for more. */
  answer(bytes: Uint8Array): Reply | null;
}

interface Kind {
  /** The answer to a request that was understood, once it was stored. */
  take(request: Request, store: Store): Uint8Array;
  refuse(mood: "silent200" | "false200" | "401" | "503"): Uint8Array;
}

function serverOf(kind: Kind): FeedServer {
  const store = newStore();
  return {
    store,
    mood: "fine",
    answer(bytes) {
      const request = requestIn(bytes);
      if (request === null) return null;
      const { mood } = this;
      store.requests.push(request.body);
      switch (mood) {
        case "fine":
          return { bytes: kind.take(request, store), afterMs: 50, closes: true };
        case "deaf":
          return { bytes: new Uint8Array(0), afterMs: 60_000, closes: true };
        case "storedLate":
          return { bytes: kind.take(request, store), afterMs: LATE_MS, closes: true };
        case "storedSilent":
          kind.take(request, store);
          return { bytes: new Uint8Array(0), afterMs: 60_000, closes: true };
        case "storedCut":
          return { bytes: kind.take(request, store).subarray(0, 9), afterMs: 50, closes: true };
        default:
          return { bytes: kind.refuse(mood), afterMs: 50, closes: true };
      }
    },
  };
}

export const KEY = "0123456789abcdef0123456789abcdef";

export const fakeEmoncms = (): FeedServer =>
  serverOf({
    take({ method, path, headers, body }, store) {
      if (headers.get("authorization") !== `Bearer ${KEY}`) return httpOf("401 Unauthorized", "Invalid API key");
      if (path !== "/emoncms/input/bulk" || method !== "POST") return httpOf("404 Not Found", "");
      if (headers.get("content-type") !== "application/x-www-form-urlencoded") {
        return httpOf("200 OK", '{"success": false, "message": "Format error"}');
      }
      const form = new URLSearchParams(body);
      const data: unknown = JSON.parse(form.get("data") ?? "null");
      if (!Array.isArray(data) || data.length === 0)
        return httpOf("200 OK", "Format error, json string supplied is not valid");
      for (const [offset, node, ...inputs] of data) {
        for (const input of inputs) {
          // As releases before 11 read an object: its first name.
          const [[name, value] = ["", 0]] = Object.entries(input);
          put(store, `${node}/${name}`, Number(form.get("time")) + Number(offset), Number(value));
        }
      }
      return httpOf("200 OK", "ok");
    },
    refuse: (mood) =>
      ({
        silent200: httpOf("200 OK", ""),
        false200: httpOf("200 OK", '{"success": false, "message": "Username may not be empty"}'),
        "401": httpOf("401 Unauthorized", "Invalid API key"),
        "503": httpOf("503 Service Unavailable", "busy"),
      })[mood],
  });

export const TOKEN = "pa ss=w,ord";

const LINE = /^([a-z]+)((?:,[a-z]+=(?:[^ ,=\\]|\\[ ,=])+)+) ([a-zA-Z_]+=[^ ]+(?:,[a-zA-Z_]+=[^ ]+)*) (\d{10})$/;

/** Of 1.x where `version` is "1". `types`: fields that the database has already, by their type. */
export function fakeInflux(version: "1" | "2", types = new Map<string, "float" | "integer">()): FeedServer {
  const basic = `Basic ${Buffer.from(`meter:${TOKEN}`).toString("base64")}`;
  return serverOf({
    take({ path, query, headers, body }, store) {
      const mayWrite = headers.get("authorization") === (version === "1" ? basic : `Token ${TOKEN}`);
      if (!mayWrite) return httpOf("401 Unauthorized", '{"error":"authorization failed"}');
      const known =
        version === "1"
          ? path === "/write" && query.get("db") === "ho me"
          : path === "/api/v2/write" && query.get("bucket") === "ho me" && query.get("org") === "us";
      if (!known || query.get("precision") !== "s") return httpOf("404 Not Found", '{"error":"not found"}');
      const lines = body.split("\n").filter((line) => line !== "");
      let dropped = 0;
      for (const line of lines) {
        const [, measurement, tags, fields, time] = LINE.exec(line) ?? [];
        if (fields === undefined) return httpOf("400 Bad Request", `{"error":"unable to parse '${line}'"}`);
        for (const field of fields.split(",")) {
          const [name = "", value = ""] = field.split("=");
          const type = /^-?\d+\.\d+$/.test(value) ? "float" : /^-?\d+i$/.test(value) ? "integer" : null;
          if (type === null) return httpOf("400 Bad Request", '{"error":"invalid number"}');
          if ((types.get(name) ?? type) !== type) dropped++;
          else {
            types.set(name, type);
            put(store, `${measurement}${tags} ${name}`, Number(time), Number.parseFloat(value));
          }
        }
      }
      const words = `{"error":"partial write: field type conflict: dropped=${dropped}"}`;
      return dropped > 0 ? httpOf("400 Bad Request", words) : encodeText("HTTP/1.1 204 No Content\r\n\r\n");
    },
    refuse: (mood) =>
      ({
        silent200: httpOf("200 OK", ""),
        false200: httpOf("400 Bad Request", '{"error":"partial write: field type conflict dropped=1"}'),
        "401": httpOf("401 Unauthorized", '{"error":"authorization failed"}'),
        "503": httpOf("503 Service Unavailable", '{"error":"timeout"}'),
      })[mood],
  });
}
