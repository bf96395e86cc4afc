// `gate`: the verdict on a Phoenix tree before it is merged: from its files alone, or on a stand-in as well.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadInput, problem } from "../../fixtures/errors.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { parseJson } from "../../fixtures/schema.ts";
import { cacheFolder, type HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { findProgram } from "../../fixtures/setup/packages.ts";
import { readTree, type Tree } from "../../fixtures/standin/tree.ts";
import { asJudged, reportOf } from "../../reports/gate/compare.ts";
import { junit } from "../../reports/gate/junit.ts";
import { markdown } from "../../reports/gate/markdown.ts";
import { page } from "../../reports/gate/page.ts";
import { sarif } from "../../reports/gate/sarif.ts";
import { type JudgedTrees, onStandIns } from "../gate/on-stand-ins.ts";
import { placeIn } from "../gate/place.ts";
import { project } from "../run/child.ts";

export interface GateOptions {
  /** `PATH[@REF]` */
  readonly tree: string;
  /** `PATH[@REF]`, or a commit of the tree's own repository. */
  readonly base?: string;
  /** On a stand-in as well, with the plan applied. */
  readonly full: boolean;
  readonly json: boolean;
  readonly junit?: string;
  readonly sarif?: string;
  readonly markdown?: string;
  readonly width: number;
  readonly colour: boolean;
  readonly hostEnvironment: HostEnvironment;
}

/**
 * Prints the gate's page and writes what was asked for. Returns 0 when nothing is wrong (with a base: nothing new),
 * 1 when something is, 2 when something could not be told.
 * @throws BadInput where there is no such tree, commit, or place to write to.
 */
export async function gate(
  options: GateOptions,
  progress: Progress,
  print: (text: string) => void,
): Promise<number> {
  const began = performance.now();
  const tree = readTree(options.tree);
  const base = options.base === undefined ? undefined : readTree(baseOf(options.tree, options.base));
  const files = judgeFiles(tree, base, options.hostEnvironment);
  const conclude = (judged: JudgedTrees) => {
    const report = placeIn(
      options.tree,
      reportOf(judged, {
        tree: options.tree,
        ...(options.base !== undefined && { base: options.base }),
        mode: options.full ? "full" : "static",
        ms: Math.round(performance.now() - began),
      }),
    );
    print(options.json ? `${JSON.stringify(report, null, 2)}\n` : page(report, options));
    write(options.junit, () => junit(report));
    write(options.sarif, () => `${JSON.stringify(sarif(report), null, 2)}\n`);
    write(options.markdown, () => markdown(report));
    return { pass: 0, fail: 1, unknown: 2 }[report.verdict];
  };
  // Both look at the tree for themselves; the files are judged long before a stand-in is.
  return options.full
    ? onStandIns(files, { tree, ...(base && { base }) }, options.hostEnvironment, progress, conclude)
    : conclude(await files);
}

/** A base that is no folder is a commit of the repository that the tree is in. */
function baseOf(tree: string, base: string): string {
  const at = base.lastIndexOf("@");
  if (existsSync(base) || (at > 0 && existsSync(base.slice(0, at)))) return base;
  const own = existsSync(tree) ? tree : tree.slice(0, Math.max(tree.lastIndexOf("@"), 0));
  return `${own}@${base}`;
}

function write(file: string | undefined, content: () => string): void {
  if (file === undefined) return;
  try {
    writeFileSync(file, content());
  } catch (error) {
    throw new BadInput(problem(`Not written: ${file}: ${(error as Error).message}`, `ls -ld ${file}`));
  }
}

/** Asks the judge of files, which is a program of its own: the builder imports nothing of the judge's. */
async function judgeFiles(
  tree: Tree,
  base: Tree | undefined,
  hostEnvironment: HostEnvironment,
): Promise<JudgedTrees> {
  const { path } = hostEnvironment;
  const folder = mkdtempSync(join(tmpdir(), "phoenix-gate-"));
  try {
    const place = (name: string, { archive }: Tree) => {
      writeFileSync(join(folder, name), archive);
      return join(folder, name);
    };
    const nginx = findProgram(["nginx"], path);
    const cache = cacheFolder(hostEnvironment);
    const question = {
      tree: place("tree", tree),
      ...(base && { base: place("base", base) }),
      ...(nginx && { nginx }),
      cache: join(cache, "shellcheck"),
    };
    const answer = await answerOf(join(project, "specs", "static", "main.ts"), JSON.stringify(question));
    const file = "specs/static/main.ts";
    return asJudged(parseJson(answer, file), { file });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function answerOf(script: string, input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script], { stdio: ["pipe", "pipe", "pipe"] });
    const output = { out: "", err: "" };
    child.stdout.on("data", (piece) => (output.out += piece));
    child.stderr.on("data", (piece) => (output.err += piece));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(output.out);
      else
        reject(
          new Error(`the judge of files ended with exit code ${code}: ${output.err.trim().slice(-2000)}`),
        );
    });
    child.stdin.end(input);
  });
}
