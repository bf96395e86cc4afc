// Values in YAML are found in any context.
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { outcome } from "../testing/refused.ts";
import { splice } from "./text.ts";
import { textsBelow } from "./yaml.ts";

const file = "compose file.yml";
const find = (text: string, old = "old:1") =>
  textsBelow(file, text, "services", "image", (value) => value === old);
const noise = fc.constantFrom(
  "",
  "# image: old:1\n",
  "x-note: |\n  services:\n    a:\n      image: old:1\n",
  "x-y: 'image: old:1'\n",
  "x-z:\n  - image: old:1\n",
  'x-q: "\\\n  image: old:1"\n',
  "\n",
);
const service = fc.record({
  name: fc.stringMatching(/^[a-z]{1,4}$/),
  quote: fc.constantFrom("", "'", '"'),
  image: fc.constantFrom("old:1", "old:12", "other"),
  before: fc.constantFrom(
    "",
    "    # image: old:1\n",
    "    command: >\n      image: old:1\n",
    "    labels:\n      image: old:1\n",
  ),
  note: fc.constantFrom("", " # old:1", "   "),
});

test("every value of the key is found, and nothing else changes, in any layout", () => {
  const services = fc.uniqueArray(service, { minLength: 1, maxLength: 4, selector: ({ name }) => name });
  fc.assert(
    fc.property(noise, services, noise, fc.constantFrom("\n", "\r\n"), (ahead, all, following, end) => {
      const write = (now: string) =>
        [
          ahead,
          "services:\n",
          ...all.map(
            ({ name, quote, image, before, note }) =>
              `  ${name}:\n${before}    image: ${quote}${image === "old:1" ? now : image}${quote}${note}\n`,
          ),
          following.replaceAll("x-", "v-"),
        ]
          .join("")
          .replaceAll("\n", end);
      const text = write("old:1");
      const found = find(text);
      const changed = found.reduceRight((rest, { start, end: to }) => splice(rest, start, to, "new:2"), text);
      expect(changed).toBe(write("new:2"));
      expect(find(changed)).toEqual([]);
      expect(find(changed, "new:2")).toHaveLength(found.length);
    }),
  );
});

test("any tree of values is parsed, in block and in flow style", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.jsonValue()),
      fc.boolean(),
      (other, flow) => {
        // JSON has no negative zero.
        const value = JSON.parse(JSON.stringify({ ...other, services: { a: { image: "old:1" } } }));
        const text = flow ? JSON.stringify(value) : stringify(value);
        const [one] = find(text);
        if (!one) throw new Error("it was not found");
        expect(parse(splice(text, one.start, one.end, "new:2"))).toEqual({
          ...value,
          services: { a: { image: "new:2" } },
        });
      },
    ),
  );
});

for (const [what, text, at] of [
  ["an alias", "x: &i old:1\nservices:\n  a:\n    image: *i\n", "4:12"],
  ["a value over several lines", "services:\n  a:\n    image: >-\n      old:1\n", "3:12"],
  ["a value with escapes", 'services:\n  a:\n    image: "ol\\x64:1"\n', "3:12"],
  ["a duplicate key", "services:\n  a:\n    image: a\n    image: old:1\n", "4:5"],
  ["invalid YAML", "services:\n  a: [\n", "3:1"],
] as const)
  test(`${what} is refused at its position`, () => {
    expect(outcome(file, () => find(text))).toMatchObject({ at });
  });

test("thousands of nesting levels are refused", () => {
  for (const text of [
    `a: ${"[".repeat(50_000)}`,
    `a: ${"[".repeat(5_000)}${"]".repeat(5_000)}`,
    `${"- ".repeat(20_000)}a`,
  ])
    expect(outcome(file, () => find(text))).toHaveProperty("why", "nested too deeply to be parsed");
});

test("an alias without an anchor is not a value", () => {
  expect(find("services:\n  a:\n    image: *nowhere\n")).toEqual([]);
});

test("a random typo is parsed or refused, and causes no other error", () => {
  const whole = "x: 1\nservices:\n  a: { image: old:1 }\n  b:\n    image: 'old:1'\n";
  const slip = fc.constantFrom(
    "\t",
    "\0",
    "-",
    ":",
    "'",
    '"',
    "{",
    "]",
    "*a",
    "&a",
    "|",
    "\n",
    "\r",
    "%",
    "@",
    "\u2028",
    "---\n",
    "!!x ",
  );
  fc.assert(
    fc.property(slip, fc.nat(whole.length), fc.nat(2), (char, at, drop) => {
      const text = whole.slice(0, at) + char + whole.slice(at + drop);
      const answer = outcome(file, () => find(text));
      if ("done" in answer)
        for (const { start, end } of answer.done) expect(text.slice(start, end)).toBe("old:1");
    }),
    { numRuns: 400 },
  );
});
