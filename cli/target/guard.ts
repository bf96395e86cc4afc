// Guards an apply that may cut the branch it sits on: it stays only when the target was seen well afterwards, from outside.
import { readFileSync } from "node:fs";
import { CannotTell, problem } from "../../fixtures/errors.ts";
import { openClient } from "../../fixtures/evidence/client.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { confirm } from "../../provision/journal/journal.ts";
import { next, type TargetOptions } from "./on-target.ts";

/** Looks at the target from outside, then confirms. Returns 0 when it did, 1 when the target will undo the apply. */
export type Guard = (entry: string, options: TargetOptions) => Promise<number>;

/** Notes what works before the apply: it has to work afterwards, over a new connection. */
export async function guard(hypervisor: Hypervisor, target: Target): Promise<Guard> {
  const before = await pageStatus(hypervisor, target);
  return async (entry, options) => {
    const wrong = await options.progress.step("looking at the target from outside", () =>
      look(target, before, entry),
    );
    if (wrong === undefined) {
      options.progress.say(`Confirmed: entry ${entry} stays.`);
      return 0;
    }
    options.progress.say(
      problem(
        `Not confirmed, so the target undoes it by itself: ${wrong}`,
        `${next(options, "confirm")}   # to keep it all the same`,
      ),
    );
    return 1;
  };
}

async function look(target: Target, before: number | undefined, entry: string): Promise<string | undefined> {
  try {
    await using hypervisor = await connect(target);
    const after = await pageStatus(hypervisor, target);
    if (works(before) && !works(after))
      return `${target.url} answered ${before} before, and now ${after ?? "nothing"}`;
    return (await confirm(hypervisor, entry)) ? undefined : "its time was over";
  } catch (error) {
    if (error instanceof CannotTell) return error.message;
    throw error;
  }
}

const works = (status: number | undefined) => status !== undefined && status < 500;

/** What the gateway answers a client; undefined where nothing answers, or with a certificate that is not the target's. */
async function pageStatus(hypervisor: Hypervisor, target: Target): Promise<number | undefined> {
  await using client = openClient(target, await certificate(hypervisor, target));
  return client.request(target.url).then(
    ({ status }) => status,
    () => undefined,
  );
}

/** The certificate that clients of the target are to trust, in PEM; undefined where it can't be read. */
export async function certificate(
  hypervisor: Hypervisor,
  { trust, deployment: { gateway } }: Target,
): Promise<string | undefined> {
  if ("certificateFile" in trust) return readFileSync(trust.certificateFile, "utf8");
  const ran = await hypervisor.run(["pct", "exec", String(gateway.ctid), "--", "cat", trust.gatewayFile]);
  return ran.code === 0 ? ran.out : undefined;
}
