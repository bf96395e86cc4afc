// A folder of this machine that can't be written is this machine's trouble, never a verdict.
import { BadInput, problem } from "../../fixtures/errors.ts";

const reasons: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  ENOTDIR: "a part of the path is no folder",
  EEXIST: "there is a file of that name",
};

/** Does the work. @throws BadInput, exit code 3, if the disk is full or may not be written. */
export function writable<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const reason = reasons[(cause as NodeJS.ErrnoException).code ?? ""];
    if (reason === undefined) throw cause;
    throw new BadInput(problem(`Can't write ${what}: ${reason}`, "df -h; ls -ld FOLDER"), { cause });
  }
}
