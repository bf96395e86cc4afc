// The gate's second half: the tree, and the base that it is compared with, each on a stand-in with the plan applied.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "../../fixtures/errors.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { parseJson } from "../../fixtures/schema.ts";
import { cacheFolder, type HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import type { Tree } from "../../fixtures/standin/tree.ts";
import { asJudged, type Judged } from "../../reports/gate/compare.ts";
import { fromVerdicts, together } from "../../reports/gate/full.ts";
import type { Run } from "../run/acceptance.ts";
import { project } from "../run/child.ts";

/** The tree judged, and the base where there is one. */
export type JudgedTrees = { readonly tree: Judged; readonly base?: Judged };

/**
 * Adds what a stand-in showed and concludes. The base goes first, since the verdict is told before the tree's stand-in is
 * given back; what its stand-in showed is kept for the next time, by everything that it is made of.
 */
export async function onStandIns(
  files: Promise<JudgedTrees>,
  { tree, base }: { readonly tree: Tree; readonly base?: Tree },
  hostEnvironment: HostEnvironment,
  progress: Progress,
  conclude: (judged: JudgedTrees) => number,
): Promise<number> {
  files.catch(() => {}); // thrown below, when the stand-in is given back
  const before = base && (await ofBase(base, hostEnvironment, progress));
  if (typeof before === "number") return before;
  return onStandInOf(tree, hostEnvironment, progress, async (own) => {
    const { tree: found, base: foundBefore } = await files;
    return conclude({
      tree: together(found, own),
      ...(before && foundBefore && { base: together(foundBefore, before) }),
    });
  });
}

/** What a stand-in shows of the base, or showed the last time; a number when that was broken off. */
async function ofBase(
  base: Tree,
  hostEnvironment: HostEnvironment,
  progress: Progress,
): Promise<Judged | number> {
  const kept = join(cacheFolder(hostEnvironment), "gate", `${treeDigest(base)}.json`);
  if (existsSync(kept)) progress.say("  the base was judged on a stand-in before: taken from the cache");
  else {
    const before = await onStandInOf(base, hostEnvironment, progress, async (own) => own);
    if (typeof before === "number") return before;
    mkdirSync(join(kept, ".."), { recursive: true });
    writeFileSync(`${kept}.part`, JSON.stringify({ tree: before }));
    renameSync(`${kept}.part`, kept);
  }
  return asJudged(parseJson(readFileSync(kept, "utf8"), kept), { file: kept }).tree;
}

/** A tree on a stand-in, with the plan applied. A plan that can't be applied is a finding, as a red requirement is. */
async function onStandInOf<T>(
  tree: Tree,
  hostEnvironment: HostEnvironment,
  progress: Progress,
  then: (own: Judged) => Promise<T>,
): Promise<T | number> {
  // What a whole run needs takes long to load: files alone are judged without it.
  const { onStandIn } = await import("../run/acceptance.ts");
  return onStandIn(tree, { hostEnvironment }, progress, async (run) => then(await judged(run)));
}

async function judged(run: Run): Promise<Judged> {
  try {
    await run.found();
    return fromVerdicts(await run.after({ literal: false, without: [], controls: false }), new Map());
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    const [found = ""] = error.message.split("\nNext:");
    const wrong = {
      rule: "apply",
      severity: "must" as const,
      expected: "a tree that the plan can be applied to",
      found,
    };
    return { rows: [], wrong: [wrong], unknown: [] };
  }
}

/** Of a tree and of every source of ours: what one of them changes is judged anew. */
function treeDigest({ archive }: Tree): string {
  const hash = createHash("sha256").update(archive);
  for (const folder of ["cli", "fixtures", "provision", "reports", "specs"])
    for (const name of readdirSync(join(project, folder), { recursive: true, encoding: "utf8" }).sort())
      if (/\.(ts|sh|json)$/.test(name) && !name.startsWith("out/"))
        hash.update(readFileSync(join(project, folder, name)));
  return hash.digest("hex").slice(0, 16);
}
