// The public authorities that the program trusts for TLS where its owner has stored none: those that sign the servers of the
// well-known services, out of Mozilla's list as Node ships it. They lie in the image as one file, DER, one behind the other.

import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";

/** Common names; together about 9 KB of flash. Let's Encrypt, DigiCert, Amazon, Google, Sectigo. */
const NAMES: readonly string[] = Object.freeze([
  "ISRG Root X1",
  "ISRG Root X2",
  "DigiCert Global Root G2",
  "Amazon Root CA 1",
  "Starfield Services Root Certificate Authority - G2",
  "GTS Root R1",
  "GTS Root R4",
  "USERTrust RSA Certification Authority",
]);

/** Throws when Node does not know one of them. */
export function publicRoots(): Uint8Array {
  const all = rootCertificates.map((pem) => new X509Certificate(pem));
  const found = NAMES.map((name) => {
    const one = all.find(({ subject }) => subject.split("\n").includes(`CN=${name}`));
    if (one === undefined) throw new Error(`this Node does not know ${name}`);
    return one.raw;
  });
  return Uint8Array.from(Buffer.concat(found));
}
