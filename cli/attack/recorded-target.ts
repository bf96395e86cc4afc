// A target that is a server with recorded answers: what connects to it asks nothing of any other machine.
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EvidenceDocument } from "../../fixtures/evidence/document.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import { actions, type Target } from "../../fixtures/target/inventory.ts";
import { type RecordedServer, recordedServer } from "./recorded-server.ts";

/** Starts the server, passes it to `work` with the target that it is, and a private folder with the target's key; then ends it. */
export async function onRecordedTarget<T>(
  document: EvidenceDocument,
  target: Target,
  work: (server: RecordedServer, own: Target, folder: string) => Promise<T>,
): Promise<T> {
  const folder = privateFolder(tmpdir(), "phoenix-attack-server");
  try {
    await using server = await recordedServer(document);
    const privateKeyFile = join(folder, "key");
    writeFileSync(privateKeyFile, server.clientKey, { mode: 0o600 });
    const { port, hostKey } = server;
    const ssh = { host: "127.0.0.1", port, user: "root", privateKeyFile, hostKey };
    // No client's question goes to another machine: the name of the service is this one's, at a port where nothing answers.
    const service = target.deployment.portainer.host;
    const resolve = Object.fromEntries([80, 443].map((at) => [`${service}:${at}`, "127.0.0.1:1"]));
    // Whoever acts is answered nonsense, and must end as well.
    return await work(server, { ...target, ssh, resolve, allows: [...actions] }, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
