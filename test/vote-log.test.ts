import assert from "node:assert/strict";
import fc from "fast-check";
import type { FlashOp } from "../src/boot-count.js";
import type { Vote } from "../src/election.js";
import { keepVote, loadVotes } from "../src/vote-log.js";
import { NO_VOTE } from "./site.js";

const FIRST = 4;
const SIZE = 4_096;
type Flash = readonly Uint8Array[];

const blank = (size = SIZE): Flash => [new Uint8Array(size).fill(0xff), new Uint8Array(size).fill(0xff)];
const copy = (flash: Flash): Flash => flash.map((sector) => sector.slice());
const vote = (term: number, arbiter = 1, boot = 7): Vote => ({ term, arbiter, boot });
const load = (flash: Flash) => loadVotes(copy(flash), FIRST);

/** Does the first `count` bytes of an operation: an erase sets bits, a write clears them. */
function run(flash: Flash, { kind, sector, offset, bytes }: FlashOp, count = Number.POSITIVE_INFINITY): void {
  const into = flash[sector - FIRST];
  assert.ok(into);
  if (kind === "erase") into.fill(0xff, 0, Math.min(count, into.length));
  else {
    for (const [at, byte] of bytes.subarray(0, Math.min(count, bytes.length)).entries()) {
      assert.equal(into[offset + at], 0xff, "written where nothing was erased");
      into[offset + at] = byte;
    }
  }
}

function boot(flash: Flash): ReturnType<typeof loadVotes>["log"] {
  const { log, ops } = load(flash);
  for (const op of ops) run(flash, op);
  return log;
}

/** Keeps promises one after the other without a restart; how many fitted. */
function keepAll(flash: Flash, votes: readonly Vote[]): number {
  let log = boot(flash);
  let count = 0;
  for (const one of votes) {
    const kept = keepVote(log, one);
    if (kept === null) return count;
    run(flash, kept.op);
    log = kept.log;
    count++;
  }
  return count;
}

describe("vote log", () => {
  it("has promised nobody anything when it comes from the factory", () => {
    assert.deepEqual(boot(blank()).vote, NO_VOTE);
  });
  it("knows the last promise after a restart: term, arbiter and its boot", () => {
    const flash = blank();
    keepAll(flash, [vote(1), vote(4, 0), vote(4_000_000_000, 63, 0xffff_ffff)]);
    assert.deepEqual(boot(flash).vote, vote(4_000_000_000, 63, 0xffff_ffff));
  });
  it("keeps the old promise or the new one when the power is cut at any byte of a write, and can promise again", () => {
    for (const next of [vote(6, 2), vote(0xffff, 0, 0xffff_ffff)]) {
      for (let cut = 0; cut <= 12; cut++) {
        const flash = blank();
        keepAll(flash, [vote(5)]);
        const kept = keepVote(boot(flash), next);
        assert.ok(kept);
        run(flash, kept.op, cut);
        const found = boot(flash).vote;
        assert.ok(found.term === 5 || (found.term === next.term && cut > 0), `cut at ${cut}`);
        assert.equal(keepAll(flash, [vote(0x1_0000, 3)]), 1);
        assert.deepEqual(boot(flash).vote, vote(0x1_0000, 3));
      }
    }
  });
  it("keeps it through hundreds of promises and restarts, wherever the power is cut at boot", () => {
    const step = fc.record({
      more: fc.constantFrom(1, 40, 250),
      cutOp: fc.constantFrom(0, 1, 2),
      cut: fc.constantFrom(0, 1, 5, 11, 2_000, 4_096),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
        const flash = blank();
        let term = 0;
        for (const { more, cutOp, cut } of steps) {
          const { ops } = load(flash);
          for (const [index, op] of ops.slice(0, cutOp + 1).entries()) run(flash, op, index === cutOp ? cut : SIZE);
          assert.equal(boot(flash).vote.term, term);
          term += keepAll(
            flash,
            Array.from({ length: more }, (_, index) => vote(term + index + 1)),
          );
          assert.equal(boot(flash).vote.term, term);
        }
      }),
      { numRuns: 30 },
    );
  });
  it("knows the last arbiter of a term that had two, in whichever sector it stands", () => {
    const flash = blank();
    const many = Array.from({ length: 300 }, (_, index) => vote(index + 1, 1));
    assert.equal(keepAll(flash, many), 300);
    keepAll(flash, [vote(300, 2)]);
    assert.deepEqual(boot(flash).vote, vote(300, 2));
  });
  it("has room for 64 promises after any boot", () => {
    const flash = blank();
    let term = 0;
    for (let restart = 0; restart < 20; restart++) {
      const votes = Array.from({ length: 63 }, (_, index) => vote(term + index + 1));
      assert.equal(keepAll(flash, votes), 63);
      term += 63;
    }
    assert.equal(boot(flash).vote.term, term);
  });
  it("gives no promise that it has no room to keep", () => {
    const votes = Array.from({ length: 1_000 }, (_, index) => vote(index + 1));
    const flash = blank();
    const count = keepAll(flash, votes);
    assert.ok(count > 64 && count < 1_000);
    assert.equal(boot(flash).vote.term, count);
    assert.equal(keepVote(loadVotes([], FIRST).log, vote(1)), null);
  });
  it("boots with whatever its sectors hold", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 }), (a, b) => {
        const flash = blank();
        flash[0]?.set(a);
        flash[1]?.set(b);
        const { term } = boot(flash).vote;
        assert.equal(keepAll(flash, [vote(Math.max(term, 1) + 1)]), 1);
        assert.equal(boot(flash).vote.term, Math.max(term, 1) + 1);
      }),
    );
  });
});
