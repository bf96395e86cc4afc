// Builds the HTML report of a run with Allure, and makes sure that the page sends no request to another host.
import { spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { ReportSettings } from "./config.ts";
import { keepHistory, readHistory } from "./history.ts";
import type { Files } from "./results.ts";

const generator = join(import.meta.dirname, "generate.ts");
/** Loaded before Allure: it ends with this process. */
const tie = pathToFileURL(join(import.meta.dirname, "../../fixtures/with-starter.ts")).href;
/** A report of some hundred requirements takes seconds. */
const limit = 120_000;

/** What to build, and where. */
export interface ReportRequest extends Pick<ReportSettings, "name" | "mayBeOpen"> {
  /** The results, as files. They are written to `allure-results/` in the folder, for any other Allure to read. */
  readonly files: Files;
  /** The folder: `report/index.html` is the page. Nothing is written anywhere else but in the history. */
  readonly dir: string;
  /** Files that results attach: their folder, and their names. */
  readonly attached?: readonly { readonly dir: string; readonly names: readonly string[] }[];
  /** The file with the earlier runs of the same target. */
  readonly history?: string;
}

/**
 * Builds `<dir>/report/index.html`, one file that opens from the disk, and returns its path. A history that can't be read is
 * left out, and begins again.
 * @throws Error if Allure fails, or if the page would still ask another host.
 */
export async function buildReport(request: ReportRequest): Promise<string> {
  const { files, name, mayBeOpen, attached = [], history } = request;
  const [report, results] = [resolve(request.dir, "report"), resolve(request.dir, "allure-results")];
  for (const folder of [report, results]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  for (const [file, body] of files) writeFileSync(join(results, file), body);
  for (const { dir, names } of attached)
    for (const file of names.filter((each) => basename(each) === each && existsSync(join(dir, each))))
      copyFileSync(join(dir, file), join(results, file));
  const own = history === undefined ? undefined : join(results, "..", "history.jsonl");
  if (own !== undefined && history !== undefined) writeFileSync(own, readHistory(history));
  await generate({ name, mayBeOpen, output: report, results, ...(own !== undefined && { history: own }) });
  if (own !== undefined && history !== undefined) keepHistory(own, history);
  for (const file of filesIn(report).filter((each) => extname(each) === ".html")) {
    writeFileSync(file, sealed(readFileSync(file, "utf8")));
  }
  const left = externalReferences(report);
  if (left.length > 0)
    throw new Error(`The report refers to other hosts:\n${left.map((line) => `  ${line}`).join("\n")}`);
  return join(report, "index.html");
}

/** Runs Allure with an empty environment, so that no setting of this machine changes the result. */
function generate(settings: ReportSettings & { readonly results: string }): Promise<void> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, ["--import", tie, generator], {
      cwd: settings.results,
      env: {},
      stdio: ["pipe", "pipe", "pipe"],
      timeout: limit,
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        said += text;
      });
    child.stdin.on("error", () => {}).end(JSON.stringify(settings));
    child.on("error", reject).on("close", (code) => {
      if (code === 0) done();
      else reject(new Error(`Allure ended with exit code ${code}\n${said.trim()}`));
    });
  });
}

const policy =
  "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; object-src 'none'; form-action 'none'; base-uri 'self'";

/** The page without Allure's analytics, and with a policy by which the browser refuses requests to other hosts. */
export function sealed(html: string): string {
  const script = /<script\b[^>]*>[\s\S]*?<\/script>/g;
  const clean = html.replace(script, (text) => (analytics.test(text.slice(0, 1000)) ? "" : text));
  return clean.replace("<head>", `<head><meta http-equiv="Content-Security-Policy" content="${policy}">`);
}

const analytics = /googletagmanager\.com\/|google-analytics\.com\/|window\.dataLayer\s*=/;

/** References in the files of a folder that make a browser ask another host by itself. Plain links are not listed. */
export function externalReferences(dir: string): string[] {
  const pages = filesIn(dir).filter((file) =>
    [".html", ".js", ".mjs", ".css", ".svg"].includes(extname(file)),
  );
  return pages.flatMap((file) => {
    const text = readFileSync(file, "utf8");
    const inlined = [...text.matchAll(/data:text\/(?:javascript|css)[^,"']*;base64,([A-Za-z0-9+/=]+)/g)];
    const all = [text, ...inlined.map(([, code = ""]) => Buffer.from(code, "base64").toString("utf8"))];
    return all
      .flatMap((code) => reaching.flatMap((pattern) => code.match(pattern) ?? []))
      .map((hit) => `${file}: ${hit.slice(0, 120)}`);
  });
}

const reaching = [
  /<(?!a\b)[a-z]+\b[^>]{0,500}?\b(?:src|href|data|action)\s*=\s*["']?(?:https?:)?\/\/[^\s"'>]+/g,
  /\b(?:fetch|import|importScripts|sendBeacon|WebSocket|EventSource)\(\s*["'`](?:https?|wss?):\/\/[^"'`]+/g,
  /@import\s+(?:url\()?["']?(?:https?:)?\/\/[^"')]+|\burl\(\s*["']?https?:\/\/[^"')]+/g,
  /https?:\/\/[a-z.]*(?:googletagmanager|google-analytics)\.com[^"'`\s]*/g,
];

function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
