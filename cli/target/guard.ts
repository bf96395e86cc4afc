// Guards an apply that may break its own connection: it stays only if the target is healthy afterwards, seen from outside.
import { readFileSync } from "node:fs";
import { CannotTell, problem } from "../../fixtures/errors.ts";
import { openClient } from "../../fixtures/evidence/client.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { confirm } from "../../provision/journal/journal.ts";
import { next, type TargetOptions } from "./on-target.ts";

/** Checks the target over a new connection and confirms. Returns `fail` if the target is going to roll back. */
export type Guard = (entry: string, options: TargetOptions) => Promise<number>;

/** Notes what works before the apply. It has to work afterwards too, over a new connection. */
export async function guard(hypervisor: Hypervisor, target: Target): Promise<Guard> {
  const before = await pageStatus(hypervisor, target);
  return async (entry, options) => {
    const wrong = await options.progress.step("checking the target over a new connection", () =>
      look(target, before, entry),
    );
    if (wrong === undefined) {
      options.progress.note(`Confirmed entry ${entry}. It will not roll back automatically.`);
      return Exit.pass;
    }
    options.progress.say(
      problem(
        `Not confirmed, so the target rolls back automatically: ${wrong}`,
        `${next(options, "confirm")}   # to keep the changes anyway`,
      ),
    );
    return Exit.fail;
  };
}

async function look(target: Target, before: number | undefined, entry: string): Promise<string | undefined> {
  try {
    await using hypervisor = await connect(target);
    const after = await pageStatus(hypervisor, target);
    if (works(before) && !works(after))
      return `${target.url} answered ${before} before the apply, and now ${after ?? "nothing"}`;
    return (await confirm(hypervisor, entry)) ? undefined : "the time to confirm was over";
  } catch (error) {
    if (error instanceof CannotTell) return error.message;
    throw error;
  }
}

const works = (status: number | undefined) => status !== undefined && status < 500;

/** The status of the page; undefined if nothing answers, or if the certificate is not the target's. */
async function pageStatus(hypervisor: Hypervisor, target: Target): Promise<number | undefined> {
  await using client = openClient(target, await certificate(hypervisor, target));
  return client.request(target.url).then(
    ({ status }) => status,
    () => undefined,
  );
}

/** The certificate that clients of the target trust, in PEM; undefined if it cannot be read. */
export async function certificate(
  hypervisor: Hypervisor,
  { trust, deployment: { gateway } }: Target,
): Promise<string | undefined> {
  if ("certificateFile" in trust) return readFileSync(trust.certificateFile, "utf8");
  const ran = await hypervisor.run(["pct", "exec", String(gateway.ctid), "--", "cat", trust.gatewayFile]);
  return ran.code === 0 ? ran.out : undefined;
}
