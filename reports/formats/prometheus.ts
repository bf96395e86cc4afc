// A run in Prometheus's text format (0.0.4), for the textfile collector.
import { verdicts } from "../../fixtures/judgement.ts";
import { isJudged, judgedTargets, type Run } from "../run/run.ts";
import { endOf } from "../run/waivers.ts";

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

/** Gauges of the run, of each target, and of each requirement: 1 for the verdict that it has. */
export function prometheus(run: Run): string {
  const judged = judgedTargets(run);
  const rows = judged.flatMap(({ target, requirements }) => requirements.map((row) => ({ target, row })));
  const families: (readonly [name: string, help: string, samples: readonly Sample[]])[] = [
    [
      "phoenix_run_timestamp_seconds",
      "Start of the run.",
      [[{ command: run.command }, seconds(run.startedAt)]],
    ],
    ["phoenix_run_duration_seconds", "Duration of the run.", [[{ command: run.command }, run.ms / 1000]]],
    ["phoenix_run_exit_code", "Exit code of the run.", [[{ command: run.command }, run.exitCode]]],
    [
      "phoenix_run_info",
      "The suite that judged, and its register.",
      [[{ version: run.tool.version, register: run.register.digest }, 1]],
    ],
    [
      "phoenix_target_exit_code",
      "Exit code of each target.",
      run.targets.map(({ target, exitCode }) => [{ target }, exitCode]),
    ],
    [
      "phoenix_target_judged",
      "1 if the target has a result.",
      run.targets.map((one) => [{ target: one.target }, isJudged(one) ? 1 : 0]),
    ],
    [
      "phoenix_requirements",
      "Requirements by verdict.",
      judged.flatMap(({ target, requirements }) =>
        verdicts.map(
          (verdict): Sample => [
            { target, verdict },
            requirements.filter((row) => row.verdict === verdict).length,
          ],
        ),
      ),
    ],
    [
      "phoenix_requirement",
      "1 for the verdict of a requirement.",
      rows.map(({ target, row }) => [
        { target, requirement: row.id, severity: row.severity, verdict: row.verdict },
        1,
      ]),
    ],
    [
      "phoenix_control_last_red_timestamp_seconds",
      "When a control of a requirement was last seen red.",
      rows.flatMap(({ target, row }) => {
        const [last] = row.lastRed
          .map(({ at }) => at)
          .toSorted()
          .toReversed();
        return last === undefined ? [] : [[{ target, requirement: row.id }, seconds(last)] as const];
      }),
    ],
    [
      "phoenix_waiver_expires_timestamp_seconds",
      "When a waiver ends, whatever its state.",
      judged.flatMap(({ target, waivers = [] }) =>
        waivers.map(
          ({ requirement, ticket, state, expires }): Sample => [
            { target, requirement, ticket, state },
            Math.floor((endOf(expires) ?? 0) / 1000),
          ],
        ),
      ),
    ],
    [
      "phoenix_contract_age_days",
      "Days since a real host agreed with the stand-in's contract.",
      run.contract ? [[{}, run.contract.ageDays]] : [],
    ],
  ];
  return families
    .filter(([, , samples]) => samples.length > 0)
    .map(([name, help, samples]) => {
      const lines = samples.map(([labels, value]) => `${name}${labelsOf(labels)} ${value}\n`);
      return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join("")}`;
    })
    .join("");
}

const seconds = (time: string) => Math.floor(Date.parse(time) / 1000);

/** Labels in braces; the values escaped as the format demands. */
function labelsOf(labels: Readonly<Record<string, string>>): string {
  const said = Object.entries(labels).map(
    ([name, value]) =>
      `${name}="${value.toWellFormed().replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`,
  );
  return said.length > 0 ? `{${said.join(",")}}` : "";
}
