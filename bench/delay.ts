// A TCP proxy on loopback that delays each direction: half the round trip each way, in order, without limiting the rate.
import { connect, createServer, type Server, type Socket } from "node:net";

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

function later(from: Socket, into: Socket, ms: number): void {
  from.on("data", (piece) => setTimeout(() => into.writable && into.write(piece), ms));
  from.on("end", () => setTimeout(() => into.end(), ms));
  from.on("error", () => into.destroy());
  from.on("close", () => setTimeout(() => into.destroy(), ms + 1_000));
}
