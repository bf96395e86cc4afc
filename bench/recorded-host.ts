// An SSH server that answers the probe with recorded evidence, after a pause: many hosts that need few resources.
// node bench/recorded-host.ts EVIDENCE PAUSE_MS    prints its port and its host key as one line of JSON
import { readFileSync } from "node:fs";
import ssh2 from "ssh2";
import type { EvidenceDocument } from "../fixtures/evidence/document.ts";
import type { Answer } from "../fixtures/evidence/fact.ts";
import { newKeyPair } from "../fixtures/target/ssh/key-pair.ts";

const [file = "", pause = "300"] = process.argv.slice(2);
const { places } = JSON.parse(readFileSync(file, "utf8")) as EvidenceDocument;
const of = (place: keyof typeof places): Record<string, Answer> => {
  const given = places[place];
  return "answers" in given ? { ...given.answers } : {};
};

const key = newKeyPair();
const server = new ssh2.Server({ hostKeys: [key.private] }, (client) => {
  client.on("authentication", (asked) => asked.accept());
  client.on("error", () => {});
  client.on("session", (acceptSession) => {
    acceptSession().on("exec", (acceptExec) => {
      const channel = acceptExec();
      let script = "";
      channel.on("data", (text: Buffer) => (script += text));
      channel.on("end", () =>
        setTimeout(() => {
          channel.write(answerFor(/^nonce=(\w+)/m.exec(script)?.[1] ?? ""));
          channel.exit(0);
          channel.end();
        }, Number(pause)),
      );
    });
  });
});
server.listen(0, "127.0.0.1", () => {
  const [type, value] = key.public.split(" ");
  console.log(
    JSON.stringify({ port: (server.address() as { port: number }).port, hostKey: `${type} ${value}` }),
  );
});

/** The whole answer of a hypervisor to the probe with this nonce; the guests' answers are inside. */
function answerFor(nonce: string): string {
  const blank = { command: "x", code: 0, ms: 1, at: new Date().toISOString(), digest: "", err: "" };
  const inside = { exitcode: 0, exited: 1, "out-data": frame(of("docker-host"), nonce) };
  return frame(
    {
      ...of("hypervisor"),
      "guest gateway": { ...blank, out: frame(of("gateway"), nonce) },
      "guest docker-host": { ...blank, out: JSON.stringify(inside) },
    },
    nonce,
  );
}

function frame(answers: Record<string, Answer>, nonce: string): string {
  const files = Object.entries(answers).flatMap(([name, { command, out, err, code, ms, at }], index) =>
    Object.entries({
      argv: `${name}\0${command}\0`,
      ...{ out, err, end: `${code} ${Math.max(0, ms)} ${Date.parse(at)}` },
    }).map(([kind, text]) => ({ path: `${index + 1}.${kind}`, bytes: Buffer.from(text) })),
  );
  const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const sizes = [...files.map(({ path, bytes }) => `${bytes.length} ${path}\n`), `${total} total\n`].join("");
  const content = Buffer.concat([Buffer.from(sizes), ...files.map(({ bytes }) => bytes)]).toString("base64");
  return `begin ${nonce}\n${content}\nend ${nonce}\n`;
}
