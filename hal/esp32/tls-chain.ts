// Whether a server's certificates are for the name that was asked for, and come from an authority that is trusted: the path
// of RFC 5280, section 6, without policies. It stands in place of the SDK's own check, which believes the first certificate's
// name without its signature when any later one of the list is good, and none at all when the server sends one alone.

import type { ChainTrouble } from "../ports.js";
import { type Certificate, certificateOf, itemsOf } from "./x509.js";

/** Whether the key of `by` has signed `what`. May throw. */
export type Signed = (what: Certificate, by: Certificate) => boolean;

export interface Trust {
  readonly name: string;
  /** DER, one behind the other. */
  readonly anchors: Uint8Array;
  /** Seconds since 1970. */
  readonly unix: number;
}

/** More than any server's, and a bound on what a stranger can have computed here. */
const LONGEST = 6;

export const isAddress = (name: string): boolean => /^\d{1,3}(\.\d{1,3}){3}$/.test(name);

/** A star stands for one label, the first, and not for one right above the top (RFC 6125, section 6.4.3). */
function isFor(certificate: Certificate, wanted: string): boolean {
  const name = wanted.toLowerCase();
  if (isAddress(name)) return certificate.addresses.includes(name);
  const dot = name.indexOf(".");
  const above = name.slice(dot);
  const star = dot > 0 && above.indexOf(".", 1) > 0 ? `*${above}` : null;
  return certificate.names.some((one) => one === name || one === star);
}

function agedOf(certificate: Certificate, unix: number): ChainTrouble | null {
  if (!(certificate.from <= unix)) return "notYetValid";
  return certificate.to >= unix ? null : "expired";
}

const isSame = (a: Certificate, b: Certificate): boolean =>
  a.der.length === b.der.length && a.der.every((byte, at) => byte === b.der[at]);

/** `below`: how many authorities stand between the one that may sign and the server's certificate. */
function signedBy(what: Certificate, by: Certificate, below: number, signed: Signed): boolean {
  if (!by.authority || by.subject !== what.issuer || (by.below !== null && by.below < below)) return false;
  try {
    return signed(what, by);
  } catch {
    return false;
  }
}

const certificatesOf = (bytes: readonly Uint8Array[]): readonly Certificate[] => {
  const found = bytes.map(certificateOf);
  return found.filter((one) => one !== null);
};

/** Null: they can be believed. The server's own certificate comes first; the others in any order, twice or for nothing. */
export function chainTrouble(chain: readonly Uint8Array[], trust: Trust, signed: Signed): ChainTrouble | null {
  const [first, ...above] = certificatesOf(chain.slice(0, LONGEST));
  if (first === undefined || chain.length > LONGEST || above.length + 1 < chain.length) return "badCertificate";
  if (!isFor(first, trust.name)) return "otherName";
  if (!first.server) return "badCertificate";
  const anchors = certificatesOf((itemsOf(trust.anchors) ?? []).map(({ whole }) => whole));
  let last = first;
  for (let below = 0; below < LONGEST; below++) {
    const mine = last;
    const aged = agedOf(mine, trust.unix);
    if (aged !== null) return aged;
    if (anchors.some((anchor) => isSame(anchor, mine))) return null;
    const anchor = anchors.find((one) => signedBy(mine, one, below, signed));
    if (anchor !== undefined) return agedOf(anchor, trust.unix);
    const next = above.find((one) => !isSame(one, mine) && signedBy(mine, one, below, signed));
    if (next === undefined) return "unknownCa";
    last = next;
  }
  return "unknownCa";
}
