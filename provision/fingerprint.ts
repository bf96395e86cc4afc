// What a plan saw of its target, as digests by name: enough to tell later whether, and where, the target moved.
import { createHash } from "node:crypto";
import type { Facts, FileFact } from "./facts.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** By name: a path for each file, a few words for what else was asked. */
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
  const told = Object.entries(guests).map(([name, text]) => [
    name,
    text === undefined ? "unseen" : sha256(text),
  ]);
  return Object.fromEntries([...Object.entries(files).map(([path, fact]) => [path, stateOf(fact)]), ...told]);
}

function stateOf(fact: FileFact): string {
  if (fact.kind === "absent") return "absent";
  return fact.kind === "directory" ? `directory ${fact.mode}` : `file ${fact.mode} ${sha256(fact.text)}`;
}

/** The names of everything that is not as the plan saw it. */
export function drift(
  then: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>>,
): string[] {
  return [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .filter((name) => then[name] !== now[name])
    .sort();
}
