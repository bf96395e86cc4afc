// The judge of files: which requirements it can tell of, that it never takes silence for a pass, and where it points.
import { expect, test } from "@playwright/test";
import { pack } from "tar-stream";
import { CannotTell, problem } from "../../fixtures/errors.ts";
import { filesOf, TreeEvidence, treeRoot } from "../../fixtures/evidence/from-tree.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import { register } from "../register.ts";
import { attempt, bash, compose, json, schema, shellcheck } from "./checks.ts";
import { claims, impossible } from "./claims.ts";
import { judgeRequirements, place } from "./judged.ts";

const at = "1970-01-01T00:00:00.000Z";
const path = (name: string) => `${treeRoot}/${name}`;
const one = (name: string, text: string) => new Map([[path(name), text]]);

test("every requirement that a tree declares is judged from files, or has a reason why not", () => {
  const declared = register.filter(({ links }) => links.includes("declared")).map(({ id }) => id);
  expect(declared.filter((id) => !claims[id] && !impossible[id])).toEqual([]);
  expect(Object.keys(claims).filter((id) => impossible[id])).toEqual([]);
  expect(
    [...Object.keys(claims), ...Object.keys(impossible)].filter(
      (id) => !register.some((each) => each.id === id),
    ),
  ).toEqual([]);
});

test("an archive's files are its texts by their place in the repository", async () => {
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

test("what needs a hypervisor is not judged, and not green", async () => {
  const evidence = new TreeEvidence(at, await filesOf(readTree(undefined).archive));
  const { rows } = judgeRequirements(evidence, evidence);
  for (const id of ["STO-003", "ACC-001", "DAT-001", "FWL-002"])
    expect(rows.find((row) => row.id === id)).toMatchObject({ verdict: "not judged", links: [] });
  expect(rows.find(({ id }) => id === "STO-001")).toMatchObject({ verdict: "fail", links: ["declared"] });
});

test("places are read from what a check says", () => {
  expect(place("etc/a.json:3:14")).toEqual({ file: "etc/a.json", line: 3, column: 14 });
  expect(place("etc/a.json:3")).toEqual({ file: "etc/a.json", line: 3 });
  expect(place("etc/a.json")).toEqual({ file: "etc/a.json" });
  expect(place("pct exec 101 -- nginx -T (exit code 0)")).toEqual({});
  expect(place("evidence")).toEqual({});
});

test("json: the first mistake of each file, at its place", () => {
  expect(json(one("etc/a.json", '{\n  "a": 1,,\n}'), undefined)).toMatchObject([
    { rule: "json", line: 2, column: 10 },
  ]);
  expect(json(one("etc/a.json", '{ "a": 1 }'), undefined)).toEqual([]);
});

test("schema: each error at its value; a schema that is none is said to be unusable", () => {
  const rules = '{ "type": "object", "properties": { "a": { "type": "number" } } }';
  const files = (text: string, other = rules) =>
    new Map([
      [path("etc/a.json"), text],
      [path("etc/a.schema.json"), other],
    ]);
  expect(schema(files('{\n "a": "x" }'), undefined)).toMatchObject([
    { rule: "schema", file: path("etc/a.json"), line: 2 },
  ]);
  expect(schema(files('{ "a": 1 }'), undefined)).toEqual([]);
  expect(schema(files('{ "a": 1 }', '{ "type": "nonsense" }'), undefined)).toMatchObject([
    { file: path("etc/a.schema.json") },
  ]);
});

test("bash: a script that can't be read to its end", () => {
  expect(bash(one("bin/a.sh", "#!/bin/bash\nif true; then\n  echo x\n"), undefined)).toMatchObject([
    { rule: "bash", file: path("bin/a.sh") },
  ]);
  expect(bash(one("bin/a", "#!/bin/bash\nif true; then\n"), undefined)).toHaveLength(1);
  expect(bash(one("bin/a.sh", "#!/bin/bash\necho x\n"), undefined)).toEqual([]);
});

test("shellcheck: remarks on scripts that changed, and on no other", () => {
  const bad = "#!/bin/bash\necho $1\n";
  expect(shellcheck(one("bin/a.sh", bad), undefined)).toEqual([]);
  expect(shellcheck(one("bin/a.sh", bad), one("bin/a.sh", bad))).toEqual([]);
  expect(shellcheck(one("bin/a.sh", bad), new Map())).toMatchObject([
    { rule: "shellcheck", line: 2, severity: "should" },
  ]);
});

test("compose: what is no YAML, and what is no compose file", () => {
  const file = (text: string) => one("persistent-storage/x/compose.yaml", text);
  expect(compose(file("services:\n  a: [\n"), undefined)).toMatchObject([
    { rule: "compose", line: expect.any(Number) },
  ]);
  expect(compose(file("services: {}\n"), undefined)).toHaveLength(1);
  expect(compose(file("services:\n  a:\n    image: x\n"), undefined)).toEqual([]);
});

test("a check that can't be run says so, and an error of our own is none of that", () => {
  const silent = () => {
    throw new CannotTell(problem("no such program", "apt-get install it"));
  };
  const ours = () => {
    throw new TypeError("ours");
  };
  expect(attempt("x", silent)).toEqual({
    wrong: [],
    untold: [{ rule: "x", reason: "no such program", next: "apt-get install it" }],
  });
  expect(() => attempt("x", ours)).toThrow("ours");
});
