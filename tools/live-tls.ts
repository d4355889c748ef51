// What TLS options of a device are to Node, and what Node says of a connection that failed in the words of the device.

import { connect, type TLSSocket } from "node:tls";
import type { ConnectTrouble, TlsOptions } from "../hal/sim/plant/board.js";

const LINE = 64;

/** DER values one behind the other as PEM, which is what Node takes. */
function pemOf(label: string, ders: Uint8Array): string {
  const blocks: string[] = [];
  for (let at = 0; at < ders.length; ) {
    const length = 4 + (ders[at + 2] ?? 0) * 256 + (ders[at + 3] ?? 0);
    const text = Buffer.from(ders.subarray(at, at + length)).toString("base64");
    const lines = text.match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
    blocks.push(`-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`);
    at += length;
  }
  return blocks.join("");
}

const TROUBLES: Readonly<Record<string, ConnectTrouble>> = Object.freeze({
  ENOTFOUND: "noAddress",
  EAI_AGAIN: "noAddress",
  ECONNREFUSED: "unreachable",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ETIMEDOUT: "unreachable",
  CERT_HAS_EXPIRED: "expired",
  CERT_NOT_YET_VALID: "notYetValid",
  ERR_TLS_CERT_ALTNAME_INVALID: "otherName",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "unknownCa",
  UNABLE_TO_GET_ISSUER_CERT: "unknownCa",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "unknownCa",
  SELF_SIGNED_CERT_IN_CHAIN: "unknownCa",
  DEPTH_ZERO_SELF_SIGNED_CERT: "unknownCa",
  INVALID_CA: "unknownCa",
  CERT_SIGNATURE_FAILURE: "badCertificate",
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: "refused",
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: "refused",
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: "refused",
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: "refused",
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: "refused",
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: "badKey",
});

/** Why nothing opened, by the code of Node's error. */
export const troubleOf = (code: string, isTls: boolean): ConnectTrouble | undefined =>
  TROUBLES[code] ?? (isTls && /^(?:ERR_SSL|ERR_TLS|ERR_OSSL|EPROTO|ECONNRESET$)/.test(code) ? "handshake" : undefined);

/** As the device would open it: TLS 1.2 and nothing newer. Throws for a key or certificate that cannot be used. */
export const connectTls = (host: string, port: number, tls: TlsOptions): TLSSocket =>
  connect({
    host,
    port,
    // Server names are names; an address stands in the certificate, not in the greeting (RFC 6066, section 3).
    ...(/^[\d.]+$/.test(tls.serverName) ? {} : { servername: tls.serverName }),
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.2",
    ...(tls.ca === null ? {} : { ca: pemOf("CERTIFICATE", tls.ca), allowPartialTrustChain: true }),
    ...(tls.certificate === null ? {} : { cert: pemOf("CERTIFICATE", tls.certificate) }),
    ...(tls.key === null ? {} : { key: pemOf("PRIVATE KEY", tls.key) }),
  });
