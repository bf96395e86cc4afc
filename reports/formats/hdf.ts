// A run in the Heimdall Data Format (HDF, an InSpec execution): one profile for each target, one control for each requirement.
import type { Check } from "../../fixtures/judgement.ts";
import { sha256 } from "../run/build.ts";
import { isJudged, lastOf, type Run, type RunRequirement, type RunTarget, type Trouble } from "../run/run.ts";
import { clean } from "./words.ts";

type Status = "passed" | "failed" | "skipped" | "error";

/** The document. A requirement that could not be told is an error in it; one that was not judged is not reviewed. */
export function hdf(run: Run): object {
  return {
    platform: { name: run.tool.name, release: run.tool.version },
    version: run.tool.version,
    statistics: { duration: run.ms / 1000 },
    profiles: run.targets.map((one) => (isJudged(one) ? profile(run, one) : troubled(run, one))),
  };
}

const about = ({ tool, register }: Run, target: string, controls: readonly object[]) => ({
  ...{ name: clean(target), version: tool.version, title: `Phoenix acceptance of ${clean(target)}` },
  ...{ sha256: register.digest.slice("sha256:".length), supports: [], attributes: [], groups: [] },
  ...{ status: "loaded", controls },
});

const profile = (run: Run, one: RunTarget) =>
  about(
    run,
    one.target,
    one.requirements.map((row) => control(row, one)),
  );

function troubled(run: Run, { target, trouble }: Trouble): object {
  const result = {
    status: "error",
    code_desc: "the target is judged",
    message: clean(trouble),
    start_time: run.startedAt,
  };
  const one = {
    id: "target",
    title: "the target is judged",
    desc: clean(trouble),
    impact: 1,
    ...empty,
    tags: {},
  };
  return about(run, target, [{ ...one, results: [{ ...result, run_time: 0 }] }]);
}

const empty = { refs: [], code: "", source_location: {} };

function control(row: RunRequirement, { startedAt }: RunTarget): object {
  const { id, title, statement, rationale, severity, waiver, revision, kind, plan, area } = row;
  const { ms } = lastOf(row);
  return {
    ...{ id, title: clean(title), desc: clean(statement), impact: severity === "must" ? 0.7 : 0.5 },
    ...{ descriptions: [{ label: "rationale", data: clean(rationale) }], ...empty },
    tags: { revision, kind, plan, area, verdict: row.verdict, digest: sha256(statement) },
    ...(waiver && {
      waiver_data: {
        ...{
          justification: clean(
            `${waiver.reason} (${waiver.ticket}, ${waiver.approver}). Risk: ${waiver.risk}`,
          ),
        },
        ...{ expiration_date: waiver.expires, run: true, skipped_due_to_waiver: "the failure is accepted" },
      },
    }),
    results: resultsOf(row).map((result) => ({ ...result, run_time: ms / 1000, start_time: startedAt })),
  };
}

interface Result {
  readonly status: Status;
  readonly code_desc: string;
  readonly message?: string;
  readonly skip_message?: string;
}

/** The checks, and what they do not say: no status of the control may be better than the verdict. */
function resultsOf(row: RunRequirement): Result[] {
  const { verdict, reason, checks } = lastOf(row);
  const code_desc = clean(row.statement);
  const message = clean(reason || "no reason given");
  const all = verdict === "not judged" || verdict === "pending" ? [] : checks.map(resultOf);
  const has = (status: Status) => all.some((one) => one.status === status);
  if (verdict === "pass") return has("passed") ? all : [...all, { status: "passed", code_desc }];
  if (verdict === "fail") return has("failed") ? all : [...all, { status: "failed", code_desc, message }];
  if (verdict === "unknown") return [...all, { status: "error", code_desc, message }];
  return [{ status: "skipped", code_desc, skip_message: `${verdict}: ${message}` }];
}

function resultOf({ level, ok, expected, found, where, unknown, notImitated }: Check): Result {
  const code_desc = clean(`${level}: ${where}: ${expected}`);
  if (notImitated !== undefined)
    return { status: "skipped", code_desc, skip_message: clean(`not imitated: ${notImitated}`) };
  if (unknown) return { status: "skipped", code_desc, skip_message: clean(found) };
  return ok
    ? { status: "passed", code_desc }
    : { status: "failed", code_desc, message: clean(`expected ${expected}\nfound ${found}`) };
}
