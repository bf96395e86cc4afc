// The manager finds an option of LXC however it is spelled, and appends one that is not there.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { removeAtExit } from "../../fixtures/remove-at-exit.ts";
import { files } from "../files.ts";
import { makePlan } from "../plan.ts";
import { factsOf, sampleTree, textOf, written } from "../testing/sample-facts.ts";
import { lxcOptions } from "./lxc-options.ts";

const folder = mkdtempSync(join(tmpdir(), "lxc-options-"));
removeAtExit(folder);
const { lxcManager } = files;
const facts = factsOf(sampleTree);
const plan = makePlan(facts, [lxcOptions], { target: "sample", literal: false, without: [], only: [] });
const [before = "", after = ""] = [facts, written(facts, plan)].map((each) => textOf(each, lxcManager));

/** A container's configuration after the manager's own line has run once for an option. */
function converged(manager: string, conf: string, option: string): string {
  const line = manager.split("\n").find((each) => /grep -q.*"\$option"/.test(each)) ?? "";
  const file = join(folder, "conf");
  writeFileSync(file, conf);
  const { status, stderr } = spawnSync(
    "bash",
    ["-c", `option=$1 conf_file=$2\n${line}`, "bash", option, file],
    {
      encoding: "utf8",
    },
  );
  expect([status, stderr]).toEqual([0, ""]);
  return readFileSync(file, "utf8");
}

for (const [conf, option] of [
  ["lxc.mount.auto: sys:rw\n", "lxc.mount.auto:sys:rw"],
  ["lxc.mount.auto:sys:rw\n", "lxc.mount.auto:sys:rw"],
  ["lxc.apparmor.profile: unconfined\n", "lxc.apparmor.profile=unconfined"],
  ["lxc.cap.drop: a=b\n", "lxc.cap.drop=a=b"],
] as const)
  test(`${option} is not appended to ${JSON.stringify(conf)}`, () => {
    expect(converged(after, conf, option)).toBe(conf);
  });

test("without the step, an option that Proxmox has rewritten is appended again", () => {
  expect(converged(before, "lxc.mount.auto: sys:rw\n", "lxc.mount.auto:sys:rw").split("\n")).toHaveLength(3);
});

for (const conf of ["", "lxc.mount.auto: sys:rw,proc\n", "# lxc.mount.auto: sys:rw\n"])
  test(`an option that is not there is appended to ${JSON.stringify(conf)}`, () => {
    expect(converged(after, conf, "lxc.mount.auto:sys:rw")).toBe(`${conf}lxc.mount.auto:sys:rw\n`);
  });
