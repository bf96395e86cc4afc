// The second-run claim on sample evidence: what a second run may rewrite, and each thing that it must not change.
import { expect, test } from "@playwright/test";
import { judge } from "../../fixtures/judgement.ts";
import {
  type Changes,
  conf,
  dockerHost,
  entry,
  evidenceAt,
  gateway,
  hypervisor,
  text,
} from "../testing/before-and-after.ts";
import { container, healthy } from "../testing/evidence-builder.ts";
import { secondRunChangedNothing } from "./second-run.ts";

const before = evidenceAt("2025-11-01T00:00:00.000Z");
const judged = (changes?: Changes) =>
  judge((now) => secondRunChangedNothing(before, now), evidenceAt("2025-11-01T00:01:00.000Z", changes));
const mountinfo = "file /proc/self/mountinfo";
const other = (from: object) => JSON.stringify({ ...container, ...from });

test("equal evidence: passes, with every check at level behaves", () => {
  const { verdict, checks } = judged();
  expect(verdict).toBe("pass");
  expect(new Set(checks.map(({ level }) => level))).toEqual(new Set(["behaves"]));
});

for (const [what, changes] of [
  [
    "files rewritten with the same bytes",
    { hypervisor: { "list host": hypervisor["list host"].replaceAll("1700000000.5", "1800000000.5") } },
  ],
  [
    "a new snapshot of the template",
    { hypervisor: { "sums host": `${"b".repeat(64)}  ${conf}\0`, [`file ${conf}`]: text(2048, 2) } },
  ],
] as [string, Changes][]) {
  test(`nothing changed: ${what}`, () => expect(judged(changes).verdict).toBe("pass"));
}

for (const [what, changes, words] of [
  [
    "a file of the tree",
    { hypervisor: { "list tree": `${hypervisor["list tree"]}${entry("/x")}` } },
    "/x: new",
  ],
  [
    "the gateway's own configuration",
    {
      hypervisor: {
        "list host": hypervisor["list host"].replace("10 7\0\0/etc/pve/lxc/101", "11 7\0\0/etc/pve/lxc/101"),
      },
    },
    "101.conf: size 11",
  ],
  [
    "another guest's memory",
    { hypervisor: { "sums host": `${"b".repeat(64)}  ${conf}\0`, [`file ${conf}`]: text(512, 2) } },
    '900.conf: removed "memory: 2048"',
  ],
  [
    "a directory on the volume",
    {
      hypervisor: {
        "list volumes":
          hypervisor["list volumes"] +
          entry("/quickOS/vm-persistent-data/1001/.phoenix_scripts", "d 777 a:a 1 1 1"),
      },
    },
    ".phoenix_scripts: new",
  ],
  [
    "a guest that stopped",
    { hypervisor: { guests: hypervisor.guests.replace("101 running", "101 stopped") } },
    "101 stopped",
  ],
  [
    "the gateway's site",
    { gateway: { "list etc": gateway["list etc"].replace("10 7\0\0/etc/nginx", "99 7\0\0/etc/nginx") } },
    "vllm_gateway: size 99",
  ],
  [
    "an extra mount entry",
    {
      "docker-host": {
        "list etc": dockerHost["list etc"].replace("10 7\0\0/etc/fstab", "99 7\0\0/etc/fstab"),
      },
    },
    "/etc/fstab: size 99",
  ],
  [
    "a second mount over the first",
    { "docker-host": { [mountinfo]: String(healthy["docker-host"][mountinfo]).repeat(2) } },
    "1001 (nfs4), 10.0.0.13",
  ],
  [
    "a container that was replaced",
    { "docker-host": { containers: other({ Id: "b".repeat(64) }) } },
    "portainer bbbbbbbbbbbb",
  ],
  [
    "a container that was restarted",
    {
      "docker-host": {
        containers: other({ State: { ...container.State, StartedAt: "2025-11-02T00:00:00Z" } }),
      },
    },
    "since 2025-11-02",
  ],
  ["a missing container", { "docker-host": { containers: "" } }, "none"],
] as [string, Changes, string][]) {
  test(`something changed: ${what}`, () => {
    const { verdict, checks } = judged(changes);
    expect(verdict).toBe("fail");
    expect(
      checks
        .filter(({ ok }) => !ok)
        .map(({ found }) => found)
        .join(),
    ).toContain(words);
  });
}
