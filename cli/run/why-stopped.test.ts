// Why an apply stopped, as its log says it.
import { expect, test } from "@playwright/test";
import { whyStopped } from "./acceptance.ts";

test("the reason is what stands between Stopped and the commands to type next, however many lines it has", () => {
  const log = [
    "Plan: 3 changes",
    "  Stopped: is a word of a diff",
    "[1/3] phoenix-cli: create 1001",
    "Stopped: phoenix-cli: create 1001: Pulling | no space left on device",
    "  of /var/lib/docker",
    "Next, one of:",
    "    npm run phoenix -- resume",
    "",
  ].join("\n");
  expect(whyStopped(log)).toBe(
    "phoenix-cli: create 1001: Pulling | no space left on device\n  of /var/lib/docker",
  );
  expect(whyStopped("nothing of it")).toBe("it ended with exit code 1");
});
