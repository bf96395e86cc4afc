// Judges one target: collects evidence or reads it, and runs the specs of all requirements as far as this run may.
import { createHash } from "node:crypto";
import { deploymentDigest } from "../../fixtures/deployment/digest.ts";
import { collect, writeEvidence } from "../../fixtures/evidence/collect.ts";
import { type EvidenceDocument, readDocument } from "../../fixtures/evidence/document.ts";
import { Evidence } from "../../fixtures/evidence/evidence.ts";
import { type Action, actions, type Target } from "../../fixtures/target/inventory.ts";
import { exitCodeOf } from "../../reports/exit-code.ts";
import { isBug, judgeRun, type TestOutcome } from "../../reports/verdict.ts";
import type { Verdicts } from "../../reports/verdicts.ts";
import type { Verified } from "../../reports/verified.ts";
import { judgeLightly, type Loaded, loadSpecs } from "../../specs/light/judge.ts";
import { register, registerFor } from "../../specs/register/register.ts";
import { bind, targetOf } from "./evidence.ts";

/** What is asked of every target. */
export interface Asked {
  /** Only these requirements; all if there is none. */
  readonly only: readonly string[];
  /** These requirements must be judged: if one is not, the run could not tell. */
  readonly require: readonly string[];
  /** Evidence from before the plan, and the record of an apply, for the requirements that compare with them. */
  readonly before?: string;
  readonly record?: string;
}

/** One target, and where its evidence comes from or goes to. */
export interface OneTarget {
  /** The inventory's entry; none if the evidence alone says what was judged. */
  readonly target?: Target;
  /** Saved evidence; without it, evidence is collected. */
  readonly evidenceFile?: string;
  /** Where collected evidence is saved. */
  readonly save?: string;
  /** The actions that this run may take: those that the inventory allows and the command names. */
  readonly allowed: readonly Action[];
}

/** Loads the specs once for all targets of a run. */
export const specsFor = ({ only }: Asked): Promise<Loaded> => loadSpecs(only.length > 0 ? only : undefined);

/**
 * Judges one target.
 * @throws CannotTell if it can't be reached, Refused for a host key or evidence that is not the target's, BadInput for a bad file.
 */
export async function verifyOne(one: OneTarget, asked: Asked, loading: Promise<Loaded>): Promise<Verified> {
  const startedAt = new Date();
  const began = performance.now();
  const { target, document } = await evidenceOf(one);
  const evidence = new Evidence(document);
  if (asked.before !== undefined) bind(readDocument(asked.before), asked.before, target, startedAt.getTime());
  const files = { before: asked.before, record: asked.record };
  const withhold = actions.filter((action) => action !== "observe");
  const outcomes = await judgeLightly(await loading, { target, evidence, files, withhold });
  const all = [...outcomes, ...leftOut(asked.only)];
  const verdicts = verdictsOf(target, all, startedAt, performance.now() - began);
  const required = asked.require;
  return {
    target: target.name,
    exitCode: exitCodeOf([verdicts], (id) => !required.includes(id)),
    ms: Math.round(performance.now() - began),
    evidence: {
      at: document.at,
      ageSeconds: Math.max(0, (Date.now() - Date.parse(document.at)) / 1000),
      ...(one.evidenceFile !== undefined && { file: one.evidenceFile }),
      deployment: deploymentDigest(document.target.deployment),
      limits: document.target.cannotImitate.map(({ what, reason }) => `${what} (${reason})`),
      limitsFrom: one.target ? "inventory" : "evidence file",
    },
    register: registerDigest,
    ...{ allowed: one.allowed, required, removed: [], verdicts },
  };
}

/** The evidence, with the limits that the inventory declares: a file can't excuse its own target. */
async function evidenceOf({
  target,
  evidenceFile,
  save,
}: OneTarget): Promise<{ target: Target; document: EvidenceDocument }> {
  if (evidenceFile !== undefined) {
    const read = readDocument(evidenceFile);
    bind(read, evidenceFile, target, Date.now());
    if (!target) return { target: targetOf(read), document: read };
    const { cannotImitate } = target;
    return { target, document: { ...read, target: { ...read.target, cannotImitate } } };
  }
  if (!target) throw new Error("neither a target nor evidence");
  const { connect } = await import("../../fixtures/target/ssh.ts");
  await using hypervisor = await connect(target);
  const evidence = await collect(target, hypervisor);
  if (save !== undefined) writeEvidence(save, evidence);
  return { target, document: evidence.document };
}

/** Requirements that the command left out: each still has its row. */
function leftOut(only: readonly string[]): TestOutcome[] {
  const left = only.length === 0 ? [] : register.filter(({ id }) => !only.includes(id));
  return left.map(({ id }) => ({
    ...{ id, role: "requirement", title: id, status: "failed", expectedRed: false, ms: 0 },
    messages: ["NotJudged: left out by --only"],
  }));
}

function verdictsOf(target: Target, outcomes: readonly TestOutcome[], startedAt: Date, ms: number): Verdicts {
  const rows = judgeRun(registerFor(target.deployment), outcomes);
  const bugs = [...new Set(outcomes.flatMap(({ messages }) => messages.filter(isBug)))];
  const wrong = rows.some(({ verdict }) => verdict === "fail" || verdict === "unknown");
  return {
    ...{ version: 1, phase: "verified", target: target.name, startedAt: startedAt.toISOString() },
    ...{ ms: Math.round(ms), status: wrong ? "failed" : "passed", bugs, rows },
  };
}

/** The digest of all requirements' ids and revisions: two results with the same one were judged by the same statements. */
const registerDigest = `sha256:${createHash("sha256")
  .update(JSON.stringify(register.map(({ id, revision }) => [id, revision])))
  .digest("hex")}`;
