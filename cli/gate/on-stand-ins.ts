// The gate with --full: the tree and its base, each judged on a stand-in with the plan applied, and the tree deployed over its base.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { deploymentDigest } from "../../fixtures/deployment/digest.ts";
import { BadInput } from "../../fixtures/errors.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { parseJson } from "../../fixtures/schema.ts";
import { cacheFolder, type HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import type { Tree } from "../../fixtures/standin/tree.ts";
import { asJudged, type Judged } from "../../reports/report/compare.ts";
import { afterStop, alsoOverBase, fromVerdicts, together } from "../../reports/report/from-run.ts";
import type { Run } from "../run/acceptance.ts";
import { project } from "../run/child.ts";
import { judgedOverBase } from "./over-base.ts";

/** The judged tree, and the judged base if there is one. */
export type JudgedTrees = { readonly tree: Judged; readonly base?: Judged };

/** What is put on stand-ins, of which deployment. */
export interface GatedTrees {
  readonly tree: Tree;
  readonly base?: Tree;
  readonly deployment: Deployment;
}

/**
 * Adds the results from stand-ins and concludes. The base goes first, so that the verdict can be printed before the tree's
 * stand-in is removed. The results of a base are cached under a digest of everything that they depend on.
 */
export async function onStandIns(
  files: Promise<JudgedTrees>,
  { tree, base, deployment }: GatedTrees,
  hostEnvironment: HostEnvironment,
  progress: Progress,
  conclude: (judged: JudgedTrees) => number,
): Promise<number> {
  files.catch(() => {}); // it is awaited below
  const before = base && (await ofBase({ tree: base, deployment }, hostEnvironment, progress));
  if (typeof before === "number") return before;
  const over =
    base && before && (await overBase({ tree, base, deployment }, before, hostEnvironment, progress));
  if (typeof over === "number") return over;
  return onStandInOf({ tree, deployment }, hostEnvironment, progress, async (own) => {
    const { tree: found, base: foundBefore } = await files;
    return conclude({
      tree: together(found, over ? alsoOverBase(own, over) : own),
      ...(before && foundBefore && { base: together(foundBefore, before) }),
    });
  });
}

/** The results for the base, computed or from the cache; an exit code if interrupted. */
async function ofBase(
  base: GatedTrees,
  hostEnvironment: HostEnvironment,
  progress: Progress,
): Promise<Judged | number> {
  const kept = join(cacheFolder(hostEnvironment), "gate", `${treeDigest(base)}.json`);
  if (existsSync(kept)) progress.note("  results for the base: from the cache");
  else {
    const before = await onStandInOf(base, hostEnvironment, progress, async (own) => own);
    if (typeof before === "number") return before;
    mkdirSync(join(kept, ".."), { recursive: true });
    writeFileSync(`${kept}.part`, JSON.stringify({ tree: before }));
    renameSync(`${kept}.part`, kept);
  }
  return asJudged(parseJson(readFileSync(kept, "utf8"), kept), { file: kept }).tree;
}

/** Judges a tree on a stand-in, with the plan applied. */
async function onStandInOf<T>(
  gated: GatedTrees,
  hostEnvironment: HostEnvironment,
  progress: Progress,
  then: (own: Judged) => Promise<T>,
): Promise<T | number> {
  // Imported here because it loads slowly, and a gate without --full does not need it.
  const { onStandIn } = await import("../run/acceptance.ts");
  return onStandIn(gated, { hostEnvironment }, progress, async (run) => then(await judged(run)));
}

async function judged(run: Run): Promise<Judged> {
  return orNotApplied("a tree that the plan can be applied to", async () => {
    await run.found();
    const after = await run.after({ literal: false, without: [], controls: false });
    return afterStop(fromVerdicts(after), run.stopped);
  });
}

/**
 * The results for the tree on a stand-in that the base was deployed to before; undefined if the base can't be deployed, an exit
 * code if interrupted.
 */
async function overBase(
  { tree, base, deployment }: GatedTrees & { readonly base: Tree },
  before: Judged,
  hostEnvironment: HostEnvironment,
  progress: Progress,
): Promise<Judged | undefined | number> {
  if (before.wrong.some(({ rule }) => rule === "apply")) return undefined;
  const { onStandIn } = await import("../run/acceptance.ts");
  return onStandIn({ tree: base, deployment }, { hostEnvironment }, progress, async (run) => {
    await run.found();
    await run.inUse(tree);
    return orNotApplied("a tree that the plan can be applied to where the base runs", async () => {
      const after = await run.after({ literal: false, without: [], controls: false, only: judgedOverBase() });
      return afterStop(fromVerdicts(after, new Map(), "a stand-in where the base ran before"), run.stopped);
    });
  });
}

/** A plan that cannot be applied is a finding, like a red requirement. */
async function orNotApplied(expected: string, judge: () => Promise<Judged>): Promise<Judged> {
  try {
    return await judge();
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    const [found = ""] = error.message.split("\nNext:");
    return { rows: [], wrong: [{ rule: "apply", severity: "must", expected, found }], unknown: [] };
  }
}

/** A digest of the tree, its deployment and all our sources: if one of them changes, the base is judged again. */
function treeDigest({ tree, deployment }: GatedTrees): string {
  const hash = createHash("sha256").update(tree.archive).update(deploymentDigest(deployment));
  for (const folder of ["cli", "fixtures", "provision", "reports", "specs"])
    for (const name of readdirSync(join(project, folder), { recursive: true, encoding: "utf8" }).sort())
      if (/\.(ts|sh|json)$/.test(name) && !name.startsWith("out/"))
        hash.update(readFileSync(join(project, folder, name)));
  return hash.digest("hex").slice(0, 16);
}
