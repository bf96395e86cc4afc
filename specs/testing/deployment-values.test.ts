// No deployment value is hard-coded in the judge or the probe: this scans their sources for the approved plan's values.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { portainerDirectoryOf } from "../../fixtures/deployment/deployment.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { fieldsOf, standsIn } from "../../fixtures/deployment/words.ts";

const project = join(import.meta.dirname, "../..");

/** Values that also occur for other reasons: a product name, a standard port, an HTTP status. */
const alsoOthers: Readonly<Record<string, string>> = {
  "hypervisor.sshPort": "22 is in digests, sizes and times",
  "portainer.directory": "the product's own name",
};

/** Other strings that are made of values, and parts of values. */
const parts = [
  portainerDirectoryOf(defaultDeployment),
  "10.0.0.",
  "phoenix.local",
  "vm-persistent-data",
  "phoenix_hypervisor_lxc_101",
];

/** Allowed exceptions by file, each with the reason. */
const allowed: readonly (readonly [file: string, words: string, why: string])[] = [
  ["specs/gateway/trials/arrivals.ts", "101", "the status of an upgrade"],
  ["specs/access/claims/sign-in.ts", "101", "the status of an upgrade"],
  ["fixtures/evidence/client.ts", "101", "the status of an upgrade"],
  ["fixtures/evidence/probe/hypervisor.sh", "/persistent-storage", "the tree's own name for what is copied"],
];

/** Sources of the judge and of the probe, without their tests, which use sample values. */
const sources = ["specs", "fixtures/evidence"].flatMap((folder) =>
  readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|sh|json)$/.test(name) && !name.endsWith(".test.ts"))
    .filter((name) => !name.endsWith(".lock.json"))
    .map((name) => join(folder, name)),
);

const values = fieldsOf(defaultDeployment).filter(([field]) => !(field in alsoOthers));

/** The values in a text, each with its line. */
function found(file: string, text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const words = values.flatMap(([, value]) => (standsIn(line, value) ? [value] : []));
    const more = parts.filter((part) => line.includes(part));
    return [...new Set([...words, ...more])]
      .filter((word) => !allowed.some(([own, may]) => own === file && may === word))
      .map((word) => `${file}:${index + 1} has ${word}`);
  });
}

test("no source of the judge or the probe has a value of the approved plan's deployment", () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(sources.flatMap((file) => found(file, readFileSync(join(project, file), "utf8")))).toEqual([]);
});

test("each exception is needed", () => {
  for (const [file, words, why] of allowed)
    expect(readFileSync(join(project, file), "utf8"), `${file}: ${why}`).toContain(words);
});

for (const [field, value] of values)
  test(`a source with the value of ${field} is found`, () => {
    expect(found("specs/x.ts", `const own = "${value}";`)).toContain(`specs/x.ts:1 has ${value}`);
  });
