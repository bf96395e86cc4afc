// What controls showed is kept between runs, and forgotten with the revision of the statement that they were run with.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { ofRevisions, readSeenRed, withControlsOf, writeSeenRed } from "./seen-red.ts";

const suite = { version: "0.2.0" };
const [first, later] = ["2026-03-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z"] as const;
const row = (
  revision: number,
  shown: readonly (readonly [string, boolean])[],
  names = shown.map(([title]) => title),
) => ({
  ...{ id: "STO-003", revision },
  controls: {
    passed: shown.filter(([, red]) => red).length,
    failed: shown.filter(([, red]) => !red).length,
    names,
    shown: shown.map(([title, red]) => ({ title, red, modes: ["F10"] })),
  },
});
const titles = (seen: ReturnType<typeof withControlsOf>) =>
  seen["STO-003"]?.controls.map(({ control }) => control);

test("a run without controls forgets nothing; one with controls gives each a new time", () => {
  const one = withControlsOf(
    {},
    [
      row(1, [
        ["a", true],
        ["b", true],
      ]),
    ],
    suite,
    first,
  );
  expect(one["STO-003"]?.controls[0]).toEqual({ control: "a", modes: ["F10"], at: first, tool: "0.2.0" });
  expect(withControlsOf(one, [row(1, [])], suite, later)).toEqual(one);
  const two = withControlsOf(one, [row(1, [["a", true]], ["a", "b"])], suite, later);
  expect(two["STO-003"]?.controls.map(({ control, at }) => [control, at])).toEqual([
    ["a", later],
    ["b", first],
  ]);
});

test("a control that did not go red, one that is gone, and one of another revision are no longer seen red", () => {
  const one = withControlsOf(
    {},
    [
      row(1, [
        ["a", true],
        ["b", true],
      ]),
    ],
    suite,
    first,
  );
  expect(
    titles(
      withControlsOf(
        one,
        [
          row(1, [
            ["a", false],
            ["b", true],
          ]),
        ],
        suite,
        later,
      ),
    ),
  ).toEqual(["b"]);
  expect(titles(withControlsOf(one, [row(1, [["c", true]])], suite, later))).toEqual(["c"]);
  expect(titles(withControlsOf(one, [row(2, [["a", true]], ["a", "b"])], suite, later))).toEqual(["a"]);
  expect(ofRevisions(one, [{ id: "STO-003", revision: 1 }])).toHaveProperty("STO-003");
  expect(ofRevisions(one, [{ id: "STO-003", revision: 2 }])).toEqual({});
});

test("it is written and read back; a damaged file is named with its place", () => {
  const output = mkdtempSync(join(tmpdir(), "phoenix-seen-"));
  try {
    expect(readSeenRed({ output })).toEqual({});
    const seen = withControlsOf({}, [row(1, [["a", true]])], suite, first);
    writeSeenRed({ output }, seen);
    expect(readSeenRed({ output })).toEqual(seen);
    writeFileSync(join(output, "controls-seen-red.json"), '{\n  "STO-003": {}\n}');
    expect(() => readSeenRed({ output })).toThrow(/controls-seen-red\.json:2:/);
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
});
