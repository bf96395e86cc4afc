// Selects one test: a requirement by its id, or one of its controls by words of its title.
import { BadInput, problem } from "../../fixtures/errors.ts";
import { toType } from "../../fixtures/quote.ts";
import { readSpecs, type SpecTest } from "../../specs/register/coverage.ts";
import { register } from "../../specs/register/register.ts";

/** One test of a spec file. */
export interface Selected extends SpecTest {
  /** Relative to the project. */
  readonly file: string;
}

/**
 * The requirement's test, or the one control whose title has all these words.
 * @throws BadInput with the nearest names when there is no such id or control, or more than one.
 */
export function select(id: string, control?: string): Selected {
  const known = register.map((one) => one.id);
  if (!known.includes(id)) {
    const near = nearest(id.toUpperCase(), known, 3);
    const what = `No requirement ${id} in the register. The nearest: ${near.join(", ")}`;
    throw new BadInput(problem(what, toType`npm run spec -- ${near[0] ?? ""}`));
  }
  const spec = readSpecs().find((one) => one.id === id);
  if (!spec) throw new BadInput(problem(`${id} has no spec yet`, "less docs/writing-a-spec.md"));
  const file = `specs/${spec.path}`;
  if (control === undefined) {
    const own = spec.tests.find(({ role }) => role === "requirement");
    if (!own) throw new BadInput(problem(`${file} has no requirement test`, "less docs/writing-a-spec.md"));
    return { ...own, file };
  }
  const controls = spec.tests.filter(({ role }) => role === "control");
  const words = control.toLowerCase().split(/\s+/).filter(Boolean);
  const found = controls.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
  const [only] = found;
  if (only && found.length === 1) return { ...only, file };
  const choice = found.length > 1 ? found : controls;
  const shared = (title: string) => words.filter((word) => title.toLowerCase().includes(word)).length;
  const titles = choice.map(({ title }) => title).sort((one, other) => shared(other) - shared(one));
  const what = found.length > 1 ? `More than one control of ${id} has` : `No control of ${id} has`;
  const list = titles.map((title) => `  ${title}`).join("\n");
  const first = titles[0]?.replace(/^\S+ (?:is refuted by )?/, "");
  throw new BadInput(
    problem(
      `${what} the words "${control}":\n${list}`,
      toType`npm run spec -- ${id} --control ${first ?? ""}`,
    ),
  );
}

/** The names most similar to the given one, best first. */
export function nearest(asked: string, names: readonly string[], count: number): string[] {
  const far = new Map(names.map((name) => [name, distance(asked, name)]));
  return [...names].sort((a, b) => (far.get(a) ?? 0) - (far.get(b) ?? 0)).slice(0, count);
}

/** The edit distance of two names: insertions, deletions and substitutions. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
