// Addresses of servers as people type them.

export interface HttpUrl {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  /** Without a slash at its end. */
  readonly path: string;
}

/** http or https, a host, perhaps a port, perhaps a path. */
const URL_PATTERN =
  /^(https?):\/\/([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)(?::(\d{1,5}))?((?:\/[A-Za-z0-9._~-]+)*)\/?$/;

/** Null: no such address. */
export function urlOf(text: string): HttpUrl | null {
  const found = URL_PATTERN.exec(text);
  if (found === null) return null;
  const [, scheme, host = "", digits, path = ""] = found;
  const tls = scheme === "https";
  const port = digits === undefined ? (tls ? 443 : 80) : Number(digits);
  return port >= 1 && port <= 65_535 ? { tls, host, port, path } : null;
}
