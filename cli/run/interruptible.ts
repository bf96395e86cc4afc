// Work that can be broken off: whatever it acquired is given back before the process ends.

/**
 * Hands `work` a stack for what it acquires; at its end, or at Ctrl-C or SIGTERM, everything on it is given back.
 * @returns what `work` returned, or the exit code of an interruption: 130 or 143.
 */
export async function interruptible<T>(
  work: (resources: AsyncDisposableStack) => Promise<T>,
): Promise<T | number> {
  await using resources = new AsyncDisposableStack();
  const interrupted = new Promise<number>((resolve) => {
    const stop = (signal: NodeJS.Signals) => resolve(signal === "SIGINT" ? 130 : 143);
    process.on("SIGINT", stop).on("SIGTERM", stop);
    resources.defer(async () => void process.off("SIGINT", stop).off("SIGTERM", stop));
  });
  return await Promise.race([work(resources), interrupted]);
}
