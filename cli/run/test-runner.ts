// The judging of a phase: a test runner of its own, started while the phase is still being made, so that it is ready by then.
import { join } from "node:path";
import { readVerdicts, type Verdicts } from "../../reports/verdicts.ts";
import { type Child, project, startChild } from "./child.ts";
import { word } from "./wait-for-start-signal.ts";

/** What is judged, by what. */
export interface Judged {
  /** The run's directory, and the phase in it. */
  readonly run: string;
  readonly phase: string;
  readonly projects: readonly string[];
  /** Actions that this phase must not take, whatever the target allows. */
  readonly withhold: readonly string[];
  readonly target: { readonly name: string; readonly timeoutFactor?: number };
  readonly browser: { readonly executable: string; readonly certutil: string };
}

/** A test runner that has loaded its tests and waits. Disposed of without `begin`, it ends without judging anything. */
export class TestRunner implements AsyncDisposable {
  readonly #dir: string;
  readonly #log: string;
  readonly #runner: Child;

  constructor({ run, phase, projects, withhold, target, browser }: Judged) {
    this.#dir = join(run, phase);
    this.#log = join(this.#dir, "playwright.log");
    const cli = join(project, "node_modules", "@playwright", "test", "cli.js");
    const environment = {
      PHOENIX_RUN: run,
      PHOENIX_PHASE: phase,
      PHOENIX_TARGET: target.name,
      PHOENIX_TIMEOUT_FACTOR: String(target.timeoutFactor ?? 1),
      PHOENIX_WITHHOLD: withhold.join(","),
      PHOENIX_WAIT: "1",
      // Everything is judged, and somebody waits for it. A slow machine that does two things at once answers nobody in time.
      PHOENIX_PARALLEL_TRIALS: (target.timeoutFactor ?? 1) > 1 ? "" : "1",
      PHOENIX_BROWSER: browser.executable,
      PHOENIX_CERTUTIL: browser.certutil,
    };
    const chosen = projects.flatMap((name) => ["--project", name]);
    // Controls break the target that other specs look at: then one after the other.
    const workers = projects.includes("controls") ? "1" : "2";
    // What takes the plan back comes last, unless it may not: then it waits for nobody.
    const order = withhold.includes("apply") ? ["--no-deps"] : [];
    const argv = [cli, "test", "--workers", workers, ...order, ...chosen];
    this.#runner = startChild(argv, environment, this.#log);
  }

  /** Judges what lies in the phase's directory by now. @throws Error when the runner itself failed. */
  async begin(): Promise<Verdicts> {
    this.#runner.say(word);
    const code = await this.#runner.ended;
    if (code > 1) throw new Error(`the test runner ended with exit code ${code}: see ${this.#log}`);
    return readVerdicts(join(this.#dir, "verdicts.json"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#runner.say();
    await this.#runner.ended.catch(() => {});
  }
}
