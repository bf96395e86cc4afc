// The JSON editor on unusual but valid documents, and on invalid ones.
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import type { JSONPath } from "jsonc-parser";
import { onlyInserted, outcome, seconds, spot } from "../testing/refused.ts";
import { addProperty, appendItem, indexWhere, removeItem, replaceValue, valueAt } from "./json.ts";

const file = "odd vms.json";
const gap = fc.constantFrom("", "", " ", "\n", "\r\n", "\t", "\n\n    ", "\r");
const number = fc.constantFrom(
  "9007199254740993",
  "123456789012345678901234567890",
  "-0",
  "1E+2",
  "1e400",
  "0.10",
);
const odd = fc.constantFrom(
  '"\\u0041\\/"',
  '"\u2028"',
  '"𝒳e\u0301"',
  '"\\u0000"',
  '"//"',
  '"a\\"}"',
  '"\\ud800"',
);
const scalar = fc.oneof(
  number,
  odd,
  fc.constantFrom("true", "null"),
  fc.string().map((text) => JSON.stringify(text)),
);
const name = fc.oneof(fc.constantFrom("a", "", "__proto__", "ключ", "k 1"), fc.string({ maxLength: 3 }));
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.tuple(gap, fc.constantFrom("[]", "{}")).map(([inside, [open, close]]) => `${open}${inside}${close}`),
    fc
      .array(fc.tuple(gap, tie("value"), gap), { maxLength: 3 })
      .map((all) => `[${all.map((one) => one.join("")).join()}]`),
    fc
      .uniqueArray(fc.tuple(name, gap, tie("value"), gap), { maxLength: 3, selector: ([key]) => key })
      .map(
        (all) =>
          `{${all.map(([key, before, one, after]) => `${before}${JSON.stringify(key)}:${one}${after}`).join()}}`,
      ),
  ),
}));

/** The text around the value at a path. */
interface Around {
  readonly before: string;
  readonly after: string;
  readonly path: JSONPath;
}

const inObject = fc
  .record({
    key: name,
    others: fc.uniqueArray(name, { maxLength: 3 }),
    value,
    a: gap,
    b: gap,
    c: gap,
    at: fc.nat(),
  })
  .map(({ key, others, value: other, a, b, c, at }) => {
    const members = others
      .filter((one) => one !== key)
      .map((one) => `${a}${JSON.stringify(one)}${c}:${other}${b}`);
    const cut = at % (members.length + 1);
    return {
      before: `{${members
        .slice(0, cut)
        .map((one) => `${one},`)
        .join("")}${b}${JSON.stringify(key)}${a}:${c}`,
      after: `${a}${members
        .slice(cut)
        .map((one) => `,${one}`)
        .join("")}}`,
      step: key as string | number,
    };
  });
const inArray = fc
  .record({
    head: fc.array(value, { maxLength: 3 }),
    tail: fc.array(value, { maxLength: 2 }),
    a: gap,
    b: gap,
  })
  .map(({ head, tail, a, b }) => ({
    before: `[${head.map((one) => `${a}${one}${b},`).join("")}${b}`,
    after: `${a}${tail.map((one) => `,${b}${one}`).join("")}]`,
    step: head.length as string | number,
  }));
const around: fc.Arbitrary<Around> = fc
  .record({
    levels: fc.array(fc.oneof(inObject, inArray), { minLength: 1, maxLength: 4 }),
    mark: fc.constantFrom("", "\uFEFF"),
    a: gap,
    end: gap,
  })
  .map(({ levels, mark, a, end }) => ({
    before: mark + a + levels.map(({ before }) => before).join(""),
    after:
      levels
        .toReversed()
        .map(({ after }) => after)
        .join("") + end,
    path: levels.map(({ step }) => step),
  }));

const parse = (text: string): unknown => JSON.parse(text.replace(/^\uFEFF/, ""));

test("the value at a path is replaced, and no other byte, in any context", () => {
  fc.assert(
    fc.property(around, value, fc.jsonValue(), ({ before, after, path }, old, now) => {
      const text = before + old + after;
      expect(valueAt(file, text, path)).toEqual(JSON.parse(old));
      const changed = replaceValue(file, text, path, now);
      expect(changed).toBe(before + JSON.stringify(now) + after);
      expect(replaceValue(file, changed, path, now)).toBe(changed);
    }),
  );
});

test("what is added comes last, and every existing byte stays", () => {
  fc.assert(
    fc.property(around, value, fc.jsonValue(), ({ before, after, path }, old, now) => {
      const text = before + old + after;
      const was: unknown = JSON.parse(old);
      if (Array.isArray(was)) {
        const changed = appendItem(file, text, path, now);
        expect(onlyInserted(text, changed)).toBe(true);
        expect(valueAt(file, changed, path)).toEqual([...was, JSON.parse(JSON.stringify(now))]);
      } else if (typeof was === "object" && was !== null) {
        const changed = addProperty(file, text, path, "a new key", now);
        expect(onlyInserted(text, changed)).toBe(true);
        expect(Object.entries(valueAt(file, changed, path) as object)).toEqual([
          ...Object.entries(was),
          ["a new key", JSON.parse(JSON.stringify(now))],
        ]);
      } else
        expect(outcome(file, () => appendItem(file, text, path, now))).toMatchObject({
          at: spot(text, before.length),
        });
    }),
  );
});

test("removing an item removes only its own bytes, a comma and blanks", () => {
  fc.assert(
    fc.property(
      around,
      fc.array(value, { minLength: 1 }),
      gap,
      fc.nat(),
      ({ before, after, path }, items, space, pick) => {
        const at = pick % items.length;
        const list = (all: readonly string[]) => all.join(`${space},${space}`);
        const text = `${before}[${list(items)}]${after}`;
        expect(removeItem(file, text, path, at)).toBe(`${before}[${list(items.toSpliced(at, 1))}]${after}`);
        expect(outcome(file, () => removeItem(file, text, path, items.length))).toMatchObject({
          at: spot(text, before.length),
        });
      },
    ),
  );
});

test("the only object of an array with a value is found; none or two are refused", () => {
  fc.assert(
    fc.property(
      around,
      fc.array(value),
      fc.array(value),
      gap,
      ({ before, after, path }, ahead, following, space) => {
        const one = `{"a key": 1,${space}"vm id": 1001.0}`;
        const start = `${before}[${ahead.map((other) => `${other},`).join("")}${space}`;
        const rest = `${following.map((other) => `,${other}`).join("")}]${after}`;
        const index = (text: string) => indexWhere(file, text, path, "vm id", 1001);
        expect(index(start + one + rest)).toBe(ahead.length);
        expect(outcome(file, () => index(`${start}${one},${one}${rest}`))).toMatchObject({
          at: spot(`${start}${one},`, `${start}${one},`.length),
          why: expect.stringContaining("a second object in "),
        });
        expect(outcome(file, () => index(`${start}{"vm id": 7}${rest}`))).toMatchObject({
          at: spot(start, before.length),
        });
        const twice = `${start}{"vm id": 7,`;
        expect(outcome(file, () => index(`${twice}"vm id": 1001}${rest}`))).toMatchObject({
          at: spot(twice, twice.length),
        });
      },
    ),
  );
});

test("a duplicate key on the path is refused at the second, however it is escaped", () => {
  fc.assert(
    fc.property(
      around,
      value,
      inObject,
      fc.boolean(),
      fc.boolean(),
      ({ before, after, path }, one, own, escaped, isLast) => {
        const spelled = escaped
          ? `"${[...String(own.step)].map((char) => [...Array(char.length).keys()].map((at) => `\\u${char.charCodeAt(at).toString(16).padStart(4, "0")}`).join("")).join("")}"`
          : JSON.stringify(own.step);
        const first = own.before + one;
        const inside = isLast
          ? `${first},${spelled}:1${own.after}`
          : `{${spelled}:1,${first.slice(1)}${own.after}`;
        const text = before + inside + after;
        const second = isLast
          ? before.length + first.length + 1
          : before.length +
            `{${spelled}:1,`.length +
            first.slice(1, -one.length).lastIndexOf(JSON.stringify(own.step));
        expect(outcome(file, () => replaceValue(file, text, [...path, own.step], 1))).toMatchObject({
          at: spot(text, second),
          why: expect.stringContaining("occurs twice"),
        });
      },
    ),
  );
});

test("a comment is refused at its position", () => {
  const comment = fc.constantFrom("// why\n", "/* { */", "//\u2028\n", "/*\n*/");
  fc.assert(
    fc.property(around, value, comment, ({ before, after, path }, old, note) => {
      const text = before + note + old + after;
      expect(outcome(file, () => replaceValue(file, text, path, 1))).toMatchObject({
        at: spot(text, before.length),
      });
    }),
  );
});

test("a text that JSON.parse accepts is edited, any other is refused with the position", () => {
  const slip = fc.constantFrom(
    ",",
    "}",
    "]",
    '"',
    "\\",
    "\0",
    "\u2028",
    "\u00a0",
    "\f",
    "0",
    ".",
    "-",
    "+",
    "e",
    "\n",
    "'",
    "x",
    "\uFEFF",
    "/",
  );
  fc.assert(
    fc.property(around, value, slip, fc.nat(), fc.boolean(), ({ before, after }, old, char, pick, drop) => {
      const whole = before + old + after;
      const at = pick % whole.length;
      const text = whole.slice(0, at) + char + whole.slice(at + (drop ? 1 : 0));
      const answer = outcome(file, () => valueAt(file, text, []));
      let expected: { done: unknown } | undefined;
      try {
        expected = { done: parse(text) };
      } catch {
        // no JSON
      }
      if ("why" in answer && answer.why.endsWith("occurs twice")) return;
      if (expected) expect(answer).toEqual(expected);
      else expect(answer).toHaveProperty("at");
    }),
    { numRuns: 500 },
  );
});

test("a document with thousands of levels is edited or refused, and causes no other error", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50_000 }),
      fc.constantFrom<[string, string, string | number]>(["[", "]", 0], ['{"a":', "}", "a"]),
      (depth, [open, close]) => {
        const text = `{"x": ${open.repeat(depth)}1${close.repeat(depth)}, "y": 1}`;
        const answer = outcome(file, () => replaceValue(file, text, ["y"], 2));
        if ("done" in answer) expect(answer.done).toBe(`${text.slice(0, -2)}2}`);
        else {
          // The document's outermost brace is the first level.
          const spotted = text.indexOf(open.charAt(0), 1) + 499 * open.length;
          expect(answer).toEqual({ at: spot(text, spotted), why: "nested deeper than 500 levels" });
        }
      },
    ),
    { numRuns: 30 },
  );
});

test("10 MB are edited in seconds", () => {
  const guest = (id: number) =>
    `        { "vmid": ${id}, "name": "guest ${id}", "mac": "52:54:00:67:89:B3" }`;
  const text = `{\n    "vms": [\n${Array.from({ length: 150_000 }, (_, id) => guest(id)).join(",\n")}\n    ]\n}\n`;
  expect(text.length).toBeGreaterThan(10_000_000);
  const took = seconds(() => {
    expect(replaceValue(file, text, ["vms", 149_000, "name"], "x")).toBe(
      text.replace('"guest 149000"', '"x"'),
    );
    expect(appendItem(file, text, ["vms"], {})).toHaveLength(text.length + ",\n        {}".length);
  });
  expect(took).toBeLessThan(10);
});

test("a string of 10 MB with escapes is skipped", () => {
  const text = `{"a": "${'\\"[['.repeat(2_500_000)}", "b": 1}`;
  expect(replaceValue(file, text, ["b"], 2)).toBe(`${text.slice(0, -2)}2}`);
});

test("a missing path is refused at its nearest parent", () => {
  fc.assert(
    fc.property(around, value, ({ before, after, path }, old) => {
      const text = before + old + after;
      fc.pre(!("a new key" in Object(JSON.parse(old))));
      const spotted = { at: spot(text, before.length), why: expect.stringContaining("there is no ") };
      expect(outcome(file, () => replaceValue(file, text, [...path, "a new key", 0], 1))).toEqual(spotted);
    }),
  );
});

test("an empty or blank file is refused at its start", () => {
  for (const text of ["", "\uFEFF", "\n", " \r\n\t"])
    expect(outcome(file, () => valueAt(file, text, []))).toHaveProperty("at");
});
