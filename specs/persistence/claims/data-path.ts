// Where in its container Portainer keeps its data, and what is mounted there.
import { posix } from "node:path";
import { CannotTell, problem } from "../../../fixtures/errors.ts";

/** What the last of Portainer's options for the directory of its data says; null without one. */
export function dataOption(command: readonly string[]): string | null {
  const given = command.flatMap((word, at) => {
    if (word === "--data" || word === "-d") return command[at + 1] ?? "";
    return /^(?:--data=|-d)(.*)$/s.exec(word)?.[1] ?? [];
  });
  return given.at(-1) ?? null;
}

/** Where in the container Portainer keeps its data. @throws CannotTell if its option names no path. */
export function dataPathOf(option: string | null | undefined): string {
  if (!option) return "/data";
  if (!option.startsWith("/"))
    throw new CannotTell(problem("Portainer's option --data is not an absolute path", "docker inspect"));
  return posix.resolve(option);
}

/** The mount that holds a path of the container: the one at the path, or the nearest above it. */
export function nearest<M>(path: string, mounts: readonly M[], at: (mount: M) => string): M | undefined {
  const own = mounts.filter((mount) => path === at(mount) || path.startsWith(`${at(mount)}/`));
  return own.sort((one, other) => at(other).length - at(one).length)[0];
}
