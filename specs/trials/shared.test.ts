// Shared trials: each runs once, in parallel with independent ones, and only as a side effect when the target allows it.
import { expect, test } from "@playwright/test";
import { CannotTell } from "../../fixtures/errors.ts";
import type { Action } from "../../fixtures/target/inventory.ts";
import { check } from "../claim.ts";
import type { TrialContext } from "../test.ts";
import { sample } from "../testing/evidence-builder.ts";
import { made, type Trial } from "./shared.ts";

/** Trials that log when they begin and end. */
function stage(over: Partial<Record<string, Partial<Trial<string>>>> = {}) {
  const log: string[] = [];
  const one = (name: string): Trial<string> => ({
    needs: "apply",
    make: async () => {
      log.push(`${name} begins`);
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
      log.push(`${name} ends`);
      return name;
    },
    ...over[name],
  });
  const trials = { one: one("one"), second: one("second"), other: one("other"), apart: one("apart") };
  const done = new Map<string, Promise<unknown>>();
  const trialContext = (parallelTrials: boolean, allows: readonly Action[] = ["apply"]) =>
    ({
      target: { allows },
      evidence: sample(),
      parallelTrials,
      once: (what: string, work: () => Promise<unknown>) => {
        const found = done.get(what) ?? work();
        done.set(what, found);
        return found;
      },
    }) as unknown as TrialContext;
  const ask = (name: keyof typeof trials, on: TrialContext) =>
    made(trials, [["one", "second"], ["other"]], on, name);
  return { log, trialContext, ask };
}

test("without parallelTrials, a trial runs when it is requested, and once", async () => {
  const { log, trialContext, ask } = stage();
  const on = trialContext(false);
  expect([await ask("one", on), await ask("one", on)]).toEqual(["one", "one"]);
  expect(log).toEqual(["one begins", "one ends"]);
});

test("with parallelTrials, all run in parallel and have ended when the first returns; trials in a group run in order", async () => {
  const { log, trialContext, ask } = stage();
  const on = trialContext(true);
  expect(await ask("other", on)).toBe("other");
  expect(log.slice(0, 2).sort()).toEqual(["one begins", "other begins"]);
  expect(log.indexOf("second begins")).toBeGreaterThan(log.indexOf("one ends"));
  expect(log).toHaveLength(6);
  expect([await ask("one", on), await ask("second", on)]).toEqual(["one", "second"]);
  expect(log).toHaveLength(6);
});

test("a trial in no group runs alone, after the others", async () => {
  const { log, trialContext, ask } = stage();
  await ask("apart", trialContext(true));
  expect(log.slice(-2)).toEqual(["apart begins", "apart ends"]);
});

test("a trial that was not requested does not run when the target does not allow it or its precondition does not hold", async () => {
  const { log, trialContext, ask } = stage({
    second: { needs: "firewall-trial" },
    other: {
      first: () => [
        check({ level: "live", where: "x.fw:1", ok: false, expected: "the rule", found: "none" }),
      ],
    },
  });
  await ask("one", trialContext(true));
  expect(log).toEqual(["one begins", "one ends"]);
  const unknown = stage({
    other: {
      first: () => {
        throw new CannotTell("no evidence");
      },
    },
  });
  await unknown.ask("one", unknown.trialContext(true));
  expect(unknown.log).not.toContain("other begins");
  await unknown.ask("other", unknown.trialContext(true));
  expect(unknown.log).toContain("other ends");
});

test("an error in one trial is thrown only to those who request that trial", async () => {
  const trouble = async () => {
    throw new CannotTell("no spare address");
  };
  const { trialContext, ask } = stage({ other: { make: trouble } });
  const on = trialContext(true);
  expect(await ask("one", on)).toBe("one");
  await expect(ask("other", on)).rejects.toThrow("no spare address");
});
