// Every page of both devices in every state that looks different, as requests with what they meet.

import type { Answer } from "../../src/portal/answers.js";
import { stepsOf } from "../../src/portal/fields.js";
import { encodeForm, type Fields } from "../../src/portal/form.js";
import type { Request } from "../../src/portal/http.js";
import { pagesOf } from "../../src/portal/layout.js";
import type { Visitor } from "../../src/portal/logins.js";
import type { ChargerModel, PortalModel, RadioView } from "../../src/portal/model.js";
import { answer, loginRefused } from "../../src/portal/portal.js";
import { millis } from "../../src/units.js";
import { BOOK, CONDOMINIUM, condominium, personNamed, restOf, session } from "./condominium.js";
import { CHARGER, CSRF, METER, OWNER, RADIO, STRANGER } from "./model.js";

const GET: Request = { method: "GET", path: "/", query: "", host: "192.168.1.20", headers: [], body: "" };
const FORM_TYPE = ["content-type", "application/x-www-form-urlencoded"] as const;

export const get = (target: string, model: PortalModel = CHARGER, visitor: Visitor = OWNER): Answer => {
  const [path = "", query = ""] = target.split("?");
  return answer({ ...GET, path, query }, model, visitor);
};

export const post = (path: string, fields: Fields, model: PortalModel = CHARGER, visitor: Visitor = OWNER): Answer => {
  const body = encodeForm([["csrf", CSRF], ...fields]);
  return answer({ ...GET, method: "POST", path, headers: [FORM_TYPE], body }, model, visitor);
};

export interface ShownPage {
  readonly name: string;
  readonly html: string;
}

/** A device that is not set up yet. */
export const fresh = <Model extends PortalModel>(model: Model): Model => ({
  ...model,
  settings: { ...model.settings, setUp: false },
  unix: null,
  address: null,
});

export const withRadio = <Model extends PortalModel>(model: Model, radio: Partial<RadioView>): Model => ({
  ...model,
  radio: { ...RADIO, ...radio },
});

const wrongIn: Readonly<Record<string, Fields>> = {
  "/": [["manualA", "99"]],
  "/mode": [["manualA", "5"]],
  "/home": [["contractedA", "x"]],
  "/site": [["siteKey", "UUU"]],
  "/network": [["id", ""]],
  "/mqtt": [["mqttPort", "0"]],
};

/** All pages of a model in its language. */
export function pagesIn(given: PortalModel, language: "en" | "pt"): readonly ShownPage[] {
  const model = { ...given, settings: { ...given.settings, language } };
  const bare = fresh(model);
  const steps = stepsOf(model.device).map(({ form }) => form.path);
  const wifi = steps[2] ?? "";
  const sealed = [["passphrase", "correct horse battery"]] as const;
  const other = get("/backup.json", { ...model, settings: { ...model.settings, mode: "solar" } }).response.body;
  const full = /<textarea id="text"[^>]*>([^<]*)</.exec(post("/backup", sealed, model).response.body)?.[1] ?? "";
  const answers: readonly (readonly [string, Answer["response"]])[] = [
    ...pagesOf(model.device).map(({ path }) => [path, get(path, model).response] as const),
    ...Object.entries(wrongIn)
      .filter(([path]) => path !== "/" || model.device === "charger")
      .filter(([path]) => path !== "/mode" || model.device === "charger")
      .map(([path, fields]) => [`${path} refused`, post(path, fields, model).response] as const),
    ["/reset", get("/reset", model).response],
    ["/device restarting", post("/device", [["go", "restart"]], model).response],
    ["/site with code", post("/site", [["go", "code"]], withKey(model)).response],
    ["/backup sealed", post("/backup", sealed, model).response],
    ["/backup short", post("/backup", [], model).response],
    ["/restore broken", post("/restore", [["backup", "{"]], model).response],
    ["/restore preview", post("/restore", [["backup", other]], model).response],
    ["/restore sealed", post("/restore", [["backup", full.replaceAll("&quot;", '"')], ...sealed], bare).response],
    ["/login", get("/login?to=/log", model, STRANGER).response],
    ["/login refused", loginRefused(model, "/", { why: "wrong", wait: millis(5_000) })],
    ...steps.map((path) => [path, get(path, bare).response] as const),
    [`${wifi} on a cable`, get(wifi, { ...bare, radio: null }).response],
    [`${wifi} searching`, get(wifi, withRadio(bare, { networks: [] })).response],
    [`${wifi} nothing found`, get(`${wifi}?found=1`, withRadio(bare, { networks: [] })).response],
    [`${wifi} joining`, get(wifi, withRadio(bare, { ssid: "Casa", station: "joining" })).response],
    [
      `${wifi} wrong password`,
      get(wifi, withRadio(bare, { ssid: "Casa", station: "joining", failed: "password" })).response,
    ],
    [
      `${wifi} joined`,
      get(wifi, withRadio(bare, { ssid: "Casa", station: "joined", address: "192.168.1.20" })).response,
    ],
    [`${wifi} refused`, post(wifi, [["wifiPassword", "short"]], bare).response],
    [`${steps.at(-1)} refused`, post(steps.at(-1) ?? "", [], withoutPassword(bare)).response],
  ];
  return answers.map(([name, { body }]) => ({ name: `${model.device} ${language} ${name}`, html: body }));
}

const withKey = (model: PortalModel): PortalModel => ({
  ...model,
  settings: { ...model.settings, siteKey: "0123456789abcdef0123456789abcdef" },
});

const withoutPassword = (model: PortalModel): PortalModel => ({
  ...model,
  settings: { ...model.settings, portalPassword: "" },
});

const LANGUAGES = ["en", "pt"] as const;

export const allPages = (): readonly ShownPage[] => [
  ...[CHARGER, METER].flatMap((model) => LANGUAGES.flatMap((language) => pagesIn(model, language))),
  ...LANGUAGES.flatMap((language) =>
    condominiumPages({ ...CONDOMINIUM, settings: { ...CONDOMINIUM.settings, language } }),
  ),
];

const { id: ana } = personNamed(BOOK, "Ana");
const { id: bruno } = personNamed(BOOK, "Bruno <3");

/** Paths of a charger with people, tariff and schedule. */
export const CONDOMINIUM_PATHS: readonly string[] = [
  "/",
  "/people",
  "/people?saved=1",
  "/people?id=0",
  "/people?id=0&card=1122AABB",
  `/people?id=${ana}`,
  `/people?id=${bruno}`,
  "/people?id=999",
  `/people?remove=${ana}`,
  `/people?enrol=${ana}`,
  "/sessions",
  "/tariff",
  ...["none", "price", "flat", "pt-bi-daily", "own"].map((kind) => `/tariff?kind=${kind}`),
  "/schedule",
  "/schedule?window=0",
  "/schedule?window=1",
  "/schedule?departure=0",
  "/schedule?departure=1",
];

/** Forms that are refused. */
export const REFUSED: readonly (readonly [path: string, fields: Fields])[] = [
  [
    "/people",
    [
      ["go", "person"],
      ["id", "0"],
      ["cards", "5CBBE5D5 x"],
      ["maxA", "x"],
      ["limited", "yes"],
    ],
  ],
  [
    "/people",
    [
      ["go", "give"],
      ["id", String(ana)],
      ["card", "zz"],
    ],
  ],
  [
    "/tariff",
    [
      ["go", "tariff"],
      ["kind", "own"],
      ["rules", "x"],
    ],
  ],
  [
    "/tariff",
    [
      ["go", "tariff"],
      ["kind", "flat"],
      ["currency", "XXX"],
      ["vatPct", "101"],
      ["price-1", "-"],
      ["sessionFee", "0,00001"],
    ],
  ],
  [
    "/schedule",
    [
      ["go", "window"],
      ["row", "0"],
      ["was", ""],
      ["limitA", "99"],
    ],
  ],
  [
    "/schedule",
    [
      ["go", "departure"],
      ["row", "0"],
      ["was", ""],
    ],
  ],
  ["/schedule", [["go", "ready"]]],
  ["/schedule", [["go", "delay"]]],
];

/** The pages of a charger with people, in each state. */
function condominiumPages(model: ChargerModel): readonly ShownPage[] {
  const { language } = model.settings;
  const named = (name: string, html: string): ShownPage => ({ name: `condominium ${language} ${name}`, html });
  const people = model.charger.people;
  const waits = { ...model, charger: { ...model.charger, people: { ...people, enrolling: ana } } };
  const enrolled = { ...people, enrolled: "04A1B2C3D4E5F6" };
  const failed = { ...people, refused: [{ field: "cards", why: "number 2 is a random UID, different each time" }] };
  const enrol = `/people?enrol=${ana}`;
  const idle = condominium({ plan: null, session: null, card: null }, { language, tariff: null });
  return [
    ...CONDOMINIUM_PATHS.map((path) => named(path, get(path, model).response.body)),
    ...CONDOMINIUM_PATHS.slice(0, 2).map((path) => named(`${path} idle`, get(path, idle).response.body)),
    ...REFUSED.map(([path, fields]) => named(`${path} refused`, post(path, fields, model).response.body)),
    named(`${enrol} waits`, get(enrol, waits).response.body),
    named("/people waits", get("/people", waits).response.body),
    named(`${enrol} done`, get(enrol, { ...model, charger: { ...model.charger, people: enrolled } }).response.body),
    named(`${enrol} failed`, get(enrol, { ...model, charger: { ...model.charger, people: failed } }).response.body),
    ...["/sessions/list?month=2026-11&person=1", "/sessions/print?month=all"].map((path) =>
      named(path, statementOf(path, model)),
    ),
  ];
}

/** A statement as a browser has it in the end. */
export function statementOf(path: string, model: ChargerModel): string {
  const { response, acts } = get(path, model);
  const [act] = acts;
  if (act?.kind !== "report") return response.body;
  const sessions = [session(), session({ person: 0, cost: null, startedAt: null, disturbed: true, stop: "powerLoss" })];
  return response.body + restOf(act.report, model.settings, sessions);
}
