// What the SDK's linker (xsl) says in the C file that it writes.

/** Preloaded objects that the program may still change, each with a place in RAM; null when the file says nothing. */
export function aliasesOf(source: string): number | null {
  const found = /#define mxAliasCount (\d+)/.exec(source);
  return found === null ? null : Number(found[1]);
}

/** Those of the modules that the image still holds as byte code to be run on the device: they were not preloaded. */
export function notPreloaded(source: string, modules: readonly string[]): readonly string[] {
  const scripts = [...source.matchAll(/\(txS1\*\)gxCode\d+, \d+, NULL, 0, "([^"]+)"/g)].map(([, name = ""]) => name);
  return modules.filter((name) => scripts.includes(name));
}

/** Bytes of byte code in the image, ours and the SDK's: of preloaded functions, and of modules that run on the device. */
export function byteCodeOf(source: string): number {
  let bytes = 0;
  for (const [, code = ""] of source.matchAll(/XS_CODE_X_KIND\}, \.value = \{ \.code = \{ \(txByte\*\)"([^"]*)"/g)) {
    bytes += code.length / "\\x00".length;
  }
  for (const [, length] of source.matchAll(/\(txS1\*\)gxCode\d+, (\d+), NULL/g)) bytes += Number(length);
  return bytes;
}

/** Preloaded objects in flash: slots of 16 bytes. */
export function flashSlotsOf(source: string): number {
  return Number(/#define mxHeapCount (\d+)/.exec(source)?.[1] ?? 0);
}
