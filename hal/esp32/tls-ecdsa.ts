// The SDK's ECDSA, for signatures whose numbers are in their range (FIPS 186-5, section 6.4.2): it takes a zero for a signature of
// anything. A digest longer than the curve's order counts by its first bytes. Stands in place of the SDK's module.

import ECDSA from "sdk/ecdsa";

export default class Checked extends ECDSA {
  override _verify(digest: ArrayBuffer, r: bigint, s: bigint): boolean {
    const order = this.n.m;
    if (r <= 0n || s <= 0n || r >= order || s >= order) return false;
    return super._verify(digest.slice(0, this.orderSize), r, s);
  }
}
