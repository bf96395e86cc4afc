// `run.json`: what is written fits the schema and is read back the same, and nothing else is taken for a run.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Ajv } from "ajv";
import { source } from "../../fixtures/evidence/fact.ts";
import { secret } from "../../fixtures/evidence/redact.ts";
import type { Row } from "../verdict.ts";
import type { Verdicts } from "../verdicts.ts";
import { checkOf, gateRequirements, requirementsOf, verdictOfExit, verdictsOf } from "./build.ts";
import { cleanRun, readRun, runText, writeRun } from "./file.ts";
import schema from "./run.schema.json" with { type: "json" };
import { lastOf, type Run, runSchema } from "./run.ts";
import { sampleRequirement, sampleRun, sampleTarget } from "./sample-run.ts";

function folder() {
  const dir = mkdtempSync(join(tmpdir(), "phoenix-run-"));
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

test("what is written fits the published schema, and is read back the same, byte by byte", () => {
  using at = folder();
  const run = cleanRun(sampleRun());
  const file = writeRun(at.dir, run);
  const valid = new Ajv({ strict: false }).compile(schema);
  expect(valid(JSON.parse(readFileSync(file, "utf8"))), JSON.stringify(valid.errors)).toBe(true);
  expect(schema.$id).toBe(runSchema);
  expect(readRun(at.dir)).toEqual(run);
  expect(runText(readRun(file))).toBe(readFileSync(file, "utf8"));
});

test("a secret is in no field of it", () => {
  const password = secret("correct horse battery");
  const run = sampleRun({
    targets: [
      sampleTarget("prod", { requirements: [sampleRequirement("STO-001", { seen: `it is "${password}"` })] }),
    ],
  });
  expect(JSON.stringify(run)).toContain(password);
  expect(JSON.stringify(cleanRun(run))).not.toContain(password);
});

for (const [what, change] of [
  ["another version", (run: Run) => ({ ...run, version: 2 })],
  ["a target with neither a result nor trouble", (run: Run) => ({ ...run, targets: [{ target: "x" }] })],
  ["no target", (run: Run) => ({ ...run, targets: [] })],
  ["a verdict that does not exist", (run: Run) => ({ ...run, verdict: "fine" })],
  ["a field that does not exist", (run: Run) => ({ ...run, more: 1 })],
  ["a time in another zone", (run: Run) => ({ ...run, startedAt: "2026-03-01T01:02:03+02:00" })],
] as const)
  test(`${what} is no run: one error, with the place`, () => {
    using at = folder();
    const file = join(at.dir, "run.json");
    writeFileSync(file, JSON.stringify(change(sampleRun()), null, 2));
    expect(() => readRun(at.dir)).toThrow(/Not a valid run document:\n {2}.*run\.json:\d+:\d+: /);
  });

test("a folder without a run, and a file that is no JSON, are named", () => {
  using at = folder();
  expect(() => readRun(at.dir)).toThrow(/No run can be read from .*run\.json: ENOENT.*\nNext:/);
  writeFileSync(join(at.dir, "run.json"), "{\n  no\n}");
  expect(() => readRun(at.dir)).toThrow(/Not JSON: .*run\.json:2:3/);
});

test("a run of another version says that, and not each field that differs; the next step is no edit of the file", () => {
  using at = folder();
  const file = join(at.dir, "run.json");
  writeFileSync(file, JSON.stringify({ version: 2, $schema: "…/run-2.json", results: [] }, null, 2));
  expect(() => readRun(file)).toThrow(
    /^Not a valid run document:\n {2}.*run\.json:2:3: it is of version 2, and this suite reads version 1\nNext:\n {4}judge again .*$/,
  );
});

test("the verdict of an exit code: a refusal or a bug concludes nothing", () => {
  expect([0, 1, 2, 3, 4, 70].map(verdictOfExit)).toEqual([
    "pass",
    "fail",
    "unknown",
    "error",
    "error",
    "error",
  ]);
});

test("a check names its command and exit code, as a fact's source writes them", () => {
  const from = { command: "qm guest exec 1001 -- sh -c (x)", code: 3, ms: 1, at: "", digest: "" };
  const where = source({ state: "known", value: 1, from });
  const check = { level: "live", ok: true, expected: "a", found: "a", where } as const;
  expect(checkOf(check)).toEqual({ ...check, command: from.command, exitCode: 3 });
  expect(checkOf({ ...check, where: "/etc/fstab:2" })).not.toHaveProperty("command");
});

const entry = { ...sampleRequirement("STO-001"), steps: undefined } as never;

test("verdicts become requirements and come back: each phase its own, the last one counts", () => {
  const row = (verdict: Row["verdict"], reason: string): Row => ({
    ...{ id: "STO-001", revision: 2, kind: "R", plan: "1.1", severity: "must", statement: "STO-001 holds" },
    ...{ levels: ["live"], remedies: [], verdict, seen: reason, reason, checks: [], ms: 1 },
    controls: { passed: 1, failed: 0, names: ["c"], shown: [{ title: "c", red: true, modes: ["F10"] }] },
  });
  const phase = (name: string, one: Row): Verdicts => ({
    ...{ version: 1, phase: name, target: "prod", startedAt: "2026-03-01T01:02:03.000Z", ms: 5 },
    ...{ status: "passed", bugs: [], rows: [one] },
  });
  const phases = [phase("before", row("fail", "no mount")), phase("after", row("pass", ""))];
  const [one] = requirementsOf([entry], phases);
  if (!one) throw new Error("no requirement");
  expect([one.verdict, lastOf(one).phase, one.phases.map(({ verdict }) => verdict)]).toEqual([
    "pass",
    "after",
    ["fail", "pass"],
  ]);
  const { rows: _, ...named } = { ...phases[0], name: "before" };
  const target = sampleTarget("prod", {
    phases: phases.map(({ phase: name, startedAt, ms, status, bugs }) => ({
      name,
      startedAt,
      ms,
      status,
      bugs,
    })),
    requirements: [one],
  });
  expect(named.name).toBe("before");
  expect(verdictsOf(target)).toEqual(phases);
  expect(() => requirementsOf([entry], [{ ...phase("after", row("pass", "")), rows: [] }])).toThrow(
    "no row for STO-001",
  );
});

test("of the gate: a requirement without a row is not judged, and a failing one says what was found", () => {
  const wrong = [{ rule: "STO-001", severity: "must", expected: "a", found: "b" }] as const;
  const row = { id: "STO-001", title: "t", verdict: "fail", levels: ["declared"] } as const;
  const tree = { rows: [row], wrong, unknown: [] };
  const other = { ...(entry as object), id: "STO-002" } as never;
  const [one, two] = gateRequirements([entry, other], { tree, base: { ...tree, rows: [], wrong: [] } });
  expect(one?.phases).toMatchObject([
    { phase: "base", verdict: "not judged" },
    { phase: "tree", verdict: "fail", reason: "b", levels: ["declared"] },
  ]);
  expect([one?.verdict, two?.verdict]).toEqual(["fail", "not judged"]);
});
