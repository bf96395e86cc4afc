// The nginx parser finds the offsets of each directive, in a file and in a part of one.
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { named, type Statement, statements, upstream } from "./nginx.ts";
import { splice } from "./text.ts";

const file = "site";
const plain = (all: readonly Statement[] | undefined): unknown =>
  all?.map(({ name, args, block }) => [
    name,
    ...args.map(({ text }) => text),
    ...(block ? [plain(block)] : []),
  ]);

for (const [what, text, found] of [
  ["a directive", "listen 80;", [["listen", "80"]]],
  ["a block", "server { listen 80; }", [["server", [["listen", "80"]]]]],
  ["an empty block", "server {}", [["server", []]]],
  ["comments", "# a; {\nlisten 80; # b }\n", [["listen", "80"]]],
  ["quotes", `a "b; {" 'c }' d\\;e;`, [["a", "b; {", "c }", "d\\;e"]]],
  ["variables", `set $a ${"${"}b}c;`, [["set", "$a", `${"${"}b}c`]]],
  ["a regular expression", "rewrite ^/n8n/?(.*)$ /$1 break;", [["rewrite", "^/n8n/?(.*)$", "/$1", "break"]]],
  ["a hash inside a word", "a b#c;", [["a", "b#c"]]],
] as const)
  test(`${what} is read`, () => expect(plain(statements(file, text))).toEqual(found));

for (const [what, text, place] of [
  ["a block that is never closed", "http {\n  server {\n}\n", "site:1:6"],
  ["a brace without its other", "a b;\n}", "site:2:1"],
  ["a directive without its end", "server {\n  listen 80\n}", "site:2:3"],
  ["a quote that is never closed", 'a "b;\n', "site:1:3"],
  ["an end without a directive", "a;\n;", "site:2:1"],
] as const)
  test(`${what} is refused, with its position`, () =>
    expect(() => statements(file, text)).toThrow(
      expect.objectContaining({ name: "BadInput", message: expect.stringContaining(place) }),
    ));

test("a part of a text has the offsets of the whole", () => {
  const text = "cat << 'EOF'\nupstream a { server 1:1; }\nEOF\n}";
  const [one] = statements(file, text, 13, 40);
  expect(text.slice(one?.start, one?.end)).toBe("upstream a { server 1:1; }");
});

test("two upstreams of one name, or none, are refused", () => {
  const two = "upstream a { server b; }\nupstream a { server c; }";
  expect(() => upstream(file, two, statements(file, two), "a")).toThrow("site:2:1");
  expect(() => upstream(file, two, statements(file, two), "z")).toThrow("no upstream z");
});

const word = fc.stringMatching(/^[a-z0-9_.:/^$*~-]{1,8}$/).filter((text) => !text.endsWith("$"));
const gap = fc.constantFrom(" ", "\n", "\r\n\t", " # why; {\n", "  ");

test("replacing one word changes no other byte, whatever is between the words", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(word, word, gap), { minLength: 1 }),
      fc.nat(),
      word,
      (lines, pick, other) => {
        const text = lines.map(([name, arg, space]) => `${name} ${arg};${space}`).join("");
        const all = statements(file, text);
        expect(plain(all)).toEqual(lines.map(([name, arg]) => [name, arg]));
        const one = all[pick % all.length]?.args[0];
        if (!one) throw new Error("an argument was lost");
        const changed = splice(text, one.start, one.end, other);
        expect(splice(changed, one.start, one.start + other.length, one.text)).toBe(text);
        expect(plain(statements(file, changed))).toEqual(
          lines.map(([name, arg], at) => [name, at === pick % all.length ? other : arg]),
        );
      },
    ),
  );
});

test("named() selects by name, and returns nothing without a block", () => {
  expect(named(undefined, "server")).toEqual([]);
});
