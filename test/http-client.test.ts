import assert from "node:assert/strict";
import fc from "fast-check";
import { BODY_LIMIT, CALL_LIMIT, type HttpAnswer, startCall, stepCall } from "../src/http-client.js";
import { urlOf } from "../src/http-url.js";
import { influxVerdict } from "../src/influx.js";
import { encodeText } from "../src/text.js";
import { millis } from "../src/units.js";

const REQUEST = encodeText("GET / HTTP/1.1\r\n\r\n");
const ZERO = millis(0);

/** What becomes of these pieces of an answer, and then of the end of the stream. */
function heard(pieces: readonly Uint8Array[], closes = true): HttpAnswer | null {
  let { call } = stepCall(startCall(1, REQUEST, ZERO), { what: "open" }, ZERO);
  for (const bytes of pieces) {
    const step = stepCall(call, { what: "bytes", bytes }, ZERO);
    if (step.answer !== null) return step.answer;
    call = step.call;
  }
  return closes ? stepCall(call, { what: "closed" }, ZERO).answer : null;
}
const said = (text: string, closes = true): HttpAnswer | null => heard([encodeText(text)], closes);
const good = (status: number, body: string) => ({ ok: true, status, body });
const bad = (why: string) => ({ ok: false, why });

describe("what InfluxDB says", () => {
  it("is that it has a batch, but for what is older than it keeps, however it says so", () => {
    const said = '{"error":"partial write: points beyond retention policy dropped=3"}';
    for (const status of [400, 422, 500]) assert.deepEqual(influxVerdict(status, said), { what: "partly", without: 3 });
    assert.deepEqual(influxVerdict(204, ""), { what: "taken" });
    assert.equal(influxVerdict(400, '{"error":"partial write: field type conflict dropped=1"}').what, "refused");
  });
});

describe("http client", () => {
  it("sends its request once the stream is open, and knows an answer by length, by chunks, and by the end", () => {
    const call = startCall(1, REQUEST, ZERO);
    const opened = stepCall(call, { what: "open" }, ZERO);
    assert.deepEqual(opened.send, REQUEST);
    assert.deepEqual(said("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok more", false), good(200, "ok"));
    assert.deepEqual(
      said("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\no\r\n1\r\nk\r\n0\r\n\r\n", false),
      good(200, "ok"),
    );
    assert.deepEqual(said("HTTP/1.0 200 OK\r\n\r\nok"), good(200, "ok"));
    assert.deepEqual(said("HTTP/1.1 204 No Content\r\n\r\n", false), good(204, ""));
    assert.deepEqual(said("HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n", false), good(200, ""));
    assert.deepEqual(
      said("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 401 No\r\nContent-Length: 1\r\n\r\nx", false),
      good(401, "x"),
    );
  });
  it("reads an answer in pieces of any size", () => {
    const answer = encodeText("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (sizes) => {
        const pieces: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < answer.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          pieces.push(answer.slice(at, at + size));
          at += size;
        }
        assert.deepEqual(heard(pieces, false), good(200, "ok"));
      }),
    );
  });
  it("says why there is no answer: never opened, cut, no HTTP, nothing in 20 s", () => {
    const call = startCall(1, REQUEST, ZERO);
    assert.deepEqual(stepCall(call, { what: "closed" }, ZERO).answer, bad("unreachable"));
    assert.deepEqual(stepCall(call, { what: "closed", why: "expired" }, ZERO).answer, bad("expired"));
    assert.equal(stepCall(call, { what: "tick" }, millis(CALL_LIMIT - 1)).answer, null);
    assert.deepEqual(stepCall(call, { what: "tick" }, CALL_LIMIT).answer, bad("timeout"));
    for (const cut of ["", "HTT", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no"])
      assert.deepEqual(said(cut), bad("cut"), cut);
    for (const chunks of ["", "1\r", "5\r\nok", "2\r\nok\r\n"])
      assert.deepEqual(said(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`), bad("cut"), chunks);
    const strange = [
      "SSH-2.0",
      "HTTP/2 200\r\n\r\n",
      "HTTP/1.1 20\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nokay\r\n",
      `HTTP/1.1 200 OK\r\nX: ${"x".repeat(5_000)}`,
    ];
    for (const text of strange) assert.deepEqual(said(text, false), bad("notHttp"), text.slice(0, 60));
  });
  it("keeps a kilobyte of a long body, and waits for no more of it", () => {
    const body = "x".repeat(3_000);
    for (const head of ["Content-Length: 3000", "Transfer-Encoding: chunked", "X: y"]) {
      const all = head.startsWith("T") ? `bb8\r\n${body}` : body;
      assert.deepEqual(
        said(`HTTP/1.1 404 No\r\n${head}\r\n\r\n${all}`, false),
        good(404, "x".repeat(BODY_LIMIT)),
        head,
      );
    }
  });
  it("comes to an end without a throw, whatever bytes come", () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .constantFrom(
          "HTTP/1.1 200 OK\r\n",
          "Content-Length: 2\r\n",
          "Transfer-Encoding: chunked\r\n",
          "\r\n",
          "5\r\n",
          "0\r\n",
          "ok",
        )
        .map(encodeText),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const answer = heard(pieces);
        assert.ok(answer !== null);
        if (answer.ok) assert.ok(answer.body.length <= BODY_LIMIT && answer.status >= 200);
      }),
    );
  });
  it("knows the parts of an address, and what is none", () => {
    assert.deepEqual(urlOf("http://a.b/c/"), { tls: false, host: "a.b", port: 80, path: "/c" });
    assert.deepEqual(urlOf("https://emoncms.org"), { tls: true, host: "emoncms.org", port: 443, path: "" });
    assert.deepEqual(urlOf("http://10.0.0.1:8086"), { tls: false, host: "10.0.0.1", port: 8_086, path: "" });
    for (const none of [
      "",
      "a",
      "ftp://a",
      "http://",
      "http://a:0",
      "http://a:70000",
      "http://a b",
      "http://u@a",
      "http://a/?q",
    ])
      assert.equal(urlOf(none), null, none);
  });
});
