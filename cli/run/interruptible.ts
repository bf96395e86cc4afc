// Work that can be interrupted: everything it acquired is cleaned up before the process ends.
import { exitCodeOfSignal } from "../../fixtures/exit-codes.ts";

/**
 * Gives `work` a stack for the resources that it acquires. When it ends, or on Ctrl-C or SIGTERM, all of them are disposed of.
 * @returns what `work` returned, or the exit code of the interruption.
 */
export async function interruptible<T>(
  work: (resources: AsyncDisposableStack) => Promise<T>,
): Promise<T | number> {
  await using resources = new AsyncDisposableStack();
  const interrupted = new Promise<number>((resolve) => {
    const stop = (signal: NodeJS.Signals) => resolve(exitCodeOfSignal(signal));
    process.on("SIGINT", stop).on("SIGTERM", stop);
    resources.defer(async () => void process.off("SIGINT", stop).off("SIGTERM", stop));
  });
  return await Promise.race([work(resources), interrupted]);
}
