// How long the redactor takes for a long answer that comes in pieces of 64 KiB, by the number of secrets.
// node bench/redact.ts [MIB]
import { randomBytes } from "node:crypto";
import { Redactor, secret } from "../fixtures/evidence/redact.ts";

const mib = Number(process.argv[2] ?? 64);
const all: string[] = [];
console.log("| Secrets | Text | Time | Memory |\n| --- | --- | --- | --- |");
for (const count of [0, 10, 100, 1000]) {
  while (all.length < count) all.push(secret(randomBytes(18).toString("base64url")));
  let piece = "";
  for (let line = 0; piece.length < 2 ** 16; line += 1)
    piece += `level=INFO msg="request" status=200 bytes=1234 id=${(line % 10 === 0 && all[line % count]) || "none"}\n`;
  const began = performance.now();
  const redactor = new Redactor();
  for (let at = 0; at < mib * 16; at += 1) redactor.push(piece.slice(0, 2 ** 16));
  redactor.end();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(
    `| ${count} | ${mib} MiB | ${seconds} s | ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB |`,
  );
}
