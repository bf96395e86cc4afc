// Claims about what changed between two sets of evidence: each change fails, and is named.
import { expect, test } from "@playwright/test";
import { healthy, sample } from "../../testing/evidence-builder.ts";
import { allRestored, endedWell, nothingChanged, nothingPlanned } from "./changes.ts";

test("equal evidence has no changes", () => {
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
  ["a missing file", { hypervisor: { "list pve": "" } }, "101.fw: gone"],
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

test("a guest's configuration that a run of Phoenix wrote again with the same bytes is restored, with other bytes not", () => {
  const again = String(healthy.hypervisor["list pve"]).replace("1700000000.5", "1700000009.5");
  const failing = (changes: Parameters<typeof sample>[0]) =>
    allRestored(sample(), sample(changes)).filter(({ ok }) => !ok);
  expect(failing({ hypervisor: { "list pve": again } })).toEqual([]);
  expect(failing({ hypervisor: { "list pve": again.replace("644", "640") } })[0]?.found).toContain(
    "mode 640",
  );
  const sums = String(healthy.hypervisor["sums pve"]).replace(/^./, "0");
  expect(failing({ hypervisor: { "list pve": again, "sums pve": sums } })[0]?.found).toContain("sha256 0");
});

test("data may change, grow and remain", () => {
  const grown = {
    hypervisor: {
      "list portainer": volume
        .replace("4096", "8192")
        .replace("644 root:root 1700000000.5 8192", "600 root:root 1800000000.5 8192"),
    },
  };
  for (const claim of [nothingChanged, allRestored])
    expect(claim(sample(), sample(grown)).filter(({ ok }) => !ok)).toEqual([]);
  const volumes = "d 777 nobody:nogroup 1.5 10 7\0\0/quickOS/vm-persistent-data/8001\0";
  const none = { hypervisor: { "list portainer": "", databases: "", "list volumes": volumes } };
  const onlyData = volume.replace(/f 644 [^\0]*\0\0[^\0]*docker-compose.yml\0/, "");
  expect(
    allRestored(sample(none), sample({ hypervisor: { "list portainer": onlyData } })).every(({ ok }) => ok),
  ).toBe(true);
  expect(allRestored(sample(none), sample()).filter(({ ok }) => !ok)[0]?.found).toContain(
    "docker-compose.yml: new",
  );
});

test("a command's answer: its exit code and its list of changes", () => {
  const said = (code: number, out: string) =>
    nothingPlanned({ code, out, err: "refused" }).filter(({ ok }) => !ok);
  expect(said(0, '{"changes":[]}')).toEqual([]);
  expect(said(0, '{"changes":[{"does":"x"}]}')[0]?.found).toContain("1 change");
  expect(said(0, "nothing to do")[0]?.found).toContain("no list of changes");
  expect(said(4, "")[0]?.found).toBe("exit code 4: refused");
  expect(endedWell("rollback", { code: 0, out: "", err: "" }).every(({ ok }) => ok)).toBe(true);
});
