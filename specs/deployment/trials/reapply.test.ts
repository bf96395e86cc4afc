// Whether an apply wrote an entry in the target's journal, judged by its output.
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
