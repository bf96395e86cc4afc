// The report of a run or of the gate: every finding with its place, compared with a base if there is one.

/** One thing that is wrong, or was wrong in the base. */
export interface Finding {
  /** A requirement's id, or the name of a check: `json`, `schema`, `nginx`, `bash`, `shellcheck`, `compose`. */
  readonly rule: string;
  /** must: the tree does not work as required. should: an improvement. remark: listed, and fails nothing. */
  readonly severity: "must" | "should" | "remark";
  /** What was expected and what was found, in words that an operator can act on. */
  readonly expected: string;
  readonly found: string;
  /** Relative to the root of the repository, with `/`; none if the finding is not about a file. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
  /** The command or edit to try next. */
  readonly next?: string;
  /** The rule of another finding from which this one probably follows. It orders and words a page, and changes no verdict. */
  readonly follows?: string;
  /** Who accepted it, until when, and why: it does not count. */
  readonly waived?: string;
  /** new: not in the base. left: in both. fixed: only in the base. found: there is no base. */
  readonly change: "new" | "left" | "fixed" | "found";
}

/** Something that should have been judged and could not be: never a pass. */
export interface Unanswered {
  readonly rule: string;
  readonly reason: string;
  readonly next?: string;
}

/** One requirement, as far as this run judged it. */
export interface ReportRow {
  readonly id: string;
  readonly title: string;
  readonly verdict: "fail" | "unknown" | "pending" | "waived" | "pass" | "not judged";
  /** Why it was not judged. */
  readonly why?: string;
  /** The levels that were judged: `declared`, `delivered`, `live`, `behaves`. */
  readonly levels: readonly string[];
  /** What the stand-in cannot imitate of it, as `level: reason`: a check that was not made. */
  readonly notImitated?: readonly string[];
  /** If it is waived: who accepted it, until when, and why. */
  readonly waived?: string;
  /** The verdict in the base, if there is one. */
  readonly before?: ReportRow["verdict"];
}

export interface Report {
  readonly format: 1;
  /** The tree, as the user named it. */
  readonly tree: string;
  readonly base?: string;
  /** static: from the files alone. full: also on a stand-in, with the plan applied. run: on a stand-in alone. */
  readonly mode: "static" | "full" | "run";
  /** Decides the exit code. With a base, only new findings count. */
  readonly verdict: "pass" | "fail" | "unknown";
  readonly ms: number;
  readonly findings: readonly Finding[];
  readonly unknown: readonly Unanswered[];
  readonly rows: readonly ReportRow[];
}
