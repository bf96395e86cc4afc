// Positions in shell scripts are found, and lines are inserted with the script's own indentation and line endings.
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { anchor, functionBody, heredocTo, linesAfter, linesBefore } from "./shell.ts";

const file = "setup.sh";
const slice = (text: string, { start, end }: { start: number; end: number }) => text.slice(start, end);

for (const [what, opening] of [
  ["as usual", "cat > /etc/a << 'EOF'"],
  ["without spaces", "cat >/etc/a <<'EOF'"],
  ["with double quotes", 'cat > "/etc/a" << "EOF"'],
  ["indented", "    cat > /etc/a << 'EOF'"],
] as const)
  test(`a heredoc written ${what} is found`, () => {
    const text = `set -e\ncat > /etc/ab << 'EOF'\nother\nEOF\n${opening}\none $two\n EOF\nEOF\nrest\n`;
    expect(slice(text, heredocTo(file, text, "/etc/a"))).toBe("one $two\n EOF\n");
  });

test("an empty heredoc has an empty body", () => {
  const text = "cat > /etc/a << 'EOF'\nEOF\n";
  expect(slice(text, heredocTo(file, text, "/etc/a"))).toBe("");
});

for (const [what, text, why] of [
  ["a heredoc that expands", "cat > /etc/a << EOF\nx\nEOF\n", "setup.sh:1:1"],
  ["a heredoc that is never closed", "true\ncat > /etc/a << 'EOF'\nx\n", "setup.sh:2:1"],
  ["no heredoc", "true\n", "no heredoc"],
] as const)
  test(`${what} is refused`, () => expect(() => heredocTo(file, text, "/etc/a")).toThrow(why));

test("a function's body ends at its own brace", () => {
  const text = "a() {\n  if true; then { x; }; fi\n}\nfunction b() {\n  y\n}\n";
  expect(slice(text, functionBody(file, text, "a"))).toBe("  if true; then { x; }; fi\n");
  expect(slice(text, functionBody(file, text, "b"))).toBe("  y\n");
  expect(() => functionBody(file, text, "c")).toThrow("no function c");
});

test("an anchor is searched only in its range", () => {
  const text = "exit 0\nif x; then\n    exit 0\nfi\n";
  const found = anchor(file, text, /^[ \t]*exit 0/m, "the early exit", { start: 7, end: text.length });
  expect(slice(text, found)).toBe("    exit 0");
  expect(() => anchor(file, text, /^nothing$/m, "the thing")).toThrow("the thing was not found");
});

test("lines are inserted before and after, indented like their neighbour", () => {
  const text = "if x; then\n    exit 0\nfi\n";
  expect(linesBefore(text, text.indexOf("exit"), ["a", "", "b"])).toBe(
    "if x; then\n    a\n\n    b\n    exit 0\nfi\n",
  );
  expect(linesAfter(text, text.indexOf("exit"), ["a"])).toBe("if x; then\n    exit 0\n    a\nfi\n");
});

test("a script without a final newline still has none", () => {
  expect(linesAfter("a\nb", 2, ["c"])).toBe("a\nb\nc");
  expect(linesBefore("a\nb", 2, ["c"])).toBe("a\nc\nb");
});

const line = fc.stringMatching(/^[ \t]{0,4}[a-z]{0,6}$/);

test("inserting keeps every existing line, in order, and the line endings", () => {
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1 }),
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      fc.nat(),
      (all, ending, last, pick) => {
        const text = all.join(ending) + (last ? ending : "");
        fc.pre(text !== ""); // there must be a line to insert before or after
        const at = pick % text.length;
        for (const insert of [linesBefore, linesAfter]) {
          const changed = insert(text, at, ["NEW"]);
          expect(
            changed
              .split(/\r?\n/)
              .filter((one) => one.trim() !== "NEW")
              .join("\n"),
          ).toBe(text.split(/\r?\n/).join("\n"));
          expect(changed).toContain("NEW");
          if (text.includes("\r\n")) expect(changed).not.toMatch(/(^|[^\r])\n/);
          expect(changed.endsWith("\n")).toBe(text.endsWith("\n"));
        }
      },
    ),
  );
});
