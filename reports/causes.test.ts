// Which row to begin with: the register's order, the same failing checks, and what must not be taken for a consequence.
import { expect, test } from "@playwright/test";
import type { Check, Level, Verdict } from "../fixtures/judgement.ts";
import { causesOf } from "./causes.ts";
import type { Follows, Row } from "./verdict.ts";

const red = (level: Level, found = `wrong at ${level}`): Check => ({
  ...{ level, ok: false, expected: "right", found, where: "there" },
});

function row(id: string, verdict: Verdict, checks: readonly Check[], follows: Follows = {}): Row {
  return {
    ...{ id, revision: 1, kind: "L", plan: "1.1", severity: "must", statement: `statement of ${id}` },
    ...{ remedies: [], verdict, seen: "", reason: "", ms: 1, follows, checks },
    levels: ["declared", "live", "behaves"],
    controls: { passed: 0, failed: 0, names: [], shown: [] },
  };
}

const told = (rows: readonly Row[]) =>
  causesOf(rows).map(({ row: { id }, followers }) => [id, ...followers.map((one) => one.id)].join(" "));

const stack = row("AUT-001", "fail", [red("live", "portainer is exited")]);
const page = (level: Level) =>
  row("ACC-001", "fail", [red(level, "502")], { behaves: ["AUT-001", "GWY-002"] });

test("a row follows from the one that has to hold first, whatever the order of the register", () => {
  expect(told([page("behaves"), stack])).toEqual(["AUT-001 ACC-001"]);
});

test("a row that fails at a level of its own does not follow", () => {
  expect(told([stack, page("declared")])).toEqual(["AUT-001", "ACC-001"]);
  const both = row("ACC-001", "fail", [red("declared"), red("behaves", "502")], { behaves: ["AUT-001"] });
  expect(told([stack, both])).toEqual(["AUT-001", "ACC-001"]);
});

test("nothing follows from a row that passes, or that is itself unknown", () => {
  for (const verdict of ["pass", "unknown"] as const)
    expect(told([row("AUT-001", verdict, []), page("behaves")])).toContain("ACC-001");
});

test("through another row: the cause is the one at the beginning of the chain", () => {
  const mount = row("STO-003", "fail", [red("live", "not mounted")]);
  const started = row("AUT-001", "fail", [red("live", "no compose file")], { live: ["STO-003"] });
  expect(told([page("behaves"), started, mount])).toEqual(["STO-003 ACC-001 AUT-001"]);
});

test("an unknown row follows from a failing one at any of its levels", () => {
  const data = row("DAT-001", "unknown", [], { behaves: ["ACC-001"] });
  expect(told([data, page("behaves"), stack])).toEqual(["AUT-001 DAT-001 ACC-001"]);
});

test("rows that fail by the same check have one cause, without a word in the register", () => {
  const stopped = red("live", "status: stopped");
  const rows = [
    row("STO-003", "fail", [red("declared"), stopped]),
    row("AUT-001", "fail", [stopped]),
    row("DEP-003", "fail", [stopped, red("live", "none")]),
  ];
  expect(told(rows)).toEqual(["STO-003 AUT-001", "DEP-003"]);
});

test("the cause of most rows comes first, and a failure before what is unknown", () => {
  const rows = [
    row("ACC-006", "unknown", []),
    row("STO-001", "fail", [red("declared", "other")]),
    page("behaves"),
    stack,
  ];
  expect(told(rows)).toEqual(["AUT-001 ACC-001", "STO-001", "ACC-006"]);
});

test("each row that is not green is there once, also if the register names rows in a circle", () => {
  const one = row("GWY-001", "fail", [red("live", "1")], { live: ["GWY-002"] });
  const two = row("GWY-002", "fail", [red("live", "2")], { live: ["GWY-001"] });
  expect(told([one, two]).join(" ").split(" ").toSorted()).toEqual(["GWY-001", "GWY-002"]);
  expect(
    told([row("GWY-003", "pass", []), row("GWY-004", "pending", []), row("GWY-005", "not judged", [])]),
  ).toEqual([]);
});
