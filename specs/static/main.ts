// The judge of a tree alone, as a program: asked in one line of JSON on standard input, it answers in one on standard output.
// {"tree": ARCHIVE, "base": ARCHIVE, "nginx": PROGRAM}: archives are files; base and nginx may be left out.
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { type Files, filesOf, TreeEvidence } from "../../fixtures/evidence/from-tree.ts";
import { compile, parseJson } from "../../fixtures/schema.ts";
import { attempt, bash, compose, json, schema, shellcheck, type TreeCheck } from "./checks.ts";
import { judgeRequirements } from "./judged.ts";
import { nginxOfDeclared, nginxOfSites } from "./nginx.ts";

interface Asked {
  readonly tree: string;
  readonly base?: string;
  readonly nginx?: string;
}

const asked = compile<Asked>("question to the static judge", {
  type: "object",
  required: ["tree"],
  additionalProperties: false,
  properties: { tree: { type: "string" }, base: { type: "string" }, nginx: { type: "string" } },
});

const checks: Readonly<Record<string, TreeCheck>> = { json, schema, bash, shellcheck, compose };

function judged(
  files: Files,
  other: Files | undefined,
  own: TreeEvidence,
  base: TreeEvidence,
  nginx: string | undefined,
) {
  const { rows, wrong } = judgeRequirements(own, base);
  const tried = Object.entries(checks).map(([rule, check]) => attempt(rule, () => check(files, other)));
  tried.push(attempt("nginx", () => nginxOfSites(files, nginx)));
  return {
    rows,
    wrong: [...wrong, ...tried.flatMap((each) => each.wrong)],
    untold: tried.flatMap((each) => each.untold),
  };
}

const source = "standard input";
const input = await text(process.stdin);
const { tree, base, nginx } = asked(parseJson(input, source), { file: source, text: input });
const [files, before] = (await Promise.all(
  [tree, base].map((file) => file && filesOf(readFileSync(file))),
)) as [Files, Files | undefined];
const evidence = new TreeEvidence("1970-01-01T00:00:01.000Z", files, nginxOfDeclared(files, nginx));
if (before === undefined)
  process.stdout.write(`${JSON.stringify({ tree: judged(files, undefined, evidence, evidence, nginx) })}\n`);
else {
  const old = new TreeEvidence("1970-01-01T00:00:00.000Z", before, nginxOfDeclared(before, nginx));
  const answer = {
    tree: judged(files, before, evidence, old, nginx),
    base: judged(before, files, old, old, nginx),
  };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
