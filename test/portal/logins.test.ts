import assert from "node:assert/strict";
import fc from "fast-check";
import {
  closed,
  cookieOf,
  drawn,
  drawnPassword,
  type Logins,
  login,
  onlyVisit,
  opened,
  seen,
  startLogins,
  type Visit,
  visitOf,
} from "../../src/portal/logins.js";
import { millis } from "../../src/units.js";

const PASSWORD = "sol-e-chuva";
const MINUTE = 60_000;

/** Logins of one boot, with a clock. */
function bench() {
  let logins: Logins = startLogins([1, 2], "a1b2");
  let now = 0;
  return {
    logins: (): Logins => logins,
    wait: (ms: number): void => {
      now += ms;
    },
    open: (): Visit => {
      const step = opened(logins, millis(now));
      logins = step.logins;
      return step.visit;
    },
    close: (visit: Visit): void => {
      logins = closed(logins, visit);
    },
    see: (visit: Visit): void => {
      logins = seen(logins, visit, millis(now));
    },
    find: (cookies: string): Visit | null => visitOf(logins, cookies, millis(now)),
    knows: (visit: Visit): boolean => visitOf(logins, `ievcc-a1b2=${visit.token}`, millis(now)) !== null,
    type: (typed: string, password = PASSWORD) => {
      const tried = login(logins, typed, password, millis(now));
      logins = tried.logins;
      return tried;
    },
  };
}

const said = (tried: ReturnType<typeof login>): string => (tried.ok ? "in" : `${tried.why} ${tried.wait / 1_000}`);

describe("visits", () => {
  it("are found by their cookie, among others and with blanks around", () => {
    const b = bench();
    const visit = b.open();
    assert.equal(b.find(`a=b; ievcc-a1b2=${visit.token} ;c=d`)?.csrf, visit.csrf);
    assert.equal(b.find(`ievcc-a1b2=old; ievcc-a1b2=${visit.token}`)?.csrf, visit.csrf);
  });
  it("are found by nothing else: no cookie, part of one, another's name, the form's token", () => {
    const b = bench();
    const { token, csrf } = b.open();
    for (const cookies of ["", "ievcc-a1b2=", `ievcc-a1b2=${token.slice(1)}`, `ievcc-a1b2=${token}0`, token]) {
      assert.equal(b.find(cookies), null, cookies);
    }
    assert.equal(b.find(`ievcc-a1b3=${token}`), null);
    assert.equal(b.find(`ievcc-a1b2=${csrf}`), null);
  });
  it("have tokens of 128 bits that differ from each other, from the form's, and from those of another boot", () => {
    const b = bench();
    const other = opened(startLogins([1, 3], "a1b2"), millis(0)).visit;
    const visits = [...Array.from({ length: 50 }, b.open), other];
    const tokens = visits.flatMap(({ token, csrf }) => [token, csrf]);
    assert.equal(new Set(tokens).size, tokens.length);
    assert.ok(tokens.every((one) => /^[0-9a-f]{32}$/.test(one)));
  });
  it("end after half an hour without a request, and last as long as there are some", () => {
    const b = bench();
    const visit = b.open();
    for (let hour = 0; hour < 5; hour++) {
      b.wait(30 * MINUTE - 1);
      assert.ok(b.knows(visit));
      b.see(visit);
    }
    b.wait(30 * MINUTE);
    assert.ok(!b.knows(visit));
  });
  it("are four at most: a fifth ends the one that was idle for longest", () => {
    const b = bench();
    const visits = Array.from({ length: 4 }, () => {
      b.wait(1_000);
      return b.open();
    });
    b.wait(1_000);
    if (visits[0]) b.see(visits[0]);
    const fifth = b.open();
    assert.deepEqual([...visits, fifth].map(b.knows), [true, false, true, true, true]);
  });
  it("end when somebody logs out, and no other ends with them", () => {
    const b = bench();
    const [one, other] = [b.open(), b.open()];
    b.close(one);
    assert.deepEqual([b.knows(one), b.knows(other)], [false, true]);
  });
  it("end with a new password, but for the one that set it", () => {
    const b = bench();
    const [one, other] = [b.open(), b.open()];
    assert.deepEqual(
      onlyVisit(b.logins(), one).visits.map(({ token }) => token),
      [one.token],
    );
    assert.deepEqual(onlyVisit(b.logins(), null).visits, []);
    assert.ok(b.knows(other));
  });
  it("come with a cookie that no script reads and no other site's page sends, and go with one that ends it", () => {
    const b = bench();
    const visit = b.open();
    assert.equal(cookieOf(b.logins(), visit), `ievcc-a1b2=${visit.token}; Path=/; HttpOnly; SameSite=Strict`);
    assert.equal(cookieOf(b.logins(), null), "ievcc-a1b2=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
  });
});

describe("logging in", () => {
  it("opens a visit for the right password", () => {
    const b = bench();
    const tried = b.type(PASSWORD);
    assert.ok(tried.ok && b.knows(tried.visit));
  });
  it("opens none for any other, nor for an empty one where none was set", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom("", PASSWORD.slice(1), `${PASSWORD} `, "SOL-E-CHUVA")),
        (typed) => {
          fc.pre(typed !== PASSWORD);
          return !bench().type(typed).ok && !bench().type(typed, "").ok;
        },
      ),
    );
    assert.ok(!bench().type("", "").ok);
  });
  it("lets three wrong ones pass, and then waits 5 s, twice as long each time, up to 5 min 20 s", () => {
    const b = bench();
    const waits = Array.from({ length: 11 }, () => {
      const tried = b.type("wrong");
      b.wait(tried.ok ? 0 : tried.wait);
      return said(tried);
    });
    assert.deepEqual(
      waits,
      [0, 0, 5, 10, 20, 40, 80, 160, 320, 320, 320].map((wait) => `wrong ${wait}`),
    );
  });
  it("looks at nothing that is typed before then, be it right, and waits no longer for it", () => {
    const b = bench();
    for (let time = 0; time < 3; time++) b.type("wrong");
    b.wait(1_000);
    assert.equal(said(b.type(PASSWORD)), "wait 4");
    b.wait(3_999);
    assert.equal(said(b.type("wrong")), "wait 0.001");
    b.wait(1);
    assert.equal(said(b.type(PASSWORD)), "in");
  });
  it("counts anew after the right one", () => {
    const b = bench();
    b.type("wrong");
    b.type("wrong");
    b.type(PASSWORD);
    assert.deepEqual([said(b.type("wrong")), said(b.type("wrong"))], ["wrong 0", "wrong 0"]);
  });
  it("does not close the visits of those who are in", () => {
    const b = bench();
    const visit = b.open();
    for (let time = 0; time < 9; time++) b.type("wrong");
    assert.ok(b.knows(visit));
  });
  it("gives a stranger who never stops less than 300 tries a day", () => {
    const b = bench();
    let tries = 0;
    for (let ms = 0; ms < 86_400_000; tries++) {
      const tried = b.type("wrong");
      const wait = Math.max(1, tried.ok ? 0 : tried.wait);
      ms += wait;
      b.wait(wait);
    }
    assert.ok(tries < 300, String(tries));
  });
});

describe("what is drawn from the noise of a boot", () => {
  it("differs by what it is for, by how often was drawn, and by the boot", () => {
    const one = startLogins([1, 2, 3, 4], "a1b2");
    const next = { ...one, count: 1 };
    const other = startLogins([1, 2, 3, 5], "a1b2");
    const all = [drawn(one, "site key"), drawn(one, "visit"), drawn(next, "site key"), drawn(other, "site key")];
    assert.equal(new Set(all).size, 4);
    assert.ok(all.every((key) => /^[0-9a-f]{32}$/.test(key)));
  });
  it("makes passwords of 12 letters and digits that nobody takes for one another, each as likely", () => {
    const counts = new Map<string, number>();
    for (let boot = 0; boot < 600; boot++) {
      const password = drawnPassword(startLogins([boot, 7], "a1b2"), "pages");
      assert.match(password, /^[a-hjkmnp-z2-9]{12}$/);
      for (const letter of password) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
    const mean = 7_200 / 31;
    assert.equal(counts.size, 31);
    assert.ok([...counts.values()].every((count) => Math.abs(count - mean) < 6 * Math.sqrt(mean)));
  });
});
