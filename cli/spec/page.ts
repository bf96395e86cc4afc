// One requirement or one control on the terminal: the verdict, every check, and what to do next.
import { Exit, exitCodeOfVerdict } from "../../fixtures/exit-codes.ts";
import { type Check, fails, type Verdict } from "../../fixtures/judgement.ts";
import { indent, paint, symbol } from "../../reports/look.ts";
import { isBug, unknown } from "../../reports/verdict.ts";
import type { Ran } from "./run-one.ts";
import type { Selected } from "./select.ts";

export interface Outcome {
  /** `pass` for a control means that its check found the fault. */
  readonly verdict: Verdict;
  /** The reason for any other verdict than pass; empty for a pass. */
  readonly reason: string;
  readonly exitCode: number;
}

/** The result of the test. A requirement's verdict is its row's; a control passes when its check found the fault. */
export function outcomeOf({ role }: Selected, { test, row, bugs }: Ran): Outcome {
  if (role === "requirement") {
    const code = row.verdict === "pending" ? Exit.unknown : exitCodeOfVerdict[row.verdict];
    return { verdict: row.verdict, reason: row.reason, exitCode: bugs.length > 0 ? Exit.bug : code };
  }
  const [message = ""] = test.messages;
  if (test.status === "passed") return { verdict: "pass", reason: "", exitCode: Exit.pass };
  if (unknown(message) !== undefined || test.status === "timedOut")
    return { verdict: "unknown", reason: unknown(message) || message, exitCode: Exit.unknown };
  return { verdict: "fail", reason: message.trim(), exitCode: isBug(message) ? Exit.bug : Exit.fail };
}

export interface PageStyle {
  /** The target that was judged. */
  readonly where: string;
  readonly colour: boolean;
  /** Only the verdict, and the checks that do not pass. */
  readonly quiet?: boolean;
}

/** The page, ending in a newline. Its last line names the spec file, the target and the time of the evidence. */
export function page(selected: Selected, ran: Ran, { where, colour, quiet = false }: PageStyle): string {
  const { verdict, reason } = outcomeOf(selected, ran);
  const { statement } = ran.row;
  const title = selected.role === "control" ? selected.title : `${selected.id} ${statement}`;
  const { checks } = ran.test;
  const wrong = checks.filter(fails);
  // The checks explain a requirement that fails; in every other case the reason is printed.
  const said = reason !== "" && !(selected.role === "requirement" && verdict === "fail" && wrong.length > 0);
  const next = verdict === "fail" ? [...new Set(wrong.flatMap((check) => check.next ?? []))] : [];
  return [
    `${paint(verdict, colour)}  ${title}`,
    ...(said ? [`    ${reason.replaceAll("\n", "\n    ")}`] : []),
    ...checks
      .filter(({ ok }) => !quiet || (!ok && verdict !== "pass"))
      .flatMap((check) => explain(check, colour)),
    ...(selected.role === "requirement" && next.length > 0
      ? ["    Next:", ...next.map((text) => `        ${text}`)]
      : []),
    ...ran.bugs.map((bug) => `This is a bug in the suite: ${bug.trim().split("\n", 1)[0]}`),
    ...(quiet
      ? []
      : [
          "",
          `${selected.file}: ${where}, on evidence of ${ran.at}, in ${(ran.test.ms / 1000).toFixed(1)} s`,
        ]),
    "",
  ].join("\n");
}

function explain(check: Check, colour: boolean): string[] {
  const { level, ok, expected, found, where, notImitated } = check;
  const verdict = ok ? "pass" : fails(check) ? "fail" : "unknown";
  return [
    `    ${symbol(verdict, colour)} ${level}: ${where}`,
    `        expected ${indent(expected)}`,
    ...(notImitated === undefined
      ? [`        found    ${indent(found)}`]
      : [`        not imitated here: ${notImitated}`]),
  ];
}
