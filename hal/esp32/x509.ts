// Certificates (X.509, DER) as far as trust in a server needs them: RFC 5280, section 4. Any bytes may come in.

interface Item {
  readonly tag: number;
  readonly whole: Uint8Array;
  readonly body: Uint8Array;
}

export interface Certificate {
  readonly der: Uint8Array;
  /** What is signed. */
  readonly signed: Uint8Array;
  /** The signature's kind: the object identifier as hex. */
  readonly algorithm: string;
  readonly signature: Uint8Array;
  readonly issuer: string;
  readonly subject: string;
  /** Seconds since 1970, both included. */
  readonly from: number;
  readonly to: number;
  /** Lower case; IPv4 addresses with dots are in `addresses`. */
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  /** May sign certificates, with at most `below` authorities between it and the server's; null: any number. */
  readonly authority: boolean;
  readonly below: number | null;
  /** May be a server's. */
  readonly server: boolean;
}

const SEQUENCE = 0x30;
const OID = Object.freeze({ names: "551d11", constraints: "551d13", usage: "551d0f", purposes: "551d25" });
const KNOWN: readonly string[] = Object.freeze(Object.values(OID));
const PURPOSES: readonly string[] = Object.freeze(["2b06010505070301", "551d2500"]); // a server, anything
const SIGNS = 0x04;
const ITEMS_LIMIT = 64;

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const ascii = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");

/** All the items side by side in these bytes; null when they are not whole. */
export function itemsOf(bytes: Uint8Array): readonly Item[] | null {
  const found: Item[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at + 1] ?? 0xff;
    const long = first < 0x80 ? 0 : first & 0x7f;
    if (long > 2 || first === 0x80 || found.length === ITEMS_LIMIT) return null;
    let length = long === 0 ? first : 0;
    for (let more = 0; more < long; more++) length = length * 256 + (bytes[at + 2 + more] ?? 0);
    const start = at + 2 + long;
    if (start + length > bytes.length) return null;
    const body = bytes.subarray(start, start + length);
    found.push({ tag: bytes[at] ?? 0, whole: bytes.subarray(at, start + length), body });
    at = start + length;
  }
  return found;
}

const inside = (item: Item | undefined, tag: number): readonly Item[] =>
  item === undefined || item.tag !== tag ? [] : (itemsOf(item.body) ?? []);

/** UTCTime or GeneralizedTime, in seconds since 1970; not a number when it is neither. */
function timeOf(item: Item): number {
  const digits = ascii(item.body);
  const short = item.tag === 0x17;
  if (!/^\d+Z$/.test(digits) || digits.length !== (short ? 13 : 15)) return Number.NaN;
  const at = short ? 2 : 4;
  const year = Number(digits.slice(0, at));
  const part = (index: number): number => Number(digits.slice(at + index * 2, at + index * 2 + 2));
  const full = short ? year + (year < 50 ? 2_000 : 1_900) : year;
  return Date.UTC(full, part(0) - 1, part(1), part(2), part(3), part(4)) / 1_000;
}

interface Extensions {
  readonly values: ReadonlyMap<string, Item>;
  /** One that must be understood and is not. */
  readonly strange: boolean;
}

function extensionsOf(wrapped: Item | undefined): Extensions {
  const values = new Map<string, Item>();
  let strange = false;
  const [list] = wrapped === undefined ? [] : inside(wrapped, 0xa3);
  for (const extension of inside(list, SEQUENCE)) {
    const [name, second, third] = inside(extension, SEQUENCE);
    const [value] = inside(third ?? second, 0x04);
    if (name === undefined || value === undefined) return { values, strange: true };
    const oid = hex(name.body);
    const known = KNOWN.includes(oid);
    if (known && values.has(oid)) strange = true;
    if (known) values.set(oid, value);
    else if (third !== undefined && second?.body[0] !== 0) strange = true;
  }
  return { values, strange };
}

const mayServe = (purposes: Item | undefined): boolean =>
  purposes === undefined || inside(purposes, SEQUENCE).some(({ body }) => PURPOSES.includes(hex(body)));

function authorityOf(constraints: Item | undefined, usage: Item | undefined) {
  const [is, below] = inside(constraints, SEQUENCE);
  const signs = usage === undefined || ((usage.body[1] ?? 0) & SIGNS) !== 0;
  const authority = is?.tag === 0x01 && is.body[0] !== 0 && signs;
  return { authority, below: below?.tag === 0x02 ? (below.body[0] ?? 0) : null };
}

/** Null: it cannot be read, or has a critical extension that is not known here. */
export function certificateOf(der: Uint8Array): Certificate | null {
  const outer = itemsOf(der);
  const [signed, algorithm, signature] = outer?.length === 1 ? inside(outer[0], SEQUENCE) : [];
  const all = inside(signed, SEQUENCE);
  const fields = all[0]?.tag === 0xa0 ? all.slice(1) : all;
  const [, inner, issuer, validity, subject, , ...rest] = fields;
  const [from, to] = inside(validity, SEQUENCE);
  const [kind] = inside(algorithm, SEQUENCE);
  if (!signed || !algorithm || !signature || !inner || !issuer || !subject || !from || !to || !kind) return null;
  if (signature.tag !== 0x03 || signature.body[0] !== 0 || hex(inner.whole) !== hex(algorithm.whole)) return null;
  const { values, strange } = extensionsOf(rest.find(({ tag }) => tag === 0xa3));
  if (strange) return null;
  const names = inside(values.get(OID.names), SEQUENCE);
  return {
    der,
    signed: signed.whole,
    algorithm: hex(kind.body),
    signature: signature.body.subarray(1),
    issuer: hex(issuer.whole),
    subject: hex(subject.whole),
    from: timeOf(from),
    to: timeOf(to),
    names: names.filter(({ tag }) => tag === 0x82).map(({ body }) => ascii(body).toLowerCase()),
    addresses: names.filter(({ tag, body }) => tag === 0x87 && body.length === 4).map(({ body }) => body.join(".")),
    ...authorityOf(values.get(OID.constraints), values.get(OID.usage)),
    server: mayServe(values.get(OID.purposes)),
  };
}
