// Runs one of our scripts in a Node process of its own and writes its output to a log.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { diskTrouble } from "../../fixtures/disk.ts";
import { CannotTell, problem } from "../../fixtures/errors.ts";
import { hearSecrets, secretsFolder } from "../../fixtures/evidence/kept-secrets.ts";
import { redacting } from "../../fixtures/evidence/redact.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { toType } from "../../fixtures/quote.ts";

/** The project folder: the working directory of our scripts. */
export const project = join(import.meta.dirname, "../..");

/** Arguments for Node: the program ends with this process. */
export const withStarter = ["--import", pathToFileURL(join(project, "fixtures", "with-starter.ts")).href];

export interface Child {
  /** Writes the text to its standard input, which stays open. */
  readonly send: (text: string) => void;
  /** Writes the text to its standard input and closes it. */
  readonly closeInput: (text?: string) => void;
  /** Its exit code. @throws CannotTell if a signal ended it, BadInput if its log can't be written. */
  readonly ended: Promise<number>;
  /** Ends it, if it has not ended: it cleans up, and this waits for it. */
  readonly stop: () => Promise<void>;
}

const interruptions: readonly number[] = [Exit.hungUp, Exit.interrupted, Exit.terminated];

/** Where a script writes. */
export interface ChildPlace {
  /** Gets its output, without the secrets of the run. */
  readonly log: string;
  /** The private folder of the run, for temporary files and the secrets that its processes use. None for a run of its own. */
  readonly privateFolder?: string;
  /** Called with each line of its output, for progress only. */
  readonly hear?: (line: string) => void;
}

/** Starts a script, which ends with this process, and appends its output to `log`. Its standard input stays open until `closeInput` is called. */
export function startChild(
  argv: readonly string[],
  environment: Readonly<Record<string, string>>,
  { log, privateFolder, hear: hearLine }: ChildPlace,
): Child {
  const file = createWriteStream(log, { flags: "a", mode: 0o600 });
  const inside = privateFolder === undefined ? { PHOENIX_SECRETS: undefined } : placesIn(privateFolder);
  const hear = privateFolder === undefined ? () => {} : hearSecrets(secretsFolder(privateFolder));
  const child = spawn(process.execPath, [...withStarter, ...argv], {
    cwd: project,
    env: { ...process.env, ...inside, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const written = Promise.all(
    [child.stdout, child.stderr].map((stream) => {
      const clean = stream.pipe(redacting(hear));
      clean.pipe(file, { end: false });
      if (hearLine) createInterface({ input: clean }).on("line", hearLine);
      file.once("error", () => clean.resume());
      return once(clean, "end");
    }),
  );
  child.stdin.on("error", () => {}); // it has already ended: its exit code tells how
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    file.once("error", (error) => {
      child.kill("SIGTERM");
      reject(diskTrouble(error) ?? error);
    });
    child.once("close", (code, signal) => {
      void written.then(() => {
        file.end();
        if (code !== null && !interruptions.includes(code)) return resolve(code);
        const what = argv.slice(0, 3).join(" ");
        reject(
          new CannotTell(problem(`Ended by a signal (${signal ?? code}): ${what}`, toType`less ${log}`)),
        );
      });
    });
  });
  ended.catch(() => {}); // the caller awaits it and gets the error
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGTERM");
    await ended.catch(() => {});
  };
  return {
    ...{ send: (text) => child.stdin.write(text), closeInput: (text = "") => child.stdin.end(text) },
    ...{ ended, stop },
  };
}

/** Variables for a program of a run: a killed one leaves its temporary files, a browser's too, where the run is removed. */
function placesIn(privateFolder: string): Record<string, string> {
  const temporary = join(privateFolder, "tmp");
  mkdirSync(temporary, { recursive: true, mode: 0o700 });
  return {
    TMPDIR: temporary,
    PHOENIX_SECRETS: secretsFolder(privateFolder),
    // Kept from run to run, where Playwright has it by default.
    PLAYWRIGHT_TRANSFORM_CACHE_DIR: join(tmpdir(), `playwright-transform-cache-${process.getuid?.()}`),
  };
}
