// The canaries of the run that CI makes: the scripts of the planted tree print them, and the search tells masked from not masked.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { redact, secret } from "../../fixtures/evidence/redact.ts";
import { newKeyPair } from "../../fixtures/target/ssh/key-pair.ts";
import { scanForSecrets } from "../../reports/secrets.ts";
import { type Canary, plantCanaries, searchRun } from "./canaries.ts";

const used = [
  { name: "the key", value: newKeyPair().private.trim() },
  { name: "a token", value: "eyJhbGciOi.eyJpZCI6MQ.c2lnbmF0dXJl" },
  { name: "a password", value: "zar-KXKRwB0aUbmXZ_pL7cd5" },
];

/** A run's folder whose record has what the scripts printed, as `mask` leaves it. */
function ran(canaries: readonly Canary[], printed: string, mask: (text: string) => string): string {
  for (const { value } of canaries) secret(value);
  const folder = test.info().outputPath("run");
  mkdirSync(join(folder, "after"), { recursive: true });
  writeFileSync(
    join(folder, "after", "record.json"),
    JSON.stringify({ commands: [{ output: mask(printed) }] }),
  );
  return folder;
}

function planted() {
  const tree = test.info().outputPath("tree");
  const canaries = plantCanaries(tree);
  const scripts = [...new Set(canaries.flatMap(({ file }) => file ?? []))];
  const lines = scripts.flatMap((file) => readFileSync(join(tree, file), "utf8").split("\n").slice(1, 5));
  const { stdout, stderr } = spawnSync("sh", ["-c", lines.join("\n")], { encoding: "utf8" });
  return { tree, canaries, printed: stdout + stderr };
}

test("no file of the tree holds a canary, and its scripts print each of them", () => {
  const { tree, canaries, printed } = planted();
  expect(canaries).toHaveLength(12);
  expect(scanForSecrets(tree, canaries)).toEqual([]);
  for (const { name, value } of canaries) expect(printed, name).toContain(value);
});

test("a run that masks all is clean; one that masks nothing is not, for each canary", () => {
  const { canaries, printed } = planted();
  expect(searchRun(ran(canaries, printed, redact), canaries, used)).toEqual({ escaped: [], unused: [] });
  const open = searchRun(
    ran(canaries, printed, (text) => text),
    canaries,
    used,
  );
  expect(open.escaped).toEqual(
    expect.arrayContaining(canaries.map(({ name }) => `after/record.json has ${name}, as plain`)),
  );
});

test("a search that could find nothing is none: what was not printed, and what the run did not use", () => {
  const { canaries } = planted();
  const { escaped, unused } = searchRun(ran(canaries, "", redact), canaries, used.slice(0, 1));
  expect(escaped).toEqual([]);
  expect(unused).toHaveLength(canaries.length + 2);
  expect(unused).toContain("the run used no session token in an answer of Portainer");
});

test("what Portainer answered is looked for in the run's document; a secret that no requirement shows need not be there", () => {
  const folder = ran([], "", redact);
  const canaries: readonly Canary[] = [
    { name: "an environment", value: "0123456789abcdef", beside: "answer_api_token=[redacted]" },
    { name: "a tag", value: "fedcba9876543210" },
  ];
  expect(searchRun(folder, canaries, used).unused).toEqual([
    "an environment was not written: no record has answer_api_token=[redacted]",
  ]);
  writeFileSync(join(folder, "run.json"), JSON.stringify({ found: "local, answer_api_token=[redacted]" }));
  expect(searchRun(folder, canaries, used)).toEqual({ escaped: [], unused: [] });
  writeFileSync(join(folder, "after", "allure.json"), JSON.stringify({ tags: ["fedcba9876543210"] }));
  expect(searchRun(folder, canaries, used).escaped).toEqual(["after/allure.json has a tag, as plain"]);
});
