// Building blocks of claims: each level of a requirement gives checks, and the worst check decides.
import { bounded } from "../fixtures/bounded.ts";
import { CannotTell } from "../fixtures/errors.ts";
import type { Evidence } from "../fixtures/evidence/evidence.ts";
import { type Fact, known, source } from "../fixtures/evidence/fact.ts";
import { type Check, fails, type Level, PartlyUnknown } from "../fixtures/judgement.ts";
import { toType } from "../fixtures/quote.ts";
import type { Limit } from "../fixtures/target/inventory.ts";
import { visibleLines } from "../fixtures/visible-lines.ts";

/** What this project's command line answered. */
export interface Answered {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A check before it is built: with `next`, the command or edit that would fix it. */
type Looked = Omit<Check, "next" | "unknown" | "notImitated"> & { readonly next?: string | undefined };

/** Builds a check; keeps `next` only when the check is not ok. A character that can't be seen is shown by its code. */
export function check({ next, ...looked }: Looked): Check {
  return {
    ...looked,
    found: visibleLines(looked.found),
    ...(!looked.ok && next && { next }),
  };
}

/**
 * Runs each part and collects its checks. A part that cannot tell must not hide another part's failing check:
 * when there is a failing check, it becomes one more of them; otherwise it is thrown.
 * @throws PartlyUnknown with the reasons of all parts that could not tell, when no check fails.
 */
export function eachLevel(parts: Partial<Record<Level, () => readonly Check[]>>): Check[] {
  return eachPart(Object.entries(parts) as [Level, () => readonly Check[]][]);
}

/** Texts of a target are bounded; judging them takes milliseconds, however they are made. */
const mostMs = 20_000;

/** `eachLevel` for parts of which several may be of one level. */
export function eachPart(parts: readonly (readonly [Level, () => readonly Check[]])[]): Check[] {
  const checks: Check[] = [];
  const unknown: { level: Level; reason: string }[] = [];
  for (const [level, part] of parts) {
    try {
      checks.push(...bounded(`judging what was ${level}`, mostMs, part));
    } catch (error) {
      if (!(error instanceof CannotTell)) throw error;
      if (error instanceof PartlyUnknown) {
        checks.push(...error.checks);
        unknown.push(...error.unknown);
      } else unknown.push({ level, reason: error.message });
    }
  }
  if (unknown.length === 0) return checks;
  if (!checks.some(fails)) throw new PartlyUnknown(checks, unknown);
  const silent = unknown.map(({ level, reason }) => ({
    ...check({
      level,
      where: "evidence",
      ok: false,
      expected: "an answer",
      found: `could not tell: ${reason}`,
    }),
    unknown: true as const,
  }));
  return [...checks, ...silent];
}

/** Each check once, in order: several requests are often judged by the same directive. */
export function distinct(checks: readonly Check[]): Check[] {
  return [...new Map(checks.map((one) => [JSON.stringify(one), one])).values()];
}

/** A required file: its value, or one failing check when it is missing. */
export function present<T>(
  level: Level,
  path: string,
  fact: Fact<T | undefined>,
  judge: (value: T) => readonly Check[],
): readonly Check[] {
  const value = known(fact);
  if (value === undefined)
    return [
      check({
        level,
        where: path,
        ok: false,
        expected: "a file",
        found: "no such file",
        next: toType`ls -l ${path}`,
      }),
    ];
  return judge(value);
}

/** A check that the target says it cannot imitate, recorded with the target's own reason. */
export function notImitated({ reason }: Limit, looked: Omit<Looked, "ok" | "next">): Check {
  return { ...looked, ok: false, notImitated: reason };
}

/** Whether a guest runs, as the hypervisor reports it. A stopped guest is a failing check, not an unknown one. */
export function guestRuns(evidence: Evidence, tool: "pct" | "qm"): Check {
  const fact = evidence.answer("hypervisor", `${tool} status`);
  const { out, err, code } = known(fact);
  const said = (code === 0 ? out : err).trim();
  const { gateway, dockerHost } = evidence.deployment;
  const id = tool === "pct" ? gateway.ctid : dockerHost.vmid;
  return check({
    level: "live",
    where: source(fact),
    ok: code === 0 && said === "status: running",
    expected: "status: running",
    found: said,
    next: `${tool} start ${id}`,
  });
}

/** Checks inside a guest; when it does not run, only the check that says so. */
export function inside(
  evidence: Evidence,
  tool: "pct" | "qm",
  judge: () => readonly Check[],
): readonly Check[] {
  const runs = guestRuns(evidence, tool);
  return runs.ok ? [runs, ...judge()] : [runs];
}

/** Checks of containers; when Docker does not run, only the check that says so. */
export function withDocker(evidence: Evidence, judge: () => readonly Check[]): readonly Check[] {
  return inside(evidence, "qm", () => {
    const fact = evidence.answer("docker-host", "docker active");
    const { out, code } = known(fact);
    const said = out.trim();
    if (!/^(active|inactive|failed|unknown|activating|deactivating|reloading|maintenance)$/.test(said))
      throw new CannotTell(`not an answer of \`${source(fact)}\`: ${said.slice(0, 100) || "nothing"}`);
    if ((said === "active") !== (code === 0))
      throw new CannotTell(`\`${source(fact)}\` said ${said}, which it never does with this exit code`);
    const runs = check({
      level: "live",
      where: source(fact),
      ok: said === "active",
      expected: "active",
      found: said,
      next: "systemctl start docker",
    });
    return runs.ok ? [runs, ...judge()] : [runs];
  });
}

export { known, source };
