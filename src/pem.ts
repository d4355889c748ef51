// Certificates and keys as people paste them: PEM (RFC 7468) to DER. It looks at the frame of what is inside, and at nothing
// of its meaning: that is the handshake's.

import { unbase64 } from "./base64.js";
import { joined } from "./bytes.js";
import { frozen } from "./frozen.js";
import { bad, type Checked, good } from "./settings-checks.js";

const BLOCK = /^-----BEGIN ([A-Z0-9 ]{1,40})-----$/;
/** SEQUENCE, with a length in two bytes: every certificate and every key of use is between 256 and 65,535 bytes long. */
const START: readonly number[] = frozen([0x30, 0x82]);
const HEADER = 4;
/** rsaEncryption, 1.2.840.113549.1.1.1 (RFC 8017, appendix C). */
const RSA: readonly number[] = frozen([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]);
/** PKCS #8: SEQUENCE, version, SEQUENCE, OBJECT IDENTIFIER. RFC 5958. */
const KIND_AT = 11;

type Block = { readonly label: string; readonly der: Uint8Array };

/** One whole DER value, and nothing behind it. */
const isDer = (bytes: Uint8Array): boolean =>
  START.every((byte, at) => bytes[at] === byte) && bytes.length === HEADER + (bytes[2] ?? 0) * 256 + (bytes[3] ?? 0);

/** The blocks of a text in their order; lines outside of blocks are words for people. */
function blocksOf(text: string): Checked<readonly Block[]> {
  const blocks: Block[] = [];
  let label: string | null = null;
  let inside = "";
  for (const line of text.split("\n").map((one) => one.trim())) {
    const begun = BLOCK.exec(line)?.[1];
    if (label === null) {
      label = begun ?? null;
      inside = "";
    } else if (line === `-----END ${label}-----`) {
      const der = unbase64(inside);
      if (der === null || !isDer(der)) return bad(`block ${blocks.length + 1} is damaged: copy it once more, whole`);
      blocks.push({ label, der });
      label = null;
    } else if (begun !== undefined) return bad(`block ${blocks.length + 1} has no end`);
    else inside += line;
  }
  return label === null ? good(blocks) : bad(`block ${blocks.length + 1} has no end`);
}

/** Certificates, one behind the other as DER, in the order of the text. */
export function certificatesIn(text: string): Checked<Uint8Array> {
  const read = blocksOf(text);
  if (!read.ok) return read;
  const other = read.value.find(({ label }) => label !== "CERTIFICATE");
  if (other !== undefined || read.value.length === 0)
    return bad("must be certificates, each from -----BEGIN CERTIFICATE----- to its end");
  return good(joined(...read.value.map(({ der }) => der)));
}

/** An RSA key that no passphrase encrypts, as PKCS #8 in DER. The text is never repeated. */
export function rsaKeyIn(text: string): Checked<Uint8Array> {
  const read = blocksOf(text);
  if (!read.ok) return read;
  const [block, second] = read.value;
  if (block?.label !== "PRIVATE KEY" || second !== undefined)
    return bad("must be one key in PKCS #8 without a passphrase: openssl pkcs8 -topk8 -nocrypt makes it");
  if (!RSA.every((byte, at) => block.der[KIND_AT + at] === byte)) return bad("must be an RSA key");
  return good(block.der);
}
