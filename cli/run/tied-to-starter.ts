// Global setup of a test runner that must not outlive the process that started it, since its tests act on a real target: it
// waits for the signal, and stops all tests as Ctrl-C does once standard input ends.
import { startSignal } from "./wait-for-start-signal.ts";

/** Waits for the signal. @throws Error if standard input ends without it: then there is nothing to judge. */
export default async function tiedToStarter(): Promise<void> {
  const { stdin } = process;
  const heard = Promise.withResolvers<void>();
  let received = "";
  stdin.setEncoding("utf8").on("data", (piece: string) => {
    received += piece;
    if (received.includes(startSignal)) heard.resolve();
  });
  stdin.on("end", () => {
    if (received.includes(startSignal)) process.kill(process.pid, "SIGINT");
    else heard.reject(new Error("the run ended before there was anything to judge"));
  });
  await heard.promise;
  // Waiting for more input does not keep the runner alive when its tests have ended.
  (stdin as { unref?: () => void }).unref?.();
}
