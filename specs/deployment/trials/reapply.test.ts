// Whether an apply left an entry in the target's journal, by its own answer.
import { expect, test } from "@playwright/test";
import { madeEntry } from "./reapply.ts";

for (const [out, is] of [
  ['{"entry":"0002","changes":[]}', true],
  ['{"changes":[]}', false],
  ["null", false],
  ["Nothing to do.", false],
] as const)
  test(`an apply that answers ${out} made ${is ? "an" : "no"} entry`, () =>
    expect(madeEntry({ out })).toBe(is));
