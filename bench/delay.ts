// A TCP proxy on loopback that delays each direction: half the round trip each way, in order, without limiting the rate.
import { writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import type { Target } from "../fixtures/target/inventory.ts";

/** Starts a proxy to `to` on a free port, which it returns. The round trip takes `ms` longer. */
export function delayed(
  to: { host: string; port: number },
  ms: number,
): Promise<{ port: number; server: Server }> {
  const server = createServer({ noDelay: true }, (client) => {
    const remote = connect({ ...to, noDelay: true });
    later(client, remote, ms / 2);
    later(remote, client, ms / 2);
  });
  return new Promise((resolve) =>
    server.listen(0, "127.0.0.1", () =>
      resolve({ port: (server.address() as { port: number }).port, server }),
    ),
  );
}

/** An inventory whose one target is `target` behind proxies: its SSH server, and each address of `resolve`. */
export async function delayedTarget(target: Target, ms: number, folder: string) {
  const servers: Server[] = [];
  const through = async (host: string, port: number) => {
    const proxy = await delayed({ host, port }, ms);
    servers.push(proxy.server);
    return proxy.port;
  };
  const port = await through(target.ssh.host, target.ssh.port);
  const resolve: Record<string, string> = {};
  for (const [asked, to] of Object.entries(target.resolve)) {
    const [host = "", own = ""] = to.split(":");
    resolve[asked] = `127.0.0.1:${await through(host, Number(own))}`;
  }
  const { name, deployment, ...entry } = target;
  writeFileSync(join(folder, "deployment.json"), JSON.stringify(deployment));
  const own = { ssh: { ...entry.ssh, host: "127.0.0.1", port }, resolve, deployment: "deployment.json" };
  const inventory = join(folder, `inventory-${ms}.json`);
  writeFileSync(inventory, JSON.stringify({ targets: { [name]: { ...entry, ...own } } }));
  const close = () => {
    for (const server of servers) server.close();
  };
  return { inventory, port, resolve, close };
}

function later(from: Socket, into: Socket, ms: number): void {
  from.on("data", (piece) => setTimeout(() => into.writable && into.write(piece), ms));
  from.on("end", () => setTimeout(() => into.end(), ms));
  from.on("error", () => into.destroy());
  from.on("close", () => setTimeout(() => into.destroy(), ms + 1_000));
}
