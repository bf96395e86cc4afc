// The claim that the docker feature stays a valid script, on sample evidence from before and after.
import { expect, test } from "@playwright/test";
import { CannotTell } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Answer } from "../../../fixtures/evidence/fact.ts";
import { judge } from "../../../fixtures/judgement.ts";
import { sample, treeFile } from "../../testing/evidence-builder.ts";
import { validScript } from "./script.ts";

const feature = treeFile("bin/vm_features/feature_install_docker.sh");
const written = (text: string | Partial<Answer>) => sample({ hypervisor: { [feature]: text } });
const valid = (now: string | Partial<Answer>, old: string | Partial<Answer>) =>
  judge((e: Evidence) => validScript(e, () => written(old)), written(now));

test("a valid script: healthy, also with its old remarks, and with fewer than before", () => {
  expect(valid("echo a\n", "echo a\n")).toMatchObject({
    verdict: "pass",
    checks: [{}, { found: "0 remarks, none new" }],
  });
  expect(valid("echo a\n\n\nfoo; [ $1 > 2 ]\n", "[ $1 > 2 ]\n")).toMatchObject({ verdict: "pass" });
  expect(valid("echo a\n", "cd $1 || exit\n")).toMatchObject({ verdict: "pass" });
});

test("a valid script: a remark that matters for some inputs alone, or for style, is told and fails nothing", () => {
  for (const [now, code] of [
    ["cd $1 || exit\n", "SC2086"],
    ["cd /tmp\n", "SC2164"],
    ["unused=1\n", "SC2034"],
    ['if [ `date` = "" ]; then echo a; fi\n', "SC2006"],
  ] as const) {
    const { verdict, checks } = valid(now, "true\n");
    expect([verdict, checks.at(-1)?.found]).toEqual(["pass", expect.stringContaining(code)]);
  }
});

for (const [what, now, old, words] of [
  ["an open block", "if true; then\n", "true\n", "unexpected end of file"],
  ["a comparison that writes a file", '[ "$1" > 2 ]\n', "true\n", "line 1: SC2071"],
  ["a second one", '[ "$1" > 2 ]\n[ "$2" > 2 ]\n', '[ "$1" > 2 ]\n', "line 2: SC2071"],
  ["a value that a pipe loses", 'ls | while read -r n; do last=$n; done\necho "$last"\n', "true\n", "SC2031"],
  ["a test that is always true", '[ "$1"="2" ] && echo a\n', "true\n", "SC2077"],
  ["no script", { code: 44 }, "true\n", "no such file"],
] as const)
  test(`a valid script: refuted by ${what}`, () => {
    const { verdict, checks } = valid(now, old);
    expect(verdict).toBe("fail");
    expect(JSON.stringify(checks.filter(({ ok }) => !ok))).toContain(words);
  });

test("a valid script: unknown without evidence from before, except that a syntax error fails anyway", () => {
  const never = () => {
    throw new CannotTell("no evidence was collected");
  };
  expect(judge((e: Evidence) => validScript(e, never), written("true\n"))).toMatchObject({
    verdict: "unknown",
  });
  expect(judge((e: Evidence) => validScript(e, never), written("fi\n"))).toMatchObject({ verdict: "fail" });
});
