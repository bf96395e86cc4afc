// Configurations of nginx, beside what a real nginx does with them: where a request goes, and with what.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { plainEnvironment } from "../../fixtures/confine.ts";
import { type Directive, NginxSyntax, named } from "../../fixtures/evidence/parse/nginx.ts";
import { parseDump } from "../../fixtures/evidence/parse/nginx-dump.ts";
import { type Answer, NotFollowed, type Proxied } from "../../fixtures/readings/nginx/request.ts";
import { resolve } from "../../fixtures/readings/nginx/resolve.ts";
import { headerSent } from "../../fixtures/readings/nginx/settings.ts";
import { findProgram } from "../../fixtures/setup/packages.ts";
import type { Kind, Result } from "./kinds.ts";
import type { Answered, Asked, Ran } from "./nginx-peer.ts";
import { nginxFiles } from "./nginx-text.ts";

/** What every configuration needs here: no daemon, files of its own, and a server that tells when nginx is up. */
const frame = `daemon off; master_process off; pid nginx.pid;
events {}
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server { listen 127.0.0.1:9000; return 204; }
  include http.conf;
}
`;

export const nginx = (program: string): Kind => {
  let peer: Peer | undefined;
  const share = { asked: 0, followed: 0 };
  return {
    name: "nginx",
    absent: () => {
      if (!findProgram([program], plainEnvironment.PATH))
        return `there is no ${program}: apt-get install nginx`;
      return spawnSync("unshare", ["-n", "ip", "link", "set", "lo", "up"]).status === 0
        ? undefined
        : "it needs a network namespace of its own: run it as root";
    },
    make: nginxFiles,
    compare: async (folder) => {
      peer ??= new Peer();
      writeFileSync(join(folder, "nginx.conf"), frame);
      for (const name of ["cert.pem", "key.pem"]) writeFileSync(join(folder, name), peer.certificate(name));
      return difference(await peer.run(folder), share);
    },
    close: () => {
      peer?.close();
      if (share.asked > 0)
        console.log(`nginx: ours followed ${share.followed} of ${share.asked} requests to their end`);
    },
  };
};

/** nginx and its upstreams, in a network namespace of their own. */
class Peer {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  readonly #room = mkdtempSync(join(tmpdir(), "phoenix-readings-nginx-"));

  constructor() {
    const made = spawnSync(
      "openssl",
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=a.test -keyout key.pem -out cert.pem`.split(
        " ",
      ),
      { cwd: this.#room, encoding: "utf8" },
    );
    if (made.status !== 0) throw new Error(`openssl: ${made.stderr}`);
    const script = join(import.meta.dirname, "nginx-peer.ts");
    this.#child = spawn("unshare", ["-n", process.execPath, script], { stdio: "pipe" });
    this.#child.stderr.resume();
    this.#lines = createInterface({ input: this.#child.stdout });
  }

  certificate(name: string): string {
    return readFileSync(join(this.#room, name), "utf8");
  }

  async run(folder: string): Promise<Ran> {
    const line = once(this.#lines, "line", { signal: AbortSignal.timeout(120_000) });
    this.#child.stdin.write(`${JSON.stringify({ folder, asked: requests })}\n`);
    const [text] = await line;
    return JSON.parse(text) as Ran;
  }

  close(): void {
    this.#child.stdin.end();
    this.#child.kill();
    rmSync(this.#room, { recursive: true, force: true });
  }
}

const get = (target: string, more: Partial<Asked> = {}): Asked => ({
  ...{ scheme: "http", address: "127.0.0.1", port: 80, host: "a.test", method: "GET", target },
  ...more,
  headers: { connection: "close", ...more.headers },
});
const socket = { connection: "Upgrade", upgrade: "websocket" };

/** The requests of the plan, to several names, addresses and ports, and paths that are easily misread. */
const requests: readonly Asked[] = [
  get("/"),
  get("/api/users?limit=1"),
  get("/", { port: 443, scheme: "https" }),
  get("/api/users?limit=1", { port: 443, scheme: "https" }),
  get("/api/websocket/exec?id=1", { port: 443, scheme: "https", headers: socket }),
  get("/api/websocket/attach?id=1", { headers: socket }),
  get("/api/stacks", { method: "POST", body: 1500 }),
  get("/api/stacks/1", { method: "PUT", body: 5000 }),
  get("/api/stacks/1", { method: "DELETE" }),
  get("/", { method: "HEAD" }),
  get("/", { host: "b.a.test" }),
  get("/a", { host: "c.test" }),
  get("/", { host: "x.c.test" }),
  get("/", { host: "unknown.test" }),
  get("/api/users", { host: "A.Test" }),
  get("/", { port: 8080 }),
  get("/", { port: 8080, host: "b.a.test" }),
  get("/", { address: "::1" }),
  get("/api/", { address: "127.0.0.2" }),
  get("/", { port: 443 }),
  get("/", { host: "b.a.test", port: 443, scheme: "https" }),
  ..."/api /api/ /a /a/ /a/b /A /x/../a //api//users /a%20b /static/app.js /old/x?y=1 /a?b=c&x=1 /.well-known/x /api/%75sers /a/./b /api;v=1"
    .split(" ")
    .map((target) => get(target)),
];

function difference(ran: Ran, share: { asked: number; followed: number }): Result {
  if (ran.refused !== undefined || ran.dump === undefined) return "refused";
  let tree: readonly Directive[];
  try {
    tree = parseDump(ran.dump);
  } catch (error) {
    if (error instanceof NginxSyntax) return { ours: `refused: ${error.message}`, theirs: "runs" };
    throw error;
  }
  let unknown = false;
  for (const [at, asked] of requests.entries()) {
    const theirs = ran.answers?.[at];
    if (theirs === undefined) continue;
    const answer = resolve(tree, { ...asked, client: asked.address === "::1" ? "::1" : "127.0.0.1" });
    share.asked++;
    const own = answer.kind === "unknown" ? undefined : expected(answer, asked, tree);
    if (own === undefined) {
      unknown = true;
      continue;
    }
    share.followed++;
    const other = shown(theirs, asked, answer);
    if (!agree(own, other)) return { ours: `${told(asked)}: ${own}`, theirs: `${told(asked)}: ${other}` };
  }
  return unknown ? "unknown" : "same";
}

/** The same, where a group of several upstreams may have sent it to any of them. */
function agree(own: string, other: string): boolean {
  const [, ports = "", rest] = /^proxy (\S+) (.*)$/s.exec(own) ?? [];
  return own === other || ports.split("|").some((port) => other === `proxy ${port} ${rest}`);
}

const told = ({ method, scheme, host, port, target, address }: Asked) =>
  `${method} ${scheme}://${host}:${port}${target} at ${address}`;

/** The headers that are compared, with what the client sent. */
const compared = [
  "host",
  "x-id",
  "x-real-ip",
  "x-forwarded-proto",
  "upgrade",
  "connection",
  "x-empty",
  "x-set",
  "x-forwarded-for",
];

/** What our reading says; undefined if a part of it is unknown. */
function expected(
  answer: Exclude<Answer, { kind: "unknown" }>,
  asked: Asked,
  tree: readonly Directive[],
): string | undefined {
  switch (answer.kind) {
    case "closed":
      return "closed";
    case "files":
      return `files ${answer.status ?? 200}`;
    case "return": {
      const { status, body } = answer;
      if (status === 444) return "closed";
      if (status >= 300 && status < 400) return `${status} ${body}`;
      return status === 200 && asked.method !== "HEAD" ? `${status} ${body}` : `${status}`;
    }
    case "proxy":
      return proxied(answer, asked, tree);
  }
}

function proxied(answer: Proxied, asked: Asked, tree: readonly Directive[]): string | undefined {
  try {
    const headers = compared.map((name) => `${name}=${headerSent(answer, name, sentOf(name, asked)).value}`);
    if (answer.pass.scheme !== "http") return undefined;
    const { pass, method, status = 200 } = answer;
    return `proxy ${portsOf(pass.upstream, tree)} ${method} ${pass.sent} ${status} ${headers.join(" ")}`;
  } catch (error) {
    if (error instanceof NotFollowed) return undefined;
    throw error;
  }
}

const sentOf = (name: string, { headers }: Asked) => headers[name] ?? "";

/** The ports of an upstream's servers, or of an address. */
function portsOf(upstream: string, tree: readonly Directive[]): string {
  const http = named(tree, "http").flatMap(({ block }) => block ?? []);
  const group = named(http, "upstream").find(({ args }) => args[0]?.toLowerCase() === upstream);
  const alive = named(group?.block, "server").filter(({ args }) => !args.includes("down"));
  const first = alive.filter(({ args }) => !args.includes("backup"));
  const addresses = group ? (first.length > 0 ? first : alive).map(({ args }) => args[0] ?? "") : [upstream];
  return [...new Set(addresses.map((address) => /:(\d+)$/.exec(address)?.[1] ?? "80"))].sort().join("|");
}

/** What nginx did, in the same words. */
function shown(theirs: Answered, asked: Asked, answer: Answer): string {
  const { status, location, body, echo, closed } = theirs;
  if (closed !== undefined) return "closed";
  // A request without TLS to a port with TLS: no HTTP of the server.
  if (answer.kind === "closed" && status === 400) return "closed";
  if (echo) {
    const headers = compared.map((name) => `${name}=${echo.headers[name] ?? ""}`);
    return `proxy ${echo.upstream} ${echo.method} ${echo.target} ${status} ${headers.join(" ")}`;
  }
  const missing = [301, 403, 404, 405];
  if (answer.kind === "files" && (status === (answer.status ?? 200) || missing.includes(status)))
    return `files ${answer.status ?? 200}`;
  if (status >= 300 && status < 400) return `${status} ${location ?? ""}`;
  return status === 200 && asked.method !== "HEAD" ? `${status} ${body}` : `${status}`;
}
