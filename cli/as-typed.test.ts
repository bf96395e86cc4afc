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
