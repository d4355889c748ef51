// The records of a TLS 1.2 server, in the only order in which they may come (RFC 5246, section 7.3; RFC 8422): its key
// exchange always signed, and nothing in the clear behind the change of cipher. The SDK's session takes them in any order, and a key
// exchange that says it is not signed.

/** What is to come next. */
export type Order =
  | "hello"
  | "certificate"
  | "key"
  | "request or done"
  | "done"
  | "change"
  | "finished"
  | "open"
  | "wrong";

const RECORD = Object.freeze({ change: 20, alert: 21, handshake: 22, application: 23 });
const MESSAGE = Object.freeze({ hello: 2, certificate: 11, key: 12, request: 13, done: 14 });
const HEADER = 5;
const CURVE = 3;
const SECP256R1 = 23;
const POINT = 65;
const SHA256 = 4;
const SIGNATURES: readonly number[] = Object.freeze([1, 3]); // RSA, ECDSA

/** A curve that is known, a whole point, and a signature that is one. */
function isSigned(body: Uint8Array): boolean {
  const curve = body[0] === CURVE && ((body[1] ?? 0) << 8) + (body[2] ?? 0) === SECP256R1 && body[3] === POINT;
  const hash = body[4 + POINT];
  const kind = body[5 + POINT] ?? 0;
  const length = ((body[6 + POINT] ?? 0) << 8) + (body[7 + POINT] ?? 0);
  return curve && hash === SHA256 && SIGNATURES.includes(kind) && length > 0 && body.length === 8 + POINT + length;
}

function afterMessage(order: Order, type: number, body: Uint8Array): Order {
  switch (order) {
    case "hello":
      return type === MESSAGE.hello ? "certificate" : "wrong";
    case "certificate":
      return type === MESSAGE.certificate ? "key" : "wrong";
    case "key":
      return type === MESSAGE.key && isSigned(body) ? "request or done" : "wrong";
    case "request or done":
      if (type === MESSAGE.request) return "done";
      return type === MESSAGE.done ? "change" : "wrong";
    case "done":
      return type === MESSAGE.done ? "change" : "wrong";
    case "change":
    case "finished":
    case "open":
    case "wrong":
      return "wrong";
  }
}

/** The messages of a record that is not encrypted; each must be whole. */
function afterMessages(from: Order, messages: Uint8Array): Order {
  let order = from;
  if (messages.length === 0) return "wrong";
  for (let at = 0; at < messages.length && order !== "wrong"; ) {
    const [type = 0, high = 0, middle = 0, low = 0] = messages.subarray(at, at + 4);
    const end = at + 4 + high * 65_536 + middle * 256 + low;
    if (end > messages.length) return "wrong";
    order = afterMessage(order, type, messages.subarray(at + 4, end));
    at = end;
  }
  return order;
}

/** After this record, its header included. An alert may come at any time: it can only end the connection. */
export function nextOrder(order: Order, record: Uint8Array): Order {
  const type = record[0];
  const body = record.subarray(HEADER);
  if (type === RECORD.alert) return order;
  switch (order) {
    case "change":
      return type === RECORD.change && body.length === 1 && body[0] === 1 ? "finished" : "wrong";
    case "finished":
      return type === RECORD.handshake ? "open" : "wrong";
    case "open":
      return type === RECORD.application ? "open" : "wrong";
    default:
      return type === RECORD.handshake ? afterMessages(order, body) : "wrong";
  }
}
