// Signals while a command runs, and starters that vanish: everything ends in time, and nothing is left, here or on an engine.
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadInput, CannotTell } from "../../fixtures/errors.ts";
import { isGone } from "../../fixtures/owner.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import { silent } from "../../fixtures/progress.ts";
import { type Engine, engineIn } from "../../fixtures/setup/engine.ts";
import { clientFor } from "../../fixtures/setup/engine-client.ts";
import { cacheFolder } from "../../fixtures/setup/host-environment.ts";
import { ownerLabel } from "../../fixtures/standin/standin.ts";
import { writeTarget } from "../../fixtures/target/inventory.ts";
import { writePlannedSample } from "../gate/planned-tree.ts";
import type { Recorded } from "./damaged-evidence.ts";
import type { Find, Outcome } from "./outcome.ts";
import type { Random } from "./random.ts";
import type { RecordedServer } from "./recorded-server.ts";
import { onRecordedTarget } from "./recorded-target.ts";
import { type Ran, runCli, type Struck, wrongIn } from "./run-cli.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Within this time after a signal everything has ended. */
const endsWithinMs = 10_000;
const mostMs = 240_000;

/** Where the commands find what they need. */
interface Place {
  readonly tree: string;
  readonly inventory: string;
  readonly nights: string;
  readonly run: string;
}

/** A command that is interrupted. */
interface Victim {
  readonly args: (place: Place) => readonly string[];
  /** It is struck within this time. */
  readonly withinMs: number;
  /** It needs a Docker engine: it starts a stand-in. */
  readonly engine?: true;
  /** What removes what it keeps on purpose. */
  readonly ender?: readonly string[];
}

const on = (...words: readonly string[]): Victim => ({
  args: ({ inventory }) => [...words, "--inventory", inventory],
  withinMs: 5000,
});
const gate: Victim = { args: ({ tree }) => ["gate", "--tree", tree, "--json"], withinMs: 5000 };
const nightly: Victim = {
  args: ({ inventory, nights }) => ["nightly", "--inventory", inventory, "--nights", nights],
  withinMs: 6000,
};
const accept: Victim = { args: () => ["accept"], withinMs: 40_000, engine: true };

/** One round of victims. The first ones are those that take longest to clean up. */
const victims: readonly Victim[] = [
  accept,
  on("verify"),
  gate,
  on("apply", "--yes"),
  nightly,
  { args: () => ["spec", "STO-003"], withinMs: 20_000, engine: true, ender: ["spec", "--stop"] },
  on("contract", "hypervisor", "--yes"),
  { args: ({ run }) => ["report", run, "--format", "markdown"], withinMs: 1500 },
  on("plan"),
  gate,
  on("verify", "--json"),
  { args: () => ["requirements"], withinMs: 1500 },
  on("status"),
  nightly,
  { args: () => ["doctor", "gate"], withinMs: 3000 },
  accept,
  on("targets", "check"),
  on("rollback", "--yes"),
  on("verify", "--at-once", "1"),
  on("apply", "--yes"),
];

/** The ways in which a run is ended. */
const strikes: readonly { readonly name: NodeJS.Signals; readonly to: Struck }[] = [
  { name: "SIGINT", to: "group" },
  { name: "SIGINT", to: "program" },
  { name: "SIGTERM", to: "program" },
  { name: "SIGTERM", to: "group" },
  { name: "SIGHUP", to: "program" },
  { name: "SIGHUP", to: "group" },
  { name: "SIGTERM", to: "starter" },
  { name: "SIGKILL", to: "starter" },
  { name: "SIGKILL", to: "program" },
];

/** What the victims get, and what ends an engine that is held for them. */
export interface InterruptsGiven {
  readonly recorded: Recorded;
  readonly run: string;
  readonly env: Env;
  readonly resources: AsyncDisposableStack;
}

/** Ends `times` commands, each at another moment and in another way. After one that was killed, the next has to sweep. */
export async function interrupts(
  times: number,
  random: Random,
  { recorded: { document, target }, run, env, resources }: InterruptsGiven,
): Promise<Outcome> {
  const attack = "interrupts";
  const began = performance.now();
  const finds: Find[] = [];
  const folder = privateFolder(tmpdir(), "phoenix-attack-interrupts");
  resources.defer(async () => rmSync(folder, { recursive: true, force: true }));
  const tree = join(folder, "tree");
  writePlannedSample(tree);
  const engine = await heldEngine(resources, env);
  const unable = typeof engine === "string" ? `without accept and spec: ${engine}` : undefined;
  const all = typeof engine === "string" ? victims.filter((victim) => !victim.engine) : victims;
  const tried = await onRecordedTarget(document, target, async (server, own, home) => {
    const inventory = writeTarget(home, own);
    for (let at = 0; at < times; at++) {
      const victim = all[at % all.length] as Victim;
      const room = join(folder, String(at));
      const cache = join(room, "cache");
      mkdirSync(cache, { recursive: true });
      const given = {
        ...env,
        ...{ XDG_CACHE_HOME: cache, PHOENIX_OUTPUT: join(room, "out") },
        ...(typeof engine !== "string" && { DOCKER_HOST: engine.host }),
      };
      const place = { tree, inventory, nights: join(room, "nights"), run };
      finds.push(...(await strike(victim, place, { room, cache, env: given, server, random, engine })));
      rmSync(room, { recursive: true, force: true });
    }
    return times;
  });
  return { attack, tried, finds, ms: performance.now() - began, ...(unable !== undefined && { unable }) };
}

interface Trial {
  readonly room: string;
  readonly cache: string;
  readonly env: Env;
  readonly server: RecordedServer;
  readonly random: Random;
  readonly engine: Engine | string;
}

async function strike(
  victim: Victim,
  place: Place,
  { room, cache, env, server, random, engine }: Trial,
): Promise<Find[]> {
  const args = victim.args(place);
  const { name, to } = random.of(strikes);
  const at = random.below(victim.withinMs);
  server.trick = { pauseMs: random.below(6000) };
  const scratch = join(room, "tmp");
  const ran = await runCli(args, { scratch, env, mostMs, signal: { name, at, to } });
  const what = `${args.slice(0, 2).join(" ")}: ${name} to the ${to} after ${at} ms`;
  const killed = name === "SIGKILL" && ran.endedAfterMs !== undefined;
  const { endedAfterMs: tookMs = 0 } = ran;
  const finds: Find[] = [];
  if (!ran.hung && tookMs > endsWithinMs)
    finds.push({ wrong: "hang", tried: what, found: `ended ${Math.round(tookMs)} ms later` });
  // Who is killed cleans up nothing, but leaves no process; the next one of its kind removes what it left.
  finds.push(...wrongIn(what, killed ? { ...ran, left: processesIn(ran) } : ran));
  if (victim.ender)
    finds.push(...wrongIn(`${what}, then ${victim.ender.join(" ")}`, await next(victim.ender)));
  if (killed) {
    server.trick = {};
    finds.push(...wrongIn(`${what}, then again`, await again()));
  }
  const left = [...privateIn(cache), ...(await abandonedOn(engine))];
  if (left.length > 0) finds.push({ wrong: "leftover", tried: what, found: left.join(", ") });
  return finds;

  function next(command: readonly string[]): Promise<Ran> {
    return runCli(command, { scratch, env, mostMs });
  }
  function again(): Promise<Ran> {
    if (!victim.engine) return next(args);
    // It sweeps before it starts a stand-in of its own.
    return runCli(["stand-in"], {
      ...{ scratch, env, mostMs },
      signal: { name: "SIGINT", at: /inventory\.json/, to: "program" },
    });
  }
}

const processesIn = ({ left }: Ran) => left.filter((name) => name.startsWith("process "));

/** What is in the private places of a cache: folders of runs. */
function privateIn(cache: string): string[] {
  return ["runs", "verify", "kept"].flatMap((kind) => {
    try {
      return readdirSync(join(cacheFolder({ cacheHome: cache }), kind)).map((name) => `${kind}/${name}`);
    } catch {
      return [];
    }
  });
}

/** The containers whose process has ended; they are removed. */
async function abandonedOn(engine: Engine | string): Promise<string[]> {
  if (typeof engine === "string") return [];
  const docker = clientFor(engine.host);
  const containers = await docker.listContainers({ all: true, filters: { label: [ownerLabel] } });
  const left = containers.filter(({ Labels }) => isGone(Labels[ownerLabel] ?? "") === true);
  for (const { Id } of left) await docker.getContainer(Id).remove({ force: true, v: true });
  return left.map(({ Id }) => `container ${Id.slice(0, 12)}`);
}

/** An engine for all victims, which is held meanwhile; or why there is none. */
async function heldEngine(resources: AsyncDisposableStack, env: Env): Promise<Engine | string> {
  const progress = silent;
  const cache = cacheFolder({ cacheHome: env.XDG_CACHE_HOME });
  const dockerHost = env.DOCKER_HOST;
  try {
    const options = { dockerHost, path: env.PATH ?? "", cache, keep: false, progress };
    return await engineIn(resources, options);
  } catch (error) {
    if (error instanceof BadInput || error instanceof CannotTell) return error.message.split("\n")[0] ?? "";
    throw error;
  }
}
