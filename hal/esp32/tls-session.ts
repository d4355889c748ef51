// The SDK's TLS, as tls-stream.ts takes it. What the SDK decides about certificates by itself is decided there instead.

import Resource from "Resource";
import { Digest } from "crypt";
import ECDSA from "ecdsa";
import PKCS1_5 from "pkcs1_5";
import PKCS8, { type PrivateKey } from "pkcs8";
import Session from "ssl/session";
import X509, { type PublicKey } from "x509";
import type { TlsModule, TlsSettings, TlsWire } from "./classes.js";
import { bufferOf } from "./serial.js";
import type { Certificate } from "./x509.js";

/** Only what is asked for here: smaller keys and odd exponents let a signature be forged (the SDK does not look at padding to its end). */
const SMALLEST_MODULUS = 1n << 2_047n;
const LARGEST_MODULUS = 1n << 4_096n;
const SMALLEST_EXPONENT = 65_537n;

interface Kind {
  readonly rsa: boolean;
  readonly hash: "SHA256" | "SHA384" | "SHA512";
}
const KINDS: Readonly<Record<string, Kind>> = Object.freeze({
  "2a864886f70d01010b": Object.freeze({ rsa: true, hash: "SHA256" }),
  "2a864886f70d01010c": Object.freeze({ rsa: true, hash: "SHA384" }),
  "2a864886f70d01010d": Object.freeze({ rsa: true, hash: "SHA512" }),
  "2a8648ce3d040302": Object.freeze({ rsa: false, hash: "SHA256" }),
  "2a8648ce3d040303": Object.freeze({ rsa: false, hash: "SHA384" }),
  "2a8648ce3d040304": Object.freeze({ rsa: false, hash: "SHA512" }),
});

/** Throws for a key that nobody should rely on. */
function keyIn(der: Uint8Array): PublicKey {
  const key = X509.decodeSPKI(bufferOf(der));
  if (key.curve !== undefined) return key;
  const { modulus = 0n, exponent = 0n } = key;
  if (modulus < SMALLEST_MODULUS || modulus >= LARGEST_MODULUS || exponent < SMALLEST_EXPONENT) throw new Error("key");
  return key;
}

function signed(what: Certificate, by: Certificate): boolean {
  const kind = KINDS[what.algorithm];
  const key = keyIn(by.der);
  if (kind === undefined || kind.rsa !== (key.curve === undefined)) return false;
  const digest = new Digest(kind.hash).process(bufferOf(what.signed));
  const signature = bufferOf(what.signature);
  return key.curve === undefined
    ? new PKCS1_5(key, false, []).verify(digest, signature)
    : new ECDSA(key.pub, key.curve, false).verify(digest, signature, true);
}

class Recorded extends Session {
  constructor(settings: TlsSettings) {
    const { name, certificates } = settings;
    // Without a cache: a session that goes on without certificates would have another order of records.
    super({ ...(name === null ? {} : { serverName: name }), cache: false, protocolVersion: 0x303 });
    const own: PrivateKey | null = settings.key === null ? null : PKCS8.parse(new Uint8Array(bufferOf(settings.key)));
    this.certificateManager = {
      verify: (chain) => settings.trusts(chain, signed),
      register: () => undefined,
      getKey: (certificate) => {
        if (certificate !== certificates[0]) return keyIn(new Uint8Array(certificate));
        if (own === null) throw new Error("no key");
        return own;
      },
      findPreferredCert: () => (own === null ? [] : certificates),
    };
  }
  override readPacket(wire: TlsWire): ArrayBuffer | undefined {
    return wire.next();
  }
}

export const tls: TlsModule = Object.freeze({
  session: (settings: TlsSettings) => new Recorded(settings),
  roots: () => new Uint8Array(new Resource("roots.der")),
});
