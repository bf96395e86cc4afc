// A small run for tests of the forms: three targets, every verdict, and whatever else a test needs.
import { sha256 } from "./build.ts";
import {
  type PhaseResult,
  type Run,
  type RunRequirement,
  type RunTarget,
  runSchema,
  type Trouble,
} from "./run.ts";

const at = "2026-03-01T01:02:03.000Z";

/** One requirement; its id tells its verdict if no other is given. */
export function sampleRequirement(
  id: string,
  more: Partial<RunRequirement & PhaseResult> = {},
): RunRequirement {
  const {
    verdict = "pass",
    seen = "found it",
    reason = "",
    checks,
    levels = ["live"],
    ms = 3,
    ...rest
  } = more;
  const made = [
    {
      level: "live",
      ok: verdict === "pass",
      expected: "a mount",
      found: "a mount",
      where: "qm status 1001 (exit code 0)",
    },
  ] as const;
  const result = { verdict, seen, reason, levels, checks: checks ?? made, ms };
  return {
    ...{ id, revision: 2, area: "storage", kind: "R", plan: "1.1", severity: "must", title: `the ${id}` },
    ...{ statement: `${id} holds`, rationale: "because it must", levels: ["live"], remedies: [], steps: [] },
    phases: [{ phase: "verified", ...result }],
    controls: { passed: 0, failed: 0, names: [], shown: [] },
    lastRed: [{ control: "goes red without a mount", modes: ["F10"], at, tool: "0.2.0" }],
    ...rest,
    verdict,
  };
}

const failing = {
  level: "live",
  ok: false,
  expected: "a mount",
  found: "none",
  where: "VM 1001: /proc/self/mountinfo",
  next: "mount -a",
} as const;

/** Every verdict that a target without waivers can have. */
export const sampleRequirements: readonly RunRequirement[] = [
  sampleRequirement("STO-001"),
  sampleRequirement("STO-002", {
    verdict: "fail",
    seen: "none",
    reason: "expected a mount, found none",
    checks: [failing],
  }),
  sampleRequirement("STO-003", {
    verdict: "unknown",
    seen: "timed out",
    reason: "timed out",
    checks: [],
    levels: [],
  }),
  sampleRequirement("STO-004", {
    verdict: "not judged",
    seen: "needs reboot-vm",
    reason: "needs reboot-vm",
    checks: [],
    levels: [],
  }),
  sampleRequirement("STO-005", {
    verdict: "pending",
    seen: "no spec yet",
    reason: "no spec yet",
    checks: [],
    levels: [],
  }),
];

export const sampleTarget = (target: string, more: Partial<RunTarget> = {}): RunTarget => ({
  ...{ target, kind: "host", exitCode: 1, verdict: "fail", startedAt: at, ms: 1_234 },
  deployment: sha256("deployment"),
  evidence: [
    { phase: "verified", at, ageSeconds: 1, digest: sha256("evidence"), limits: [], limitsFrom: "inventory" },
  ],
  ...{ allowed: ["observe"], required: [], removed: [] },
  phases: [{ name: "verified", startedAt: at, ms: 1_234, status: "failed", bugs: [] }],
  requirements: sampleRequirements,
  ...more,
});

export const sampleTrouble: Trouble = {
  ...{ target: "gone", exitCode: 2, ms: 10, trouble: "No connection: gone\nNext:\n    nc gone 22" },
};

/** A run of `verify` on a host that fails, one that passes, and one that does not answer. */
export const sampleRun = (more: Partial<Run> = {}): Run => ({
  ...{
    $schema: runSchema,
    version: 1,
    command: "verify",
    startedAt: at,
    ms: 2_000,
    exitCode: 1,
    verdict: "fail",
  },
  tool: { name: "phoenix-acceptance", version: "0.2.0", commit: "0".repeat(40), node: "v24.0.0" },
  register: { digest: sha256("register"), requirements: 5 },
  contract: { at: "2026-02-01", ageDays: 28, version: "8.4.1", scenarios: 40 },
  targets: [
    sampleTarget("prod"),
    sampleTarget("lab", {
      exitCode: 0,
      verdict: "pass",
      requirements: sampleRequirements.map(({ id }) => sampleRequirement(id)),
    }),
    sampleTrouble,
  ],
  ...more,
});
