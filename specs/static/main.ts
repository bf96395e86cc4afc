// The static judge as a program: it reads one line of JSON from standard input and prints one on standard output.
// {"tree": ARCHIVE, "base": ARCHIVE, "deployment": DOCUMENT, "nginx": PROGRAM, "cache": FOLDER}: archives are files, the
// deployment is the document itself, without it the approved plan's own; all but the tree may be left out.
import { mkdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { declaredSiteOf } from "../../fixtures/deployment/deployment.ts";
import { checkDeployment, defaultDeployment } from "../../fixtures/deployment/read.ts";
import { diskTrouble } from "../../fixtures/disk.ts";
import { type Files, filesOf, TreeEvidence } from "../../fixtures/evidence/from-tree.ts";
import { Exit, exitCodeOfSignal } from "../../fixtures/exit-codes.ts";
import { endingSignals } from "../../fixtures/interruptible.ts";
import { printable } from "../../fixtures/printable.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import { descendants, endProcesses } from "../../fixtures/processes.ts";
import { compile, parseJson } from "../../fixtures/schema.ts";
import { attempt, attemptBoth, bash, json, schema, type TreeCheck } from "./checks.ts";
import { compose } from "./compose.ts";
import { whatFeatureStarts } from "./feature.ts";
import { nginxAccepts } from "./nginx.ts";
import { lookForSecrets } from "./secrets.ts";
import { shellcheck } from "./shellcheck.ts";
import { judgeRequirements, withoutTwins } from "./static-results.ts";
import { unreadKeys } from "./unread-keys.ts";

interface Asked {
  readonly tree: string;
  readonly base?: string;
  readonly deployment?: unknown;
  readonly nginx?: string;
  /** The folder that caches shellcheck's answers between runs. */
  readonly cache?: string;
}

const path = { type: "string" };
const asked = compile<Asked>("question to the static judge", {
  type: "object",
  required: ["tree"],
  additionalProperties: false,
  properties: { tree: path, base: path, deployment: {}, nginx: path, cache: path },
});

const checks: Readonly<Record<string, TreeCheck>> = {
  ...{ json, schema, bash, compose },
  "unread-key": unreadKeys,
};

/** Runs every check on one tree. `other` is the tree that it is compared with. */
async function checkTree(name: string, files: Files, other: Files | undefined) {
  const dir = join(scratch, name);
  mkdirSync(dir);
  const programs = Promise.all([
    nginxAccepts(files, { program: question.nginx, scratch: dir, site: declaredSiteOf(deployment) }),
    lookForSecrets(files, join(dir, "files")),
    whatFeatureStarts(files, dir, deployment),
  ]);
  // shellcheck runs in its own processes, in parallel with the checks of this process.
  const tried = programs.then(() =>
    Promise.all(Object.entries(checks).map(([rule, check]) => attempt(rule, () => check(files, dir)))),
  );
  const remarked = attemptBoth("shellcheck", () => shellcheck(files, other, dir, question.cache));
  const [[nginx, secrets, feature], checked, remarks] = await Promise.all([programs, tried, remarked]);
  const all = [...checked, remarks, nginx];
  // Claims treat two sets of evidence with the same time as one, so the base gets an earlier time.
  const at = name === "base" ? "1970-01-01T00:00:00.000Z" : "1970-01-01T00:00:01.000Z";
  const answers = {
    "gateway nginx -t declared": nginx.declared,
    "hypervisor secrets tree": secrets,
    "hypervisor docker feature": feature,
  };
  const evidence = new TreeEvidence(at, files, answers, deployment);
  return { evidence, wrong: all.flatMap((each) => each.wrong), unknown: all.flatMap((each) => each.unknown) };
}

type Checked = Awaited<ReturnType<typeof checkTree>>;

function judged({ evidence, wrong, unknown }: Checked, base: Checked) {
  const judgement = judgeRequirements(evidence, base.evidence);
  return {
    rows: judgement.rows,
    wrong: [...judgement.wrong, ...withoutTwins(judgement.wrong, wrong)],
    unknown: [...judgement.unknown, ...unknown],
  };
}

// An error of this machine's disk is told as such; a bug keeps its stack.
process.on("uncaughtException", (error) => {
  const trouble = diskTrouble(error);
  writeSync(2, printable(`${trouble?.message ?? error.stack ?? error.message}\n`));
  process.exit(trouble ? Exit.badInput : Exit.bug);
});
const source = "standard input";
const input = await text(process.stdin);
const question = asked(parseJson(input, source), { file: source, text: input });
const deployment =
  question.deployment === undefined
    ? defaultDeployment
    : checkDeployment(question.deployment, { file: `${source}: deployment` });
const scratch = privateFolder(tmpdir(), "phoenix-judge");
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of endingSignals)
  process.once(signal, () => {
    void endProcesses(descendants(), 0).then(() => process.exit(exitCodeOfSignal(signal)));
  });
const [tree, base] = (await Promise.all(
  [question.tree, question.base].map((file) => file && filesOf(readFileSync(file))),
)) as [Files, Files | undefined];
const [own, before] = await Promise.all([
  checkTree("tree", tree, base),
  base && checkTree("base", base, tree),
]);
const answer = { tree: judged(own, before ?? own), ...(before && { base: judged(before, before) }) };
process.stdout.write(`${JSON.stringify(answer)}\n`);
