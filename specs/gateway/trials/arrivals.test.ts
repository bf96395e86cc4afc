// The trial of what reaches Portainer's port: everything that does not arrive as it was sent fails.
import { expect, test } from "@playwright/test";
import { type Arrivals, arrived } from "./arrivals.ts";

const path = "/accept/a%20path?query=1&more=%26";
const headers = {
  host: "portainer.phoenix.local",
  "x-forwarded-proto": "https",
  "x-forwarded-for": "203.0.113.7, 10.0.0.13",
};
const echo = { method: "GET", path, headers, size: 8 * 1024 * 1024, sha256: "d" };
const methods = {
  PUT: { ...echo, method: "PUT" },
  PATCH: { ...echo, method: "PATCH" },
  DELETE: { ...echo, method: "DELETE" },
};
const cookie = "accept_session=1; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Strict";
const sees = (changes: Partial<Arrivals>) =>
  arrived(
    "https://portainer.phoenix.local",
    { plain: echo, large: echo, slow: echo, methods, cookie, image: "100", upgrade: "101", ...changes },
    "d",
  )
    .filter(({ ok }) => !ok)
    .map(({ where, found }) => `${where}: ${found}`);

test("requests arrive: healthy when the client's address comes last, with or without what the client claims", () => {
  expect(sees({})).toEqual([]);
  expect(sees({ plain: { ...echo, headers: { ...headers, "x-forwarded-for": "10.0.0.13" } } })).toEqual([]);
});

for (const [what, changes, words] of [
  ["a path that nginx decoded and rewrote", { plain: { ...echo, path: "/accept/a path" } }, "/accept/a path"],
  [
    "the upstream's own name",
    { plain: { ...echo, headers: { ...headers, host: "10.0.0.101:9443" } } },
    "Host: 10.0.0.101:9443",
  ],
  [
    "a scheme that the client made up",
    { plain: { ...echo, headers: { ...headers, "x-forwarded-proto": "http" } } },
    "X-Forwarded-Proto: http",
  ],
  [
    "a client whose forged address is believed",
    { plain: { ...echo, headers: { ...headers, "x-forwarded-for": "203.0.113.7" } } },
    "X-Forwarded-For: 203.0.113.7",
  ],
  ["no client at all", { plain: { ...echo, headers: {} } }, "no x-forwarded-for"],
  ["an upload that is refused", { large: "413" }, "/upload: 413"],
  ["an upload that was cut", { large: { ...echo, size: 7 } }, "/upload: 7 bytes"],
  ["an upload that was changed", { large: { ...echo, sha256: "e" } }, "changed"],
  ["a slow answer that timed out", { slow: "504" }, "/slow: 504"],
  ["an upgrade that is an ordinary request", { upgrade: "200 {}" }, "/api/websocket/exec: 200"],
  ["an image that is refused", { image: "413" }, "512 MiB announced: 413"],
  ["a method that is refused", { methods: { ...methods, DELETE: "403" } }, "DELETE: 403"],
  ["a method that is changed", { methods: { ...methods, PATCH: echo } }, "PATCH: GET"],
  [
    "a cookie of another path",
    { cookie: "a=1; Path=/portainer/; Secure" },
    "Set-Cookie: a=1; Path=/portainer/",
  ],
  ["a cookie that is hidden", { cookie: "no Set-Cookie header" }, "no Set-Cookie header"],
  ["no server at the gateway", { plain: "connect ECONNREFUSED" }, "ECONNREFUSED"],
] as const)
  test(`requests arrive: refuted by ${what}`, () => {
    expect(sees(changes).join()).toContain(words);
  });
