import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { type Engine, v8 } from "../hal/sim/programs.js";
import { SITE_KEY } from "../hal/sim/scenario-settings.js";
import { pairingCode } from "../src/pairing.js";
import { portsOf, readLiveScenario } from "../tools/live-scenario.js";
import { startLive } from "../tools/live-site.js";
import { chromium } from "../tools/machine.js";
import { startXs } from "../tools/xs/engine.js";
import { type Browser, openBrowser, type Page } from "./browser.js";
import { freePorts } from "./live-start.js";

const SPEED = 5;
const PHONE = { width: 360, height: 740 };
/** From the first page to a car that charges. */
const LIMIT_S = 60;
const PICTURES = process.env.IEVCC_PICTURES;

/** A charger out of the box beside a meter that works, with a car plugged in. */
async function startFresh(engine: Engine) {
  const read = readLiveScenario(null, 1, true);
  assert.ok(read.ok);
  const port = await freePorts(portsOf(read.scenario));
  const started = await startLive({ engine, scenario: read.scenario, mqtt: null, speed: SPEED, port });
  assert.ok(started.ok);
  const url = new Map(started.live.addresses).get("charger-1") ?? assert.fail("no charger");
  return { url, close: () => started.live.close() };
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES !== undefined) await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
}

const next = (page: Page) => page.getByRole("button", { name: "Save and next" }).click();
const at = (page: Page, step: number) => page.waitForURL(`**/setup/${step}`);

async function join(page: Page, password: string): Promise<void> {
  await page.getByRole("radio", { name: /^Casa \(/ }).check();
  await page.getByLabel("Wi-Fi password").fill(password);
  await page.getByRole("button", { name: "Connect" }).click();
}

/** All that a person does from the first page on. */
async function setUp(page: Page, url: string): Promise<void> {
  // It is still booting: a phone that joins looks again, too.
  for (let tries = 0; tries < 50 && !page.url().startsWith(url); tries++) {
    await page.goto(url).catch(() => page.waitForTimeout(100));
  }
  await at(page, 1);
  await picture(page, "setup-language");
  await next(page);
  await at(page, 2);
  await page.getByLabel("New portal password").fill("a word of mine");
  await next(page);
  await at(page, 3);
  await join(page, "wind-and-sun");
  await page.getByRole("alert").getByText("Wrong password for Casa.").waitFor();
  await page.locator("#wifiPassword-error").getByText("Wrong password for Casa.").waitFor();
  await picture(page, "setup-wifi");
  await join(page, "sun-and-rain");
  await page.getByText(/^Connected to Casa, address /).waitFor();
  await page.getByRole("link", { name: "Next" }).click();
  await at(page, 4);
  await page.getByLabel("Or the current (A per phase)").fill("9999");
  await next(page);
  await page.getByText("must be from 1 to 630 A").waitFor();
  await page.getByLabel("Or the current (A per phase)").fill("25");
  await next(page);
  await at(page, 5);
  await next(page);
  await at(page, 6);
  await page.getByLabel("Pairing code of the site").fill(pairingCode(SITE_KEY) ?? "");
  await next(page);
  await at(page, 7);
  await page.getByLabel("Broker").fill("nobody-here");
  await next(page);
  await page.getByText("No connection to the broker nobody-here").waitFor();
  await picture(page, "setup-mqtt");
  await page.goto(`${url}/setup/7`);
  await page.getByRole("link", { name: "Casa's broker at 192.168.1.2:1883, not encrypted" }).click();
  await picture(page, "setup-mqtt-picked");
  await next(page);
  await page.getByText("The broker 192.168.1.2 answers.").waitFor();
  await page.getByRole("link", { name: "Next" }).click();
  await at(page, 8);
  await picture(page, "setup-done");
  await page.getByRole("button", { name: "Finish set-up" }).click();
}

const path = chromium();
if (path !== null) {
  describe("set-up on a phone", function () {
    this.timeout(180_000);
    let browser: Browser;
    before(async () => {
      browser = await openBrowser(path);
    });
    after(() => browser.close());

    for (const javaScriptEnabled of [true, false]) {
      it(`leads from the access point to a car that charges ${javaScriptEnabled ? "with" : "without"} a script`, async () => {
        const xs = await startXs({ lines: false });
        const site = await startFresh(xs ?? v8);
        const page = await browser.newPage({ viewport: PHONE, javaScriptEnabled });
        const started = performance.now();
        await setUp(page, site.url);
        await page.getByRole("heading", { level: 1, name: "Status" }).waitFor();
        const charging = page.locator(".big", { hasText: /^Charging \d/ });
        for (let looks = 0; looks < 100 && (await charging.count()) === 0; looks++) {
          if (!javaScriptEnabled) await page.reload();
          await page.waitForTimeout(250);
        }
        const seen = await page.locator(".big").textContent();
        assert.match(seen ?? "", /^Charging \d/);
        const seconds = (performance.now() - started) / 1_000;
        assert.ok(seconds < LIMIT_S, `${seconds} s`);
        await picture(page, "daily");
        await page.close();
        await site.close();
        xs?.close();
      });
    }
  });
}
