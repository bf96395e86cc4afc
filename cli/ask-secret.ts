// Asks for a secret on the terminal without showing what is typed.
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { Refused } from "../fixtures/errors.ts";
import { printable } from "../fixtures/printable.ts";

/** Asks on standard error. @throws Refused if the user ends the input instead of answering. */
export function askSecret(question: string): Promise<string> {
  const silent = new Writable({ write: (_piece, _encoding, done) => done() });
  process.stderr.write(printable(question));
  const asked = createInterface({ input: process.stdin, output: silent, terminal: true });
  return new Promise((resolve, reject) => {
    let answered = false;
    asked.once("line", (line) => {
      answered = true;
      asked.close();
      resolve(line);
    });
    asked.once("SIGINT", () => asked.close());
    asked.once("close", () => {
      process.stderr.write("\n");
      if (!answered) reject(new Refused("No pass phrase was given. Nothing was done."));
    });
  });
}
