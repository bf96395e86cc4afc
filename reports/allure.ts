// Builds the HTML report of a run with Allure, and makes sure that the page sends no request to another host.
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const cli = join(import.meta.dirname, "../node_modules/allure/cli.js");
/** Loaded before Allure: it ends with this process. */
const tie = pathToFileURL(join(import.meta.dirname, "../fixtures/with-starter.ts")).href;
const config = join(import.meta.dirname, "allurerc.mjs");

/** What to build, and where. */
export interface ReportRequest {
  /** One folder of Allure results per phase. */
  readonly results: readonly string[];
  /** The folder of the run. The report goes into `report/` in it; nothing is written anywhere else. */
  readonly runDir: string;
  readonly name: string;
}

/**
 * Builds `<runDir>/report/index.html`, one file that opens from the disk, and returns its path.
 * @throws Error if Allure fails, or if the page would still ask another host.
 */
export async function buildReport({ results, runDir, name }: ReportRequest): Promise<string> {
  const report = resolve(runDir, "report");
  rmSync(report, { recursive: true, force: true });
  mkdirSync(runDir, { recursive: true });
  await allure(
    [
      "generate",
      ...results.map((dir) => resolve(dir)),
      ...["--config", config],
      "--output",
      report,
      "--name",
      name,
    ],
    runDir,
  );
  for (const file of filesIn(report).filter((each) => extname(each) === ".html")) {
    writeFileSync(file, sealed(readFileSync(file, "utf8")));
  }
  const left = externalReferences(report);
  if (left.length > 0)
    throw new Error(`The report refers to other hosts:\n${left.map((line) => `  ${line}`).join("\n")}`);
  return join(report, "index.html");
}

/** Runs Allure with an empty environment, so that no setting of this machine changes the result. */
function allure(args: readonly string[], cwd: string): Promise<void> {
  return new Promise((done, reject) => {
    const child = spawn(process.execPath, ["--import", tie, cli, ...args], {
      cwd,
      env: {},
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        said += text;
      });
    child.on("error", reject).on("close", (code) => {
      if (code === 0) done();
      else reject(new Error(`allure ${args[0]} ended with exit code ${code}\n${said.trim()}`));
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
