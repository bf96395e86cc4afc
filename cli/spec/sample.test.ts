// The sample spec in docs/writing-a-spec.md is the file verbatim, and the real Playwright runs it on healthy and on faulty
// evidence. Typical mistakes in a copy of it are errors.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { inlineProject, playwright } from "../../reports/inline.ts";
import { readTests, type TestRan } from "../../reports/tests-reporter.ts";
import { project } from "../run/child.ts";

const file = "specs/storage/STO-003-one-mount-entry.spec.ts";
const sample = readFileSync(join(project, file), "utf8");
const at = (path: string) => JSON.stringify(join(project, path));

const entry = (guest: string) =>
  `10.0.0.13:/quickOS/vm-persistent-data/${guest} /persistent-storage nfs defaults,auto,nofail 0 0\n`;
const healthy = entry("1001");
const stale = `${healthy}${entry("8001")}`;

/** A copy of the sample, and the fstab of VM 1001: without a fault, and with one. */
interface Copy {
  readonly text: string;
  readonly found: string;
  readonly broken: string;
}

const edit = (from: string | RegExp, to: string) => {
  const text = sample.replaceAll(from, to);
  expect(text, `the sample has ${from}`).not.toBe(sample);
  return text;
};

/** All copies, for one run of Playwright: its start takes longest. */
const copies = {
  sample: () => ({ text: sample, found: healthy, broken: stale }),
  notHeld: () => ({ text: sample, found: stale, broken: stale }),
  notBroken: () => ({ text: sample, found: healthy, broken: healthy }),
  refutedForgotten: () => ({ text: edit("await refuted", "refuted"), found: healthy, broken: stale }),
  refutedForgottenAndRed: () => ({ text: edit("await refuted", "refuted"), found: healthy, broken: healthy }),
  holdsForgotten: () => ({ text: edit("await holds", "void holds"), found: stale, broken: stale }),
  nothingJudged: () => ({
    text: edit(/await holds\(.*\);/g, "void evidence;"),
    found: healthy,
    broken: stale,
  }),
  returned: () => ({ text: edit(/await (?=holds|refuted)/g, "return "), found: healthy, broken: stale }),
} satisfies Record<string, () => Copy>;

/** A replacement for `specs/test.ts` with sample evidence instead of a target's. */
const door = ({ found, broken }: Copy) => `
  import { test as base } from ${at("specs/test.ts")};
  import { sample } from ${at("specs/testing/evidence-builder.ts")};
  import { defaultDeployment as deployment } from ${at("fixtures/deployment/read.ts")};
  export * from ${at("specs/test.ts")};
  const taken = (fstab) => sample({ "docker-host": { "file /etc/fstab": fstab } });
  export const test = base.extend({
    target: [async ({}, use) => use({ name: "sample", kind: "stand-in", allows: ["observe"], deployment }), { scope: "worker" }],
    evidence: [async ({}, use) => use(taken(${JSON.stringify(found)})), { scope: "worker" }],
    broken: async ({}, use) => use(async () => taken(${JSON.stringify(broken)})),
  });`;

/** The text of the copy, for a folder with its own `test.ts`; all other imports lead to this project. */
const placed = ({ text }: Copy) =>
  text
    .replace('"../test.ts"', '"./test.ts"')
    .replaceAll(/"\.\.\/\.\.\/(fixtures\/[^"]+)"/g, (_, path: string) => at(path))
    .replaceAll(/"\.\/(claims\/[^"]+)"/g, (_, path: string) => at(`specs/storage/${path}`));

let ran: Map<string, readonly TestRan[]>;

test.describe.configure({ mode: "default" });

test.beforeAll(async () => {
  const made = Object.entries(copies).map(([name, copy]) => [name, copy()] as const);
  const reporter = at("reports/tests-reporter.ts");
  const projects = made.map(([name]) => ({ name, testDir: name }));
  using inline = inlineProject({
    "playwright.config.ts": `export default { projects: ${JSON.stringify(projects)}, workers: 2,
      reporter: [["list"], [${reporter}, { outDir: "out" }]] };`,
    ...Object.fromEntries(
      made.flatMap(([name, copy]) => [
        [`${name}/test.ts`, door(copy)],
        [`${name}/a.spec.ts`, placed(copy)],
      ]),
    ),
  });
  const { output } = await inline.run([...playwright]);
  expect(output).not.toContain("was not a part of any test");
  const tests = readTests(join(inline.dir, "out/tests.json"));
  ran = new Map(Object.keys(copies).map((name) => [name, tests.filter(({ project }) => project === name)]));
});

/** The results of a copy's requirement test and control: `passed`, or the first line of the message. */
const ends = (name: keyof typeof copies) =>
  ["STO-003 the docker host has", "STO-003 is refuted by"].map((title) => {
    const found = ran.get(name)?.find((one) => one.title.startsWith(title));
    return found?.status === "passed" ? "passed" : found?.messages.map((text) => text.split("\n")[0]).join();
  });

test("the page shows the spec verbatim", () => {
  const page = readFileSync(join(project, "docs/writing-a-spec.md"), "utf8");
  expect(page).toContain(`\`\`\`ts\n${sample}\`\`\``);
  expect(page).toContain(`(../${file})`);
});

test("the sample passes if the requirement holds, and its control finds the fault", () => {
  expect(ends("sample")).toEqual(["passed", "passed"]);
});

test("the sample fails if the requirement does not hold, and its control fails without a fault", () => {
  const [notMet = "", notSeen = ""] = [ends("notHeld")[0], ends("notBroken")[1]];
  expect(notMet).toMatch(/^NotMet: 1 of \d+ checks do not hold$/);
  expect(notSeen).toMatch(/^Error: The fault was not seen: none of \d+ checks fails$/);
  expect([ends("notHeld")[1], ends("notBroken")[0]]).toEqual(["passed", "passed"]);
});

test("a verdict that is not awaited is an error, also a correct one", () => {
  const forgotten = (name: string) =>
    `Error: This is a bug in the suite: ${name}(…) was called and not awaited: await it`;
  expect(ends("refutedForgotten")).toEqual(["passed", forgotten("refuted")]);
  expect(ends("refutedForgottenAndRed")).toEqual(["passed", forgotten("refuted")]);
  expect(ends("holdsForgotten")).toEqual([forgotten("holds"), "passed"]);
});

test("a test without a verdict is an error", () => {
  const said = "Error: This is a bug in the suite: the test has called neither holds(…) nor refuted(…)";
  expect(ends("nothingJudged")).toEqual([said, "passed"]);
});

test("a verdict that is returned is awaited", () => {
  expect(ends("returned")).toEqual(["passed", "passed"]);
});
