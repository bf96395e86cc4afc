// Two empty lists are equal, and prove nothing: where an answer that a comparison needs is empty before and after, as of a
// program that ends with 0 and prints nothing, the result is never a pass.
import { expect, test } from "@playwright/test";
import { portainerDirectoryOf } from "../../fixtures/deployment/deployment.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import type { Evidence } from "../../fixtures/evidence/evidence.ts";
import type { Place } from "../../fixtures/evidence/questions.ts";
import { type Check, judge } from "../../fixtures/judgement.ts";
import { dataUntouched } from "../deployment/claims/data.ts";
import { othersUntouched } from "../gateway/claims/others.ts";
import { nothingElseChanged } from "../operations/claims/blast-radius.ts";
import { allRestored, nothingChanged } from "../operations/claims/changes.ts";
import { type Changes, entry, evidenceAt, hypervisor } from "./before-and-after.ts";

const comparisons: Readonly<Record<string, (before: Evidence, after: Evidence) => readonly Check[]>> = {
  ...{ nothingElseChanged, othersUntouched, nothingChanged, allRestored, dataUntouched },
};

/** The first level of the guests' volumes shows that the directory of Portainer is there. */
const volumes = `${hypervisor["list volumes"]}${entry(portainerDirectoryOf(defaultDeployment), "d 755 root:root 1.5 10 7")}`;
const there: Changes = {
  hypervisor: { "list volumes": volumes },
};

const both = (compare: (typeof comparisons)[string], changes: Changes = {}) => {
  const all = { ...there, ...changes, hypervisor: { ...there.hypervisor, ...changes.hypervisor } };
  const before = evidenceAt("2025-11-01T00:00:00.000Z", all);
  return judge((now) => compare(before, now), evidenceAt("2025-11-02T00:00:00.000Z", all)).verdict;
};

// The text of a file may be empty. Without a database all of a directory counts, so that more is compared.
const mayBeEmpty = (question: string) => question.startsWith("file ") || question === "databases";

const asked = Object.entries(evidenceAt("2025-11-01T00:00:00.000Z").document.places).flatMap(
  ([place, given]) =>
    "answers" in given
      ? Object.keys(given.answers)
          .filter((name) => !mayBeEmpty(name))
          .map((name) => [place as Place, name] as const)
      : [],
);

for (const [name, compare] of Object.entries(comparisons))
  test(`${name}: an answer that it needs, and that is empty before and after, is no pass`, () => {
    expect(both(compare), "healthy").toBe("pass");
    const needed = asked.filter(
      ([place, question]) =>
        both(compare, { [place]: { [question]: { code: 1, out: "", err: "no" } } }) !== "pass",
    );
    expect(needed.length, "answers that it needs").toBeGreaterThan(0);
    const passed = needed.filter(
      ([place, question]) =>
        both(compare, { [place]: { [question]: { code: 0, out: "", err: "" } } }) === "pass",
    );
    expect(passed.map((each) => each.join(": "))).toEqual([]);
  });
