// Plans: what would change, as data. Planning is a pure function of facts; nothing here reads or writes anything.
import { createHash } from "node:crypto";
import type { Deployment } from "../fixtures/deployment/deployment.ts";
import { deploymentDigest } from "../fixtures/deployment/digest.ts";
import { BadInput, problem } from "../fixtures/errors.ts";
import { quoteWord } from "../fixtures/target/quote.ts";
import type { Facts, FileFact } from "./facts.ts";
import { filesOf } from "./files.ts";
import { fingerprint } from "./fingerprint.ts";

/** A file gets new bytes. `before` is what the plan saw there; undefined where there was no file. */
export interface WriteFile {
  readonly does: "write-file";
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string;
  /** The mode of a file that is not there yet; one that is keeps its own. */
  readonly mode: string;
}

export interface MakeDirectory {
  readonly does: "make-directory";
  readonly path: string;
  readonly mode: string;
}

/** A command on the hypervisor, with its way back. Scripts are POSIX sh; words reach them as arguments. */
export interface RunCommand {
  readonly does: "run";
  readonly title: string;
  readonly script: string;
  readonly args: readonly string[];
  /** phoenix-cli is recorded: its exit code and output, and each command it ran in a guest. */
  readonly phoenixCli?: boolean;
  /** Runs at a rollback in the reverse order of changes. */
  readonly undo?: { readonly script: string; readonly args: readonly string[] };
  /** Runs once more at the end of a rollback, when the files are what they were. */
  readonly settles?: boolean;
  /** Files on the hypervisor that the command changes by itself; a rollback restores them. */
  readonly touches?: readonly string[];
}

export type Change = WriteFile | MakeDirectory | RunCommand;

/** One step of the plan: it changes something, or says why there is nothing to change. */
export interface Step {
  readonly id: string;
  /** literal: the plan's own words. remedy: needed for a goal that the plan states. */
  readonly kind: "literal" | "remedy";
  /** The plan's task. */
  readonly plan: string;
  /** The defects of the plan that a remedy answers. */
  readonly remedies: readonly string[];
  /** The requirements it serves. */
  readonly serves: readonly string[];
  /** One sentence; a function where it names values of the deployment. */
  readonly why: string | ((deployment: Deployment) => string);
  readonly changesFor: (view: View) => readonly Change[] | string;
}

export interface PlannedStep {
  readonly id: string;
  readonly kind: Step["kind"];
  readonly plan: string;
  readonly remedies: readonly string[];
  readonly serves: readonly string[];
  readonly why: string;
  readonly changes: readonly Change[];
  /** Why there is nothing to do; only where there are no changes. */
  readonly nothing?: string;
}

/** A plan as it can be saved, read by a colleague, and applied as it is. */
export interface Plan {
  readonly format: 3;
  readonly target: string;
  /** The digest of the deployment that it is for. */
  readonly deployment: string;
  readonly literal: boolean;
  /** The arguments by which the user chose what to apply. */
  readonly choice: readonly string[];
  /** What was seen of the target, as digests by name: a plan is only good for what it saw. */
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly steps: readonly PlannedStep[];
  readonly digest: string;
}

/** The target as it will be when the steps so far have run: facts below, planned edits above. */
export class View {
  readonly facts: Facts;
  readonly #edits = new Map<string, string>();
  /** Steps that have something to do so far. */
  readonly changed = new Set<string>();

  constructor(facts: Facts) {
    this.facts = facts;
  }

  get deployment(): Deployment {
    return this.facts.deployment;
  }

  /** The paths of this deployment's tree that steps edit, relative to the tree. */
  get files(): ReturnType<typeof filesOf> {
    return filesOf(this.facts.deployment);
  }

  /** An absolute path of the tree. */
  inTree(path: string): string {
    return `${this.facts.tree}/${path}`;
  }

  /** A file's text as it will be; undefined where there is none. */
  read(path: string): string | undefined {
    const fact: FileFact | undefined = this.facts.files[path];
    return this.#edits.get(path) ?? (fact?.kind === "file" ? fact.text : undefined);
  }

  /** The text of a file of the tree. @throws BadInput where there is none: then this is no Phoenix tree. */
  text(path: string): string {
    const text = this.read(this.inTree(path));
    if (text === undefined) {
      const what = `Not a Phoenix tree: ${this.inTree(path)} is missing`;
      throw new BadInput(problem(what, `ls ${this.facts.tree}`));
    }
    return text;
  }

  /** The change that gives a file of the tree its new text, or none when it has it. */
  edit(path: string, after: string, mode = "644"): Change[] {
    return this.write(this.inTree(path), after, mode);
  }

  write(path: string, after: string, mode: string): Change[] {
    const before = this.read(path);
    if (before === after) return [];
    if (this.facts.files[path]?.kind === "directory")
      throw new BadInput(problem(`Not edited: ${path} is a directory`, `ls -ld -- ${quoteWord(path)}`));
    this.#edits.set(path, after);
    return [{ does: "write-file", path, before, after, mode }];
  }
}

export interface PlanOptions {
  readonly target: string;
  readonly literal: boolean;
  /** Ids of steps to leave out. */
  readonly without: readonly string[];
  /** When not empty: only steps that serve one of these requirements, or are named. */
  readonly only: readonly string[];
}

/**
 * Plans every chosen step against the facts. The same facts always give the same plan.
 * @throws BadInput for a step or requirement that does not exist, or a document that can't be edited safely.
 */
export function makePlan(facts: Facts, steps: readonly Step[], options: PlanOptions): Plan {
  const known = new Set(steps.flatMap(({ id, serves }) => [id, ...serves]));
  const unknown = [...options.without, ...options.only].filter((name) => !known.has(name));
  if (unknown.length > 0) {
    const names = steps.map(({ id }) => id).join(", ");
    throw new BadInput(
      problem(`No such step: ${unknown.join(", ")}; there are ${names}`, "npm run phoenix -- plan --help"),
    );
  }
  const chosen = steps
    .filter(({ kind }) => !options.literal || kind === "literal")
    .filter(({ id }) => !options.without.includes(id))
    .filter(
      ({ id, serves }) =>
        options.only.length === 0 || [id, ...serves].some((name) => options.only.includes(name)),
    );
  const view = new View(facts);
  const planned = chosen.map(({ changesFor, why, ...rest }): PlannedStep => {
    const step = { ...rest, why: typeof why === "string" ? why : why(facts.deployment) };
    const found = changesFor(view);
    if (typeof found === "string") return { ...step, changes: [], nothing: found };
    if (found.length > 0) view.changed.add(step.id);
    return { ...step, changes: found, ...(found.length === 0 && { nothing: "it is as it should be" }) };
  });
  const { target, literal } = options;
  const choice = choiceOf(options);
  return {
    format: 3,
    target,
    deployment: deploymentDigest(facts.deployment),
    literal,
    choice,
    fingerprint: fingerprint(facts),
    steps: planned,
    digest: planDigest(planned),
  };
}

function choiceOf({ literal, without, only }: PlanOptions): string[] {
  const chosen = [...without.map((step) => ["--without", step]), ...only.map((id) => ["--only", id])];
  return [...(literal ? ["--literal"] : []), ...chosen.flat()];
}

/** sha256 over everything that a plan would do. */
export function planDigest(steps: readonly PlannedStep[]): string {
  const changes = steps.map(({ id, changes }) => ({ id, changes }));
  return `sha256:${createHash("sha256").update(JSON.stringify(changes)).digest("hex")}`;
}

/** One line on a change. */
export function say(change: Change): string {
  if (change.does === "write-file")
    return `${change.before === undefined ? "create" : "edit"} ${change.path}`;
  return change.does === "make-directory" ? `make ${change.path}/` : change.title;
}

/** Every change of a plan, with its step, in order. */
export function changesOf(plan: Plan): { step: PlannedStep; change: Change }[] {
  return plan.steps.flatMap((step) => step.changes.map((change) => ({ step, change })));
}
