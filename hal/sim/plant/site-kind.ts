// What a message of the site says it is: its first bytes, and nothing more of the firmware's format.

const MAGIC = [0x49, 0x45] as const; // "IE"
const KINDS = ["report", "demand", "call", "config", "book"] as const;

export type SiteKind = (typeof KINDS)[number];

/** null for anything else. Whoever has no key can write these bytes too. */
export function siteKindOf(bytes: Uint8Array): SiteKind | null {
  if (bytes[0] !== MAGIC[0] || bytes[1] !== MAGIC[1]) return null;
  return KINDS[(bytes[2] ?? 0) - 1] ?? null;
}
