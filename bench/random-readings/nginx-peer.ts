// Runs in a network namespace of its own: starts nginx with a configuration, asks it, and tells what it answered.
// Each line of its input is { "folder", "asked": [Asked] }; each line of its output { "refused" } or { "dump", "answers" }.
// nginx listens where it likes; the upstreams at 9001 to 9003 tell what they got.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, request as plain } from "node:http";
import { request as secure } from "node:https";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface Asked {
  readonly scheme: "http" | "https";
  readonly address: string;
  readonly port: number;
  readonly host: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The length of the body; none without it. */
  readonly body?: number;
}

/** What an upstream got. */
export interface Echo {
  readonly upstream: number;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly location?: string;
  readonly body: string;
  readonly echo?: Echo;
  /** No HTTP response: why. */
  readonly closed?: string;
}

export interface Ran {
  readonly refused?: string;
  readonly dump?: string;
  readonly answers?: readonly Answered[];
}

spawnSync("ip", ["link", "set", "lo", "up"]);
for (const upstream of [9001, 9002, 9003]) {
  const server = createServer((got, answer) => {
    got.resume();
    const { method, url: target, rawHeaders } = got;
    const headers: Record<string, string> = {};
    // Node.js itself drops some headers that come twice.
    for (const [at, word] of rawHeaders.entries())
      if (at % 2 === 0) {
        const [name, before] = [word.toLowerCase(), headers[word.toLowerCase()]];
        headers[name] =
          before === undefined ? (rawHeaders[at + 1] ?? "") : `${before}, ${rawHeaders[at + 1]}`;
      }
    answer.setHeader("x-echo", encodeURIComponent(JSON.stringify({ upstream, method, target, headers })));
    answer.end("echo");
  });
  server.listen(upstream, "127.0.0.1");
  await once(server, "listening");
}

function ask({ scheme, address, port, host, method, target, headers, body }: Asked): Promise<Answered> {
  const text = body === undefined ? undefined : "x".repeat(body);
  return new Promise((done) => {
    const options = {
      ...{ host: address, port, method, path: target, agent: false, timeout: 5000 },
      headers: { host, ...headers, ...(text !== undefined && { "content-length": String(text.length) }) },
      ...(scheme === "https" && { rejectUnauthorized: false, servername: host }),
    };
    const sent = (scheme === "https" ? secure : plain)(options, (response) => {
      let said = "";
      response.on("data", (piece) => (said += piece));
      response.on("error", () => done({ status: 0, body: "", closed: "cut" }));
      response.on("end", () => {
        const { location, "x-echo": echo } = response.headers;
        done({
          ...{ status: response.statusCode ?? 0, body: said },
          ...(location !== undefined && { location }),
          ...(typeof echo === "string" && { echo: JSON.parse(decodeURIComponent(echo)) as Echo }),
        });
      });
    });
    sent.on("upgrade", (_, socket) => {
      socket.destroy();
      done({ status: 101, body: "" });
    });
    sent.on("timeout", () => sent.destroy(new Error("timeout")));
    sent.on("error", (error) => done({ status: 0, body: "", closed: error.message }));
    sent.end(text);
  });
}

async function run(folder: string, asked: readonly Asked[]): Promise<Ran> {
  const conf = join(folder, "nginx.conf");
  const dumped = spawnSync("nginx", ["-T", "-q", "-c", conf, "-p", folder, "-e", join(folder, "error.log")], {
    encoding: "utf8",
  });
  if (dumped.status !== 0) return { refused: /\[emerg\].*/.exec(dumped.stderr)?.[0] ?? dumped.stderr };
  const child = spawn("nginx", ["-c", conf, "-p", folder, "-e", join(folder, "error.log")], {
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  try {
    for (const end = performance.now() + 10_000; performance.now() < end && child.exitCode === null; ) {
      const up = await ask({ ...probe });
      if (up.status === 204) break;
      await new Promise((done) => setTimeout(done, 5));
    }
    if (child.exitCode !== null) return { refused: `nginx ended with ${child.exitCode}` };
    const answers: Answered[] = [];
    for (const one of asked) answers.push(await ask(one));
    return { dump: dumped.stdout, answers };
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

const probe: Asked = {
  ...{ scheme: "http", address: "127.0.0.1", port: 9000, host: "probe", method: "GET", target: "/" },
  headers: {},
};

for await (const line of createInterface({ input: process.stdin })) {
  const { folder, asked } = JSON.parse(line) as { folder: string; asked: readonly Asked[] };
  process.stdout.write(`${JSON.stringify(await run(folder, asked))}\n`);
}
process.exit();
