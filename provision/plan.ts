// Plans describe changes as data. Planning is a pure function of facts: it reads and writes nothing.
import { createHash } from "node:crypto";
import type { Deployment } from "../fixtures/deployment/deployment.ts";
import { deploymentDigest } from "../fixtures/deployment/digest.ts";
import { BadInput, problem } from "../fixtures/errors.ts";
import { toType } from "../fixtures/quote.ts";
import type { Facts, FileFact } from "./facts.ts";
import { filesOf } from "./files.ts";
import { fingerprint } from "./fingerprint.ts";

/** Writes a file. `before` is its content when the plan was made; undefined if there was no file. */
export interface WriteFile {
  readonly does: "write-file";
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string;
  /** The mode of a new file; an existing file keeps its own. */
  readonly mode: string;
}

export interface MakeDirectory {
  readonly does: "make-directory";
  readonly path: string;
  readonly mode: string;
}

/** A command on the hypervisor, and how to undo it. Scripts are POSIX sh; `args` are their `$1`, `$2`, … */
export interface RunCommand {
  readonly does: "run";
  readonly title: string;
  readonly script: string;
  readonly args: readonly string[];
  /** The command is phoenix-cli: its exit code, its output and each command that it runs in a guest are recorded. */
  readonly phoenixCli?: boolean;
  /** A rollback runs this; changes are undone in reverse order. */
  readonly undo?: { readonly script: string; readonly args: readonly string[] };
  /** The command runs again at the end of a rollback, after the files have been restored. */
  readonly settles?: boolean;
  /** Files on the hypervisor that the command changes; a rollback restores them. */
  readonly touches?: readonly string[];
}

export type Change = WriteFile | MakeDirectory | RunCommand;

/** One step of the plan: returns its changes, or the reason why there is nothing to change. */
export interface Step {
  readonly id: string;
  /** literal: the approved plan asks for it. remedy: the plan's goal needs it, though the plan does not mention it. */
  readonly kind: "literal" | "remedy";
  /** The task of the approved plan, such as `1.2`. */
  readonly plan: string;
  /** The defects of the approved plan that a remedy corrects. */
  readonly remedies: readonly string[];
  /** The requirements that need this step. */
  readonly serves: readonly string[];
  /** The reason for the step in one sentence; a function if it contains values of the deployment. */
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
  /** Why there is nothing to do; only set if there are no changes. */
  readonly nothing?: string;
}

/** A plan that can be saved, reviewed and applied later without changes. */
export interface Plan {
  readonly format: 3;
  readonly target: string;
  /** The digest of the deployment that the plan is for. */
  readonly deployment: string;
  readonly literal: boolean;
  /** The command-line arguments that select steps. */
  readonly choice: readonly string[];
  /** The target's fingerprint when the plan was made: the plan is not applied if it has changed since. */
  readonly fingerprint: Readonly<Record<string, string>>;
  readonly steps: readonly PlannedStep[];
  readonly digest: string;
}

/** The target as it will be after the steps planned so far: the facts, overlaid with planned edits. */
export class View {
  readonly facts: Facts;
  readonly #edits = new Map<string, string>();
  /** Steps planned so far that have changes. */
  readonly changed = new Set<string>();

  constructor(facts: Facts) {
    this.facts = facts;
  }

  get deployment(): Deployment {
    return this.facts.deployment;
  }

  /** The paths in the tree that steps edit for this deployment, relative to the tree. */
  get files(): ReturnType<typeof filesOf> {
    return filesOf(this.facts.deployment);
  }

  /** The absolute path of a path in the tree. */
  inTree(path: string): string {
    return `${this.facts.tree}/${path}`;
  }

  /** A file's planned text; undefined if there is no file. */
  read(path: string): string | undefined {
    const fact: FileFact | undefined = this.facts.files[path];
    return this.#edits.get(path) ?? (fact?.kind === "file" ? fact.text : undefined);
  }

  /** The planned text of a file in the tree. @throws BadInput if it is missing: then this is not a Phoenix tree. */
  text(path: string): string {
    const text = this.read(this.inTree(path));
    if (text === undefined) {
      const what = `Not a Phoenix tree: ${this.inTree(path)} is missing`;
      throw new BadInput(problem(what, toType`ls ${this.facts.tree}`));
    }
    return text;
  }

  /** The change that gives a file in the tree its new text; none if it has that text already. */
  edit(path: string, after: string, mode = "644"): Change[] {
    return this.write(this.inTree(path), after, mode);
  }

  write(path: string, after: string, mode: string): Change[] {
    const before = this.read(path);
    if (before === after) return [];
    if (this.facts.files[path]?.kind === "directory")
      throw new BadInput(problem(`Not edited: ${path} is a directory`, toType`ls -ld -- ${path}`));
    this.#edits.set(path, after);
    return [{ does: "write-file", path, before, after, mode }];
  }
}

export interface PlanOptions {
  readonly target: string;
  readonly literal: boolean;
  /** Ids of steps to leave out. */
  readonly without: readonly string[];
  /** If not empty: only the steps with these ids, or that serve these requirements. */
  readonly only: readonly string[];
}

/**
 * Plans every selected step against the facts. The same facts always give the same plan.
 * @throws BadInput for an unknown step or requirement, or a document that can't be edited safely.
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
    return { ...step, changes: found, ...(found.length === 0 && { nothing: "already as it should be" }) };
  });
  const { target, literal } = options;
  const choice = choiceOf(options);
  return {
    ...fixedPlan(target, deploymentDigest(facts.deployment), planned),
    literal,
    choice,
    fingerprint: fingerprint(facts),
  };
}

/** A plan of these steps as they are: nothing selected them, and they apply whatever is on the target. */
export function fixedPlan(target: string, deployment: string, steps: readonly PlannedStep[]): Plan {
  return {
    format: 3,
    target,
    deployment,
    literal: false,
    choice: [],
    fingerprint: {},
    steps,
    digest: planDigest(steps),
  };
}

function choiceOf({ literal, without, only }: PlanOptions): string[] {
  const chosen = [...without.map((step) => ["--without", step]), ...only.map((id) => ["--only", id])];
  return [...(literal ? ["--literal"] : []), ...chosen.flat()];
}

/** sha256 of all changes of a plan. */
export function planDigest(steps: readonly PlannedStep[]): string {
  const changes = steps.map(({ id, changes }) => ({ id, changes }));
  return `sha256:${createHash("sha256").update(JSON.stringify(changes)).digest("hex")}`;
}

/** A change in one line. */
export function say(change: Change): string {
  if (change.does === "write-file")
    return `${change.before === undefined ? "create" : "edit"} ${change.path}`;
  return change.does === "make-directory" ? `make ${change.path}/` : change.title;
}

/** Every change of a plan, with its step, in order. */
export function changesOf(plan: Plan): { step: PlannedStep; change: Change }[] {
  return plan.steps.flatMap((step) => step.changes.map((change) => ({ step, change })));
}
