// The claim about phoenix-cli: each way in which it can fail shows in the record.
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../../fixtures/deployment/read.ts";
import type { RunRecord } from "../../../fixtures/evidence/record.ts";
import { judge } from "../../../fixtures/judgement.ts";
import { cliCompleted } from "./phoenix-cli.ts";

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

for (const [what, given, words] of [
  ["nothing ran", record(), "it did not run"],
  ["only one command ran", record(command("create 1001")), "it did not run"],
  ["a command failed", record(command("create 1001", 1), converge), "exit code 1: done"],
  ["its last run failed", record(command("create 1001"), command("create 1001", 3), converge), "exit code 3"],
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
