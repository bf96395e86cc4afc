// What fails without a word still has a reason. Each layer that asks something gets an error without a message, a connection
// that is reset, or a program that only has an exit code: what is shown says what, where, and what to type next.

import { EventEmitter } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer as createWeb } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex, PassThrough } from "node:stream";
import { expect, test } from "@playwright/test";
import type Docker from "dockerode";
import { BadInput, CannotTell, problem, Refused } from "../../fixtures/errors.ts";
import { explain, openClient } from "../../fixtures/evidence/client.ts";
import { lines } from "../../fixtures/progress.ts";
import { removeAtExit } from "../../fixtures/remove-at-exit.ts";
import { ensureEngine } from "../../fixtures/setup/engine.ts";
import { clientFor, noAnswer } from "../../fixtures/setup/engine-client.ts";
import { openTunnel } from "../../fixtures/setup/engine-tunnel.ts";
import { runProgram } from "../../fixtures/setup/packages.ts";
import { buildFrom } from "../../fixtures/standin/images.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import { exec, type Session } from "../../fixtures/target/ssh/exec.ts";
import { newKeyPair } from "../../fixtures/target/ssh/key-pair.ts";
import { bounds, offeredKey, signIn } from "../../fixtures/target/ssh/sign-in.ts";
import { writePlannedSample } from "../gate/planned-tree.ts";

const room = mkdtempSync(join(tmpdir(), "empty-reasons-"));
removeAtExit(room);
const progress = lines(
  () => {},
  () => "normal",
);

/** What an error shows. */
async function shown(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return (error as Error).message;
  }
  throw new Error("nothing was thrown");
}

/** A message says what happened, where, and what to type next, and no reason in it is empty. */
function says(message: string, where: string | RegExp): void {
  const [what = "", ...next] = message.split("\nNext:\n");
  expect(what, "what").toMatch(/\w{3,} \w{2,}/);
  expect(what, "where").toMatch(where);
  expect(what, "a reason").not.toMatch(/[:(,]\s*$|:\s*[\n;,)]\s*$|\(\s*\)|: {2,}|^\s*:/);
  expect(what, "words").not.toMatch(/\bundefined\b|\bnull\b|\[object|Error\b/);
  expect(next.join(), "next").toMatch(/^ {4}\S/);
}

for (const [name, error] of [
  ["no message", new Error("")],
  ["blanks", new Error(" \n")],
  ["several, none with a message", new AggregateError([new Error(""), new Error("")])],
  ["none of several", new AggregateError([])],
  ["a cause without one", new Error("", { cause: new Error("") })],
  ["nothing", undefined],
  ["null", null],
  ["an empty text", ""],
] as const)
  test(`an answer over HTTP that failed with ${name} has a reason`, () => {
    expect(explain(error).trim()).toMatch(/\w{3,} \w{2,}/);
  });

test("the reason of a cause, and of each of several, is told", () => {
  expect(explain(new Error("", { cause: new Error("why") }))).toBe("why");
  expect(explain(new AggregateError([new Error("why")]))).toBe("why");
});

for (const Kind of [CannotTell, BadInput, Refused])
  test(`a ${Kind.name} whose reason is empty says that none was given`, () => {
    for (const message of ["", " ", problem("host: ", "ssh host"), problem("host:\n  ", "ssh host")])
      expect(new Kind(message).message).toContain("no reason was given");
    const whole = problem("host: why", "ssh host");
    expect(new Kind(whole).message).toBe(whole);
  });

const key = newKeyPair();
const privateKeyFile = join(room, "key");
writeFileSync(privateKeyFile, key.private, { mode: 0o600 });
const endpoint = {
  ...{ host: "127.0.0.1", port: 2222, user: "root", privateKeyFile },
  hostKey: key.public.split(" ").slice(0, 2).join(" "),
};

/** A stream that ends at once, with an error that says nothing or without one. */
const dead = (error?: Error) => async () => {
  const stream = new Duplex({ read() {}, write: (_, __, done) => done() });
  setImmediate(() => stream.destroy(error));
  return stream;
};
for (const [name, error] of [
  ["an error without a message", new Error("")],
  ["no error", undefined],
] as const) {
  test(`signing in over a stream that ends with ${name}`, async () => {
    says(await shown(() => signIn(endpoint, dead(error), bounds)), /root@127\.0\.0\.1:2222/);
  });
  test(`asking for a host key over a stream that ends with ${name}`, async () => {
    says(await shown(async () => offeredKey(endpoint, await dead(error)())), /root@127\.0\.0\.1:2222/);
  });
}

/** A session whose commands end as `how` says. */
function session(
  how: (client: EventEmitter, taken: (error?: Error, channel?: unknown) => void) => void,
): Session {
  const client = Object.assign(new EventEmitter(), {
    exec: (_: string, taken: () => void) => how(client, taken),
    destroy: () => {},
  });
  return {
    client: client as unknown as Session["client"],
    where: "root@127.0.0.1:2222",
    lost: () => undefined,
  };
}
/** A channel that ends with these words of its "close" event. */
const channel = (...end: unknown[]) => {
  const stream = Object.assign(new PassThrough(), { stderr: new PassThrough(), close: () => {} });
  setImmediate(() => stream.emit("close", ...end));
  return stream;
};
for (const [name, how] of Object.entries<Parameters<typeof session>[0]>({
  "no channel": (_, taken) => taken(new Error("")),
  "an exception": () => {
    throw new Error("");
  },
  "a lost connection": (client) => client.emit("close"),
  "no exit code": (_, taken) => taken(undefined, channel(null)),
  "an exit code alone": (_, taken) => taken(undefined, channel(3)),
  "no end": () => {},
}))
  test(`a command over SSH that ends with ${name}`, async () => {
    const message = await shown(() => exec(session(how), "true", { timeoutMs: 200 }));
    says(message, /root@127\.0\.0\.1:2222/);
    expect(message).toContain("ssh root@127.0.0.1 -p 2222");
  });

/** A server that accepts each connection and resets it. */
async function resetting(at: string | 0): Promise<{ port: number; [Symbol.asyncDispose](): Promise<void> }> {
  const server = createServer((socket) => (at === 0 ? socket.resetAndDestroy() : socket.destroy()));
  await new Promise<void>((resolve) =>
    at === 0 ? server.listen(0, "127.0.0.1", resolve) : server.listen(at, resolve),
  );
  const address = server.address();
  return {
    port: typeof address === "object" && address ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

test("a request whose connection is reset", async () => {
  await using server = await resetting(0);
  await using client = openClient({
    url: `https://localhost:${server.port}`,
    resolve: { [`localhost:${server.port}`]: `127.0.0.1:${server.port}` },
  });
  const failed = async (work: Promise<unknown>) => explain(await work.catch((error) => error));
  for (const work of [client.request("/"), client.upgrade("/", {}), client.announce("/", 1)])
    expect(await failed(work)).toBe("the server closed the connection before its answer was whole");
});

const engine = (host: string) =>
  ensureEngine({ dockerHost: host, path: "/usr/bin", cache: room, keep: false, progress });

test("a Docker engine that resets each connection, is not there, or answers without a word", async () => {
  const socket = join(room, "reset.sock");
  await using _ = await resetting(socket);
  says(await shown(() => engine(`unix://${socket}`)), socket);
  says(await shown(() => engine(`unix://${room}/none.sock`)), /none\.sock: \S/);
  const mute = createWeb((_, response) => response.writeHead(500).end());
  await new Promise<void>((resolve) => mute.listen(join(room, "mute.sock"), resolve));
  says(await shown(() => engine(`unix://${room}/mute.sock`)), /mute\.sock: .*500/);
  mute.close();
});

test("a Docker client that fails without a word", async () => {
  const docker = clientFor("unix:///nowhere");
  docker.ping = () => Promise.reject(new Error(""));
  expect(await noAnswer(docker, 5_000)).toMatch(/\w{3,} \w{2,}/);
});

test("a build of an image whose stream ends with an error without a message", async () => {
  const folder = join(room, "context");
  mkdirSync(folder);
  const build = { name: "x", kind: "x", buildargs: {} };
  for (const event of [undefined, { error: "" }]) {
    const docker = {
      buildImage: async () => new PassThrough(),
      modem: {
        followProgress: (_: unknown, end: (error: Error | null) => void, on: (event: unknown) => void) => {
          if (event) on(event);
          end(event ? null : new Error(""));
        },
      },
    } as unknown as Docker;
    says(await shown(() => buildFrom(docker, folder, build, progress)), /stand-in's image/);
  }
});

/** A folder with a program that ends so, and says nothing. */
function mute(program: string, end: string): string {
  const folder = mkdtempSync(join(room, "bin-"));
  writeFileSync(join(folder, program), `#!/bin/sh\n${end}\n`);
  chmodSync(join(folder, program), 0o755);
  return folder;
}
for (const end of ["exit 7", "kill -9 $$"]) {
  test(`an engine over SSH, with an ssh that does nothing but ${end}`, async () => {
    const message = await shown(() => openTunnel("ssh://root@host", room, mute("ssh", end)));
    says(message, /DOCKER_HOST=ssh:\/\/root@host/);
    expect(message).not.toContain("30 s");
  });

  test(`a program of this machine that does nothing but ${end}`, async () => {
    const message = await shown(() =>
      runProgram([join(mute("x", end), "x")], "The bridge could not be made", "ip link"),
    );
    says(message, /The bridge could not be made/);
  });

  for (const program of ["tar", "git"])
    test(`a tree is read with a ${program} that does nothing but ${end}`, async () => {
      const tree = mkdtempSync(join(room, "tree-"));
      writePlannedSample(tree);
      const { PATH } = process.env;
      process.env.PATH = `${mute(program, end)}:${PATH}`;
      try {
        const message = await shown(() => readTree(program === "git" ? `${tree}@main` : tree));
        says(message, new RegExp(`${program} could not read the tree: `));
        if (program === "tar") expect(message).toMatch(/exit code 7|SIGKILL/);
      } finally {
        process.env.PATH = PATH;
      }
    });
}
