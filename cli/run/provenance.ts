// Which suite judges, and which commit of a tree is judged: for the document of a run.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Evidence } from "../../fixtures/evidence/evidence.ts";
import { type RunRecord, readRecord } from "../../fixtures/evidence/record.ts";
import { lastAgreement } from "../../fixtures/standin/contract/agreed.ts";
import { partsOf } from "../../fixtures/standin/tree.ts";
import type {
  AppliedPlan,
  ContractAgreement,
  TargetJournal,
  Tool,
  TreeSource,
} from "../../reports/run/run.ts";
import { project } from "./child.ts";

/** The suite's version, and the commit of its checkout if it is in one. */
export function tool(): Tool {
  const { version } = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as { version: string };
  const commit = existsSync(join(project, ".git")) ? described(project) : undefined;
  return {
    ...{ name: "phoenix-acceptance", version, ...(commit !== undefined && { commit }) },
    node: process.version,
  };
}

/** A tree as the user named it, with its commit: of `PATH@REF` that commit, of a folder its repository's. */
export function treeSource(spec: string | undefined): TreeSource {
  if (spec === undefined) return { name: "sample" };
  const { path, ref = "" } = partsOf(spec);
  const commit = existsSync(spec) ? described(resolve(spec), ".") : commitOf(path, ref);
  return { name: spec, ...(commit !== undefined && { commit }) };
}

/** The plan that an apply recorded (`apply --record`). */
export function recordedPlan(file: string): AppliedPlan {
  return appliedPlan(readRecord(file));
}

interface Applied extends Pick<RunRecord, "literal" | "choice" | "steps" | "changes"> {
  readonly digest?: string;
}

/** A plan that was applied, with what each step changed. */
function appliedPlan({ digest, literal, choice, steps, changes }: Applied): AppliedPlan {
  const without = choice.filter((_, at) => choice[at - 1] === "--without");
  return {
    ...{ ...(digest && { digest }), literal, without, steps: steps.map(({ id }) => id) },
    ...(changes && {
      changes: steps.map(({ id, kind, plan, why }) => ({
        ...{ step: id, ...(kind && { kind }), ...(plan && { task: plan }), ...(why && { why }) },
        changes: changes.filter(({ step }) => step === id).map(({ says }) => says),
      })),
    }),
  };
}

/** What the target's journal says; why it could not be read, if the evidence does not have it. */
export function targetJournal({ journal }: Evidence): TargetJournal {
  if (journal.state === "unknown") return { unread: journal.reason, all: 0, entries: [] };
  const { all, entries } = journal.value ?? { all: 0, entries: [] };
  return {
    all,
    entries: entries.map(({ name, does, state, confirmation, at, who, ...plan }) => ({
      ...{ name, does, state, ...(confirmation && { confirmation }), at, who },
      plan: appliedPlan(plan),
    })),
  };
}

/** When a real host last agreed with the stand-in's contract, seen from the start of a run. */
export function contractAgreement(startedAt: Date): ContractAgreement | null {
  const last = lastAgreement();
  if (!last) return null;
  const ageDays = Math.floor((startedAt.getTime() - Date.parse(last.at)) / 86_400_000);
  return {
    ...{ at: last.at, ageDays, version: last.version, scenarios: Object.keys(last.scenarios).length },
  };
}

const commitOf = (folder: string, ref: string) =>
  git(folder, "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`);

/** The commit of a folder's repository, ending in `-dirty` if a tracked file below `part` differs or one is not tracked. */
function described(folder: string, part?: string): string | undefined {
  const commit = git(folder, "rev-parse", "--verify", "--quiet", "HEAD");
  if (commit === undefined) return undefined;
  const where = part === undefined ? [] : ["--", part];
  return git(folder, "status", "--porcelain", ...where) === "" ? commit : `${commit}-dirty`;
}

function git(folder: string, ...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync("git", ["-C", folder, ...args], {
    encoding: "utf8",
    timeout: 10_000,
    maxBuffer: 64 * 1024 * 1024,
  });
  return status === 0 ? stdout.trim() : undefined;
}
