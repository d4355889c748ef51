import assert from "node:assert/strict";
import { PORTAL_PASSWORD } from "../hal/sim/scenario-settings.js";
import { chromium } from "../tools/machine.js";
import { type Browser, openBrowser, openPage, type Page } from "./browser.js";
import { ask, freePorts, startTestSite, type TestSite } from "./live-start.js";

/** Slow enough that ten seconds of the firmware, its patience with a browser, are two of this machine. */
const SPEED = 5;
const PHONE = { width: 360, height: 800 };

/** A page of somebody who has logged in at the device. */
async function visit(page: Page, device: string): Promise<void> {
  await page.goto(device);
  if (!page.url().endsWith("/login")) return;
  await page.getByLabel("Portal password").fill(PORTAL_PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { level: 1, name: "Status" }).waitFor();
}

/** The pages behind the list of settings of a device. */
async function addressesOf(page: Page, device: string): Promise<readonly string[]> {
  await visit(page, device);
  await page.goto(`${device}/settings`);
  const paths = await page
    .locator("nav a, .list a")
    .evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
  return paths.map((path) => new URL(path, device).href);
}

async function setManual(page: Page, device: string, amps: string): Promise<void> {
  await visit(page, device);
  await page.goto(`${device}/mode`);
  await page.getByLabel("Mode", { exact: true }).selectOption("Manual");
  await page.getByLabel("Manual amps (A)").fill(amps);
  await page.getByRole("button", { name: "Save" }).click();
}

/** The facts for programs, asked for with the cookie of the page. */
async function statusOf(page: Page, device: string) {
  const cookies = await page.context().cookies(device);
  const headers = { Cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; ") };
  return JSON.parse((await ask(`${device}/status.json`, { headers })).body);
}

async function assertNoSidewaysScroll(page: Page): Promise<void> {
  const [content, window] = await page.evaluate<[number, number]>("[document.documentElement.scrollWidth, innerWidth]");
  assert.ok(content <= window, `${page.url()}: ${content} px of ${window}`);
}

/** Every link of the navigation is seen, and all stand on one line. */
async function assertOneLineOfLinks(page: Page): Promise<void> {
  const boxes = await page
    .locator("nav a")
    .evaluateAll((links) =>
      links.map((link) => link.getBoundingClientRect()).map(({ top, right }) => ({ top, right })),
    );
  assert.equal(new Set(boxes.map((one) => one.top)).size, 1, page.url());
  assert.ok(boxes.every((one) => one.right <= PHONE.width));
}

const path = chromium();
if (path !== null) {
  describe("in a real browser", function () {
    this.timeout(60_000);
    let site: TestSite;
    let browser: Browser;
    let page: Page;
    before(async () => {
      site = await startTestSite({ speed: SPEED });
      browser = await openBrowser(path);
    });
    beforeEach(async () => {
      page = await openPage(browser);
    });
    afterEach(() => page.close());
    after(async () => {
      await browser.close();
      await site.close();
    });

    it("leads from the charger's status to every page by its navigation, and back", async () => {
      await visit(page, site.charger);
      const titles = await page.locator("nav a").allTextContents();
      assert.deepEqual(titles, ["Status", "Settings", "Site", "Log"]);
      for (const title of [...titles].reverse()) {
        await page.getByRole("link", { name: title, exact: true }).click();
        await page.getByRole("heading", { level: 1, name: `${title} charger-1` }).waitFor();
        assert.equal(await page.locator("nav [aria-current=page]").textContent(), title);
      }
    });

    it("asks for the password, tells a wrong one, and lets out again", async () => {
      await page.goto(`${site.charger}/log`);
      await page.getByLabel("Portal password").fill("something else");
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("alert").getByText("That is not the password.").waitFor();
      await page.getByLabel("Portal password").fill(PORTAL_PASSWORD);
      await page.getByRole("button", { name: "Log in" }).click();
      await page.getByRole("heading", { level: 1, name: "Log charger-1" }).waitFor();
      await page.goto(`${site.charger}/device`);
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByLabel("Portal password").waitFor();
      await page.goto(`${site.charger}/log`);
      await page.getByLabel("Portal password").waitFor();
    });

    it("changes mode and amps right on the first page, and shows what comes of it without a reload", async () => {
      await visit(page, site.charger);
      await page.getByText("Manual", { exact: true }).click();
      await page.locator("#slide").fill("11");
      await page.getByRole("button", { name: "Set" }).click();
      await page.getByRole("status").getByText("Saved.").waitFor();
      await page.locator(".big", { hasText: "Charging 11 A of 32: the amps that you set" }).waitFor();
    });

    it("stores the manual current that was typed, and the status says so", async () => {
      await setManual(page, site.charger, "10");
      await page.getByRole("status").getByText("Saved.").waitFor();
      assert.equal(await page.getByLabel("Manual amps (A)").inputValue(), "10");
      await page.getByRole("link", { name: "Status" }).click();
      await page.locator(".big", { hasText: "Charging 10 A of 32: the amps that you set" }).waitFor();
      await page.getByText("Because of the manual setting").waitFor();
      assert.equal((await statusOf(page, site.charger)).mode, "manual");
    });

    it("says beside the field why a value is refused, keeps what was typed, and stores nothing", async () => {
      await visit(page, site.charger);
      const before = await statusOf(page, site.charger);
      await setManual(page, site.charger, "99");
      await page.getByRole("alert").getByText("Nothing was saved").waitFor();
      assert.equal(await page.locator("#manualA + p + p.error").textContent(), "must be from 6 to 80 A");
      const field = page.getByLabel("Manual amps (A)");
      assert.equal(await field.inputValue(), "99");
      assert.equal(await field.getAttribute("aria-invalid"), "true");
      const after = await statusOf(page, site.charger);
      assert.deepEqual([after.mode, after.manualA], [before.mode, before.manualA]);
    });

    it("fits a phone of 360 px: no page scrolls sideways, not even one with an error", async () => {
      await page.setViewportSize(PHONE);
      for (const device of [site.charger, site.meter]) {
        for (const address of await addressesOf(page, device)) {
          await page.goto(address);
          await assertNoSidewaysScroll(page);
          await assertOneLineOfLinks(page);
        }
      }
      await setManual(page, site.charger, "9".repeat(60));
      await page.getByRole("alert").waitFor();
      await assertNoSidewaysScroll(page);
    });

    it("marks the PZEM that is refused, with the reason beside its row", async () => {
      await visit(page, site.meter);
      await page.goto(`${site.meter}/home`);
      await page.getByLabel("Address 2").fill("300");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("alert").waitFor();
      assert.equal(await page.getByLabel("Address 2").getAttribute("aria-describedby"), "pzem-address-2-error");
      assert.match((await page.locator(".row:has(#pzem-address-2) + p.error").textContent()) ?? "", /from 1 to 247/);
    });

    it("stores the known cards, one a line", async () => {
      await visit(page, site.charger);
      await page.goto(`${site.charger}/access`);
      await page.getByLabel("Known cards").fill("04a1b2c3d4e5f6\n5cbbe5d5");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("status").getByText("Saved.").waitFor();
      assert.equal(await page.getByLabel("Known cards").inputValue(), "04A1B2C3D4E5F6\n5CBBE5D5");
    });

    it("needs no JavaScript on the device's pages", async () => {
      const plain = await openPage(browser, { javaScriptEnabled: false });
      await setManual(plain, site.charger, "12");
      await plain.getByRole("status").getByText("Saved.").waitFor();
      await plain.getByRole("link", { name: "Status" }).click();
      await plain.locator("summary").click();
      await plain.getByText("12.0 A for manual mode").waitFor();
      await plain.close();
    });

    it("has buttons for its own broker, and none for an outside one", async () => {
      const port = await freePorts(4);
      const other = await startTestSite({ speed: SPEED, port, brokerPort: port + 3 });
      for (const [dashboard, buttons] of [
        [site.dashboard, 2],
        [other.dashboard, 0],
      ] as const) {
        await page.goto(dashboard);
        await page.getByText("3.2 A", { exact: true }).waitFor();
        assert.equal(await page.getByRole("button", { name: /^Broker (?:down|up)$/ }).count(), buttons);
      }
      await page.goto("about:blank");
      await other.close();
    });

    it("turns the oven on from the dashboard, which fits a phone as well", async () => {
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => complaints.push(message.text()));
      await page.setViewportSize(PHONE);
      await page.goto(site.dashboard);
      await page.getByText("3.2 A", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Oven on" }).click();
      await page.getByText("13.2 A", { exact: true }).waitFor();
      await page.getByText("event: house 13.2").waitFor();
      await assertNoSidewaysScroll(page);
      assert.deepEqual(complaints, []);
    });
  });
}
