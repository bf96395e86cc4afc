// Everything that is sent through `qm guest exec` is ASCII: one other byte disables a real guest agent.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";

const root = join(import.meta.dirname, "../..");
const probe = "fixtures/evidence/probe";
const assets = "provision/steps/assets";

/** The probe's parts for the docker host, and every script that a step of the plan brings along. */
const sent = [
  ...["fact.sh", "secrets.sh", "docker-host.sh"].map((name) => join(probe, name)),
  ...readdirSync(join(root, assets))
    .filter((name) => name.endsWith(".sh"))
    .map((name) => join(assets, name)),
];

/** The lines of a text that contain another byte than ASCII, as `line: text`. */
function nonAsciiLines(bytes: Buffer): string[] {
  const lines = bytes.toString("latin1").split("\n");
  return lines.flatMap((line, index) => (/[^\t\r\x20-\x7e]/.test(line) ? [`${index + 1}: ${line}`] : []));
}

test("scripts for the guest agent are found", () => {
  expect(sent.length).toBeGreaterThanOrEqual(4);
});

for (const file of sent)
  test(`${file} is ASCII`, () => {
    const bytes = readFileSync(join(root, file));
    expect(bytes.length).toBeGreaterThan(0);
    expect(nonAsciiLines(bytes)).toEqual([]);
  });

test("red: a script with an ellipsis, a dash or a byte that is not UTF-8", () => {
  for (const odd of ["# NAME COMMAND…\n", "echo a – b\n", "# ü\n"])
    expect(nonAsciiLines(Buffer.from(`set -u\n${odd}true\n`)), odd).toHaveLength(1);
  expect(nonAsciiLines(Buffer.from([0x61, 0x0a, 0xff, 0x0a]))).toEqual(["2: ÿ"]);
  expect(nonAsciiLines(Buffer.from("set -u\n\techo 'a ~ b'\n"))).toEqual([]);
});
