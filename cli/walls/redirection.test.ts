// A redirection that fails on a special builtin such as `:` ends a POSIX shell: an agent would be gone in mid-change.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";

const root = join(import.meta.dirname, "../..");
/** Where scripts for a target are: the builder, and the probe. */
const files = ["provision/**/*.{sh,ts}", "fixtures/evidence/**/*.{sh,ts}"]
  .flatMap((pattern) => globSync(pattern, { cwd: root }))
  .filter((file) => !file.endsWith(".test.ts"));

/** The lines on which `:` has a redirection. */
const endsTheShell = (text: string) =>
  text.split("\n").filter((line) => /(^|[;&|({"'`]|\b(then|else|do))\s*:\s+[0-9]*(>|<(?!<))/.test(line));

for (const file of files.filter((name) => name.endsWith(".sh")))
  test(`${file}: no redirection on ":"`, () => {
    expect(endsTheShell(readFileSync(join(root, file), "utf8"))).toEqual([]);
  });

test('no script in a TypeScript file has a redirection on ":"', () => {
  expect(files.length).toBeGreaterThan(40);
  expect(files.flatMap((file) => endsTheShell(readFileSync(join(root, file), "utf8")))).toEqual([]);
});

test("red: each place where a command can begin", () => {
  for (const bad of [': >"$part"', "if x; then : > y; fi", "a && : >>log", "( : 2>x )", "else : <f"])
    expect(endsTheShell(bad), bad).toHaveLength(1);
  for (const good of ['true >"$part"', "while :; do", ': "$' + '{x:=y}"', "name: >= 5"])
    expect(endsTheShell(good), good).toEqual([]);
});
