// The builder, the stand-in, the faults and the commands contain no value of the default deployment: they read all values
// from a target's deployment document. A test may contain such a value as an example.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { saidIn, valuesOf } from "../../fixtures/deployment/words.ts";

const root = resolve(import.meta.dirname, "../..");
const folders = ["provision", "cli", "fixtures/faults", "fixtures/standin", "fixtures/portainer"];

/** Files that contain the value of a field by chance, and why. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  // Portainer's TLS port in its own container and its examples, which is the same in every deployment.
  "cli/commands/contract-portainer.ts": ["portainer.port"],
  "fixtures/standin/image/registry-entry": ["portainer.port"],
  "fixtures/standin/portainer/flags.ts": ["portainer.port"],
  "fixtures/standin/portainer-contract/scenarios/forgery.ts": ["portainer.port"],
  // HTTP's "101 Switching Protocols".
  "fixtures/faults/echo.ts": ["gateway.ctid"],
  "fixtures/standin/portainer/websocket.ts": ["gateway.ctid"],
  "fixtures/standin/portainer-contract/scenarios/environments.ts": ["gateway.ctid"],
  "fixtures/standin/portainer-contract/scenarios/ports.ts": ["gateway.ctid"],
  // The tree's own directory of stacks has the same name.
  "fixtures/faults/deployment.ts": ["volume.mountPoint"],
};

function* filesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    if (entry.isFile() && !/\.(test|contract)\.ts$/.test(entry.name))
      yield relative(root, join(entry.parentPath, entry.name));
}

const found = folders.flatMap((folder) =>
  [...filesBelow(folder)].flatMap((file) =>
    saidIn(readFileSync(join(root, file), "utf8"), defaultDeployment).map((field) => `${file}: ${field}`),
  ),
);
const permitted = Object.entries(allowed).flatMap(([file, fields]) =>
  fields.map((field) => `${file}: ${field}`),
);

test("no value of the default deployment is outside its document", () => {
  expect(found.filter((one) => !permitted.includes(one))).toEqual([]);
});

test("every exception is still needed", () => {
  expect(permitted.filter((one) => !found.includes(one))).toEqual([]);
});

for (const [field, value] of valuesOf(defaultDeployment))
  test(`red: ${field} is found in prose, in a path and in shell`, () => {
    for (const text of [`to ${value}.`, `x="${value}"`, `a:${value}/b`, `(${value})`, `$(${value})`])
      expect(saidIn(text, defaultDeployment), text).toContain(field);
  });
