// The result of `verify` as one document. The page, the exit code and every form of a report are made from it alone.
import { problem } from "../fixtures/errors.ts";
import { Exit } from "../fixtures/exit-codes.ts";
import { visibleLines } from "../fixtures/visible-lines.ts";
import type { Verdicts } from "./verdicts.ts";

/** One target, judged: every requirement of the register is a row of `verdicts`. */
export interface Verified {
  readonly target: string;
  readonly exitCode: number;
  /** From the start of the target's work to its result, in milliseconds. */
  readonly ms: number;
  readonly evidence: {
    /** When it was collected, ISO 8601. */
    readonly at: string;
    readonly ageSeconds: number;
    /** The file that it was read from; none if this run collected it. */
    readonly file?: string;
    /** The digest of the deployment that was judged. */
    readonly deployment: string;
    /** What the target can't imitate, and who says so. */
    readonly limits: readonly string[];
    readonly limitsFrom: "inventory" | "evidence file";
  };
  /** The digest of all requirements' ids and revisions. */
  readonly register: string;
  /** The actions that this run could take. */
  readonly allowed: readonly string[];
  /** The requirements that had to be judged. */
  readonly required: readonly string[];
  /** What an earlier run had left on the target, and this one removed. */
  readonly removed: readonly string[];
  /** Only if the run asked for it (`--contract`). */
  readonly contract?: HostContract;
  readonly verdicts: Verdicts;
}

/** What a host answered to the read-only scenarios that the stand-in is held to. */
export interface HostContract {
  /** Why nothing was asked. */
  readonly unasked?: string;
  /** How many agree, and how many were not asked since they change something or take long. */
  readonly agree: number;
  readonly notAsked: number;
  /** Each that does not agree: the behaviour, what relies on it, and the fields that differ or why there is no answer. */
  readonly open: readonly {
    readonly id: string;
    readonly what: string;
    readonly by: string;
    readonly verdict: "differs" | "could not tell";
    readonly why?: string;
    readonly differences: readonly {
      readonly step: string;
      readonly field: string;
      readonly expected: string;
      readonly found: string;
    }[];
  }[];
}

/** One target without a result, and why. */
export interface Trouble {
  readonly target: string;
  readonly exitCode: number;
  readonly ms: number;
  /** What happened, and what to type next. */
  readonly trouble: string;
}

/** The whole run: `verify --json` prints it, `verified.schema.json` describes it. */
export interface VerifyRun {
  readonly version: 1;
  /** The worst of all targets. */
  readonly exitCode: number;
  readonly targets: readonly (Verified | Trouble)[];
  /** If this is a part of a run: which one, and the targets of the whole run. */
  readonly shard?: Part;
}

/** One of several parts of a run, each judged by a process of its own. */
export interface Part {
  /** From 1 to `total`. */
  readonly index: number;
  readonly total: number;
  /** The names of all targets of the run, in order. */
  readonly names: readonly string[];
}

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
export function heading({ target, evidence, register, allowed, removed }: Verified): string {
  const { at, ageSeconds, file, deployment, limits, limitsFrom } = evidence;
  const lines = [
    `Target ${target}, deployment ${short(deployment)}, register ${short(register)}`,
    `Evidence of ${at}, ${age(ageSeconds)} old${file === undefined ? "" : `, from ${file}`}`,
    ...(limits.length > 0 ? [`Not imitated there, as the ${limitsFrom} says: ${limits.join(", ")}`] : []),
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
  return `${Math.round(seconds / 86_400)} days`;
}

/** The table at the end of a run on several targets: one line a target, with its counts or its trouble. */
export function targetsTable({ targets }: VerifyRun): string {
  const width = Math.max(6, ...targets.map(({ target }) => target.length));
  const line = (target: string, exit: string, time: string, said: string) =>
    `${target.padEnd(width)}  ${exit.padEnd(4)}  ${time.padStart(7)}  ${said}`.trimEnd();
  const lines = targets.map((one) =>
    line(one.target, String(one.exitCode), `${(one.ms / 1000).toFixed(1)} s`, countsOrTrouble(one)),
  );
  return `${[line("Target", "Exit", "Time", "Result"), ...lines].join("\n")}\n`;
}

/** `24 pass, 1 fail: STO-003`, or the first line of the trouble. */
export function countsOrTrouble(one: Verified | Trouble): string {
  if ("trouble" in one) return one.trouble.split("\n", 1)[0] ?? "";
  const { rows } = one.verdicts;
  const groups = Map.groupBy(rows, ({ verdict }) => verdict);
  const count = (verdict: "pass" | "not judged") => groups.get(verdict)?.length ?? 0;
  const named = (["fail", "unknown"] as const).flatMap((verdict) => {
    const ids = groups.get(verdict)?.map(({ id }) => id) ?? [];
    return ids.length > 0 ? [`${ids.length} ${verdict}: ${ids.join(" ")}`] : [];
  });
  const left = count("not judged") > 0 ? [`${count("not judged")} not judged`] : [];
  const { unasked = undefined, open: differing = [] } = one.contract ?? {};
  const open = unasked === undefined ? differing.map(({ id }) => id) : ["not asked"];
  const contract = open.length > 0 ? [`contract: ${open.join(" ")}`] : [];
  return [`${count("pass")} pass`, ...named, ...left, ...contract].join(", ");
}

/** What to type next about rows that were not judged. */
export function nextForOpen({ verdicts }: Verified, command: string): string | undefined {
  const needs = verdicts.rows.flatMap(
    ({ reason }) => /^(?:required, and not judged: )?(needs .+)$/.exec(reason)?.[1] ?? [],
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
    `Not judged: ${needs.length} of ${verdicts.rows.length} requirements.`,
    `${command}${browser}${allow}`,
  );
}
