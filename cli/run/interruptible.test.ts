import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "@playwright/test";

const program = `
  import { interruptible } from ${JSON.stringify(join(import.meta.dirname, "interruptible.ts"))};
  const alive = setInterval(() => {}, 1000);
  process.exit(await interruptible(async (resources) => {
    resources.defer(async () => console.log("given back"));
    if (process.argv[1] === "ends") return 7;
    console.log("at work");
    await new Promise(() => {});
  }));`;

async function run(how: string, signal?: NodeJS.Signals) {
  const argv = ["--input-type=module-typescript", "-e", program, how];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    out += piece;
    if (signal && piece.includes("at work")) child.kill(signal);
  });
  const [code] = await once(child, "close");
  return { code, out };
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  test(`${signal} gives back what was acquired, and ends with ${code}`, async () => {
    expect(await run("waits", signal)).toEqual({ code, out: "at work\ngiven back\n" });
  });

test("work that ends gives back what it acquired, and its value", async () => {
  expect(await run("ends")).toEqual({ code: 7, out: "given back\n" });
});
