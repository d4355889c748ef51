import assert from "node:assert/strict";
import fc from "fast-check";
import { BODY_LIMIT, encodeResponse, HEAD_LIMIT, type HttpRead, readHttp, startHttp } from "../../src/portal/http.js";
import { encodeText } from "../../src/text.js";
import { millis } from "../../src/units.js";

const NOW = millis(1_000);

/** Feeds text in pieces until the reader has made up its mind. */
function feed(text: string | Uint8Array, piece = 10_000): HttpRead {
  const bytes = typeof text === "string" ? encodeText(text) : text;
  let read: HttpRead = { kind: "more", reader: startHttp(NOW) };
  for (let at = 0; at < bytes.length && read.kind === "more"; at += piece) {
    read = readHttp(read.reader, { kind: "bytes", bytes: bytes.subarray(at, at + piece) }, NOW);
  }
  return read;
}

function refused(text: string | Uint8Array): string {
  const read = feed(text);
  return read.kind === "bad" ? read.why : read.kind;
}

const POST = "POST /mode?x=1 HTTP/1.1\r\nHost: 10.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello!";

describe("portal http", () => {
  it("reads a request cut at any place", () => {
    for (let piece = 1; piece < 60; piece++) {
      const read = feed(POST, piece);
      assert.ok(read.kind === "request");
      const { method, path, query, host, body, headers } = read.request;
      assert.deepEqual([method, path, query, host, body], ["POST", "/mode", "x=1", "10.0.0.1", "hello!"]);
      assert.deepEqual(headers[1], ["content-type", "text/plain"]);
    }
  });

  it("takes HTTP/1.0 without a Host, and HTTP/1.1 only with one", () => {
    assert.equal(refused("GET / HTTP/1.0\r\n\r\n"), "request");
    assert.equal(refused("GET / HTTP/1.1\r\n\r\n"), "malformed");
    assert.equal(refused("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), "malformed");
  });

  it("refuses a head above 4 KiB, whole or not", () => {
    const head = (length: number): string => {
      const start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
      return `${start}${"x".repeat(length - start.length - 4)}\r\n\r\n`;
    };
    assert.equal(refused(head(HEAD_LIMIT)), "request");
    assert.equal(refused(head(HEAD_LIMIT + 1)), "headTooLong");
    assert.equal(refused("x".repeat(HEAD_LIMIT + 1)), "headTooLong");
  });

  it("refuses a body that is not ASCII, at any place: no browser sends one in a form", () => {
    const whole = encodeText("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nc=\u00e9x");
    for (let piece = 1; piece < 60; piece++) {
      const read = feed(whole, piece);
      assert.ok(read.kind === "bad" && read.why === "malformed");
    }
  });

  it("lets go of headers that nobody asks for", () => {
    const many = Array.from({ length: 60 }, (_, at) => `X-${at}: y\r\n`).join("");
    const read = feed(`GET / HTTP/1.1\r\nHost: a\r\n${many}Cookie: c\r\n\r\n`);
    assert.ok(read.kind === "request");
    assert.deepEqual(read.request.headers, [
      ["host", "a"],
      ["cookie", "c"],
    ]);
  });

  it("refuses a body above 9 KiB before it comes", () => {
    const head = (length: number): string => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
    assert.equal(refused(head(BODY_LIMIT + 1)), "bodyTooLong");
    assert.equal(refused(head(BODY_LIMIT) + "x".repeat(BODY_LIMIT)), "request");
  });

  it("refuses chunked bodies, other versions, folded lines and a second length", () => {
    const head = "POST / HTTP/1.1\r\nHost: a\r\n";
    assert.equal(refused(`${head}Transfer-Encoding: chunked\r\n\r\n`), "chunked");
    assert.equal(refused("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), "version");
    assert.equal(refused(`${head} folded: 1\r\n\r\n`), "malformed");
    assert.equal(refused(`${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\nx`), "malformed");
    assert.equal(refused(`${head}Content-Length: -1\r\n\r\n`), "malformed");
    assert.equal(refused("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"), "malformed");
    assert.equal(refused("GET /é HTTP/1.1\r\nHost: a\r\n\r\n"), "malformed");
  });

  it("gives up after 10 s of silence, and after 30 s however busily bytes drip in", () => {
    assert.equal(readHttp(startHttp(NOW), { kind: "tick" }, millis(10_999)).kind, "more");
    assert.equal(readHttp(startHttp(NOW), { kind: "tick" }, millis(11_000)).kind, "late");
    let reader = startHttp(millis(0));
    for (let second = 0; second < 30; second++) {
      const read = readHttp(reader, { kind: "bytes", bytes: encodeText("x") }, millis(second * 1_000));
      assert.ok(read.kind === "more");
      reader = read.reader;
    }
    assert.equal(readHttp(reader, { kind: "tick" }, millis(30_000)).kind, "late");
  });

  it("never throws and never keeps more than its limits, whatever comes", () => {
    const word = fc.constantFrom(
      "GET",
      "POST",
      " ",
      "/",
      "/mode",
      " HTTP/1.1\r\n",
      "Host: a\r\n",
      "\r\n",
      "\r\n\r\n",
      ":",
      "Content-Length: 5\r\n",
      "Content-Length: 99999999999\r\n",
      "Transfer-Encoding: chunked\r\n",
      " folded\r\n",
      "\n\n",
      "\0",
      "é",
    );
    const piece = fc.oneof(
      word.map(encodeText),
      fc.uint8Array({ maxLength: 40 }),
      fc.constant(new Uint8Array(3_000).fill(65)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        let reader = startHttp(NOW);
        for (const bytes of pieces) {
          const read = readHttp(reader, { kind: "bytes", bytes }, NOW);
          if (read.kind !== "more") return;
          reader = read.reader;
          assert.ok(reader.bytes.length <= HEAD_LIMIT && reader.body.length <= BODY_LIMIT);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("writes responses with their length in bytes, to be closed, kept by nobody and loading nothing", () => {
    const bytes = encodeResponse({ status: 200, type: "text/html", headers: [["Allow", "GET"]], body: "é" });
    const [head = "", body] = new TextDecoder().decode(bytes).split("\r\n\r\n");
    assert.ok(head.startsWith("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n"));
    for (const line of ["Connection: close", "Cache-Control: no-store", "Allow: GET"]) assert.ok(head.includes(line));
    assert.match(head, /Content-Security-Policy: default-src 'none'/);
    assert.equal(body, "é");
  });
});
