// The static judge: which requirements it decides, that an undetermined one never passes, and which places it names.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@playwright/test";
import { pack } from "tar-stream";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { CannotTell, problem } from "../../fixtures/errors.ts";
import { addressPattern } from "../../fixtures/evidence/address-pattern.ts";
import {
  addresses,
  filesOf,
  TreeEvidence,
  textOf,
  treeAlone,
  treeRoot,
} from "../../fixtures/evidence/from-tree.ts";
import { parseAddresses } from "../../fixtures/evidence/parse/addresses.ts";
import type { Level } from "../../fixtures/judgement.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import { check, eachLevel } from "../claim.ts";
import { register } from "../register/register.ts";
import { attempt, bash, json, schema } from "./checks.ts";
import { claims, impossible, type StaticClaim } from "./claims.ts";
import { judgeLevels, judgeRequirements, place, verdictOf, withoutTwins } from "./static-results.ts";

const at = "1970-01-01T00:00:00.000Z";
const path = (name: string) => `${treeRoot}/${name}`;
const one = (name: string, text: string) => new Map([[path(name), text]]);

test("every requirement with a declared level is judged from files, or has a reason why not", () => {
  const declared = register.filter(({ levels }) => levels.includes("declared")).map(({ id }) => id);
  expect(declared.filter((id) => !claims[id] && !impossible[id])).toEqual([]);
  expect(Object.keys(claims).filter((id) => impossible[id])).toEqual([]);
  expect(
    [...Object.keys(claims), ...Object.keys(impossible)].filter(
      (id) => !register.some((each) => each.id === id),
    ),
  ).toEqual([]);
});

test("an archive is read into its text files by their path in the repository", async () => {
  const { archive } = readTree(undefined);
  const files = await filesOf(archive);
  expect(files.get(path("etc/phoenix_vm_configs.json"))).toContain('"vmid": 1001');
  const broken = pack();
  broken.finalize();
  expect((await filesOf(await collected(broken))).size).toBe(0);
});

async function collected(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

test("an empty tree passes nothing", () => {
  const nothing = new TreeEvidence(at, new Map());
  const { rows } = judgeRequirements(nothing, nothing);
  expect(rows).toHaveLength(register.length);
  expect(rows.filter(({ verdict }) => verdict === "pass")).toEqual([]);
});

test("a requirement that needs a hypervisor is not judged, and does not pass", async () => {
  const evidence = new TreeEvidence(at, await filesOf(readTree(undefined).archive));
  const { rows } = judgeRequirements(evidence, evidence);
  for (const id of ["STO-004", "ACC-001", "DAT-001", "FWL-002"])
    expect(rows.find((row) => row.id === id)).toMatchObject({ verdict: "not judged", levels: [] });
  expect(rows.find(({ id }) => id === "STO-001")).toMatchObject({ verdict: "fail", levels: ["declared"] });
});

const resultsOf = (claim: StaticClaim, levels: readonly Level[] = ["declared", "live"]) => {
  const nothing = new TreeEvidence(at, new Map());
  return judgeLevels({ levels }, claim, nothing, nothing);
};
const words = (all: ReturnType<typeof resultsOf>) => all.map(({ level, verdict }) => `${level} ${verdict}`);
const cannot = (reason: string) => () => {
  throw new CannotTell(reason);
};

test("each level has its own verdict: pass, fail, or not judged without a hypervisor", () => {
  const seen = (ok: boolean) => () => [
    check({ level: "declared", where: "usr/a:1", ok, expected: "x", found: ok ? "x" : "y" }),
  ];
  const silent = cannot(treeAlone);
  const levels = (ok: boolean) => words(resultsOf(() => eachLevel({ declared: seen(ok), live: silent })));
  expect(levels(true)).toEqual(["declared pass", "live not judged"]);
  expect(levels(false)).toEqual(["declared fail", "live not judged"]);
  expect(words(resultsOf(() => eachLevel({ live: silent }), ["live"]))).toEqual(["live not judged"]);
});

test("a level that is undetermined for any other reason, or has no check, is unknown", () => {
  expect(verdictOf(resultsOf(cannot("shellcheck can't be run here"), ["declared"]))).toBe("unknown");
  expect(verdictOf(resultsOf(() => [], ["declared"]))).toBe("unknown");
  const half = resultsOf(() => eachLevel({ declared: cannot("no schema"), live: cannot(treeAlone) }));
  expect([words(half), verdictOf(half)]).toEqual([["declared unknown", "live not judged"], "unknown"]);
});

test("a missing file that a claim needs makes it unknown, and is named", async () => {
  const files = new Map(await filesOf(readTree(undefined).archive));
  files.delete(path("etc/phoenix_vm_configs.schema.json"));
  const evidence = new TreeEvidence(at, files);
  const { rows, unknown } = judgeRequirements(evidence, evidence);
  expect(rows.find(({ id }) => id === "OPS-004")?.verdict).toBe("unknown");
  expect(unknown.map(({ rule, reason }) => `${rule} ${reason}`)).toContainEqual(
    expect.stringMatching(/^OPS-004 .*phoenix_vm_configs\.schema\.json/),
  );
});

test("a site that nginx could not check is unknown", async () => {
  const evidence = new TreeEvidence(at, await filesOf(readTree(undefined).archive), {
    "gateway nginx -t declared": { unknown: "no nginx here" },
  });
  const { unknown } = judgeRequirements(evidence, evidence);
  expect(unknown).toContainEqual({ rule: "GWY-003", reason: "no nginx here" });
});

test("links within a tree are followed, and broken ones are ignored", async () => {
  const archive = pack();
  archive.entry({ name: path("a/real") }, "text");
  archive.entry({ name: path("b/link"), type: "symlink", linkname: "../a/real" });
  archive.entry({ name: path("b/absolute"), type: "symlink", linkname: `/${path("b/link")}` });
  archive.entry({ name: path("b/loop"), type: "symlink", linkname: "loop" });
  archive.finalize();
  const files = await filesOf(await collected(archive));
  expect([...files.keys()], "a link does not count as a file").toEqual([path("a/real")]);
  expect(["b/link", "b/absolute", "b/loop", "a/none"].map((name) => textOf(files, path(name)))).toEqual([
    "text",
    "text",
    undefined,
    undefined,
  ]);
  expect(new TreeEvidence(at, files).treeFile("b/link")).toMatchObject({ value: { text: "text" } });
});

test("copies of Portainer's address are found as the probe finds them", async () => {
  const folder = test.info().outputPath();
  const texts = {
    "etc/a": "server 192.0.2.7:4443;\nserver 192.0.2.7:44430;\n192.0.2.8:9000 192.0.2.9:4443\n",
    "etc/b.json": '{\n\t"portainer_server_ip" \t: \t"192.0.2.10",\n "portainer_host": "name" }\n',
    "etc/c.sh": "PORTAINER_IP=192.0.2.11\nother_ip=192.0.2.12\n",
    "etc/d.md": "192.0.2.7:4443\n",
    "etc/e.sh": [
      "PORTAINER_IP='192.0.2.13'",
      'portainer_ip="' + "$" + '{PORTAINER_IP:-192.0.2.14}"',
      "portainer-server-address: '192.0.2.15'",
      '"portainerIp": "192.0.2.16"',
      "PORTAINER_SERVER = 192.0.2.17",
      "PORTAINER_NETWORK=192.0.2.18/24",
      "portainer_image: 192.0.2.19/portainer",
      "",
    ].join("\n"),
  };
  for (const [name, text] of Object.entries(texts)) {
    mkdirSync(join(folder, "etc"), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const probe = readFileSync(new URL("../../fixtures/evidence/probe/hypervisor.sh", import.meta.url), "utf8");
  const grep = /fact "portainer addresses" sh -c '([^']*)'/.exec(probe)?.[1] ?? "exit 1";
  const { stdout, status } = spawnSync("sh", ["-c", grep, "sh", folder, addressPattern(4443)], {
    encoding: "utf8",
  });
  expect(status).toBe(0);
  const files = new Map(Object.entries(texts).map(([name, text]) => [path(name), text]));
  const own = parseAddresses(addresses(files, 4443));
  expect(own).toEqual(parseAddresses(stdout));
  expect(own.map(({ path: file, line, address }) => `${file}:${line} ${address}`)).toEqual([
    "etc/a:1 192.0.2.7",
    "etc/a:3 192.0.2.9",
    "etc/b.json:2 192.0.2.10",
    "etc/c.sh:1 192.0.2.11",
    ...[13, 14, 15, 16, 17].map((last, line) => `etc/e.sh:${line + 1} 192.0.2.${last}`),
  ]);
});

/** The program's answer to a question. */
function program(question: object) {
  const main = join(import.meta.dirname, "main.ts");
  return spawnSync(process.execPath, [main], { input: JSON.stringify(question), encoding: "utf8" });
}

test("the program judges a tree for the given deployment, and refuses an invalid deployment document", () => {
  const file = test.info().outputPath("tree.tar");
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, readTree(undefined).archive);
  const volume = { ...defaultDeployment.volume, path: `${defaultDeployment.volume.root}/4242` };
  const answer = JSON.parse(program({ tree: file, deployment: { ...defaultDeployment, volume } }).stdout) as {
    tree: { wrong: { rule: string; expected: string }[] };
  };
  const [wrong] = answer.tree.wrong.filter(({ rule }) => rule === "STO-001");
  expect(wrong?.expected).toBe(volume.path);
  const { status, stderr } = program({ tree: file, deployment: { ...defaultDeployment, volume: {} } });
  expect(status).not.toBe(0);
  expect(stderr).toContain("/volume must have required property 'path'");
});

test("places are read from a check's where", () => {
  expect(place("etc/a.json:3:14")).toEqual({ file: "etc/a.json", line: 3, column: 14 });
  expect(place("etc/a.json:3")).toEqual({ file: "etc/a.json", line: 3 });
  expect(place("etc/a.json")).toEqual({ file: "etc/a.json" });
  expect(place("pct exec 101 -- nginx -T (exit code 0)")).toEqual({});
  expect(place("evidence")).toEqual({});
});

test("json: the first error of each file, at its place", () => {
  expect(json(one("etc/a.json", '{\n  "a": 1,,\n}'))).toMatchObject([{ rule: "json", line: 2, column: 10 }]);
  expect(json(one("etc/a.json", '{ "a": 1 }'))).toEqual([]);
});

test("schema: each error at its value; an invalid schema is reported as unusable", () => {
  const rules = '{ "type": "object", "properties": { "a": { "type": "number" } } }';
  const files = (text: string, other = rules) =>
    new Map([
      [path("etc/a.json"), text],
      [path("etc/a.schema.json"), other],
    ]);
  expect(schema(files('{\n "a": "x" }'))).toMatchObject([
    { rule: "schema", file: path("etc/a.json"), line: 2 },
  ]);
  expect(schema(files('{ "a": 1 }'))).toEqual([]);
  expect(schema(files('{ "a": 1 }', '{ "type": "nonsense" }'))).toMatchObject([
    { file: path("etc/a.schema.json") },
  ]);
});

test("bash: a script that can't be parsed", async () => {
  const scratch = test.info().outputPath();
  mkdirSync(scratch, { recursive: true });
  expect(await bash(one("bin/a.sh", "#!/bin/bash\nif true; then\n  echo x\n"), scratch)).toMatchObject([
    { rule: "bash", file: path("bin/a.sh") },
  ]);
  expect(await bash(one("bin/a", "#!/bin/bash\nif true; then\n"), scratch)).toHaveLength(1);
  expect(await bash(one("bin/a.sh", "#!/bin/bash\necho x\n"), scratch)).toEqual([]);
});

test("a check that can't run is unknown; any other error is thrown", async () => {
  const silent = () => {
    throw new CannotTell(problem("no such program", "apt-get install it"));
  };
  const ours = () => {
    throw new TypeError("ours");
  };
  expect(await attempt("x", silent)).toEqual({
    wrong: [],
    unknown: [{ rule: "x", reason: "no such program", next: "apt-get install it" }],
  });
  await expect(attempt("x", ours)).rejects.toThrow("ours");
});

test("an error that a requirement and a check list at one place is told once; every other one stays", () => {
  const at = { file: "etc/a.json", line: 3, column: 5, severity: "must", expected: "valid" } as const;
  const requirement = { ...at, rule: "OPS-004", found: "/a must be string; /a must match x" };
  const checks = [
    { ...at, rule: "schema", found: "/a must be string" },
    { ...at, rule: "schema", found: "/a must be a number" },
    { ...at, line: 4, rule: "schema", found: "/a must be string" },
  ];
  expect(withoutTwins([requirement], checks).map(({ follows }) => follows)).toEqual([
    "OPS-004",
    undefined,
    undefined,
  ]);
});
