// Answers to the names that a phone asks for while it is on the device's own access point: all of them are the device.
// A codec without state (RFC 1035); it knows no socket.

/** The longest message without extensions; whatever is longer is no question that a phone asks here. */
const MESSAGE_LIMIT = 512;
const HEADER = 12;
const NAME_LIMIT = 255;
const LABEL_LIMIT = 63;
const TYPE_A = 1;
const CLASS_IN = 1;
/** A phone that leaves must not go on believing that every name is here, s. */
const TTL = 1;
const NOT_IMPLEMENTED = 4;
/** The answer's name, by reference to the question's. */
const SAME_NAME = [0xc0, HEADER] as const;

/** Four parts of an IPv4 address, each 0-255. */
export type Ipv4 = readonly [number, number, number, number];

/** The answer to a query: for any name the address, for any other type of record none. null: what is no query of one
 *  question is not answered at all. */
export function answerName(query: Uint8Array, address: Ipv4): Uint8Array | null {
  if (query.length > MESSAGE_LIMIT || query.length < HEADER) return null;
  const [flags, questions, answers] = [wordAt(query, 2), wordAt(query, 4), wordAt(query, 6)];
  const isResponse = (flags & 0x8000) !== 0;
  const end = endOfQuestion(query);
  if (isResponse || questions !== 1 || answers !== 0 || end === null) return null;
  const isStandard = (flags & 0x7800) === 0;
  const asksHere = wordAt(query, end - 4) === TYPE_A && wordAt(query, end - 2) === CLASS_IN;
  const records = isStandard && asksHere ? addressRecord(address) : [];
  return Uint8Array.of(
    ...query.subarray(0, 2),
    ...headerRest(flags, isStandard ? 0 : NOT_IMPLEMENTED, records.length > 0 ? 1 : 0),
    ...query.subarray(HEADER, end),
    ...records,
  );
}

const wordAt = (bytes: Uint8Array, at: number): number => ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);

/** Response, authoritative, with the query's kind and its wish for recursion; then the four counts. */
const headerRest = (flags: number, code: number, answers: number): readonly number[] => [
  0x84 | ((flags >> 8) & 0x79),
  code,
  0,
  1,
  0,
  answers,
  0,
  0,
  0,
  0,
];

/** Index after the first question, null when its name is none. */
function endOfQuestion(query: Uint8Array): number | null {
  let at = HEADER;
  for (let label = query[at] ?? 0; label !== 0; label = query[at] ?? 0) {
    at += label + 1;
    if (label > LABEL_LIMIT || at - HEADER >= NAME_LIMIT || at >= query.length) return null;
  }
  const end = at + 5;
  return end > query.length ? null : end;
}

const addressRecord = (address: Ipv4): readonly number[] => [
  ...SAME_NAME,
  0,
  TYPE_A,
  0,
  CLASS_IN,
  0,
  0,
  0,
  TTL,
  0,
  address.length,
  ...address,
];
