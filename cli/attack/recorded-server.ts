// An SSH server on loopback that answers the probe with recorded evidence: whole, cut after some bytes, or as an attacker would.
import type { AddressInfo, Socket } from "node:net";
import ssh2 from "ssh2";
import type { EvidenceDocument } from "../../fixtures/evidence/document.ts";
import type { Answer } from "../../fixtures/evidence/fact.ts";
import { newKeyPair } from "../../fixtures/target/ssh/key-pair.ts";

/** What the server does with its next answer. */
export interface Trick {
  /** It closes the connection after so many bytes to the client, of everything that it sends. */
  readonly cutAfter?: number;
  /** What it sends in the place of the answer; for ever, if it is a function that never gives undefined. */
  readonly instead?: (answer: string, piece: number) => string | undefined;
  /** The exit code; none: it ends without one. */
  readonly code?: number | "none";
  /** It sends nothing more, and does not end. */
  readonly silent?: boolean;
  /** It waits so long before it answers. */
  readonly pauseMs?: number;
}

export interface RecordedServer extends AsyncDisposable {
  readonly port: number;
  readonly hostKey: string;
  /** A private key that signs in; any does. */
  readonly clientKey: string;
  trick: Trick;
  /** Bytes that the last connection has sent. */
  readonly sent: () => number;
}

export async function recordedServer({ places }: EvidenceDocument): Promise<RecordedServer> {
  const key = newKeyPair();
  let trick: Trick = {};
  let sent = () => 0;
  const sockets = new Set<Socket>();
  const server = new ssh2.Server({ hostKeys: [key.private] }, (client) => {
    client.on("authentication", (asked) => asked.accept());
    client.on("error", () => {});
    client.on("session", (accept) => {
      accept().on("exec", (acceptExec, _, { command }) => {
        const channel = acceptExec();
        channel.on("error", () => {});
        let script = "";
        channel.on("data", (text: Buffer) => (script += text));
        const answered = () => {
          const nonce = /^nonce=(\w+)/m.exec(script)?.[1];
          const answer = nonce === undefined ? "" : answerFor(places, nonce);
          // Our client drops what a login shell prints before this mark.
          const mark = `${/begin-[0-9a-f]{16}/.exec(command)?.[0] ?? ""}\n`;
          channel.write(mark);
          channel.stderr.write(mark);
          const end = () => {
            if (trick.silent) return;
            if (trick.code !== "none") channel.exit(trick.code ?? 0);
            channel.end();
          };
          if (!trick.instead || nonce === undefined) {
            channel.write(answer);
            return end();
          }
          const { instead } = trick;
          const send = (piece: number): void => {
            const text = instead(answer, piece);
            if (text === undefined || channel.destroyed) end();
            else if (channel.write(text)) setImmediate(send, piece + 1);
            else channel.once("drain", () => send(piece + 1));
          };
          send(0);
        };
        channel.on("end", () => setTimeout(answered, trick.pauseMs ?? 0));
      });
    });
  });
  // The server's own class hides its sockets, and a cut is one of a socket.
  const listening = (server as unknown as { _srv: import("node:net").Server })._srv;
  listening.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    sent = () => socket.bytesWritten;
    const { cutAfter } = trick;
    if (cutAfter === undefined) return;
    const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
    let left = cutAfter;
    socket.write = ((piece: Uint8Array, ...rest: unknown[]) => {
      if (piece.length <= left) {
        left -= piece.length;
        return write(piece, ...rest);
      }
      write(piece.subarray(0, left));
      left = 0;
      socket.destroySoon();
      return false;
    }) as typeof socket.write;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = listening.address() as AddressInfo;
  return {
    ...{ port, hostKey: key.public.split(" ").slice(0, 2).join(" "), clientKey: newKeyPair().private },
    get trick() {
      return trick;
    },
    set trick(next) {
      trick = next;
    },
    sent: () => sent(),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** The whole answer of a hypervisor to the probe with this nonce; the guests' answers are inside. */
function answerFor(places: EvidenceDocument["places"], nonce: string): string {
  const of = (place: keyof typeof places): Record<string, Answer> => {
    const given = places[place];
    return "answers" in given ? { ...given.answers } : {};
  };
  const blank = { command: "x", code: 0, ms: 1, at: new Date(0).toISOString(), digest: "", err: "" };
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
