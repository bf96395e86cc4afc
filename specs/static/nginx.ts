// nginx's own check of sites that a tree declares, and of those that its scripts write: run here, on copies.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CannotTell, problem } from "../../fixtures/errors.ts";
import type { Answer } from "../../fixtures/evidence/fact.ts";
import { type Files, treeRoot } from "../../fixtures/evidence/from-tree.ts";
import { beginsAt } from "../../fixtures/evidence/parse/nginx.ts";
import type { Wrong } from "./judged.ts";

/** A site, and the line of its file on which it begins. */
interface Site {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

const declared = `${treeRoot}/etc/nginx/sites-available/vllm_gateway`;

/** What nginx says of the declared site, as the gateway's own nginx would be asked. */
export function nginxOfDeclared(files: Files, program: string | undefined): Answer | undefined {
  const text = files.get(declared);
  if (text === undefined || program === undefined) return undefined;
  let said: { code: number; err: string };
  try {
    said = ask(files, { file: declared, line: 1, text }, program);
  } catch (error) {
    // Said by the check of all sites, which can't ask either.
    if (error instanceof CannotTell) return undefined;
    throw error;
  }
  const { code, err } = said;
  return { command: `nginx -t of ${declared}`, code, ms: 0, at: "", digest: "", out: "", err };
}

/**
 * nginx accepts every site of the tree, in files and in what scripts write; the declared one has a requirement of its own.
 * @throws CannotTell where no nginx is installed.
 */
export function nginxOfSites(files: Files, program: string | undefined): Wrong[] {
  const all = [...inFiles(files), ...inScripts(files)];
  const sites = all.filter(({ file }) => file !== declared);
  if (all.length > 0 && program === undefined)
    throw new CannotTell(
      problem("nginx is not installed here", "apt-get install nginx-light libnginx-mod-http-js"),
    );
  return sites.flatMap((site) => {
    const { code, err } = ask(files, site, program ?? "");
    if (code === 0) return [];
    const [said = err.trim()] = err.split("\n").filter((line) => /\[(emerg|alert|crit|error)\]/.test(line));
    const ended = Number(/\/site:(\d+)$/.exec(said.trim())?.[1] ?? site.line);
    const line = site.line - 1 + beginsAt(site.text, said, ended - site.line + 1);
    const found = said
      .replace(/^.*\[\w+\] (\d+#\d+: )?/, "")
      .replace(/ in \S+:\d+$/, "")
      .replaceAll(/\S*\/phoenix-nginx-\w+\//g, "");
    return [
      {
        rule: "nginx",
        severity: "must",
        expected: "a site that nginx accepts",
        found,
        file: site.file,
        line,
      },
    ];
  });
}

function inFiles(files: Files): Site[] {
  const folder = new RegExp(`^${treeRoot}/etc/nginx/(sites-available|conf\\.d)/[^/]+$`);
  return [...files].filter(([path]) => folder.test(path)).map(([file, text]) => ({ file, line: 1, text }));
}

/** Quoted heredocs that scripts write into nginx's folders: what is written is what stands there. */
function inScripts(files: Files): Site[] {
  const opening =
    /^[ \t]*cat[ \t]*>[ \t]*["']?\/etc\/nginx\/(?:sites-available|conf\.d)\/[\w.-]+["']?[ \t]*<<[ \t]*(["'])(\w+)\1[ \t]*$/gm;
  return [...files].flatMap(([file, text]) =>
    /\.sh$/.test(file)
      ? [...text.matchAll(opening)].flatMap(({ index, 0: whole, 2: word }) => {
          const start = index + whole.length + 1;
          const end = new RegExp(`^${word}$`, "m").exec(text.slice(start))?.index;
          const line = text.slice(0, start).split("\n").length;
          return end === undefined ? [] : [{ file, line, text: text.slice(start, start + end) }];
        })
      : [],
  );
}

/** The same site in a tree and in its base is asked about once. */
function ask(files: Files, site: Site, program: string): { code: number; err: string } {
  const key = JSON.stringify([site, files.get(`${treeRoot}/etc/nginx/scripts/http.js`)]);
  const answer = answers.get(key) ?? askOnce(files, site, program);
  answers.set(key, answer);
  return answer;
}
const answers = new Map<string, { code: number; err: string }>();

/** Asks nginx in a folder of its own. Certificates are stood in for: which there are is for the gateway to say. */
function askOnce(files: Files, { file, line, text }: Site, program: string): { code: number; err: string } {
  const folder = mkdtempSync(join(tmpdir(), "phoenix-nginx-"));
  try {
    const [certificate, key] = [join(folder, "crt"), join(folder, "key")];
    const own = selfSigned();
    writeFileSync(certificate, own.certificate);
    writeFileSync(key, own.key, { mode: 0o600 });
    const script = files.get(`${treeRoot}/etc/nginx/scripts/http.js`);
    if (script !== undefined) writeFileSync(join(folder, "http.js"), script);
    const modules = "/etc/nginx/modules-enabled";
    const loads = existsSync(modules) && readdirSync(modules).length > 0 ? `include ${modules}/*.conf;` : "";
    const imports =
      script !== undefined && !/^\s*js_import/m.test(text) ? `js_import http from ${folder}/http.js;` : "";
    // On the first line, so that line numbers stay those of the file.
    const prelude = `${loads} error_log stderr; pid ${folder}/pid; events {} http { access_log off; ${imports}`;
    const here = text
      .replaceAll(/(\bssl_certificate\s+)[^;]+;/g, `$1${certificate};`)
      .replaceAll(/(\bssl_certificate_key\s+)[^;]+;/g, `$1${key};`)
      .replaceAll(/(\bjs_import\s+(?:\w+\s+from\s+)?)[^;]+;/g, `$1${folder}/http.js;`)
      .replaceAll(/(\bjs_path\s+)[^;]+;/g, `$1${folder};`)
      .replaceAll(/(\b(?:access|error)_log\s+)\/[^;\s]+/g, `$1${folder}/log`);
    // Messages name the declared site as the probe's do: see the claim that reads them.
    const path = join(folder, file === declared ? "declared" : "site");
    writeFileSync(path, `${prelude} ${"\n".repeat(line - 1)}${here}\n}\n`);
    const { status, stderr, error } = spawnSync(program, ["-t", "-c", path], {
      encoding: "utf8",
      timeout: 20_000,
    });
    if (error) throw new CannotTell(problem(`${program} can't be run: ${error.message}`, `${program} -v`));
    return { code: status ?? 1, err: stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let pair: { certificate: string; key: string } | undefined;

/** A pair that nobody trusts and nothing uses, but that nginx can load. @throws CannotTell without openssl. */
function selfSigned(): { certificate: string; key: string } {
  if (pair) return pair;
  const folder = mkdtempSync(join(tmpdir(), "phoenix-pair-"));
  try {
    const [key, certificate] = [join(folder, "key"), join(folder, "crt")];
    const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    const args = ["req", "-x509", ...kind, "-subj", "/CN=gate", "-keyout", key, "-out", certificate];
    const { status, stderr, error } = spawnSync("openssl", args, { encoding: "utf8" });
    if (error || status !== 0)
      throw new CannotTell(
        problem(`openssl can't be run: ${error?.message ?? stderr}`, "apt-get install openssl"),
      );
    pair = { certificate: readFileSync(certificate, "utf8"), key: readFileSync(key, "utf8") };
    return pair;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
