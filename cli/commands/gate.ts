// `gate`: judges a Phoenix tree before it is merged, from its files alone or also on a stand-in.
import { spawn } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { deploymentDigest } from "../../fixtures/deployment/digest.ts";
import { BadInput, CannotTell } from "../../fixtures/errors.ts";
import { Exit, exitCodeOfVerdict } from "../../fixtures/exit-codes.ts";
import { interruptible } from "../../fixtures/interruptible.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { parseJson } from "../../fixtures/schema.ts";
import { cacheFolder, type HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { findProgram } from "../../fixtures/setup/packages.ts";
import { folderOf, inRoot, partsOf, readTree, type Tree } from "../../fixtures/standin/tree.ts";
import { asJudged, reportOf } from "../../reports/report/compare.ts";
import type { Report } from "../../reports/report/report.ts";
import { gateRequirements, revisionOf, runOf, verdictOfExit } from "../../reports/run/build.ts";
import { cleanRun, writeRun } from "../../reports/run/file.ts";
import type { Run, RunTarget } from "../../reports/run/run.ts";
import { withWaivers } from "../../reports/run/waivers.ts";
import { registerFor } from "../../specs/register/register.ts";
import { type JudgedTrees, onStandIns } from "../gate/on-stand-ins.ts";
import { placeIn } from "../gate/place.ts";
import { project, withStarter } from "../run/child.ts";
import { deploymentFrom, standInDeployment } from "../run/deployment.ts";
import { boundRuns } from "../run/old-runs.ts";
import { newRunFolder } from "../run/output.ts";
import { contractAgreement, tool, treeSource } from "../run/provenance.ts";
import { ofRevisions, readSeenRed } from "../run/seen-red.ts";
import { waiversFrom } from "../run/waivers.ts";
import { showRun, type WantedFormat } from "../run/write-formats.ts";

export interface GateOptions {
  /** `PATH[@REF]` */
  readonly tree: string;
  /** `PATH[@REF]`, or a commit of the tree's own repository. */
  readonly base?: string;
  /** `--deployment FILE`; without it, the plan's own deployment. */
  readonly deployment?: string;
  /** Also judges the tree on a stand-in, with the plan applied. */
  readonly full: boolean;
  readonly json: boolean;
  /** Prints only the verdict, and what is wrong. */
  readonly quiet?: boolean;
  readonly format: readonly WantedFormat[];
  /** `--waivers FILE`: the failures that are accepted. */
  readonly waivers?: string;
  readonly width: number;
  readonly colour: boolean;
  readonly hostEnvironment: HostEnvironment;
}

/**
 * Prints the page and writes the files that were asked for. Returns the exit code of the verdict.
 * @throws BadInput if a tree or commit does not exist, or a file cannot be written.
 */
export async function gate(
  options: GateOptions,
  progress: Progress,
  print: (text: string) => void,
): Promise<number> {
  return interruptible((resources) => judgeTrees(options, progress, print, resources));
}

async function judgeTrees(
  options: GateOptions,
  progress: Progress,
  print: (text: string) => void,
  resources: AsyncDisposableStack,
): Promise<number> {
  const began = new Date();
  const waivers = waiversFrom(options.waivers);
  const { deployment: file, hostEnvironment } = options;
  const deployment = options.full ? standInDeployment(file, hostEnvironment.vm) : deploymentFrom(file);
  const tree = readTree(options.tree);
  const base = options.base === undefined ? undefined : readTree(baseOf(options.tree, options.base));
  const question = { tree, base, ...(file !== undefined && { deployment }) };
  const files = judgeFiles(question, hostEnvironment, resources);
  const conclude = (judged: JudgedTrees) => {
    const report = placeIn(
      options.tree,
      reportOf(judged, {
        tree: options.tree,
        ...(options.base !== undefined && { base: options.base }),
        mode: options.full ? "full" : "static",
        ms: Date.now() - began.getTime(),
      }),
    );
    const run = cleanRun(
      withWaivers(documentOf(report, judged, { options, deployment, began }), waivers, new Date()),
    );
    showRun(run, options, print);
    writeRun(newRunFolder(hostEnvironment, "gate", began), run);
    boundRuns(hostEnvironment, progress);
    return run.exitCode;
  };
  // The files are judged while the stand-in starts.
  return options.full
    ? onStandIns(files, { tree, deployment, ...(base && { base }) }, hostEnvironment, progress, conclude)
    : conclude(await files);
}

/** The document of a run of the gate. */
function documentOf(
  { verdict, ms, findings, unknown }: Report,
  judged: JudgedTrees,
  about: { readonly options: GateOptions; readonly deployment: Deployment; readonly began: Date },
): Run {
  const { options, deployment, began } = about;
  const { tree, base, full, hostEnvironment } = options;
  const register = registerFor(deployment);
  const startedAt = began.toISOString();
  const exitCode = exitCodeOfVerdict[verdict];
  const phase = { startedAt, ms, status: verdict === "pass" ? "passed" : "failed", bugs: [] } as const;
  const target: RunTarget = {
    ...{ target: tree, kind: "tree", exitCode, verdict: verdictOfExit(exitCode), startedAt, ms },
    deployment: deploymentDigest(deployment),
    tree: treeSource(tree),
    ...(base !== undefined && { base: { ...treeSource(baseOf(tree, base)), name: base } }),
    mode: full ? "full" : "static",
    ...{ evidence: [], allowed: [], required: [], removed: [] },
    phases: [...(judged.base ? [{ name: "base", ...phase, ms: 0 }] : []), { name: "tree", ...phase }],
    requirements: gateRequirements(register, judged, ofRevisions(readSeenRed(hostEnvironment), register)),
    ...{ findings, unanswered: unknown },
  };
  return runOf({
    ...{ command: "gate", startedAt, ms, exitCode, tool: tool(), register: revisionOf(register) },
    ...{ contract: contractAgreement(began), targets: [target] },
  });
}

/** A base that is neither a tree nor `PATH@REF` is a commit in the repository of the tree, whatever else has that name. */
function baseOf(tree: string, base: string): string {
  const { path, ref } = partsOf(base);
  if (existsSync(join(base, inRoot)) || (ref !== undefined && existsSync(path))) return base;
  if (ref === undefined && existsSync(base) && /[/.]/.test(base)) return base;
  return `${folderOf(tree)}@${base}`;
}

/** Runs the static judge as a process of its own. */
async function judgeFiles(
  { tree, base, deployment }: { tree: Tree; base: Tree | undefined; deployment?: Deployment },
  hostEnvironment: HostEnvironment,
  resources: AsyncDisposableStack,
): Promise<JudgedTrees> {
  const { path } = hostEnvironment;
  const folder = privateFolder(tmpdir(), "phoenix-gate");
  resources.defer(async () => rmSync(folder, { recursive: true, force: true }));
  const place = (name: string, { archive }: Tree) => {
    writeFileSync(join(folder, name), archive);
    return join(folder, name);
  };
  const nginx = findProgram(["nginx"], path);
  const cache = cacheFolder(hostEnvironment);
  const question = {
    tree: place("tree", tree),
    ...(base && { base: place("base", base) }),
    ...(deployment && { deployment }),
    ...(nginx && { nginx }),
    cache: join(cache, "shellcheck"),
  };
  const answer = await answerOf(join(project, "specs", "static", "main.ts"), JSON.stringify(question));
  const file = "specs/static/main.ts";
  return asJudged(parseJson(answer, file), { file });
}

/** Each of its checks has its own limit; this one is for all that they do together. */
const mostMs = 600_000;

/** @throws CannotTell when it takes too long; whatever programs it started end with it. */
function answerOf(script: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...withStarter, script], {
      ...{ stdio: ["pipe", "pipe", "pipe"], timeout: mostMs, killSignal: "SIGKILL" },
    });
    const output = { out: "", err: "" };
    child.stdout.on("data", (piece) => (output.out += piece));
    child.stderr.on("data", (piece) => (output.err += piece));
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve(output.out);
      else if (code === Exit.badInput) reject(new BadInput(output.err.trim()));
      else if (signal !== null)
        reject(new CannotTell(`the files could not be judged within ${mostMs / 60_000} minutes (${signal})`));
      else
        reject(new Error(`the static judge ended with exit code ${code}: ${output.err.trim().slice(-2000)}`));
    });
    child.stdin.on("error", () => {}).end(input); // it may end without reading it: its exit code says why
  });
}
