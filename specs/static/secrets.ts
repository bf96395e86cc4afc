// Whether something in a tree's files looks like a secret: the probe's own search, on a copy.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Answer } from "../../fixtures/evidence/fact.ts";
import type { Files, Unanswered } from "../../fixtures/evidence/from-tree.ts";
import { run } from "./run.ts";

const script = fileURLToPath(new URL("../../fixtures/evidence/probe/secrets.sh", import.meta.url));

/** What the probe's search says of every file; it names places alone. `folder` is ours, and holds the copy. */
export async function lookForSecrets(files: Files, folder: string): Promise<Answer | Unanswered> {
  for (const [path, text] of files) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o600 });
  }
  // No file holds an administrator's password that is known beforehand: there is no administrator yet.
  const ran = await run("sh", [script, "tree", "all", join(folder, "none"), folder]);
  if (!ran) return { unknown: "there is no sh here" };
  const out = ran.out.replaceAll(`${folder}/`, "");
  return { command: "the search for secrets", code: ran.code, out, err: ran.err, ms: 0, at: "", digest: "" };
}
