// The claim about phoenix-cli: each way in which it can fail shows in the record.
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../../fixtures/deployment/read.ts";
import type { RunRecord } from "../../../fixtures/evidence/record.ts";
import { judge } from "../../../fixtures/judgement.ts";
import { evidenceAt, hypervisor } from "../../testing/before-and-after.ts";
import { applyCompleted, cliCompleted } from "./phoenix-cli.ts";

const well = { argv: ["qm", "guest", "exec", "1001"], code: 0, answer: '{"exitcode":0,"exited":1}' };
const command = (words: string, code = 0, guestExecs = [well]) => ({
  argv: ["/usr/local/phoenix_hypervisor/bin/phoenix-cli", ...words.split(" ")],
  ...{ code, output: "done\n", guestExecs },
});
const record = (...commands: RunRecord["commands"]): RunRecord => ({
  at: "",
  literal: false,
  choice: [],
  steps: [],
  commands,
});
const converge = command("converge 101", 0, []);

const completed = (given: RunRecord) => cliCompleted(given, defaultDeployment);

test("both commands and every guest command succeeded", () => {
  expect(judge(completed, record(command("create 1001"), converge)).verdict).toBe("pass");
});

test("a command that failed for another guest, or first for one of the two, is no failure", () => {
  const others = [command("start 1002", 1, []), command("start 1001", 1, []), command("start 1001", 0, [])];
  expect(judge(completed, record(...others, command("create 1001"), converge)).verdict).toBe("pass");
});

for (const [what, given, words] of [
  ["nothing ran", record(), "it did not run"],
  ["only one command ran", record(command("create 1001")), "it did not run"],
  ["a command failed", record(command("create 1001", 1), converge), "exit code 1: done"],
  ["its last run failed", record(command("create 1001"), command("create 1001", 3), converge), "exit code 3"],
  [
    "another command for one of the guests failed",
    record(command("create 1001"), converge, command("converge 1001", 4, [])),
    "exit code 4",
  ],
  ["no command ran in the guest", record(command("create 1001", 0, []), converge), "no commands"],
  [
    "a guest command failed",
    record(
      command("create 1001", 0, [well, { ...well, answer: '{"exitcode":2,"exited":1,"err-data":"E: no"}' }]),
      converge,
    ),
    "exit code 2: E: no",
  ],
  [
    "a guest command was left running",
    record(command("create 1001", 0, [{ ...well, answer: 'timeout\n{"pid":9}' }]), converge),
    "still running",
  ],
  [
    "a guest's answer was lost",
    record(command("create 1001", 0, [{ ...well, answer: "" }]), converge),
    "can't be read",
  ],
  [
    "qm itself failed",
    record(command("create 1001", 0, [{ ...well, code: 255 }]), converge),
    "qm itself ended with 255",
  ],
] as const) {
  test(`phoenix-cli did not complete when ${what}`, () => {
    const { verdict, checks } = judge(completed, given);
    expect(verdict).toBe("fail");
    expect(
      checks
        .filter(({ ok }) => !ok)
        .map(({ found }) => found)
        .join("\n"),
    ).toContain(words);
  });
}

test("another guest's commands do not count", () => {
  const dockerHost = { ...defaultDeployment.dockerHost, vmid: 4242 };
  const { checks } = judge(
    (given: RunRecord) => cliCompleted(given, { ...defaultDeployment, dockerHost }),
    record(command("create 1001"), converge),
  );
  expect(checks.filter(({ ok }) => !ok)).toMatchObject([
    { where: "phoenix-cli create 4242", found: "it did not run" },
  ]);
});

const tree = "/usr/local/phoenix_hypervisor";
const listed = (...files: (readonly [path: string, size: number])[]) => ({
  hypervisor: {
    "list tree": files.map(([path, size]) => `f 644 root:root 1.5 ${size} 7\0\0${tree}/${path}\0`).join(""),
    "sums tree": "",
  },
});
const gatewayFile = "etc/nginx/sites-available/vllm_gateway";
const vmFile = "bin/vm_features/feature_install_docker.sh";
const both = "bin/phoenix_hypervisor_common_utils.sh";
const was = listed([gatewayFile, 1], [vmFile, 1], [both, 1]);

/** The verdict on an apply that ran these commands, after a run of both from before the plan. */
const applied = (
  now: RunRecord,
  after: ReturnType<typeof listed>,
  before = record(command("create 1001"), converge),
) => {
  const earlier = { record: before, before: evidenceAt("1", was), after: evidenceAt("2", after) };
  const { verdict, checks } = judge(
    (given: RunRecord) => applyCompleted(given, defaultDeployment, earlier),
    now,
  );
  return `${verdict} ${checks.filter(({ ok }) => !ok).map(({ found }) => found)}`.trim();
};

test("an apply that leaves a command out: the run from before counts, while nothing changed that the command reads", () => {
  expect(hypervisor.guests).toContain("101");
  expect(applied(record(), was), "the tree already holds the plan").toBe("pass");
  expect(applied(record(command("create 1001")), listed([gatewayFile, 1], [vmFile, 2], [both, 1]))).toBe(
    "pass",
  );
  expect(applied(record(converge), listed([gatewayFile, 2], [vmFile, 1], [both, 1]))).toBe("pass");
});

test("an apply that leaves a command out which the tree demands is refuted, with the file that changed", () => {
  const changed = listed([gatewayFile, 2], [vmFile, 1], [both, 1]);
  expect(applied(record(command("create 1001")), changed)).toBe(
    `fail it did not run after the change of ${gatewayFile}`,
  );
  const shared = listed([gatewayFile, 1], [vmFile, 1], [both, 2]);
  expect(applied(record(command("create 1001")), shared)).toBe(
    `fail it did not run after the change of ${both}`,
  );
  expect(applied(record(), listed([gatewayFile, 1], [both, 1]))).toContain(
    `fail it did not run after the change of ${vmFile}`,
  );
});

test("an apply that leaves a command out is refuted when the run from before failed, or never was", () => {
  expect(applied(record(), was, record(command("create 1001", 4), converge))).toContain("fail exit code 4");
  expect(applied(record(), was, record(converge))).toContain("fail it did not run");
  const { verdict } = judge(
    (given: RunRecord) => applyCompleted(given, defaultDeployment, undefined),
    record(),
  );
  expect(verdict).toBe("fail");
});
