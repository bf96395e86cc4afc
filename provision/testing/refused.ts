// For property tests: how an edit was refused, where a spot lies in a text (counted by itself), what was put in, and how long it took.
import { BadInput } from "../../fixtures/errors.ts";

/** Lines end at `\n` alone; columns are UTF-16 units, as editors count them. A byte order mark has no column. */
export function spot(text: string, offset: number): string {
  let [line, column] = [1, 1];
  for (let at = text.startsWith("\uFEFF") ? 1 : 0; at < offset; at++)
    [line, column] = text[at] === "\n" ? [line + 1, 1] : [line, column + 1];
  return `${line}:${column}`;
}

/** What `run` returns, or how it was refused; any other error is a bug and goes through. */
export function outcome<T>(file: string, run: () => T): { done: T } | { at: string; why: string } {
  try {
    return { done: run() };
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    const found = error.message.split(`${file}:`)[1]?.match(/^(\d+:\d+): (.*)/);
    if (!found) throw new Error(`refused without a place: ${error.message}`, { cause: error });
    return { at: found[1] ?? "", why: found[2] ?? "" };
  }
}

/** Whether `after` is `before` with one piece put in, and nothing else. */
export function onlyInserted(before: string, after: string): boolean {
  let [head, tail] = [0, 0];
  while (head < before.length && before[head] === after[head]) head++;
  while (tail < before.length && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return after.length > before.length && head + tail >= before.length;
}

/** How many seconds of a processor something took; a busy machine makes no difference. */
export function seconds(run: () => void): number {
  const before = process.cpuUsage();
  run();
  return process.cpuUsage(before).user / 1e6;
}
