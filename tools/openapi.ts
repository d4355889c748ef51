// docs/openapi.json, made from the rows that the firmware goes by and from the words of docs/mqtt.md: `npm run -s docs`.
// A test asks running devices for each operation, and holds their answers against it.

import { API_ROWS, type ApiName } from "../src/api.js";
import { type CommandName, DAILY, LONGEST_LEASE_S, PAYLOAD_LIMIT } from "../src/commands.js";
import { STOPS } from "../src/session-record.js";
import { VERSION } from "../src/version.js";

type Schema = Readonly<Record<string, unknown>>;

/** The words of docs/mqtt.md. */
export interface Words {
  readonly charger: Readonly<Record<string, string>>;
  readonly meter: Readonly<Record<string, string>>;
  readonly commands: Readonly<Record<CommandName, readonly [value: string, says: string]>>;
}

const BOOLEAN: Schema = { type: "boolean" };
const TEXT: Schema = { type: "string" };
const NUMBER: Schema = { type: "number" };
const POSITIVE: Schema = { type: "number", minimum: 0 };
const COUNT: Schema = { type: "integer", minimum: 0 };
const orNull = (schema: Schema): Schema => ({ ...schema, type: [schema.type, "null"] });
const listOf = (items: Schema): Schema => ({ type: "array", items, maxItems: 6 });
const oneOf = (...values: readonly string[]): Schema => ({ type: "string", enum: values });
const orNone = (...values: readonly string[]): Schema => ({ type: ["string", "null"], enum: [...values, null] });

const LIMITS = ["share", "site", "rating", "cable", "manual", "solar", "person", "schedule", "temperature", "failsafe"];
const SETTINGS: Readonly<Record<string, Schema>> = {
  mode: oneOf("auto", "manual", "solar"),
  manualA: { type: "number", minimum: 6, maximum: 80 },
  freeCharging: BOOLEAN,
  priority: { type: "integer", minimum: 0, maximum: 9 },
};

export const CHARGER_SHAPE: Readonly<Record<string, Schema>> = {
  state: oneOf(
    "available",
    "preparing",
    "charging",
    "stopping",
    "suspendedEV",
    "suspendedEVSE",
    "finishing",
    "faulted",
  ),
  status: oneOf("A", "B", "C", "D", "E", "F"),
  plugged: BOOLEAN,
  ...SETTINGS,
  enabled: BOOLEAN,
  maxA: POSITIVE,
  boost: BOOLEAN,
  offerA: POSITIVE,
  because: oneOf(...LIMITS, "paused", "fault", "none"),
  runnerUp: orNone(...LIMITS, "paused", "fault", "none"),
  runnerUpA: orNull(POSITIVE),
  sinceS: orNull(COUNT),
  contactorClosed: BOOLEAN,
  fault: orNull(TEXT),
  session: orNull(COUNT),
  sessionWh: orNull(COUNT),
  sessionS: orNull(COUNT),
  person: orNull(TEXT),
  card: orNull(TEXT),
  schedule: orNone("none", "window", "delay", "boost", "departure", "timeUnknown"),
  drawA: orNull(listOf(POSITIVE)),
  voltageV: listOf(orNull(POSITIVE)),
  powerW: orNull(POSITIVE),
  totalWh: orNull(COUNT),
  report: oneOf("fresh", "stale", "none"),
  restarted: TEXT,
};

export const METER_SHAPE: Readonly<Record<string, Schema>> = {
  houseA: orNull(listOf(NUMBER)),
  budgetA: orNull(listOf(POSITIVE)),
  solarA: orNull(listOf(POSITIVE)),
  currentA: listOf(orNull(POSITIVE)),
  voltageV: listOf(orNull(POSITIVE)),
  powerW: listOf(orNull(POSITIVE)),
  energyWh: listOf(orNull(COUNT)),
  stuck: BOOLEAN,
  restarted: TEXT,
};

const record = (properties: Readonly<Record<string, Schema>>, optional: readonly string[] = []): Schema => ({
  type: "object",
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  additionalProperties: false,
});
const told = (shape: Readonly<Record<string, Schema>>, words: Readonly<Record<string, string>>): Schema =>
  record(
    Object.fromEntries(Object.entries(shape).map(([name, one]) => [name, { ...one, description: words[name] ?? "" }])),
  );

const ID: Schema = { type: ["string", "number", "null"], maxLength: 40, description: "comes back in the result" };
const RESULT: Schema = record(
  {
    id: { ...ID, type: ["string", "number"] },
    command: TEXT,
    ok: BOOLEAN,
    why: { ...orNull(TEXT), description: "in English what is wrong with `field`" },
    field: orNull(TEXT),
  },
  ["id"],
);
const REFUSED: Schema = record({ ok: { const: false }, why: TEXT, field: orNull(TEXT) });

const SESSION: Schema = record({
  id: TEXT,
  charger: TEXT,
  startedAt: { ...orNull(TEXT), description: "ISO 8601 with the zone; null: nobody knew the time" },
  endedAt: orNull(TEXT),
  durationS: COUNT,
  idleS: COUNT,
  stop: oneOf(...STOPS),
  person: orNull(COUNT),
  name: orNull(TEXT),
  energyWh: COUNT,
  byPeriodWh: { type: "array", items: COUNT },
  meterStartWh: COUNT,
  peakA: POSITIVE,
  cost: orNull(NUMBER),
  currency: orNull(TEXT),
  disturbed: BOOLEAN,
});
const COST: Schema = record({ currency: TEXT, cost: NUMBER });
const SESSIONS: Schema = record({
  charger: TEXT,
  month: orNull(TEXT),
  sessions: { type: "array", items: { $ref: "#/components/schemas/Session" } },
  totals: record({ sessions: COUNT, energyWh: COUNT, costs: { type: "array", items: COST } }),
});

const TIME: Schema = { type: "integer", minimum: 0, maximum: 0xffff_ffff };
const DEPARTURE: Readonly<Record<string, Schema>> = {
  by: TIME,
  needWh: { type: "integer", minimum: 1, maximum: 200_000 },
};
const LEASE: Schema = { type: "integer", minimum: 1, maximum: LONGEST_LEASE_S, default: 60 };

/** Of each command: its value, what may stand beside it, and a value that is taken. */
const COMMAND_SHAPES: Readonly<Record<CommandName, readonly [value: Schema, example: unknown, leased: boolean]>> = {
  mode: [SETTINGS.mode ?? {}, "auto", false],
  current: [{ type: "number", anyOf: [{ const: 0 }, { minimum: 6, maximum: 80 }] }, 16, true],
  enable: [BOOLEAN, true, true],
  boost: [BOOLEAN, false, false],
  delay_until: [orNull(TIME), null, false],
  departure: [{ anyOf: [{ type: "null" }, record(DEPARTURE)] }, null, false],
};

const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Schema, examples?: Schema): Schema => ({
  "application/json": examples === undefined ? { schema } : { schema, examples },
});
const answer = (description: string, schema: Schema): Schema => ({ description, content: json(schema) });

const CODES: Readonly<Record<number, Schema>> = {
  400: answer("There is no such month or person.", ref("Refused")),
  401: answer("No token, or a wrong one.", ref("Refused")),
  403: answer("A Host that no device has.", ref("Refused")),
  404: answer("Off, or nothing of this device.", ref("Refused")),
  413: answer(`A body of more than ${PAYLOAD_LIMIT} bytes.`, ref("Refused")),
  415: answer("A body that is not application/json.", ref("Refused")),
  422: answer("Refused, with the reason; nothing has changed.", ref("Result")),
  503: answer("Another statement is being written: again in 2 s.", ref("Refused")),
};
const coded = (ok: Schema, ...codes: readonly number[]): Schema =>
  Object.fromEntries([[200, ok], ...[401, 403, 404, ...codes].map((code) => [code, CODES[code]])]);

const operation = (name: ApiName, id: string, summary: string, more: Schema): Schema => ({
  [API_ROWS[name].method.toLowerCase()]: { operationId: id, summary, tags: API_ROWS[name].of, ...more },
});

const body = (schema: Schema, examples: Schema): Schema => ({ required: true, content: json(schema, examples) });
const posted = (schema: Schema, examples: Schema): Schema => ({
  requestBody: body(schema, examples),
  responses: coded(answer("Taken. What comes of it stands in the state.", ref("Result")), 413, 415, 422),
});

function commandPath(name: CommandName, [, says]: readonly [string, string]): readonly [string, Schema] {
  const [value, example, leased] = COMMAND_SHAPES[name];
  const whole = { value, id: ID, ...(leased ? { leaseS: LEASE } : {}) };
  const schema = { anyOf: [value, record(whole, ["id", "leaseS"])] };
  const examples = { value: { value: example }, withId: { value: { id: 7, value: example } } };
  return [`${API_ROWS.command.path}${name}`, operation("command", name, says, posted(schema, examples))];
}

const isCommand = (name: string): name is CommandName => Object.hasOwn(COMMAND_SHAPES, name);

function pathsOf(words: Words): Schema {
  const state = { anyOf: [ref("ChargerState"), ref("MeterState")] };
  const query = (name: string, schema: Schema): Schema => ({ name, in: "query", schema });
  return {
    [API_ROWS.state.path]: operation("state", "state", "What the device does and why: the retained state of MQTT.", {
      responses: coded(answer("The state of a charger or of a meter.", state)),
    }),
    [API_ROWS.sessions.path]: operation("sessions", "sessions", "Sessions that have ended, as MQTT tells each.", {
      parameters: [
        query("month", { type: "string", pattern: "^\\d{4}-\\d{2}$|^all$" }),
        query("person", { type: "string", pattern: "^\\d{1,5}$|^all$" }),
      ],
      responses: coded(answer("The sessions, oldest first.", ref("Sessions")), 400, 503),
    }),
    [API_ROWS.set.path]: operation("set", "set", "Settings that are changed daily; kept in flash.", {
      ...posted(record({ ...SETTINGS, id: ID }, [...DAILY, "id"]), { priority: { value: { id: "a", priority: 0 } } }),
    }),
    ...Object.fromEntries(
      Object.entries(words.commands).map(([name, row]) => (isCommand(name) ? commandPath(name, row) : [name, {}])),
    ),
  };
}

const INTRO =
  "The state and the commands of a charger and a meter, in the shapes of MQTT (docs/mqtt.md). The page /api of the device makes the token. A command goes the way that it goes by MQTT: the same checks, the same limits, the same lease. Other methods get 405; requests that are no HTTP, or have a body over 9,216 bytes or one that is not ASCII, are refused in plain text.";

/** docs/openapi.json. */
export function openapiText(words: Words): string {
  const whole = {
    openapi: "3.1.0",
    info: {
      title: "IEVCC",
      version: VERSION,
      summary: "Interface of a charger and of a meter for programs.",
      description: INTRO,
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "http://{device}", variables: { device: { default: "192.168.1.20" } } }],
    security: [{ token: [] }],
    tags: [{ name: "charger" }, { name: "meter" }],
    paths: pathsOf(words),
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: {
        ChargerState: told(CHARGER_SHAPE, words.charger),
        MeterState: told(METER_SHAPE, words.meter),
        Result: RESULT,
        Refused: REFUSED,
        Session: SESSION,
        Sessions: SESSIONS,
      },
    },
  };
  return `${laidOut(whole, "", 0)}\n`;
}

const LINE = 120;

/** As the formatter of this project lays out JSON: records open, lists of plain values on one line where that is long enough. */
function laidOut(value: unknown, indent: string, before: number): string {
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    const flat = `[${value.map((one) => JSON.stringify(one)).join(", ")}]`;
    const isPlain = value.every((one) => typeof one !== "object" || one === null);
    // A comma may follow.
    if (isPlain && before + flat.length < LINE) return flat;
    return `[\n${value.map((one) => deeper + laidOut(one, deeper, deeper.length)).join(",\n")}\n${indent}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const rows = Object.entries(value).filter(([, one]) => one !== undefined);
  if (rows.length === 0) return "{}";
  const lines = rows.map(([name, one]) => {
    const start = `${deeper}${JSON.stringify(name)}: `;
    return start + laidOut(one, deeper, start.length);
  });
  return `{\n${lines.join(",\n")}\n${indent}}`;
}
