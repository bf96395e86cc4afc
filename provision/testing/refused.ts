// For property tests: how an edit was refused, the position of an offset (computed independently), and CPU time.
import { BadInput } from "../../fixtures/errors.ts";

/** `line:column` of an offset. Lines end only at `\n`; columns are UTF-16 units. A byte order mark has no column. */
export function spot(text: string, offset: number): string {
  let [line, column] = [1, 1];
  for (let at = text.startsWith("\uFEFF") ? 1 : 0; at < offset; at++)
    [line, column] = text[at] === "\n" ? [line + 1, 1] : [line, column + 1];
  return `${line}:${column}`;
}

/** What `run` returns, or how it was refused; any other error is a bug and is thrown. */
export function outcome<T>(file: string, run: () => T): { done: T } | { at: string; why: string } {
  try {
    return { done: run() };
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    const found = error.message.split(`${file}:`)[1]?.match(/^(\d+:\d+): (.*)/);
    if (!found) throw new Error(`refused without a position: ${error.message}`, { cause: error });
    return { at: found[1] ?? "", why: found[2] ?? "" };
  }
}

/** Whether `after` is `before` with one piece inserted, and no other change. */
export function onlyInserted(before: string, after: string): boolean {
  let [head, tail] = [0, 0];
  while (head < before.length && before[head] === after[head]) head++;
  while (tail < before.length && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return after.length > before.length && head + tail >= before.length;
}

/** The CPU time of `run` in seconds, which does not depend on the load of the machine. */
export function seconds(run: () => void): number {
  const before = process.cpuUsage();
  run();
  return process.cpuUsage(before).user / 1e6;
}
