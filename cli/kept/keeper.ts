// The keeper: a process that holds a stand-in between commands, lends it to one of them at a time, and gives it back when it
// is told to or was not asked for a while. A keeper that is killed leaves its container to the next run, as any maker does.
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { isAlive } from "../../fixtures/alive.ts";
import { type Progress, silent } from "../../fixtures/progress.ts";
import { startStandIn } from "../../fixtures/standin/standin.ts";
import type { StateName } from "../../fixtures/standin/states.ts";
import { readTree, type Tree } from "../../fixtures/standin/tree.ts";
import { interruptible } from "../run/interruptible.ts";
import { type HostEnvironment, makeReady, type Ready } from "../run/ready.ts";
import { files, standInDigest } from "./folder.ts";
import { States } from "./prepare.ts";
import { type Answer, type Request, requests, tell } from "./protocol.ts";

export interface KeeperOptions {
  readonly folder: string;
  readonly tree?: string;
  /** How long it waits for the next command, in seconds. */
  readonly idle: number;
  readonly hostEnvironment: HostEnvironment;
}

/** Keeps a stand-in until it is told to stop or has been idle. Returns the exit code. */
export async function keep(options: KeeperOptions): Promise<number> {
  const { folder, idle, hostEnvironment } = options;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!takesOver(files(folder).pid)) return 0; // another keeper was faster
  const tree = readTree(options.tree);
  const ended = await interruptible(async (resources) => {
    const { home, made, pid, run, socket } = files(folder);
    for (const old of [home, run, socket]) rmSync(old, { recursive: true, force: true });
    writeFileSync(made, standInDigest(tree));
    resources.defer(async () => {
      for (const ours of [home, run, socket, made, pid]) rmSync(ours, { recursive: true, force: true });
    });
    const keeper = new Keeper(folder, tree, hostEnvironment, resources);
    return keeper.serve(idle);
  });
  return ended;
}

/** Of several keepers one does the work: the one whose number stands in the file. */
function takesOver(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  if (isAlive(Number(readFileSync(file, "utf8")) || process.pid)) return false;
  writeFileSync(file, String(process.pid));
  return true;
}

class Keeper {
  readonly #folder: string;
  readonly #tree: Tree;
  readonly #hostEnvironment: HostEnvironment;
  readonly #resources: AsyncDisposableStack;
  #started: Promise<{ states: States; ready: Ready }> | undefined;
  /** What is being done, and by whom: the next one waits for it. */
  #turn: Promise<void> = Promise.resolve();
  #waiting = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(folder: string, tree: Tree, hostEnvironment: HostEnvironment, resources: AsyncDisposableStack) {
    this.#folder = folder;
    this.#tree = tree;
    this.#hostEnvironment = hostEnvironment;
    this.#resources = resources;
  }

  /** Serves connections until told to stop or idle for this many seconds. */
  serve(idle: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => {
        socket.on("error", () => {}); // its end is seen by whoever reads
        clearTimeout(this.#timer);
        this.#waiting++;
        if (this.#waiting > 1) tell(socket, { say: "waiting for another command to give the stand-in back" });
        const mine = this.#turn.then(() => this.#connection(socket, resolve)).catch(reject);
        this.#turn = mine.finally(() => {
          this.#waiting--;
          if (this.#waiting === 0) this.#timer = setTimeout(() => resolve(0), idle * 1000);
        });
      });
      this.#resources.defer(async () => void server.close());
      this.#timer = setTimeout(() => resolve(0), idle * 1000);
      const { socket } = files(this.#folder);
      server.once("error", reject).listen(socket, () => chmodSync(socket, 0o600));
    });
  }

  /** One command's whole time with the stand-in; if that acted, it is then brought back to the state it was lent in. */
  async #connection(socket: Socket, stop: (code: number) => void): Promise<void> {
    let last: Exclude<Request, { ask: "stop" }> | undefined;
    try {
      for await (const request of requests(socket)) {
        if (request.ask === "stop") {
          await this.#started?.catch(() => undefined);
          tell(socket, { stopped: true });
          return stop(0);
        }
        const answer = await this.#answer(request, progressTo(socket));
        if ("leased" in answer && request.acts) last = request;
        tell(socket, answer);
      }
    } catch (error) {
      tell(socket, failure(error));
    } finally {
      socket.end();
    }
    if (last) await this.#bringBack(last.state, last.builder);
  }

  async #answer(request: Exclude<Request, { ask: "stop" }>, progress: Progress): Promise<Answer> {
    const began = performance.now();
    try {
      const { states, ready } = await this.#start(progress);
      const { state, builder } = request;
      const restored =
        request.ask === "reset" || states.now !== state || !states.has(state, builder)
          ? await states.to(state, builder, progress)
          : [];
      const ms = Math.round(performance.now() - began);
      return { leased: { run: states.run, browser: ready.browser }, restored, ms };
    } catch (error) {
      return failure(error);
    }
  }

  async #bringBack(state: StateName, builder: string): Promise<void> {
    const { states } = (await this.#started) as { states: States };
    // What goes wrong here is said to the next command, which brings it back itself.
    await states.to(state, builder, silent).catch((error: unknown) => console.error(error));
  }

  /** Starts the stand-in when it is first asked for; a start that failed is tried again by the next command. */
  async #start(progress: Progress): Promise<{ states: States; ready: Ready }> {
    this.#started ??= this.#starting(progress);
    try {
      return await this.#started;
    } catch (error) {
      this.#started = undefined;
      throw error;
    }
  }

  async #starting(progress: Progress): Promise<{ states: States; ready: Ready }> {
    const { home, run } = files(this.#folder);
    const own = new AsyncDisposableStack();
    this.#resources.use(own);
    try {
      const ready = own.use(await makeReady(this.#hostEnvironment, progress));
      const { image, engine } = ready;
      const standIn = await progress.step("starting the stand-in hypervisor", () => {
        const starting = startStandIn({ host: engine.host, image, tree: this.#tree, home });
        // Given back also when the keeper is told to end while it still starts.
        own.defer(async () => (await starting.catch(() => undefined))?.stop());
        return starting;
      });
      const states = new States(run, standIn);
      await states.first(progress);
      return { states, ready };
    } catch (error) {
      await own.disposeAsync();
      throw error;
    }
  }
}

function failure(error: unknown): Answer {
  const { message, exitCode = 70 } = error as Error & { exitCode?: number };
  return { error: message, exitCode };
}

/** What the keeper does for a command is said to that command. */
function progressTo(socket: Socket): Progress {
  const say = (text: string) => tell(socket, { say: text });
  return {
    say,
    async step(name, work) {
      const began = performance.now();
      try {
        return await work();
      } finally {
        say(`  ${name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
      }
    },
  };
}
