// `targets init`, `check` and `sudo-rules`, against a real sshd on loopback.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { Refused } from "../../fixtures/errors.ts";
import { lookWith } from "../../fixtures/evidence/look.ts";
import { type ProbeValues, probeScript } from "../../fixtures/evidence/probe.ts";
import { silent } from "../../fixtures/progress.ts";
import { readTarget } from "../../fixtures/target/inventory.ts";
import {
  fresh,
  makeKey,
  publicKey,
  type Server,
  startSshd,
  userKey,
} from "../../fixtures/target/ssh/testing.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { targetsCheck } from "./targets-check.ts";
import { targetsInit } from "./targets-init.ts";
import { sudoRules } from "./targets-sudo-rules.ts";

const hostKey = makeKey();
let server: Server;
test.beforeAll(async () => {
  server = await startSshd([hostKey]);
});
test.afterAll(() => server.stop());

const printed: string[] = [];
const print = (text: string) => void printed.push(text);
test.beforeEach(() => void printed.splice(0));

const init = (out: string, acceptFingerprint?: string) => {
  const { host, port, user } = server.endpoint;
  const given = { host, port, user, key: userKey, name: "lab", out, progress: silent, print };
  return targetsInit({ ...given, jump: [], acceptFingerprint: acceptFingerprint ? [acceptFingerprint] : [] });
};
const [, fingerprint = ""] = execFileSync("ssh-keygen", ["-lf", `${hostKey}.pub`], {
  encoding: "utf8",
}).split(" ");

test("init writes nothing unless somebody accepts the host key, and never over a file", async () => {
  const out = `${fresh("targets")}.yaml`;
  await expect(init(out)).rejects.toThrow(`ssh-ed25519 ${fingerprint}. Somebody has to compare it`);
  await expect(init(out, "SHA256:other")).rejects.toBeInstanceOf(Refused);
  expect(existsSync(out)).toBe(false);
  expect(await init(out, fingerprint)).toBe(0);
  const target = readTarget(out);
  expect(target).toMatchObject({
    name: "lab",
    kind: "ssh",
    allows: ["observe"],
    ssh: { hostKey: publicKey(hostKey), privateKeyFile: userKey },
  });
  const before = readFileSync(out, "utf8");
  await expect(init(out, fingerprint)).rejects.toThrow(/exists; it was not changed/);
  expect(readFileSync(out, "utf8")).toBe(before);
  expect(printed.join("")).toContain(`targets check --inventory ${out} --target lab`);
});

test("init goes through jump hosts: each key is accepted by somebody, and the entry works", async () => {
  const jumpKey = makeKey();
  const jump = await startSshd([jumpKey]);
  try {
    const { host, port, user } = server.endpoint;
    const out = `${fresh("targets")}.yaml`;
    const given = { host, port, user, key: userKey, name: "lab", out, progress: silent, print };
    const through = { ...given, jump: [`${user}@127.0.0.1:${jump.port}`] };
    const [, jumpFingerprint = ""] = execFileSync("ssh-keygen", ["-lf", `${jumpKey}.pub`], {
      encoding: "utf8",
    }).split(" ");
    for (const acceptFingerprint of [[fingerprint], [jumpFingerprint]])
      await expect(targetsInit({ ...through, acceptFingerprint })).rejects.toBeInstanceOf(Refused);
    await expect(targetsInit({ ...given, jump: ["a b"], acceptFingerprint: [] })).rejects.toThrow(
      "Not a jump host: a b",
    );
    expect(existsSync(out)).toBe(false);
    expect(await targetsInit({ ...through, acceptFingerprint: [jumpFingerprint, fingerprint] })).toBe(0);
    const target = readTarget(out);
    expect(target.ssh).toMatchObject({
      hostKey: publicKey(hostKey),
      jump: [{ host: "127.0.0.1", port: jump.port, user, hostKey: publicKey(jumpKey) }],
    });
    await using hypervisor = await connect(target);
    expect((await hypervisor.run(["echo", "there"])).out).toBe("there\n");
  } finally {
    await jump.stop();
  }
});

test("check names what is missing for each target, with what to type; one target's trouble is its own", async () => {
  const out = `${fresh("targets")}.yaml`;
  await init(out, fingerprint);
  const text = readFileSync(out, "utf8");
  const [, entry = ""] = /^ {2}lab:\n([\s\S]*)$/m.exec(text) ?? [];
  const both = `${text}  changed:\n${entry.replace(publicKey(hostKey), publicKey(makeKey()))}`;
  writeFileSync(out, both);
  printed.splice(0);
  expect(await targetsCheck({ inventory: out, target: [], json: true, progress: silent, print })).toBe(4);
  const [lab, changed] = JSON.parse(printed.join("")).targets;
  expect(lab).toMatchObject({ target: "lab", exitCode: 2, notes: ["allows observe"] });
  const missing = lab.missing.map(({ what }: { what: string }) => what);
  expect(missing).toEqual(expect.arrayContaining([expect.stringMatching(/^the host has no .*pct/)]));
  expect(lab.missing.at(-1)).toEqual({
    what: "this machine does not resolve portainer.phoenix.local: what a client sees would fail",
    next: 'resolve: { "portainer.phoenix.local:443": "10.0.0.153:443", "portainer.phoenix.local:80": "10.0.0.153:80" }   # in the entry',
  });
  expect(changed).toMatchObject({ target: "changed", exitCode: 4, judges: [] });
  expect(changed.missing[0].what).toMatch(/^Host key differs/);
});

const values: Omit<ProbeValues, "nonce"> = {
  ...{ tree: "/t", ctid: 101, vmid: 1001, site: "s", volumes: "/v", volume: "/v/1001", mount: "/m" },
  ...{
    directory: "portainer",
    certificate: "/c.pem",
    password: "/p",
    host: "h.test",
    addresses: "a|b",
    timeout_factor: 1,
  },
};

test("the look runs the probe itself, with a word of the caller's and nothing else of theirs", () => {
  const { text } = lookWith(values);
  const nonce = "0123456789abcdef01234567";
  const shown = text.replace("| /bin/sh -s", "| cat");
  expect(shown).not.toBe(text);
  const run = (...args: string[]) => spawnSync("sh", ["-c", shown, "look", ...args], { encoding: "utf8" });
  expect(run(nonce)).toMatchObject({ status: 0, stdout: `${probeScript({ ...values, nonce })}\n` });
  for (const bad of [
    [],
    [""],
    ["x"],
    [`${nonce}0`],
    [nonce, nonce],
    ["/../e; id #"],
    [`${nonce.slice(1)}/`],
    ["a\n0123456789abcdef0123456"],
  ])
    expect(run(...bad)).toMatchObject({ status: 64, stdout: "" });
});

test("another value makes another program; a value that would hide the word makes none", () => {
  expect(lookWith({ ...values, tree: "/u" }).path).not.toBe(lookWith(values).path);
  expect(() => lookWith({ ...values, host: "ü.test" })).toThrow(/beyond ASCII/);
});

test("sudo itself takes the rule, and the shell the script that installs it", async () => {
  const out = `${fresh("targets")}.yaml`;
  await init(out, fingerprint);
  printed.splice(0);
  sudoRules({ inventory: out, print });
  const script = printed.join("");
  expect(spawnSync("sh", ["-n"], { input: script, encoding: "utf8" })).toMatchObject({
    status: 0,
    stderr: "",
  });
  const rule = /<<'END-OF-THE-RULE'\n(.*\n)END-OF-THE-RULE/.exec(script)?.[1] ?? "";
  expect(rule).toMatch(
    /^\S+ ALL=\(root\) NOPASSWD: sha256:[0-9a-f]{64} \/usr\/local\/lib\/phoenix-acceptance\/look-[0-9a-f]{12}\n$/,
  );
  const file = fresh("rule");
  writeFileSync(file, rule, { mode: 0o440 });
  expect(spawnSync("visudo", ["-cqf", file], { encoding: "utf8" })).toMatchObject({ status: 0 });
  writeFileSync(file, "");
  writeFileSync(`${file}-bad`, rule.replace("NOPASSWD:", "NOPASS"), { mode: 0o440 });
  expect(spawnSync("visudo", ["-cqf", `${file}-bad`]).status).not.toBe(0);
});
