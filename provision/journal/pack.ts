// Packs a plan into a journal entry: one archive with everything that the target needs to apply it and roll it back alone.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pack as newPack } from "tar-stream";
import type { Change, RunCommand } from "../plan.ts";
import type { Meta } from "./meta.ts";

const read = (name: string) => readFileSync(join(import.meta.dirname, name), "utf8");
const agent = `${read("owned.sh")}${read("agent.sh")}`;
const recorder = read("qm-recorder.sh");

/** sha256 in hex, as sha256sum prints it. */
export const sha256 = (data: string | Uint8Array) => createHash("sha256").update(data).digest("hex");

/** The journal's number of the change at this index: `0001` for the first. */
export const numberOf = (index: number) => String(index + 1).padStart(4, "0");

/** The archive of an entry: its metadata, its agent, and each change with everything it needs. */
export async function pack(meta: Meta, changes: readonly Change[]): Promise<Buffer> {
  const files = new Map<string, string>([
    ["agent", agent],
    ["recorder/qm", recorder],
    ["plan.json", `${JSON.stringify(meta, null, 2)}\n`],
    ["is-applying", ""],
  ]);
  if (meta.confirmWithin > 0) files.set("unconfirmed", "");
  const seen = new Set<string>();
  for (const [index, change] of changes.entries()) {
    const folder = `changes/${numberOf(index)}.todo`;
    for (const [name, content] of Object.entries(partsOf(change))) files.set(`${folder}/${name}`, content);
    if (change.does === "run" || seen.has(change.path)) continue;
    seen.add(change.path);
    files.set(`${folder}/first`, "");
  }
  const archive = newPack();
  for (const [name, content] of files)
    archive.entry({ name, mode: name.startsWith("recorder/") ? 0o700 : 0o600 }, content);
  archive.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of archive) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

function partsOf(change: Change): Record<string, string> {
  const { does } = change;
  if (does === "make-directory") return { does, path: change.path, mode: change.mode, before: "absent" };
  if (does === "run") return { does, ...runParts(change) };
  const { path, before, after, mode } = change;
  const expected = before === undefined ? "absent" : sha256(before);
  return { does, "touches/1": path, before: expected, after, "left/1": sha256(after), mode };
}

function runParts({ script, args, undo, touches = [], phoenixCli, settles }: RunCommand) {
  const numbered = (folder: string, words: readonly string[]) =>
    Object.fromEntries(words.map((word, index) => [`${folder}/${numberOf(index)}`, word]));
  return {
    script,
    // Timeout: phoenix-cli may clone, boot and install; the suite's own commands do one thing in a guest.
    seconds: phoenixCli ? "3600" : "330",
    ...numbered("arguments", args),
    ...(undo && { undo: undo.script, ...numbered("undo-arguments", undo.args) }),
    ...numbered("touches", touches),
    ...(phoenixCli && { "phoenix-cli": "" }),
    ...(settles && { settles: "" }),
  };
}
