import assert from "node:assert/strict";
import fc from "fast-check";
import { type CarConfig, createCar } from "../../hal/sim/plant/car.js";

const CAR: CarConfig = {
  maxA: 32,
  phases: 1,
  batteryKWh: 24,
  socPct: 33,
  reactS: 1,
  rampAps: 10,
  obeys: true,
  leavesC: true,
  diode: true,
};
const AT_30_A = 5_000;
const AT_10_A = 1_667;
const STATIC = 10_000;

/** A car that has been charging at 30 A for a while. */
function charging(over: Partial<CarConfig> = {}) {
  const car = createCar({ ...CAR, ...over }, 0, 230);
  car.see(AT_30_A, true);
  car.advance(20_000);
  return car;
}

describe("plant car", () => {
  it("asks for power a second after a valid duty, and draws only with the contacts closed", () => {
    const car = createCar(CAR, 0, 230);
    car.see(AT_30_A, false);
    car.advance(900);
    assert.equal(car.state(), "B");
    car.advance(5_000);
    assert.deepEqual([car.state(), car.draw()], ["C", 0]);
    car.see(AT_30_A, true);
    car.advance(5_100);
    assert.ok(car.draw() >= 6);
  });

  it("follows a lower offer after its reaction, along its ramp", () => {
    const car = charging();
    car.see(AT_10_A, true);
    car.advance(21_000);
    assert.equal(car.draw(), 30);
    car.advance(22_000);
    assert.ok(Math.abs(car.draw() - 20) < 0.01);
    car.advance(24_000);
    assert.ok(Math.abs(car.draw() - 10) < 0.01);
  });

  it("follows each of many offers that come faster than it reacts", () => {
    const car = charging();
    for (let cut = 1; cut <= 12; cut++) {
      car.see(AT_30_A - cut * 200, true);
      car.advance(20_000 + cut * 900);
    }
    assert.ok(car.draw() <= 18, `still draws ${car.draw()} A of 15.6 A`);
  });

  it("stops and goes back to B within 5 s of the end of the offer", () => {
    const car = charging();
    car.see(STATIC, true);
    car.advance(25_000);
    assert.deepEqual([car.state(), car.draw()], ["B", 0]);
  });

  it("stays in C, drawing nothing, when it does not leave C", () => {
    const car = charging({ leavesC: false });
    car.see(STATIC, true);
    car.advance(30_000);
    assert.deepEqual([car.state(), car.draw()], ["C", 0]);
  });

  it("keeps drawing when it does not obey, until the contacts open", () => {
    const car = charging({ obeys: false });
    car.see(STATIC, true);
    car.advance(30_000);
    assert.equal(car.draw(), 32);
    car.see(STATIC, false);
    assert.equal(car.draw(), 0);
  });

  it("takes a tenth of its rating just below full, then nothing", () => {
    const car = charging({ socPct: 99.9, batteryKWh: 1_000 });
    assert.ok(Math.abs(car.draw() - 32 * (1 - (0.9 * 19.9) / 20)) < 0.1);
    const full = charging({ socPct: 100 });
    assert.deepEqual([full.state(), full.draw()], ["B", 0]);
  });

  it("never draws more than it was ever offered, nor anything below an offer of 6 A", () => {
    const duty = fc.constantFrom(0, 500, 790, 800, 1_000, 1_667, 5_000, 8_500, 9_700, STATIC);
    fc.assert(
      fc.property(fc.array(fc.tuple(duty, fc.integer({ min: 1, max: 4_000 })), { maxLength: 20 }), (steps) => {
        const car = createCar(CAR, 0, 230);
        let now = 0;
        let offered = 0;
        for (const [hundredths, wait] of steps) {
          car.see(hundredths, true);
          if (hundredths >= 800 && hundredths <= 9_700) offered = Math.max(offered, hundredths * 0.006, 6);
          now += wait;
          car.advance(now);
          assert.ok(car.draw() <= Math.max(offered > 51 ? 80 : offered, 0) + 1e-9);
        }
      }),
    );
  });
});
