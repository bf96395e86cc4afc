// The scan finds secrets in every encoding, and nothing in a clean folder.
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { deflateRawSync, gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { removeSecrets, scanForSecrets } from "./secrets.ts";

const secret = { name: "admin password", value: 'p"ss w<rd&/+42é' };

/** A zip with these entries, stored or deflated, as Playwright's traces are. */
function zip(entries: Record<string, Buffer>, deflate: boolean): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(entries)) {
    const packed = deflate ? deflateRawSync(content) : content;
    const head = Buffer.alloc(30);
    head.write("PK\u0003\u0004", "latin1");
    head.writeUInt16LE(deflate ? 8 : 0, 8);
    head.writeUInt16LE(Buffer.byteLength(name), 26);
    const central = Buffer.alloc(46);
    central.write("PK\u0001\u0002", "latin1");
    central.writeUInt16LE(deflate ? 8 : 0, 10);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt16LE(Buffer.byteLength(name), 28);
    central.writeUInt32LE(offset, 42);
    centrals.push(central, Buffer.from(name));
    locals.push(head, Buffer.from(name), packed);
    offset += 30 + Buffer.byteLength(name) + packed.length;
  }
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(centrals.length / 2, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...centrals, end]);
}

const raw = Buffer.from(secret.value);
const encodings: [string, string | Buffer, string, string?][] = [
  ["plain text", `x${secret.value}y`, "plain"],
  ["between binary bytes", Buffer.concat([Buffer.from([0, 255, 254]), raw, Buffer.from([0])]), "plain"],
  ["JSON", JSON.stringify({ a: secret.value }), "JSON"],
  ["JSON within JSON", JSON.stringify(JSON.stringify({ a: secret.value })), "JSON"],
  ["HTML", "p&quot;ss w&lt;rd&amp;/+42é", "HTML"],
  ["a URL", `https://x/?a=${encodeURIComponent(secret.value)}`, "URL"],
  ["a form", new URLSearchParams({ a: secret.value }).toString(), "URL"],
  ["hex", raw.toString("hex"), "hex"],
  ["a stored zip entry", zip({ "0-trace.network": raw }, false), "plain", "a!0-trace.network"],
  [
    "a deflated zip entry",
    zip({ "clean.txt": Buffer.from("x"), "0-trace.trace": raw }, true),
    "plain",
    "a!0-trace.trace",
  ],
  ["gzip", gzipSync(raw), "plain", "a!"],
  [
    "a zip inlined in a page as base64",
    `d("x","${zip({ t: raw }, true).toString("base64")}")`,
    "plain",
    "a!base64-1!t",
  ],
];

for (const [title, content, form, file = "a"] of encodings) {
  test(`a secret is found as ${title}`, () => {
    const dir = write(test.info().outputPath("run"), { a: content, "deep/clean.json": "{}" });
    expect(scanForSecrets(dir, [secret])).toContainEqual({ file, secret: "admin password", form });
  });
}

test("base64 is found at each offset and with any text around it", () => {
  const text = fc.string({ minLength: 6, maxLength: 30 }).filter((value) => value.trim().length >= 6);
  fc.assert(
    fc.property(fc.string(), text, fc.string(), (before, value, after) => {
      const dir = write(test.info().outputPath("run"), {
        a: Buffer.from(before + value + after).toString("base64"),
      });
      expect(scanForSecrets(dir, [{ name: "s", value }]).map(({ form }) => form)).toContain("base64");
    }),
    { numRuns: 60, seed: 7 },
  );
});

test("base64url that differs from base64 is found", () => {
  const value = "subjects?>>?~~~";
  const dir = write(test.info().outputPath("run"), { a: Buffer.from(value).toString("base64url") });
  expect(scanForSecrets(dir, [{ name: "s", value }])).toEqual([
    { file: "a", secret: "s", form: "base64url" },
  ]);
});

test("text that only looks like an archive is no error", () => {
  const dir = write(test.info().outputPath("run"), {
    a: `H4sI${"A".repeat(80)}`,
    b: `UEsDB${"B".repeat(80)}`,
  });
  expect(scanForSecrets(dir, [secret])).toEqual([]);
});

test("a clean folder has no leaks, and its archives were opened", () => {
  const almost = raw.subarray(0, -1);
  const files = {
    a: almost,
    "b.zip": zip({ x: almost }, true),
    "c.gz": gzipSync(almost),
    "d.txt": almost.toString("base64"),
  };
  expect(scanForSecrets(write(test.info().outputPath("run"), files), [secret])).toEqual([]);
});

test("a leak never contains the secret itself, and file names are searched too", () => {
  const dir = write(test.info().outputPath("run"), { "log-hunter22.txt": "clean" });
  const leaks = scanForSecrets(dir, [{ name: "token", value: "hunter22" }]);
  expect(leaks).toEqual([{ file: "log-[token].txt", secret: "token", form: "plain" }]);
});

test("a file that cannot be searched is an error", () => {
  const odd = zip({ x: raw }, false);
  odd.writeUInt16LE(12, odd.lastIndexOf("PK\u0001\u0002", undefined, "latin1") + 10);
  const dir = write(test.info().outputPath("run"), { "b.zip": odd });
  expect(() => scanForSecrets(dir, [secret])).toThrow("Cannot search b.zip: compression method 12");
  const torn = write(test.info().outputPath("torn"), {
    "c.gz": gzipSync(Buffer.from("abcdefghijklmnopqrstuvwxyz")).subarray(0, -14),
  });
  expect(() => scanForSecrets(torn, [secret])).toThrow("Cannot search c.gz: unexpected end of file");
  expect(() => scanForSecrets(dir, [{ name: "pin", value: "1234" }])).toThrow(
    'The secret "pin" is too short',
  );
});

function write(dir: string, files: Record<string, string | Buffer>): string {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), content);
  }
  return dir;
}

test("one line of a key is a leak; its marks and what all keys begin with are none", () => {
  const body = [1, 2, 3].map(() => randomBytes(52).toString("base64").slice(0, 70));
  const first70 = `b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW`;
  const key = [
    "-----BEGIN OPENSSH PRIVATE KEY-----",
    first70,
    ...body,
    "-----END OPENSSH PRIVATE KEY-----",
  ].join("\n");
  const [begin = "", first = "", ...rest] = key.trim().split("\n");
  const keys = [{ name: "the key", value: key.trim() }];
  const none = write(test.info().outputPath("marks"), { a: `${begin}\n${first}` });
  expect(scanForSecrets(none, keys)).toEqual([]);
  const some = write(test.info().outputPath("line"), { a: `x ${rest[1]} y` });
  expect(scanForSecrets(some, keys)).toEqual([{ file: "a", secret: "a line of the key", form: "plain" }]);
});

test("only the text that a test typed into a page is removed from its result", () => {
  const dir = test.info().outputPath("run");
  mkdirSync(dir, { recursive: true });
  const password = 'tr"icky\\pass word';
  const text = JSON.stringify({
    steps: [{ name: `Fill ${JSON.stringify(password)}` }],
    encoded: btoa(password),
  });
  writeFileSync(join(dir, "result.json"), text);
  const secrets = [{ name: "the password", value: password }];
  expect(scanForSecrets(dir, secrets), "before").not.toEqual([]);
  removeSecrets(dir, secrets);
  expect(scanForSecrets(dir, secrets), "after").toEqual([]);
  expect(JSON.parse(readFileSync(join(dir, "result.json"), "utf8"))).toMatchObject({ steps: [{}] });
});
