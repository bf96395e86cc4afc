// The earlier runs of one target, as Allure keeps them: one line of JSON a run. Each target has its own file.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RunTarget } from "../run/run.ts";
import { identityOf } from "./results.ts";

const limit = 64 * 1024 * 1024;

/** The file with a target's history, in a folder. Two targets never share one, also if they have the same name. */
export function historyFile(folder: string, target: RunTarget): string {
  const identity = identityOf(target);
  const digest = createHash("sha256").update(identity).digest("hex").slice(0, 12);
  return join(folder, `${target.target.replaceAll(/[^A-Za-z0-9_-]/g, "_").slice(0, 60)}-${digest}.jsonl`);
}

/** The lines that can be read: a damaged one, or a file that is none or too large, is left out. It is no part of a verdict. */
export function readHistory(file: string): string {
  let text: string;
  try {
    if (statSync(file).size > limit) return "";
    text = readFileSync(file, "utf8");
  } catch {
    return "";
  }
  const lines = text.split("\n").filter((line) => {
    try {
      return typeof (JSON.parse(line) as { testResults?: unknown }).testResults === "object";
    } catch {
      return false;
    }
  });
  return lines.map((line) => `${line}\n`).join("");
}

/** Puts the new history in the place of the old one, at once. Of two runs that end together, one line may be lost. */
export function keepHistory(from: string, file: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.${process.pid}.part`, readFileSync(from));
  renameSync(`${file}.${process.pid}.part`, file);
}
