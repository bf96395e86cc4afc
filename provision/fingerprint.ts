// The fingerprint of a target: digests by name, from which a later command finds out what has changed since.
import { createHash } from "node:crypto";
import type { Facts, FileFact } from "./facts.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Digests by name: the path of each file, and a short description of each other fact. */
export function fingerprint({
  deployment,
  files,
  firewall,
  gateway,
  dockerHost,
}: Facts): Record<string, string> {
  const guests = {
    "the firewall's state": firewall,
    "the gateway": gateway ? "runs" : "does not run",
    "the gateway's site": gateway?.site,
    "the gateway's certificate": gateway?.names,
    "the docker host": dockerHost ? "runs" : "does not run",
    "the docker host's /etc/fstab": dockerHost?.fstab,
    "the docker host's mounts": dockerHost?.mounts
      .split("\n")
      .filter((line) => line.includes(deployment.volume.mountPoint))
      .join("\n"),
    "the docker host's stacks": dockerHost?.stacks.join("\n"),
  };
  const digests = Object.entries(guests).map(([name, text]) => [
    name,
    text === undefined ? "unseen" : sha256(text),
  ]);
  return Object.fromEntries([
    ...Object.entries(files).map(([path, fact]) => [path, stateOf(fact)]),
    ...digests,
  ]);
}

function stateOf(fact: FileFact): string {
  if (fact.kind === "absent") return "absent";
  return fact.kind === "directory" ? `directory ${fact.mode}` : `file ${fact.mode} ${sha256(fact.text)}`;
}

/** The names of everything that has changed since the fingerprint `then`. */
export function drift(
  then: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): string[] {
  return [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .filter((name) => then[name] !== now[name])
    .sort();
}
