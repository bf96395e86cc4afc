// `verify` as an ordinary user with nothing but the rule that `targets sudo-rules` makes, on a stand-in with the real sudo:
// the same verdicts as root's, and no other right.
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test as base, expect } from "@playwright/test";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { startStandIn } from "../../fixtures/standin/standin.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import { writeTarget } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { isJudged, lastOf, type Run } from "../../reports/run/run.ts";

interface Lab {
  readonly root: Hypervisor;
  readonly watcher: Hypervisor;
  /** Runs a command of ours on the target as root or as the watcher. */
  readonly phoenix: (who: "root" | "watcher", ...args: string[]) => Promise<Said>;
}

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Bench {
  engineHost: string;
  image: string;
  scratch: string;
  lab: Lab;
}

const main = join(import.meta.dirname, "../main.ts");

function run(...args: string[]): Promise<Said> {
  const child = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const said = { out: "", err: "" };
  child.stdout.on("data", (text) => (said.out += text));
  child.stderr.on("data", (text) => (said.err += text));
  return new Promise((resolve, reject) =>
    child.once("error", reject).once("close", (code) => resolve({ code, ...said })),
  );
}

const addUser = `useradd -m -s /bin/sh watcher && cp -r /root/.ssh /home/watcher/ && chown -R watcher: /home/watcher/.ssh`;

const test = base.extend<object, Bench>({
  engineHost: ["", { option: true, scope: "worker" }],
  image: ["", { option: true, scope: "worker" }],
  scratch: ["", { option: true, scope: "worker" }],
  lab: [
    async ({ engineHost: host, image, scratch }, use, { workerIndex }) => {
      const home = `${scratch}/least-rights-${workerIndex}`;
      const deployment = defaultDeployment;
      await using standIn = await startStandIn({ host, image, tree: readTree(undefined), home, deployment });
      await using root = await connect(standIn.target);
      const made = await root.script(addUser);
      expect(made.code, made.err).toBe(0);
      const { ssh } = standIn.target;
      const target = { ...standIn.target, ssh: { ...ssh, user: "watcher", become: "look" } } as const;
      mkdirSync(join(home, "watcher"));
      const inventories = {
        root: standIn.inventoryFile,
        watcher: writeTarget(join(home, "watcher"), target),
      };
      await using watcher = await connect(target);
      const phoenix: Lab["phoenix"] = (who, ...args) => run(...args, "--inventory", inventories[who]);
      await use({ root, watcher, phoenix });
    },
    { scope: "worker" },
  ],
});

/** Each requirement's verdict and reason, without the names of scratch folders. */
function verdicts({ out }: Said): (readonly [string, string, string])[] {
  const [target] = (JSON.parse(out) as Run).targets;
  if (!target || !isJudged(target)) throw new Error(`no verdicts: ${out}`);
  return target.requirements.map((one) => {
    const { verdict, reason } = lastOf(one);
    return [one.id, verdict, reason.replaceAll(/phoenix-look\.\w+/g, "SCRATCH")];
  });
}

test("without the rule the state is unknown, and the message says what to type", async ({ lab }) => {
  const said = await lab.phoenix("watcher", "verify", "--json");
  expect(said.code, said.err).toBe(2);
  expect(said.err).toContain("sudo did not run /usr/local/lib/phoenix-acceptance/look-");
  expect(said.err).toContain("targets sudo-rules --inventory");
});

test("with the rule alone, the verdicts are root's; every other use of sudo is refused", async ({ lab }) => {
  const { root, watcher, phoenix } = lab;
  const rules = await phoenix("watcher", "targets", "sudo-rules");
  expect(rules.code, rules.err).toBe(0);
  const installed = await root.script(rules.out);
  expect(installed.code, installed.err).toBe(0);
  const look = installed.out.trim().split(" ")[3] ?? "";
  const allowed = await root.script("sudo -l -U watcher | sed '1,/may run/d'");
  expect(allowed.out.trim()).toMatch(
    /^\(root\) NOPASSWD: sha256:[0-9a-f]{64} \/usr\/local\/lib\/phoenix-acceptance\/look-[0-9a-f]{12}$/,
  );

  const [own, its] = [
    await phoenix("root", "verify", "--json"),
    await phoenix("watcher", "verify", "--json"),
  ];
  expect(verdicts(its)).toEqual(verdicts(own));
  expect(its.code, its.err).toBe(own.code);
  const judged = verdicts(its).filter(([, verdict]) => verdict === "pass" || verdict === "fail");
  expect(judged.length).toBeGreaterThan(20);

  const word = "0".repeat(24);
  for (const command of [
    ["id"],
    ["sh", "-c", "id"],
    ["/bin/sh", look, word],
    ["-u", "watcher", look, word],
    ["cat", "/etc/shadow"],
  ]) {
    const refused = await watcher.run(["sudo", "-n", ...command]);
    expect(refused.code, command.join(" ")).not.toBe(0);
    expect(refused.err, command.join(" ")).toMatch(/password is required|not allowed/);
  }
  // The program itself takes nothing but the word, and sudo runs no other content under its name.
  for (const argument of ["", "$(id)", `${word}0`, `${word.slice(1)};`])
    expect((await watcher.run(["sudo", "-n", look, argument])).code, argument).toBe(64);
  expect((await root.script(`echo '#' >>${look}`)).code).toBe(0);
  const changed = await phoenix("watcher", "verify", "--json");
  expect(changed.code).toBe(2);
  expect(changed.err).toContain("targets sudo-rules");
});
