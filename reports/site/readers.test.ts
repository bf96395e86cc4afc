// What a newcomer asks of the site and could not find: each question with where its answer stands.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { test } from "../../fixtures/browser/test.ts";
import { effectOf } from "../../fixtures/target/effects.ts";
import { sha256 } from "../run/build.ts";
import { readRun, runText } from "../run/file.ts";
import type { GivenFiles, Run, RunTarget } from "../run/run.ts";
import { sampleTarget, sampleWaiver } from "../run/sample-accept.ts";
import { collect, documentsIn } from "./collect.ts";
import { writeNights } from "./sample-nights.ts";
import { siteFiles } from "./site.ts";

const text = (page: string) =>
  page
    .slice(Math.max(0, page.indexOf("<main")))
    .replaceAll(/<code class="cmd">.*?<\/code>/g, "$&\n")
    .replaceAll(/<\/(?:dt|dd|div|li|tr|td|th|p|h\d)>|<(?:ul|div)>/g, "\n")
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll("&#39;", "'");

/** The pages about these runs, each changed by `change` after it was written. */
function pages(all: readonly (readonly RunTarget[])[], change: (run: Run, at: number) => Run = (run) => run) {
  const folder = writeNights(test.info().outputPath("runs"), all);
  all.forEach((_, at) => {
    const file = join(folder, `night-${at}`, "run.json");
    writeFileSync(file, runText(change(readRun(file), at)));
  });
  const files = new Map(siteFiles(collect(documentsIn([folder]))));
  const of = (name: string) => files.get(name) ?? "";
  return { index: of("index.html"), grid: of("requirements.html"), prod: of("targets/prod.html") };
}

const { plan: _plan, ...verified } = sampleTarget(["pass", "pass"], "prod");
const journal = { all: 0, entries: [] };

test("a waiver says when it ends, that the day counts, how long that is, since when, and where it is written", () => {
  const now = sampleTarget(["pass", "waived"], "prod");
  const ends = (expires: string, accepted?: string) => {
    const waiver = { ...sampleWaiver("STO-002", "prod"), expires, ...(accepted && { accepted }) };
    const one = { ...now, waivers: [waiver] };
    const { prod } = pages([[{ ...sampleTarget(["pass", "pass"], "prod") }], [one], [one]], (run) => ({
      ...run,
      from: { waivers: "waivers.yaml" },
    }));
    return text(prod.slice(prod.indexOf('id="accepted"'), prod.indexOf("<h2>Requirements")));
  };
  const after = "After it the failure counts, and the run fails";
  const day = ends("2026-03-20", "2026-02-28");
  expect(day).toContain(
    `2026-03-20 to the end of that day, UTC: 17 days were left when the run began. ${after}`,
  );
  expect(day).toContain("on 2026-02-28, in waivers.yaml; the first run with it: 2026-03-02 02:00 UTC");
  expect(day).toMatch(/Because\nthe old mount.*\nRisk\ndata in two places\nWho mends it\nstorage team\n/);
  const time = ends("2026-03-04T12:00:00Z");
  expect(time).toContain(`2026-03-04T12:00:00Z: 1 day was left when the run began. ${after}`);
  expect(time).toContain("the day is not recorded in waivers.yaml");
  expect(ends("2026-03-03")).toContain("UTC: less than a day was left");
  expect(ends("2026-03-02")).toContain("UTC, which is over: the failure counts");
});

test("reason and risk of a waiver stand in full in one place", () => {
  const { prod } = pages([[sampleTarget(["waived"], "prod")]]);
  expect(prod.split("the old mount goes with the next reboot")).toHaveLength(2);
  expect(prod.match(/href="#accepted"/g)).not.toBeNull();
});

test("before a command that mends an accepted failure stands whom to ask", () => {
  const one = sampleTarget(["waived", "fail"], "prod");
  const { prod } = pages([[one]]);
  const row = (id: string) => text(`<main>${new RegExp(`<tr id="${id}".*?</tr>`, "s").exec(prod)?.[0]}`);
  expect(row("STO-001")).toMatch(
    /Before you change anything, ask who is to mend it: storage team\. Then: umount \/srv\/old\n/,
  );
  expect(row("STO-002")).toMatch(/Next: umount \/srv\/old\n/);
  expect(row("STO-002")).not.toContain("ask who");
});

test("a command names the run's inventory without its folder, on a line that can be copied", async ({
  page,
}) => {
  const failing = sampleTarget(["fail"], "prod");
  const told = (from?: GivenFiles) => pages([[failing]], (run) => (from ? { ...run, from } : run)).prod;
  expect(text(told())).toContain(
    "FILE is the inventory in which the target stands: type the path where your nightly job has it.",
  );
  const named = told({ inventory: "our targets.yaml" });
  expect(text(named)).toContain("verify --inventory 'our targets.yaml' --target prod --only STO-001\n");
  expect(text(named)).toContain(
    "our targets.yaml is the name of the inventory: type the path where your nightly job has it.",
  );
  await page.setContent(named);
  const command = page.locator("code.cmd", { hasText: "verify" }).first();
  await command.click();
  expect(await page.evaluate<string>("String(getSelection())")).toBe(
    "npm run phoenix -- verify --inventory 'our targets.yaml' --target prod --only STO-001",
  );
});

/** A requirement that waits for these actions. */
const waiting = (one: RunTarget, reason: string): RunTarget => ({
  ...one,
  requirements: one.requirements.map((row) =>
    row.verdict === "not judged"
      ? { ...row, phases: row.phases.map((phase) => ({ ...phase, reason })) }
      : row,
  ),
});

test("what an action does to users, and who decides, stands once; what judges again leads there", () => {
  const needs = waiting(sampleTarget(["not judged", "pass"], "prod"), "needs firewall-trial");
  const { prod, index } = pages([[sampleTarget(["fail", "pass"], "prod")], [needs]]);
  const { does, gone } = effectOf("firewall-trial");
  const section = prod.slice(prod.indexOf('id="actions"'));
  expect(text(`<main>${section}`)).toContain(`firewall-trial\n${does}; meanwhile users lose ${gone}\n`);
  expect(section).toContain("Whoever keeps the inventory decides");
  expect(section).not.toContain("reboots");
  expect(prod).toContain('<a href="#actions">what firewall-trial does to users, and who decides</a>');
  expect(index).toContain('<a href="targets/prod.html#actions">');
  expect(pages([[sampleTarget(["pass"], "prod")]]).prod).not.toContain('id="actions"');
});

test("the front page says that all targets are imitations, and whether a real host was compared with them", () => {
  const standIn = sampleTarget(["pass"], "prod");
  const never = text(pages([[standIn]], (run) => ({ ...run, contract: null })).index);
  expect(never).toContain(
    "Every target here is a stand-in: an imitated hypervisor. No real host was judged. The imitation was never compared with a real host.",
  );
  expect(text(pages([[standIn]]).index)).toContain("last compared with a real host on 2026-01-01");
  const host = { ...sampleTarget(["pass"], "edge"), kind: "host" } as const;
  const mixed = text(pages([[standIn, host]]).index);
  expect(mixed).toContain("prod is a stand-in: an imitated hypervisor. The imitation");
  expect(text(pages([[host]]).index)).not.toContain("an imitated hypervisor.");
});

test("a suite with changes that were not committed is a warning on both pages", () => {
  const dirty = (commit: string) => pages([[verified]], (run) => ({ ...run, tool: { ...run.tool, commit } }));
  for (const page of [dirty("0123abc-dirty").index, dirty("0123abc-dirty").prod])
    expect(text(page)).toMatch(/Warning: the suite that judged.* had changes that were not committed/);
  expect(text(dirty("0123abc").index)).not.toContain("Warning");
});

test("the front page says whose list it is, and how many checks were tried on a state broken on purpose", () => {
  const one = sampleTarget(["pass", "fail"], "prod");
  const requirements = one.requirements.map((row, at) => (at === 0 ? { ...row, lastRed: [] } : row));
  const index = text(pages([[{ ...one, requirements }]]).index);
  expect(index).toContain(
    "shown to fail on purpose: the checks of 1 of 2 requirements: a pass of the others proves less",
  );
  expect(index).toMatch(
    /2 requirements \(2 must\), written by this suite, .*, for the “Portainer Implementation Plan, version 1.0 of 2025-10-03”: the plan asks for \d, and its goals need the other \d \(remedies\).*sha256:a{12}…/,
  );
  expect(index).toContain("STO-002 (must) title of STO-002: two");
});

test("no code stands alone in what was required, and the page of all requirements says how severe each is", () => {
  const { prod, grid } = pages([[sampleTarget(["pass", "fail"], "prod")]]);
  const required = text(prod.slice(0, prod.indexOf("What was judged, and by what")));
  expect(required).toContain("STO-001 title of STO-001, STO-002 title of STO-002");
  expect(text(grid)).toContain("STO-001 title of STO-001 (must)");
});

/** Evidence beside a night, which its document names by its digest. */
function withEvidence(folders: string, files: readonly Readonly<Record<string, string>>[]) {
  return (run: Run, at: number): Run => {
    const answers = Object.fromEntries(
      Object.entries(files[at] ?? {}).map(([name, content]) => [name, { digest: sha256(content) }]),
    );
    const evidence = JSON.stringify({ places: { hypervisor: { answers } } });
    writeFileSync(join(folders, `night-${at}`, "evidence.json"), evidence);
    const targets = run.targets.map((one) => ({
      ...one,
      ...("evidence" in one && {
        evidence: one.evidence.map((source) => ({ ...source, digest: sha256(evidence) })),
      }),
    }));
    return { ...run, targets } as Run;
  };
}

test("a file that differs without an entry in the journal was changed by others; what the kernel writes was not", () => {
  const folder = test.info().outputPath("runs");
  const one = { ...verified, journal };
  const files = [
    {
      "file /etc/hosts": "one",
      "file /proc/self/mountinfo": "one",
      "sums etc": "one",
      "file /etc/fstab": "x",
    },
    {
      "file /etc/hosts": "two",
      "file /proc/self/mountinfo": "two",
      "sums etc": "two",
      "file /etc/fstab": "x",
    },
  ];
  const changed = pages([[one], [one]], withEvidence(folder, files));
  expect(text(changed.prod)).toContain(
    "Changed since the run of 2026-03-01 02:00 UTC, and not by this suite: its journal there has no new entry.",
  );
  expect(text(changed.prod).match(/this file differs: .*/g)).toEqual([
    "this file differs: hypervisor: /etc/hosts",
  ]);
  expect(text(changed.index)).toContain("changed, and not by this suite");
  expect(
    text(pages([[one], [one]], withEvidence(folder, [files[0] ?? {}, files[0] ?? {}])).prod),
  ).not.toContain("not by this suite");
  const applied = { ...one, journal: { all: 1, entries: [] } };
  expect(text(pages([[one], [applied]], withEvidence(folder, files)).prod)).not.toContain(
    "not by this suite",
  );
  const forged = pages([[one], [one]], (run, at) => {
    withEvidence(folder, files)(run, at);
    return run;
  });
  expect(text(forged.prod), "other evidence than what was judged").not.toContain("not by this suite");
});

test("a failure that as much evidence no longer shows was mended by others", () => {
  const failed = { ...verified, ...sampleTarget(["fail", "pass"], "prod"), journal };
  const { plan: _, ...before } = failed;
  const { plan: __, ...after } = {
    ...waiting(sampleTarget(["not judged", "pass"], "prod"), "needs firewall-trial"),
    journal,
  };
  const said = "STO-001 title of STO-001: failed in the run before; that fault is no longer found";
  expect(text(pages([[before], [after]]).prod)).toContain(said);
  expect(text(pages([[before], [{ ...after, allowed: ["observe", "apply"] }]]).prod)).not.toContain(said);
  const browser = { ...waiting(after, "needs evidence from before the plan (--before)"), journal };
  expect(text(pages([[before], [browser]]).prod)).not.toContain(said);
});

test("the tab says the verdict, one check holds, and the legend has what stands on the page", () => {
  const { prod, index, grid } = pages([[sampleTarget(["pass", "fail"], "prod")]]);
  expect(prod).toContain("<title>prod: fail</title>");
  expect(index).toContain("<title>All targets: 1 fail</title>");
  expect(grid).toContain("<title>All requirements: prod fail</title>");
  expect(text(prod)).toContain("1 of 1 check holds.");
  expect(text(grid)).toContain("leads to its row: ✓ pass, ✗ fail.");
  expect(grid).not.toContain("pending");
  const pending = pages([[sampleTarget(["pass", "pending"], "prod")]]).grid;
  expect(text(pending)).toMatch(/✓ pass, ○ pending\..*pending\nthe suite has no check for it yet/s);
});

test("on a phone the marks come before the names, and evidence is neither bold nor wider than it is read", async ({
  page,
}) => {
  const { grid, prod } = pages([[sampleTarget(["pass", "fail"], "prod"), sampleTarget(["pass"], "edge")]]);
  await page.setViewportSize({ width: 390, height: 800 });
  await page.setContent(grid);
  const row = page.locator(".grid tbody tr").first();
  const [mark, name] = [await row.locator("td").last().boundingBox(), await row.locator("th").boundingBox()];
  expect((mark?.x ?? 390) + (mark?.width ?? 0)).toBeLessThanOrEqual(name?.x ?? 0);
  expect(name?.x).toBeLessThan(390 / 2);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.setContent(prod);
  await page.locator("tr#STO-002 summary").click();
  const found = page.locator("tr#STO-002 details li").first();
  await expect(found).toHaveCSS("font-weight", "400");
  expect((await found.boundingBox())?.width).toBeLessThan(760);
});
