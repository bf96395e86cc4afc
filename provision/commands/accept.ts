// The main job: a stand-in judged before the plan, the plan applied, the stand-in judged again, and the report.
import { spawn } from "node:child_process";
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { collect, writeEvidence } from "../../fixtures/evidence/collect.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { makeReady, type Ready, type Surroundings } from "../../fixtures/setup/ready.ts";
import { type StandIn, startStandIn } from "../../fixtures/standin/standin.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { buildReport } from "../../reports/allure.ts";
import { removeSecrets, type Secret, scanForSecrets } from "../../reports/secrets.ts";
import { summary } from "../../reports/summary.ts";
import { readVerdicts, type Verdicts } from "../../reports/verdicts.ts";
import { steps } from "../steps/index.ts";

const project = join(import.meta.dirname, "../..");

export interface AcceptOptions {
  /** `--tree PATH[@REF]`; without it, our sample tree. */
  readonly tree?: string;
  readonly literal: boolean;
  /** Remedy steps to leave out, to see what they are for. */
  readonly without: readonly string[];
  /** Runs every control as well: the same checks against known-bad states. */
  readonly controls: boolean;
  readonly json: boolean;
  /** Columns of the terminal, and whether it shows colours. */
  readonly width: number;
  readonly colour: boolean;
  readonly surroundings: Surroundings;
}

/** What a whole run came to. */
export interface Acceptance {
  readonly before: Verdicts;
  readonly after: Verdicts;
  /** The HTML report. */
  readonly report: string;
}

/**
 * Runs the whole job and prints its page. Returns the exit code: 0 when nothing failed and nothing was left untold,
 * 1 when a requirement fails after the plan, 2 when one could not be told, 130 or 143 when it was interrupted.
 */
export async function accept(
  options: AcceptOptions,
  progress: Progress,
  print: (text: string) => void,
): Promise<number> {
  const done = await runAcceptance(options, progress);
  if (typeof done === "number") return done;
  const { before, after, report } = done;
  if (options.json) print(`${JSON.stringify({ report, phases: [before, after] }, null, 2)}\n`);
  else print(`\n${summary([before, after], { ...options, report, steps: remedySteps() })}`);
  return exitCode(after);
}

/** Judges a stand-in before and after the plan, and reports; an interruption gives everything back and its exit code. */
export async function runAcceptance(
  options: AcceptOptions,
  progress: Progress,
): Promise<Acceptance | number> {
  const tree = readTree(options.tree);
  const at = new Date().toISOString().replace(/[:.]/g, "-");
  const runDir = join(project, "reports", "out", at);
  await using resources = new AsyncDisposableStack();
  const stopped = interruption(resources);
  const work = async (): Promise<Acceptance> => {
    progress.say(`Acceptance of ${tree.name}: report in ${runDir}`);
    const ready = resources.use(await makeReady(options.surroundings, progress));
    const home = join(ready.cache, "runs", String(process.pid));
    resources.defer(async () => rmSync(home, { recursive: true, force: true }));
    const standIn = resources.use(
      await progress.step("starting the stand-in hypervisor", () =>
        startStandIn({ host: ready.engine.host, image: ready.image, tree, home }),
      ),
    );
    const run = new Run(runDir, standIn, ready, progress);
    const before = await run.before();
    const after = await run.after(options);
    const secrets = secretsOf(standIn);
    removeSecrets(runDir, secrets);
    const report = await progress.step("writing the report", () =>
      buildReport({ results: run.results, runDir, name: `Phoenix acceptance: ${tree.name}` }),
    );
    const leaks = scanForSecrets(runDir, secrets);
    if (leaks.length > 0) throw new Error(`secrets in the report: ${JSON.stringify(leaks)}`);
    return { before, after, report };
  };
  return await Promise.race([work(), stopped]);
}

/** What no report of the run may carry. */
function secretsOf({ target }: StandIn): Secret[] {
  const files = {
    "the stand-in's private key": target.ssh.privateKeyFile,
    "Portainer's administrator password": target.adminPasswordFile,
  };
  return Object.entries(files).flatMap(([name, file]) =>
    file && existsSync(file) ? [{ name, value: readFileSync(file, "utf8").trim() }] : [],
  );
}

/** By requirement: the remedy steps that serve it, for what the plan's own words leave red. */
function remedySteps(): Record<string, string[]> {
  const pairs = steps
    .filter(({ kind }) => kind === "remedy")
    .flatMap(({ id, serves }) => serves.map((served) => [served, id] as const));
  return Object.fromEntries(
    pairs.map(([served]) => [served, pairs.filter(([other]) => other === served).map(([, id]) => id)]),
  );
}

function exitCode({ rows }: Verdicts): number {
  if (rows.some(({ verdict }) => verdict === "fail")) return 1;
  return rows.some(({ verdict }) => verdict === "unknown") ? 2 : 0;
}

/** Settles with 130 at Ctrl-C, so that everything acquired is given back before the process ends. */
function interruption(resources: AsyncDisposableStack): Promise<number> {
  return new Promise((resolve) => {
    const stop = (signal: NodeJS.Signals) => resolve(signal === "SIGINT" ? 130 : 143);
    process.on("SIGINT", stop).on("SIGTERM", stop);
    resources.defer(async () => void process.off("SIGINT", stop).off("SIGTERM", stop));
  });
}

/** One run's folder and the phases in it. */
class Run {
  readonly #dir: string;
  readonly #standIn: StandIn;
  readonly #ready: Ready;
  readonly #progress: Progress;

  constructor(dir: string, standIn: StandIn, ready: Ready, progress: Progress) {
    this.#dir = dir;
    this.#standIn = standIn;
    this.#ready = ready;
    this.#progress = progress;
    for (const phase of ["before", "after"]) mkdirSync(join(dir, phase), { recursive: true });
    const { name, ...entry } = standIn.target;
    writeFileSync(
      join(dir, "inventory.json"),
      `${JSON.stringify({ targets: { [name]: entry } }, null, 2)}\n`,
    );
    const latest = join(dir, "..", "latest");
    rmSync(latest, { force: true });
    symlinkSync(dir, latest);
  }

  get results(): string[] {
    return ["before", "after"].map((phase) => join(this.#dir, phase, "allure-results"));
  }

  /** The hypervisor as the tree's own commands leave it, before anything of ours. */
  async before(): Promise<Verdicts> {
    await this.#progress.step("phoenix-cli with the tree as it is", () =>
      this.#phoenix("before", "converge"),
    );
    return this.#judge("before", ["judge", "act"], ["apply"]);
  }

  async after({ literal, without, controls }: AcceptOptions): Promise<Verdicts> {
    const chosen = [literal ? ["--literal"] : [], without.flatMap((step) => ["--without", step])].flat();
    await this.#progress.step("applying the plan", () => this.#phoenix("after", "apply", "--yes", ...chosen));
    return this.#judge("after", ["judge", "act"], [], controls);
  }

  /** One command of our own command line, as a user would type it. */
  async #phoenix(phase: string, command: string, ...args: string[]): Promise<void> {
    const where = ["--inventory", join(this.#dir, "inventory.json"), "--target", this.#standIn.target.name];
    const record = ["--record", join(this.#dir, phase, "record.json")];
    const log = join(this.#dir, phase, `${command}.log`);
    const argv = [join(project, "provision", "cli.ts"), command, ...where, ...record, ...args];
    const code = await runChild(argv, {}, log);
    // What phoenix-cli itself answers is for the judge; only our own trouble ends the run.
    if (code > 1) throw new BadInput(problem(`${command} ended with exit code ${code}`, `less ${log}`));
  }

  async #judge(
    phase: string,
    projects: readonly string[],
    withhold: readonly string[],
    controls = false,
  ): Promise<Verdicts> {
    await this.#progress.step(`evidence ${phase} the plan`, async () => {
      await using hypervisor = await connect(this.#standIn.target);
      writeEvidence(join(this.#dir, phase, "evidence.json"), await collect(this.#standIn.target, hypervisor));
    });
    await this.#progress.step(`judging ${phase} the plan`, () =>
      this.#playwright(phase, [...projects, ...(controls ? ["controls"] : [])], withhold),
    );
    return readVerdicts(join(this.#dir, phase, "verdicts.json"));
  }

  async #playwright(phase: string, projects: readonly string[], withhold: readonly string[]): Promise<void> {
    const cli = join(project, "node_modules", "@playwright", "test", "cli.js");
    const log = join(this.#dir, phase, "playwright.log");
    const environment = {
      PHOENIX_RUN: this.#dir,
      PHOENIX_PHASE: phase,
      PHOENIX_TARGET: this.#standIn.target.name,
      PHOENIX_WITHHOLD: withhold.join(","),
      PHOENIX_BROWSER: this.#ready.browser.executable,
      PHOENIX_CERTUTIL: this.#ready.browser.certutil,
    };
    const chosen = projects.flatMap((name) => ["--project", name]);
    // Controls break the target that other specs look at: then one after the other.
    const workers = projects.includes("controls") ? "1" : "2";
    const code = await runChild([cli, "test", "--workers", workers, ...chosen], environment, log);
    if (code > 1) throw new Error(`the test runner ended with exit code ${code}: see ${log}`);
  }
}

/** Runs a script of ours with this Node; its output goes to `log`. Returns the exit code. */
function runChild(
  argv: readonly string[],
  environment: Record<string, string>,
  log: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const output = createWriteStream(log, { flags: "a" });
    const child = spawn(process.execPath, argv, {
      cwd: project,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.pipe(output, { end: false });
    child.stderr.pipe(output, { end: false });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      output.end();
      resolve(code ?? (signal === "SIGINT" ? 130 : 143));
    });
  });
}
