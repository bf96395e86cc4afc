// The claim about everything else that the gateway serves: it is the same in the evidence from before and after.
import { CannotTell } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type Directive, NginxSyntax, named, parseNginx } from "../../../fixtures/evidence/parse/nginx.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import { namesOf } from "../../../fixtures/readings/nginx/server.ts";
import { check, eachLevel, inside, known, source } from "../../claim.ts";
import { ownServers } from "./requests.ts";

/** Everything but Portainer's own parts is declared, runs and answers as it did before. */
export function othersUntouched(before: Evidence, now: Evidence): readonly Check[] {
  return eachLevel({
    declared: () => declared(before, now),
    live: () => inside(now, "pct", () => [running(before, now)]),
    behaves: () => answering(before, now),
  });
}

function declared(before: Evidence, now: Evidence): readonly Check[] {
  const folder = `${before.document.target.tree}/etc/nginx/sites-available/`;
  const files = known(before.listing("hypervisor", "tree"))
    .filter(({ path, type }) => type === "f" && path.startsWith(folder))
    .map(({ path }) => path);
  const some = check({
    level: "declared",
    where: folder,
    ok: files.length > 0,
    expected: "declared sites",
    found: `${files.length} of them`,
  });
  return [
    some,
    ...files.map((path) => {
      const [was, is] = [before, now].map((e) => known(e.file("hypervisor", path))?.text);
      if (is === undefined || was === undefined)
        return check({ level: "declared", where: path, ok: was === is, expected: "a file", found: "none" });
      if (was === is) return same("declared", path, [], []);
      return compared(now, "declared", path, site(was, path), site(is, path));
    }),
  ];
}

/** A site as it is declared. A dash alone on a line is a known error in the tree, which GWY-003 reports. */
function site(text: string, path: string): readonly Directive[] {
  try {
    return parseNginx(text, path, { loneDash: true }).filter(({ name }) => name !== "-");
  } catch (error) {
    if (error instanceof NginxSyntax) throw new CannotTell(`${error.message}; the site can't be compared`);
    throw error;
  }
}

function running(before: Evidence, now: Evidence): Check {
  const [was, is] = [before, now].map((e) =>
    named(known(e.liveGateway), "http").flatMap(({ block }) => block ?? []),
  );
  return compared(now, "live", source(now.liveGateway), was ?? [], is ?? []);
}

/** Compares all that is not Portainer's. A server that is new, and answers Portainer's name, is Portainer's. */
function compared(
  e: Evidence,
  level: Level,
  where: string,
  before: readonly Directive[],
  now: readonly Directive[],
): Check {
  const was = before.flatMap((one) => foreign(e, one));
  const answering = ownServers(e, [{ name: "http", args: [], file: where, line: 1, block: now }]);
  const names = new Set(before.flatMap((one) => (one.name === "server" && one.block ? namesOf(one) : [])));
  const is = now.flatMap((one) => {
    // A name that nobody had before changes nobody's server.
    const shared = sharedWith(e, one).filter((name) => names.has(name));
    const text = foreign(e, one, shared);
    const isNew = text.some((each) => !was.includes(each));
    return answering.includes(one) && isNew && shared.length === 0 ? [] : text;
  });
  return same(level, where, was, is);
}

/** The names of others that a server has beside Portainer's. */
function sharedWith(e: Evidence, directive: Directive): string[] {
  const { host } = e.deployment.portainer;
  const names = directive.name === "server" && directive.block ? namesOf(directive) : [];
  return names.includes(host) ? names.filter((name) => !/portainer|^_?$/i.test(name) && name !== host) : [];
}

/**
 * A directive as text without Portainer's parts; empty when all of it is Portainer's. A server that others share with it is
 * theirs too, once for each of their names.
 */
function foreign(e: Evidence, directive: Directive, shared = sharedWith(e, directive)): string[] {
  const { name, args, block } = directive;
  const { gateway, portainer } = e.deployment;
  const own = (words: string) => /portainer/i.test(words) || words.includes(gateway.upstream);
  if (/^(upstream|map)$/.test(name) && own(args.join(" "))) return [];
  if (name === "server" && block && namesOf(directive).includes(portainer.host)) {
    const rest = block.filter((one) => one.name !== "server_name").flatMap((one) => foreign(e, one));
    return shared.map((one) => `server for ${one} { ${rest.join(" ")} }`);
  }
  const leads = (block ?? []).some((one) => /^(proxy_pass|set)$/.test(one.name) && own(one.args.join(" ")));
  if (name === "location" && (leads || own(args.join(" ")))) return [];
  const inner = block && `{ ${block.flatMap((one) => foreign(e, one)).join(" ")} }`;
  return [`${[name, ...args].join(" ")}${inner ? ` ${inner}` : ";"}`];
}

function same(level: Level, where: string, was: readonly string[], is: readonly string[]): Check {
  const gone = was.filter((each) => !is.includes(each)).map((each) => `gone: ${short(each)}`);
  const extra = is.filter((each) => !was.includes(each)).map((each) => `new: ${short(each)}`);
  // nginx answers unknown names with the first server of a port, so the order of servers matters.
  const order = gone.length + extra.length === 0 && was.join() !== is.join() ? ["in another order"] : [];
  const found = [...gone, ...extra, ...order].join("; ") || "as before";
  const next = "undo every change that does not concern Portainer";
  return check({
    level,
    where,
    ok: found === "as before",
    expected: "all but Portainer's as before",
    found,
    next,
  });
}

const short = (text: string) => (text.length > 160 ? `${text.slice(0, 157)}…` : text);

/** A URL that answered before gives the same answer now; a URL that gave none, or an error, is not compared. */
function answering(before: Evidence, now: Evidence): readonly Check[] {
  for (const e of [before, now]) {
    const { code, err } = known(e.answer("gateway", "nginx -T"));
    // The names come from this answer.
    if (code !== 0)
      throw new CannotTell(
        `the gateway's names are unknown: nginx -T ended with exit code ${code}: ${err.trim().slice(0, 200)}`,
      );
  }
  const is = known(now.nameAnswers);
  const healthy = [...known(before.nameAnswers)].filter(
    ([url, phrase]) =>
      !url.includes("portainer") &&
      !url.includes(`://${now.deployment.portainer.host}/`) &&
      !/^(no answer|5\d\d)/.test(phrase),
  );
  if (healthy.length === 0)
    throw new CannotTell("no other name of the gateway answered before, so there is nothing to compare with");
  const count = check({
    level: "behaves",
    where: source(before.nameAnswers),
    ok: true,
    expected: "names that answered before",
    found: `${healthy.length} of them`,
  });
  return [
    count,
    ...healthy.map(([url, phrase]) => {
      const found = is.get(url) ?? "no longer a name of the gateway";
      return check({
        level: "behaves",
        where: `LXC ${now.deployment.gateway.ctid}: ${url}`,
        ok: found === phrase,
        expected: phrase,
        found,
        next: toType`curl -v ${url}`,
      });
    }),
  ];
}
