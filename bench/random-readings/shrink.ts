// The smallest text that still shows a difference: whole files, lines and words are left out while it stays.
import type { Difference, Files } from "./kinds.ts";

/** How many texts are tried at most. */
const limit = 400;

/** Leaves out what the difference does not need. `differs` returns the difference that files show, if any. */
export async function shrink(
  files: Files,
  found: Difference,
  differs: (files: Files) => Promise<Difference | undefined>,
): Promise<{ readonly files: Files; readonly difference: Difference }> {
  let best = { files, difference: found };
  let tries = 0;
  const keeps = async (smaller: Files) => {
    if (tries++ >= limit) return false;
    const difference = await differs(smaller).catch(() => undefined);
    if (!difference || !alike(difference, found)) return false;
    best = { files: smaller, difference };
    return true;
  };
  for (const name of Object.keys(files)) {
    const { [name]: _, ...others } = best.files;
    if (Object.keys(others).length > 0) await keeps(others);
  }
  for (const separator of ["\n", " ", ","])
    for (const name of Object.keys(best.files)) {
      for (let size = half(best.files[name], separator); size >= 1; size = Math.floor(size / 2))
        for (let at = 0; at < parts(best.files[name], separator).length; ) {
          const left = parts(best.files[name], separator).toSpliced(at, size);
          if (!(await keeps({ ...best.files, [name]: left.join(separator) }))) at += size;
        }
    }
  return best;
}

/** A text that one side refuses is another find than one that both read. */
const alike = (one: Difference, other: Difference) =>
  refuses(one.ours) === refuses(other.ours) && refuses(one.theirs) === refuses(other.theirs);
const refuses = (said: string) => /^(?:\w+: )?refused/.test(said);

const parts = (text: string | undefined, separator: string) => (text ?? "").split(separator);
const half = (text: string | undefined, separator: string) => Math.ceil(parts(text, separator).length / 2);
