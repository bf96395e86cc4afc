// The client of a kept stand-in: connects to its keeper or starts one, and leases the stand-in exclusively.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { isAlive } from "../../fixtures/alive.ts";
import { BadInput, CannotTell, problem, Refused } from "../../fixtures/errors.ts";
import { type Progress, silent } from "../../fixtures/progress.ts";
import { toType } from "../../fixtures/quote.ts";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import type { StateName } from "../../fixtures/standin/states.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import { project } from "../run/child.ts";
import { standInDeployment } from "../run/deployment.ts";
import { builderDigest, type Choice, files, keptFolder, keptFolders, standInDigest } from "./folder.ts";
import type { KeeperArguments } from "./main.ts";
import { type Answer, answers, type Leased, tell } from "./protocol.ts";

/** How long a keeper waits for the next command, in seconds. */
export const idleSeconds = 900;

export interface LeaseOptions extends Choice {
  readonly state: StateName;
  /** Whether the command may change the stand-in. If so, its state is restored afterwards. */
  readonly acts: boolean;
  readonly hostEnvironment: HostEnvironment;
}

/** Exclusive use of a kept stand-in. Disposing of the lease leaves the stand-in to the next command. */
export interface Lease extends Leased, Disposable {
  /** What was restored to reach the state, and how long that took. */
  readonly restored: readonly string[];
  readonly ms: number;
}

/**
 * Leases the kept stand-in of a tree, which is started if there is none. `reset` always restores the state first, even if
 * the stand-in should already be in it.
 * @throws what starting the stand-in or applying the plan throws.
 */
export async function lease(
  { hostEnvironment, tree, deployment, state, acts }: LeaseOptions,
  progress: Progress,
  ask: "lease" | "reset" = "lease",
): Promise<Lease> {
  const choice: Choice = { ...(tree && { tree }), ...(deployment && { deployment }) };
  const folder = keptFolder(hostEnvironment, choice);
  const values = standInDeployment(deployment, hostEnvironment.vm);
  const made = standInDigest(readTree(tree, values), values);
  const kept = files(folder);
  if (existsSync(kept.made) && readFileSync(kept.made, "utf8") !== made && (await stopOne(folder)))
    progress.note("  the stand-in's sources, tree or deployment have changed: starting a new stand-in");
  const socket = await connected({ folder, choice, idle: idleSeconds, hostEnvironment });
  tell(socket, { ask, state, acts, builder: builderDigest() });
  try {
    const { leased, restored, ms } = leasedBy(
      await progress.step("preparing the kept stand-in", () => answered(answers(socket), progress, kept.log)),
    );
    return { ...leased, restored, ms, [Symbol.dispose]: () => socket.destroy() };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Stops every keeper, which removes its stand-in. Returns how many there were. */
export async function stopAll(hostEnvironment: HostEnvironment): Promise<number> {
  const all = keptFolders(hostEnvironment);
  if (!existsSync(all)) return 0;
  const stopped = await Promise.all(readdirSync(all).map((name) => stopOne(join(all, name))));
  return stopped.filter(Boolean).length;
}

/** Stops the keeper of a folder and waits for its end. Returns whether there was one. */
async function stopOne(folder: string): Promise<boolean> {
  const { socket: path, pid, log } = files(folder);
  const socket = await tryConnect(path);
  if (!socket) return false;
  const keeper = Number(readFileSync(pid, "utf8"));
  tell(socket, { ask: "stop" });
  await answered(answers(socket), silent, log);
  socket.destroy();
  await until(() => !isAlive(keeper), 30_000);
  return true;
}

/** Connects to the keeper of this folder, starting one if needed. @throws CannotTell when a new keeper does not answer. */
async function connected(keeper: KeeperArguments): Promise<Socket> {
  const { folder } = keeper;
  const { socket: path, pid, log } = files(folder);
  if (path.length > 100)
    throw new BadInput(
      problem(`The cache folder's path is too long for a socket: ${path}`, "XDG_CACHE_HOME=/var/tmp/cache"),
    );
  const found = await tryConnect(path);
  if (found) return found;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const output = openSync(log, "w", 0o600);
  const argv = [join(project, "cli", "kept", "main.ts"), JSON.stringify(keeper)];
  // Detached: Ctrl-C in the terminal ends the command, not the keeper.
  const child = spawn(process.execPath, argv, { detached: true, stdio: ["ignore", output, output] });
  child.unref();
  const alive = () =>
    child.exitCode === null || (existsSync(pid) && isAlive(Number(readFileSync(pid, "utf8"))));
  let socket: Socket | undefined;
  await until(async () => {
    socket = await tryConnect(path);
    return socket !== undefined || !alive();
  }, 20_000);
  if (socket) return socket;
  const said = readFileSync(log, "utf8").trim().split("\n").slice(-3).join("\n  ");
  throw new CannotTell(
    problem(`The keeper of the stand-in does not answer:\n  ${said}`, toType`less ${log}`),
  );
}

function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => resolve(socket.on("error", () => {})));
    socket.once("error", () => resolve(undefined));
  });
}

/** The first answer other than progress. @throws CannotTell when the keeper ends without one. */
async function answered(heard: AsyncGenerator<Answer>, progress: Progress, log: string): Promise<Answer> {
  for (;;) {
    const { value, done } = await heard.next();
    if (done || value === undefined)
      throw new CannotTell(problem("The keeper of the stand-in has ended", toType`less ${log}`));
    if ("say" in value) progress.note(value.say);
    else return value;
  }
}

/** The leased stand-in. @throws the keeper's error, with the same class and message. */
function leasedBy(answer: Answer): Extract<Answer, { leased: Leased }> {
  if ("leased" in answer) return answer;
  if (!("error" in answer)) throw new Error(`the keeper answered ${JSON.stringify(answer)}`);
  const kinds: Record<number, new (message: string) => Error> = { 2: CannotTell, 3: BadInput, 4: Refused };
  throw new (kinds[answer.exitCode] ?? Error)(answer.error);
}

/** Waits until the condition holds, at most `ms`. */
async function until(holds: () => boolean | Promise<boolean>, ms: number): Promise<void> {
  for (const end = performance.now() + ms; performance.now() < end && !(await holds()); )
    await new Promise((resolve) => setTimeout(resolve, 25));
}
