// Shared trials: made once, at once with those that stand them, never unasked where the target does not allow it.
import { expect, test } from "@playwright/test";
import { CannotTell } from "../../fixtures/errors.ts";
import type { Action } from "../../fixtures/target/inventory.ts";
import { check } from "../claim.ts";
import type { TrialContext } from "../test.ts";
import { sample } from "../testing/evidence-builder.ts";
import { made, type Trial } from "./shared.ts";

/** Trials that write down when they begin and end. */
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

test("alone, a trial is made when it is asked for, and once", async () => {
  const { log, trialContext, ask } = stage();
  const on = trialContext(false);
  expect([await ask("one", on), await ask("one", on)]).toEqual(["one", "one"]);
  expect(log).toEqual(["one begins", "one ends"]);
});

test("parallelTrials, all are made at once and have ended when the first is answered; those in a row wait", async () => {
  const { log, trialContext, ask } = stage();
  const on = trialContext(true);
  expect(await ask("other", on)).toBe("other");
  expect(log.slice(0, 2).sort()).toEqual(["one begins", "other begins"]);
  expect(log.indexOf("second begins")).toBeGreaterThan(log.indexOf("one ends"));
  expect(log).toHaveLength(6);
  expect([await ask("one", on), await ask("second", on)]).toEqual(["one", "second"]);
  expect(log).toHaveLength(6);
});

test("one that stands in no row is made alone, behind those that were asked for with it", async () => {
  const { log, trialContext, ask } = stage();
  await ask("apart", trialContext(true));
  expect(log.slice(-2)).toEqual(["apart begins", "apart ends"]);
});

test("nothing is made unasked that the target does not allow, or for which nothing speaks", async () => {
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
        throw new CannotTell("nobody saw it");
      },
    },
  });
  await unknown.ask("one", unknown.trialContext(true));
  expect(unknown.log).not.toContain("other begins");
  await unknown.ask("other", unknown.trialContext(true));
  expect(unknown.log).toContain("other ends");
});

test("each is asked for its own trouble", async () => {
  const trouble = async () => {
    throw new CannotTell("no stranger");
  };
  const { trialContext, ask } = stage({ other: { make: trouble } });
  const on = trialContext(true);
  expect(await ask("one", on)).toBe("one");
  await expect(ask("other", on)).rejects.toThrow("no stranger");
});
