// The archive of an audit bundle: a plain tar with sorted names and fixed times, so that the same files give the same bytes.
import { extract, pack } from "tar-stream";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { quoteWord } from "../../fixtures/quote.ts";

/** The files of a bundle, by name. */
export type BundleFiles = ReadonlyMap<string, Buffer>;

/** Nobody needs a larger one, and a reader holds it in memory. */
export const archiveLimit = 512 * 1024 * 1024;
const mostFiles = 10_000;
/** What every program can unpack everywhere, below the folder that it is unpacked in. */
const name = /^(?!.*(?:^|\/)\.)[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+){0,7}$/;

/** Whether a file may have this name in a bundle. */
export const isName = (text: string): boolean => text.length <= 99 && name.test(text);

/** The archive. @throws Error for a name that no bundle may have, which is a bug in the suite. */
export async function archiveOf(files: BundleFiles): Promise<Buffer> {
  const archive = pack();
  for (const [file, content] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (!isName(file))
      throw new Error(`This is a bug in the suite: no file of a bundle may be named ${file}`);
    const header = { name: file, mode: 0o644, mtime: new Date(0), uid: 0, gid: 0, uname: "", gname: "" };
    archive.entry(header, content);
  }
  archive.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of archive) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** What an archive holds. */
export interface Opened {
  readonly files: BundleFiles;
  /** Whether each byte of the archive is as `archiveOf` writes it, also those between the files. */
  readonly canonical: boolean;
}

/** Reads an archive into memory. @throws BadInput if it is none, or has a file that no bundle may have. */
export async function openArchive(bytes: Buffer, file: string): Promise<Opened> {
  const refuse = (what: string) =>
    new BadInput(problem(`${file} is no audit bundle: ${what}`, `tar -tvf ${quoteWord(file)} | head`));
  if (bytes.length > archiveLimit) throw refuse(`it is larger than ${archiveLimit / 1024 / 1024} MiB`);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    throw new BadInput(problem(`${file} is compressed`, `gunzip ${quoteWord(file)}`));
  const files = new Map<string, Buffer>();
  const reader = extract();
  reader.on("error", () => {}); // the iteration throws it
  reader.end(bytes);
  try {
    for await (const entry of reader) {
      const bad = reasonAgainst(entry.header, files);
      if (bad !== undefined) throw refuse(bad);
      const pieces: Buffer[] = [];
      for await (const piece of entry) pieces.push(piece as Buffer);
      files.set(entry.header.name, Buffer.concat(pieces));
    }
  } catch (error) {
    throw error instanceof BadInput ? error : refuse((error as Error).message);
  }
  if (files.size === 0) throw refuse("it holds no file");
  return { files, canonical: (await archiveOf(files)).equals(bytes) };
}

function reasonAgainst(
  header: {
    readonly name: string;
    readonly type?: string | null | undefined;
    readonly size?: number | undefined;
  },
  files: BundleFiles,
): string | undefined {
  const shown = JSON.stringify(header.name.slice(0, 120));
  if (header.type !== "file")
    return `${shown} is a ${header.type ?? "thing of an unknown type"}, and not a file`;
  if (!isName(header.name)) return `no file of a bundle may be named ${shown}`;
  if (files.has(header.name)) return `it holds ${shown} twice`;
  if (files.size >= mostFiles) return `it holds more than ${mostFiles} files`;
  return (header.size ?? 0) > archiveLimit ? `${shown} is too large` : undefined;
}
