// Certificates for tests that need brokers of every kind: made anew each time, with Node's keys and signatures (RFC 5280).

import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";

export interface Made {
  /** PEM. */
  readonly certificate: string;
  /** PEM, PKCS #8. */
  readonly key: string;
}

interface Issuer {
  readonly name: string;
  readonly privateKey: KeyObject;
}

export interface Authority extends Made {
  /** A certificate of this authority. */
  issue(wanted: Wanted): Made;
}

export interface Wanted {
  readonly name: string;
  readonly dns?: readonly string[];
  readonly addresses?: readonly string[];
  /** Days from now, may be past. */
  readonly days?: readonly [from: number, to: number];
}

const DAY_MS = 86_400_000;

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const { length } = body;
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...head]), body]);
}

const bytes = (...values: readonly number[]): Buffer => Buffer.from(values);
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (...values: readonly number[]): Buffer => der(0x06, bytes(...values));
const COMMON_NAME = oid(0x55, 0x04, 0x03);
const SHA256_RSA = sequence(oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b), der(0x05));
const TRUE = der(0x01, bytes(0xff));

const nameOf = (name: string): Buffer => sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(name)))));
const timeOf = (ms: number): Buffer =>
  der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/[-:T]|\.\d+Z$/g, "")}Z`));

function pem(label: string, body: Buffer): string {
  const lines = body.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

const extension = (id: number, critical: boolean, value: Buffer): Buffer =>
  sequence(oid(0x55, 0x1d, id), ...(critical ? [TRUE] : []), der(0x04, value));

let serial = 1;

function made({ name, dns = [], addresses = [], days = [-1, 30] }: Wanted, by: Issuer | null): Made & Issuer {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const names = [
    ...dns.map((one) => der(0x82, Buffer.from(one))),
    ...addresses.map((one) => der(0x87, bytes(...one.split(".").map(Number)))),
  ];
  const extensions = [
    ...(by === null ? [extension(0x13, true, sequence(TRUE))] : []),
    ...(names.length > 0 ? [extension(0x11, false, sequence(...names))] : []),
  ];
  const issuer = by ?? { name, privateKey };
  const signed = sequence(
    der(0xa0, der(0x02, bytes(2))),
    der(0x02, bytes(serial++)),
    SHA256_RSA,
    nameOf(issuer.name),
    sequence(timeOf(Date.now() + days[0] * DAY_MS), timeOf(Date.now() + days[1] * DAY_MS)),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = createSign("sha256").update(signed).sign(issuer.privateKey);
  const certificate = pem("CERTIFICATE", sequence(signed, SHA256_RSA, der(0x03, bytes(0), signature)));
  return { name, privateKey, certificate, key: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

export function authority(name: string): Authority {
  const own = made({ name }, null);
  return { ...own, issue: (wanted) => made(wanted, own) };
}
