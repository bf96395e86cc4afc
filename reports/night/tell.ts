// A night in words: the headline, the page, and whether somebody is to hear of it.
import { counted } from "../../fixtures/counted.ts";
import { visibleLines } from "../../fixtures/visible-lines.ts";
import type { AppliedWaiver } from "../run/run.ts";
import { waiverLines } from "../run/waivers.ts";
import type { Changes, Finding, Night, TargetNight } from "./night.ts";

/** When somebody is told: of every night, of nights with something wrong or new, or of nights with something new alone. */
export const occasions = ["always", "problems", "changes"] as const;
export type Occasion = (typeof occasions)[number];

/** Whether somebody is told of this night. Who is told of problems is also told that they are over. */
export function isToTell({ targets }: Pick<Night, "targets">, when: Occasion): boolean {
  if (when === "always") return true;
  if (targets.some(({ changes }) => changes.changed)) return true;
  return when === "problems" && targets.some(({ state }) => state !== "pass");
}

/** One line, for a phone: `alpha: 2 newly failing (STO-003, FWL-001). beta: no verdict. 3 others pass.` */
export function headlineOf(targets: readonly TargetNight[]): string {
  const said = targets.flatMap((one) => {
    const text = inShort(one);
    return text === undefined ? [] : [`${one.target}: ${text}`];
  });
  const quiet = targets.length - said.length;
  if (said.length === 0)
    return quiet === 1 ? visibleLines(`${targets[0]?.target}: pass`) : `all ${quiet} targets pass`;
  const others = quiet > 0 ? [counted(quiet, "other passes", "others pass")] : [];
  return visibleLines([...said, ...others].join(". ")).replace(/\s+/g, " ");
}

function inShort(one: TargetNight): string | undefined {
  const { state, trouble = "", changes, standIn, contract = [], waivers = [] } = one;
  if (state === "no verdict") return `no verdict (${trouble.split("\n")[0]})`;
  const parts = [
    count(changes.newlyFailing, "newly failing"),
    count(changes.newlyUnknown, "newly unknown"),
    count(changes.stillFailing, "still failing"),
    count(changes.stillUnknown, "still unknown"),
    count(changes.newlyWaived ?? [], "newly waived"),
    count(changes.stillWaived ?? [], "still waived"),
    ofWaivers(
      waivers.filter(({ state: is }) => is === "expired"),
      "expired",
    ),
    ofWaivers(
      waivers.filter(({ state: is }) => is === "not needed"),
      "no longer needed",
    ),
    ofWaivers(
      waivers.filter(({ soon }) => soon),
      "soon to expire",
    ),
    changes.notSeen.length > 0
      ? `${changes.notSeen.length} open: no pass before, and not judged since (${changes.notSeen.join(", ")})`
      : "",
    changes.fixed.length > 0 ? `${changes.fixed.length} fixed (${changes.fixed.join(", ")})` : "",
    standIn && standIn.differs.length > 0
      ? `the stand-in differs (${standIn.differs.map(({ id }) => id).join(", ")})`
      : "",
    standIn?.trouble === undefined ? "" : "no verdict on the stand-in",
    contract.length > 0 ? `${contract.length} of the stand-in's contract not seen to hold` : "",
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(", ") : undefined;
}

const count = (all: readonly Finding[], what: string) =>
  all.length > 0 ? `${all.length} ${what} (${all.map(({ id }) => id).join(", ")})` : "";

const ofWaivers = (all: readonly AppliedWaiver[], what: string) =>
  all.length > 0
    ? `${counted(all.length, "waiver")} ${what} (${all.map(({ requirement }) => requirement).join(", ")})`
    : "";

/** The night's page: a block for each target, the worst first; if `quiet`, only for those that do not pass. */
export function nightPage({ night, headline, targets }: Night, quiet = false): string {
  if (quiet) {
    const wrong = targets.filter(({ state }) => state !== "pass");
    return [`Night ${night}: ${headline}\n`, ...wrong.map(block)].join("");
  }
  const order = ["no verdict", "fail", "unknown", "pass"];
  const sorted = targets.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  return `\nNight ${night}: ${headline}\n\n${sorted.map(block).join("\n")}`;
}

function block(one: TargetNight): string {
  const { target, state, trouble, counts, changes, folder, standIn, contract = [], waivers = [] } = one;
  const open = waivers.filter(({ state: is, soon }) => is !== "in force" || soon);
  const counted = Object.entries(counts)
    .filter(([, number]) => number > 0)
    .map(([verdict, number]) => `${number} ${verdict}`)
    .join(", ");
  const lines = [
    `${target}: ${state}${counted === "" ? "" : ` (${counted})`}${comparison(changes)}`,
    ...(trouble === undefined ? [] : trouble.split("\n").map((line) => `    ${line}`)),
    ...listed("newly failing", changes.newlyFailing),
    ...listed("newly unknown", changes.newlyUnknown),
    ...listed("still failing", changes.stillFailing),
    ...listed("still unknown", changes.stillUnknown),
    ...listed("newly waived", changes.newlyWaived ?? []),
    ...listed("still waived", changes.stillWaived ?? []),
    ...waiverLines({ waivers: open }).map((line) => `    waiver of ${line}`),
    ...(changes.notSeen.length > 0
      ? [`    open, as they were no pass before, and are not judged since: ${changes.notSeen.join(" ")}`]
      : []),
    ...(changes.fixed.length > 0 ? [`    fixed: ${changes.fixed.join(" ")}`] : []),
    ...(standIn?.trouble === undefined ? [] : [`    no verdict on the stand-in: ${standIn.trouble}`]),
    ...(standIn?.differs ?? []).map(
      ({ id, standIn: there, host }) =>
        `    ${id}: ${there} on the stand-in, ${host} on the host: see \`contract hypervisor\``,
    ),
    ...contract.map((line) => `    contract of the stand-in: ${line}`),
    ...(folder === undefined ? [] : [`    ${folder}`]),
  ];
  return `${lines.map((line) => visibleLines(line)).join("\n")}\n`;
}

function comparison({ comparedWith, notComparable, lastGood }: Changes): string {
  if (notComparable !== undefined) return `, not compared with ${comparedWith}: ${notComparable}`;
  if (comparedWith === undefined) return ", the first night";
  return `, compared with ${comparedWith}${lastGood === undefined || lastGood === comparedWith ? "" : `, last good ${lastGood}`}`;
}

const listed = (what: string, all: readonly Finding[]) =>
  all.map(
    ({ id, severity, statement, found, since }) =>
      `    ${what}${since === undefined || !what.startsWith("still") ? "" : ` since ${since}`}: ${id} (${severity}) ${statement}\n        ${found}`,
  );
