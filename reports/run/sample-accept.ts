// For tests: the document of a run with a requirement of every verdict, before and after the plan.
import type { Verdict } from "../../fixtures/judgement.ts";
import {
  type AppliedWaiver,
  type PhaseResult,
  type Run,
  type RunRequirement,
  type RunTarget,
  runSchema,
} from "./run.ts";

const digest = (sign: string) => `sha256:${sign.repeat(64)}`;
const at = "2026-03-01T02:00:00.000Z";

/** A result with one check, for each verdict. */
export function sampleResult(phase: string, verdict: Verdict): PhaseResult {
  const ok = verdict === "pass";
  const check = {
    ...{ level: "live" as const, ok, expected: "one mount of /srv/data", found: ok ? "one" : "two" },
    ...{ where: "qm guest exec 1001 -- findmnt (exit code 0)", command: "qm guest exec 1001 -- findmnt" },
    ...{ exitCode: 0, ...(ok ? {} : { next: "umount /srv/old" }) },
  };
  const told = verdict === "pass" || verdict === "fail" || verdict === "waived";
  const reason = { pass: "", fail: "expected one, found two", waived: "accepted" }[verdict as string];
  return {
    ...{ phase, verdict, seen: ok ? "one" : "two", reason: reason ?? `no ${verdict} reason`, ms: 120 },
    ...{ levels: ["live"], checks: told ? [check] : [] },
  };
}

/** A requirement with this verdict after the plan; before it, it failed. */
export function sampleRequirement(id: string, verdict: Verdict, plan = "1.1"): RunRequirement {
  const title = `${id} is refuted by a second mount`;
  return {
    ...{ id, revision: 1, area: "storage", kind: "R", plan, severity: "must", title: `title of ${id}` },
    ...{
      statement: `the volume of ${id} is mounted once`,
      rationale: "Two mounts hide data.",
      levels: ["live"],
    },
    ...{ remedies: ["P1"], steps: ["volume-mount"], verdict },
    phases: [sampleResult("before", "fail"), sampleResult("after", verdict)],
    controls: { passed: 1, failed: 0, names: [title], shown: [{ title, red: true, modes: ["F10"] }] },
    lastRed: [{ control: title, modes: ["F10"], at, tool: "0.2.0" }],
  };
}

const idAt = (index: number) => `STO-${String(index + 1).padStart(3, "0")}`;

/** A failure that is accepted. */
export const sampleWaiver = (requirement: string, target: string): AppliedWaiver => ({
  ...{ requirement, target, reason: "the old mount goes with the next reboot", risk: "data in two places" },
  ...{ owner: "storage team", approver: "J. Doe", ticket: "OPS-17", expires: "2026-03-20" },
  ...{ state: "in force", soon: true },
});

/** One target with these verdicts, as `accept` judges it. */
export function sampleTarget(verdicts: readonly Verdict[], target = "stand-in"): RunTarget {
  const phase = { startedAt: at, ms: 5_000, status: "passed", bugs: [] } as const;
  const counted = verdicts.includes("fail") ? 1 : verdicts.includes("unknown") ? 2 : 0;
  return {
    ...{ target, kind: "stand-in", exitCode: counted, startedAt: at, ms: 9_000, deployment: digest("d") },
    verdict: (["pass", "fail", "unknown"] as const)[counted] as "pass",
    tree: { name: "sample" },
    plan: { digest: digest("e"), literal: false, without: [], steps: ["volume-mount"] },
    standIn: { image: "stand-in:1", vm: "lxc" },
    evidence: [
      { phase: "after", at, ageSeconds: 2, digest: digest("f"), limits: ["nfs"], limitsFrom: "inventory" },
    ],
    ...{ allowed: ["observe"], required: [], removed: [] },
    phases: [
      { name: "before", ...phase },
      { name: "after", ...phase },
    ],
    requirements: verdicts.map((verdict, index) => {
      const one = sampleRequirement(idAt(index), verdict);
      return verdict === "waived" ? { ...one, waiver: sampleWaiver(one.id, target) } : one;
    }),
    ...(verdicts.includes("waived") && {
      waivers: verdicts.flatMap((verdict, index) =>
        verdict === "waived" ? [sampleWaiver(idAt(index), target)] : [],
      ),
    }),
  };
}

/** A run on one target with these verdicts. */
export function sampleRun(verdicts: readonly Verdict[], target?: string): Run {
  const one = sampleTarget(verdicts, target);
  return {
    ...{ $schema: runSchema, version: 1, command: "accept", startedAt: at, ms: 10_000 },
    ...{ exitCode: one.exitCode, verdict: one.verdict },
    tool: { name: "phoenix-acceptance", version: "0.2.0", commit: "0123abc", node: "v24.0.0" },
    register: { digest: digest("a"), requirements: verdicts.length },
    contract: { at: "2026-01-01", ageDays: 59, version: "8.4", scenarios: 31 },
    targets: [one],
  };
}
