// The light judge against the real Playwright: the same rows, checks and reasons, on good evidence and on broken evidence.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { writeEvidence } from "../../fixtures/evidence/collect.ts";
import { Evidence } from "../../fixtures/evidence/evidence.ts";
import { actions } from "../../fixtures/target/inventory.ts";
import { judgeRun, type Row, type TestOutcome } from "../../reports/verdict.ts";
import { readSpecs } from "../register/coverage.ts";
import { register } from "../register/register.ts";
import { evidenceAt } from "../testing/before-and-after.ts";
import { treeFile } from "../testing/evidence-builder.ts";
import { parametersOf } from "./fixtures.ts";
import { judgeLightly } from "./judge.ts";

const project = join(import.meta.dirname, "../..");
const early = "2025-11-01T00:00:00.000Z";
const later = "2025-11-02T00:00:00.000Z";

/** Specs whose tests open a page are Playwright's alone. */
const opensPage = readSpecs()
  .filter(({ tests }) =>
    tests.some(
      ({ role, uses = [] }) =>
        role === "requirement" && uses.some((name) => ["visitor", "portainer"].includes(name)),
    ),
  )
  .map(({ id }) => id);

const inventory = {
  targets: {
    sample: {
      ...{ kind: "ssh", tree: "/usr/local/phoenix_hypervisor", url: "https://portainer.phoenix.local" },
      ssh: { host: "127.0.0.1", port: 1, user: "root", privateKeyFile: "none", hostKey: "ssh-ed25519 AAAA" },
      ...{ resolve: {}, trust: { gatewayFile: "/none" }, allows: actions, cannotImitate: [] },
    },
  },
};

function runFolder(before: Evidence, after: Evidence) {
  const dir = mkdtempSync(join(tmpdir(), "phoenix-light-"));
  for (const phase of ["before", "after"]) mkdirSync(join(dir, phase));
  writeFileSync(join(dir, "inventory.json"), JSON.stringify(inventory));
  writeEvidence(join(dir, "before", "evidence.json"), before);
  writeEvidence(join(dir, "after", "evidence.json"), after);
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

function node(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ out: string; all: string }> {
  const child = spawn(process.execPath, args, {
    cwd: project,
    env: { ...process.env, ...env, TEST_WORKER_INDEX: undefined },
  });
  const said = { out: "", all: "" };
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said.out += text;
    said.all += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => (said.all += text));
  return new Promise((resolve, reject) => child.once("error", reject).once("close", () => resolve(said)));
}

const withhold = actions.filter((action) => action !== "observe");

async function byPlaywright(dir: string): Promise<Row[]> {
  const cli = join(project, "node_modules/@playwright/test/cli.js");
  const projects = ["judge", "act", "last"].flatMap((name) => ["--project", name]);
  const pages = ["--grep-invert", `@(${opensPage.join("|")})\\b`];
  const { all } = await node([cli, "test", "--workers", "1", ...projects, ...pages], {
    ...{
      PHOENIX_RUN: dir,
      PHOENIX_PHASE: "after",
      PHOENIX_WITHHOLD: withhold.join(","),
      PHOENIX_LAST: "any",
    },
    PHOENIX_QUICK: "",
  });
  try {
    return JSON.parse(readFileSync(join(dir, "after", "verdicts.json"), "utf8")).rows;
  } catch {
    throw new Error(all);
  }
}

async function byLightJudge(dir: string): Promise<Row[]> {
  const given = JSON.stringify({ dir, withhold });
  const { out, all } = await node([
    "--input-type=module",
    "-e",
    `import { readEvidence } from "./fixtures/evidence/collect.ts";
    import { readTarget } from "./fixtures/target/inventory.ts";
    import { judgeLightly, loadSpecs } from "./specs/light/judge.ts";
    const { dir: run, withhold } = ${given};
    const target = readTarget(run + "/inventory.json");
    const files = { before: run + "/before/evidence.json", beforeRecord: run + "/before/record.json", record: run + "/after/record.json" };
    const evidence = readEvidence(run + "/after/evidence.json");
    console.log(JSON.stringify(await judgeLightly(await loadSpecs(), { target, evidence, run, files, withhold })));`,
  ]);
  let outcomes: TestOutcome[];
  try {
    outcomes = JSON.parse(out);
  } catch {
    throw new Error(all);
  }
  return judgeRun(register, outcomes);
}

const comparable = (rows: readonly Row[]) =>
  rows
    .filter(({ id }) => !opensPage.includes(id))
    .map(({ id, verdict, reason, checks, seen }) => ({ id, verdict, reason, checks, seen }));

const broken: Parameters<typeof evidenceAt>[1] = {
  hypervisor: {
    [treeFile("etc/phoenix_vm_configs.json")]: "{",
    "file /etc/exports": undefined,
    "pve-firewall status": "Status: disabled/stopped\n",
    "secrets tree": "looked\t0\n",
  },
  gateway: { "nginx -T": { code: 1, err: "nginx: [emerg] broken" }, "key mode": "644 root:root\n" },
  "docker-host": { "docker active": { code: 124 }, containers: "[" },
  client: { status: '{"status":502,"location":"","body":""}' },
};

for (const [what, changes] of [
  ["good", {}],
  ["broken", broken],
] as const)
  test(`the light judge and Playwright agree on every row: ${what} evidence`, async () => {
    using folder = runFolder(evidenceAt(early), evidenceAt(later, changes));
    const light = comparable(await byLightJudge(folder.dir));
    const whole = comparable(await byPlaywright(folder.dir));
    expect(light).toEqual(whole);
    expect(light.length).toBe(register.length - opensPage.length);
    const of = (verdict: string) => light.filter((row) => row.verdict === verdict).length;
    if (what === "good") expect(of("pass")).toBeGreaterThan(15);
    else expect(of("fail")).toBeGreaterThan(8);
  });

test("a requirement that needs a browser or an action is not judged, and never passes; a red one stays red", async () => {
  using good = runFolder(evidenceAt(early), evidenceAt(later));
  using bad = runFolder(evidenceAt(early), evidenceAt(later, broken));
  const [left, red] = [await byLightJudge(good.dir), await byLightJudge(bad.dir)];
  const row = (rows: readonly Row[], id: string) => rows.find((one) => one.id === id);
  expect(row(left, "ACC-001")).toMatchObject({ verdict: "not judged", reason: "needs a browser" });
  expect(row(left, "DAT-001")?.reason).toBe("needs sign-in, make-user, restart-container");
  const acting = register.filter(({ needs }) => needs.length > 1).map(({ id }) => id);
  expect(left.filter(({ id, verdict }) => acting.includes(id) && verdict === "pass")).toEqual([]);
  for (const id of ["ACC-001", "ACC-004", "GWY-008"]) expect(row(red, id)?.verdict, id).toBe("fail");
});

test("fixtures are read from a pattern, renamed ones too; a function without one is refused as Playwright does", () => {
  expect(parametersOf(async ({ a, b: _ }: Record<string, unknown>) => a)).toEqual(["a", "b"]);
  expect(parametersOf(async () => 1)).toEqual([]);
  expect(() => parametersOf(async (given: unknown) => given)).toThrow("can't be read");
});

test("many judgements, one after the other, let signals and timers through, and leave no timer", async () => {
  const quiet = {
    title: "STO-003 nothing",
    tags: ["@requirement"],
    uses: [],
    registry: new Map(),
    body: () => {},
  };
  const { document } = evidenceAt(later);
  const given = {
    target: { ...document.target, allows: [] } as never,
    evidence: new Evidence(document),
    files: { before: undefined, record: undefined, beforeRecord: undefined },
    withhold: [],
  };
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = timers();
  let seen = false;
  setTimeout(() => (seen = true), 1);
  for (let at = 0; at < 10_000 && (!seen || at < 100); at++)
    await judgeLightly([quiet as never], given as never);
  expect(seen).toBe(true);
  // The runner of this test has timers of its own.
  expect(timers()).toBeLessThan(before + 50);
});
