// Building blocks of claims: a requirement followed level by level, where the worst of what was seen wins.
import { CannotTell } from "../fixtures/errors.ts";
import type { Evidence } from "../fixtures/evidence/evidence.ts";
import { type Fact, known, source } from "../fixtures/evidence/fact.ts";
import { type Check, fails, type Level, PartlyUnknown } from "../fixtures/judgement.ts";
import type { Limit } from "../fixtures/target/inventory.ts";

/** What our own command line answered. */
export interface Answered {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What was looked at: a check, with the command or edit that would mend it. */
type Looked = Omit<Check, "next" | "unknown" | "notImitated"> & { readonly next?: string | undefined };

/** A check out of what was looked at; `next` is kept only when the check is not ok. */
export function check({ next, ...looked }: Looked): Check {
  return { ...looked, ...(!looked.ok && next && { next }) };
}

/**
 * Runs each part and gathers its checks. A part that cannot tell does not hide what another part saw to be wrong:
 * beside a failing check it becomes one more of them; beside none it is thrown.
 * @throws PartlyUnknown with the reasons of all parts that could not tell, when nothing else is wrong.
 */
export function eachLevel(parts: Partial<Record<Level, () => readonly Check[]>>): Check[] {
  const checks: Check[] = [];
  const unknown: { level: Level; reason: string }[] = [];
  for (const [level, part] of Object.entries(parts) as [Level, () => readonly Check[]][]) {
    try {
      checks.push(...part());
    } catch (error) {
      if (!(error instanceof CannotTell)) throw error;
      unknown.push({ level, reason: error.message });
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

/** A file that has to be there: its value, or the one failing check that says it is not. */
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
        next: `ls -l ${path}`,
      }),
    ];
  return judge(value);
}

/** What would be looked at, where the target says that it cannot imitate it: recorded with the target's own reason. */
export function notImitated({ reason }: Limit, looked: Omit<Looked, "ok" | "next">): Check {
  return { ...looked, ok: false, notImitated: reason };
}

/** Whether a guest runs, by the hypervisor's own word. A guest that is stopped is seen to be stopped, not unknown. */
export function guestRuns(evidence: Evidence, tool: "pct" | "qm"): Check {
  const fact = evidence.answer("hypervisor", `${tool} status`);
  const { out, err, code } = known(fact);
  const said = (code === 0 ? out : err).trim();
  const { gateway, dockerHost } = evidence.deployment;
  const id = tool === "pct" ? gateway.ctid : dockerHost.vmid;
  return check({
    level: "live",
    where: source(fact),
    ok: said === "status: running",
    expected: "status: running",
    found: said,
    next: `${tool} start ${id}`,
  });
}

/** Checks inside a guest, which are worth nothing to say of a guest that does not run. */
export function inside(
  evidence: Evidence,
  tool: "pct" | "qm",
  judge: () => readonly Check[],
): readonly Check[] {
  const runs = guestRuns(evidence, tool);
  return runs.ok ? [runs, ...judge()] : [runs];
}

/** Checks of containers, which are worth nothing to say where Docker itself does not run. */
export function withDocker(evidence: Evidence, judge: () => readonly Check[]): readonly Check[] {
  return inside(evidence, "qm", () => {
    const fact = evidence.answer("docker-host", "docker active");
    const said = known(fact).out.trim();
    if (!/^(active|inactive|failed|unknown|activating|deactivating)$/.test(said)) return judge();
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
