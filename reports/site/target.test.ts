// One target on the site: one verdict in every place, what moved, what is open, and what can't be read.
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "@playwright/test";
import { test } from "../../fixtures/browser/test.ts";
import type { Verdict } from "../../fixtures/judgement.ts";
import { compareRuns } from "../run/compare.ts";
import { lastOf, type RunRequirement, type RunTarget, type Trouble } from "../run/run.ts";
import { sampleRun, sampleTarget } from "../run/sample-accept.ts";
import { collect, documentsIn } from "./collect.ts";
import { type Night, writeNights, writeTwoTargets } from "./sample-nights.ts";
import { siteFiles } from "./site.ts";

const target = (...verdicts: readonly Verdict[]) => sampleTarget(verdicts, "prod");
const folder = () => test.info().outputPath("runs");
const noResult: Trouble = { target: "prod", exitCode: 2, ms: 3, trouble: "no answer\nNext:\n    ping" };

function filesOf(runs: string): ReadonlyMap<string, string> {
  const files = new Map(siteFiles(collect(documentsIn([runs]))));
  for (const [name, text] of files) {
    const file = test.info().outputPath("site", name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return files;
}

const words = (markup: string) => markup.replaceAll(/<[^>]*>/g, "");
const build = (...all: readonly Night[]) => filesOf(writeNights(folder(), all));
const pageOf = (files: ReadonlyMap<string, string>) => files.get("targets/prod.html") ?? "";
const indexOf = (files: ReadonlyMap<string, string>) => files.get("index.html") ?? "";
/** The text between two marks. */
function between(page: string, from: string, to: string): string {
  const at = page.indexOf(from);
  expect(at, from).toBeGreaterThanOrEqual(0);
  return words(page.slice(at, page.indexOf(to, at)));
}
const rowOf = (page: string, id: string) => between(page, `<tr id="${id}"`, "</tr>");
const lineOf = (page: string, name: string) => between(page, `<dt>${name}</dt>`, "</dd>");

/** The same result with other words in the last phase of its rows. */
const reworded = (
  one: RunTarget,
  change: (row: RunRequirement) => Partial<RunRequirement["phases"][number]>,
) => ({
  ...one,
  requirements: one.requirements.map((row) => ({
    ...row,
    phases: [...row.phases.slice(0, -1), { ...lastOf(row), ...change(row) }],
  })),
});
const needing = (one: RunTarget, reasons: Readonly<Record<string, string>>) =>
  reworded(one, ({ id }) => (reasons[id] === undefined ? {} : { reason: reasons[id], seen: reasons[id] }));
const finding = (one: RunTarget, found: string) =>
  reworded(one, (row) => ({ checks: lastOf(row).checks.map((check) => ({ ...check, found })) }));

test("a target with open failures has one verdict on its page, in its runs, in the trend and on the first page", () => {
  const files = build(
    [target("fail", "fail", "pass")],
    [target("not judged", "not judged", "pass")],
    [noResult],
    [target("not judged", "not judged", "pass")],
  );
  const page = pageOf(files);
  expect(between(page, "<h1>", "</h1>")).toBe("prod: ? unknown (2 open failures)");
  expect(
    between(page, "<h2>Runs</h2>", "<h2>Words</h2>").match(/\? unknown \(2 open failures\)/g),
  ).toHaveLength(2);
  const trend = page.slice(page.indexOf("<h2>Trend</h2>"), page.indexOf("<h2>Runs</h2>"));
  expect(trend.match(/class="(?:pass|fail|unknown|error)"/g)).toEqual(
    ["fail", "unknown", "error", "unknown"].map((style) => `class="${style}"`),
  );
  expect(words(trend)).toContain("2026-03-04: 1 fail, 2 unknown, 1 without a result");
  expect(words(indexOf(files))).toContain("? unknown (2 open failures)");
  expect(indexOf(files)).not.toContain('class="pass"');
});

test("a pass of a run that judged a part says how much it judged; one of a whole run does not", () => {
  const part = build([target("pass", "not judged", "waived")]);
  expect(between(pageOf(part), "<h1>", "</h1>")).toBe("prod: ✓ pass (2 of 3 judged)");
  expect(words(indexOf(part))).toContain("✓ pass (2 of 3 judged)");
  expect(between(pageOf(build([target("pass")])), "<h1>", "</h1>")).toBe("prod: ✓ pass");
});

test("what could not be told does not close a failure: only a pass, or a person who accepts it, does", () => {
  const left = target("not judged");
  expect(between(pageOf(build([target("fail")], [target("unknown")], [left])), "<h1>", "</h1>")).toMatch(
    /1 open failure/,
  );
  for (const verdict of ["pass", "waived"] as const)
    expect(between(pageOf(build([target("fail")], [target(verdict)], [left])), "<h1>", "</h1>")).not.toMatch(
      /open/,
    );
});

test("an accepted failure is a failure: the line of what fails never says nothing beside it", () => {
  expect(lineOf(pageOf(build([target("pass", "waived")])), "Fails")).toBe("Fails1, accepted (below)");
  expect(lineOf(pageOf(build([target("pass")])), "Fails")).toBe("Failsnothing that was judged");
});

test("what was not judged is grouped by what it needs, with the command that would judge it; an open failure is told once", () => {
  const left = Array.from({ length: 7 }, () => "not judged" as const);
  const now = needing(target(...left), {
    "STO-001": "needs apply",
    "STO-002": "needs firewall-trial, apply",
    "STO-003": "needs evidence from before the plan (--before)",
    "STO-004": "needs the record of an apply (--record)",
    "STO-005": "needs a browser",
    "STO-006": "another reason",
    "STO-007": "needs firewall-trial",
  });
  const before = target("pass", "pass", "pass", "pass", "pass", "pass", "fail");
  const line = lineOf(pageOf(build([before], [now])), "Not judged");
  expect(line).not.toContain("nothing is known");
  expect(line).toContain(
    "2 need to act on the target, which the run was not allowed (apply, firewall-trial)STO-001 STO-002. This acts on the target: what each action does to users, and who decides. To judge them: npm run phoenix -- verify --inventory FILE --target prod --only STO-001,STO-002 --allow apply --allow firewall-trial",
  );
  expect(line).toMatch(/1 needs evidence from before .*--only STO-003 --before FILE/);
  expect(line).toMatch(/1 needs the record that the apply wrote.*--only STO-004 --record FILE/);
  expect(line).toMatch(/1 needs a browser.*--only STO-005 --browser/);
  expect(line).toContain("1: another reasonSTO-006");
  expect(line).toContain("1 failed before, and is open");
  expect(line).not.toContain("STO-007");
  expect(rowOf(pageOf(build([now])), "STO-003")).toMatch(/It needs evidence from before .*--before FILE/);
});

test("a check without a control says so in a row that passes and in one that fails, and never that it was not seen failing", () => {
  const bare = target("fail", "waived", "pass");
  const requirements = bare.requirements.map((row) => ({ ...row, lastRed: [] }));
  const page = pageOf(build([{ ...bare, requirements }]));
  expect(page).not.toContain("seen failing.");
  for (const id of ["STO-001", "STO-002", "STO-003"])
    expect(rowOf(page, id)).toContain("Not yet shown to fail on purpose.");
});

test("what was changed speaks of the run of the result, where the last run has none", () => {
  const { plan: _, ...one } = target("pass");
  const journal = { all: 1, entries: [] };
  const page = pageOf(build([{ ...one, journal }], [noResult]));
  expect(between(page, '<h2 id="changed">', "<h2>What was true")).toContain(
    "Nothing, by the run of 2026-03-01 02:00 UTC: it judged the target as it was.",
  );
  expect(page).not.toContain("by this run");
});

test("what moved names the failures that left the judged set, the two runs, and how far apart they are", () => {
  const files = build(
    [target("fail", "fail", "pass", "pass")],
    [target("not judged", "not judged", "pass", "fail")],
  );
  const moved = between(pageOf(files), '<h2 id="moved">', '<h2 id="accepted">');
  expect(moved).toContain(
    "The run of 2026-03-01 02:00 UTC (before), and the run of 2026-03-02 02:00 UTC (now), 1 day later: 1 verdict moved; 2 requirements did not pass before, and were not judged this time: nothing is proved;",
  );
  for (const line of ["STO-001: ✗ fail, now – not judged (open)", "STO-004: ✓ pass, now ✗ fail"])
    expect(moved).toContain(line);
  expect(words(indexOf(files))).toContain(
    "STO-001 (must) title of STO-001: fail → not judged (open)STO-002 (must) title of STO-002: fail → not judged (open)STO-004 (must) title of STO-004: pass → fail",
  );
  expect(indexOf(files)).not.toContain("nothing else moved");
});

test("two runs in one minute have seconds in every time, and what they found is marked as before and now", () => {
  const runs = writeNights(
    folder(),
    [[finding(target("pass"), "one, read-write")], [finding(target("pass"), "one, read-only")]],
    (at) => `2026-03-01T02:00:0${at * 3}.000Z`,
  );
  const page = pageOf(filesOf(runs));
  const moved = between(page, '<h2 id="moved">', '<h2 id="accepted">');
  expect(moved).toContain(
    "2026-03-01 02:00:00 UTC (before), and the run of 2026-03-01 02:00:03 UTC (now), 3 seconds later",
  );
  expect(moved).toContain("before: one, read-writenow: one, read-only");
  expect(between(page, "<h2>Runs</h2>", "<h2>Words</h2>")).toMatch(/02:00:03 UTC.*02:00:00 UTC/s);
});

test("what moves by itself is no drift, on the site as in compare: times, processes, and how long something lasts", () => {
  const noise = [
    ["workers since 2026-03-01T01:09:59.403Z", "workers since 2026-03-01T01:09:59.398Z"],
    ["still running (pid 71)", "still running (pid 9)"],
    ["it runs for 12 s, after 3 restarts", "it runs for 40 s, after 3 restarts"],
    ["364 days, until Nov 29 01:09:59 2027 GMT", "363 days, until Nov 29 01:09:59 2027 GMT"],
  ] as const;
  const drift = [
    ["after 3 restarts", "after 4 restarts"],
    ["kept for 30 days", "kept for 3 days"],
    ["9443 open", "9444 open"],
    ["363 days, until Nov 29 01:09:59 2027 GMT", "363 days, until Nov 29 01:09:59 2028 GMT"],
  ] as const;
  for (const [pairs, count] of [
    [noise, 0],
    [drift, 1],
  ] as const)
    for (const [one, other] of pairs) {
      const [before, now] = [finding(target("pass"), one), finding(target("pass"), other)];
      const page = pageOf(build([before], [now]));
      expect(page, other).toContain(`${count} check${count === 1 ? "" : "s"} found something else`);
      const run = (each: RunTarget) => ({ ...sampleRun(["pass"]), targets: [each] });
      expect(compareRuns(run(before), run(now)).drift, other).toHaveLength(count);
    }
});

test("an open failure stands in its row: when it failed, what was found, and what the newest run knows", () => {
  const now = needing(target("not judged", "not judged"), { "STO-001": "needs firewall-trial" });
  const page = pageOf(build([target("fail", "fail")], [now]));
  expect(rowOf(page, "STO-001")).toMatch(
    /– not judged✗ fail before.*Open: it failed on 2026-03-01 02:00 UTC: two\. The newest run no longer found that, and stopped before what it may not do: no pass\. It needs the action firewall-trial/s,
  );
  expect(rowOf(page, "STO-002")).toContain("The newest run did not look at it.");
  const revised = { ...now, requirements: now.requirements.map((row) => ({ ...row, revision: 2 })) };
  expect(rowOf(pageOf(build([target("fail", "fail")], [revised])), "STO-001"), "another check").toContain(
    "The newest run did not look at it.",
  );
  const more = { ...target("fail", "fail"), allowed: ["observe", "firewall-trial"] };
  expect(rowOf(pageOf(build([more], [now])), "STO-001"), "the failure may be of the action").toContain(
    "The newest run did not look at it.",
  );
});

test("the topology marks an open failure in the picture and in the list, and shows what holds everywhere", () => {
  const one = target("fail", "pass", "waived");
  const later = target("not judged", "pass", "waived");
  const secure = (all: RunTarget) => ({
    ...all,
    requirements: all.requirements.map((row) => (row.id === "STO-003" ? { ...row, area: "security" } : row)),
  });
  const page = pageOf(build([secure(one)], [secure(later)]));
  const picture = page.slice(page.indexOf('<svg viewBox="0 -18 1000'), page.indexOf("</svg>"));
  expect(words(picture)).toContain("data on the volume:1 of 2 pass, 1 not judged✗ STO-001 failed before");
  expect(words(picture)).toContain("everywhere:0 of 1 pass, 1 waived");
  expect(picture.match(/<line [^>]*class="unknown"/g)?.length, "the link of the volume").toBeGreaterThan(0);
  expect(between(page, "<summary>The same as a list", "</details>")).toContain(
    "STO-001 not judged (✗ failed before) STO-002 pass",
  );
});

test("a link to a row shows what is in it, also where its row is left out of the list", async ({
  browser,
}) => {
  build([target("pass", "fail")]);
  const page = await browser.newPage();
  const file = `file://${test.info().outputPath("site", "targets", "prod.html")}`;
  await page.goto(file);
  const inside = page.locator("#STO-001").getByText("expected one mount of /srv/data");
  await expect(inside).toBeHidden();
  await page.getByLabel("hide what passes").check();
  await page.locator('a[href="#STO-001"]').first().click();
  await expect(inside).toBeVisible();
  await expect(page.locator("#STO-002").getByText("expected one mount of /srv/data")).toBeHidden();
});

test("a document whose outline is good and that can't be read itself is left out too", () => {
  const runs = writeTwoTargets(folder());
  const file = join(runs, "prod", "2026-03-02T02-00-00Z", "run.json");
  const outline = JSON.parse(readFileSync(join(dirname(file), "outline.json"), "utf8"));
  writeFileSync(file, "{");
  const seconds = Math.floor(Date.now() / 1000);
  const source = { size: 1, seconds };
  writeFileSync(join(dirname(file), "outline.json"), JSON.stringify({ ...outline, source }));
  utimesSync(file, seconds, seconds);
  const collected = collect(documentsIn([runs]));
  expect(collected.unread.map(({ name }) => name)).toEqual(["prod/2026-03-02T02-00-00Z/run.json"]);
  const prod = collected.histories.find(({ target: name }) => name === "prod");
  expect(prod?.nights.map(({ kind }) => kind)).toEqual(["stand-in", "no result"]);
  expect(prod?.now?.run.startedAt).toBe("2026-03-01T02:00:00.000Z");
});
