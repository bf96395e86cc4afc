// One run as one document, `run.json`: what `accept`, `verify` and `gate` found. Every page, every form of a report and the exit
// code are made from it alone. `run.schema.json` describes it for other programs.
import type { Check, Level, Verdict } from "../../fixtures/judgement.ts";
import type { Finding, Unanswered } from "../report/report.ts";
import type { Described, Row } from "../verdict.ts";
import type { Verdicts } from "../verdicts.ts";

/** The `$id` of the schema, which each document names. */
export const runSchema = "https://phoenix-acceptance.invalid/schemas/run-1.json";

export type RunCommand = "accept" | "verify" | "gate";

/** The verdict that an exit code stands for. `error`: bad input, a refusal or a bug, so that nothing was concluded. */
export type RunVerdict = "pass" | "fail" | "unknown" | "error";

export interface Run {
  readonly $schema: typeof runSchema;
  readonly version: 1;
  readonly command: RunCommand;
  /** The start of the command, ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly ms: number;
  /** The worst of all targets; docs/commands.md lists them. */
  readonly exitCode: number;
  readonly verdict: RunVerdict;
  readonly tool: Tool;
  readonly register: RegisterRevision;
  /** When a real host last agreed with the contract of the stand-in; null if none ever has. */
  readonly contract: ContractAgreement | null;
  /** The files that the command was given. */
  readonly from?: GivenFiles;
  readonly targets: readonly (RunTarget | Trouble)[];
  /** If this is a part of a run of `verify`: which one, and the targets of the whole run. */
  readonly shard?: Part;
}

/** Names of files without their folders: the document may be published, and a machine's paths are nobody's business. */
export interface GivenFiles {
  readonly inventory?: string;
  readonly waivers?: string;
}

/** One of several parts of a run, each judged by a process of its own. */
export interface Part {
  /** From 1 to `total`. */
  readonly index: number;
  readonly total: number;
  /** The names of all targets of the run, in order. */
  readonly names: readonly string[];
}

/** The suite that judged. */
export interface Tool {
  readonly name: "phoenix-acceptance";
  readonly version: string;
  /** The commit of its checkout, ending in `-dirty` if files differ; none for an installed package. */
  readonly commit?: string;
  /** The version of Node. */
  readonly node: string;
}

export interface RegisterRevision {
  /** The digest of all requirements' ids and revisions: two runs with the same one judged the same statements. */
  readonly digest: string;
  readonly requirements: number;
}

export interface ContractAgreement {
  /** The day, `YYYY-MM-DD`. */
  readonly at: string;
  /** Whole days from then to the start of the run. */
  readonly ageDays: number;
  /** The host's version of Proxmox VE. */
  readonly version: string;
  /** How many scenarios agreed. */
  readonly scenarios: number;
}

/** One target without a result, and why. */
export interface Trouble {
  readonly target: string;
  readonly exitCode: number;
  readonly ms: number;
  /** What happened, and what to type next. */
  readonly trouble: string;
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

/** One target, judged. Every requirement of the register is in `requirements`. */
export interface RunTarget {
  /** Its name in the inventory; of a tree, the tree as the user named it. */
  readonly target: string;
  readonly kind: "host" | "stand-in" | "tree";
  readonly exitCode: number;
  readonly verdict: RunVerdict;
  readonly startedAt: string;
  /** From the start of the target's work to its result. */
  readonly ms: number;
  /** The digest of the deployment that was judged. */
  readonly deployment: string;
  readonly tree?: TreeSource;
  /** What the tree was compared with. */
  readonly base?: TreeSource;
  /** `static`: from the files alone. `full`: also on a stand-in, with the plan applied. Only of the gate. */
  readonly mode?: "static" | "full";
  readonly plan?: AppliedPlan;
  /** What the target's journal says of earlier applies; only of `verify`. */
  readonly journal?: TargetJournal;
  readonly standIn?: StandInVersion;
  readonly evidence: readonly EvidenceSource[];
  /** The actions that the run could take. */
  readonly allowed: readonly string[];
  /** The requirements that had to be judged. */
  readonly required: readonly string[];
  /** What an earlier run had left on the target, and this one removed. */
  readonly removed: readonly string[];
  /** Only if the run asked for it (`--contract`). */
  readonly hostContract?: HostContract;
  /** In order. The last one is the one whose verdicts count. */
  readonly phases: readonly RunPhase[];
  readonly requirements: readonly RunRequirement[];
  /** The waivers of this target, if there are any. */
  readonly waivers?: readonly AppliedWaiver[];
  /** Of the gate: what is wrong in the tree, compared with the base. Of other commands it follows from the checks. */
  readonly findings?: readonly Finding[];
  /** Of the gate: what should have been judged and could not be. */
  readonly unanswered?: readonly Unanswered[];
}

export interface TreeSource {
  /** As the user named it; `sample` for our own. */
  readonly name: string;
  /** Its commit, ending in `-dirty` if files differ; none outside a repository, and for our own. */
  readonly commit?: string;
}

export interface AppliedPlan {
  readonly digest?: string;
  readonly literal: boolean;
  /** The steps that the command left out. */
  readonly without: readonly string[];
  /** The steps that were applied. */
  readonly steps: readonly string[];
  /** The same with what each changed; a record of an earlier version does not say. */
  readonly changes?: readonly StepChanges[];
}

/** What one step of a plan changed. */
export interface StepChanges {
  readonly step: string;
  /** `literal`: the plan's text asks for it. `remedy`: a goal of the plan needs it. */
  readonly kind?: string;
  /** The task of the plan. */
  readonly task?: string;
  /** Its reason, in a sentence. */
  readonly why?: string;
  /** What was done, in order: `edit /etc/hosts`. */
  readonly changes: readonly string[];
}

/** What the suite changed on a target in earlier runs, as the target's journal says. */
export interface TargetJournal {
  /** Why it could not be read. */
  readonly unread?: string;
  /** How many entries it has. */
  readonly all: number;
  /** The newest of them, oldest first. */
  readonly entries: readonly JournalEntry[];
}

/** One apply, or one converge. */
export interface JournalEntry {
  readonly name: string;
  readonly does: "apply" | "converge";
  readonly state: "applied" | "not finished" | "partly rolled back" | "rolled back";
  /** Whether it rolls back by itself unless confirmed; none if it was applied without that. */
  readonly confirmation?: "unconfirmed" | "confirmed" | "expired";
  /** ISO 8601 in UTC, by the clock of the machine that applied it. */
  readonly at: string;
  readonly who: string;
  readonly plan: AppliedPlan;
}

export interface StandInVersion {
  /** The image, named by a digest of its sources. */
  readonly image: string;
  /** What VM 1001 is: a container or a virtual machine. */
  readonly vm: "lxc" | "qemu";
}

export interface EvidenceSource {
  readonly phase: string;
  /** When it was collected, ISO 8601. */
  readonly at: string;
  /** Its age when it was judged. */
  readonly ageSeconds: number;
  /** SHA-256 of the evidence file, as it was written. */
  readonly digest: string;
  /** The file that it was read from; none if this run collected it. */
  readonly file?: string;
  /** What the target can't imitate, and who says so. */
  readonly limits: readonly string[];
  readonly limitsFrom: "inventory" | "evidence file";
}

export interface RunPhase {
  /** `before` or `after` the plan, `verified`, or `base` or `tree` of the gate. */
  readonly name: string;
  readonly startedAt: string;
  readonly ms: number;
  readonly status: Verdicts["status"];
  /** Errors of the suite itself, which belong to no requirement. */
  readonly bugs: readonly string[];
}

/** A check, with the command that its `where` names. */
export interface RunCheck extends Check {
  readonly command?: string;
  readonly exitCode?: number;
}

export interface PhaseResult {
  readonly phase: string;
  /** As it was judged, before any waiver. */
  readonly verdict: Verdict;
  /** One line: what was found. */
  readonly seen: string;
  /** Why the verdict is not `pass`; empty for a pass. */
  readonly reason: string;
  /** The levels that were judged. */
  readonly levels: readonly Level[];
  readonly checks: readonly RunCheck[];
  readonly ms: number;
}

/** When a control was last seen red: the same check, run on a known-bad state, failed as it must. */
export interface SeenRed {
  readonly control: string;
  /** The failure modes of docs/failure-modes.md that its state represents. */
  readonly modes: readonly string[];
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** The version of the suite, or its commit. */
  readonly tool: string;
}

/** A register entry, its statement with the values of the deployment, and what a run found. */
export interface RunRequirement extends Described {
  /** The remedy steps of the plan that serve it. */
  readonly steps: readonly string[];
  /** The verdict that counts: that of the last phase, after waivers. */
  readonly verdict: Verdict;
  /** One for each phase of the target, in order. */
  readonly phases: readonly PhaseResult[];
  /** The controls of this run. */
  readonly controls: Row["controls"];
  /** For each control that was ever seen red with this revision: when. */
  readonly lastRed: readonly SeenRed[];
  /** If the verdict is `waived`: who accepted the failure, and until when. */
  readonly waiver?: AppliedWaiver;
}

/** A failure that is accepted by a named person until a date. */
export interface Waiver {
  readonly requirement: string;
  /** The name of a target; `stand-in` of `accept`, `tree` of the gate. */
  readonly target: string;
  readonly reason: string;
  /** What may happen meanwhile. */
  readonly risk: string;
  /** Who mends it. */
  readonly owner: string;
  /** Who accepts it. */
  readonly approver: string;
  readonly ticket: string;
  /** UTC: a day, `YYYY-MM-DD`, which counts to its end, or a time, `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly expires: string;
  /** The day when it was accepted, `YYYY-MM-DD`. */
  readonly accepted?: string;
}

/**
 * A waiver in a run. `not needed`: the requirement passes. `not applied`: it could not be told, or was not judged, and only a
 * failure can be accepted.
 */
export interface AppliedWaiver extends Waiver {
  readonly state: "in force" | "expired" | "not needed" | "not applied";
  /** In force, and for no more than 30 days. */
  readonly soon?: true;
}

/** Whether a target has a result. */
export const isJudged = (one: RunTarget | Trouble): one is RunTarget => "requirements" in one;

/** The targets that have a result. */
export const judgedTargets = ({ targets }: Run): readonly RunTarget[] => targets.filter(isJudged);

/** The result of the last phase, whose verdict counts. */
export function lastOf({ id, phases }: RunRequirement): PhaseResult {
  const last = phases.at(-1);
  if (!last) throw new Error(`This is a bug in the suite: ${id} has no phase`);
  return last;
}
