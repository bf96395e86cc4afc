// The JSON editor changes the requested value, keeps every other byte, and refuses what it can't edit safely.
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { onlyInserted } from "../testing/refused.ts";
import { addProperty, appendItem, replaceValue, valueAt } from "./json.ts";

const file = "vms.json";

for (const [what, before, after] of [
  [
    "4 spaces",
    '{\n    "a": {\n        "path": "x"\n    }\n}\n',
    '{\n    "a": {\n        "path": "y"\n    }\n}\n',
  ],
  ["no final newline", '{ "a": { "path": "x" } }', '{ "a": { "path": "y" } }'],
  [
    "CRLF and tabs",
    '{\r\n\t"a": {\r\n\t\t"path":"x"\r\n\t}\r\n}\r\n',
    '{\r\n\t"a": {\r\n\t\t"path":"y"\r\n\t}\r\n}\r\n',
  ],
  ["a byte order mark", '\uFEFF{"a":{"path":"x"}}', '\uFEFF{"a":{"path":"y"}}'],
] as const)
  test(`a value is replaced with ${what}`, () => {
    expect(replaceValue(file, before, ["a", "path"], "y")).toBe(after);
  });

for (const [what, before, after] of [
  [
    "to an object of its own lines",
    '{\n  "f": {\n    "on": true\n  }\n}',
    '{\n  "f": {\n    "on": true,\n    "rules": []\n  }\n}',
  ],
  ["to an object on one line", '{ "f": {"on": true} }\n', '{ "f": {"on": true, "rules": []} }\n'],
  [
    "with CRLF",
    '{\r\n  "f": {\r\n    "on": true\r\n  }\r\n}',
    '{\r\n  "f": {\r\n    "on": true,\r\n    "rules": []\r\n  }\r\n}',
  ],
] as const)
  test(`a property is added ${what}`, () => {
    expect(addProperty(file, before, ["f"], "rules", [])).toBe(after);
  });

test("an item is appended to objects on one line without touching its neighbour", () => {
  const before = '{\n  "rules": [\n    { "type": "in",  "port": "80" }\n  ]\n}\n';
  const after = appendItem(file, before, ["rules"], { type: "out" });
  expect(after).toBe(
    '{\n  "rules": [\n    { "type": "in",  "port": "80" },\n    {\n      "type": "out"\n    }\n  ]\n}\n',
  );
});

for (const [what, text, why] of [
  ["a duplicate key", '{\n  "a": 1,\n  "a": 2\n}', "vms.json:3:3"],
  ["malformed JSON", '{\n  "a": ,\n}', "vms.json:2:8"],
  ["a comment", '{\n  // why\n  "a": 1\n}', "vms.json:2:3"],
  ["a missing key", '{ "b": 1 }', "vms.json:1:1"],
] as const)
  test(`${what} is refused, with its position`, () => {
    expect(() => replaceValue(file, text, ["a"], 3)).toThrow(expect.objectContaining({ name: "BadInput" }));
    expect(() => replaceValue(file, text, ["a"], 3)).toThrow(why);
  });

/** Objects in layouts that people and programs write. */
const layouts = fc.record({
  value: fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { minKeys: 1, noNullPrototype: true }),
  indent: fc.constantFrom<string | number>(0, 2, 4, "\t"),
  crlf: fc.boolean(),
  mark: fc.boolean(),
  end: fc.constantFrom("", "\n"),
});

function render({
  value,
  indent,
  crlf,
  mark,
  end,
}: {
  value: object;
  indent: string | number;
  crlf: boolean;
  mark: boolean;
  end: string;
}): string {
  const text = JSON.stringify(value, null, indent) + end;
  return (mark ? "\uFEFF" : "") + (crlf ? text.replaceAll("\n", "\r\n") : text);
}

const parsed = (text: string) => JSON.parse(text.replace(/^\uFEFF/, "")) as Record<string, unknown>;

test("in any layout, replacing changes only the value's bytes", () => {
  fc.assert(
    fc.property(layouts, fc.jsonValue(), fc.nat(), (layout, replacement, pick) => {
      const keys = Object.keys(layout.value);
      const key = keys[pick % keys.length] ?? "";
      const text = render(layout);
      const changed = replaceValue(file, text, [key], replacement);
      expect(valueAt(file, changed, [key])).toEqual(JSON.parse(JSON.stringify(replacement)));
      expect(replaceValue(file, changed, [key], replacement)).toBe(changed);
      // Restoring the old bytes gives the old text: nothing else changed.
      const old = JSON.stringify(parsed(text)[key]);
      const scalar = typeof parsed(text)[key] !== "object";
      if (scalar) expect(replaceValue(file, changed, [key], JSON.parse(old))).toBe(text);
    }),
  );
});

test("in any layout, adding keeps every existing byte in order", () => {
  fc.assert(
    fc.property(layouts, (layout) => {
      const text = render(layout);
      const key = `${Object.keys(layout.value).join("")}+`;
      const changed = addProperty(file, text, [], key, { a: [1] });
      expect(parsed(changed)).toEqual({ ...parsed(text), [key]: { a: [1] } });
      expect(onlyInserted(text, changed)).toBe(true);
      if (layout.crlf) expect(changed).not.toMatch(/[^\r]\n/);
    }),
  );
});
