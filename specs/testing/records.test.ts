// Claims about runs and about two looks: each bad state is seen, and told by name.
import { expect, test } from "@playwright/test";
import type { RunRecord } from "../../fixtures/evidence/record.ts";
import { judge } from "../../fixtures/judgement.ts";
import { allRestored, endedWell, nothingChanged, nothingPlanned } from "../operations/claims/changes.ts";
import { cliCompleted } from "../orchestration/claims/phoenix-cli.ts";
import { healthy, sample } from "./evidence-builder.ts";

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

test("both commands, all guests well", () => {
  expect(judge(cliCompleted, record(command("create 1001"), converge)).verdict).toBe("pass");
});

for (const [what, given, words] of [
  ["nothing ran", record(), "it did not run"],
  ["only one command ran", record(command("create 1001")), "it did not run"],
  ["a command failed", record(command("create 1001", 1), converge), "exit code 1: done"],
  ["it failed at last", record(command("create 1001"), command("create 1001", 3), converge), "exit code 3"],
  ["no command ran in the guest", record(command("create 1001", 0, []), converge), "0 of them"],
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
    "a guest answer was lost",
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
    const { verdict, checks } = judge(cliCompleted, given);
    expect(verdict).toBe("fail");
    expect(
      checks
        .filter(({ ok }) => !ok)
        .map(({ found }) => found)
        .join("\n"),
    ).toContain(words);
  });
}

test("two looks at the same target are the same", () => {
  for (const claim of [nothingChanged, allRestored])
    expect(claim(sample(), sample()).filter(({ ok }) => !ok)).toEqual([]);
});

const tree = String(healthy.hypervisor["list tree"]);
const volume = String(healthy.hypervisor["list portainer"]);
for (const [what, changes, words] of [
  ["another mode", { hypervisor: { "list tree": tree.replace("644", "666") } }, "mode 666, was 644"],
  ["another owner", { hypervisor: { "list tree": tree.replace("root:root", "a:b") } }, "owner a:b"],
  [
    "other bytes",
    { hypervisor: { "sums tree": String(healthy.hypervisor["sums tree"]).replace("aa", "bb") } },
    "sha256 bb",
  ],
  [
    "a new file",
    {
      hypervisor: {
        "list pve": `${healthy.hypervisor["list pve"]}f 644 a:a 1 1 1\0\0/etc/pve/firewall/102.fw\0`,
      },
    },
    "102.fw: new",
  ],
  ["a file gone", { hypervisor: { "list pve": "" } }, "101.fw: gone"],
  [
    "a file written again with the same bytes",
    { hypervisor: { "list tree": tree.replace("1700000000.5", "1700000009.5") } },
    "mtime",
  ],
  ["another mount table", { "docker-host": { "file /etc/fstab": "" } }, ""],
  ["a changed compose file", { hypervisor: { "list portainer": volume.replace("644", "600") } }, "mode 600"],
] as const) {
  test(`${what} is a change, and is not restored`, () => {
    for (const claim of [nothingChanged, allRestored]) {
      const failing = claim(sample(), sample(changes)).filter(({ ok }) => !ok);
      expect(failing).toHaveLength(1);
      expect(failing[0]?.found).toContain(words);
    }
  });
}

test("data may change, grow and stay", () => {
  const grown = {
    hypervisor: {
      "list portainer": volume
        .replace("4096", "8192")
        .replace("644 root:root 1700000000.5 8192", "600 root:root 1800000000.5 8192"),
    },
  };
  for (const claim of [nothingChanged, allRestored])
    expect(claim(sample(), sample(grown)).filter(({ ok }) => !ok)).toEqual([]);
  const none = { hypervisor: { "list portainer": "", databases: "" } };
  const onlyData = volume.replace(/f 644 [^\0]*\0\0[^\0]*docker-compose.yml\0/, "");
  expect(
    allRestored(sample(none), sample({ hypervisor: { "list portainer": onlyData } })).every(({ ok }) => ok),
  ).toBe(true);
  expect(allRestored(sample(none), sample()).filter(({ ok }) => !ok)[0]?.found).toContain(
    "docker-compose.yml: new",
  );
});

test("a command's answer: its end and its list of changes", () => {
  const said = (code: number, out: string) =>
    nothingPlanned({ code, out, err: "refused" }).filter(({ ok }) => !ok);
  expect(said(0, '{"changes":[]}')).toEqual([]);
  expect(said(0, '{"changes":[{"does":"x"}]}')[0]?.found).toContain("1 changes");
  expect(said(0, "nothing to do")[0]?.found).toContain("no list of changes");
  expect(said(4, "")[0]?.found).toBe("exit code 4: refused");
  expect(endedWell("rollback", { code: 0, out: "", err: "" }).every(({ ok }) => ok)).toBe(true);
});
