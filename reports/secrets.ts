// Searches everything that a run wrote for secrets, as plain text and in the encodings that artifacts use.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Needles } from "../fixtures/evidence/needles.ts";
import { redact, secret } from "../fixtures/evidence/redact.ts";
import { unpack } from "./archive.ts";

/** A secret that was found: its name, never its value, and its encoding. */
export interface Leak {
  /** Relative to the searched folder; the part after `!` is an entry of an archive. */
  readonly file: string;
  readonly secret: string;
  readonly form: string;
}

/** A secret: its name for the report, and its value. */
export interface Secret {
  readonly name: string;
  readonly value: string;
}

interface Needle {
  readonly secret: string;
  readonly form: string;
  readonly bytes: Buffer;
}

/**
 * Searches every file in `dir`, and every entry of zip and gzip archives, also nested ones; a secret of several lines, line
 * by line too. Call it after the run, before anything is published.
 * @throws Error for a secret that is too short to search for, or an archive that cannot be read.
 */
export function scanForSecrets(dir: string, secrets: readonly Secret[]): Leak[] {
  const all = secrets.flatMap((one) => [one, ...(one.value.includes("\n") ? linesOf(one) : [])]);
  const needles = all.flatMap(encodings);
  const anyOf = new Needles(needles.map(({ bytes }) => bytes.toString("latin1")));
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .flatMap((file) => search(relative(dir, file), readFileSync(file), { needles, anyOf }, 4));
}

/** What is searched for: each needle by itself, and whether there is any at all, which one pass tells. */
interface Wanted {
  readonly needles: readonly Needle[];
  readonly anyOf: Needles;
}

function search(file: string, bytes: Buffer, wanted: Wanted, depth: number): Leak[] {
  const own = hasAny(file, bytes, wanted.anyOf) ? leaksIn(file, bytes, wanted.needles) : [];
  const inner = depth > 0 ? unpack(file, bytes) : [];
  const all = [...own, ...inner.flatMap(([name, content]) => search(name, content, wanted, depth - 1))];
  return all.filter((leak, index) => all.findIndex((other) => same(leak, other)) === index);
}

const hasAny = (file: string, bytes: Buffer, anyOf: Needles) =>
  anyOf.isIn(bytes.toString("latin1")) || anyOf.isIn(Buffer.from(file).toString("latin1"));

function leaksIn(file: string, bytes: Buffer, needles: readonly Needle[]): Leak[] {
  const hidden = needles.reduce(
    (name, needle) => name.replaceAll(needle.bytes.toString(), `[${needle.secret}]`),
    file,
  );
  const found = needles.filter(
    (needle) => file.includes(needle.bytes.toString()) || bytes.includes(needle.bytes),
  );
  return found.map(({ secret, form }) => ({ file: hidden, secret, form }));
}

const same = (a: Leak, b: Leak) => a.file === b.file && a.secret === b.secret && a.form === b.form;

/** The lines of a key, each of which gives it away. What all keys of a kind begin with is no secret. */
const linesOf = ({ name, value }: Secret): readonly Secret[] =>
  value
    .split("\n")
    .filter((line) => line.length >= 24 && !/^(?:-----|b3BlbnNzaC1rZXktdjE)/.test(line))
    .map((line) => ({ name: `a line of ${name}`, value: line }));

/** As text, as quoted in JSON, HTML and URLs, in hex, and in base64 at each of the three possible offsets. */
function encodings({ name, value }: Secret): Needle[] {
  if (value.length < 6)
    throw new Error(`The secret "${name}" is too short to search for: ${value.length} characters`);
  const raw = Buffer.from(value);
  const html = value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const named: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  const forms: [string, string][] = [
    ["plain", value],
    ["JSON", JSON.stringify(value).slice(1, -1)],
    ["JSON", JSON.stringify(JSON.stringify(value).slice(1, -1)).slice(1, -1)],
    ["HTML", html],
    ["HTML", value.replace(/[&<>"']/g, (sign) => named[sign] ?? sign)],
    ["URL", encodeURIComponent(value)],
    ["URL", new URLSearchParams({ v: value }).toString().slice(2)],
    ["hex", raw.toString("hex")],
    ["hex", raw.toString("hex").toUpperCase()],
    ...[0, 1, 2].flatMap((offset): [string, string][] => [
      ["base64", core(raw, offset, "base64")],
      ["base64url", core(raw, offset, "base64url")],
    ]),
  ];
  const needles = forms.map(([form, text]) => ({ secret: name, form, bytes: Buffer.from(text) }));
  return needles.filter(
    ({ bytes }, index) => needles.findIndex((other) => other.bytes.equals(bytes)) === index,
  );
}

/** The part of a base64 text that depends only on the secret, if it starts `offset` bytes into a group of three. */
function core(raw: Buffer, offset: number, encoding: "base64" | "base64url"): string {
  const text = Buffer.concat([Buffer.alloc(offset), raw])
    .toString(encoding)
    .replace(/=+$/, "");
  const first = Math.ceil((offset * 8) / 6);
  return text.slice(first, Math.floor(((offset + raw.length) * 8) / 6));
}

/**
 * Removes the secrets from every text that a run wrote, in each encoding: text that a test typed into a page is a step in its
 * result. Call it before a report is built from these texts; `scanForSecrets` then checks the result.
 */
export function removeSecrets(dir: string, secrets: readonly Secret[]): void {
  for (const { value } of secrets) secret(value);
  for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(json|log|md|txt|html)$/.test(entry.name)) continue;
    const file = join(entry.parentPath, entry.name);
    const text = readFileSync(file, "utf8");
    const clean = redact(text);
    if (clean !== text) writeFileSync(file, clean);
  }
}
