// An engine that ends while a command uses it is this machine's trouble, told in words: no bug, and no verdict.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { engineTrouble, usesEngine } from "../fixtures/engine-trouble.ts";
import { removeAtExit } from "../fixtures/remove-at-exit.ts";

const room = mkdtempSync(join(tmpdir(), "engine-ended-"));
removeAtExit(room);

/** An engine that answers whether it is there. `further` is what it does when it is asked anything else. */
async function engine(socket: string, further: (response: ServerResponse, server: Server) => void) {
  const server = createServer((request, response) => {
    if (request.url?.includes("_ping")) response.setHeader("connection", "close").end("OK");
    else further(response, server);
    if (request.url?.includes("_ping") && further === gone) server.close();
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return { [Symbol.asyncDispose]: async () => void server.close() };
}
const gone = () => {};

for (const [what, further] of Object.entries({
  "resets each connection": (response: ServerResponse) => response.destroy(),
  "ends in the middle of an answer": (response: ServerResponse) => {
    response.writeHead(200, { "content-type": "application/json" }).write("[", () => response.destroy());
  },
  "is gone": gone,
}))
  test(`an engine that ${what}`, async () => {
    const socket = join(room, `${what.replaceAll(" ", "-")}.sock`);
    await using _ = await engine(socket, further);
    const host = `unix://${socket}`;
    const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), "accept"], {
      env: { PATH: process.env.PATH, DOCKER_HOST: host, XDG_CACHE_HOME: room, PHOENIX_OUTPUT: room },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const said = child.stderr.setEncoding("utf8").toArray();
    const [code] = await once(child, "close");
    const text = (await said).join("");
    expect(text).toMatch(
      /The Docker engine at unix:\S+ has ended, or can't be reached any more: \S.*\. Nothing/,
    );
    expect(text).toContain(`Next:\n    docker -H ${host} info`);
    expect(text).not.toContain("bug in the suite");
    expect(code).toBe(3);
  });

/** An error as Node makes it. */
const failed = (message: string, more: object) => Object.assign(new Error(message), more);

test("errors of the engine's own connection are told as its, alone or as the cause of others; no other is", () => {
  usesEngine("unix:///run/x.sock");
  const refused = failed("connect ECONNREFUSED /run/x.sock", {
    ...{ code: "ECONNREFUSED", syscall: "connect", address: "/run/x.sock" },
  });
  for (const error of [
    refused,
    failed("connect ENOENT /run/x.sock", { code: "ENOENT", syscall: "connect", address: "/run/x.sock" }),
    failed("socket hang up", { code: "ECONNRESET" }),
    failed("aborted", { code: "ECONNRESET" }),
    failed("write EPIPE", { code: "EPIPE", syscall: "write" }),
    new Error("x", { cause: refused }),
    new AggregateError([new Error("x"), refused]),
    new SuppressedError(refused, new Error("x")),
    new Error("Could not find a working container runtime strategy"),
    '{"reason": "connect ENOENT /run/x.sock"}',
  ])
    expect(engineTrouble(error)?.message, String(error)).toContain("unix:///run/x.sock");
  for (const error of [
    failed("connect ECONNREFUSED 127.0.0.1:22", {
      ...{ code: "ECONNREFUSED", syscall: "connect", address: "127.0.0.1", port: 22 },
    }),
    failed("ENOENT: no such file", { code: "ENOENT", syscall: "open", path: "/run/x.sock" }),
    failed("spawn x ENOENT", { code: "ENOENT", syscall: "spawn x", path: "x" }),
    failed("(HTTP code 500) server error", { statusCode: 500 }),
    new TypeError("x is not a function"),
    "connect ECONNREFUSED 127.0.0.1:443",
    "socket hang up",
    undefined,
  ])
    expect(engineTrouble(error), String(error)).toBeUndefined();
});

test("an engine on a port is known by the port", () => {
  usesEngine("tcp://builder:2376");
  const at = (port: number) =>
    failed("connect ECONNREFUSED", { code: "ECONNREFUSED", syscall: "connect", address: "127.0.0.1", port });
  expect(engineTrouble(at(2376))).toBeDefined();
  expect(engineTrouble(at(443))).toBeUndefined();
});
