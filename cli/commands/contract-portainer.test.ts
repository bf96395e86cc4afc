// The contract on a given server: nothing is written without permission, a scenario that was not run does not pass, and a
// difference is named.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { processOf } from "../../fixtures/processes.ts";
import { scenarios } from "../../fixtures/standin/portainer-contract/index.ts";
import {
  makeAdministrator,
  newData,
  type Own,
  password,
  start,
} from "../../fixtures/standin/portainer-contract/own.ts";
import { startProgram } from "../../fixtures/standin/portainer-contract/program.ts";
import { type PortainerContractOptions, portainerContract } from "./contract-portainer.ts";

/** A server with an administrator, and the options that reach it. */
async function started(version?: string) {
  const own = await start(version ? { version } : {});
  await makeAdministrator(own);
  const passwordFile = join(newData(), "password");
  writeFileSync(passwordFile, `${password}\n`);
  const reach = {
    portainer: `https://127.0.0.1:${own.door.port}`,
    ca: join(own.data, "certs/cert.pem"),
    serverName: "localhost",
    user: "admin",
  };
  return { own, reach, passwordFile };
}

async function run(
  options: Omit<PortainerContractOptions, "json" | "print" | "mayWrite"> & { mayWrite?: boolean },
) {
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const code = await portainerContract({ mayWrite: false, ...options, json: false, print });
  return { code, out: printed.join("") };
}

const database = ({ data }: Own) => readFileSync(join(data, "portainer.db"));

test("read-only: scenarios that can run hold, the others are unknown with their reason, and nothing is written", async () => {
  const { own, reach, passwordFile } = await started();
  const before = database(own);
  const withoutSession = await run(reach);
  const { code, out } = await run({ ...reach, passwordFile });
  expect(out).toMatch(
    /^Portainer 2\.45\.0 at https:\/\/127\.0\.0\.1:\d+\/ \(request-forgery check C, setup token\)\n\n/,
  );
  expect(out).toContain("✓ pass     version and instance are public, and the same at both addresses\n");
  expect(out).toContain(
    "? unknown  tags are made, kept apart by name and removed\n               not asked: needs permission to write",
  );
  expect(out).toMatch(/\n\n\d\d pass, 0 fail, \d\d unknown\n$/);
  expect(withoutSession.out).toContain(
    "not asked: needs the administrator's password (--password-file FILE)\n",
  );
  expect([withoutSession.code, code]).toEqual([2, 2]);
  expect(database(own).equals(before), "the database is unchanged").toBe(true);
  expect(out).not.toContain(password);
  await own.stop();
});

// Sign-ins are a second apart, so the versions are asked side by side.
test("with --may-write, everything that was created is removed: 2.27.6, 2.39.4 and 2.45.0", async () => {
  const one = async (version: string) => {
    const { own, reach, passwordFile } = await started(version);
    const { code, out } = await run({ ...reach, passwordFile, mayWrite: true });
    expect(out, version).toMatch(/\n\n\d\d pass, 0 fail, \d\d unknown\n$/);
    expect(out, version).toContain("✓ pass     tags are made, kept apart by name and removed\n");
    expect(out, version).not.toContain("needs permission to write");
    expect(code, version).toBe(2);
    const { jwt } = (await own.ask("POST", "/api/auth", { body: { username: "admin", password } })).json;
    const headers = { authorization: `Bearer ${jwt}` };
    const left = ["/api/users", "/api/tags", "/api/teams", "/api/endpoints"].map(async (path) => {
      const { json } = await own.ask("GET", path, { headers });
      return json.length;
    });
    expect(await Promise.all(left), version).toEqual([1, 0, 0, 0]);
    await own.stop();
  };
  await Promise.all(["2.27.6", "2.39.4", "2.45.0"].map(one));
});

test("a field that differs is named with both values, and the exit code is 1", async () => {
  const { own, reach } = await started();
  const { jwt } = (await own.ask("POST", "/api/auth", { body: { username: "admin", password } })).json;
  await own.ask("PUT", "/api/settings", {
    body: { AuthenticationMethod: 3 },
    headers: { authorization: `Bearer ${jwt}` },
  });
  const { code, out } = await run(reach);
  expect(out).toContain(
    "✗ fail     public settings say what a sign-in page needs\n" +
      "               GET /api/settings/public: json.AuthenticationMethod: expected 1, found 3\n",
  );
  expect(code).toBe(1);
  await own.stop();
});

test("behind a gateway, scenarios of Portainer's own port are not run", async () => {
  const { own } = await started();
  const gateway = createServer((asked, answer) => {
    const { method, url, headers } = asked;
    const on = request({ host: "127.0.0.1", port: own.httpPort, method, path: url, headers }, (from) => {
      answer.writeHead(from.statusCode ?? 500, { ...from.headers, server: "nginx" });
      from.pipe(answer);
    });
    asked.pipe(on);
  });
  await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
  const { port } = gateway.address() as AddressInfo;
  const { out } = await run({ portainer: `http://127.0.0.1:${port}`, user: "admin" });
  expect(out).toContain(
    "? unknown  a plain-HTTP request to the TLS port gets an error that says so\n" +
      "               not asked: needs Portainer's own port, but this port is a gateway's\n",
  );
  expect(out).toMatch(/ 0 fail, /);
  gateway.close();
  await own.stop();
});

test("an address, certificate or file that cannot be used is reported before anything runs", async () => {
  const { own, reach } = await started();
  const refused = (more: Partial<PortainerContractOptions>) =>
    run({ ...reach, ...more }).then(
      () => "asked",
      ({ name, message }: Error) => `${name}: ${message}`,
    );
  expect(await refused({ serverName: "portainer.phoenix.local" })).toMatch(
    /^CannotTell: .*altnames.*\nNext:\n {4}the same command with --server-name localhost/,
  );
  expect(await refused({ portainer: "portainer.local" })).toContain(
    "BadInput: Not the URL of a Portainer: portainer.local",
  );
  expect(await refused({ ca: "/nowhere.pem" })).toContain("BadInput: Cannot read /nowhere.pem");
  expect(await refused({ mayWrite: true })).toContain("BadInput: --may-write needs a session");
  await own.stop();
  expect(await refused({})).toMatch(/^CannotTell: .*ECONNREFUSED/);
});

/** A program that is a script around the stand-in's Portainer, and writes down the process ids and words of each start. */
function programOf(main: string) {
  const folder = newData();
  const path = join(folder, "portainer");
  const script = `#!/bin/sh
echo "$$ $*" >>"${folder}/started"
NODE_NO_WARNINGS=1 exec ${main} "$@"
`;
  writeFileSync(path, script, { mode: 0o755 });
  const starts = () => {
    const text = readFileSync(join(folder, "started"), "utf8");
    return text.split("\n").filter(Boolean);
  };
  return { path, starts };
}

const isRunning = (id: number) => {
  try {
    process.kill(id, 0);
    return true;
  } catch {
    return false;
  }
};

const asked = [
  "version and instance are public, and the same at both addresses",
  "a restart ends sessions; instance, certificate, users, tags and API keys stay",
  "plain HTTP stays off once it was switched off, until it is switched on",
  "a flag that the product does not have ends the start",
  "a restart opens the window again",
];

test("--program: each scenario has a process of its own, with its own data and ports, and none is left", async () => {
  // A dozen starts, one after the other: seconds on an idle machine.
  test.setTimeout(240_000);
  const main = join(import.meta.dirname, "../../fixtures/standin/portainer/main.ts");
  const { path, starts } = programOf(`${process.execPath} ${main}`);
  const some = scenarios.filter(({ name }) => asked.includes(name));
  expect(some).toHaveLength(asked.length);
  const { code, out } = await run({ program: path, user: "admin", scenarios: some });
  expect(out).toMatch(/^Portainer 2\.45\.0 started from .* \(request-forgery check C, setup token\)\n\n/);
  for (const name of asked.slice(0, -1)) expect(out).toContain(`✓ pass     ${name}\n`);
  expect(out).toContain("? unknown  a restart opens the window again\n               needs another clock");
  expect(out).toMatch(/\n\n4 pass, 0 fail, 1 unknown\n$/);
  expect(code).toBe(2);
  const all = starts();
  const data = all.map((line) => /--data (\S+)/.exec(line)?.[1]);
  expect(all.length, "one for its version, at least one for each scenario").toBeGreaterThan(asked.length);
  expect(new Set(data).size, "only a restart uses a folder again").toBe(all.length - 3);
  const own = /--bind-https 127\.0\.0\.1:[1-9]\d+ --bind 127\.0\.0\.1:[1-9]\d+/;
  expect(all.filter((line) => !own.test(line))).toEqual([]);
  expect(all.map((line) => Number(line.split(" ")[0])).filter(isRunning)).toEqual([]);
});

test("--program: one that ends at once, or is none, is named", async () => {
  const { path, starts } = programOf("false");
  await expect(run({ program: path, user: "admin" })).rejects.toMatchObject({
    name: "BadInput",
    message: `${path} is no Portainer that starts: it ended with exit code 1: it said nothing\nNext:\n    ${path} --help`,
  });
  expect(starts()).toHaveLength(1);
  await expect(run({ program: "", user: "admin" })).rejects.toThrow("Not a program: an empty path");
  await expect(run({ program: "/nowhere/portainer", user: "admin" })).rejects.toThrow("Not a program");
});

test("--program: its last words count without an end of line, and nothing that it has started is left", async () => {
  const { path, starts } = programOf(
    'sh -c \'sleep 300 & echo $! >>"$0.left"; printf "no licence" >&2; exit 7\' $0',
  );
  await expect(run({ program: path, user: "admin" })).rejects.toThrow("exit code 7: no licence");
  const ids = [...starts().map((line) => line.split(" ")[0]), readFileSync(`${path}.left`, "utf8").trim()];
  await expect.poll(() => ids.map(Number).filter(isRunning), { timeout: 3_000 }).toEqual([]);
});

/** The processes that have this word in their command line. */
const processesWith = (word: string) =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(word);
    } catch {
      return false;
    }
  });

test("--program: nothing of its guard is left once it has ended", async () => {
  const main = join(import.meta.dirname, "../../fixtures/standin/portainer/main.ts");
  const { path } = programOf(`${process.execPath} ${main}`);
  await using own = await startProgram(path);
  const [first] = processesWith(own.data);
  const group = Number(processOf(Number(first))?.group);
  await own.stop();
  const left = () =>
    readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && processOf(Number(pid))?.group === group);
  await expect.poll(left, { timeout: 3_000 }).toEqual([]);
});
