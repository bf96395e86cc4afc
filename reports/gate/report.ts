// What the gate says of a tree: every finding with its place, compared with a base where there is one.

/** One thing that is wrong, or was. */
export interface Finding {
  /** A requirement's id, or the name of a check: `json`, `schema`, `nginx`, `bash`, `shellcheck`, `compose`. */
  readonly rule: string;
  /** must: the tree does not do what it is for. should: it would be better without. */
  readonly severity: "must" | "should";
  /** What was expected, and what was found, in words that an operator can act on. */
  readonly expected: string;
  readonly found: string;
  /** Relative to the repository's root, with `/`; none where the finding is about no file. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
  /** The command or edit to try next. */
  readonly next?: string;
  /** new: not in the base. left: in both. fixed: in the base alone. found: there is no base. */
  readonly change: "new" | "left" | "fixed" | "found";
}

/** Something that could not be judged though it should have been: never a pass. */
export interface Unanswered {
  readonly rule: string;
  readonly reason: string;
  readonly next?: string;
}

/** One requirement as far as this run judged it. */
export interface GateRow {
  readonly id: string;
  readonly title: string;
  readonly verdict: "fail" | "unknown" | "pending" | "waived" | "pass" | "not judged";
  /** The levels that were judged: `declared`, `delivered`, `live`, `behaves`. */
  readonly levels: readonly string[];
  /** What it was in the base; none without one. */
  readonly before?: GateRow["verdict"];
}

export interface GateReport {
  readonly format: 1;
  /** As the user named it. */
  readonly tree: string;
  readonly base?: string;
  /** static: from the files alone. full: on a stand-in as well, with the plan applied. */
  readonly mode: "static" | "full";
  /** fail: exit code 1. unknown: 2. pass: 0. With a base only what is new counts. */
  readonly verdict: "pass" | "fail" | "unknown";
  readonly ms: number;
  readonly findings: readonly Finding[];
  readonly unknown: readonly Unanswered[];
  readonly rows: readonly GateRow[];
}
