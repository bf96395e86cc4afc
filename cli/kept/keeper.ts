// The keeper: a process that keeps a stand-in between commands and leases it to one command at a time. It removes the
// stand-in on request or when idle. If the keeper is killed, the next run removes its container.

import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { isAlive } from "../../fixtures/alive.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { interruptible } from "../../fixtures/interruptible.ts";
import { printable } from "../../fixtures/printable.ts";
import { type Progress, silent } from "../../fixtures/progress.ts";
import { files } from "./folder.ts";
import type { States } from "./prepare.ts";
import { type Answer, type Leased, type Request, requests, tell } from "./protocol.ts";

/** A kept stand-in's states, and the browser that was found when it was started. */
export interface Kept {
  readonly states: Pick<States, "run" | "now" | "has" | "to">;
  readonly browser: Leased["browser"];
}

export interface KeeperOptions {
  readonly folder: string;
  /** The digest of the sources, tree and deployment that the stand-in is made from. */
  readonly made: string;
  /** How long the keeper waits for the next command, in seconds. */
  readonly idle: number;
  /** Starts the stand-in; disposing of `resources` removes it. */
  readonly start: (resources: AsyncDisposableStack, progress: Progress) => Promise<Kept>;
}

/** Keeps a stand-in until a stop request or the idle timeout. Returns the exit code: 0, or that of an interruption. */
export async function keep({ folder, made, idle, start }: KeeperOptions): Promise<number> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const paths = files(folder);
  if (!takesOver(paths.pid)) return Exit.pass; // another keeper started first
  return interruptible(async (resources) => {
    for (const old of [paths.home, paths.run, paths.socket]) rmSync(old, { recursive: true, force: true });
    writeFileSync(paths.made, made);
    resources.defer(async () => {
      for (const ours of [paths.home, paths.run, paths.socket, paths.made, paths.pid])
        rmSync(ours, { recursive: true, force: true });
    });
    return new Keeper(start, resources).serve(paths.socket, idle);
  });
}

/** Of several keepers only one runs: the one whose process id is in the file. */
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

type Lending = Exclude<Request, { ask: "stop" }>;

class Keeper {
  readonly #start: KeeperOptions["start"];
  readonly #resources: AsyncDisposableStack;
  #kept: Promise<Kept> | undefined;
  /** The end of the current command: the next one waits for it. */
  #turn: Promise<void> = Promise.resolve();
  #commands = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(start: KeeperOptions["start"], resources: AsyncDisposableStack) {
    this.#start = start;
    this.#resources = resources;
  }

  /** Serves commands until one of them stops the keeper, or none has connected for this many seconds. */
  serve(path: string, idle: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const wait = () => {
        this.#timer = setTimeout(() => resolve(0), idle * 1000);
      };
      const server = createServer((socket) => {
        socket.on("error", () => {}); // the reader sees the end of the connection
        clearTimeout(this.#timer);
        if (++this.#commands > 1)
          tell(socket, { say: "waiting for another command to finish with the stand-in" });
        this.#turn = this.#turn
          .then(() => this.#command(socket, () => resolve(0)))
          .catch(reject)
          .finally(() => {
            if (--this.#commands === 0) wait();
          });
      });
      this.#resources.defer(async () => void server.close());
      wait();
      server.once("error", reject).listen(path, () => chmodSync(path, 0o600));
    });
  }

  /** Serves one command from connect to disconnect. If it acted, restores the stand-in's state afterwards. */
  async #command(socket: Socket, stop: () => void): Promise<void> {
    let acted: Lending | undefined;
    try {
      for await (const request of requests(socket)) {
        if (request.ask === "stop") {
          await this.#kept?.catch(() => {});
          tell(socket, { stopped: true });
          return stop();
        }
        const answer = await this.#answer(request, progressTo(socket));
        if ("leased" in answer && request.acts) acted = request;
        tell(socket, answer);
      }
    } catch (error) {
      tell(socket, failure(error));
    } finally {
      socket.end();
    }
    // A failure here is only logged: the next command restores the state again and reports the error.
    if (acted)
      await this.#bring(acted, silent).catch((error: unknown) =>
        console.error(printable(String((error as Error).stack ?? error))),
      );
  }

  async #answer(request: Lending, progress: Progress): Promise<Answer> {
    const began = performance.now();
    try {
      const { states, browser } = await this.#started(progress);
      const there = states.now === request.state && states.has(request.state, request.builder);
      const restored = request.ask === "reset" || !there ? await this.#bring(request, progress) : [];
      return { leased: { run: states.run, browser }, restored, ms: Math.round(performance.now() - began) };
    } catch (error) {
      return failure(error);
    }
  }

  async #bring({ state, builder }: Lending, progress: Progress): Promise<readonly string[]> {
    return (await this.#started(progress)).states.to(state, builder, progress);
  }

  /** The stand-in, started at the first request. If the start fails, the next command tries again. */
  async #started(progress: Progress): Promise<Kept> {
    this.#kept ??= this.#starting(progress);
    try {
      return await this.#kept;
    } catch (error) {
      this.#kept = undefined;
      throw error;
    }
  }

  async #starting(progress: Progress): Promise<Kept> {
    const own = new AsyncDisposableStack();
    this.#resources.use(own);
    try {
      return await this.#start(own, progress);
    } catch (error) {
      await own.disposeAsync();
      throw error;
    }
  }
}

function failure(error: unknown): Answer {
  const { message, exitCode = Exit.bug } = error as Error & { exitCode?: number };
  return { error: message, exitCode };
}

/** Reports the keeper's progress to the command that it works for. */
function progressTo(socket: Socket): Progress {
  const say = (text: string) => tell(socket, { say: text });
  return {
    ...{ detail: "normal", say, note: say, trace: () => {}, asking: (work) => work() },
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
