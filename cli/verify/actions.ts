// The actions that `verify` may take, in words for who has to consent: what happens, to what, and for how long it is gone.
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { BadInput, problem, Refused } from "../../fixtures/errors.ts";
import { type Action, actions, type Target } from "../../fixtures/target/inventory.ts";
import { windowOpen, windowsInWords } from "../../fixtures/target/window.ts";

interface Effect {
  readonly does: string;
  /** How long which service is gone; empty if none is. */
  readonly gone: string;
}

/** What an action does to the target. docs/adr/0008-who-acts.md says the same for all requirements. */
const effects: Readonly<Record<Action, (deployment: Deployment) => Effect>> = {
  observe: () => ({ does: "runs commands that change nothing", gone: "" }),
  "sign-in": () => ({ does: "signs in as Portainer's administrator", gone: "" }),
  "make-user": () => ({ does: "makes a user accept-… in Portainer, and tags", gone: "" }),
  "restart-container": () => ({ does: "restarts Portainer, and kills it once", gone: "Portainer, 2 × 10 s" }),
  "recreate-container": () => ({
    does: "removes Portainer's container and starts it again",
    gone: "Portainer, 15 s",
  }),
  "reboot-vm": ({ dockerHost }) => ({
    does: `reboots VM ${dockerHost.vmid}`,
    gone: `everything on VM ${dockerHost.vmid}, 2 minutes`,
  }),
  "firewall-trial": ({ gateway }) => ({
    does: `denies LXC ${gateway.ctid} outbound traffic, and tries ports from an address without a rule`,
    gone: `what LXC ${gateway.ctid} forwards, except Portainer, 30 s`,
  }),
  "upstream-trial": ({ dockerHost }) => ({
    does: `puts an echo server in Portainer's place on VM ${dockerHost.vmid}`,
    gone: "Portainer for users, 10 s",
  }),
  apply: ({ dockerHost, gateway }) => ({
    does: `applies the plan again, runs phoenix-cli for ${dockerHost.vmid} and ${gateway.ctid}, writes test files on the volume`,
    gone: "a service whose files the plan changes, some seconds",
  }),
};

/** The actions named on the command line, checked. `all` is every action. @throws BadInput for a name that is none. */
export function namedActions(names: readonly string[]): readonly Action[] {
  if (names.includes("all")) return actions;
  const unknown = names.filter((name) => !(actions as readonly string[]).includes(name));
  if (unknown.length > 0)
    throw new BadInput(
      problem(
        `There is no action ${unknown.join(", ")}; there are ${actions.join(", ")}`,
        "npm run phoenix -- verify --help",
      ),
    );
  return actions.filter((action) => action === "observe" || names.includes(action));
}

/**
 * The actions that this run may take on a target: named on the command line, allowed by the inventory, in an open window.
 * @throws Refused if the command names one that the inventory does not allow, or names one while no window is open.
 */
export function allowedOn(
  { name, allows, windows }: Pick<Target, "name" | "allows" | "windows">,
  named: readonly Action[],
  now: Date,
): readonly Action[] {
  const acting = named.filter((action) => action !== "observe");
  const missing = acting.filter((action) => !allows.includes(action));
  if (missing.length > 0) {
    const words = missing.map((action) => `"${action}"`).join(", ");
    const next = `add ${words} to "allows" of ${name} in the inventory`;
    throw new Refused(problem(`The inventory does not allow ${missing.join(", ")} on ${name}`, next));
  }
  if (acting.length > 0 && windows !== undefined && !windowOpen(windows, now)) {
    const what = `${name} may be acted on ${windowsInWords(windows)}, and now it is ${now.toISOString()}`;
    throw new Refused(problem(what, "the same command in that time, or without --allow"));
  }
  return named;
}

/** What an operator reads before the first action: one line an action, and the requirements that need them. */
export function announcement(
  { name, deployment }: Pick<Target, "name" | "deployment">,
  taken: readonly Action[],
  ids: readonly string[],
): string {
  const acting = taken.filter((action) => action !== "observe");
  const width = Math.max(...acting.map((action) => action.length), 6);
  const lines = acting.map((action) => {
    const { does, gone } = effects[action](deployment);
    return `  ${action.padEnd(width)}  ${does}${gone === "" ? "" : `; gone meanwhile: ${gone}`}`;
  });
  const last = ids.includes("OPS-002")
    ? ["  At the end the plan is rolled back, for OPS-002: apply it again afterwards."]
    : [];
  return [`On ${name}, for ${ids.join(", ")}:`, ...lines, ...last].join("\n");
}
