import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "@playwright/test";

const program = `
  import { interruptible } from ${JSON.stringify(join(import.meta.dirname, "interruptible.ts"))};
  const alive = setInterval(() => {}, 1000);
  process.exit(await interruptible(async (resources) => {
    resources.defer(async () => console.log("cleaned up"));
    if (process.argv[1] === "ends") return 7;
    console.log("started");
    await new Promise(() => {});
  }));`;

async function run(how: string, signal?: NodeJS.Signals) {
  const argv = ["--input-type=module-typescript", "-e", program, how];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    out += piece;
    if (signal && piece.includes("started")) child.kill(signal);
  });
  const [code] = await once(child, "close");
  return { code, out };
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  test(`${signal}: everything is cleaned up, and the exit code is ${code}`, async () => {
    expect(await run("waits", signal)).toEqual({ code, out: "started\ncleaned up\n" });
  });

test("work that ends: everything is cleaned up, and its value is returned", async () => {
  expect(await run("ends")).toEqual({ code: 7, out: "cleaned up\n" });
});
