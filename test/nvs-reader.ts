// A reader of NVS partitions of its own making, after the ESP-IDF's description and not after tools/nvs-image.ts: pages, states,
// bits, CRCs. Texts by "namespace/key"; throws where a device would give the page up.

import assert from "node:assert/strict";

/** Bit by bit, from all bits set before and behind: what the chip's ROM gives for 0xffffffff. */
function crcOf(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const nameIn = (entry: Uint8Array): string => {
  const name = new TextDecoder().decode(entry.subarray(8, 24));
  assert.ok(name.includes("\0"), "a name without its zero");
  return name.slice(0, name.indexOf("\0"));
};

export function readNvs(image: Uint8Array): Readonly<Record<string, string>> {
  assert.equal(image.length % 4_096, 0);
  const spaces = new Map<number, string>();
  const values: Record<string, string> = {};
  let free = 0;
  for (let at = 0; at < image.length; at += 4_096) {
    const page = image.subarray(at, at + 4_096);
    if (page.every((byte) => byte === 0xff)) free++;
    else readPage(page, spaces, values);
  }
  assert.ok(free >= 1, "no free page");
  return values;
}

function readPage(page: Uint8Array, spaces: Map<number, string>, values: Record<string, string>): void {
  const head = view(page);
  assert.equal(head.getUint32(0, true), 0xfffffffe, "not an active page");
  assert.equal(page[8], 0xfe, "another version");
  assert.equal(head.getUint32(28, true), crcOf(page.subarray(4, 28)), "header");
  const stateOf = (entry: number): number => ((page[32 + (entry >> 2)] ?? 0) >> ((entry & 3) * 2)) & 3;
  for (let at = 0; at < 126; ) {
    const start = 64 + at * 32;
    const entry = page.subarray(start, start + 32);
    if (stateOf(at) === 3) {
      for (let later = at; later < 126; later++) assert.equal(stateOf(later), 3, "written behind an empty one");
      assert.ok(
        page.subarray(start).every((byte) => byte === 0xff),
        "bytes in an empty entry",
      );
      return;
    }
    const span = entry[2] ?? 0;
    assert.ok(span >= 1 && at + span <= 126, "span");
    for (let one = at; one < at + span; one++) assert.equal(stateOf(one), 2, "not written");
    const checked = Uint8Array.from([...entry.subarray(0, 4), ...entry.subarray(8)]);
    assert.equal(view(entry).getUint32(4, true), crcOf(checked), "entry");
    const space = entry[0] ?? 0;
    if (entry[1] === 0x01 && space === 0) spaces.set(entry[24] ?? 0, nameIn(entry));
    else {
      assert.equal(entry[1], 0x21, "type");
      const length = view(entry).getUint16(24, true);
      const bytes = page.subarray(start + 32, start + 32 + length);
      assert.ok(length >= 1 && Math.ceil(length / 32) === span - 1, "length");
      assert.equal(view(entry).getUint32(28, true), crcOf(bytes), "text");
      assert.equal(bytes[length - 1], 0);
      values[`${spaces.get(space) ?? assert.fail("no such namespace")}/${nameIn(entry)}`] = new TextDecoder().decode(
        bytes.subarray(0, -1),
      );
    }
    at += span;
  }
}
