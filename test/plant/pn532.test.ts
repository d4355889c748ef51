import assert from "node:assert/strict";
import { createAgenda } from "../../hal/sim/plant/agenda.js";
import { createPn532 } from "../../hal/sim/plant/pn532.js";

const LIST_ONE = Uint8Array.from([0, 0, 0xff, 0x04, 0xfc, 0xd4, 0x4a, 0x01, 0x00, 0xe1, 0]);
const ACK = "00 00 ff 00 ff 00";
const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

function reader() {
  const agenda = createAgenda();
  const said: [number, string][] = [];
  return { agenda, said, pn532: createPn532(agenda, (bytes) => said.push([agenda.now(), hex(bytes)])) };
}

describe("plant PN532", () => {
  it("acknowledges in 5 ms, and lists a card of four bytes as the captured frame does", () => {
    const { agenda, said, pn532 } = reader();
    pn532.present("5CBBE5D5", 1_000);
    pn532.write(LIST_ONE);
    agenda.run(100);
    assert.deepEqual(said[0], [5, ACK]);
    assert.equal(said[1]?.[1], "00 00 ff 0c f4 d5 4b 01 01 00 04 08 04 5c bb e5 d5 fd 00");
    assert.ok((said[1]?.[0] ?? 99) <= 30);
  });

  it("lists a card of seven bytes as the captured frame does", () => {
    const { agenda, said, pn532 } = reader();
    pn532.present("047BCB51962280", 1_000);
    pn532.write(LIST_ONE);
    agenda.run(100);
    assert.equal(said[1]?.[1], "00 00 ff 0f f1 d5 4b 01 01 00 44 00 07 04 7b cb 51 96 22 80 c0 00");
  });

  it("says that there is no card once it has been taken away", () => {
    const { agenda, said, pn532 } = reader();
    pn532.present("5CBBE5D5", 1_000);
    agenda.run(1_001);
    pn532.write(LIST_ONE);
    agenda.run(1_100);
    assert.equal(said[1]?.[1], "00 00 ff 03 fd d5 4b 00 e0 00");
  });

  it("lists two cards where it may, and one where it may not", () => {
    const { agenda, said, pn532 } = reader();
    pn532.present("5CBBE5D5", 1_000);
    pn532.present("01020304050607080910", 1_000);
    pn532.write(LIST_ONE);
    agenda.run(100);
    pn532.write(Uint8Array.from([0, 0, 0xff, 0x04, 0xfc, 0xd4, 0x4a, 0x02, 0x00, 0xe0, 0]));
    agenda.run(200);
    assert.ok(said[1]?.[1].includes("d5 4b 01 01"));
    assert.ok(
      said[3]?.[1].includes("d5 4b 02 01 00 04 08 04 5c bb e5 d5 02 00 84 00 0a 01 02 03 04 05 06 07 08 09 10"),
    );
  });

  it("says nothing without power, nothing after it until it is woken, and nothing of a search that nobody has limited", () => {
    const { agenda, said, pn532 } = reader();
    const wake = [0x55, 0x55, 0, 0, 0];
    const sam = [0, 0, 0xff, 0x05, 0xfb, 0xd4, 0x14, 1, 0x14, 1, 2, 0];
    pn532.write(LIST_ONE);
    pn532.power(false);
    agenda.run(100);
    pn532.write(Uint8Array.from([...wake, ...sam]));
    pn532.power(true);
    pn532.write(LIST_ONE);
    agenda.run(200);
    assert.equal(said.length, 0);
    pn532.write(Uint8Array.from([...wake, ...sam]));
    agenda.run(300);
    pn532.write(LIST_ONE);
    agenda.run(400);
    assert.deepEqual(
      said.map(([, bytes]) => bytes),
      [ACK, "00 00 ff 02 fe d5 15 16 00", ACK],
    );
  });
});
