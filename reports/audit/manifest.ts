// The list of a bundle's files with their digests, as `sha256sum` writes and checks it.
import { createHash } from "node:crypto";
import type { BundleFiles } from "./archive.ts";

export const manifestName = "MANIFEST.sha256";
export const signatureName = `${manifestName}.sig`;

/** SHA-256 in hex. */
export const digestOf = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

const isListed = (name: string) => name !== manifestName && name !== signatureName;

/** The text: one line a file, sorted. It lists neither itself nor its signature. */
export function manifestOf(files: BundleFiles): string {
  const names = [...files.keys()].filter(isListed).toSorted((a, b) => (a < b ? -1 : 1));
  return names.map((name) => `${digestOf(files.get(name) ?? "")}  ${name}\n`).join("");
}

/** What differs between a manifest and the files beside it. */
export interface Difference {
  readonly file: string;
  readonly what: "touched" | "added" | "missing";
}

/** Every difference, by name. A line that can't be read differs as the manifest itself. */
export function differences(manifest: string, files: BundleFiles): Difference[] {
  const lines = manifest.split("\n");
  const ended = lines.pop() === "";
  const listed = new Map<string, string>();
  let readable = ended;
  for (const line of lines) {
    const [, digest, name] = /^([0-9a-f]{64}) {2}(\S+)$/.exec(line) ?? [];
    if (digest === undefined || name === undefined || listed.has(name)) readable = false;
    else listed.set(name, digest);
  }
  const found: Difference[] = readable ? [] : [{ file: manifestName, what: "touched" }];
  for (const [name, digest] of listed) {
    const content = files.get(name);
    if (content === undefined) found.push({ file: name, what: "missing" });
    else if (digestOf(content) !== digest) found.push({ file: name, what: "touched" });
  }
  for (const name of files.keys())
    if (isListed(name) && !listed.has(name)) found.push({ file: name, what: "added" });
  return found.toSorted((a, b) => (a.file < b.file ? -1 : 1));
}
