// Claims about secrets: refuted by a secret in each place, and by one in this run's own files.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { judge } from "../../../fixtures/judgement.ts";
import { sample } from "../../testing/evidence-builder.ts";
import { nothingLiesAbout, runIsClean } from "./secrets.ts";

test("no exposed secret: healthy, with a check for each level", () => {
  const { verdict, checks } = judge(nothingLiesAbout, sample());
  expect(verdict).toBe("pass");
  expect([...new Set(checks.map(({ level }) => level))]).toEqual(["declared", "delivered", "live"]);
});

for (const [place, name, level] of [
  ["hypervisor", "secrets tree", "declared"],
  ["hypervisor", "secrets host", "delivered"],
  ["gateway", "secrets gateway", "live"],
  ["docker-host", "secrets containers", "live"],
] as const)
  test(`no exposed secret: refuted by one in "${name}", unknown without it`, () => {
    const resultWith = (text: string | undefined) =>
      judge(nothingLiesAbout, sample({ [place]: { [name]: text } }));
    const { verdict, checks } = resultWith("looked\t9\npassword\t/some/file:7\n");
    expect(verdict).toBe("fail");
    expect(checks.filter(({ ok }) => !ok)).toMatchObject([
      { level, where: "/some/file:7", found: "password" },
    ]);
    // An empty tree fails, since a tree has files; a docker host without containers exposes nothing.
    expect(resultWith("looked\t0\n").verdict).toBe(name === "secrets tree" ? "fail" : "pass");
    expect(resultWith(undefined).verdict).toBe("unknown");
    const odd = resultWith("looked\t9\nhunter2 is here\n");
    expect(odd.verdict).toBe("unknown");
    expect(odd.reason).not.toContain("hunter2");
  });

test("a run is clean: refuted by secret-like text in its files, and names only the file", ({
  browserName: _,
}, { outputDir }) => {
  mkdirSync(join(outputDir, "after"), { recursive: true });
  const [evidence, log] = [join(outputDir, "after", "evidence.json"), join(outputDir, "after", "apply.log")];
  writeFileSync(evidence, "{}");
  writeFileSync(log, "all is well");
  expect(runIsClean(outputDir).every(({ ok }) => ok)).toBe(true);
  const hash = `$2b$10$${"a".repeat(53)}`;
  writeFileSync(log, `Password: ${hash}`);
  const failing = runIsClean(outputDir).filter(({ ok }) => !ok);
  expect(failing).toMatchObject([{ found: "after/apply.log" }]);
  expect(JSON.stringify(failing)).not.toContain(hash);
});

test("a run that wrote nothing proves nothing", ({ browserName: _ }, { outputDir }) => {
  mkdirSync(outputDir, { recursive: true });
  expect(runIsClean(outputDir).some(({ ok }) => !ok)).toBe(true);
});
