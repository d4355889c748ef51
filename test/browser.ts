// A real browser for tests: headless Chromium as it is on this machine, asking nobody but the pages it is given.

import { type Browser, chromium, type Page } from "playwright-core";

export type { Browser, Page } from "playwright-core";

/** `path`: the program, as `chromium()` of tools/machine.ts finds it. Whoever opens it closes it. */
export function openBrowser(path: string): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page of its own profile, which waits as long as the test may last. */
export async function openPage(browser: Browser, options: { javaScriptEnabled?: boolean } = {}): Promise<Page> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(0);
  return page;
}
