// Waivers: only a failure is accepted, until a date, and it stays visible. What is wrong in the file is named with its place.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { formats } from "../formats/index.ts";
import { terminal } from "../formats/terminal.ts";
import { cleanRun } from "./file.ts";
import { judgedTargets, type Run, type RunTarget, type Waiver } from "./run.ts";
import { sampleRequirement, sampleRun, sampleTarget } from "./sample-run.ts";
import { endOf, readWaivers, waiverLines, withWaivers } from "./waivers.ts";

const now = new Date("2026-03-01T12:00:00Z");
const waiver = (requirement: string, more: Partial<Waiver> = {}): Waiver => ({
  ...{ requirement, target: "prod", reason: "the old site", risk: "it is seen", owner: "platform" },
  ...{ approver: "J. Okafor", ticket: "OPS-1", expires: "2026-12-31", ...more },
});
const failing = (id: string) => sampleRequirement(id, { verdict: "fail", reason: "no mount" });
const run = (...requirements: RunTarget["requirements"]): Run =>
  sampleRun({ targets: [sampleTarget("prod", { requirements })] });
const only = (result: Run) => judgedTargets(result)[0] as RunTarget;

test("a failure that is accepted is waived, does not count, and is shown with who accepted it", () => {
  const waived = cleanRun(
    withWaivers(run(sampleRequirement("STO-001"), failing("STO-002")), [waiver("STO-002")], now),
  );
  expect([waived.exitCode, waived.verdict, only(waived).exitCode]).toEqual([0, "pass", 0]);
  const [, row] = only(waived).requirements;
  expect([row?.verdict, row?.phases[0]?.verdict, row?.waiver?.approver]).toEqual([
    "waived",
    "fail",
    "J. Okafor",
  ]);
  const page = terminal(waived, { width: 200, colour: false });
  expect(page).toMatch(
    /STO-002 .*~ waived .*accepted by J\. Okafor, until 2026-12-31 \(OPS-1\): the old site; no mount/,
  );
  expect(page).toContain("Risk: it is seen");
  expect(formats.junit(waived)).toMatch(
    /STO-002[^\n]*<skipped message="waived: accepted by J\. Okafor, until 2026-12-31/,
  );
  expect(formats.markdown(waived)).toContain("### Waived: 1");
  expect(formats.sarif(waived)).toContain("Waived: accepted by J. Okafor");
});

test("the other failure still counts, and so does one on another target", () => {
  expect(withWaivers(run(failing("STO-001"), failing("STO-002")), [waiver("STO-002")], now).exitCode).toBe(1);
  const other = withWaivers(run(failing("STO-002")), [waiver("STO-002", { target: "lab" })], now);
  expect([other.exitCode, only(other).waivers]).toEqual([1, undefined]);
});

for (const verdict of ["unknown", "not judged", "pending"] as const)
  test(`${verdict} is never waived`, () => {
    const before = run(sampleRequirement("STO-001"), sampleRequirement("STO-002", { verdict }));
    const after = withWaivers(before, [waiver("STO-002")], now);
    expect(only(after).requirements).toEqual(only(before).requirements);
    expect(only(after).waivers?.map(({ state }) => state)).toEqual(["not applied"]);
    if (verdict === "unknown") expect(after.exitCode).toBe(2);
  });

test("an expired waiver fails, at the very second; the day counts to its end", () => {
  const at = (expires: string, time: string) =>
    withWaivers(
      run(failing("STO-002"), sampleRequirement("STO-001")),
      [waiver("STO-002", { expires })],
      new Date(time),
    );
  expect(at("2026-03-01", "2026-03-01T23:59:59Z").exitCode).toBe(0);
  const expired = at("2026-03-01", "2026-03-02T00:00:00Z");
  expect([expired.exitCode, only(expired).requirements[0]?.verdict]).toEqual([1, "fail"]);
  expect(waiverLines(only(expired))).toEqual([
    expect.stringContaining("expired on 2026-03-01: the failure counts"),
  ]);
  expect(at("2026-03-01T12:00:00Z", "2026-03-01T11:59:59Z").exitCode).toBe(0);
  expect(at("2026-03-01T12:00:00Z", "2026-03-01T12:00:00Z").exitCode).toBe(1);
});

test("the day of acceptance is optional, is in the calendar, and is not in the future", () => {
  const mistake = (accepted: string) => {
    const text = JSON.stringify({ waivers: [{ ...waiver("STO-002", { accepted }) }] });
    using file = written(text);
    const end = new Date("2026-03-01T12:00:00Z");
    return readWaivers(file.file, { ...waivable, targets: ["prod", "stand-in"] }, end)[0]?.accepted;
  };
  expect(mistake("2026-03-01")).toBe("2026-03-01");
  expect(mistake("2026-03-02"), "where the day begins first, it has begun").toBe("2026-03-02");
  expect(() => mistake("2026-03-03")).toThrow(/waivers\.yaml:1:\d+: it is in the future: 2026-03-03/);
  expect(() => mistake("2026-02-30")).toThrow(/there is no such day: 2026-02-30/);
});

test("soon to expire, and no longer needed, are said", () => {
  const soon = withWaivers(run(failing("STO-002")), [waiver("STO-002", { expires: "2026-03-30" })], now);
  expect(waiverLines(only(soon))[0]).toContain("It expires soon");
  const later = withWaivers(run(failing("STO-002")), [waiver("STO-002", { expires: "2026-05-30" })], now);
  expect(waiverLines(only(later))[0]).not.toContain("soon");
  const passes = withWaivers(run(sampleRequirement("STO-002")), [waiver("STO-002")], now);
  expect([passes.exitCode, waiverLines(only(passes))]).toEqual([
    0,
    [expect.stringContaining("no longer needed")],
  ]);
});

test("a bug of the suite, and a contract that does not hold, are not waived", () => {
  const bug = sampleTarget("prod", {
    requirements: [failing("STO-002"), sampleRequirement("STO-001")],
    phases: [{ name: "verified", startedAt: now.toISOString(), ms: 1, status: "failed", bugs: ["x"] }],
  });
  expect(withWaivers(sampleRun({ targets: [bug] }), [waiver("STO-002")], now).exitCode).toBe(70);
  const broken = {
    ...only(run(failing("STO-002"), sampleRequirement("STO-001"))),
    hostContract: { agree: 0, notAsked: 1, open: [] },
  };
  expect(withWaivers(sampleRun({ targets: [broken] }), [waiver("STO-002")], now).exitCode).toBe(2);
});

test("of the gate: a finding that is accepted does not count, another one and what is unknown do", () => {
  const finding = (rule: string) =>
    ({ rule, severity: "must", expected: "a", found: "b", file: "x.json", line: 3, change: "new" }) as const;
  const gate = (rules: string[], more: Partial<RunTarget> = {}) =>
    withWaivers(
      sampleRun({
        command: "gate",
        targets: [
          sampleTarget("tree@HEAD", {
            ...{ kind: "tree", mode: "static", findings: rules.map(finding), unanswered: [] },
            requirements: [failing("STO-002"), sampleRequirement("STO-001")],
            ...more,
          }),
        ],
      }),
      [waiver("STO-002", { target: "tree" })],
      now,
    );
  const waived = cleanRun(gate(["STO-002"]));
  expect(waived.exitCode).toBe(0);
  expect(terminal(waived, { width: 120, colour: false })).toMatch(/Waived \(1\)\n {2}~ STO-002 x\.json:3: b/);
  expect(formats.sarif(waived)).toContain('"suppressions"');
  expect(formats.junit(waived)).toContain('failures="0"');
  expect(gate(["STO-002", "bash"]).exitCode).toBe(1);
  expect(gate(["STO-002"], { unanswered: [{ rule: "nginx", reason: "not installed" }] }).exitCode).toBe(2);
});

test("the document holds no waived requirement without its waiver", () => {
  expect(() => cleanRun(run(sampleRequirement("STO-002", { verdict: "waived" as never })))).toThrow(/waiver/);
});

const waivable = { ids: ["STO-002", "SEC-002"], targets: ["prod", "lab"] };
function written(text: string) {
  const dir = mkdtempSync(join(tmpdir(), "phoenix-waivers-"));
  const file = join(dir, "waivers.yaml");
  writeFileSync(file, text);
  return { file, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}

const text = (change: (line: string) => string = (line) => line) =>
  [
    "waivers:",
    ...Object.entries(waiver("STO-002")).map(
      ([name, value], at) => `${at === 0 ? "  - " : "    "}${name}: ${value}`,
    ),
  ]
    .map(change)
    .join("\n");

test("YAML and JSON are read alike, and the example in the docs is valid", () => {
  using yaml = written(text());
  using json = written(JSON.stringify({ waivers: [waiver("STO-002")] }));
  expect(readWaivers(yaml.file, waivable, now)).toEqual([waiver("STO-002")]);
  expect(readWaivers(json.file, waivable, now)).toEqual([waiver("STO-002")]);
  const example = join(import.meta.dirname, "../../docs/examples/waivers.yaml");
  expect(readWaivers(example, waivable, new Date("2026-11-01T00:00:00Z"))).toHaveLength(1);
});

for (const [what, change, words] of [
  [
    "a requirement that does not exist",
    ["STO-002", "STO-999"],
    "waivers.yaml:2:5: the register has no requirement STO-999",
  ],
  [
    "a target that does not exist",
    ["prod", "prd"],
    "waivers.yaml:3:5: there is no target prd: the inventory has prod, lab",
  ],
  ["more than a year", ["2026-12-31", "2027-03-05"], "waivers.yaml:9:5: it is more than a year away"],
  [
    "a day that does not exist",
    ["2026-12-31", "2026-02-30"],
    "waivers.yaml:9:5: there is no such time: 2026-02-30",
  ],
  [
    "another time zone",
    ["2026-12-31", "2026-12-31T00:00:00+02:00"],
    "waivers.yaml:9:5: /waivers/0/expires must be a day",
  ],
  ["no approver", [/approver.*/, "x: y"], "must have required property 'approver'"],
  ["an empty reason", ["the old site", '" "'], "waivers.yaml:4:5: /waivers/0/reason must be some words"],
] as const)
  test(`${what} is refused, with its place`, () => {
    using at = written(text((line) => line.replace(change[0], change[1])));
    expect(() => readWaivers(at.file, waivable, now)).toThrow(words);
  });

test("what to type next names the file as a shell takes it", () => {
  const file = join(mkdtempSync(join(tmpdir(), "phoenix-waivers-")), "our waivers.yaml");
  const read = () => readWaivers(file, { ids: ["STO-001"], targets: ["prod"] }, now);
  expect(read).toThrow(`ls -l '${file}'`);
  writeFileSync(file, JSON.stringify({ waivers: [waiver("STO-009")] }));
  expect(read).toThrow(`$EDITOR '${file}'`);
  rmSync(join(file, ".."), { recursive: true });
});

test("two waivers of one failure are refused; without an inventory other targets are left aside", () => {
  using twice = written(
    JSON.stringify({ waivers: [waiver("STO-002"), waiver("STO-002", { ticket: "OPS-2" })] }),
  );
  expect(() => readWaivers(twice.file, waivable, now)).toThrow("a second waiver of STO-002 on prod");
  using other = written(JSON.stringify({ waivers: [waiver("STO-002", { target: "elsewhere" })] }));
  expect(readWaivers(other.file, { ids: waivable.ids }, now)).toHaveLength(1);
  expect(() => readWaivers("/nowhere/w.yaml", waivable, now)).toThrow(
    /No waivers can be read: ENOENT.*\nNext:/,
  );
});

test("a day ends at midnight UTC, a leap day exists in leap years alone", () => {
  expect(endOf("2028-02-29")).toBe(Date.parse("2028-03-01T00:00:00Z"));
  expect([endOf("2027-02-29"), endOf("2026-13-01"), endOf("2026-12-31T25:00:00Z")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
