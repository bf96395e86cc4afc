// The check of one upstream: the addresses that nginx would send Portainer's requests to.
import { isIP } from "node:net";
import { type Deployment, upstreamOf } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell } from "../../../fixtures/errors.ts";
import { type Directive, named, place } from "../../../fixtures/evidence/parse/nginx.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import { visible } from "../../../fixtures/visible.ts";
import { check } from "../../claim.ts";

/**
 * The upstream exists once, and every server in it that nginx uses is Portainer's port on the docker host. Parameters
 * such as `max_fails` do not matter; `down` means that nginx never uses the server.
 * @throws CannotTell for a server by name, or an include that may add servers.
 */
export function upstreamCheck(
  level: Level,
  deployment: Deployment,
  directives: readonly Directive[],
  where: string,
): Check {
  const name = deployment.gateway.upstream;
  const wanted = upstreamOf(deployment);
  const blocks = named(directives, "upstream").filter(
    ({ args }) => args[0]?.toLowerCase() === name.toLowerCase(),
  );
  const servers = blocks.flatMap(({ block }) => named(block, "server"));
  const used = servers.filter(({ args }) => !args.slice(1).includes("down"));
  const wrong = used.find(({ args }) => args[0] !== wanted);
  const at = wrong ?? servers[0] ?? blocks[0];
  const at_ = at ? place(at) : where;
  const [include] = blocks.flatMap(({ block }) => named(block, "include"));
  if (include)
    throw new CannotTell(`${place(include)}: upstream ${name} includes another file, which may add servers`);
  const [address = ""] = wrong?.args ?? [];
  if (
    wrong &&
    /^[a-z0-9_-]+(\.[a-z0-9_-]+)*(:\d+)?$/i.test(address) &&
    isIP(address.replace(/:\d+$/, "")) === 0
  )
    throw new CannotTell(`${place(wrong)}: server ${address}: only the gateway can resolve that name`);
  const ok = blocks.length === 1 && used.length > 0 && wrong === undefined;
  // What stands in the block instead of servers shows a misspelt or invisible word.
  const others = (blocks[0]?.block ?? []).filter(
    ({ name: each }) => /server/.test(each) && each !== "server",
  );
  const found =
    servers.map(({ args }) => args.join(" ")).join(", ") ||
    (others[0]
      ? `no server, but "${visible(others[0].name)}"`
      : blocks[0]
        ? "no server"
        : `no upstream ${name}`);
  return check({
    level,
    where: at_,
    ok,
    expected: `upstream ${name}: server ${wanted}`,
    found: blocks.length > 1 ? `${blocks.length} upstreams ${name}: ${found}` : found,
    next:
      blocks.length > 1
        ? `keep one upstream ${name}`
        : used.length === 0 && servers.length > 0
          ? `remove "down" from server ${wanted}`
          : `set it to ${wanted}`,
  });
}
