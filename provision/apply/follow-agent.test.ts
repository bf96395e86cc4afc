// A wish to stop is repeated until the target has taken it; if that fails, the user is told.
import { expect, test } from "@playwright/test";
import { CannotTell } from "../../fixtures/errors.ts";
import { untilHeard } from "./follow-agent.ts";

for (const [name, failures, overAfter, wishes, said] of [
  ["is heard at once", 0, 99, 1, []],
  ["is lost twice", 2, 99, 3, []],
  ["is about something that is over meanwhile", 99, 2, 2, []],
  [
    "is never heard",
    99,
    99,
    5,
    [/did not take the wish to stop, and goes on: no channel\nNext:\n {4}npm run phoenix -- status/],
  ],
] as const)
  test(`a wish that ${name}`, async () => {
    let count = 0;
    const told: string[] = [];
    const wish = async () => {
      count += 1;
      if (count <= failures) throw new CannotTell("no channel\nNext:\n    x");
    };
    await untilHeard(
      wish,
      () => count >= overAfter,
      (text) => told.push(text),
      { pauseMs: 1 },
    );
    expect(count).toBe(wishes);
    expect(told).toEqual(said.map((pattern) => expect.stringMatching(pattern)));
  });
