// Everything that is sent through `qm guest exec` is ASCII: one other byte disables a real guest agent.
import { globSync, readdirSync, readFileSync } from "node:fs";
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
  "provision/facts.sh",
];

/** The files that have `qm guest exec` in them, and why nothing beyond ASCII gets into it there. */
const senders: Readonly<Record<string, string>> = {
  "fixtures/evidence/guests.ts": "forGuestAgent",
  "fixtures/evidence/probe/hypervisor.sh": "sends docker_script, which probe.ts makes with forGuestAgent",
  "fixtures/faults/portainer.ts": "forGuestAgent",
  "fixtures/faults/remains.ts": "forGuestAgent",
  "provision/facts.sh": "ASCII itself; its only value is a port",
  "provision/journal/qm-recorder.sh": "passes on what Phoenix sends",
  "provision/steps/cluster-firewall.contract.ts": "ASCII itself; its only values are an address and a port",
  "provision/steps/first-setup.ts": "forGuestAgent",
  "provision/steps/in-guest.ts": "forGuestAgent",
  "provision/steps/scripts.ts": "edits Phoenix's manager, and sends nothing",
};

/** The lines of a text that contain another byte than ASCII, as `line: text`. */
function nonAsciiLines(bytes: Buffer): string[] {
  const lines = bytes.toString("latin1").split("\n");
  return lines.flatMap((line, index) => (/[^\t\r\x20-\x7e]/.test(line) ? [`${index + 1}: ${line}`] : []));
}

test("every file that sends through qm guest exec is known, and encodes what is not ASCII", () => {
  const files = ["fixtures", "provision", "specs", "cli", "reports"]
    .flatMap((folder) => globSync(`${folder}/**/*.{ts,sh}`, { cwd: root }))
    .filter((file) => !/\.test\.ts$|^fixtures\/(standin|phoenix)\//.test(file));
  const code = (file: string) =>
    readFileSync(join(root, file), "utf8")
      .split("\n")
      .filter((line) => !/^\s*(\/\/|\*|\/\*\*|#)/.test(line))
      .join("\n");
  const sends = /\bqm guest exec ["']?\$(?!\{)|"guest",\s*"exec"|= "guest exec"/;
  expect(files.filter((file) => sends.test(code(file))).sort()).toEqual(Object.keys(senders).sort());
  for (const [file, how] of Object.entries(senders))
    if (how === "forGuestAgent") expect(code(file), file).toContain("forGuestAgent(");
  expect(code("fixtures/evidence/probe.ts")).toMatch(/dockerHost = quoteWord\(forGuestAgent\(/);
});

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
