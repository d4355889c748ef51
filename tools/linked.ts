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
