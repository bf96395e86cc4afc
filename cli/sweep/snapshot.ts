// A snapshot of everything in some folders, as text by path: content, mode, owner, link; for files also their time.
import { CannotTell } from "../../fixtures/errors.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";

export type Snapshot = ReadonlyMap<string, { readonly state: string; readonly time: string }>;

// $1…: the folders. .phoenix-full is the file with which the crash test fills a disk.
const script = `for root do
  [ -e "$root" ] || continue
  find "$root" ! -name .phoenix-full -printf '%y %m %u:%g %l %T@\\0%p\\0'
  find "$root" -type f ! -name .phoenix-full ! -path '/etc/pve/*.conf' -exec sha256sum -z {} +
  # Each converge of Phoenix takes its guest snapshots again: only their time differs.
  find "$root" -type f -path '/etc/pve/*.conf' | while IFS= read -r file; do
    printf '%s *%s\\0' "$(sed '/^snaptime:/d' "$file" | sha256sum | cut -d' ' -f1)" "$file"
  done
done`;

/** Takes a snapshot. @throws CannotTell if a folder cannot be read. */
export async function snapshot(hypervisor: Hypervisor, roots: readonly string[]): Promise<Snapshot> {
  const { code, out, err } = await hypervisor.script(script, roots);
  if (code !== 0) throw new CannotTell(`a folder could not be read: ${err.trim()}`);
  const found = new Map<string, { state: string; time: string }>();
  const words = out.split("\0");
  for (let at = 0; at < words.length - 1; at++) {
    const word = words[at] ?? "";
    const sum = /^([0-9a-f]{64}) [ *](.*)$/s.exec(word);
    if (sum) {
      const [, digest, path = ""] = sum;
      const entry = found.get(path);
      if (entry) entry.state += ` ${digest}`;
      continue;
    }
    const time = word.slice(word.lastIndexOf(" ") + 1);
    const path = words[++at] ?? "";
    // The time of a folder changes with its entries, and these are compared already.
    found.set(path, { state: word.slice(0, word.lastIndexOf(" ")), time: word.startsWith("d") ? "" : time });
  }
  return found;
}

/** The differences, one phrase per path. The times of `timeless` paths are not compared. */
export function differences(
  was: Snapshot,
  is: Snapshot,
  timeless: ReadonlySet<string> = new Set(),
): string[] {
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((path) => {
    const [old, now] = [was.get(path), is.get(path)];
    if (!old) return [`${path} is new`];
    if (!now) return [`${path} is gone`];
    if (old.state !== now.state) return [`${path} is ${now.state}, was ${old.state}`];
    return old.time === now.time || timeless.has(path) ? [] : [`${path} has another time`];
  });
}
