// An engine that ends while a command uses it is this machine's trouble, told in words: no bug, and no verdict.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { createServer, get, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { engineGone, engineTrouble, usesEngine } from "../fixtures/engine-trouble.ts";
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
    const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), "accept", "--debug"], {
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
    expect(text).toMatch(/^ {4}at /m); // the place, with --debug
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
    new Error("x", { cause: refused }),
    new AggregateError([new Error("x"), refused]),
    new SuppressedError(refused, new Error("x")),
    new Error("Could not find a working container runtime strategy"),
    "connect ENOENT /run/x.sock",
    "Error: connect ECONNREFUSED /run/x.sock",
  ])
    expect(engineTrouble(error)?.message, String(error)).toContain("unix:///run/x.sock");
  for (const error of [
    // Ends of connections to whatever else: a target, a program.
    failed("socket hang up", { code: "ECONNRESET" }),
    failed("read ECONNRESET", { code: "ECONNRESET", syscall: "read" }),
    failed("write EPIPE", { code: "EPIPE", syscall: "write" }),
    failed("connect ECONNREFUSED 127.0.0.1:22", {
      ...{ code: "ECONNREFUSED", syscall: "connect", address: "127.0.0.1", port: 22 },
    }),
    failed("ENOENT: no such file", { code: "ENOENT", syscall: "open", path: "/run/x.sock" }),
    failed("spawn x ENOENT", { code: "ENOENT", syscall: "spawn x", path: "x" }),
    failed("(HTTP code 500) server error", { statusCode: 500 }),
    new TypeError("x is not a function"),
    "connect ECONNREFUSED 127.0.0.1:443",
    "socket hang up",
    "CannotTell: its log: connect ENOENT /run/x.sock",
    undefined,
  ])
    expect(engineTrouble(error), String(error)).toBeUndefined();
});

const request = (options: object) =>
  new Promise<Error>((resolve) => get(options, () => {}).once("error", resolve));

for (const [where, listen] of Object.entries({
  "a socket": () => ({ path: join(room, "own.sock") }),
  "a port": () => ({ port: 0, host: "127.0.0.1" }),
}))
  test(`of connections that end the same way, those to an engine on ${where} are its alone`, async () => {
    await using engine = await resetting(listen());
    await using target = await resetting({ port: 0, host: "127.0.0.1" });
    usesEngine("port" in engine.at ? `tcp://127.0.0.1:${engine.at.port}` : `unix://${engine.at.socketPath}`);
    const [own, another] = [await request(engine.at), await request(target.at)];
    expect(own).toMatchObject({ code: "ECONNRESET" });
    expect(another).toMatchObject({ code: "ECONNRESET" });
    expect(engineTrouble(new Error("x", { cause: own }))).toBeDefined();
    expect(engineTrouble(another)).toBeUndefined();
    await engine.close();
    expect(engineTrouble(await request(engine.at))?.message).toContain("connect E");
  });

test("an engine that ends a stream that it has begun", async () => {
  const server = createServer();
  server.on("upgrade", (_, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n", () =>
      (socket as Socket).resetAndDestroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  usesEngine(`tcp://127.0.0.1:${port}`);
  const headers = { connection: "Upgrade", upgrade: "tcp" };
  const error = await new Promise<Error>((resolve) =>
    get({ host: "127.0.0.1", port, headers }).once("upgrade", (_, socket) => socket.once("error", resolve)),
  );
  expect(error).toMatchObject({ code: "ECONNRESET" });
  expect(engineTrouble(error)).toBeDefined();
  server.close();
});

/** A server that resets each connection, and where it is asked. */
async function resetting(where: object) {
  const server = createServer(({ socket }) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(where, resolve));
  const address = server.address();
  const close = async () => void server.close();
  const at =
    typeof address === "string"
      ? { socketPath: address }
      : { host: "127.0.0.1", port: (address as AddressInfo).port };
  return { at, close, [Symbol.asyncDispose]: close };
}

test("an engine is asked whether it is still there", async () => {
  usesEngine("unix:///run/x.sock", async () => "connect ENOENT /run/x.sock");
  usesEngine("unix:///run/x.sock"); // as who starts a stand-in says
  expect((await engineGone())?.message).toContain("connect ENOENT /run/x.sock. Nothing is said");
  usesEngine("unix:///run/x.sock", async () => undefined);
  expect(await engineGone()).toBeUndefined();
});
