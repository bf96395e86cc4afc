// The undo of a mount: /etc/fstab is restored whatever does not work, and what stays is said.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { removeAtExit } from "../../fixtures/remove-at-exit.ts";
import { restoreTable } from "./volume.ts";

const folder = mkdtempSync(join(tmpdir(), "restore-table-"));
removeAtExit(folder);
const table = join(folder, "fstab");

/** Runs the undo with these programs; each of them works unless it is given here. */
function undo(name: string, programs: Record<string, string>, before = "") {
  const bin = join(folder, name);
  mkdirSync(bin);
  // A mount point is mounted until `umount` has removed the mark.
  const all = {
    mountpoint: `test -e '${bin}/mounted'`,
    umount: `rm '${bin}/mounted'`,
    mount: "true",
    ...programs,
  };
  for (const [program, text] of Object.entries(all)) {
    writeFileSync(join(bin, program), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, program), 0o755);
  }
  writeFileSync(join(bin, "mounted"), "");
  writeFileSync(table, "new\n");
  const script = restoreTable(before).replaceAll("/etc/fstab", table);
  const { status, stdout } = spawnSync("sh", ["-c", script, "sh", btoa("old\n"), "/srv/x"], {
    encoding: "utf8",
    env: { PATH: `${bin}:/usr/sbin:/usr/bin:/sbin:/bin` },
  });
  return { status, left: stdout.match(/^left: .*$/gm) ?? [], table: readFileSync(table, "utf8") };
}

test("where everything works, nothing is left", () => {
  expect(undo("works", {})).toEqual({ status: 0, left: [], table: "old\n" });
});

for (const [what, programs, before, left] of [
  ["the mount is busy", { umount: "exit 32" }, "", /\/srv\/x stays mounted until the next boot/],
  ["the NFS server does not answer", { mount: "exit 32" }, "", /mount -a failed/],
  ["Docker does not answer", {}, 'false || left "the stack runs"', /the stack runs/],
] as const)
  test(`the table is restored if ${what}`, () => {
    const result = undo(what, programs, before);
    expect(result).toMatchObject({ status: 0, table: "old\n" });
    expect(result.left).toEqual([expect.stringMatching(left)]);
  });

test("a table that can't be written is a failed undo", () => {
  expect(undo("unwritable", { mv: "exit 1" })).toMatchObject({ status: 1, table: "new\n" });
});
