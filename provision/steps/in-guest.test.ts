// An undo in a guest: it runs where the guest is, and where the guest is gone it stops nothing.

import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { removeAtExit } from "../../fixtures/remove-at-exit.ts";
import { asUndo } from "./in-guest.ts";

const folder = mkdtempSync(join(tmpdir(), "in-guest-"));
removeAtExit(folder);
for (const kind of ["lxc", "qemu-server"]) mkdirSync(join(folder, kind));
writeFileSync(join(folder, "lxc/101.conf"), "");
writeFileSync(join(folder, "qemu-server/1001.conf"), "");

function run(id: string) {
  const { script, args } = asUndo({ script: 'echo "undone in $1 with $2"; exit 3', args: [id, "x"] }, folder);
  const { status, stdout } = spawnSync("sh", ["-c", script, "sh", ...args], { encoding: "utf8" });
  return [status, stdout.trim()];
}

test("the undo runs in a container and in a virtual machine, and its exit code counts", () => {
  expect(run("101")).toEqual([3, "undone in 101 with x"]);
  expect(run("1001")).toEqual([3, "undone in 1001 with x"]);
});

test("a guest that is gone needs no undo, and the rollback says so", () => {
  expect(run("102")).toEqual([0, "left: guest 102 is no longer on this host: nothing was undone in it"]);
});
