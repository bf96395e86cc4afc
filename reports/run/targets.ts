// The parts of the terminal page of `verify`: what was judged, the table of several targets, and what to type next.
import { counted } from "../../fixtures/counted.ts";
import { problem } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { visibleLines } from "../../fixtures/visible-lines.ts";
import { type HostContract, isJudged, lastOf, type Run, type RunTarget, type Trouble } from "./run.ts";

/** Worst first. An interruption ends the process before there is a result. */
const worstFirst: readonly number[] = [
  Exit.bug,
  Exit.fail,
  Exit.refused,
  Exit.badInput,
  Exit.unknown,
  Exit.pass,
];

/** The worst exit code of all targets; `bug` for one that is not in the list. */
export function worstExit(codes: readonly number[]): number {
  const places = codes.map((code) => Math.max(0, worstFirst.indexOf(code)));
  return worstFirst[Math.min(...places)] ?? Exit.bug;
}

/**
 * The exit code of a target: `unknown` at best if its host does not behave as verdicts rely on. A contract never changes a
 * verdict, and a failing requirement is worse.
 */
export function exitWithContract(exitCode: number, contract: HostContract | undefined): number {
  if (!contract || (contract.open.length === 0 && contract.agree > 0)) return exitCode;
  return worstExit([exitCode, Exit.unknown]);
}

/** Whether the host was not seen to behave as the contract says. */
export const isOpen = ({ unasked, open, agree }: HostContract): boolean =>
  unasked !== undefined || open.length > 0 || agree === 0;

/** The lines about the contract: how many scenarios agree, and each that does not, with what was expected and found. */
export function contractLines({ unasked, agree, notAsked, open }: HostContract): string {
  if (unasked !== undefined) return visibleLines(`Contract of the host: not asked: ${unasked}.\n`);
  const differ = open.filter(({ verdict }) => verdict === "differs").length;
  const counts = `${agree} scenarios agree, ${differ} differ, ${open.length - differ} without an answer, ${notAsked} not asked`;
  const lines = open.flatMap(({ id, what, by, verdict, why, differences }) => [
    `${verdict === "differs" ? "✗" : "?"} ${id}  ${what}${why === undefined ? "" : `: ${why}`}`,
    ...differences.map(
      ({ step, field, expected, found }) =>
        `    ${step === "" ? "" : `${step} · `}${field}: expected ${expected}, found ${found}`,
    ),
    `    relied on by: ${by}`,
  ]);
  const result =
    open.length > 0 ? " What verdicts rely on is not seen to hold there: exit code 2 at best." : "";
  return visibleLines(`${[`Contract of the host: ${counts}.${result}`, ...lines].join("\n")}\n`);
}

/** The lines above the table: what was judged, by which register, how old it is, whose limits count. */
export function heading(
  { target, deployment, evidence, allowed, removed }: RunTarget,
  register: string,
): string {
  const of = evidence.map(({ at, ageSeconds, file }) => {
    const from = file === undefined ? "" : `, from ${file}`;
    return `Evidence of ${at}, ${age(ageSeconds)} old${from}`;
  });
  const limits = evidence.flatMap((one) =>
    one.limits.length > 0
      ? [`Not imitated there, as the ${one.limitsFrom} says: ${one.limits.join(", ")}`]
      : [],
  );
  const lines = [
    `Target ${target}, deployment ${short(deployment)}, register ${short(register)}`,
    ...of,
    ...limits,
    `Actions: ${allowed.join(", ")}`,
    ...removed.map((what) => `Removed what an earlier run had left: ${what}`),
  ];
  return `${lines.join("\n")}\n`;
}

const short = (digest: string) => digest.slice(0, "sha256:".length + 12);

/** `3 s`, `12 min`, `5 h`, `8 days`. */
export function age(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return counted(Math.round(seconds / 86_400), "day");
}

/** The table at the end of a run on several targets: one line a target, with its counts or its trouble. */
export function targetsTable({ targets }: Pick<Run, "targets">): string {
  const width = Math.max(6, ...targets.map(({ target }) => target.length));
  const line = (target: string, exit: string, time: string, said: string) =>
    `${target.padEnd(width)}  ${exit.padEnd(4)}  ${time.padStart(7)}  ${said}`.trimEnd();
  const lines = targets.map((one) =>
    line(one.target, String(one.exitCode), `${(one.ms / 1000).toFixed(1)} s`, countsOrTrouble(one)),
  );
  return `${[line("Target", "Exit", "Time", "Result"), ...lines].join("\n")}\n`;
}

/** One line: how many targets pass. Then the table of those that do not. */
export function quietTargets({ targets }: Pick<Run, "targets">): string {
  const wrong = targets.filter(({ exitCode }) => exitCode !== Exit.pass);
  const passes = `${targets.length - wrong.length} of ${counted(targets.length, "target")} pass\n`;
  return wrong.length === 0 ? passes : `${passes}${targetsTable({ targets: wrong })}`;
}

/** `24 pass, 1 fail: STO-003`, or the first line of the trouble. */
export function countsOrTrouble(one: RunTarget | Trouble): string {
  if (!isJudged(one)) return one.trouble.split("\n", 1)[0] ?? "";
  const groups = Map.groupBy(one.requirements, ({ verdict }) => verdict);
  const count = (verdict: "pass" | "not judged") => groups.get(verdict)?.length ?? 0;
  const named = (["fail", "unknown"] as const).flatMap((verdict) => {
    const ids = groups.get(verdict)?.map(({ id }) => id) ?? [];
    return ids.length > 0 ? [`${ids.length} ${verdict}: ${ids.join(" ")}`] : [];
  });
  const waived = groups.get("waived")?.map(({ id }) => id) ?? [];
  if (waived.length > 0) named.push(`${waived.length} waived: ${waived.join(" ")}`);
  const left = count("not judged") > 0 ? [`${count("not judged")} not judged`] : [];
  const { unasked = undefined, open: differing = [] } = one.hostContract ?? {};
  const open = unasked === undefined ? differing.map(({ id }) => id) : ["not asked"];
  const contract = open.length > 0 ? [`contract: ${open.join(" ")}`] : [];
  return [`${count("pass")} pass`, ...named, ...left, ...contract].join(", ");
}

/** What to type next about rows that were not judged. */
export function nextForOpen({ requirements }: RunTarget, command: string): string | undefined {
  const needs = requirements.flatMap(
    (one) => /^(?:required, and not judged: )?(needs .+)$/.exec(lastOf(one).reason)?.[1] ?? [],
  );
  if (needs.length === 0) return undefined;
  const actions = [
    ...new Set(needs.flatMap((reason) => /^needs ([a-z, -]+)$/.exec(reason)?.[1]?.split(", ") ?? [])),
  ];
  const wanted = actions.filter((action) => action !== "a browser");
  const browser = actions.includes("a browser") ? " --browser" : "";
  if (wanted.length === 0 && browser === "") return undefined;
  const allow = wanted.length > 0 ? ` --allow ${wanted.join(",")}` : "";
  return problem(
    `Not judged: ${needs.length} of ${counted(requirements.length, "requirement")}.`,
    `${command}${browser}${allow}`,
  );
}
