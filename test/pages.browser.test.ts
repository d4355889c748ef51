import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { formAt, stepsOf } from "../src/portal/fields.js";
import { encodeForm, type Fields } from "../src/portal/form.js";
import { pagesOf } from "../src/portal/layout.js";
import type { PortalModel } from "../src/portal/model.js";
import { chromium } from "../tools/machine.js";
import { type Browser, openBrowser, type Page } from "./browser.js";
import { BOOK, CONDOMINIUM, condominium, personNamed, session } from "./portal/condominium.js";
import { CHARGER, CSRF, METER, OWNER, STRANGER } from "./portal/model.js";
import { CONDOMINIUM_PATHS, fresh, REFUSED, withRadio } from "./portal/pages.js";
import { type Serving, serve } from "./portal/serve.js";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const PHONE = { width: 360, height: 740 };

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe-core finds wrong with the page as it is shown, once it is loaded there. */
async function violations(page: Page, name: string): Promise<readonly string[]> {
  const found = await page.evaluate<readonly Violation[]>(
    'axe.run({ resultTypes: ["violations"] }).then((one) => one.violations)',
  );
  return found.flatMap(({ id, nodes }) => nodes.map((one) => `${name}: ${id}: ${one.html.slice(0, 120)}`));
}

const loadAxe = (page: Page): Promise<unknown> => page.addScriptTag({ path: AXE });

/** Shows another page in place of this one, in whose document axe-core stays: to load it anew takes longer than to look. */
const showInPlace = (page: Page, path: string, form: object = {}): Promise<unknown> =>
  page.evaluate(`fetch(${JSON.stringify(path)}, ${JSON.stringify(form)}).then((reply) => reply.ok || reply.status === 422 ? reply.text() : Promise.reject(Error(reply.url))).then((text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html");
    document.title = fresh.title;
    document.documentElement.lang = fresh.documentElement.lang;
    document.body.replaceWith(fresh.body);
    document.querySelectorAll("details").forEach((one) => { one.open = true; });
    scrollTo(0, 0);
  })`);

/** Colours know no language, and words no colours: each page is looked at in both, but not in each pair of them. */
const LOOKS = [
  ["en", "light"],
  ["pt", "dark"],
] as const;

/** Links, buttons and inputs below 44 px either way, WCAG 2.2, 2.5.5; what is written beside a tick counts with it. */
const smallTargets = (page: Page): Promise<readonly string[]> =>
  page.locator("a, button, input:not([type=hidden]), select, textarea:not([hidden]), summary").evaluateAll((all) =>
    all
      .filter((one) => {
        const { width, height } = (one.closest("label") ?? one).getBoundingClientRect();
        return width > 0 && (width < 44 || height < 44);
      })
      .map((one) => one.outerHTML.slice(0, 80)),
  );

/** A form of ours as a browser sends it. */
const posting = (fields: Fields): object => ({
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: encodeForm([["csrf", CSRF], ...fields]),
});

const STATEMENTS = ["/sessions/list?month=2026-11", "/sessions/print?month=all"];

const inLanguage = (model: PortalModel, language: "en" | "pt"): PortalModel => ({
  ...model,
  settings: { ...model.settings, language },
});

const path = chromium();
if (path !== null) {
  describe("pages in a real browser", function () {
    this.timeout(120_000);
    let browser: Browser;
    let serving: Serving;
    before(async () => {
      browser = await openBrowser(path);
      serving = await serve(CHARGER);
    });
    beforeEach(() => {
      serving.served.model = CHARGER;
      serving.served.visitor = OWNER;
      serving.served.acts.length = 0;
      serving.served.sessions = [session(), session({ person: 0, cost: null, startedAt: null, stop: "powerLoss" })];
    });
    after(async () => {
      await browser.close();
      await serving.close();
    });

    const look = async (
      colorScheme: "light" | "dark",
      model: PortalModel,
      paths: readonly (string | (typeof REFUSED)[number])[],
    ): Promise<readonly string[]> => {
      const context = await browser.newContext({ viewport: PHONE, bypassCSP: true, colorScheme });
      const page = await context.newPage();
      const wrong: string[] = [];
      serving.served.model = model;
      await page.goto(`${serving.url}/settings`);
      await loadAxe(page);
      for (const path of paths) {
        const one = typeof path === "string" ? path : path[0];
        await showInPlace(page, one, typeof path === "string" ? {} : posting(path[1]));
        wrong.push(...(await violations(page, one)));
        const [content, window] = await page.evaluate<[number, number]>(
          "[document.documentElement.scrollWidth, innerWidth]",
        );
        if (content > window) wrong.push(`${one} is ${content} px wide`);
        wrong.push(...(await smallTargets(page)).map((target) => `${one}: too small for a thumb: ${target}`));
      }
      await context.close();
      return wrong;
    };

    for (const [language, scheme] of LOOKS) {
      it(`are without a violation of accessibility, fit 360 px and a thumb: ${language}, ${scheme}`, async () => {
        for (const device of [CHARGER, METER]) {
          const model = inLanguage(device, language);
          const bare = fresh(model);
          const steps = stepsOf(model.device).map(({ form }) => form.path);
          const wrong = [
            ...(await look(scheme, model, [...pagesOf(model.device).map((one) => one.path), "/reset"])),
            ...(await look(scheme, bare, steps)),
            ...(await look(scheme, withRadio(bare, { ssid: "Casa", station: "joining", failed: "password" }), [
              "/setup/3",
            ])),
            ...(await look(scheme, withRadio(bare, { ssid: "Casa", station: "joining" }), ["/setup/3"])),
          ];
          serving.served.visitor = STRANGER;
          wrong.push(...(await look(scheme, model, ["/login"])));
          serving.served.visitor = OWNER;
          assert.deepEqual(wrong, []);
        }
      });
    }

    for (const [language, scheme] of LOOKS) {
      it(`of people, money and time are so as well: ${language}, ${scheme}`, async () => {
        const { id } = personNamed(BOOK, "Ana");
        const model = inLanguage(CONDOMINIUM, language);
        const waits = condominium({ people: { ...CONDOMINIUM.charger.people, enrolling: id } }, { language });
        const wrong = [
          ...(await look(scheme, model, [
            ...CONDOMINIUM_PATHS.filter((one) => !one.endsWith("=999")),
            ...STATEMENTS,
            ...REFUSED,
          ])),
          ...(await look(scheme, waits, ["/people", `/people?enrol=${id}`])),
        ];
        assert.deepEqual(wrong, []);
      });
    }

    it("enrol a card while the page waits, without a script", async () => {
      const { id } = personNamed(BOOK, "Érica");
      const { people } = CONDOMINIUM.charger;
      serving.served.model = CONDOMINIUM;
      const page = await browser.newPage({ viewport: PHONE, javaScriptEnabled: false });
      await page.goto(`${serving.url}/people`);
      await page.getByRole("link", { name: /^Érica/ }).click();
      serving.served.model = condominium({ people: { ...people, enrolling: id } });
      await page.getByRole("button", { name: "Hold the card to the reader" }).click();
      await page.getByText("Hold the card of Érica to the reader of charger-1 now").waitFor();
      assert.deepEqual(serving.served.acts, [{ kind: "enrol", id }]);
      const why = "5CBBE5D5 is the card of Bruno <3";
      serving.served.model = condominium({ people: { ...people, refused: [{ field: "cards", why }] } });
      await page.getByText(`The card was not enrolled: ${why}.`).waitFor();
      await page.close();
    });

    it("lead from a month and a person to their statement, without a script", async () => {
      serving.served.model = CONDOMINIUM;
      const page = await browser.newPage({ viewport: PHONE, javaScriptEnabled: false });
      await page.goto(`${serving.url}/sessions`);
      await page.getByLabel("Person").selectOption("Ana");
      await page.getByRole("button", { name: "Printable" }).click();
      await page.getByText("November 2026 · Ana").waitFor();
      await page.getByRole("row", { name: /22:35 - .* unplugged Ana 12\.340 .* 1\.91 € VAT 0\.36 €/ }).waitFor();
      assert.equal(await page.locator("nav").count(), 0);
      const [act] = serving.served.acts;
      assert.ok(act?.kind === "report" && act.report.person === personNamed(BOOK, "Ana").id);
      assert.equal(act.report.format, "print");
      await page.close();
    });

    it("set hours of the week and charge now in spite of them, without a script", async () => {
      const page = await browser.newPage({ viewport: PHONE, javaScriptEnabled: false });
      await page.goto(`${serving.url}/schedule`);
      await page.getByRole("link", { name: "Add hours" }).click();
      await page.getByLabel("Sat").uncheck();
      await page.getByLabel("Sun").uncheck();
      await page.getByLabel("From").fill("08:00");
      await page.getByLabel("To").fill("22:00");
      await page.getByRole("button", { name: "Save" }).click();
      await page.getByRole("link", { name: "Off Mon-Fri, 08:00 to 22:00" }).waitFor();
      const { windows } = serving.served.model.settings.schedule;
      assert.deepEqual(windows, [{ days: "12345", from: 480, to: 1_320, limitA: 0 }]);
      serving.served.model = CONDOMINIUM;
      await page.getByRole("link", { name: "Status" }).click();
      await page.getByText("charges from tomorrow 00:35").waitFor();
      await page.getByRole("button", { name: "Charge now" }).click();
      await page.waitForURL(`${serving.url}/`);
      assert.deepEqual(serving.served.acts, [{ kind: "shot", shot: { boost: true } }]);
      await page.close();
    });

    it("mark what was refused without a violation, too", async () => {
      const context = await browser.newContext({ viewport: PHONE, bypassCSP: true });
      const page = await context.newPage();
      for (const [at, field] of [
        ["/mode", "manualA"],
        ["/home", "contractedA"],
        ["/mqtt", "mqttPort"],
        ["/", "manualA"],
      ] as const) {
        await page.goto(serving.url + at);
        await page.locator(`#${field}`).fill("999999");
        await page.locator("form button").first().click();
        await page.locator(`#${field}-error`).waitFor();
        assert.equal(await page.locator(`#${field}`).inputValue(), "999999");
        await loadAxe(page);
        assert.deepEqual(await violations(page, at), []);
      }
      await context.close();
    });

    it("lead through set-up by the keyboard alone", async () => {
      serving.served.model = withRadio(fresh(CHARGER), {});
      const page = await browser.newPage({ viewport: PHONE, javaScriptEnabled: false });
      await page.goto(serving.url);
      /** Tab until what has the focus fits. */
      const reach = async (selector: string): Promise<void> => {
        for (let tabs = 0; tabs < 40; tabs++) {
          await page.keyboard.press("Tab");
          if (await page.locator(`${selector}:focus`).count()) return;
        }
        assert.fail(`${page.url()}: ${selector} is out of reach`);
      };
      await reach("#language");
      await page.keyboard.press("p");
      await reach("button[type=submit]");
      await page.keyboard.press("Enter");
      await page.waitForURL("**/setup/2");
      assert.equal(await page.locator("html").getAttribute("lang"), "pt");
      await reach("#portalPassword");
      await page.keyboard.type("uma palavra boa");
      await page.keyboard.press("Enter");
      await page.waitForURL("**/setup/3");
      await reach("[name=wifiPick]");
      await page.keyboard.press("Space");
      await reach("#wifiPassword");
      await page.keyboard.type("casa-casa");
      await page.keyboard.press("Enter");
      await page.getByText("Redes encontradas").waitFor();
      assert.equal(serving.served.model.settings.wifiSsid, "Casa");
      for (const step of [4, 5, 6, 7, 8]) {
        await reach(`a[href="/setup/${step}"]`);
        await page.keyboard.press("Enter");
        await page.waitForURL(`**/setup/${step}`);
      }
      await reach("button[value=finish]");
      await page.keyboard.press("Enter");
      await page.waitForURL(`${serving.url}/`);
      const { setUp, portalPassword } = serving.served.model.settings;
      assert.deepEqual([setUp, portalPassword], [true, "uma palavra boa"]);
      await page.close();
    });

    it("keep the daily page fresh without a reload where a script runs, and tie the slider to its number", async () => {
      const complaints: string[] = [];
      const page = await browser.newPage({ viewport: PHONE });
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("console", (message) => complaints.push(message.text()));
      await page.goto(serving.url);
      await page.getByText("Charging 9 A of 32").waitFor();
      await page.evaluate("window.stays = 1");
      await page.locator("#slide").fill("20");
      assert.equal(await page.locator("#manualA").inputValue(), "20");
      await page.locator("#manualA").fill("7");
      assert.equal(await page.locator("#slide").inputValue(), "7");
      serving.served.model = { ...CHARGER, charger: { ...CHARGER.charger, state: "finishing" } };
      await page.getByText("Finished: the car can be unplugged").waitFor();
      assert.equal(await page.evaluate("window.stays"), 1);
      assert.equal(await page.locator("#manualA").inputValue(), "7", "what is being typed stays");
      assert.deepEqual(complaints, []);
      await page.close();
    });

    it("tell the time of the phone once, where nobody else has", async () => {
      serving.served.model = { ...CHARGER, unix: null };
      const context = await browser.newContext({ viewport: PHONE, timezoneId: "Europe/Lisbon" });
      const page = await context.newPage();
      const told = page.waitForResponse("**/clock");
      await page.goto(`${serving.url}/settings`);
      await told;
      const [act] = serving.served.acts;
      assert.ok(act?.kind === "clock" && Math.abs(act.unix - Date.now() / 1_000) < 60);
      assert.ok(act.offsetMinutes === 0 || act.offsetMinutes === 60);
      await context.close();
    });

    it("bring settings back from a text, after a look at what changes", async () => {
      const page = await browser.newPage({ viewport: PHONE, javaScriptEnabled: false });
      await page.goto(`${serving.url}/backup`);
      await page.getByLabel("Passphrase").fill("correct horse battery");
      await page.getByRole("button", { name: "Show with passwords" }).click();
      const text = await page.getByLabel("Settings", { exact: true }).inputValue();
      const before = serving.served.model.settings;
      serving.served.model = { ...CHARGER, settings: { ...before, id: "other", portalPassword: "another-one" } };
      await page.goto(`${serving.url}/restore`);
      await page.getByLabel("Backup").fill(text);
      await page.getByLabel("Passphrase, if it has passwords").fill("correct horse battery");
      await page.getByRole("button", { name: "Show what would change" }).click();
      await page.getByRole("row", { name: "Name of the device other charger-1" }).waitFor();
      assert.equal(serving.served.model.settings.id, "other", "nothing has changed yet");
      await page.getByLabel("The passphrase once more").fill("correct horse battery");
      await page.getByRole("button", { name: "Change it now" }).click();
      await page.getByText("The settings were brought back.").waitFor();
      assert.deepEqual(serving.served.model.settings, before);
      await page.close();
    });

    it("have a form on each page of settings that keeps all as it is when it is saved untouched", async () => {
      const page = await browser.newPage({ viewport: PHONE });
      for (const { path: at } of pagesOf("charger").filter((one) => formAt("charger", one.path) !== undefined)) {
        await page.goto(serving.url + at);
        await page.getByRole("button", { name: "Save" }).first().click();
        await page.getByRole("status").getByText("Saved.").waitFor();
      }
      assert.deepEqual(serving.served.model.settings, CHARGER.settings);
      await page.close();
    });
  });
}
