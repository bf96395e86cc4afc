import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { asTyped } from "./as-typed.ts";

const text = [
  "Next:\n    npm run phoenix -- apply --inventory FILE   # again",
  "Usage: npm run phoenix -- <command>",
  "npm run --silent phoenix -- help --markdown",
  "npm run spec -- STO-003, then npm run accept -- --vm qemu, or npm run accept",
  "npm run phoenix --",
].join("\n");

test("a checkout's texts stay as they are", () => {
  expect(asTyped(undefined)(text)).toBe(text);
});

test("an installed package names its own command", () => {
  expect(asTyped("phoenix-acceptance")(text)).toBe(
    [
      "Next:\n    phoenix-acceptance apply --inventory FILE   # again",
      "Usage: phoenix-acceptance <command>",
      "phoenix-acceptance help --markdown",
      "phoenix-acceptance spec STO-003, then phoenix-acceptance accept --vm qemu, or phoenix-acceptance accept",
      "phoenix-acceptance",
    ].join("\n"),
  );
});

test("no text names a command in a way that can't be typed", () => {
  const root = join(import.meta.dirname, "..");
  const commands = readdirSync(join(import.meta.dirname, "commands"))
    .map((file) => file.split(/[-.]/)[0])
    .join("|");
  // After `npm run phoenix --` there is a blank and a dash before the command's name.
  const untyped = new RegExp(`(?:^|[^-\\w./])phoenix (?:${commands})\\b`);
  const sources = ["cli", "provision", "fixtures", "reports"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => /(?<!\.test)\.ts$/.test(file))
      .map((file) => join(folder, file)),
  );
  const wrong = sources.filter((file) => untyped.test(readFileSync(join(root, file), "utf8")));
  expect(wrong).toEqual([]);
});
