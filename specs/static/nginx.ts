// Runs `nginx -t` on every declared site, and on every site that a script writes with a heredoc, each separately.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { partsOfNginx, whyUnconfined } from "../../fixtures/confine.ts";
import { CannotTell } from "../../fixtures/errors.ts";
import type { Answer } from "../../fixtures/evidence/fact.ts";
import { type Files, treeRoot, type Unanswered } from "../../fixtures/evidence/from-tree.ts";
import { heredocs } from "../../fixtures/evidence/parse/heredocs.ts";
import { beginsAt } from "../../fixtures/evidence/parse/nginx.ts";
import { selfSigned } from "../../fixtures/standin/portainer/certificate.ts";
import { reachesOutside } from "./nginx-reach.ts";
import { forEach, type Ran, run } from "./run.ts";
import { scripts } from "./shellcheck.ts";
import type { Undetermined, Wrong } from "./static-results.ts";

const install = "apt-get install nginx-light libnginx-mod-http-js";

/** The result of checking a tree's sites with nginx. */
export interface NginxResult {
  readonly wrong: readonly Wrong[];
  readonly unknown: readonly Undetermined[];
  /** nginx's answer about the declared gateway site, with the site's own lines. */
  readonly declared: Answer | Unanswered;
}

interface Site {
  /** The file that contains its text, and the line where the text begins. */
  readonly path: string;
  readonly line: number;
  readonly text: string;
  /** The shell expands something in it, so its text is known only when the script runs. */
  readonly expands: boolean;
  /** The path that it is written to, if the shell decides it. */
  readonly unclear?: string;
}

/** What checking with nginx needs. */
export interface NginxAsked {
  /** The path of nginx; undefined when it is not installed. */
  readonly program: string | undefined;
  /** A folder for temporary files. */
  readonly scratch: string;
  /** The gateway's site, relative to the tree: a claim judges it, so it is not a finding of this check. */
  readonly site: string;
}

/** No gateway has more; each takes a run of nginx. */
const mostSites = 200;

/**
 * Runs `nginx -t` in `scratch`, as any user, without opening a port or touching this machine's nginx. nginx is confined. On a
 * machine that can't do that it runs only on a site whose directives open nothing else.
 */
export async function nginxAccepts(
  files: Files,
  { program, scratch, site: claimed }: NginxAsked,
): Promise<NginxResult> {
  const sites = sitesOf(files);
  if (sites.length > mostSites) {
    const reason = `the tree has ${sites.length} sites, more than ${mostSites}: they are not checked`;
    return { wrong: [], unknown: [{ rule: "nginx", reason }], declared: { unknown: reason } };
  }
  const results = await forEach([...sites.entries()], ([at, site]) =>
    checkSite(site, files, program, join(scratch, String(at))),
  );
  const own = sites.findIndex(({ path }) => path === `${treeRoot}/${claimed}`);
  const others = results.filter((_, at) => at !== own);
  const unknown = others.flatMap((each) => each.unknown);
  return {
    wrong: others.flatMap(({ wrong }) => wrong),
    unknown: [...new Map(unknown.map((one) => [one.reason, one])).values()],
    declared: results[own]?.answer ?? {
      unknown: results[own]?.unknown[0]?.reason ?? "the tree does not declare the gateway's site",
    },
  };
}

/** Sites in files, and those that scripts write. */
function sitesOf(files: Files): Site[] {
  // nginx's own sites-enabled takes every name; a template is made into a site by somebody else.
  const folder = new RegExp(
    `^${treeRoot}/etc/nginx/(sites-available|conf\\.d)/[^/.][^/]*(?<!\\.template|\\.tmpl|\\.j2|\\.md|~)$`,
  );
  return [
    ...[...files]
      .filter(([path]) => folder.test(path))
      .map(([path, text]) => ({ path, text, line: 1, expands: false })),
    ...scripts(files).flatMap(([path, script]) =>
      heredocs(script)
        .filter(({ to, target, text }) => isSite(to, target, text))
        .map(({ to, target, text, line, expands }) => ({
          ...{ path, text, line, expands },
          ...(to === undefined && { unclear: target ?? "" }),
        })),
    ),
  ];
}

/** Whether a heredoc is a site. If the shell decides where it goes, its text must look like one. */
function isSite(to: string | undefined, target: string | undefined, text: string): boolean {
  if (to !== undefined) return /^\/etc\/nginx\/(sites-available|sites-enabled|conf\.d)\//.test(to);
  return target !== undefined && /^\s*(server|upstream\s+\S+)\s*\{/m.test(text);
}

interface SiteResult {
  readonly wrong: readonly Wrong[];
  readonly unknown: readonly Undetermined[];
  readonly answer?: Answer;
}

async function checkSite(
  site: Site,
  files: Files,
  program: string | undefined,
  dir: string,
): Promise<SiteResult> {
  const cannot = (reason: string, next = install): SiteResult => ({
    wrong: [],
    unknown: [{ rule: "nginx", reason, next }],
  });
  if (program === undefined) return cannot("nginx is not installed on this machine");
  if (site.expands)
    return cannot(
      `${site.path}:${site.line}: the shell expands this site's text, so it cannot be checked`,
      "quote the heredoc's delimiter",
    );
  if (site.unclear !== undefined)
    return cannot(
      `${site.path}:${site.line}: the shell decides that this site is written to ${site.unclear}, so it is not checked`,
      "write it to a plain path",
    );
  furnish(dir, files);
  const sockets = new Map<string, string>();
  const file = join(dir, "declared");
  const text = `${prelude(site, dir, files)} ${moved(site.text, dir, sockets)}\n}\n`;
  writeFileSync(file, text);
  const unconfined = whyUnconfined();
  const outside = unconfined !== undefined ? reachesOutside(text, dir) : undefined;
  if (outside !== undefined)
    return cannot(
      `${site.path}: nginx does not run on it, as ${unconfined}, and it could reach this machine's files: ${outside}`,
      "apt-get install bubblewrap",
    );
  let ran: Ran | undefined;
  try {
    const confinement = unconfined === undefined ? "needed" : "wanted";
    ran = await run(program, ["-t", "-p", dir, "-c", file], { cwd: dir, confinement });
  } catch (error) {
    if (!(error instanceof CannotTell)) throw error;
    return cannot(`${site.path}: ${error.message.split("\n")[0]}`);
  }
  if (!ran) return cannot("nginx is not installed on this machine");
  const err = [...sockets].reduce((text, [socket, said]) => text.replaceAll(socket, said), ran.err);
  const said = remarks(err.replaceAll(`${dir}/nginx/`, "/etc/nginx/").replaceAll(`${dir}/`, ""), site);
  const missing = said
    .map(({ what }) => /^open\(\) "(\/etc\/nginx\/[^"]+)" failed/.exec(what)?.[1])
    .find(Boolean);
  if (missing !== undefined)
    return cannot(
      `${site.path}: it includes ${missing}, which is not in the tree: whether the gateway has it is not known`,
      `add it to ${treeRoot}${missing}`,
    );
  const unable = whyUnable(said, ran.code);
  if (unable) return cannot(`${site.path}: ${unable}`);
  const wrong = said.map(
    ({ level, what, line }): Wrong => ({
      ...{ rule: "nginx", severity: level, expected: "a site that nginx accepts", found: what },
      ...{ file: site.path, line: line ?? site.line, next: "nginx -t" },
    }),
  );
  return { wrong, unknown: [], answer: answered(said, ran.code) };
}

/** Why nginx could not judge the site: it lacks something that the gateway has, or could not start. */
function whyUnable(said: readonly NginxRemark[], code: number): string | undefined {
  const first = (pattern: RegExp) => said.find(({ what }) => pattern.test(what))?.what;
  const ours = first(
    /^(dlopen|bind|socket|open|mkdir|chown|getpwnam|getgrnam|module "|cannot load certificate)/,
  );
  if (ours) return `this machine's nginx can't check it: ${ours}`;
  const missing = first(/^unknown directive "(js_|echo|more_|lua_|\w+_by_lua)/);
  if (missing) return `this machine's nginx lacks a module: ${missing}`;
  const nameless = first(/^host not found/);
  if (nameless) return `${nameless}: the name resolves only on the target's network`;
  return code !== 0 && !said.some(({ level }) => level === "must")
    ? `nginx ended with exit code ${code} and printed no error`
    : undefined;
}

/** The answer that the claim about the declared site reads: nginx's messages, each with its line. */
function answered(said: readonly NginxRemark[], code: number): Answer {
  const lines = said.map(
    ({ level, what, line }) =>
      `nginx: [${level === "must" ? "emerg" : "warn"}] ${what} in /tree/declared:${line ?? 1}`,
  );
  // A remark that is not an error leaves nginx's own last line out.
  if (code === 0) lines.push("nginx: configuration file /tree/declared test is successful");
  return { command: "nginx -t", code, err: lines.join("\n"), out: "", ms: 0, at: "", digest: "" };
}

interface NginxRemark {
  readonly level: "must" | "should";
  readonly what: string;
  /** In the file that contains the site. */
  readonly line: number | undefined;
}

function remarks(err: string, site: Site): NginxRemark[] {
  return err.split("\n").flatMap((said): NginxRemark[] => {
    const [, level, rest = ""] = /\[(emerg|alert|crit|error|warn)\] (?:\d+#\d+: )?(.*)$/.exec(said) ?? [];
    if (level === undefined || rest.startsWith('the "user" directive')) return [];
    const [, words = rest, path, at] = /^(.*?)(?: in (\S+):(\d+))?$/.exec(rest) ?? [];
    // An error in an included file has that file's line.
    const ownFile = path === undefined || path === "declared";
    const [what, line] = ownFile ? [words, at] : [`${words} in ${path}:${at}`, undefined];
    const own = line === undefined ? names(what, site.text) : begins(what, Number(line), site.text);
    return [{ level: level === "warn" ? "should" : "must", what, line: own && own + site.line - 1 }];
  });
}

/** The first line with the word that nginx quotes, for a message that names no line. */
function names(what: string, text: string): number | undefined {
  const [, name] = /"([^"]+)"/.exec(what) ?? [];
  const at = name === undefined ? -1 : text.split("\n").findIndex((line) => line.includes(name));
  return at < 0 ? undefined : at + 1;
}

/** The line where a directive or block begins; nginx names the line where it ends. */
function begins(what: string, line: number, text: string): number {
  const [, zone] = /zone "(.*)" is unknown$/.exec(what) ?? [];
  if (zone === undefined) return beginsAt(text, what, line);
  const before = text.split("\n").slice(0, line);
  return before.findLastIndex((each) => each.includes(zone)) + 1 || line;
}

/** The text before the site, all on its first line, so that the site's line numbers stay the same. */
function prelude({ text }: Site, dir: string, files: Files): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const script = files.has(`${treeRoot}/etc/nginx/scripts/http.js`) && !/^\s*js_import\b/m.test(text);
  return [
    "include /etc/nginx/modules-enabled/*.conf; error_log stderr; pid /dev/null; events {} http { access_log off;",
    ...temporary.map((name) => `${name}_temp_path ${dir}/${name};`),
    ...(script ? [`js_import http from ${dir}/nginx/scripts/http.js;`] : []),
  ].join(" ");
}

/** A folder in the place of /etc/nginx: this machine's own parts, the tree's scripts and snippets. */
function furnish(dir: string, files: Files): void {
  const home = join(dir, "nginx");
  mkdirSync(home, { recursive: true });
  const etc = `${treeRoot}/etc/nginx/`;
  const ours = [...files].filter(([path]) => path.startsWith(etc) && !path.startsWith(`${etc}sites-`));
  for (const [path, text] of ours) {
    const file = join(home, path.slice(etc.length));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const modules = ["/usr/lib/nginx/modules", "/usr/share/nginx/modules"].find((path) => existsSync(path));
  if (modules) symlinkSync(modules, join(dir, "modules"));
  const own = new Set(readdirSync(home));
  for (const name of partsOfNginx) {
    const file = join(home, name);
    // A folder of the tree is whole: nothing of this machine is among its files.
    if (own.has(name.split("/")[0] ?? "") || !existsSync(join("/etc/nginx", name))) continue;
    mkdirSync(dirname(file), { recursive: true });
    symlinkSync(join("/etc/nginx", name), file);
  }
}

/** The site with every path moved into `dir`, every port replaced by a socket there, and a certificate that exists; line numbers stay. */
function moved(text: string, dir: string, sockets: Map<string, string>): string {
  const pair = { crt: join(dir, "own.crt"), key: join(dir, "own.key") };
  if (/\bssl_certificate/.test(text)) {
    const { cert, key } = selfSigned();
    writeFileSync(pair.crt, cert);
    writeFileSync(pair.key, key, { mode: 0o600 });
  }
  return (
    text
      .replace(/\bssl_certificate_key\s+[^;\n]+;/g, `ssl_certificate_key ${pair.key};`)
      .replace(
        /\bssl_(certificate|trusted_certificate|client_certificate)\s+[^;\n]+;/g,
        `ssl_$1 ${pair.crt};`,
      )
      .replace(/\bssl_dhparam\s+[^;\n]+;/g, "")
      .replace(/\b(access_log|error_log)\s+\/[^\s;]+/g, `$1 ${dir}/log`)
      .replace(/\b(proxy|fastcgi|uwsgi|scgi)_(cache|temp)_path\s+[^\s;]+/g, `$1_$2_path ${dir}/$1-$2`)
      .replaceAll("/etc/nginx/", `${dir}/nginx/`)
      // On the gateway a relative path is one below /etc/nginx.
      .replace(/\binclude\s+(["']?)(?![/"'])([^\s;"']+)/g, `include $1${dir}/nginx/$2`)
      .replace(/\blisten\s+([^\s;{}]+)([^;{}\n]*);/g, (whole, address: string, rest: string) => {
        const at = listening(address);
        if (at === undefined) return whole;
        // Relative to the working directory, because a socket's path can have at most 107 bytes.
        const socket = `unix:${createHash("sha256").update(at).digest("hex").slice(0, 8)}`;
        sockets.set(socket, at);
        return `listen ${socket}${rest.replace(/\s(reuseport|ipv6only=\w+)/g, "")};`;
      })
  );
}

/** One spelling for an address that nginx can listen on; undefined for anything else, which nginx itself reports. */
function listening(address: string): string | undefined {
  const [, host = "", port = "80"] =
    /^(?:(\*|\[[0-9a-fA-F:]+\]|\d+\.\d+\.\d+\.\d+)(?::(?=\d)|$))?(\d+)?$/.exec(address) ?? [];
  const known = address !== "" && (host !== "" || /^\d+$/.test(address));
  if (!known || Number(port) < 1 || Number(port) > 65_535) return undefined;
  return `${host === "" || host === "*" ? "0.0.0.0" : host}:${port}`;
}
