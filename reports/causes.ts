// Which rows that are not green probably follow from another one. It orders and words a page, and never changes a verdict.
import { type Check, fails } from "../fixtures/judgement.ts";
import type { Row } from "./verdict.ts";

/** One row to begin with, and the rows that probably follow from it: nearest first in the register's order. */
export interface Cause {
  readonly row: Row;
  readonly followers: readonly Row[];
}

/**
 * All rows that fail or are unknown, each once: the causes with the rows that follow from them, most followers first, then in
 * the register's order.
 *
 * A row follows from another that fails if every level at which it fails names that one in `follows`, or one that itself
 * follows from it. A row also follows from an earlier one if all its failing checks fail there too, such as "VM 1001 runs".
 */
export function causesOf(rows: readonly Row[]): Cause[] {
  const open = rows.filter(({ verdict }) => verdict === "fail" || verdict === "unknown");
  const red = new Map(open.filter(({ verdict }) => verdict === "fail").map((row) => [row.id, row]));
  const nearest = new Map<string, string>();
  for (const row of open) nearest.set(row.id, causeOf(row, red, new Set()));
  const groups = Map.groupBy(open, ({ id }) => nearest.get(id) ?? id);
  const causes = [...groups].map(([id, members]): Cause => {
    const row = members.find((one) => one.id === id) ?? (members[0] as Row);
    return { row, followers: members.filter((one) => one !== row) };
  });
  return causes
    .map((cause, place) => ({ cause, place }))
    .sort(
      (one, two) =>
        rank(one.cause) - rank(two.cause) ||
        two.cause.followers.length - one.cause.followers.length ||
        one.place - two.place,
    )
    .map(({ cause }) => cause);
}

/** A failure comes before what could not be told. */
const rank = ({ row }: Cause) => (row.verdict === "fail" ? 0 : 1);

/** The id of the row that this one follows from in the end; its own if there is none. */
function causeOf(row: Row, red: ReadonlyMap<string, Row>, passed: Set<string>): string {
  if (passed.has(row.id)) return row.id;
  passed.add(row.id);
  const before = namedBefore(row, red) ?? sameChecks(row, red);
  return before === undefined ? row.id : causeOf(before, red, passed);
}

/** The first failing row that the register names for the levels at which this one fails. */
function namedBefore(row: Row, red: ReadonlyMap<string, Row>): Row | undefined {
  const { follows = {} } = row;
  const wrong = [...new Set(row.checks.filter(isAnswer).map(({ level }) => level))];
  // Without a failing check nothing says at which level a row is unknown, so each of them may be the reason.
  const levels = wrong.length > 0 ? wrong : row.levels;
  const named = levels.map((level) => (follows[level] ?? []).flatMap((id) => red.get(id) ?? []));
  const found = named.filter((some) => some.length > 0);
  const enough = wrong.length > 0 ? found.length === levels.length : found.length > 0;
  return enough ? found[0]?.[0] : undefined;
}

/** The first row in which every failing check of this one fails too. */
function sameChecks(row: Row, red: ReadonlyMap<string, Row>): Row | undefined {
  const own = row.checks.filter(isAnswer).map(nameOf);
  if (own.length === 0) return undefined;
  for (const other of red.values()) {
    if (other.id === row.id) return undefined;
    const there = new Set(other.checks.filter(isAnswer).map(nameOf));
    if (own.every((one) => there.has(one))) return other;
  }
  return undefined;
}

const isAnswer = (check: Check) => fails(check) && check.unknown === undefined;
const nameOf = ({ expected, found, where }: Check) => JSON.stringify([expected, found, where]);
