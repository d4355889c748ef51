// What the device offers a server: an exchange of keys that leaves no key behind, and AES-128-GCM, with a certificate of either
// kind (RFC 5289). In place of the SDK's list, which begins with suites that have neither. The numbers are those of its ssl/constants.

const ECDHE = 6;
const AES = 0;
const GCM = 2;
const SHA256 = 2;

const suite = (low: number) =>
  Object.freeze({
    value: Object.freeze([0xc0, low]),
    isExportable: false,
    keyExchangeAlgorithm: ECDHE,
    cipherAlgorithm: AES,
    cipherKeySize: 16,
    cipherBlockSize: 16,
    hashAlgorithm: SHA256,
    hashSize: 32,
    encryptionMode: GCM,
    ivSize: 8,
    saltSize: 4,
  });

/** ECDSA first: its certificates are the shorter ones. */
export default Object.freeze([suite(0x2b), suite(0x2f)]);
