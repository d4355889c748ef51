import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { APPS, BUILD, build, manifestOf } from "../tools/build.js";
import { aliasesOf, notPreloaded } from "../tools/linked.js";
import { filesBelow } from "../tools/xs/modules.js";

describe("build for the device", () => {
  it("lists and preloads for one device or both every source file that is more than types, and main", () => {
    build();
    const manifests = APPS.map((app) => JSON.parse(readFileSync(manifestOf(app), "utf8")));
    const modules = manifests.flatMap((one) => Object.keys(one.modules));
    for (const one of manifests) assert.deepEqual(one.preload, Object.keys(one.modules));
    for (const file of filesBelow("src")) {
      const name = file.replace(/\.ts$/, "");
      const isTypes = !/^(?:export )?(?:const|function|class|async)/m.test(readFileSync(file, "utf8"));
      assert.equal(modules.includes(name), !isTypes, file);
    }
    for (const name of ["main", "mqtt-packet"]) assert.ok(modules.includes(name), name);
    for (const place of manifests.flatMap((one) => Object.values(one.modules))) {
      assert.ok(readFileSync(`${BUILD}/${place}.js`, "utf8").length > 0, String(place));
    }
  });
  it("keeps the RAM of the manifest", () => {
    const { creation } = JSON.parse(readFileSync("manifest.json", "utf8"));
    assert.deepEqual(creation.chunk, { initial: 65_536, incremental: 0 });
    assert.deepEqual(creation.heap, { initial: 4_096, incremental: 0 });
    assert.deepEqual([creation.static, creation.stack], [0, 512]);
  });
});

describe("what the linker wrote", () => {
  const SOURCE = `#define mxAliasCount 167
  { NULL, NULL, 0, NULL, 0, NULL, 0, "src/portal/patch", { XS_MAJOR_VERSION, XS_MINOR_VERSION, XS_PATCH_VERSION, 0 } },
  { NULL, NULL, 0, (txS1*)gxCode46, 3314, NULL, 0, "src/portal/portal", { XS_MAJOR_VERSION, 0 } },`;
  it("names the modules that were not preloaded", () => {
    assert.deepEqual(notPreloaded(SOURCE, ["src/portal/patch", "src/portal/portal"]), ["src/portal/portal"]);
  });
  it("counts aliases, and says nothing when the file does not", () => {
    assert.equal(aliasesOf(SOURCE), 167);
    assert.equal(aliasesOf(""), null);
  });
});
