// ORC-001. phoenix-cli completes for the docker host and the gateway, and what it ran in the guests succeeded.
// qm reports success even when a guest's command failed, so the guests' own exit codes are read from the record of the apply.
import type { RunRecord } from "../../fixtures/evidence/record.ts";
import { misplacedWord } from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { secondRun } from "../trials/second-run.ts";
import { applyCompleted, cliCompleted } from "./claims/phoenix-cli.ts";

test(
  "ORC-001 phoenix-cli and every command it ran in the guests succeeded",
  requirement("ORC-001"),
  async ({ record, deployment, evidence, earlierRun }) => {
    await holds(applyCompleted(record, deployment, earlierRun && { ...earlierRun, after: evidence }));
  },
);

const alsoRan = (record: RunRecord, answer: string): RunRecord => {
  const commands = record.commands.map((command) => ({
    ...command,
    guestExecs: [...command.guestExecs, { argv: ["/bin/sh"], code: 0, answer }],
  }));
  return { ...record, commands };
};

test(
  "ORC-001 is refuted by a record in which one guest command failed",
  control("ORC-001", "F49"),
  async ({ record, deployment }) => {
    const failed = '{"exitcode":1,"exited":1,"err-data":"no space left"}';
    await refuted(cliCompleted(alsoRan(record, failed), deployment), "exit code 1: no space left");
  },
);

test(
  "ORC-001 is refuted by a record in which one guest command was left running",
  control("ORC-001", "F54", "F57"),
  async ({ record, deployment }) => {
    const left = 'timeout reached, returning pid\n{"pid":7}';
    await refuted(cliCompleted(alsoRan(record, left), deployment), "still running after its timeout (pid 7)");
  },
);

test(
  "ORC-001 is refuted by a feature script that stops at a syntax error",
  control("ORC-001", "F53"),
  async ({ brokenWhile, phoenix, freshEvidence, run }) => {
    const { ran } = await brokenWhile(misplacedWord, () => secondRun({ phoenix, freshEvidence, run }));
    await refuted(ran, "feature_install_base_setup.sh");
  },
);
