// The blast radius claim on sample evidence: allowed changes pass, and any other change is named at its level.
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import {
  type Changes,
  conf,
  dockerHost,
  entry,
  evidenceAt,
  gateway,
  hypervisor,
  text,
} from "../../testing/before-and-after.ts";
import { nothingElseChanged } from "./blast-radius.ts";

const tree = "/usr/local/phoenix_hypervisor";
const before = evidenceAt("2025-11-01T00:00:00.000Z");
const after = (changes?: Changes) => evidenceAt("2025-11-01T00:01:00.000Z", changes);
const judged = (changes?: Changes) => judge((now) => nothingElseChanged(before, now), after(changes));
const host = hypervisor["list host"];

test("equal evidence: nothing changed, and every level has a check", () => {
  const { verdict, checks } = judged();
  expect(verdict).toBe("pass");
  expect(new Set(checks.map(({ level }) => level))).toEqual(new Set(["declared", "delivered", "live"]));
});

test("one set of evidence cannot be compared", () => {
  expect(judge((now) => nothingElseChanged(now, now), before)).toMatchObject({ verdict: "unknown" });
});

for (const [what, changes] of [
  [
    "the tree's own configuration",
    {
      hypervisor: {
        "list tree": `${hypervisor["list tree"]}${entry(`${tree}/bin/managers/guest-firewall.sh`)}`,
      },
    },
  ],
  [
    "the gateway's configuration",
    {
      hypervisor: {
        "list host": host.replace(
          "root 1700000000.5 10 7\0\0/etc/pve/lxc/101",
          "root 1800000000.5 10 7\0\0/etc/pve/lxc/101",
        ),
      },
    },
  ],
  [
    "a new snapshot of the template",
    { hypervisor: { "sums host": `${"b".repeat(64)}  ${conf}\0`, [`file ${conf}`]: text(2048, 2) } },
  ],
  [
    "what Proxmox itself writes",
    { hypervisor: { "list host": host.replace(entry("/etc/pve/.version"), "") } },
  ],
  [
    "the plan's directory",
    {
      hypervisor: {
        "list volumes":
          hypervisor["list volumes"] + entry("/quickOS/vm-persistent-data/1001", "d 777 a:a 1.5 1 1"),
      },
    },
  ],
  [
    "a data file's time",
    { hypervisor: { "list volumes": hypervisor["list volumes"].replace("1.5", "2.5") } },
  ],
  [
    "the gateway's site",
    { gateway: { "list etc": gateway["list etc"].replace("10 7\0\0/etc/nginx", "99 7\0\0/etc/nginx") } },
  ],
  [
    "the mount table",
    {
      "docker-host": {
        "list etc": dockerHost["list etc"].replace("10 7\0\0/etc/fstab", "99 7\0\0/etc/fstab"),
      },
    },
  ],
] as [string, Changes][]) {
  test(`within reach: ${what}`, () => expect(judged(changes).verdict).toBe("pass"));
}

for (const [level, what, changes, words] of [
  [
    "declared",
    "another file of the tree",
    { hypervisor: { "list tree": `${hypervisor["list tree"]}${entry(`${tree}/bin/x`)}` } },
    "/bin/x: new",
  ],
  [
    "declared",
    "a mode",
    { hypervisor: { "list tree": hypervisor["list tree"].replace("644", "666") } },
    "mode 666, was 644",
  ],
  [
    "delivered",
    "a guest's memory",
    { hypervisor: { "sums host": `${"b".repeat(64)}  ${conf}\0`, [`file ${conf}`]: text(512, 1) } },
    "900.conf: sha256",
  ],
  [
    "delivered",
    "exports written again",
    {
      hypervisor: {
        "list host": host.replace("1700000000.5 10 7\0\0/etc/exports", "1800000000.5 10 7\0\0/etc/exports"),
      },
    },
    "/etc/exports: mtime",
  ],
  [
    "delivered",
    "a new file",
    { hypervisor: { "list host": host + entry("/etc/pve/firewall/102.fw") } },
    "102.fw: new",
  ],
  [
    "delivered",
    "another guest's volume gone",
    { hypervisor: { "list volumes": entry("/quickOS/vm-persistent-data/9", "d 777 a:a 1.5 1 1") } },
    "8001: gone",
  ],
  [
    "live",
    "a guest that stopped",
    { hypervisor: { guests: hypervisor.guests.replace("101 running", "101 stopped") } },
    "101 stopped, was running",
  ],
  [
    "live",
    "a missing guest",
    { hypervisor: { guests: hypervisor.guests.replace(" 1001 Dr running 8192 32.00 4711\n", "") } },
    "1001 gone",
  ],
  [
    "live",
    "a file in the gateway",
    {
      gateway: { "list etc": gateway["list etc"].replace("10 7\0\0/etc/hostname", "11 7\0\0/etc/hostname") },
    },
    "/etc/hostname: size 11",
  ],
  [
    "live",
    "an owner in the docker host",
    { "docker-host": { "list etc": dockerHost["list etc"].replace("root:root", "a:a") } },
    "owner a:a",
  ],
] as [string, string, Changes, string][]) {
  test(`not allowed, ${level}: ${what}`, () => {
    const { verdict, checks } = judged(changes);
    expect(verdict).toBe("fail");
    const failing = checks.filter(({ ok }) => !ok);
    expect(failing.map((check) => check.level)).toEqual([level]);
    expect(failing[0]?.found).toContain(words);
  });
}

for (const [what, changes, verdict] of [
  ["a truncated listing", { gateway: { "list etc": "f 644" } }, "unknown"],
  ["guests that could not be listed", { hypervisor: { guests: { code: 1, err: "no" } } }, "unknown"],
  ["a table of guests in another shape", { hypervisor: { guests: "101 what\n" } }, "unknown"],
  ["a gateway that does not run", { hypervisor: { "pct status": "status: stopped\n" } }, "fail"],
] as [string, Changes, string][]) {
  test(`${what} is ${verdict}`, () => expect(judged(changes).verdict).toBe(verdict));
}
