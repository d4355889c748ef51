import assert from "node:assert/strict";
import { chromium } from "../tools/machine.js";
import { type Browser, openBrowser, openPage, type Page } from "./browser.js";
import { startTestSite, type TestSite } from "./live-start.js";

const SPEED = 5;
const PHONE = { width: 360, height: 800 };

const path = chromium();
if (path !== null) {
  describe("the dashboard of three chargers, in a real browser", function () {
    this.timeout(60_000);
    let site: TestSite;
    let browser: Browser;
    let page: Page;
    const complaints: string[] = [];
    before(async () => {
      site = await startTestSite({ speed: SPEED, chargers: 3 });
      browser = await openBrowser(path);
      page = await openPage(browser);
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => complaints.push(message.text()));
      await page.goto(site.dashboard);
    });
    after(async () => {
      await browser.close();
      await site.close();
    });

    const press = (name: string) => page.getByRole("button", { name, exact: true }).click();

    it("draws the amperes of the line with their owners, and says who leads", async () => {
      await page.locator(".held[title=charger-1]").first().waitFor();
      await page.locator(".held[title=charger-2]").first().waitFor();
      await page.getByText("The arbiter is the meter.").waitFor();
      assert.match(
        (await page.locator(".track").getAttribute("aria-label")) ?? "",
        /^L1: charger-1 \d+\.\d A, charger-2/,
      );
    });

    it("gives the third car that is plugged its part, and says why it gets no more", async () => {
      const card = page.locator("[id='charger-charger-3']");
      await card.getByRole("button", { name: "Plug a car" }).click();
      await card.getByText("Charging, limited by its share of the site.").waitFor();
      await card.getByText(/A for \d+ s more/).waitFor();
      await page.locator(".held[title=charger-3]").first().waitFor();
    });

    it("kills who leads, shows the silence, and revives it", async () => {
      await press("Kill the arbiter (meter)");
      await page.getByText(/^No report for \d+ s\. The last came from the meter\.$/).waitFor();
      await press("Revive all");
      await page.getByText("The arbiter is the meter.").waitFor();
    });

    it("splits the network and heals it, cuts a link and restores it", async () => {
      await press("Split in two halves");
      await page
        .getByRole("row", { name: /^charger-3/ })
        .getByText("half 2")
        .waitFor();
      await press("Heal the split");
      await press("Split in two halves");
      await press("Heal the split");
      const row = page.getByRole("row", { name: /^charger-2/ });
      await row.getByRole("button", { name: "Cut link" }).click();
      await row.getByRole("button", { name: "Restore link" }).click();
      await row.getByRole("button", { name: "Cut link" }).waitFor();
    });

    it("fits a phone of 360 px, and complains of nothing", async () => {
      await page.setViewportSize(PHONE);
      const [content, window] = await page.evaluate<[number, number]>(
        "[document.documentElement.scrollWidth, innerWidth]",
      );
      assert.ok(content <= window, `${content} px of ${window}`);
      assert.deepEqual(complaints, []);
    });
  });
}
