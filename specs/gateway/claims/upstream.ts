// Claims about the gateway's upstream: which address it sends Portainer's users to, and whether nginx accepts the configuration.
import { declaredSiteOf } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { beginsAt, type Directive, named } from "../../../fixtures/evidence/parse/nginx.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import { check, eachLevel, inside, known, present, source } from "../../claim.ts";
import { deliveredUpstream } from "./delivered.ts";
import { upstreamCheck } from "./upstream-check.ts";

const declaredPath = (e: Evidence) => `${e.document.target.tree}/${declaredSiteOf(e.deployment)}`;

/** The declared site has the upstream, with the docker host's address alone. */
export function declaredUpstream(e: Evidence): readonly Check[] {
  return present("declared", declaredPath(e), e.declaredGateway, (site) => [
    upstreamCheck("declared", e.deployment, site, declaredPath(e)),
  ]);
}

/** The files that are written into the gateway have the upstream, and so has the nginx that runs there. */
export function runningUpstream(e: Evidence): readonly Check[] {
  return eachLevel({
    delivered: () => deliveredUpstream(e),
    live: () =>
      inside(e, "pct", () => {
        const tree = known(e.liveGateway);
        return [upstreamCheck("live", e.deployment, httpOf(tree), source(e.liveGateway)), loaded(e)];
      }),
  });
}

const httpOf = (tree: readonly Directive[]) => named(tree, "http").flatMap(({ block }) => block ?? []);

/** `nginx -T` reads the files on disk; nginx runs that configuration only if its workers started after the last change. */
function loaded(e: Evidence): Check {
  const workers = known(e.nginxProcesses).filter(({ role, leaving }) => role === "worker" && !leaving);
  const started = Math.min(...workers.map(({ startedAt }) => startedAt));
  const files = known(e.nginxFiles);
  if (files.size === 0) throw new CannotTell("the files that nginx loads were not found");
  const [file, changed] = [...files].reduce<readonly [string, number]>(
    (last, [path, one]) => (one.changed > last[1] ? [path, one.changed] : last),
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
  const { gateway, portainer } = e.deployment;
  const about = ["portainer", gateway.upstream, portainer.host].map((word) => word.toLowerCase());
  const warnings = said.filter(
    (line) => line.includes("[warn]") && about.some((word) => line.toLowerCase().includes(word)),
  );
  const remarks = [...errors, ...warnings].map((line) =>
    line.replace(/^nginx: |^[\d/]+ [\d:]+ | \d+#\d+:/g, "").trim(),
  );
  const where = startOf(remarks[0] ?? "", e) ?? source(fact);
  // An answer that was lost or cut is not consent: nginx says so itself when a test succeeds.
  if (code === 0 && remarks.length === 0 && !/\btest is successful\b/.test(err))
    throw new CannotTell(`\`${source(fact)}\` did not print that the test is successful`);
  const found =
    remarks.join("; ") || (code === 0 ? "accepted" : `exit code ${code}: ${err.trim().slice(0, 200)}`);
  const next = `pct exec ${e.deployment.gateway.ctid} -- nginx -t`;
  return check({ level, where, ok: code === 0 && remarks.length === 0, expected: "accepted", found, next });
}
