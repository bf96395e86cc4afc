#!/usr/bin/env node
// The entry of the command line: reads the environment, runs a command, and ends with its exit code.
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { CommanderError } from "commander";
import { diskTrouble } from "../fixtures/disk.ts";
import { engineTrouble } from "../fixtures/engine-trouble.ts";
import { BadInput, CannotTell, Refused } from "../fixtures/errors.ts";
import { keepSecrets } from "../fixtures/evidence/kept-secrets.ts";
import { redact, secret } from "../fixtures/evidence/redact.ts";
import { Exit } from "../fixtures/exit-codes.ts";
import { interrupt } from "../fixtures/interruptible.ts";
import { type Detail, lines, liveLine } from "../fixtures/progress.ts";
import { reasonOf } from "../fixtures/reason.ts";
import { endWithStarter } from "../fixtures/starter.ts";
import { forgetRepository } from "../fixtures/target/git-environment.ts";
import { setSurroundings } from "../fixtures/target/surroundings.ts";
import { visible } from "../fixtures/visible.ts";
import { visibleLines } from "../fixtures/visible-lines.ts";
import { asTyped } from "./as-typed.ts";
import { askSecret } from "./ask-secret.ts";
import { buildProgram } from "./program.ts";
import { Screen } from "./screen.ts";

const { env, stdout, stderr } = process;
// The set-up before us takes its time, in which what started it may end.
endWithStarter("SIGTERM", env.PHOENIX_STARTER ? { parent: Number(env.PHOENIX_STARTER) } : {});
delete env.PHOENIX_STARTER;
// A hook's own repository is not the one that is judged.
forgetRepository(env);
const typed = asTyped(env.PHOENIX_COMMAND || undefined);
const screen = new Screen(stdout, stderr);
const print = (text: string) => screen.print(typed(text));
const printError = (text: string) => screen.printError(redact(typed(text)));
const printLine = (line: string) => printError(`${line}\n`);
let detail: Detail = "normal";
// A log is no terminal, and neither is what CI or a dumb terminal shows: there each line stays.
const live = stderr.isTTY === true && !env.CI && env.TERM !== "dumb";
const line = { show: (text: string) => screen.show(redact(typed(text))), hold: () => screen.hold() };
const progress = live ? liveLine(printLine, line, () => detail) : lines(printLine, () => detail);
setSurroundings({
  environment: (name) => env[name],
  onSecret: secret,
  onCommand: ({ where, command, ms, end }) =>
    progress.trace(
      visible(`    ${where}: ${command.replaceAll(/\s+/g, " ")}: ${end}, ${(ms / 1000).toFixed(2)} s`),
    ),
  ...(process.stdin.isTTY && { ask: (question: string) => progress.asking(() => askSecret(question)) }),
});
// Docker's libraries read these too, each in its own way: they get what was read here.
const { DOCKER_HOST: dockerHost, DOCKER_TLS_VERIFY: verify } = env;
const dockerTls = verify ? resolve(env.DOCKER_CERT_PATH || join(homedir(), ".docker")) : undefined;
for (const name of ["DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"]) delete env[name];
if (dockerTls !== undefined) Object.assign(env, { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: dockerTls });

let exitCode: number = Exit.pass;
let unwritten: Error | undefined;
// Whoever reads may go away before the end, as `head` does. A file that takes no more is another matter.
for (const stream of [stdout, stderr])
  stream.on("error", (error) => {
    unwritten ??= diskTrouble(error);
  });
// An error in a stream or a timer: what was started is cleaned up all the same.
process.on("uncaughtException", (error) => {
  const code = explain(error);
  if (!interrupt(code)) process.exit(code);
});

// Whoever has started us for a run masks what we use.
if (env.PHOENIX_SECRETS) keepSecrets(env.PHOENIX_SECRETS);

const program = buildProgram(
  {
    hostEnvironment: {
      path: env.PATH ?? "/usr/bin:/bin",
      dockerHost: dockerHost || undefined,
      dockerTls,
      cacheHome: env.XDG_CACHE_HOME || undefined,
      output: env.PHOENIX_OUTPUT || undefined,
      keepRuns: env.PHOENIX_KEEP_RUNS || undefined,
      keepEngine: env.PHOENIX_KEEP_ENGINE === "1",
      vm: "lxc",
    },
    progress,
    show: (wanted) => {
      detail = wanted;
    },
    print,
    printError,
    colour: stdout.isTTY === true && !env.NO_COLOR,
    width: Math.max(stdout.columns ?? 120, 80),
  },
  (code) => {
    exitCode = code;
  },
);

try {
  await program.parseAsync();
} catch (error) {
  exitCode = explain(error);
}
screen.show("");
// Output to a pipe is written later, and what is not written yet would be lost.
await Promise.all(
  [stdout, stderr].map((stream) => new Promise<void>((done) => stream.write("", () => done()))),
);
process.exit(unwritten ? explain(unwritten) : exitCode);

/** Prints what went wrong, without a stack trace unless asked for, and returns the exit code for it. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.pass : Exit.badInput;
  const disk = diskTrouble(error) ?? diskTrouble((error as Error | undefined)?.cause);
  if (disk) return tell(disk);
  if (error instanceof BadInput || error instanceof CannotTell || error instanceof Refused)
    return tell(error);
  const engine = engineTrouble(error);
  if (engine) return tell(engine);
  const stack = error instanceof Error ? error.stack : undefined;
  const what = program.opts().debug
    ? (stack ?? reasonOf(error))
    : `${reasonOf(error)}\nNext:\n    the same command with --debug`;
  printError(`This is a bug in the suite: ${what}\n`);
  return Exit.bug;
}

/** Prints an expected error; with --debug, where its cause arose too. */
function tell({ message, exitCode: code, cause }: BadInput | CannotTell | Refused): number {
  printError(`${visibleLines(message)}\n`);
  if (program.opts().debug && cause instanceof Error)
    printError(`${visibleLines(cause.stack ?? reasonOf(cause))}\n`);
  return code;
}
