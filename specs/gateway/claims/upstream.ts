// Claims about the gateway's upstream: which address it sends Portainer's users to, and whether nginx accepts the configuration.
import {
  type Deployment,
  declaredSiteOf,
  gatewayScriptOf,
  upstreamOf,
} from "../../../fixtures/deployment/deployment.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { beginsAt, type Directive, named, place } from "../../../fixtures/evidence/parse/nginx.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import { check, eachLevel, inside, known, present, source } from "../../claim.ts";

const declaredPath = (e: Evidence) => `${e.document.target.tree}/${declaredSiteOf(e.deployment)}`;

/** The declared site has the upstream, with the docker host's address alone. */
export function declaredUpstream(e: Evidence): readonly Check[] {
  return present("declared", declaredPath(e), e.declaredGateway, (site) => [
    theUpstream("declared", e.deployment, site, declaredPath(e)),
  ]);
}

/** The files that are written into the gateway have the upstream, and so has the nginx that runs there. */
export function runningUpstream(e: Evidence): readonly Check[] {
  return eachLevel({
    delivered: () => writtenUpstreams(e),
    live: () =>
      inside(e, "pct", () => {
        const tree = known(e.liveGateway);
        return [theUpstream("live", e.deployment, httpOf(tree), source(e.liveGateway)), loaded(e)];
      }),
  });
}

function theUpstream(
  level: Level,
  deployment: Deployment,
  directives: readonly Directive[],
  where: string,
): Check {
  const name = deployment.gateway.upstream;
  const upstream = upstreamOf(deployment);
  const blocks = named(directives, "upstream").filter(({ args }) => args[0] === name);
  const servers = blocks.flatMap(({ block }) => named(block, "server"));
  const at = servers[0] ?? blocks[0];
  const found =
    servers.map(({ args }) => args.join(" ")).join(", ") || (blocks[0] ? "no server" : `no upstream ${name}`);
  const ok = blocks.length === 1 && found === upstream;
  return check({
    level,
    where: at ? place(at) : where,
    ok,
    expected: `upstream ${name}: server ${upstream}`,
    found,
    next: `set it to ${upstream}`,
  });
}

/** The set-up script may write the site itself instead of copying the declared file, so every upstream it writes counts. */
function writtenUpstreams(e: Evidence): readonly Check[] {
  const script = gatewayScriptOf(e.deployment);
  const upstream = upstreamOf(e.deployment);
  const name = e.deployment.gateway.upstream.replaceAll(".", "\\.");
  const block = new RegExp(`^[^#\\n]*\\bupstream\\s+${name}\\s*\\{([^}]*)\\}`, "gm");
  return present("delivered", script, e.treeFile(script), ({ path, text }) => {
    const blocks = [...text.matchAll(block)];
    if (blocks.length === 0)
      return declaredUpstream(e).map((one) => ({ ...one, level: "delivered" as const }));
    return blocks.map(({ index, 0: whole, 1: body = "" }) => {
      const line = text.slice(0, index + whole.indexOf("server")).split("\n").length;
      const found = [...body.matchAll(/\bserver\s+([^;]+);/g)].map(([, address]) => address).join(", ");
      return check({
        level: "delivered",
        where: `${path}:${line}`,
        ok: found === upstream,
        expected: upstream,
        found,
        next: `set it to ${upstream}`,
      });
    });
  });
}

const httpOf = (tree: readonly Directive[]) => named(tree, "http").flatMap(({ block }) => block ?? []);

/** `nginx -T` reads the files on disk; nginx runs that configuration only if its workers started after the last change. */
function loaded(e: Evidence): Check {
  const workers = known(e.nginxProcesses).filter(({ role, leaving }) => role === "worker" && !leaving);
  const started = Math.min(...workers.map(({ startedAt }) => startedAt));
  const [file, changed] = [...known(e.nginxFileTimes)].reduce(
    (last, each) => (each[1] > last[1] ? each : last),
    ["", 0],
  );
  const when = (seconds: number) =>
    Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString() : "never";
  const found =
    workers.length === 0
      ? "no worker runs"
      : `workers since ${when(started)}, ${file} changed ${when(changed)}`;
  const ok = workers.length > 0 && started + 0.1 >= changed;
  const next = `pct exec ${e.deployment.gateway.ctid} -- systemctl reload nginx`;
  return check({
    level: "live",
    where: source(e.nginxProcesses),
    ok,
    expected: "workers that started after the last change",
    found,
    next,
  });
}

/** nginx accepts both configurations, and gives no warning about Portainer's service. */
export function acceptedByNginx(e: Evidence): readonly Check[] {
  return eachLevel({
    declared: () =>
      present("declared", declaredPath(e), e.treeFile(declaredSiteOf(e.deployment)), () => [
        accepted("declared", e, "nginx -t declared"),
      ]),
    live: () => inside(e, "pct", () => [accepted("live", e, "nginx -T")]),
  });
}

/** The line where a directive that nginx rejects begins; nginx names the line where it ends. */
function startOf(remark: string, e: Evidence): string | undefined {
  const [, path, line] = /in (\S+):(\d+)\s*$/.exec(remark) ?? [];
  if (path === undefined) return undefined;
  const text = path === declaredPath(e) ? known(e.treeFile(declaredSiteOf(e.deployment)))?.text : undefined;
  return `${path}:${text === undefined ? line : beginsAt(text, remark, Number(line))}`;
}

function accepted(level: Level, e: Evidence, question: "nginx -T" | "nginx -t declared"): Check {
  const fact = e.answer("gateway", question);
  const { code, err } = known(fact);
  // The probe checks the declared file under another name, with the same line numbers.
  const said = err.replace(/\/\S+\/declared:(\d+)/g, `${declaredPath(e)}:$1`).split("\n");
  const errors = said.filter((line) => /\[(emerg|alert|crit|error)\]/.test(line));
  const warnings = said.filter((line) => line.includes("[warn]") && /portainer/i.test(line));
  const remarks = [...errors, ...warnings].map((line) =>
    line.replace(/^nginx: |^[\d/]+ [\d:]+ | \d+#\d+:/g, "").trim(),
  );
  const where = startOf(remarks[0] ?? "", e) ?? source(fact);
  const found =
    remarks.join("; ") || (code === 0 ? "accepted" : `exit code ${code}: ${err.trim().slice(0, 200)}`);
  const next = `pct exec ${e.deployment.gateway.ctid} -- nginx -t`;
  return check({ level, where, ok: code === 0 && remarks.length === 0, expected: "accepted", found, next });
}
