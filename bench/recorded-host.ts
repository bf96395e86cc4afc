// A host that answers the probe with recorded evidence, after a pause: many hosts that need few resources.
// node bench/recorded-host.ts EVIDENCE PAUSE_MS    prints its port and its host key as one line of JSON
import { readFileSync } from "node:fs";
import { recordedServer } from "../cli/attack/recorded-server.ts";
import type { EvidenceDocument } from "../fixtures/evidence/document.ts";

const [file = "", pauseMs = "300"] = process.argv.slice(2);
const server = await recordedServer(JSON.parse(readFileSync(file, "utf8")) as EvidenceDocument);
server.trick = { pauseMs: Number(pauseMs) };
console.log(JSON.stringify({ port: server.port, hostKey: server.hostKey }));
