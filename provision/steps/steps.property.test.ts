// Every step on trees that somebody else has worked on: it changes what it is for, once, or says where it can't.
import { spawnSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { BadInput } from "../../fixtures/errors.ts";
import type { Facts, FileFact } from "../facts.ts";
import { changesOf, makePlan, type Plan, type PlanOptions } from "../plan.ts";
import { files } from "../wanted.ts";
import { steps } from "./index.ts";
import { noise, noisy, quiet } from "./noise.ts";
import { factsOf, sampleTree, textOf, written } from "./sample-facts.ts";

const facts = factsOf(sampleTree);
const options: PlanOptions = { target: "sample", literal: false, without: [], only: [] };
const plan = (found: Facts, chosen: Partial<PlanOptions> = {}) =>
  makePlan(found, steps, { ...options, ...chosen });
const paths = Object.values(files).filter((name) => facts.files[`${sampleTree}/${name}`]?.kind === "file");
const isScript = (name: string) => name.endsWith(".sh");

/** Which steps would write which files. */
const writes = (one: Plan) =>
  changesOf(one).flatMap(({ step, change }) => (change.does === "run" ? [] : [`${step.id}: ${change.path}`]));

/** The facts with another text for some files. */
function withTexts(found: Facts, change: (text: string, name: string) => string): Facts {
  const changed = paths.map((name): [string, FileFact] => {
    const path = `${sampleTree}/${name}`;
    const fact = found.files[path];
    if (fact?.kind !== "file") throw new Error(`no ${name}`);
    return [path, { ...fact, text: change(fact.text, name) }];
  });
  return { ...found, files: { ...found.files, ...Object.fromEntries(changed) } };
}

/** The plan, or where it was refused. Any other error goes through: it is a bug. */
function attempt(found: Facts, chosen: Partial<PlanOptions> = {}): Plan | string {
  try {
    return plan(found, chosen);
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    expect(error.message).toMatch(/:\d+:\d+: |^Not a Phoenix tree: /);
    return error.message;
  }
}

const clean = written(facts, plan(facts));
const wellFormed = (script: string) => spawnSync("bash", ["-n"], { input: script, encoding: "utf8" }).stderr;

test("noise is neither touched nor taken for the thing itself", () => {
  fc.assert(
    fc.property(noisy(facts), (found) => {
      const whole = plan(found);
      const after = written(found, whole);
      expect(writes(whole)).toEqual(writes(plan(facts)));
      for (const name of paths) {
        expect(quiet(textOf(after, name)), name).toBe(textOf(clean, name));
        expect(noise(textOf(after, name)), name).toEqual(noise(textOf(found, name)));
      }
      expect(writes(plan(after))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

test("a script that bash could read is one that it still can", () => {
  fc.assert(
    fc.property(
      noisy(facts),
      fc.constantFrom(...paths.filter(isScript)),
      fc.boolean(),
      (found, name, literal) => {
        expect(wellFormed(textOf(found, name))).toBe("");
        expect(wellFormed(textOf(written(found, plan(found, { literal })), name))).toBe("");
      },
    ),
    { numRuns: 40 },
  );
});

test("CRLF stays, and makes no other difference", () => {
  fc.assert(
    fc.property(noisy(facts), (found) => {
      const crlf = withTexts(found, (text) => text.replaceAll("\n", "\r\n"));
      const after = written(crlf, plan(crlf));
      const expected = written(found, plan(found));
      for (const name of paths)
        expect(textOf(after, name), name).toBe(textOf(expected, name).replaceAll("\n", "\r\n"));
      expect(writes(plan(after))).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

/** Puts the members of every object in another order. */
function reordered(value: unknown, turn: number): unknown {
  if (Array.isArray(value)) return value.map((one) => reordered(one, turn));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => [key, reordered(one, turn)]);
  const cut = turn % entries.length;
  return Object.fromEntries([...entries.slice(cut), ...entries.slice(0, cut)]);
}

test("JSON in another layout and another order gets the same values", () => {
  const layout = fc.record({
    turn: fc.nat(20),
    indent: fc.constantFrom<string | number>(0, 1, 2, 8, "\t"),
    mark: fc.constantFrom("", "\uFEFF"),
    end: fc.constantFrom("", "\n", "\r\n"),
  });
  const parsed = (text: string): unknown => JSON.parse(text.replace(/^\uFEFF/, ""));
  fc.assert(
    fc.property(layout, ({ turn, indent, mark, end }) => {
      const found = withTexts(facts, (text, name) =>
        name.endsWith(".json")
          ? mark + JSON.stringify(reordered(JSON.parse(text), turn), null, indent) + end
          : text,
      );
      const after = written(found, plan(found));
      for (const name of paths.filter((one) => one.endsWith(".json"))) {
        expect(parsed(textOf(after, name))).toEqual(parsed(textOf(clean, name)));
        expect(textOf(after, name).startsWith(mark)).toBe(true);
        expect(textOf(after, name).endsWith(`}${end}`)).toBe(true);
      }
      expect(writes(plan(after))).toEqual([]);
    }),
    { numRuns: 40 },
  );
});

for (const { id } of steps)
  test(`${id} alone is planned once, or refused with its place, whatever happened to a file`, () => {
    const slip = fc.constantFrom(
      "",
      '"',
      "'",
      "{",
      "}",
      "[",
      "]",
      ",",
      ";",
      "-\n",
      "\n",
      "\\",
      "#",
      "\0",
      "null",
      "EOF\n",
      "\r",
    );
    const damage = fc.tuple(fc.constantFrom(...paths), fc.nat(), fc.nat(40), slip, fc.boolean());
    fc.assert(
      fc.property(noisy(facts), fc.array(damage, { minLength: 1, maxLength: 2 }), (found, all) => {
        const damaged = withTexts(found, (text, name) =>
          all
            .filter(([one]) => one === name)
            .reduce((whole, [, pick, length, char, byLine]) => {
              const at = pick % whole.length;
              const start = byLine ? whole.lastIndexOf("\n", at) + 1 : at;
              const end = byLine ? whole.indexOf("\n", at) + 1 : at + length;
              return whole.slice(0, start) + char + whole.slice(end);
            }, text),
        );
        const once = attempt(damaged, { only: [id] });
        if (typeof once === "string") return;
        const again = attempt(written(damaged, once), { only: [id] });
        if (typeof again === "string") throw new Error(`what it wrote it can't read: ${again}`);
        expect(writes(again)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

test("a value of another kind is refused with its place", () => {
  const odd = fc.constantFrom<unknown>(null, 1, "x", [], {}, [null], [1], [[]], { vmid: 1001 }, true);
  const json = paths.filter((name) => name.endsWith(".json"));
  fc.assert(
    fc.property(fc.constantFrom(...json), fc.nat(), odd, (name, pick, value) => {
      let left = -1;
      const count = (one: unknown): number =>
        typeof one === "object" && one !== null
          ? Object.values(one).reduce((sum: number, inner) => sum + count(inner), 1)
          : 1;
      const put = (one: unknown): unknown => {
        if (left-- === 0) return value;
        if (Array.isArray(one)) return one.map(put);
        if (typeof one !== "object" || one === null) return one;
        return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, put(inner)]));
      };
      const found = withTexts(facts, (text, which) => {
        if (which !== name) return text;
        const whole: unknown = JSON.parse(text);
        left = pick % count(whole);
        return JSON.stringify(put(whole), null, 4);
      });
      const once = attempt(found);
      if (typeof once !== "string") expect(writes(plan(written(found, once)))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
