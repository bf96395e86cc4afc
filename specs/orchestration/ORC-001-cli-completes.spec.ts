// ORC-001. phoenix-cli completes for VM 1001 and LXC 101, and what it ran in the guests succeeded.
// qm reports success whatever a guest's command did, so the guests' own exit codes are read from the record of the apply.
import { control, holds, refuted, requirement, test } from "../../fixtures/index.ts";
import { cliCompleted } from "./claims.ts";

test(
  "ORC-001 phoenix-cli and all it ran in the guests ended well",
  requirement("ORC-001"),
  async ({ record }) => {
    await holds(cliCompleted(record));
  },
);

test(
  "ORC-001 is refuted by a record in which one guest command failed",
  control("ORC-001"),
  async ({ record }) => {
    const failed = {
      argv: ["/bin/sh"],
      code: 0,
      answer: '{"exitcode":1,"exited":1,"err-data":"no space left"}',
    };
    const commands = record.commands.map((command) => ({
      ...command,
      guestExecs: [...command.guestExecs, failed],
    }));
    await refuted(cliCompleted({ ...record, commands }), "exit code 1: no space left");
  },
);
