// The claim about everything else that the gateway serves: between two looks, it is as it was.
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type Directive, named, parseNginx } from "../../../fixtures/evidence/parse/nginx.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import { check, eachLevel, inside, known, source } from "../../claim.ts";
import { names } from "./vhost.ts";

/** What is not Portainer's is declared, runs and answers as it did before. */
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
      return same("declared", path, site(now, was, path), site(now, is, path));
    }),
  ];
}

/** A dash alone on a line is a slip of the tree that its owner wants gone; it must not hide the rest. */
const site = (e: Evidence, text: string, path: string) =>
  parseNginx(text.replace(/^[ \t]*-[ \t]*$/gm, ""), path).flatMap((one) => foreign(e, one));

function running(before: Evidence, now: Evidence): Check {
  const [was, is] = [before, now].map((e) =>
    named(known(e.liveGateway), "http").flatMap(({ block }) =>
      (block ?? []).flatMap((one) => foreign(e, one)),
    ),
  );
  return same("live", source(now.liveGateway), was ?? [], is ?? []);
}

/** A directive as text without what is Portainer's in it; nothing at all where it is Portainer's own. */
function foreign(e: Evidence, directive: Directive): string[] {
  const { name, args, block } = directive;
  const { gateway, portainer } = e.deployment;
  const own = (words: string) => /portainer/i.test(words) || words.includes(gateway.upstream);
  if (/^(upstream|map)$/.test(name) && own(args.join(" "))) return [];
  if (name === "server" && block && names(directive).includes(portainer.host)) return [];
  const leads = named(block, "proxy_pass").some(({ args: [to = ""] }) => own(to));
  if (name === "location" && (leads || own(args.join(" ")))) return [];
  const inner = block && `{ ${block.flatMap((one) => foreign(e, one)).join(" ")} }`;
  return [`${[name, ...args].join(" ")}${inner ? ` ${inner}` : ";"}`];
}

function same(level: Level, where: string, was: readonly string[], is: readonly string[]): Check {
  const gone = was.filter((each) => !is.includes(each)).map((each) => `gone: ${short(each)}`);
  const extra = is.filter((each) => !was.includes(each)).map((each) => `new: ${short(each)}`);
  // nginx takes the first server of a port for names that none has: their order matters.
  const order = gone.length + extra.length === 0 && was.join() !== is.join() ? ["in another order"] : [];
  const found = [...gone, ...extra, ...order].join("; ") || "as before";
  const next = "take back what is not Portainer's";
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

/** What got an answer before gets the same one now; what got none, or an error, has nothing to lose. */
function answering(before: Evidence, now: Evidence): readonly Check[] {
  const is = known(now.nameAnswers);
  const healthy = [...known(before.nameAnswers)].filter(
    ([url, phrase]) =>
      !url.includes("portainer") &&
      !url.includes(`://${now.deployment.portainer.host}/`) &&
      !/^(no answer|5\d\d)/.test(phrase),
  );
  const count = check({
    level: "behaves",
    where: source(before.nameAnswers),
    ok: healthy.length > 0,
    expected: "names and paths that answered before",
    found: `${healthy.length} of them`,
  });
  return [
    count,
    ...healthy.map(([url, phrase]) => {
      const found = is.get(url) ?? "not a name of the gateway any more";
      return check({
        level: "behaves",
        where: `LXC ${now.deployment.gateway.ctid}: ${url}`,
        ok: found === phrase,
        expected: phrase,
        found,
        next: `curl -v ${url}`,
      });
    }),
  ];
}
