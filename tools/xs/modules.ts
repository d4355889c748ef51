// The firmware as ES modules, one for each source file, as XS takes them: TypeScript stripped, mqtt-packet as one module
// over the parts of Node that it asks for.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, buildSync, transformSync } from "esbuild";

export interface Module {
  /** From the root of the project, ending in .js; other modules import it by this or relative to it. */
  readonly path: string;
  readonly code: string;
  /** Source map of `code`, null for one that was not written here. */
  readonly map: string | null;
}

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const NODE_PARTS = ["buffer.ts", "bl.cts", "events.ts", "debug.cts", "process-nextick-args.ts"];

/** One TypeScript file; imports of types fall away, so only what runs is left to load. */
export function moduleOf(file: string): Module {
  const { code, map } = transformSync(readFileSync(join(ROOT, file), "utf8"), {
    loader: "ts",
    format: "esm",
    target: "es2022",
    sourcemap: "external",
    sourcefile: file,
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  return { path: file.replace(/\.ts$/, ".js"), code, map };
}

/** What the firmware uses of the package mqtt-packet, as one ES module. */
export const mqttPacket = (): Module =>
  mqttPacketAs({ entryPoints: [join(ROOT, "hal", "node-parts", "mqtt-packet.ts")] });

/** All of it, for tests, which write what a broker says. Its cache would make 65,536 buffers with the first packet. */
export const wholeMqttPacket = (): Module =>
  mqttPacketAs({
    stdin: {
      contents: `import { frozen } from "./src/frozen.ts"; import constants from "mqtt-packet/constants.js";
        import { generate, parser, writeToStream } from "mqtt-packet";
        writeToStream.cacheNumbers = false; frozen(constants); export { generate, parser };`,
      resolveDir: ROOT,
    },
  });

function mqttPacketAs(entry: Pick<BuildOptions, "entryPoints" | "stdin">): Module {
  const alias = Object.fromEntries(
    NODE_PARTS.map((name) => [name.replace(/\.c?ts$/, ""), join(ROOT, "hal", "node-parts", name)]),
  );
  const built = buildSync({
    ...entry,
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    alias,
    write: false,
    logLevel: "silent",
  });
  return { path: "mqtt-packet", code: withConstants(built.outputFiles[0]?.text ?? ""), map: null };
}

const CRYPTO = ["@stablelib/hmac", "@stablelib/sha256", "@stablelib/chacha20poly1305"];

/** The packages that prove a message's origin and seal secrets, each as one ES module under its own name. */
export const macPackages = (): readonly Module[] => CRYPTO.map(bundled);

function bundled(name: string): Module {
  const built = buildSync({
    stdin: { contents: `export * from "${name}";`, resolveDir: ROOT },
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  return { path: name, code: withConstants(built.outputFiles[0]?.text ?? ""), map: null };
}

/** The bundler writes `var` for a package's constants, and each variable that a function keeps takes a place in the device's
 *  RAM. Those of a module's top level that nothing assigns again become `const` again. */
function withConstants(code: string): string {
  const own = code.split(/(?<=^\}\);\n)|^(?=var \w+ = __commonJS\()/m);
  return own
    .map((part) => (/^var \w+ = __commonJS\(/.test(part) ? constants(part, "    ", part) : constants(part, "", code)))
    .join("");
}

const constants = (part: string, indent: string, scope: string): string =>
  part.replace(new RegExp(`^${indent}var (\\w+) = `, "gm"), (all, name: string) => {
    const assigned = scope.match(new RegExp(`\\b${name}\\b\\s*(?:[-+*/%&|^<>]*=(?![=>])|\\+\\+|--)`, "g"));
    return assigned?.length === 1 ? `${indent}const ${name} = ` : all;
  });

/** All TypeScript files below a folder of the project. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true })
    .flatMap((entry) => {
      const path = posix.join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : path.endsWith(".ts") ? [path] : [];
    })
    .sort();
}

/** What every machine of the firmware has preloaded. */
export function firmware(): readonly Module[] {
  const shell = ["hal/sim/brain.ts", "hal/sim/programs.ts", "hal/sim/inside.ts"];
  return [mqttPacket(), ...macPackages(), ...[...filesBelow("src"), ...shell].map(moduleOf)];
}

/** Every module that these import, themselves included. `codeOf`: undefined for what is nobody's of ours. */
export function reached(from: readonly string[], codeOf: (path: string) => string | undefined): ReadonlySet<string> {
  const found = new Set<string>(from);
  for (const path of found) {
    for (const [, to = ""] of (codeOf(path) ?? "").matchAll(/(?:from|import) ?"([^"]+)"/g)) {
      const other = to.startsWith(".") ? posix.join(posix.dirname(path), to) : to;
      if (codeOf(other) !== undefined) found.add(other);
    }
  }
  return found;
}
