// The record of a run: each phoenix-cli command with its exit code and output, and each command that it ran in a guest.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { maskTexts } from "../../fixtures/evidence/mask-text.ts";
import type { AgentResult, Said } from "../journal/journal.ts";
import type { Meta } from "../journal/meta.ts";
import { numberOf } from "../journal/pack.ts";

export interface GuestExec {
  readonly argv: readonly string[];
  readonly code: number;
  /** The output of qm, unparsed. */
  readonly answer: string;
}

export interface CommandRecord {
  readonly argv: readonly string[];
  readonly code: number;
  readonly ms: number;
  /** The last 200 lines of output. */
  readonly output: string;
  readonly guestExecs: readonly GuestExec[];
}

export interface RunRecord {
  readonly at: string;
  /** The digest of the plan. */
  readonly digest: string;
  readonly literal: boolean;
  /** The command-line arguments that select steps. */
  readonly choice: readonly string[];
  readonly steps: Meta["steps"];
  /** In order: the step, and what was done. */
  readonly changes: readonly { readonly step: string; readonly says: string }[];
  readonly commands: readonly CommandRecord[];
}

/** The record of a journal entry, from its agent's log and saved output, without the secrets that commands printed. */
export function recordOf(meta: Meta, said: readonly Said[], { out, execs }: AgentResult): RunRecord {
  const { at, digest, literal, choice, steps } = meta;
  const commands = meta.changes.flatMap(({ argv }, index): CommandRecord[] => {
    const number = numberOf(index);
    const ended = said.find(
      (each) => (each.event === "made" || each.event === "failed") && each.number === number,
    );
    if (!argv || (ended?.event !== "made" && ended?.event !== "failed")) return [];
    const code = ended.event === "failed" ? ended.code : 0;
    const guestExecs = (execs.get(number) ?? "").split("\n").filter(Boolean).map(readExec);
    return [{ argv, code, ms: ended.ms, output: (out.get(number) ?? "").trimEnd(), guestExecs }];
  });
  const changes = meta.changes.map(({ step, says }) => ({ step, says }));
  return maskTexts({ at, digest, literal, choice, steps, changes, commands });
}

function readExec(line: string): GuestExec {
  const [code = "", argv = "", answer = ""] = line.split(" ");
  const decode = (base64: string) => Buffer.from(base64, "base64").toString("utf8");
  return { argv: decode(argv).split("\0").slice(0, -1), code: Number(code), answer: decode(answer) };
}

/** Writes the record of a run for the judge, if the user asked for one. */
export function writeRecord(file: string | undefined, record: RunRecord): void {
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
}
