// The token of a program in the head of its request. It stays out of the headers that pages are given: no page knows it.

import { joined } from "../bytes.js";
import { decodeText } from "../text.js";
import { HEAD_LIMIT } from "./http.js";

const NAME = "authorization:";

/** X of the one header "Authorization: Bearer X" in a head that http.ts has found whole and well formed, which these bytes
 *  begin with; empty: there is none, it is of another kind, or there are two. RFC 6750, 2.1. */
export function bearerIn(before: Uint8Array, more: Uint8Array): string {
  const bytes = before.length === 0 ? more : joined(before, more.subarray(0, HEAD_LIMIT));
  const text = decodeText(bytes.subarray(0, HEAD_LIMIT), HEAD_LIMIT);
  if (!text.ok) return "";
  const [head = ""] = text.text.split("\r\n\r\n", 1);
  const found = head.split("\r\n").filter((line) => line.slice(0, NAME.length).toLowerCase() === NAME);
  const [only = ""] = found;
  return found.length > 1 ? "" : (/^bearer +([!-~]+)$/i.exec(only.slice(NAME.length).trim())?.[1] ?? "");
}
