import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const filesIn = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesIn(path) : path.endsWith(".ts") ? [path] : [];
  });
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** Where a file's imports lead: paths from the root, or names of packages. `typesOnly` when the whole import is erased. */
function importsOf(path: string): readonly { readonly to: string; readonly typesOnly: boolean }[] {
  return [...read(path).matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from "([^"]+)";/gms)].map((found) => {
    const to = found[2] ?? "";
    const inside = to.startsWith(".");
    return {
      to: inside ? relative(ROOT, resolve(ROOT, dirname(path), to)) : to,
      typesOnly: found[1] !== undefined,
    };
  });
}

describe("the house", () => {
  it("lets src import only src and the types of hal/ports, mqtt-packet from src/mqtt.ts and the cryptography from src/mac.ts and src/seal.ts alone", () => {
    for (const path of filesIn("src")) {
      for (const { to, typesOnly } of importsOf(path)) {
        const allowed =
          to.startsWith("src/") ||
          (to === "hal/ports.js" && typesOnly) ||
          (to === "mqtt-packet" && path === "src/mqtt.ts") ||
          (to.startsWith("@stablelib/") && (path === "src/mac.ts" || path === "src/seal.ts"));
        assert.ok(allowed, `${path} imports ${to}`);
      }
    }
  });
  it("lets the plant and its judge import nothing of the firmware", () => {
    for (const path of filesIn("hal/sim/plant")) {
      for (const { to } of importsOf(path)) {
        assert.ok(to.startsWith("hal/sim/plant/") || to === "mqtt-packet", `${path} imports ${to}`);
      }
    }
  });
  it("takes no time, chance, console or timer from globals in src", () => {
    const globals =
      /\b(Date|Math\.random|setTimeout|setInterval|queueMicrotask|console|process|Buffer|performance|structuredClone|TextEncoder|TextDecoder|URL|Intl)\b(?=[.(])/;
    for (const path of filesIn("src")) {
      const code = read(path).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      assert.doesNotMatch(code, globals, path);
    }
  });
  it("has no variable on module level in src, no any, and no cast but to a unit in src/units.ts", () => {
    for (const path of filesIn("src")) {
      const code = read(path).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      assert.doesNotMatch(code, /^(export )?let /m, path);
      assert.doesNotMatch(code, /\bas any\b|: any\b|@ts-/, path);
      if (path !== "src/units.ts") assert.doesNotMatch(code, /\bas (?!const\b|[a-z]+ )[A-Z]/, path);
    }
  });
  it("opens every file of src with a line that says what it is for", () => {
    for (const path of filesIn("src")) assert.match(read(path), /^\/\/ \S/, path);
  });
  it("skips no test and leaves nothing to do", () => {
    for (const folder of ["src", "hal", "test", "tools"]) {
      for (const path of filesIn(folder)) {
        if (path === "test/tidy.test.ts") continue;
        assert.doesNotMatch(read(path), /\b(it|describe)\.(skip|only)\b|\bTODO\b|\bFIXME\b/, path);
      }
    }
  });
  it("names only files in README and decisions that are there", () => {
    const pages = ["README.md", ...readdirSync(join(ROOT, "docs/decisions")).map((name) => `docs/decisions/${name}`)];
    for (const page of pages) {
      const text = read(page);
      const links = [...text.matchAll(/\]\(([^)#]+)\)/g)].map((found) => resolve(ROOT, dirname(page), found[1] ?? ""));
      const paths = [...text.matchAll(/`((?:src|hal|test|tools|scenarios|docs)\/[A-Za-z0-9_./-]*)`/g)].map((found) =>
        resolve(ROOT, found[1] ?? ""),
      );
      for (const path of [...links, ...paths]) {
        if (path.includes("://")) continue;
        assert.ok(existsSync(path) || path.endsWith("hal/esp32"), `${page} names ${relative(ROOT, path)}`);
      }
    }
  });
  it("has every command that the README names", () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(read("package.json"));
    for (const found of read("README.md").matchAll(/npm run (?:-s )?([a-z0-9:]+)/g)) {
      assert.ok(found[1] !== undefined && found[1] in scripts, `README: npm run ${found[1]}`);
    }
  });
});
