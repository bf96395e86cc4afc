// Tells people of a night: a webhook and a command, each with the night's document. Bounded in time, tries and size.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { request } from "undici";
import { counted } from "../../fixtures/counted.ts";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { redact, secret } from "../../fixtures/evidence/redact.ts";
import { toType } from "../../fixtures/quote.ts";
import { reasonOf } from "../../fixtures/reason.ts";

/** Who is told. */
export interface Telling {
  /** A program: it gets the document on its standard input, and the headline as its argument. */
  readonly command?: string;
  /** An address that the document is posted to. It is a secret: whoever knows it can post. */
  readonly webhook?: string;
  /** Signs the body: header `x-phoenix-signature: sha256=HEX`, HMAC with this key. */
  readonly key?: string;
  /** Milliseconds between tries. */
  readonly pauses?: readonly number[];
  /** Milliseconds for one try. */
  readonly limit?: number;
}

/** Who was told, or why not. */
export interface Told {
  readonly to: "command" | "webhook";
  readonly trouble?: string;
}

/** Reads an address or a key from a file, and registers it as a secret. @throws BadInput if it can't be used. */
export function secretFrom(file: string, what: string): string {
  let text: string;
  try {
    if (statSync(file).size > 4096) throw new Error("it is larger than 4096 bytes");
    text = readFileSync(file, "utf8").trim();
  } catch (cause) {
    const why = reasonOf(cause);
    throw new BadInput(problem(`Can't read ${what} from ${file}: ${why}`, toType`ls -l ${file}`), { cause });
  }
  if (text === "" || /\s/.test(text))
    throw new BadInput(
      problem(`${file} holds no ${what}: expected one line without blanks`, toType`wc ${file}`),
    );
  return secret(text);
}

/** Checks an address. @throws BadInput if it is none, or sends the document in clear text to another machine. */
export function asWebhook(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const loopback = url && /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url?.protocol === "https:" || (url?.protocol === "http:" && loopback)) return text;
  throw new BadInput(
    problem(`${from} holds no address of a webhook: expected https://…, or http:// on this machine alone`),
  );
}

/** Tells all. Never throws: what went wrong is in the answer. */
export async function tell(document: { readonly headline: string }, to: Telling): Promise<Told[]> {
  const body = redact(JSON.stringify(document));
  const all: Promise<Told>[] = [];
  if (to.webhook !== undefined) all.push(result("webhook", post(to.webhook, body, to)));
  if (to.command !== undefined) all.push(result("command", run(to.command, body, document.headline)));
  return Promise.all(all);
}

async function result(to: Told["to"], work: Promise<string | undefined>): Promise<Told> {
  const trouble = await work.catch(reasonOf);
  return { to, ...(trouble !== undefined && { trouble: redact(trouble) }) };
}

/** Posts until it is taken, at most four times. Returns why it was not. */
async function post(url: string, body: string, { key, ...how }: Telling): Promise<string | undefined> {
  const { pauses = [1_000, 5_000, 25_000], limit = 10_000 } = how;
  const headers = {
    "content-type": "application/json",
    "user-agent": "phoenix-acceptance",
    ...(key !== undefined && {
      "x-phoenix-signature": `sha256=${createHmac("sha256", key).update(body).digest("hex")}`,
    }),
  };
  for (let tries = 1; ; tries++) {
    const said = await postOnce(url, body, headers, limit);
    if (said === undefined) return undefined;
    const wait = pauses[tries - 1];
    if (!said.again || wait === undefined) return `${said.why} (${counted(tries, "try", "tries")})`;
    await pause(wait);
  }
}

async function postOnce(
  url: string,
  body: string,
  headers: Record<string, string>,
  limit: number,
): Promise<{ readonly why: string; readonly again: boolean } | undefined> {
  try {
    const signal = AbortSignal.timeout(limit);
    const answer = await request(url, { method: "POST", headers, body, signal });
    await answer.body.dump({ limit: 65_536, signal });
    const { statusCode: status } = answer;
    if (status >= 200 && status < 300) return undefined;
    return { why: `it answers ${status}`, again: status >= 500 || status === 408 || status === 429 };
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException;
    const why = name === "TimeoutError" ? `no answer within ${limit} ms` : (code ?? reasonOf(error));
    return { why, again: true };
  }
}

/** Runs the program without a shell, at most one minute. Returns why it failed. */
function run(program: string, body: string, headline: string): Promise<string | undefined> {
  return new Promise((done) => {
    const child = spawn(program, [redact(headline)], { stdio: ["pipe", "ignore", "pipe"], timeout: 60_000 });
    let said = "";
    child.stderr.on("data", (piece) => (said = `${said}${piece}`.slice(-2_000)));
    child.stdin.on("error", () => {}); // a program that does not read it is fine
    child.once("error", (error) => done(`it can't be started: ${reasonOf(error)}`));
    child.once("close", (code, signal) => {
      if (code === 0) return done(undefined);
      const last = said.trim().split("\n").at(-1) ?? "";
      done(
        `${signal ? `it was ended after a minute (${signal})` : `exit code ${code}`}${last && `: ${last}`}`,
      );
    });
    child.stdin.end(body);
  });
}
