// A connection to a target that can be cut, as when a cable is pulled: a relay on this machine.
import { createServer, type Socket, connect as toTarget } from "node:net";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";

export interface Cuttable {
  readonly hypervisor: Hypervisor;
  /** Ends every connection through the relay, in both directions, without a protocol message. */
  readonly cut: () => void;
}

/** Connects to the target through its own relay. */
export async function cuttable(target: Target): Promise<Cuttable> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const other = toTarget({ host: target.ssh.host, port: target.ssh.port, noDelay: true });
    for (const socket of [client, other]) sockets.add(socket.on("error", () => {}));
    client.pipe(other).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const hypervisor = await connect({ ...target, ssh: { ...target.ssh, host: "127.0.0.1", port } });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  const close = async () => {
    await hypervisor.close();
    cut();
  };
  return { hypervisor: { ...hypervisor, close, [Symbol.asyncDispose]: close }, cut };
}
