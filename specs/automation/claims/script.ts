// The claim that the docker feature stays a valid script: bash can parse it, and shellcheck reports nothing new that changes
// what it does.
import { counted } from "../../../fixtures/counted.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import {
  changesBehaviour,
  type Remark,
  remarks,
  shellBudget,
  syntaxErrors,
} from "../../../fixtures/evidence/shell-check.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import { check, known, present } from "../../claim.ts";

const script = "bin/vm_features/feature_install_docker.sh";

/** Calls `before` only when bash can parse the script. */
export function validScript(e: Evidence, before: () => Evidence): readonly Check[] {
  const path = `${e.document.target.tree}/${script}`;
  return present("declared", path, e.treeFile(script), ({ text }) => {
    const budget = shellBudget();
    const errors = syntaxErrors(text, budget);
    const line = /line (\d+)/.exec(errors[0] ?? "")?.[1];
    const readable = check({
      level: "declared",
      where: line ? `${path}:${line}` : path,
      ok: errors.length === 0,
      expected: "bash -n finds nothing",
      found: errors.join("; ") || "nothing",
      next: toType`bash -n ${path}`,
    });
    if (!readable.ok) return [readable];
    const old = known(before().treeFile(script))?.text;
    return [readable, noWorse(path, remarks(text, budget), old === undefined ? [] : remarks(old, budget))];
  });
}

/**
 * No more findings with any code than before, of those that say that the script does something else than it reads like. Others
 * that are new are told with the result. Line numbers change with edits, so findings are counted by code.
 */
export function noWorse(path: string, now: readonly Remark[], before: readonly Remark[]): Check {
  const count = (all: readonly Remark[], code: string) => all.filter((remark) => remark.code === code).length;
  const more = new Set(now.map(({ code }) => code).filter((code) => count(now, code) > count(before, code)));
  const added = now.filter(({ code }) => more.has(code));
  const wrong = added.filter(changesBehaviour);
  const told = (all: readonly Remark[]) =>
    all.map(({ code, line, message }) => `line ${line}: ${code} ${message}`).join("; ");
  const rest = added.length === 0 ? "none new" : `new, and none that changes what it does: ${told(added)}`;
  return check({
    level: "declared",
    where: wrong[0] ? `${path}:${wrong[0].line}` : path,
    ok: wrong.length === 0,
    expected: "nothing new from shellcheck that changes what the script does",
    found: told(wrong) || `${counted(now.length, "remark")}, ${rest}`,
    next: toType`shellcheck ${path}`,
  });
}
