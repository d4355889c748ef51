// A batch of samples as one request: its body in the words of the server, and the HTTP around it.

import type { FlashOp } from "./boot-count.js";
import { joined } from "./bytes.js";
import { bulkBody, bulkEntry, emoncmsHead, mqttPayload } from "./emoncms.js";
import type { Positioned } from "./feed-find.js";
import type { FeedName } from "./feed-page.js";
import type { Batch } from "./feed-state.js";
import type { HttpUrl } from "./http-url.js";
import { influxHead, influxPath, linesOf } from "./influx.js";
import type { Settings } from "./settings.js";
import { encodeText } from "./text.js";

/** Letters of a body: what it takes of the device's RAM several times over. */
const BODY_LIMIT = 2_000;

export const isMqtt = (name: FeedName, { emoncms }: Settings): boolean => name === "emoncms" && emoncms === "mqtt";

/** The samples from the first on that fit one request, at most so many; null: there are none. `to`: position behind the last. */
export function batchOf(
  name: FeedName,
  samples: Iterable<Positioned>,
  most: number,
  settings: Settings,
): (Batch & { readonly to: number }) | null {
  const parts: string[] = [];
  const marks: FlashOp[] = [];
  let [first, to, length] = [0, 0, 0];
  for (const { sample, layout, to: behind, mark } of samples) {
    if (parts.length === 0) first = sample.time;
    const part =
      name === "influx"
        ? linesOf(settings.id, sample, layout)
        : settings.emoncms === "mqtt"
          ? mqttPayload(sample, layout)
          : bulkEntry(settings.emoncmsNode, sample, layout, first);
    if (parts.length > 0 && length + part.length > BODY_LIMIT) break;
    parts.push(part);
    length += part.length;
    to = behind;
    if (mark !== null) marks.push(mark);
    if (parts.length >= most) break;
  }
  if (parts.length === 0) return null;
  const body = name === "influx" || settings.emoncms === "mqtt" ? parts.join("") : bulkBody(parts, first);
  return { body, marks, to };
}

/** The bytes of the request. */
export function requestOf(
  name: FeedName,
  { host, port, tls, path }: HttpUrl,
  text: string,
  settings: Settings,
): Uint8Array {
  const usual = port === (tls ? 443 : 80);
  const body = encodeText(text);
  const lines = [
    `POST ${path}${name === "emoncms" ? "/input/bulk" : influxPath(settings)} HTTP/1.1`,
    `Host: ${host}${usual ? "" : `:${port}`}`,
    ...(name === "emoncms" ? emoncmsHead(settings) : influxHead(settings)),
    `Content-Length: ${body.length}`,
    "Connection: close",
    "\r\n",
  ];
  return joined(encodeText(lines.join("\r\n")), body);
}
