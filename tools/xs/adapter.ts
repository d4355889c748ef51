// Runs the project's unit tests inside an XS machine: what they use of mocha and of Node's globals, and nothing more.

import { Buffer } from "../../hal/node-parts/buffer.js";

interface Outcome {
  readonly title: string;
  /** null: it passed. */
  readonly why: string | null;
}
type Body = () => unknown;

const outcomes: Outcome[] = [];
const waiting: { readonly title: string; readonly body: Body }[] = [];
let titles: readonly string[] = [];

function describe(title: string, body: () => void): void {
  const outer = titles;
  titles = [...outer, title];
  body();
  titles = outer;
}
function it(title: string, body: Body): void {
  waiting.push({ title: [...titles, title].join(" "), body });
}
/** The engine's own URI functions are strict about UTF-8, and no code of ours: a reference for the tests. */
class Encoder {
  encode(text: string): Uint8Array {
    const whole = text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
    const coded = encodeURIComponent(whole).match(/%..|[^%]/g) ?? [];
    return Uint8Array.from(coded, (one) => (one.length > 1 ? Number.parseInt(one.slice(1), 16) : one.charCodeAt(0)));
  }
}
class Decoder {
  decode(bytes: Uint8Array): string {
    return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""));
  }
}
Object.assign(globalThis, { describe, it, Buffer, TextEncoder: Encoder, TextDecoder: Decoder });

const wordsOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** Runs what the test files have defined but for those left out; `outcomesOf` has the results once promises are through. */
export function run(leftOut: readonly string[]): void {
  for (const { title, body } of waiting) {
    if (leftOut.includes(title)) continue;
    try {
      const result = body();
      if (!(result instanceof Promise)) outcomes.push({ title, why: null });
      else {
        result.then(
          () => outcomes.push({ title, why: null }),
          (error: unknown) => outcomes.push({ title, why: wordsOf(error) }),
        );
      }
    } catch (error) {
      outcomes.push({ title, why: wordsOf(error) });
    }
  }
}
export const outcomesOf = (): readonly Outcome[] => outcomes;
