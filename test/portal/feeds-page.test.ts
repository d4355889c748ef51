import assert from "node:assert/strict";
import type { FeedFact } from "../../src/feed-state.js";
import { feedsBody } from "../../src/portal/feeds-page.js";
import { formAt } from "../../src/portal/fields.js";
import { change } from "../../src/settings.js";
import { millis } from "../../src/units.js";
import { METER, viewOf } from "./model.js";

const FORM = formAt("meter", "/feeds");
const FACT: FeedFact = {
  name: "emoncms",
  deliveredFor: millis(4_000),
  waiting: 0,
  lost: 0,
  refused: 0,
  trouble: null,
};

function body(language: "en" | "pt", ...feeds: readonly FeedFact[]): string {
  const changed = change(METER.settings, {
    language,
    emoncmsUrl: "http://a",
    emoncmsKey: "hush",
    influxToken: "hushhush",
  });
  assert.ok(changed.ok && FORM !== undefined);
  return feedsBody(
    viewOf({ ...METER, settings: changed.settings, meter: { ...METER.meter, feeds } }),
    FORM,
    null,
    false,
  );
}

describe("page of emoncms and InfluxDB", () => {
  it("says of emoncms by MQTT that the broker is not there", () => {
    const changed = change(METER.settings, { emoncms: "mqtt", mqttHost: "broker" });
    assert.ok(changed.ok && FORM !== undefined);
    const of = (mqtt: "online" | "connecting") => ({
      ...METER,
      mqtt,
      settings: changed.settings,
      meter: { ...METER.meter, feeds: [FACT] },
    });
    assert.match(feedsBody(viewOf(of("connecting")), FORM, null, false), /<dt>MQTT<\/dt><dd>Connecting</);
    assert.ok(!feedsBody(viewOf(of("online")), FORM, null, false).includes("<dt>MQTT"));
  });
  it("says for each that is fed when it last took something, and what waits", () => {
    const page = body("en", FACT, { ...FACT, name: "influx", deliveredFor: null, waiting: 1_440 });
    assert.match(
      page,
      /<h2>emoncms<\/h2><dl><dt>Last delivered<\/dt><dd>4 s ago<\/dd><dt>Samples that wait<\/dt><dd>0</,
    );
    assert.match(page, /<h2>InfluxDB<\/h2><dl><dt>Last delivered<\/dt><dd>Nothing yet<\/dd>.*<dd>1440</);
    assert.doesNotMatch(page, /Lost|wrong last/);
    assert.doesNotMatch(body("en"), /Last delivered/);
  });
  it("says in both languages what is lost, what was refused, and why, with what the server said", () => {
    const wrong: FeedFact = { ...FACT, lost: 7, refused: 2, trouble: { why: "said", detail: '400 <b>"x"' } };
    assert.match(body("en", wrong), /<dd>7<\/dd>.*<dd>2<\/dd>.*the server refuses \(400 &lt;b&gt;&quot;x&quot;\)/);
    const silent: FeedFact = { ...FACT, trouble: { why: "silent200", detail: "" } };
    assert.match(body("en", silent), /answered 200 without a word: the key may only read/);
    assert.match(body("pt", silent), /respondeu 200 sem uma palavra/);
    assert.match(body("en", { ...FACT, trouble: { why: "refused", detail: "" } }), /believe the device/);
  });
  it("shows no key and no token", () => {
    assert.doesNotMatch(body("en", FACT), /hush/);
  });
});
