// A run on a stand-in: its folder, its phases and its report. The main job and the gate are made of these.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { BadInput, CannotTell, problem } from "../../fixtures/errors.ts";
import { openClient } from "../../fixtures/evidence/client.ts";
import { collect, writeEvidence } from "../../fixtures/evidence/collect.ts";
import { readDocument } from "../../fixtures/evidence/document.ts";
import { keepSecrets, keptSecrets, secretsFolder } from "../../fixtures/evidence/kept-secrets.ts";
import { secret } from "../../fixtures/evidence/redact.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { interruptible } from "../../fixtures/interruptible.ts";
import { portainerAnswers } from "../../fixtures/portainer/status.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { toType } from "../../fixtures/quote.ts";
import type { StandIn } from "../../fixtures/standin/standin.ts";
import type { Tree } from "../../fixtures/standin/tree.ts";
import { deploymentFile, type Target } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { sha256 } from "../../reports/run/build.ts";
import type { AppliedPlan, EvidenceSource, Run as RunDocument } from "../../reports/run/run.ts";
import { removeSecrets, type Secret, scanForSecrets } from "../../reports/secrets.ts";
import type { Verdicts } from "../../reports/verdicts.ts";
import { certificate } from "../target/guard.ts";
import { project, startChild } from "./child.ts";
import { outputFolder } from "./output.ts";
import { recordedPlan } from "./provenance.ts";
import { type HostEnvironment, makeReady, type Ready } from "./ready.ts";
import { type StandInChoice, standInOn } from "./stand-in.ts";
import { TestRunner } from "./test-runner.ts";
import { writeReport } from "./write-report.ts";

/** The engine: made ready for this run alone, or by a caller that keeps it. */
export type Prerequisites = { readonly hostEnvironment: HostEnvironment } | { readonly ready: Ready };

/**
 * Starts a stand-in with the tree and passes a run on it to `work`. Cleans up in every case.
 * @returns what `work` returned, or the exit code of the interruption.
 */
export async function onStandIn<T>(
  { tree, deployment }: Omit<StandInChoice, "name">,
  prerequisites: Prerequisites,
  progress: Progress,
  work: (run: Run) => Promise<T>,
): Promise<T | number> {
  const at = new Date().toISOString().replace(/[:.]/g, "-");
  const output =
    "ready" in prerequisites ? prerequisites.ready.output : outputFolder(prerequisites.hostEnvironment);
  const dir = join(output, at);
  return interruptible(async (resources) => {
    progress.note(`Acceptance of ${tree.name}: report in ${dir}`);
    const ready =
      "ready" in prerequisites
        ? prerequisites.ready
        : await makeReady(prerequisites.hostEnvironment, progress, resources);
    const name = "run";
    const standIn = await standInOn(resources, ready, { tree, deployment, name }, progress);
    return await work(new Run(dir, standIn, ready, progress));
  });
}

/** What is applied, and whether every control runs too. */
export interface Applied {
  readonly literal: boolean;
  readonly without: readonly string[];
  readonly controls: boolean;
  /** Only these requirements are judged; without it, all of them. */
  readonly only?: readonly string[];
  /** Is called once after the plan, before anything of the target is collected: puts into it what a test needs there. */
  readonly prepare?: (target: Target) => Promise<void>;
}

/** The folder of a run and the phases in it. */
export class Run {
  readonly dir: string;
  readonly #standIn: StandIn;
  readonly #ready: Ready;
  readonly #progress: Progress;
  /** The stand-in's own: its key, the administrator's password, and whatever else may hold a secret. */
  readonly #privateFolder: string;
  #secrets: readonly Secret[] = [];
  #stopped: string | undefined;

  constructor(dir: string, standIn: StandIn, ready: Ready, progress: Progress) {
    this.dir = dir;
    this.#standIn = standIn;
    this.#privateFolder = dirname(standIn.inventoryFile);
    this.#ready = ready;
    this.#progress = progress;
    for (const { value } of secretsOf(standIn)) secret(value);
    keepSecrets(secretsFolder(this.#privateFolder));
    for (const phase of ["before", "after"]) mkdirSync(join(dir, phase), { recursive: true });
    copyFileSync(standIn.inventoryFile, join(dir, "inventory.json"));
    copyFileSync(join(dirname(standIn.inventoryFile), deploymentFile), join(dir, deploymentFile));
    const latest = join(dir, "..", "latest");
    rmSync(latest, { force: true });
    symlinkSync(dir, latest);
  }

  /** What the document of the run says of this phase's evidence: its file must be as it stays. */
  evidence({ phase, startedAt }: Pick<Verdicts, "phase" | "startedAt">): EvidenceSource {
    const file = join(this.dir, phase, "evidence.json");
    const { at, target } = readDocument(file);
    const ageSeconds = Math.max(0, (Date.parse(startedAt) - Date.parse(at)) / 1000);
    const limits = target.cannotImitate.map(({ what, reason }) => `${what} (${reason})`);
    return { phase, at, ageSeconds, digest: sha256(readFileSync(file)), limits, limitsFrom: "inventory" };
  }

  /** Why the latest apply stopped before its end: the change that failed, and its last words. Undefined if it did not stop. */
  get stopped(): string | undefined {
    return this.#stopped;
  }

  /** The plan that was applied. */
  get plan(): AppliedPlan {
    return recordedPlan(join(this.dir, "after", "record.json"));
  }

  /** The stand-in that was judged. */
  get target(): Target {
    return this.#standIn.target;
  }

  /** The name of its image. */
  get image(): string {
    return this.#ready.image;
  }

  /** The secrets that the run used, known when judging is over. */
  get secrets(): readonly Secret[] {
    return this.#secrets;
  }

  /** Judging is over: removes every secret from what was written. The stand-in stops meanwhile. */
  close(): void {
    void this.#standIn.stop(); // the cleanup of the stand-in waits for it
    this.#secrets = secretsOf(this.#standIn);
    removeSecrets(this.dir, this.#secrets);
  }

  /**
   * Writes the HTML report of the run's document.
   * @throws Error if a secret is left.
   */
  async report(run: RunDocument): Promise<string> {
    const report = await this.#progress.step("writing the report", () => writeReport(run, this.dir));
    const leaks = scanForSecrets(this.dir, this.#secrets);
    if (leaks.length > 0) throw new Error(`secrets in the report: ${JSON.stringify(leaks)}`);
    return report;
  }

  /** Brings the hypervisor to the state before the plan, by the tree's own commands, and collects evidence. Judges nothing. */
  async found(): Promise<void> {
    await this.#progress.step("running phoenix-cli with the tree as it is", () =>
      this.#phoenix("before", "converge"),
    );
    await this.#look("before");
  }

  /**
   * Puts another tree in the place of this one, as it is, on the hypervisor in use: the plan applied to the first tree, and
   * Portainer running with its data. Collects evidence of that as the state before the plan. Judges nothing.
   */
  async inUse(next: Tree): Promise<void> {
    mkdirSync(join(this.dir, "base"), { recursive: true });
    await this.#progress.step("applying the plan to the base", () => this.#phoenix("base", "apply", "--yes"));
    await this.#comesUp();
    await using hypervisor = await connect(this.#standIn.target);
    const { code, err } = await hypervisor.script(replaceTree, [this.#standIn.target.tree], {
      input: next.archive,
    });
    if (code !== 0) throw new CannotTell(problem(`The tree could not be replaced: ${err.trim()}`, "df -h"));
    await this.#look("before");
  }

  /** As `found`, then judges. */
  async before(): Promise<Verdicts> {
    await using judging = this.#judging("before", ["judge", "act", "last"], ["apply"]);
    await this.found();
    return await this.#judged("before", judging);
  }

  /** Applies the plan, collects evidence, and judges. */
  async after({ literal, without, controls, only, prepare }: Applied): Promise<Verdicts> {
    const last = only === undefined ? ["last"] : []; // it rolls back everything
    const projects = ["judge", "act", ...(controls ? ["controls"] : []), ...last];
    await using judging = this.#judging("after", projects, [], only);
    const chosen = [literal ? ["--literal"] : [], without.flatMap((step) => ["--without", step])].flat();
    await this.#progress.step("applying the plan", () => this.#phoenix("after", "apply", "--yes", ...chosen));
    await this.#comesUp();
    await prepare?.(this.target);
    await this.#look("after");
    return await this.#judged("after", judging);
  }

  /** Runs one command of our own command line, as a user would type it. */
  async #phoenix(phase: string, command: string, ...args: string[]): Promise<void> {
    const where = ["--inventory", join(this.dir, "inventory.json"), "--target", this.#standIn.target.name];
    const record = ["--record", join(this.dir, phase, "record.json")];
    const log = join(this.dir, phase, `${command}.log`);
    const detail = this.#progress.detail === "verbose" ? ["--verbose"] : [];
    const argv = [join(project, "cli", "main.ts"), command, ...where, ...record, ...detail, ...args];
    const hear = (line: string) => this.#progress.trace(`  ${line}`);
    const child = startChild(argv, {}, { log, privateFolder: this.#privateFolder, hear });
    child.closeInput();
    const code = await child.ended;
    // A failed change is for the judge to report. Any other error ends the run.
    if (command === "apply")
      this.#stopped = code === Exit.fail ? whyStopped(readFileSync(log, "utf8")) : undefined;
    if (code === Exit.pass || code === Exit.fail) return;
    const said = readFileSync(log, "utf8").split("\nNext")[0]?.trimEnd().split("\n").slice(-3).join("\n  ");
    throw new BadInput(problem(`${command} ended with exit code ${code}:\n  ${said}`, toType`less ${log}`));
  }

  /** Waits until Portainer answers. The judge reports it if it does not. */
  async #comesUp(): Promise<void> {
    const { target } = this.#standIn;
    await using hypervisor = await connect(target);
    await using client = openClient(target, await certificate(hypervisor, target));
    await this.#progress.step("waiting for Portainer", () => portainerAnswers(client, 5_000));
  }

  async #look(phase: string): Promise<void> {
    await this.#progress.step(`collecting evidence ${phase} the plan`, async () => {
      await using hypervisor = await connect(this.#standIn.target);
      writeEvidence(join(this.dir, phase, "evidence.json"), await collect(this.#standIn.target, hypervisor));
    });
  }

  #judging(
    phase: string,
    projects: readonly string[],
    withhold: readonly string[],
    only?: readonly string[],
  ): TestRunner {
    const { target } = this.#standIn;
    const { browser } = this.#ready;
    const { dir: run } = this;
    return new TestRunner({
      run,
      privateFolder: this.#privateFolder,
      phase,
      projects,
      only,
      withhold,
      target,
      browser,
      hear: this.#progress.trace,
    });
  }

  #judged(phase: string, judging: TestRunner): Promise<Verdicts> {
    return this.#progress.step(`judging ${phase} the plan`, () => judging.begin());
  }
}

/** What the log of an apply says of its end. */
export function whyStopped(log: string): string {
  const [, said = ""] = /(?:^|\n)Stopped: ([\s\S]*)$/.exec(log) ?? [];
  return said.split("\nNext, one of:")[0]?.trim() || "it ended with exit code 1";
}

// $1: the folder of the tree, which the archive on standard input names from the root.
const replaceTree = 'rm -rf -- "$1" && exec tar -C / -xf -';

/** The secrets that no report of the run may contain. */
function secretsOf({ target, inventoryFile }: StandIn): Secret[] {
  const files = {
    "the stand-in's private key": target.ssh.privateKeyFile,
    "Portainer's administrator password": target.adminPasswordFile,
  };
  const known = Object.entries(files).flatMap(([name, file]) =>
    file && existsSync(file) ? [{ name, value: readFileSync(file, "utf8").trim() }] : [],
  );
  const kept = keptSecrets(secretsFolder(dirname(inventoryFile)));
  const typed = kept.map((value) => ({ name: "a secret of the specs", value }));
  return [...known, ...typed];
}
