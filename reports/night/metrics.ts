// A night for Prometheus's textfile collector. An alert on the age of the heartbeat notices a night that did not run.
import { endOf } from "../run/waivers.ts";
import { type Night, type TargetNight, timeOf } from "./night.ts";

/** What is known when a night starts and when it ends. */
export interface Heartbeat {
  /** The start of the present or last night, in milliseconds. */
  readonly startedAt: number;
  /** The last complete night; none before the first one ends. */
  readonly last?: Night;
  /** By target: the last night in which it got a verdict, and the last good one. */
  readonly seen: ReadonlyMap<string, { readonly verdict?: string; readonly good?: string }>;
  /** Whether somebody who had to be told could not be told. */
  readonly notifyFailed: boolean;
}

const states: readonly TargetNight["state"][] = ["pass", "fail", "unknown", "no verdict"];

/** The text in Prometheus's exposition format, version 0.0.4. */
export function metrics({ startedAt, last, seen, notifyFailed }: Heartbeat): string {
  const seconds = (ms: number) => String(Math.floor(ms / 1000));
  const perTarget = (value: (one: TargetNight) => number) =>
    (last?.targets ?? []).map((one): [string, string] => [label({ target: one.target }), String(value(one))]);
  const times = (of: "verdict" | "good") =>
    [...seen].flatMap(([target, one]): [string, string][] => {
      const night = one[of];
      return night === undefined ? [] : [[label({ target }), seconds(timeOf(night))]];
    });
  const counts = (last?.targets ?? []).flatMap(({ target, counts: all }) =>
    Object.entries(all).map(([verdict, number]): [string, string] => [
      label({ target, verdict }),
      String(number),
    ]),
  );
  const state = (last?.targets ?? []).flatMap((one) =>
    states.map((each): [string, string] => [
      label({ target: one.target, state: each }),
      one.state === each ? "1" : "0",
    ]),
  );
  const waivers = (last?.targets ?? []).flatMap(({ target, waivers: all = [] }) =>
    all.map(({ requirement, state: is, expires }): [string, string] => [
      label({ target, requirement, state: is }),
      seconds(endOf(expires) ?? 0),
    ]),
  );
  const families: [string, string, [string, string][]][] = [
    [
      "phoenix_night_started_timestamp_seconds",
      "Start of the present or last night.",
      [["", seconds(startedAt)]],
    ],
    ...(last
      ? ([
          [
            "phoenix_night_ended_timestamp_seconds",
            "End of the last complete night. Alert if it is older than a day and some hours.",
            [["", seconds(Date.parse(last.startedAt) + last.ms)]],
          ],
          ["phoenix_night_exit_code", "Exit code of the last complete night.", [["", String(last.exitCode)]]],
          [
            "phoenix_night_notify_failed",
            "1 if somebody could not be told.",
            [["", notifyFailed ? "1" : "0"]],
          ],
        ] as [string, string, [string, string][]][])
      : []),
    ["phoenix_night_target_state", "1 for the state of a target in the last night.", state],
    ["phoenix_night_requirements", "Requirements by verdict in the last night.", counts],
    [
      "phoenix_night_newly_failing",
      "Requirements that fail and did not in the night before.",
      perTarget(({ changes }) => changes.newlyFailing.length),
    ],
    [
      "phoenix_night_waiver_expires_timestamp_seconds",
      "When a failure is accepted no more. Alert some days before.",
      waivers,
    ],
    [
      "phoenix_night_last_verdict_timestamp_seconds",
      "Start of the last night with a verdict.",
      times("verdict"),
    ],
    [
      "phoenix_night_last_good_timestamp_seconds",
      "Start of the last night in which all passed or was waived.",
      times("good"),
    ],
  ];
  return families
    .filter(([, , samples]) => samples.length > 0)
    .map(
      ([name, help, samples]) =>
        `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${samples.map(([labels, value]) => `${name}${labels} ${value}\n`).join("")}`,
    )
    .join("");
}

/** Labels in braces; the values escaped as the format demands. */
function label(all: Readonly<Record<string, string>>): string {
  const escaped = (value: string) =>
    value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `{${Object.entries(all)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",")}}`;
}
