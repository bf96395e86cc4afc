// What a terminal shows at the end of each moment, by a small terminal of our own: text, line ends, and "erase this line".
import { expect, test } from "@playwright/test";
import { type Detail, lines, liveLine } from "../fixtures/progress.ts";
import { Screen } from "./screen.ts";

const erase = "\r\u001b[K";

/** A terminal that both outputs write to. */
function terminal(columns = 80) {
  let text = "";
  const out = {
    columns,
    write(piece: string) {
      for (const [at, part] of piece.split(erase).entries())
        text = (at === 0 ? text : text.slice(0, text.lastIndexOf("\n") + 1)) + part;
    },
  };
  return { out, shown: () => text };
}

function live(detail: Detail, columns?: number) {
  const { out, shown } = terminal(columns);
  const screen = new Screen(out, out);
  const progress = liveLine(
    (line) => screen.printError(`${line}\n`),
    screen,
    () => detail,
  );
  return { screen, progress, shown };
}

const withoutTimes = (text: string) => text.replaceAll(/\d+\.\d s/g, "0.0 s");

test("a step is one live line, and nothing is left of it when it ends", async () => {
  const { progress, shown } = live("normal");
  const seen: string[] = [];
  await progress.step("applying", async () => {
    seen.push(shown());
    progress.note("  waiting for nginx");
    seen.push(shown());
    progress.trace("    qm guest exec: exit code 0");
    seen.push(shown());
  });
  expect(seen.map(withoutTimes)).toEqual([
    "  … applying (0.0 s)",
    "  … applying (0.0 s): waiting for nginx",
    "  … applying (0.0 s): qm guest exec: exit code 0",
  ]);
  expect(shown()).toBe("");
});

test("the time of a step grows while nothing else happens", async () => {
  const { progress, shown } = live("normal");
  await progress.step("applying", async () => {
    await expect.poll(shown, { timeout: 20_000 }).toMatch(/\((?!0\.0)\d+\.\d s\)$/);
  });
});

test("what is printed stands above the live line, on either output", async () => {
  const { screen, progress, shown } = live("normal");
  await progress.step("judging", async () => {
    screen.print("a page\n");
    progress.say("a warning");
    expect(withoutTimes(shown())).toBe("a page\na warning\n  … judging (0.0 s)");
    screen.print("half a line");
    expect(shown(), "nothing is glued to it").toBe("a page\na warning\nhalf a line");
    screen.print(", and its end\n");
    expect(withoutTimes(shown())).toMatch(/its end\n {2}… judging \(0\.0 s\)$/);
  });
});

test("nothing is drawn while the user is asked", async () => {
  const { screen, progress, shown } = live("normal");
  await progress.step("judging", () =>
    progress.asking(async () => {
      expect(shown()).toBe("");
      screen.printError("Do this? ");
      progress.trace("    a command");
      expect(shown()).toBe("Do this? ");
      screen.printError("\n");
    }),
  );
  expect(shown()).toBe("Do this? \n");
});

test("the newest of several steps is shown, and that there are more; a failed one stays", async () => {
  const { progress, shown } = live("normal");
  await progress.step("outer", async () => {
    const inner = progress.step("inner", async () => {
      expect(withoutTimes(shown())).toBe("  … inner (0.0 s, and 1 more)");
      throw new Error("no");
    });
    await expect(inner).rejects.toThrow("no");
    expect(withoutTimes(shown())).toBe("  inner: failed after 0.0 s\n  … outer (0.0 s)");
  });
});

test("a live line is never longer than the terminal is wide, and has no control characters", async () => {
  const { progress, shown } = live("normal", 40);
  await progress.step("a", async () => {
    progress.note(`evil \u001b[2J\n${"x".repeat(50)}`);
    expect(shown()).toHaveLength(39);
    expect(shown()).toContain("evil <U+001B>[2J");
  });
});

for (const [detail, expected] of [
  ["quiet", "said\n"],
  ["normal", "said\nnoted\n"],
  ["verbose", "said\nnoted\ntraced\n  a step: 0.0 s\n"],
] as const)
  test(`on a terminal, ${detail}: what stays`, async () => {
    const { progress, shown } = live(detail);
    progress.say("said");
    progress.note("noted");
    await progress.step("a step", async () => progress.trace("traced"));
    expect(withoutTimes(shown())).toBe(expected);
    expect(progress.detail).toBe(detail);
  });

for (const [detail, expected] of [
  ["quiet", ["said"]],
  ["normal", ["said", "noted", "  a step: 0.0 s"]],
  ["verbose", ["said", "noted", "traced", "  a step: 0.0 s"]],
] as const)
  test(`in a log, ${detail}: plain lines`, async () => {
    const written: string[] = [];
    const progress = lines(
      (line) => written.push(line),
      () => detail,
    );
    progress.say("said");
    progress.note("noted");
    await progress.step("a step", async () => progress.trace("traced"));
    expect(written.map(withoutTimes)).toEqual(expected);
  });
