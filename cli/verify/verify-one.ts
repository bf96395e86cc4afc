// Judges one target: collects evidence or reads it, and runs the specs of all requirements as far as this run may.
import { readFileSync } from "node:fs";
import { deploymentDigest } from "../../fixtures/deployment/digest.ts";
import { collect, writeEvidence } from "../../fixtures/evidence/collect.ts";
import { type EvidenceDocument, readDocument } from "../../fixtures/evidence/document.ts";
import { Evidence } from "../../fixtures/evidence/evidence.ts";
import type { Progress } from "../../fixtures/progress.ts";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { type Action, actions, type Target } from "../../fixtures/target/inventory.ts";
import { exitCodeOf } from "../../reports/exit-code.ts";
import { phaseOf, requirementsOf, sha256, verdictOfExit } from "../../reports/run/build.ts";
import type { EvidenceSource, HostContract, RunTarget, SeenRed } from "../../reports/run/run.ts";
import { exitWithContract } from "../../reports/run/targets.ts";
import { isBug, judgeRun, type Row, type TestOutcome } from "../../reports/verdict.ts";
import type { Verdicts } from "../../reports/verdicts.ts";
import { judgeLightly, type Loaded, loadSpecs, opensPage } from "../../specs/light/judge.ts";
import { register, registerFor } from "../../specs/register/register.ts";
import { recordedPlan, targetJournal } from "../run/provenance.ts";
import { bind, targetOf } from "./evidence.ts";

/** What is asked of every target. */
export interface Asked {
  /** Only these requirements; all if there is none. */
  readonly only: readonly string[];
  /** These requirements must be judged: if one is not, the run could not tell. */
  readonly require: readonly string[];
  /**
   * Evidence from before the plan, the record of the run of phoenix-cli then, and the record of the apply, for the
   * requirements that compare with them.
   */
  readonly before?: string;
  readonly beforeRecord?: string;
  readonly record?: string;
  /** Whether pages are opened in a browser. */
  readonly browser: boolean;
  /** Whether the host is asked the read-only scenarios that the stand-in is held to. */
  readonly contract: boolean;
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

/** What a run needs of its surroundings. */
export interface Surroundings {
  /** By requirement: when its controls were last seen red. */
  readonly lastRed: Readonly<Record<string, readonly SeenRed[]>>;
  readonly loading: Promise<Loaded>;
  readonly hostEnvironment: HostEnvironment;
  readonly progress: Progress;
  /** Disposed of when the command ends, also when it is interrupted. */
  readonly resources: AsyncDisposableStack;
  /** Called before the first action, with the requirements that need some. @throws Refused if nobody consents. */
  readonly consent: (target: Target, ids: readonly string[]) => Promise<void>;
}

/** Loads the specs once for all targets of a run. */
export const specsFor = ({ only }: Pick<Asked, "only">): Promise<Loaded> =>
  loadSpecs(only.length > 0 ? only : undefined);

/**
 * Judges one target.
 * @throws CannotTell if it can't be reached, Refused for a host key, a lack of consent or evidence that is not the target's,
 * BadInput for a bad file.
 */
export async function verifyOne(one: OneTarget, asked: Asked, around: Surroundings): Promise<RunTarget> {
  const startedAt = new Date();
  const began = performance.now();
  const { target, document, contract } = await evidenceOf(one, asked, around.progress);
  if (asked.before !== undefined) bind(readDocument(asked.before), asked.before, target, startedAt.getTime());
  const loaded = await around.loading;
  const light = await byLightJudge(loaded, target, document, asked);
  const ids = one.evidenceFile === undefined ? toPlaywright(loaded, light.rows, one.allowed, asked) : [];
  const acted =
    ids.length > 0
      ? await byPlaywright({ loaded, target, document, ids, allowed: one.allowed }, asked, around)
      : undefined;
  const rest = acted?.verdicts;
  const merged = light.rows.map(
    (row) => (ids.includes(row.id) && rest?.rows.find(({ id }) => id === row.id)) || row,
  );
  const told = merged.map((row) => takesPlanBack(row, one.allowed));
  const rows = told.map((row) => (asked.require.includes(row.id) ? asRequired(row) : row));
  const bugs = [...new Set([...light.bugs, ...(rest?.bugs ?? [])])];
  const wrong = rows.some(({ verdict }) => verdict === "fail" || verdict === "unknown");
  const ms = Math.round(performance.now() - began);
  const cut = rest?.status === "interrupted" || rest?.status === "timedout" ? rest.status : undefined;
  const verdicts: Verdicts = {
    ...{ version: 1, phase: "verified", target: target.name, startedAt: startedAt.toISOString(), ms },
    ...{ status: cut ?? (wrong ? "failed" : "passed"), bugs, rows },
  };
  const exitCode = exitWithContract(
    exitCodeOf([verdicts], () => true),
    contract,
  );
  const { deployment, kind } = document.target;
  return {
    ...{ target: target.name, kind: kind === "stand-in" ? kind : "host" },
    ...{ exitCode, verdict: verdictOfExit(exitCode), startedAt: verdicts.startedAt, ms },
    deployment: deploymentDigest(deployment),
    ...(asked.record !== undefined && { plan: recordedPlan(asked.record) }),
    journal: targetJournal(new Evidence(document)),
    evidence: [
      ...(asked.before === undefined
        ? []
        : [sourceOf("before", readDocument(asked.before), asked.before, one)]),
      sourceOf("verified", document, one.evidenceFile, one),
    ],
    ...{ allowed: one.allowed, required: asked.require, removed: acted?.removed ?? [] },
    ...(contract && { hostContract: contract }),
    phases: [phaseOf(verdicts)],
    requirements: requirementsOf(registerFor(deployment), [verdicts], { lastRed: around.lastRed }),
  };
}

/** What the document says of evidence. If it was collected now, its digest is that of the file that `--save` writes. */
function sourceOf(
  phase: string,
  document: EvidenceDocument,
  file: string | undefined,
  { target, save }: OneTarget,
): EvidenceSource {
  const written = file ?? save;
  return {
    ...{ phase, at: new Date(document.at).toISOString() },
    ageSeconds: Math.max(0, (Date.now() - Date.parse(document.at)) / 1000),
    digest: sha256(written === undefined ? JSON.stringify(document) : readFileSync(written)),
    ...(file !== undefined && { file }),
    limits: document.target.cannotImitate.map(({ what, reason }) => `${what} (${reason})`),
    limitsFrom: target ? "inventory" : "evidence file",
  };
}

/** The evidence, with the limits that the inventory declares: a file can't excuse its own target. */
async function evidenceOf(
  { target, evidenceFile, save }: OneTarget,
  asked: Pick<Asked, "contract">,
  progress: Progress,
): Promise<{ target: Target; document: EvidenceDocument; contract?: HostContract }> {
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
  if (!asked.contract) return { target, document: evidence.document };
  const { askHostContract } = await import("./host-contract.ts");
  const contract = await progress.step(`comparing ${target.name} with the contract`, () =>
    askHostContract(hypervisor, target),
  );
  return { target, document: evidence.document, contract };
}

const withhold = (allowed: readonly Action[]) =>
  actions.filter((action) => action !== "observe" && !allowed.includes(action));

async function byLightJudge(
  loaded: Loaded,
  target: Target,
  document: EvidenceDocument,
  { only, before, beforeRecord, record }: Asked,
): Promise<Pick<Verdicts, "rows" | "bugs">> {
  const given = {
    target,
    evidence: new Evidence(document),
    files: { before, beforeRecord, record },
    withhold: withhold([]),
  };
  const outcomes: TestOutcome[] = [...(await judgeLightly(loaded, given)), ...leftOut(only)];
  const bugs = outcomes.flatMap(({ messages }) => messages.filter(isBug));
  return { rows: judgeRun(registerFor(target.deployment), outcomes), bugs };
}

/** What takes the plan back is judged only if it is named, also where everything that it needs is allowed. */
function takesPlanBack(row: Row, allowed: readonly Action[]): Row {
  const { needs = [], turn } = register.find(({ id }) => id === row.id) ?? {};
  if (row.verdict !== "not judged" || turn !== "last" || row.reason !== withheldReason(needs)) return row;
  if (!needs.every((need) => allowed.includes(need))) return row;
  const reason = `needs to be named, as it takes the plan back (--require ${row.id})`;
  return { ...row, reason, seen: reason };
}

const withheldReason = (needs: readonly Action[]) =>
  `needs ${needs.filter((need) => need !== "observe").join(", ")}`;

/** A requirement that had to be judged, and was not, could not be told. */
function asRequired(row: Row): Row {
  if (row.verdict !== "not judged") return row;
  const reason = `required, and not judged: ${row.reason}`;
  return { ...row, verdict: "unknown", reason, seen: reason };
}

/** Requirements that the command left out: each still has its row. */
function leftOut(only: readonly string[]): TestOutcome[] {
  const left = only.length === 0 ? [] : register.filter(({ id }) => !only.includes(id));
  return left.map(({ id }) => ({
    ...{ id, role: "requirement", title: id, status: "failed", expectedRed: false, ms: 0 },
    messages: ["NotJudged: left out by --only"],
  }));
}

/**
 * The requirements that need an action or a browser, and may have all that they need. What takes the plan back is among them
 * only if the command names it.
 */
function toPlaywright(
  loaded: Loaded,
  rows: readonly Row[],
  allowed: readonly Action[],
  asked: Asked,
): string[] {
  const pages = opensPage(loaded);
  const browser = asked.browser || allowed.includes("sign-in");
  return rows
    .filter(({ verdict, reason }) => verdict === "not judged" && /^needs (?!.*\(--)/.test(reason))
    .map(({ id }) => id)
    .filter((id) => {
      const { needs = [], turn } = register.find((one) => one.id === id) ?? {};
      const named = asked.only.includes(id) || asked.require.includes(id);
      return (
        needs.every((need) => allowed.includes(need)) &&
        (browser || !pages.includes(id)) &&
        (turn !== "last" || named)
      );
    });
}

interface ForPlaywright {
  readonly loaded: Loaded;
  readonly target: Target;
  readonly document: EvidenceDocument;
  readonly ids: readonly string[];
  readonly allowed: readonly Action[];
}

/** Asks for consent, guards the target while trials act on it, and removes what they made. */
async function byPlaywright(
  { loaded, target, document, ids, allowed }: ForPlaywright,
  { before, beforeRecord, record }: Asked,
  { consent, hostEnvironment, progress, resources }: Surroundings,
): Promise<{ verdicts: Verdicts; removed: readonly string[] }> {
  const needs = register.filter(({ id }) => ids.includes(id));
  const acting = needs.filter((one) => one.needs.some((need) => need !== "observe")).map(({ id }) => id);
  const { judgeActing } = await import("./with-runner.ts");
  const browser = opensPage(loaded).some((id) => ids.includes(id));
  const given = {
    target,
    document,
    ids,
    withhold: withhold(allowed),
    browser,
    files: { before, beforeRecord, record },
    hostEnvironment,
  };
  if (acting.length === 0)
    return { verdicts: await judgeActing({ ...given, last: false, resources }, progress), removed: [] };
  await consent(target, acting);
  const { actGuarded } = await import("./guarded.ts");
  const last = ids.filter((id) => register.some((one) => one.id === id && one.turn === "last"));
  const earlier = ids.filter((id) => !last.includes(id));
  return actGuarded({ target, allowed, progress, resources }, async (within, removeMade) => {
    const judge = (some: readonly string[]) =>
      judgeActing({ ...given, ids: some, last: some === last, resources: within }, progress);
    if (last.length === 0) return judge(earlier);
    const first = earlier.length > 0 ? await judge(earlier) : undefined;
    // What comes last takes the plan back, and Portainer with it.
    await removeMade();
    const then = await judge(last);
    const rows = then.rows.map(
      (row) => (!last.includes(row.id) && first?.rows.find(({ id }) => id === row.id)) || row,
    );
    const bugs = [...(first?.bugs ?? []), ...then.bugs];
    const cut = first?.status === "interrupted" || first?.status === "timedout";
    return { ...then, rows, bugs, status: cut ? first.status : then.status };
  });
}
