// What the gateway's set-up script delivers: which sites it enables, and the text of each.
import { dirname } from "node:path/posix";
import { declaredSiteOf, gatewayScriptOf, upstreamOf } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type Heredoc, type ShellText, shellText } from "../../../fixtures/evidence/parse/heredocs.ts";
import {
  type Directive,
  NginxSyntax,
  named,
  parseNginx,
  place,
} from "../../../fixtures/evidence/parse/nginx.ts";
import type { TextFile } from "../../../fixtures/evidence/tree-file.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { check, eachPart, known, present } from "../../claim.ts";
import { upstreamCheck } from "./upstream-check.ts";

const available = "/etc/nginx/sites-available/";
const enabled = "/etc/nginx/sites-enabled/";
const loaded = /^\/etc\/nginx\/(sites-enabled|conf\.d)\//;

/** The script enables sites, and the upstream in what it delivers is right, wherever its text comes from. */
export function deliveredUpstream(e: Evidence): readonly Check[] {
  const script = gatewayScriptOf(e.deployment);
  return present("delivered", `${e.document.target.tree}/${script}`, e.treeFile(script), ({ path, text }) => {
    const read = shellText(text);
    const sites = enabledSites(read);
    // nginx loads these without a link. One about something else, such as a module, is not Portainer's site.
    const direct = read.heredocs.filter(
      ({ to, text: body }) =>
        to !== undefined && loaded.test(to) && new RegExp(`upstream\\s+${escaped(e)}\\b`).test(body),
    );
    const enables = check({
      level: "delivered",
      where: sites[0] ? `${path}:${sites[0].line}` : path,
      ok: sites.length + direct.length > 0,
      expected: "a site that the script enables",
      found: [...sites.map(({ name }) => name), ...direct.map(({ to }) => to)].join(", ") || "none",
      next: `ln -sf ${available}${e.deployment.gateway.site} /etc/nginx/sites-enabled/, in ${path}`,
    });
    if (!enables.ok) return [enables];
    return [enables, ...upstreams(e, path, read, sites, direct)];
  });
}

interface Site {
  readonly name: string;
  readonly line: number;
}

/** The sites in sites-enabled when the script has run, in order. @throws CannotTell if the shell decides which. */
function enabledSites({ lines }: ShellText): readonly Site[] {
  const sites = new Map<string, Site>();
  for (const { text, line } of lines) {
    const [, command, rest = ""] =
      /(?:^|[;&|]|\b(?:then|do|sudo)\s)\s*(ln|cp|mv|install|rm|unlink)\s+(.*?)(?:\s*(?:\|\||&&|;|\d?>|$).*)$/.exec(
        text,
      ) ?? [];
    if (command === undefined || !/\/etc\/nginx\/sites-enabled\b/.test(rest)) continue;
    const words = rest
      .split(/\s+/)
      .map((word) => word.replace(/["']/g, ""))
      .filter((word) => word !== "" && !word.startsWith("-"));
    if (command === "rm" || command === "unlink") {
      for (const word of words.filter((each) => each.includes("/sites-enabled/")))
        if (/\/sites-enabled\/\*?$/.test(word)) sites.clear();
        else sites.delete(word.slice(word.lastIndexOf("/") + 1));
      continue;
    }
    const from = words.filter((word) => !word.includes("/sites-enabled"));
    const unclear = words.find((word) => /[$`*?{]/.test(word));
    if (unclear !== undefined)
      throw new CannotTell(
        `line ${line} of the gateway's script enables ${unclear}, which the shell decides`,
      );
    for (const word of from) {
      const name = word.slice(word.lastIndexOf("/") + 1);
      sites.set(name, { name, line });
    }
  }
  return [...sites.values()];
}

/** One check for each block of the upstream in the delivered sites; one that fails if there is none. */
function upstreams(
  e: Evidence,
  path: string,
  read: ShellText,
  sites: readonly Site[],
  direct: readonly Heredoc[],
): readonly Check[] {
  const texts = [
    ...sites.map(({ name }) => siteText(e, path, read, name)),
    ...direct.map((one) => heredocText(path, one)),
  ].filter((one) => one !== undefined);
  const blocks = texts.flatMap(({ where, tree }) => own(e, tree).map((block) => ({ where, block })));
  const unclear = read.heredocs.filter(
    ({ to, target, text }) => to === undefined && target !== undefined && /\bupstream\s/.test(text),
  );
  if (unclear[0])
    throw new CannotTell(`${path}:${unclear[0].line}: the shell decides which file ${unclear[0].target} is`);
  const byOther = read.lines.find(({ text }) => new RegExp(`upstream\\s+${escaped(e)}\\s*\\{`).test(text));
  if (byOther)
    throw new CannotTell(
      `${path}:${byOther.line}: the script writes the upstream in a way that was not followed`,
    );
  if (blocks.length === 0) {
    const [elsewhere] = texts.flatMap(({ unclear: all }) => all);
    if (elsewhere) throw new CannotTell(elsewhere);
    return [
      check({
        level: "delivered",
        where: texts[0]?.where ?? path,
        ok: false,
        expected: `upstream ${e.deployment.gateway.upstream} in an enabled site`,
        found: `no upstream ${e.deployment.gateway.upstream} in ${sites.map(({ name }) => name).join(", ")}`,
        next: `add it to the site that is enabled: server ${upstreamOf(e.deployment)};`,
      }),
    ];
  }
  return eachPart(
    texts.flatMap(({ tree, where }) =>
      own(e, tree).length === 0
        ? []
        : [["delivered", () => [upstreamCheck("delivered", e.deployment, tree, where)]] as const],
    ),
  );
}

const escaped = (e: Evidence) => e.deployment.gateway.upstream.replaceAll(".", "\\.");
const own = (e: Evidence, tree: readonly Directive[]) =>
  named(tree, "upstream").filter(
    ({ args }) => args[0]?.toLowerCase() === e.deployment.gateway.upstream.toLowerCase(),
  );

interface Text {
  readonly where: string;
  readonly tree: readonly Directive[];
  /** Why more directives may be in it than `tree` has. */
  readonly unclear: readonly string[];
}

/**
 * A site's text: the script's last heredoc that writes it, else the tree's file of that name, with what later heredocs add.
 * @throws CannotTell if the script may not write it, or changes it afterwards in another way.
 */
function siteText(e: Evidence, path: string, read: ShellText, name: string): Text | undefined {
  const writes = read.heredocs.filter(({ to }) => to === available + name || to === enabled + name);
  const begins = writes.findLastIndex(({ appends }) => !appends);
  const parts = writes.slice(Math.max(begins, 0));
  const conditional = parts.find(({ within }) => within !== undefined);
  if (conditional)
    throw new CannotTell(
      `${path}:${conditional.line}: whether the script writes ${name} depends on "${conditional.within}"`,
    );
  const changed = changesAfter(read, name, begins < 0 ? 0 : (parts[0]?.line ?? 0));
  if (changed)
    throw new CannotTell(
      `${path}:${changed.line}: the script changes ${name} in a way that was not followed: ${changed.text.trim().slice(0, 120)}`,
    );
  const declared = begins < 0 ? fileOfTree(e, `${dirname(declaredSiteOf(e.deployment))}/${name}`) : undefined;
  const texts = [
    ...(declared ? [textOf(declared.path, parsed(declared.text, declared.path))] : []),
    ...parts.map((part) => heredocText(path, part)),
  ];
  const holding = texts.find(({ tree }) => holds(e, tree)) ?? texts[0];
  return (
    holding && {
      where: holding.where,
      tree: texts.flatMap(({ tree }) => tree),
      unclear: texts.flatMap(({ unclear }) => unclear),
    }
  );
}

const holds = (e: Evidence, tree: readonly Directive[]) => own(e, tree).length > 0;

/** A line after line `from` that changes a site other than by a heredoc or by the tree's own files. */
function changesAfter(
  { lines }: ShellText,
  name: string,
  from: number,
): ShellText["lines"][number] | undefined {
  const site = `/etc/nginx/sites-(?:available|enabled)/(?:${name.replace(/[.+]/g, "\\$&")}|\\*)(?![\\w./-])`;
  const into = `(?:${site}|/etc/nginx/sites-(?:available|enabled)/?(?=["'\\s;&|]|$))`;
  const editors = new RegExp(`\\b(?:sed|perl|ruby|g?awk)\\b.*\\s(?:-\\w*i\\b|-i\\S*|--in-place).*${site}`);
  const redirects = new RegExp(`(?:>\\|?\\s*|\\bof=|\\btee\\s+(?:-\\S+\\s+)*)["']?${site}`);
  const others = new RegExp(`\\b(?:patch|ed|ex|truncate|crudini|rpl)\\b.*${site}`);
  const copies = new RegExp(`\\b(?:cp|mv|install|rsync)\\s+(.*)\\s["']?${into}`);
  return lines.find(({ text, line, heredoc }) => {
    if (line < from) return false;
    if (heredoc) return heredoc.to === undefined && new RegExp(site).test(heredoc.text);
    if (editors.test(text) || redirects.test(text) || others.test(text)) return true;
    const [, words = ""] = copies.exec(text) ?? [];
    const sources = words.split(/\s+/).filter((word) => word !== "" && !word.startsWith("-"));
    const last = (word: string) => word.replace(/["']/g, "").split("/").at(-1);
    // The tree's own sites come by a folder of that name; another file is about this site only if it gets its name.
    return sources.some(
      (word) =>
        !/sites-available\b/.test(word) &&
        (new RegExp(site).test(text) || last(word) === name || last(word) === "*"),
    );
  });
}

const textOf = (where: string, tree: readonly Directive[], unclear: readonly string[] = []): Text => ({
  where,
  tree,
  unclear: [
    ...unclear,
    ...named(tree, "include").map(
      (one) =>
        `${place(one)}: include ${one.args.join(" ")}: the upstream may be there, which was not followed`,
    ),
  ],
});

/** A file of the tree; undefined if it is not in the list of the tree's files either. */
function fileOfTree(e: Evidence, path: string): TextFile | undefined {
  const fact = e.treeFile(path);
  const list = e.listing("hypervisor", "tree");
  if (fact.state === "unknown" && list.state === "known")
    if (!list.value.some((one) => one.path === `${e.document.target.tree}/${path}`)) return undefined;
  return known(fact);
}

/** @throws CannotTell if the shell changes the upstreams in it. */
function heredocText(path: string, { text, line, expandsBetween }: Heredoc): Text {
  const tree = parsed(text, path, line - 1);
  for (const block of named(tree, "upstream")) {
    const first = block.line - line + 1;
    const length = text
      .split("\n")
      .slice(first - 1)
      .join("\n")
      .indexOf("}");
    const last =
      first +
      text
        .split("\n")
        .slice(first - 1)
        .join("\n")
        .slice(0, Math.max(0, length))
        .split("\n").length -
      1;
    if (expandsBetween(first, last))
      throw new CannotTell(
        `${path}:${block.line}: the shell expands something in upstream ${block.args[0] ?? ""}, so its servers are known only when the script runs`,
      );
  }
  // A line that begins with an expansion may be any directive.
  const whole = text
    .split("\n")
    .flatMap((each, at) =>
      /^\s*(\$[\w({]|`)/.test(each) && expandsBetween(at + 1, at + 1)
        ? [`${path}:${line + at}: the shell expands ${each.trim().slice(0, 60)}, which may be the upstream`]
        : [],
    );
  return textOf(`${path}:${line}`, tree, whole);
}

function parsed(text: string, path: string, linesBefore = 0): readonly Directive[] {
  try {
    // Blank lines before it give each directive the line that it has in the script.
    return parseNginx("\n".repeat(linesBefore) + text, path, { loneDash: true });
  } catch (error) {
    if (error instanceof NginxSyntax) throw new CannotTell(`nginx would refuse ${error.message}`);
    throw error;
  }
}
