// `verify` with every action beside `accept`, on one stand-in: each requirement has the same verdict, before the plan and
// after it. Several minutes. node bench/agree-verify.ts [DOCKER_HOST]
import { spawn } from "node:child_process";
import { join } from "node:path";
import { onStandIn, type Run } from "../cli/run/acceptance.ts";
import { standInDeployment } from "../cli/run/deployment.ts";
import type { HostEnvironment } from "../cli/run/ready.ts";
import { lines } from "../fixtures/progress.ts";
import { readTree } from "../fixtures/standin/tree.ts";
import { actions } from "../fixtures/target/inventory.ts";
import { verdictsOf } from "../reports/run/build.ts";
import { isJudged, type Run as RunDocument } from "../reports/run/run.ts";
import type { Row } from "../reports/verdict.ts";

const cli = join(import.meta.dirname, "../cli/main.ts");

/** Runs a command of our command line on the stand-in as a user would; its standard output. */
function phoenix(run: Run, command: string, ...args: readonly string[]): Promise<string> {
  const argv = [cli, command, "--inventory", join(run.dir, "inventory.json"), ...args];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.on("data", (text) => (out += text));
  return new Promise((resolve, reject) => child.once("error", reject).once("close", () => resolve(out)));
}

async function verify(run: Run, allow: readonly string[], ...args: readonly string[]): Promise<Row[]> {
  const allowed = allow.flatMap((action) => ["--allow", action]);
  const out = await phoenix(run, "verify", "--browser", ...allowed, "--yes", "--json", ...args);
  const [verified] = (JSON.parse(out) as RunDocument).targets;
  if (!verified || !isJudged(verified)) throw new Error(`verify gave no verdicts: ${out}`);
  return [...(verdictsOf(verified).at(-1)?.rows ?? [])];
}

/** Rows that must differ: `accept` before the plan has only one set of evidence, and `verify` is given an earlier one. */
const known: Readonly<Record<string, string>> = { "before the plan, OPS-003": "accept unknown, verify pass" };

/** Prints the rows that differ, and returns how many do. */
function compare(phase: string, accept: readonly Row[], verified: readonly Row[]): number {
  const differ = accept.filter(({ id, verdict }) => {
    const own = verified.find((row) => row.id === id)?.verdict;
    const said = known[`${phase}, ${id}`];
    return said === undefined ? own !== verdict : said !== `accept ${verdict}, verify ${own}`;
  });
  console.log(`${phase}: ${accept.length - differ.length} of ${accept.length} agree`);
  for (const { id, verdict, reason } of differ) {
    const own = verified.find((row) => row.id === id);
    console.log(`  ${id}\n    accept  ${verdict}  ${reason}\n    verify  ${own?.verdict}  ${own?.reason}`);
  }
  return differ.length;
}

const [dockerHost] = process.argv.slice(2);
const hostEnvironment: HostEnvironment = {
  ...{ path: "/usr/sbin:/usr/bin:/sbin:/bin", dockerHost, cacheHome: undefined, output: undefined },
  ...{ keepEngine: false, vm: "lxc" },
};
const deployment = standInDeployment(undefined, "lxc");
const choice = { tree: readTree(undefined, deployment), deployment };

const ended = await onStandIn(choice, { hostEnvironment }, lines(console.error), async (run) => {
  const of = (phase: string, file: string) => join(run.dir, phase, file);
  const earlier = ["--before", of("before", "evidence.json")];
  const beforeRecord = of("before", "record.json");
  const before = await run.before();
  // The phase before the plan never takes a plan back, so neither does verify here.
  const careful = actions.filter((action) => action !== "apply");
  let bad = compare(
    "before the plan",
    before.rows,
    await verify(run, careful, ...earlier, "--record", beforeRecord),
  );
  // It ends with the plan rolled back, for OPS-002.
  const after = await run.after({ literal: false, without: [], controls: false });
  const record = join(run.dir, "again.json");
  await phoenix(run, "apply", "--yes", "--record", record);
  const chosen = [...earlier, "--before-record", beforeRecord, "--record", record, "--require", "OPS-002"];
  bad += compare("after the plan", after.rows, await verify(run, ["all"], ...chosen));
  return bad;
});
process.exit(ended === 0 ? 0 : 1);
