import { startXs } from "./xs/engine.js";
import { moduleOf } from "./xs/modules.js";
const xs = await startXs({ lines: false });
if (xs === null) throw new Error("none");
const probe = moduleOf("tools/xs/page.ts");
xs.host.add(probe);
const m = xs.host.open({ chunk: 64 << 20, heap: 500_000, stack: 2_048, keys: 1_000 });
for (const lang of ["en","pt"]) for (const path of ["/", "/home"]) {
  const t = performance.now();
  for (let i = 0; i < 20; i++) xs.host.call(m, 0, probe.path, "page", [path, "", lang]);
  console.log(lang, path, ((performance.now() - t) / 20).toFixed(2), "ms a page");
}
xs.host.end(m); xs.close();
