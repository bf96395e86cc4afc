// The static site, in a real browser: what it says, that axe finds nothing, and that it asks nobody.
import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { test } from "../../fixtures/browser/test.ts";
import { deploymentDigest } from "../../fixtures/deployment/digest.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import type { Verdict } from "../../fixtures/judgement.ts";
import { readRun, writeRun } from "../run/file.ts";
import type { JournalEntry, RunCommand, RunTarget, TargetJournal, Trouble } from "../run/run.ts";
import { sampleRun, sampleTarget } from "../run/sample-accept.ts";
import { collect, documentsIn, readKnown } from "./collect.ts";
import { html } from "./html.ts";
import { type Night, writeNights } from "./sample-nights.ts";
import { knownFile, siteFiles } from "./site.ts";

const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Writes runs below a folder of their own, one night a run, and returns the folder. */
const nights = (...all: readonly Night[]) => writeNights(test.info().outputPath("runs"), all);

function build(runs: string, out = test.info().outputPath("site")) {
  const collected = collect(documentsIn([runs]), readKnown(join(out, knownFile)));
  const files = new Map(siteFiles(collected));
  for (const [name, text] of files) {
    mkdirSync(dirname(join(out, name)), { recursive: true });
    writeFileSync(join(out, name), text);
  }
  return { out, files, fresh: collected.fresh };
}

const target = (name: string, ...verdicts: readonly Verdict[]) => sampleTarget(verdicts, name);
const notReached: Trouble = {
  target: "edge",
  exitCode: 2,
  ms: 3,
  trouble: "edge did not answer\nNext:\n    ping",
};
const story = () =>
  nights(
    [target("prod", "pass", "pass"), target("edge", "pass", "pass")],
    [target("prod", "pass", "fail"), target("edge", "pass", "waived")],
    [target("prod", "pass", "pass"), notReached],
  );

async function violations(page: Page): Promise<string[]> {
  const source = readFileSync(axe, "utf8");
  const found = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
    `${source};axe.run(document, { resultTypes: ["violations"] })`,
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
}

test("axe finds nothing, light and dark, wide and narrow, and no page asks anybody", async ({ browser }) => {
  const { out, files } = build(story());
  for (const [width, colorScheme] of [
    [1280, "light"],
    [360, "dark"],
  ] as const) {
    const context = await browser.newContext({
      viewport: { width, height: 800 },
      colorScheme,
      bypassCSP: true,
    });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    for (const name of [...files.keys()].filter((file) => file.endsWith(".html"))) {
      await page.goto(`file://${join(out, name)}`);
      for (const details of await page.locator("details").all())
        await details.evaluate((one) => one.setAttribute("open", ""));
      expect(await violations(page), `${name}, ${width}, ${colorScheme}`).toEqual([]);
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
      expect(wide, `${name} is as wide as the window`).toBeLessThanOrEqual(0);
    }
    expect(asked.filter((url) => !url.startsWith(`file://${out}/`))).toEqual([]);
    await context.close();
  }
});

test("three nights are told: what broke, what was mended, who was not reached", async ({ browser }) => {
  const { out } = build(story());
  const page = await browser.newPage();
  await page.goto(`file://${join(out, "index.html")}`);
  const rows = page.locator("tbody tr");
  await expect(rows.nth(0)).toContainText(
    "edge did not answer. The result before it, of 2026-03-02 02:00 UTC: ✓ pass",
  );
  await expect(rows.nth(1)).toContainText("STO-002 (must) title of STO-002: fail → pass");
  await page.keyboard.press("Tab");
  await expect(page.locator(":focus")).toHaveText("To the content");
  await page.getByRole("link", { name: "edge" }).click();
  await expect(page.locator("h1")).toHaveText("edge: ! no result");
  await expect(page.locator("main")).toContainText(
    "3 runs from 2026-03-01 to 2026-03-03: 2 pass, 1 without a result",
  );
  await expect(page.locator("main")).toContainText(
    "STO-002 title of STO-002: accepted, in forceAccepted byJ. Doe",
  );
  await page.getByText("the volume of STO-001 is mounted once").first().focus();
  await page.locator("tr#STO-001 summary").focus();
  await page.keyboard.press("Enter");
  await expect(page.locator("tr#STO-001 details")).toHaveAttribute("open", "");
  await expect(page.locator("tr#STO-001")).toContainText("expected one mount of /srv/data; found one");
  await page.getByLabel("hide what passes").check();
  await expect(page.locator("tr#STO-001")).toBeHidden();
  await expect(page.locator("tr#STO-002")).toBeVisible();
});

test("what was found otherwise under the same verdict is drift", () => {
  const [first] = [target("prod", "pass")];
  const requirements = (first?.requirements ?? []).map((one) => ({
    ...one,
    phases: one.phases.map((phase) => ({
      ...phase,
      checks: phase.checks.map((check) => ({ ...check, found: "one, read-only" })),
    })),
  }));
  const { files } = build(nights([target("prod", "pass")], [{ ...target("prod", "pass"), requirements }]));
  const page = files.get("targets/prod.html") ?? "";
  expect(page).toContain(
    "no requirement became pass or fail; 1 check found something else under the same verdict",
  );
  expect(page).toContain("before: <del>one</del><br>now: <ins>one, read-only</ins>");
});

test("the same documents give the same bytes, and what was read is not read again", () => {
  const runs = story();
  const first = build(runs);
  expect(first.fresh).toBe(3);
  const again = build(runs);
  expect(again.fresh).toBe(0);
  expect(Object.fromEntries(again.files)).toEqual(Object.fromEntries(first.files));
  writeFileSync(join(first.out, knownFile), '{"registers":{},"nights":{"x":[{}]}}');
  const damaged = build(runs);
  expect(damaged.fresh).toBe(3);
  expect(damaged.files.get("index.html")).toBe(first.files.get("index.html"));
});

test("the outline beside a document is read in its place, gives the same bytes, and counts for that document alone", () => {
  const runs = story();
  const first = build(runs);
  const documents = documentsIn([runs]);
  for (const file of documents) writeRun(dirname(file), readRun(file));
  // Only the two newest results of a target are read whole: this one is known by its outline.
  const oldest = documents[0] ?? "";
  const outline = join(dirname(oldest), "outline.json");
  const build2 = build(runs, test.info().outputPath("second"));
  const pages = (files: ReadonlyMap<string, string>) => [...files].filter(([name]) => name !== knownFile);
  expect(pages(build2.files)).toEqual(pages(first.files));
  expect(build2.fresh).toBe(3);
  const letters = (text: string) => text.replaceAll('"letters":"pp"', '"letters":"pf"');
  writeFileSync(outline, letters(readFileSync(outline, "utf8")));
  const believed = build(runs, test.info().outputPath("third")).files.get(knownFile);
  expect(believed, "the outline is what is read").toMatch(/2026-03-01T02[^}]*"letters":"pf"/);
  // The document was written to since, or the outline is damaged: the document counts.
  utimesSync(oldest, 1, 1);
  const touched = build(runs, test.info().outputPath("fourth"));
  expect(touched.files.get(knownFile)).not.toMatch(/2026-03-01T02[^}]*"letters":"pf"/);
  writeFileSync(outline, "{");
  expect(pages(build(runs, test.info().outputPath("fifth")).files)).toEqual(pages(first.files));
});

test("a run that is removed or moved stays one night of the trend", () => {
  const runs = story();
  const { out } = build(runs);
  renameSync(join(runs, "night-1"), join(runs, "moved"));
  rmSync(join(runs, "night-0"), { recursive: true });
  const { files, fresh } = build(runs, out);
  expect(fresh).toBe(1);
  expect(files.get("targets/prod.html")).toContain("3 runs from 2026-03-01 to 2026-03-03: 2 pass, 1 fail");
});

test("what a run was not asked for has not moved, and a file that is judged again is no night", () => {
  const again = target("prod", "fail", "fail");
  const evidence = again.evidence.map((one) => ({ ...one, file: "saved.json" }));
  const { files } = build(
    nights(
      [target("prod", "pass", "pass")],
      [target("prod", "not judged", "pass")],
      [{ ...again, evidence }],
    ),
  );
  const page = files.get("targets/prod.html") ?? "";
  expect(page).toContain("no requirement became pass or fail");
  expect(page).toContain("1 requirement passed before, and was not judged this time");
  expect(page).toContain("2 runs from 2026-03-01 to 2026-03-02");
});

test("what failed before and is not judged now is named, with what moved, on each page: it is not mended", () => {
  const { files } = build(nights([target("prod", "fail", "pass")], [target("prod", "not judged", "pass")]));
  const overview = files.get("index.html") ?? "";
  expect(overview.replaceAll(/<[^>]*>/g, "")).toContain(
    "failed before, and not judged since: STO-001 (must) title of STO-001",
  );
  expect(overview.match(/>STO-001</g), "once, and in what moved").toHaveLength(2);
  const page = files.get("targets/prod.html") ?? "";
  expect(page).toContain(
    "1 requirement did not pass before, and was not judged this time: nothing is proved;",
  );
  expect(page).toContain("<dt>Judged</dt><dd>1 of 2 requirements, on 2026-03-02 02:00 UTC</dd>");
  expect(page).toContain("<dt>Not judged</dt><dd>1 (1 must); the run could only observe");
  const first = page.slice(0, page.indexOf("<h2>What was required</h2>"));
  expect(
    first.match(/STO-001/g),
    "once in its line, with a link and its title, in the command, and in what moved",
  ).toHaveLength(6);
});

test("a run that was no pass says why: its first rows, what was found, and how many more there are", () => {
  const many = Array.from({ length: 8 }, () => "fail" as const);
  const { files } = build(nights([target("prod", ...many)], [target("prod", "pass")]));
  const page = files.get("targets/prod.html") ?? "";
  const runs = page.slice(page.indexOf("<h2>Runs</h2>"));
  expect(runs).toMatch(/8 fail<ul><li><a href="#STO-001">STO-001<\/a>: \S.*<li>and 3 more<\/li><\/ul>/);
});

/** The text of a page's first lines: what a reader sees before they scroll. */
function firstLines(page: string): string {
  const lines = page.slice(page.indexOf("<h1>"), page.indexOf("<h2>What was required</h2>"));
  return lines
    .replaceAll(/<code class="cmd">.*?<\/code>/g, "$&\n")
    .replaceAll(/<\/(?:dt|dd|div|li)>|<ul>|<div>/g, "\n")
    .replaceAll(/<[^>]*>/g, "");
}

test("the first lines of a target's page: when, what fails and why, who accepts what risk until when, what moved, what to do next", () => {
  const now = target("prod", "fail", "waived", "pass", "unknown", "not judged");
  const { files } = build(nights([target("prod", "pass", "waived", "pass", "pass", "fail")], [now]));
  const lines = firstLines(files.get("targets/prod.html") ?? "").split("\n");
  for (const line of [
    "4 of 5 requirements, on 2026-03-02 02:00 UTC",
    "STO-001 (must) title of STO-001: two",
    "STO-004 (must) title of STO-004: two",
    "STO-005 (must) title of STO-005: ✗ fail on 2026-03-01 02:00 UTC: two",
    "STO-002 (must) title of STO-002: accepted by J. Doe, until 2026-03-20 (soon). Risk: data in two places",
    "STO-001: ✓ pass, now ✗ fail",
    "STO-001 title of STO-001: umount /srv/old",
    "and judge it again: npm run phoenix -- verify --inventory FILE --target prod --only STO-001",
  ])
    expect(lines).toContain(line);
  const end = lines.filter(Boolean).slice(-3);
  expect(end).toEqual([
    expect.stringMatching(/^judge again what failed before: .* --only STO-005$/),
    expect.stringMatching(/^A pass closes it\./),
    "FILE is the inventory in which the target stands: type the path where your nightly job has it.",
  ]);
  const good = build(nights([target("prod", "pass")], [target("prod", "pass")])).files;
  expect(firstLines(good.get("targets/prod.html") ?? "")).toMatch(/Next\nnothing\n/);
});

test("a command line is typed as it is, whatever the target is called; one that needs actions names them", () => {
  const left = target("it's; reboot", "not judged");
  const requirements = left.requirements.map((one) => ({
    ...one,
    phases: one.phases.map((phase) => ({ ...phase, reason: "needs firewall-trial, apply" })),
  }));
  const { files } = build(nights([target("it's; reboot", "fail")], [{ ...left, requirements }]));
  const pages = [...files].filter(([name]) => name.startsWith("targets/")).map(([, text]) => text);
  const command =
    "verify --inventory FILE --target &#39;it&#39;\\&#39;&#39;s; reboot&#39; --only STO-001 --allow firewall-trial --allow apply";
  expect(pages[0]?.replaceAll(/<[^>]*>/g, "").split(command)).toHaveLength(3);
});

/** The text of the only page of a target, of a run by this command. */
function pageBy(command: RunCommand, one: RunTarget): string {
  const folder = test.info().outputPath("runs");
  rmSync(folder, { recursive: true, force: true });
  writeRun(join(folder, "run"), { ...sampleRun(["fail"]), command, targets: [one] });
  const { files } = build(folder, test.info().outputPath(`site-${command}-${Math.random()}`));
  const [, page = ""] = [...files].find(([name]) => name.startsWith("targets/")) ?? [];
  return page;
}

test("what to type next fits the command that judged: verify asks again, and the stand-in of accept is gone", () => {
  const next = (command: RunCommand, one: RunTarget) => {
    const lines = firstLines(pageBy(command, one)).split("\n").filter(Boolean);
    return lines.slice(lines.lastIndexOf("Next") + 1).join(" | ");
  };
  const deployment = deploymentDigest(defaultDeployment);
  const standIn = { ...target("stand-in", "fail"), deployment };
  const mend = "mend what fails in the tree or the plan, since its stand-in is gone:";
  const phoenix = "and judge it again: npm run phoenix --";
  const failed = "STO-001 title of STO-001: umount /srv/old";
  const note =
    "FILE is the inventory in which the target stands: type the path where your nightly job has it.";
  const again = "If it fails again, its row says what was found then.";
  expect(next("accept", standIn)).toBe(`${mend} | ${failed} | ${phoenix} spec STO-001 | ${again}`);
  const tree = { name: "/srv/our trees@v2" };
  expect(next("accept", { ...standIn, tree, deployment: `sha256:${"1".repeat(64)}` })).toBe(
    `${mend} | ${failed} | ${phoenix} spec STO-001 --tree &#39;/srv/our trees@v2&#39; --deployment FILE | ${again}`,
  );
  const plan = { literal: true, without: ["host-names"], steps: [] };
  expect(next("accept", { ...standIn, plan, standIn: { image: "one", vm: "qemu" } })).toMatch(
    / -- accept --literal --without host-names --vm qemu \| If /,
  );
  const two = { ...target("stand-in", "fail", "fail"), deployment };
  expect(next("accept", two)).toMatch(/ -- accept \| If /);
  expect(next("verify", standIn)).toBe(
    `mend what fails: | ${failed} | ${phoenix} verify --inventory FILE --target stand-in --only STO-001 | ${again} | ${note}`,
  );
  expect(pageBy("accept", standIn)).not.toContain("--inventory");
});

test("a stand-in that was not reached is gone when its command has ended: the page says how to start another one", () => {
  const { files } = build(nights([target("edge", "pass")], [notReached]));
  expect((files.get("targets/edge.html") ?? "").replaceAll(/<[^>]*>/g, "")).toMatch(
    /targets check --inventory FILE --target edgeIf it is gone: this target was a stand-in, .* -- stand-in --deployment FILE/,
  );
  const host = { ...target("edge", "pass"), kind: "host" } as const;
  const other = build(nights([host], [notReached])).files.get("targets/edge.html") ?? "";
  expect(other).not.toContain("If it is gone");
});

const applied = (more: Partial<JournalEntry> = {}): JournalEntry => ({
  ...{ name: "0002", does: "apply", state: "applied", at: "2026-03-01T23:00:00.000Z" },
  who: "ann@box, process 7, since noon",
  plan: {
    ...{ literal: false, without: ["host-names"], steps: ["volume-path"] },
    changes: [
      {
        ...{ step: "volume-path", kind: "remedy", task: "1.1", why: "the volume must be its own directory" },
        changes: ["edit /srv/vm.json", "make /srv/1001/"],
      },
    ],
  },
  ...more,
});

/** A target as `verify` judges it: it applied nothing, and the journal there says this. */
const verified = (journal: TargetJournal | undefined): RunTarget => {
  const { plan: _, ...rest } = target("prod", "pass");
  return { ...rest, ...(journal && { journal }) };
};

const changedIn = (page: string) =>
  page
    .slice(page.indexOf('<h2 id="changed">'), page.indexOf("<h2>What is known</h2>"))
    .replaceAll(/<[^>]*>/g, "");

test("what was changed: the steps of this run in words, or what the target's journal says of earlier ones", () => {
  const page = (now: RunTarget, before = now) =>
    build(nights([before], [now])).files.get("targets/prod.html") ?? "";
  const earlier = {
    all: 1,
    entries: [applied({ name: "0001", state: "rolled back", confirmation: "expired" })],
  };
  const both = page(verified({ all: 2, entries: [...earlier.entries, applied()] }), verified(earlier));
  expect(changedIn(both)).toContain(
    "Nothing, by this run: it judged the target as it is. The target's journal has 2 entries of earlier commands, newest first:2026-03-01 23:00 UTC, by ann@box, entry 0002: the plan, 2 changes in 1 step; applied; left out: host-names.",
  );
  expect(changedIn(both)).toContain(
    "task 1.1, the NFS volume of the docker host: the volume must be its own directory (remedy)edit /srv/vm.jsonmake /srv/1001/",
  );
  expect(changedIn(both)).toContain("rolled back by itself, as nobody confirmed it");
  expect(firstLines(both)).toMatch(/not by this run. Last: .*entry 0002.* This is new since the run before/);
  expect(firstLines(page(verified(earlier)))).not.toContain("new since");
  expect(changedIn(page({ ...target("prod", "pass"), plan: applied().plan }))).toMatch(
    /The plan was applied before this run, as its record says: 2 changes in 1 step; left out: host-names\..*the volume must be its own directory/s,
  );
});

test("what was changed: no entry, a journal that can't be read, and a run that did not look are three things", () => {
  const words = (journal: TargetJournal | undefined) =>
    changedIn(build(nights([verified(journal)])).files.get("targets/prod.html") ?? "");
  expect(words({ all: 0, entries: [] })).toContain("journal has no entry");
  expect(words({ unread: "sh ended with exit code 1", all: 0, entries: [] })).toMatch(
    /could not be read: sh ended with exit code 1\. .*status --inventory FILE --target prod/,
  );
  expect(words(undefined)).toContain("It holds no record of an earlier apply.");
});

test("the overview says of each target what failed and why, who accepts what, and what to do next", () => {
  const { files } = build(
    nights(
      [target("prod", "pass", "waived"), target("edge", "pass")],
      [target("prod", "fail", "waived"), notReached],
    ),
  );
  const overview = (files.get("index.html") ?? "").replaceAll(/<[^>]*>/g, "");
  expect(overview).toContain("STO-001: two");
  expect(overview).toContain("STO-002 (must) title of STO-002: accepted by J. Doe, until 2026-03-20 (soon)");
  expect(overview).toMatch(/Next: mend what fails:STO-001 title of STO-001: umount \/srv\/old/);
  expect(overview).toContain(
    "Next: find out why it was not judged (this changes nothing): npm run phoenix -- targets check --inventory FILE --target edge",
  );
});

test("the page of all requirements marks a failure that was not judged again", () => {
  const { files } = build(nights([target("prod", "fail", "pass")], [target("prod", "not judged", "pass")]));
  const page = files.get("requirements.html") ?? "";
  const rowOf = (id: string) => new RegExp(`<code>${id}</code>.*?</tr>`, "s").exec(page)?.[0] ?? "";
  expect(rowOf("STO-001")).toContain('aria-label="failed before"');
  expect(rowOf("STO-002")).not.toContain("failed before");
  expect(page).toContain("it failed before, and was not judged since");
});

test("a target's page says what the plan is for, and which requirements judge each task", () => {
  const page = build(story()).files.get("targets/prod.html") ?? "";
  const required = page.slice(
    page.indexOf("<h2>What was required</h2>"),
    page.indexOf("<h2>What was judged"),
  );
  expect(required).toContain("The plan deploys Portainer");
  expect(required).toMatch(
    /configuration, task 1\.1: the NFS volume of the docker host: <a href="#STO-001">STO-001<\/a> title of STO-001/,
  );
});

test("the row of a waived failure says who accepts it and until when, and leads to why and at what risk", () => {
  const page = build(story()).files.get("targets/edge.html") ?? "";
  const row = /<tr id="STO-002".*?<\/tr>/s.exec(page)?.[0] ?? "";
  expect(row).toMatch(
    /Accepted by J\. Doe, until 2026-03-20 \(soon\): <a href="#accepted">why, and at what risk<\/a>/,
  );
});

test("a failure that nobody looks at again stays open, however many runs pass, until the same requirement passes", () => {
  const seen = target("prod", "fail", "pass");
  const unseen = target("prod", "not judged", "pass");
  const { files } = build(nights([seen], [unseen], [unseen]));
  const page = files.get("targets/prod.html") ?? "";
  expect(page).toMatch(/<h1>prod: <span class="v unknown">/);
  expect(page).toMatch(
    /Failed before, and not judged since<\/dt><dd>.*#STO-001">STO-001<\/a> \(must\) title of STO-001: .*fail<\/span> on 2026-03-01 02:00 UTC: two<\/div>/,
  );
  expect(files.get("index.html")).toMatch(/failed before, and not judged since: <a [^>]*>STO-001</);
  const mended = build(nights([seen], [unseen], [target("prod", "pass", "pass")], [unseen])).files;
  expect(mended.get("targets/prod.html")).toMatch(/<h1>prod: <span class="v pass">/);
  expect(mended.get("targets/prod.html")).not.toContain("not judged since");
});

test("what is old is marked: a target without a result on every page", () => {
  const { files } = build(story());
  expect(files.get("requirements.html")).toMatch(
    /edge<\/a><br>.*no result<\/span>: these are of 2026-03-02 02:00 UTC/,
  );
  expect(files.get("targets/edge.html")).toContain("What was known on 2026-03-02 02:00 UTC");
  expect(files.get("targets/prod.html")).toContain("<h2>What is known</h2>");
  expect(files.get("index.html")).toContain("pass → no result");
});

test("no name and no finding can add markup, and two names never share a page", () => {
  const evil = `<script>alert("x")</script>&'\u202e`;
  const hostile = { ...target("a/b", "fail"), target: evil, tree: { name: evil } };
  const { files } = build(
    nights([hostile, target("a/b", "pass"), target("a_b", "pass"), target("A_B", "pass")]),
  );
  const pages = [...files].filter(([name]) => name.endsWith(".html"));
  expect(pages).toHaveLength(2 + 4);
  for (const [name, text] of pages) {
    expect(name).toMatch(/^(?:targets\/)?[\w-]+\.html$/);
    expect(text, name).not.toMatch(/<script|\u202e|\son\w+=/);
  }
  expect(html`<p title="${evil}">${[evil]}</p>`.text).toBe(
    '<p title="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;&lt;U+202E&gt;">&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;&#39;&lt;U+202E&gt;</p>',
  );
});

test("runs of the gate alone give no site that is about nothing", () => {
  const folder = test.info().outputPath("gate");
  writeRun(join(folder, "run"), { ...sampleRun(["pass"]), command: "gate" });
  expect(() => build(folder)).toThrow(/^No run on a target: .*\nNext:/);
});

test("a folder without runs, and a document that is none, are errors with what to type next", () => {
  const empty = test.info().outputPath("empty");
  mkdirSync(empty, { recursive: true });
  expect(() => documentsIn([empty])).toThrow(/^No run in .*\nNext:/s);
  expect(() => documentsIn([join(empty, "nothing")])).toThrow(/^There is no .*\nNext:/s);
  writeFileSync(join(empty, "run.json"), '{\n "version": 2 }');
  expect(() => collect(documentsIn([empty]))).toThrow(/run\.json/);
});
