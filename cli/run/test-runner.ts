// Judges a phase with a test runner of its own. It starts early and loads its tests while the evidence is still collected.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkSpace, diskTrouble } from "../../fixtures/disk.ts";
import { engineGone } from "../../fixtures/engine-trouble.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { readVerdicts, type Verdicts } from "../../reports/verdicts.ts";
import { type Child, project, startChild } from "./child.ts";
import { machineTrouble } from "./machine-trouble.ts";
import { startSignal } from "./wait-for-start-signal.ts";

/** What is judged, and with which programs. */
export interface Judged {
  /** The run's directory, and the phase in it. */
  readonly run: string;
  /** The private folder of the run, for what may hold secrets. */
  readonly privateFolder: string;
  readonly phase: string;
  readonly projects: readonly string[];
  /**
   * Only the tests of these requirements. Then no trial runs that none of them asks for, and the runner stops all tests as
   * soon as this process ends or disposes of it.
   */
  readonly only?: readonly string[] | undefined;
  /** Actions that this phase must not take, whatever the target allows. */
  readonly withhold: readonly string[];
  readonly target: { readonly name: string; readonly timeoutFactor?: number };
  readonly browser: { readonly executable: string; readonly certutil: string };
  /** Called with each test that has ended, for progress only. */
  readonly hear?: ((line: string) => void) | undefined;
}

/**
 * When the spec that rolls back everything runs: not at all unless it is asked for, and otherwise last. While it may not act,
 * or nothing else runs, its order does not matter. Playwright runs a teardown whatever `--grep` says.
 */
export function lastOf({ projects, only, withhold }: Pick<Judged, "projects" | "only" | "withhold">): string {
  if (!projects.includes("last")) return "";
  return withhold.includes("apply") || only !== undefined ? "any" : "after";
}

/** Passes on a line of Playwright's list of tests: `✓  12 [judge] › FILE:9:1 › TITLE (123ms)`. */
function hearTest(line: string, hear: (line: string) => void): void {
  const [, sign, title] = /^\s+(\S)\s+\d+ .* › (.+)$/.exec(line) ?? [];
  if (sign !== undefined) hear(`    ${sign} ${title}`);
}

/** A test runner that has loaded its tests and waits for `begin`. Disposed of without it, it judges nothing. */
export class TestRunner implements AsyncDisposable {
  readonly #dir: string;
  readonly #log: string;
  readonly #runner: Child;
  readonly #tied: boolean;
  readonly #privateFolder: string;

  constructor({ run, privateFolder, phase, projects, only, withhold, target, browser, hear }: Judged) {
    this.#tied = only !== undefined;
    this.#dir = join(run, phase);
    this.#privateFolder = privateFolder;
    this.#log = join(this.#dir, "playwright.log");
    const cli = join(project, "node_modules", "@playwright", "test", "cli.js");
    const environment = {
      PHOENIX_RUN: run,
      PHOENIX_PRIVATE: privateFolder,
      PHOENIX_PHASE: phase,
      PHOENIX_TARGET: target.name,
      PHOENIX_TIMEOUT_FACTOR: String(target.timeoutFactor ?? 1),
      PHOENIX_WITHHOLD: withhold.join(","),
      PHOENIX_WAIT: only ? "tied" : "1",
      PHOENIX_LAST: lastOf({ projects, only, withhold }),
      // An emulated machine is too slow for parallel trials: they would run into their time limits.
      PHOENIX_PARALLEL_TRIALS: only || (target.timeoutFactor ?? 1) > 1 ? "" : "1",
      PHOENIX_BROWSER: browser.executable,
      PHOENIX_CERTUTIL: browser.certutil,
    };
    const chosen = projects.flatMap((name) => ["--project", name]);
    // Controls break the target that other specs read, so they need a single worker.
    const workers = projects.includes("controls") ? "1" : "2";
    const files = only?.map((id) => `${id}-`) ?? [];
    const which = only ? ["--grep", `@(${only.join("|")})\\b.*@requirement\\b`] : [];
    const argv = [cli, "test", ...files, "--workers", workers, ...chosen, ...which];
    this.#runner = startChild(argv, environment, {
      ...{ log: this.#log, privateFolder },
      ...(hear && { hear: (line) => hearTest(line, hear) }),
    });
  }

  /**
   * Judges the evidence in the directory of the phase.
   * @throws BadInput if a disk of this machine is full or read-only, or its Docker engine has ended: then a failure says nothing about the target. Error if the
   * runner itself failed.
   */
  async begin(): Promise<Verdicts> {
    if (this.#tied) this.#runner.send(startSignal);
    else this.#runner.closeInput(startSignal);
    const code = await this.#runner.ended;
    for (const folder of [this.#dir, this.#privateFolder]) checkSpace(folder, 1);
    const file = join(this.#dir, "verdicts.json");
    if ((code !== Exit.pass && code !== Exit.fail) || !existsSync(file)) {
      const said = readFileSync(this.#log, "utf8").trim().split("\n").slice(-5).join("\n");
      throw (
        diskTrouble(said) ??
        (await engineGone()) ??
        new Error(`the test runner ended with exit code ${code}: see ${this.#log}:\n${said}`)
      );
    }
    const verdicts = readVerdicts(file);
    const trouble = await machineTrouble(verdicts);
    if (trouble) throw trouble;
    return verdicts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#runner.closeInput();
    await this.#runner.ended.catch(() => {});
  }
}
