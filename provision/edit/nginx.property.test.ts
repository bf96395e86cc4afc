// The nginx parser on random sites: what is a directive, what is not, and its position.
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { outcome, seconds, spot } from "../testing/refused.ts";
import { everywhere, type Statement, statements, upstream } from "./nginx.ts";
import { splice } from "./text.ts";

const file = "my site";

/** A piece of a site, and the words that nginx reads in it. */
interface Piece {
  readonly text: string;
  readonly means: unknown;
}

const blank = fc.constantFrom(
  " ",
  "\n",
  "\r\n",
  "\t",
  "  \n\t",
  " # server { a; }\n",
  "\n#'\n",
  "\r",
  " #\u2028{\n",
);
const maybe = fc.oneof(fc.constant(""), blank);
const word: fc.Arbitrary<Piece> = fc.oneof(
  fc.stringMatching(/^[a-z0-9_.:/^*~?()=!@&,-]{2,8}$/).map((text) => ({ text, means: text })),
  fc.constantFrom(
    { text: '"a; {}#\n\'"', means: "a; {}#\n'" },
    { text: `'it"s $x {'`, means: 'it"s $x {' },
    { text: '"say \\"hi\\" \\\\ \\t\\d"', means: 'say "hi" \\ \t\\d' },
    { text: "$" + "{a}b$" + "{c}", means: "$" + "{a}b$" + "{c}" },
    { text: "a#b'c\"d", means: "a#b'c\"d" },
    { text: "a\\;b\\ c\\{", means: "a\\;b\\ c\\{" },
    { text: "\\#x", means: "\\#x" },
    { text: "x}y", means: "x}y" },
    { text: "\u2028\u00a0é𝒳", means: "\u2028\u00a0é𝒳" },
    { text: "include", means: "include" },
    { text: '""', means: "" },
  ),
);
const lua: fc.Arbitrary<Piece> = fc
  .constantFrom(
    `content_by_lua_block { local s = "}" -- it's }\n if x then y = { [1] = '{' } end --[[ } ]] t = [==[ } ]] ]==] }`,
    "access_by_lua_block {}",
    "init_by_lua_block {\n  --[=[ { \n ]] }}} ]=]\n  a = '\\'}'\n}",
  )
  .map((text) => ({ text, means: [text.split(" ")[0], []] }));

const { piece } = fc.letrec<{ piece: Piece }>((tie) => ({
  piece: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.tuple(word, fc.array(fc.tuple(blank, word), { maxLength: 3 }), maybe).map(([name, args, end]) => ({
      text: `${name.text}${args.map(([gap, arg]) => gap + arg.text).join("")}${end};`,
      means: [name.means, ...args.map(([, arg]) => arg.means)],
    })),
    lua,
    fc
      .tuple(
        word,
        fc.array(fc.tuple(blank, word), { maxLength: 2 }),
        maybe,
        fc.array(fc.tuple(maybe, tie("piece")), { maxLength: 3 }),
        maybe,
      )
      .map(([name, args, gap, block, end]) => ({
        text: `${name.text}${args.map(([space, arg]) => space + arg.text).join("")}${gap}{${block.map(([space, one]) => space + one.text).join("")}${end}}`,
        means: [name.means, ...args.map(([, arg]) => arg.means), block.map(([, one]) => one.means)],
      })),
  ),
}));
const site = fc
  .tuple(fc.array(fc.tuple(maybe, piece), { maxLength: 5 }), fc.constantFrom("", "\n", "\r\n", "# no end"))
  .map(([all, end]) => ({
    text: all.map(([gap, one]) => gap + one.text).join("") + end,
    means: all.map(([, one]) => one.means),
  }));

const plain = (all: readonly Statement[]): unknown =>
  all.map(({ name, args, block }) => [
    name,
    ...args.map(({ text }) => text),
    ...(block ? [plain(block)] : []),
  ]);

test("every directive is parsed as nginx does, and comments and Lua never are", () => {
  fc.assert(
    fc.property(site, ({ text, means }) => expect(plain(statements(file, text))).toEqual(means)),
    { numRuns: 500 },
  );
});

test("only the address changes, between any two pieces, and can be changed back", () => {
  fc.assert(
    fc.property(
      site,
      site,
      blank,
      maybe,
      fc.constantFrom("a:1", '"a:1"'),
      (ahead, following, gap, space, address) => {
        fc.pre(!ahead.text.includes("# no end"));
        const before = `${ahead.text}upstream${gap}portainer_service${space}{${space}server${gap}`;
        const after = `${gap}weight=2${space};${space}}${following.text}`;
        const text = before + address + after;
        const found = upstream(file, text, statements(file, text), "portainer_service");
        const at = found.block?.[0]?.args[0];
        expect(at).toEqual({ text: "a:1", start: before.length, end: before.length + address.length });
        const changed = splice(text, before.length, before.length + address.length, "b:2");
        expect(plain(statements(file, changed))).toEqual([
          ...ahead.means,
          ["upstream", "portainer_service", [["server", "b:2", "weight=2"]]],
          ...following.means,
        ]);
      },
    ),
  );
});

test("a second upstream of the same name is refused at its position", () => {
  const one = fc.constantFrom("portainer_service", '"portainer_service"', "Portainer_Service");
  fc.assert(
    fc.property(site, site, one, one, maybe, (ahead, between, first, second, gap) => {
      const opening = `${ahead.text}\nupstream ${first}{server a;}${between.text}\n${gap}`;
      const text = `${opening}upstream ${second} {}`;
      expect(outcome(file, () => upstream(file, text, statements(file, text), "portainer_service"))).toEqual({
        at: spot(text, opening.length),
        why: "a second upstream portainer_service",
      });
    }),
  );
});

for (const [what, slip] of [
  ["a brace without its other", "}"],
  ["an end without a directive", ";"],
  ["a block without a directive", "{ }"],
  ["a quote that is never closed", '"\\"'],
  ["a NUL byte", "\0"],
] as const)
  test(`${what} is refused at its position`, () => {
    fc.assert(
      fc.property(site, blank, site, (ahead, gap, following) => {
        fc.pre(!(slip.startsWith('"') && following.text.includes('"')));
        const start = `${ahead.text}\n${gap}`;
        const text = `${start}${slip}\n${following.text}`;
        expect(outcome(file, () => statements(file, text))).toMatchObject({ at: spot(text, start.length) });
      }),
    );
  });

test("text directly after a closing quote is refused at its position, as in nginx", () => {
  fc.assert(
    fc.property(
      site,
      fc.constantFrom('"a"', "'b'"),
      fc.constantFrom("x", "}", '"', "$"),
      (ahead, quote, next) => {
        const start = `${ahead.text}\nname ${quote}`;
        expect(outcome(file, () => statements(file, `${start}${next};`))).toMatchObject({
          at: spot(`${start}${next}`, start.length),
        });
      },
    ),
  );
});

test("a byte order mark is refused: nginx reads it as part of the first word", () => {
  expect(outcome(file, () => statements(file, "\uFEFFlisten 80;"))).toMatchObject({ at: "1:1" });
});

test("blocks may have thousands of levels", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), (depth) => {
      const text = "a{".repeat(depth) + "}".repeat(depth);
      expect([...everywhere(statements(file, text))]).toHaveLength(depth);
      expect(outcome(file, () => statements(file, text.slice(0, -1)))).toMatchObject({ at: spot(text, 1) });
    }),
    { numRuns: 6 },
  );
});

test("10 MB are read in seconds", () => {
  const one = "# a comment\nupstream a_service { server 10.0.0.1:80 weight=2; }\n";
  const text = `${one.repeat(160_000)}upstream z { server b; }\n`;
  expect(text.length).toBeGreaterThan(10_000_000);
  const took = seconds(() => {
    expect(upstream(file, text, statements(file, text), "z").end).toBe(text.length - 1);
  });
  expect(took).toBeLessThan(10);
});

test("everywhere() yields every directive in the order of the text", () => {
  fc.assert(
    fc.property(site, ({ text }) => {
      const all = [...everywhere(statements(file, text))];
      const flat = (some: readonly Statement[]): Statement[] =>
        some.flatMap((one) => [one, ...flat(one.block ?? [])]);
      expect(all).toEqual(flat(statements(file, text)));
      expect(all.map(({ start }) => start)).toEqual(all.map(({ start }) => start).sort((a, b) => a - b));
    }),
  );
});

test("an empty site has no directives", () => {
  for (const text of ["", "\n", "# only\n", " \t\r\n", "\n\n#"]) expect(statements(file, text)).toEqual([]);
});

test("a part is parsed alone: the text around it is neither parsed nor reported", () => {
  fc.assert(
    fc.property(site, fc.string(), fc.string(), ({ text, means }, ahead, following) => {
      const found = statements(file, `${ahead}${text}${following}`, ahead.length, ahead.length + text.length);
      expect(plain(found)).toEqual(means);
      const last = found.at(-1);
      if (last) expect(last.end).toBeLessThanOrEqual(ahead.length + text.length);
    }),
  );
});

test("a random typo is parsed or refused at a position in the text, and causes no other error", () => {
  const slip = fc.constantFrom(
    "{",
    "}",
    ";",
    '"',
    "'",
    "\\",
    "$",
    "#",
    "\n",
    " ",
    "$" + "{",
    "[[",
    "--",
    "\0",
  );
  fc.assert(
    fc.property(site, slip, fc.nat(), fc.boolean(), ({ text }, char, pick, drop) => {
      const at = pick % (text.length + 1);
      const slipped = text.slice(0, at) + char + text.slice(at + (drop ? 1 : 0));
      const answer = outcome(file, () => statements(file, slipped));
      if ("at" in answer) {
        const spots = Array.from({ length: slipped.length + 1 }, (_, offset) => spot(slipped, offset));
        expect(spots).toContain(answer.at);
      } else
        for (const { start, end } of answer.done)
          expect([start >= 0, end <= slipped.length]).toEqual([true, true]);
    }),
    { numRuns: 300 },
  );
});
