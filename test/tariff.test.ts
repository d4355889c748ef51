import assert from "node:assert/strict";
import fc from "fast-check";
import { localTime, minuteText, parseZone, unixOf, type Zone } from "../src/calendar.js";
import { money } from "../src/money.js";
import { costOf, nextChange, parseTariff, periodAt, planOf, type Tariff } from "../src/tariff.js";
import { PRESETS } from "../src/tariff-presets.js";
import { unixSeconds, wattHours } from "../src/units.js";

function zone(text: string): Zone {
  const parsed = parseZone(text);
  assert.ok(parsed.ok, text);
  return parsed.zone;
}
const LISBON = zone("Europe/Lisbon");

function tariff(value: object): Tariff {
  const parsed = parseTariff({ currency: "EUR", ...value });
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.tariff;
}
function errorsOf(value: unknown): readonly string[] {
  const parsed = parseTariff(value);
  return parsed.ok ? [] : parsed.errors.map(({ field, why }) => `${field}: ${why}`);
}
const PRICES = [0.1, 0.15, 0.3];
const preset = (name: keyof typeof PRESETS): Tariff =>
  tariff({ plan: name, prices: PRICES.slice(0, PRESETS[name].periods.length) });

/** "00:00 vazio 08:00 cheias ..." of a day in Lisbon. */
function dayOf(name: keyof typeof PRESETS, [month, day]: readonly [number, number]): string {
  const one = preset(name);
  let said = "";
  let last = "";
  for (let minute = 0; minute < 1_440; minute += 1) {
    const local = localTime(unixOf({ year: 2026, month, day }, minute, LISBON), LISBON);
    const period = planOf(one).periods[periodAt(one, local)] ?? "";
    if (period !== last) said += `${said === "" ? "" : " "}${minuteText(minute)} ${period}`;
    last = period;
  }
  return said;
}
const NAMES = ["flat", "pt-bi-daily", "pt-bi-weekly", "pt-tri-daily", "pt-tri-weekly"] as const;

/** Each minute of so many days from a date: the period changes where nextChange says, and nowhere else. */
function scan(name: keyof typeof PRESETS, [year, month, day]: readonly [number, number, number], days: number): void {
  const one = preset(name);
  const end = unixOf({ year, month, day: day + days }, 0, LISBON);
  let at = unixOf({ year, month, day }, 0, LISBON);
  let period = periodAt(one, localTime(at, LISBON));
  let expected = nextChange(one, at, LISBON);
  for (; at < end; at = unixSeconds(at + 60)) {
    const seen = periodAt(one, localTime(at, LISBON));
    if (seen !== period && at !== expected) assert.ok(false, `missed the change at ${at}, said ${expected}`);
    if (at === expected && seen === period) assert.ok(name === "flat", `no change at ${at}`);
    if (at === expected) expected = nextChange(one, at, LISBON);
    period = seen;
  }
}
/** 2026-01-14 and 2026-07-15 are Wednesdays. */
const WINTER = { wednesday: [1, 14], saturday: [1, 17], sunday: [1, 18] } as const;
const SUMMER = { wednesday: [7, 15], saturday: [7, 18], sunday: [7, 19] } as const;
const wh = (...list: readonly number[]) => list.map(wattHours);
const FLAT = tariff({ vatPct: 23, plan: "flat", prices: [0.1534] });

describe("tariff", () => {
  it("pt-bi-daily is vazio from 22 to 8 h on every day of the year", () => {
    for (const day of [...Object.values(WINTER), ...Object.values(SUMMER)])
      assert.equal(dayOf("pt-bi-daily", day), "00:00 vazio 08:00 fora de vazio 22:00 vazio");
  });
  it("pt-bi-weekly is vazio in the nights of workdays, in parts of Saturday and on Sunday", () => {
    const workday = "00:00 vazio 07:00 fora de vazio";
    assert.equal(dayOf("pt-bi-weekly", WINTER.wednesday), workday);
    assert.equal(dayOf("pt-bi-weekly", SUMMER.wednesday), workday);
    assert.equal(
      dayOf("pt-bi-weekly", WINTER.saturday),
      "00:00 vazio 09:30 fora de vazio 13:00 vazio 18:30 fora de vazio 22:00 vazio",
    );
    assert.equal(
      dayOf("pt-bi-weekly", SUMMER.saturday),
      "00:00 vazio 09:00 fora de vazio 14:00 vazio 20:00 fora de vazio 22:00 vazio",
    );
    assert.equal(dayOf("pt-bi-weekly", WINTER.sunday), "00:00 vazio");
    assert.equal(dayOf("pt-bi-weekly", SUMMER.sunday), "00:00 vazio");
  });
  it("pt-tri-daily has its ponta at other hours in summer", () => {
    const winter = "00:00 vazio 08:00 cheias 09:00 ponta 10:30 cheias 18:00 ponta 20:30 cheias 22:00 vazio";
    const summer = "00:00 vazio 08:00 cheias 10:30 ponta 13:00 cheias 19:30 ponta 21:00 cheias 22:00 vazio";
    for (const day of Object.values(WINTER)) assert.equal(dayOf("pt-tri-daily", day), winter);
    for (const day of Object.values(SUMMER)) assert.equal(dayOf("pt-tri-daily", day), summer);
  });
  it("pt-tri-weekly has ponta on workdays only", () => {
    assert.equal(
      dayOf("pt-tri-weekly", WINTER.wednesday),
      "00:00 vazio 07:00 cheias 09:30 ponta 12:00 cheias 18:30 ponta 21:00 cheias",
    );
    assert.equal(dayOf("pt-tri-weekly", SUMMER.wednesday), "00:00 vazio 07:00 cheias 09:15 ponta 12:15 cheias");
    assert.equal(
      dayOf("pt-tri-weekly", WINTER.saturday),
      "00:00 vazio 09:30 cheias 13:00 vazio 18:30 cheias 22:00 vazio",
    );
    assert.equal(
      dayOf("pt-tri-weekly", SUMMER.saturday),
      "00:00 vazio 09:00 cheias 14:00 vazio 20:00 cheias 22:00 vazio",
    );
    assert.equal(dayOf("pt-tri-weekly", SUMMER.sunday), "00:00 vazio");
  });
  it("changes exactly when a scan of each minute of a year sees it change, in each preset", () => {
    for (const name of NAMES) scan(name, [2027, 1, 1], 365);
  });
  it("changes exactly when a scan of each minute sees it change, in the weeks about both jumps of the clock", () => {
    for (const name of NAMES) scan(name, [2026, 10, 22], 7);
    for (const name of NAMES) scan(name, [2027, 3, 25], 7);
  });
  it("changes at the same moment however it is asked, to the second", () => {
    const one = preset("pt-tri-daily");
    fc.assert(
      fc.property(fc.integer({ min: 1_790_000_000, max: 1_800_000_000 }), (unix) => {
        const next = nextChange(one, unixSeconds(unix), LISBON);
        const period = (moment: number): number => periodAt(one, localTime(unixSeconds(moment), LISBON));
        assert.ok(next > unix && period(next) !== period(unix) && period(next - 1) === period(unix));
      }),
    );
  });
  it("changes with the season at the moment the clock jumps", () => {
    const one = tariff({
      plan: { periods: ["w", "s"], rules: [{ period: 1, season: "summer", from: "00:00", to: "24:00" }] },
      prices: [0.1, 0.2],
    });
    const october = unixOf({ year: 2026, month: 10, day: 24 }, 0, LISBON);
    assert.equal(nextChange(one, october, LISBON), october + 25 * 3_600 + 3_600);
  });
  it("looks 8 days ahead where nothing changes", () => {
    assert.equal(nextChange(FLAT, unixSeconds(0), LISBON), 8 * 86_400);
  });
  it("follows months, over the turn of the year as well", () => {
    const one = tariff({
      plan: { periods: ["a", "b"], rules: [{ period: 1, months: [11, 2], from: 0, to: 1_440 }] },
      prices: [0.1, 0.2],
    });
    const inMonth = (month: number): number =>
      periodAt(one, localTime(unixOf({ year: 2026, month, day: 1 }, 0, LISBON), LISBON));
    assert.deepEqual([1, 2, 3, 10, 11, 12].map(inMonth), [1, 1, 0, 0, 1, 1]);
  });
  it("counts the hours after midnight to the day on which a rule began", () => {
    const one = tariff({
      plan: { periods: ["a", "b"], rules: [{ period: 1, days: "57", from: "22:00", to: "06:00" }] },
      prices: [0.1, 0.2],
    });
    const at = (day: number, minute: number): number =>
      periodAt(one, localTime(unixOf({ year: 2026, month: 1, day }, minute, LISBON), LISBON));
    assert.deepEqual([at(16, 1_319), at(16, 1_320), at(17, 359), at(17, 360)], [0, 1, 1, 0], "Friday");
    assert.deepEqual([at(17, 1_320), at(18, 359), at(18, 1_320), at(19, 359)], [0, 0, 1, 1], "Sunday to Monday");
  });
});

describe("cost", () => {
  const euros = (energyWh: readonly number[], idleSeconds = 0, one = FLAT, sessions = 1): readonly number[] => {
    const { net, vat, total } = costOf({ energyWh: wh(...energyWh), idleSeconds, sessions }, one);
    return [net / 100, vat / 100, total / 100];
  };
  it("is energy times price plus VAT, in whole cents", () => {
    assert.deepEqual(euros([10_000]), [154, 35, 189]); // 1.534 + 23 % = 1.88682
    assert.deepEqual(euros([0]), [0, 0, 0]);
  });
  it("is rounded half up, once, after the VAT", () => {
    const one = tariff({ plan: "flat", prices: [0.01] });
    assert.deepEqual(euros([499], 0, one), [0, 0, 0]);
    assert.deepEqual(euros([500], 0, one), [1, 0, 1]);
    assert.deepEqual(euros([1_499], 0, one), [1, 0, 1]);
    assert.deepEqual(euros([1_500], 0, one), [2, 0, 2]);
    const three = tariff({ vatPct: 23, plan: "pt-tri-daily", prices: [0.01, 0.01, 0.01] });
    assert.deepEqual(euros([400, 400, 400], 0, three), [1, 0, 1], "not 0 + 0 + 0");
  });
  it("adds the fee of the session and that of the time plugged in after full, to the second", () => {
    const one = tariff({ plan: "flat", prices: [0.1], sessionFee: 0.25, idleFee: 1.5 });
    assert.deepEqual(euros([10_000], 0, one), [125, 0, 125]);
    assert.deepEqual(euros([10_000], 3_600, one), [275, 0, 275]);
    assert.deepEqual(euros([0], 11, one, 0), [0, 0, 0]); // 0.458 cents
    assert.deepEqual(euros([0], 12, one, 0), [1, 0, 1]); // 0.5 cents
  });
  it("is exact for 1,000,000 kWh in each period at 100.0000, VAT of 100 % and 3 years plugged in", () => {
    const one = tariff({
      vatPct: 100,
      plan: "pt-tri-daily",
      prices: [100, 99.9999, 99.9998],
      sessionFee: 100,
      idleFee: 100,
    });
    // 2 x (100,000,000 + 99,999,900 + 99,999,800 + 100 + 2,777,777.7777...) = 605,555,355.56 to the cent
    const cents = 60_555_515_555 + 1;
    assert.deepEqual(euros([10 ** 9, 10 ** 9, 10 ** 9], 10 ** 8, one)[2], cents);
  });
  const usage = fc.record({
    energyWh: fc.array(
      fc.oneof(fc.constantFrom(0, 1, 499, 500, 501, 999, 1_000), fc.integer({ min: 0, max: 10 ** 9 })),
      {
        minLength: 3,
        maxLength: 3,
      },
    ),
    idleSeconds: fc.oneof(fc.constantFrom(0, 1, 3_599, 3_600), fc.integer({ min: 0, max: 10 ** 8 })),
    sessions: fc.constantFrom(0, 1),
  });
  const steps = fc.oneof(fc.constantFrom(0, 1, 1_534, 999_999, 1_000_000), fc.integer({ min: 0, max: 1_000_000 }));
  const anyTariff = fc
    .record({
      vat: fc.constantFrom(0, 600, 1_300, 2_300, 2_001, 10_000),
      prices: fc.tuple(steps, steps, steps),
      session: steps,
      idle: steps,
    })
    .map(({ vat, prices, session, idle }) => ({
      steps: { vat, prices, session, idle },
      tariff: tariff({
        vatPct: vat / 100,
        plan: "pt-tri-daily",
        prices: prices.map((one) => one / 10_000),
        sessionFee: session / 10_000,
        idleFee: idle / 10_000,
      }),
    }));
  it("is what unbounded whole numbers give, and net + vat is total", () => {
    fc.assert(
      fc.property(usage, anyTariff, ({ energyWh, idleSeconds, sessions }, { steps: of, tariff: one }) => {
        const cost = costOf({ energyWh: wh(...energyWh), idleSeconds, sessions }, one);
        // In 36,000,000,000,000ths: 1/1000 kWh, 1/3600 h, 1/10000 of price and of VAT.
        let sum = 0n;
        for (const [place, energy] of energyWh.entries())
          sum += BigInt(energy) * BigInt(of.prices[place] ?? 0) * 3_600n;
        sum += BigInt(of.idle) * BigInt(idleSeconds) * 1_000n + BigInt(of.session) * BigInt(sessions) * 3_600_000n;
        const full = sum * BigInt(10_000 + of.vat);
        const cent = 3_600_000n * 10_000n * 100n;
        const cents = (2n * full + cent) / (2n * cent);
        assert.equal(cost.total, Number(cents) * 100);
        assert.equal(cost.net + cost.vat, cost.total);
        const factor = BigInt(10_000 + of.vat);
        const vat = (2n * cents * BigInt(of.vat) + factor) / (2n * factor);
        assert.equal(cost.vat, Number(vat) * 100);
      }),
      { numRuns: 300 },
    );
  });
  it("of two parts differs from that of the whole by a cent at the most, and the same session always costs the same", () => {
    fc.assert(
      fc.property(usage, usage, anyTariff, (a, b, { tariff: one }) => {
        const [half, other] = [a, b].map((part) => costOf({ ...part, energyWh: wh(...part.energyWh) }, one).total);
        const sum = a.energyWh.map((energy, place) => energy + (b.energyWh[place] ?? 0));
        fc.pre(sum.every((energy) => energy <= 10 ** 9) && a.idleSeconds + b.idleSeconds <= 10 ** 8);
        const together = { idleSeconds: a.idleSeconds + b.idleSeconds, sessions: a.sessions + b.sessions };
        const whole = costOf({ ...together, energyWh: wh(...sum) }, one).total;
        assert.ok(Math.abs(whole - (half ?? 0) - (other ?? 0)) <= money(100));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a tariff as typed", () => {
  it("needs a currency, a plan and as many prices as the plan has periods", () => {
    assert.deepEqual(errorsOf({}), ["currency: is missing", "plan: is missing", "prices: is missing"]);
    assert.deepEqual(errorsOf({ currency: "EUR", plan: "pt-bi-daily", prices: [0.1] }), [
      "prices: must be 2, one for each period",
    ]);
    assert.deepEqual(errorsOf({ currency: "EUR", plan: "nope", prices: [0.1] }), [
      "plan: must be one of flat, pt-bi-daily, pt-bi-weekly, pt-tri-daily, pt-tri-weekly",
    ]);
  });
  it("has no VAT and no fees where none are typed", () => {
    assert.deepEqual(tariff({ plan: "flat", prices: ["0,1534"] }), {
      currency: "EUR",
      vatPct: 0,
      plan: "flat",
      prices: [0.1534],
      sessionFee: 0,
      idleFee: 0,
    });
  });
  it("names the field of each error", () => {
    const rules = [{ period: 0, from: "22:00", to: "08:00" }, { period: 2, days: "21", from: "25:00" }, { noon: 1 }, 5];
    assert.deepEqual(
      errorsOf({ currency: "XYZ", vatPct: 23.456, plan: { periods: ["a", ""], rules }, prices: [-1], idleFee: 1e9 }),
      [
        "currency: must be one of EUR, GBP, USD, BRL, CHF, PLN, CZK, SEK, NOK, DKK, RON, UAH, CVE, AOA, MZN",
        "vatPct: must have at most two decimals",
        "plan.periods: number 2 must be a name of 1 to 24 characters",
        "prices: number 1 must be from 0 to 100",
        "idleFee: must be from 0 to 100",
      ],
    );
    assert.deepEqual(errorsOf({ currency: "EUR", plan: { periods: ["a"], rules }, prices: [0.1] }), [
      "plan.rules.1.days: must be days as digits in order, 1 Monday to 7 Sunday",
      "plan.rules.1.from: must be a time from 00:00 to 24:00",
      "plan.rules.1.to: is missing",
      "plan.rules.2.noon: unknown",
      "plan.rules.3: must be an object",
    ]);
    assert.deepEqual(errorsOf({ currency: "EUR", plan: { periods: ["a"], other: 1 }, prices: [0.1] }), [
      "plan: names period 1, which is not in the list",
    ]);
    assert.deepEqual(errorsOf({ colour: 1 }), ["colour: unknown"]);
    assert.deepEqual(errorsOf(null), [": must be an object"]);
  });
  it("comes back unchanged from its JSON and takes at most 1,000 bytes there", () => {
    const rule = { period: 1, days: "12345", from: "09:15", to: "12:15", season: "summer", months: [6, 9] };
    const own = { periods: ["a", "b"], rules: [rule, { period: 0, from: 0, to: 1_440 }], other: 1 };
    for (const one of [FLAT, preset("pt-tri-weekly"), tariff({ plan: own, prices: [0.1, 0.2], vatPct: 6.5 })]) {
      const again = parseTariff(JSON.parse(JSON.stringify(one)));
      assert.ok(again.ok);
      assert.deepEqual(again.tariff, one);
    }
    const long = { currency: "EUR", plan: { ...own, rules: Array(16).fill(rule) }, prices: [0.1, 0.2] };
    assert.match(errorsOf(long)[0] ?? "", /^plan: makes the tariff \d+ bytes, more than 1000$/);
  });
  it("is refused or taken, whatever is typed, and never throws", () => {
    const leaf = fc.constantFrom<unknown>(
      0,
      1,
      -1,
      0.1,
      "",
      "1",
      "flat",
      "EUR",
      "22:00",
      null,
      true,
      [],
      {},
      [0.1],
      "summer",
    );
    const keys = fc.constantFrom("currency", "plan", "prices", "vatPct", "rules", "periods", "from", "to", "period");
    const record = fc.dictionary(keys, fc.oneof(leaf, fc.dictionary(keys, leaf), fc.array(fc.dictionary(keys, leaf))));
    fc.assert(
      fc.property(record, (value) => {
        const parsed = parseTariff(value);
        if (parsed.ok)
          assert.equal(nextChange(parsed.tariff, unixSeconds(1_790_000_000), LISBON) > 1_790_000_000, true);
        else assert.ok(parsed.errors.length > 0);
      }),
    );
  });
});
