// The trial of a restart: an object is made in the browser, the container restarts, and the object is looked for again.
import { randomBytes } from "node:crypto";
import { CannotTell } from "../../fixtures/errors.ts";
import { inMachine } from "../../fixtures/evidence/guests.ts";
import type { Check } from "../../fixtures/judgement.ts";
import { type Portainer, portainerAnswers } from "../../fixtures/portainer.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { pageOpens } from "../access/claims.ts";
import { check } from "../claim.ts";
import { plan } from "../plan.ts";

/** Makes a user, restarts the container, proves that it did restart, and looks for the user. */
export async function userSurvivesRestart(
  target: Target,
  portainer: Portainer,
  hypervisor: Hypervisor,
): Promise<readonly Check[]> {
  const { url } = target;
  const user = `accept-${randomBytes(4).toString("hex")}`;
  const sound = await portainerAnswers(portainer.client);
  if (sound.code !== 200) return [check("behaves", url, false, "Portainer's status, 200", sound.said)];
  const unopened = (await pageOpens(target, portainer)).filter(({ ok }) => !ok);
  if (unopened.length > 0) return unopened;
  await portainer.signIn();
  await portainer.createUser(user);
  const session = await portainer.session();
  const before = {
    started: await startedAt(target, hypervisor),
    session: await portainer.sessionStatus(session),
  };
  const { code, err } = await inMachine(hypervisor, target.dockerHost.vmid, `docker restart ${container}`);
  const restarted = check(
    "behaves",
    "docker restart",
    code === 0,
    "exit code 0",
    code === 0 ? "exit code 0" : err.trim(),
  );
  if (!restarted.ok) return [restarted];
  const back = await portainerAnswers(portainer.client);
  const after = {
    started: await startedAt(target, hypervisor),
    session: await portainer.sessionStatus(session),
  };
  const sessions = `${before.session} before, ${after.session} after`;
  const proof = [
    restarted,
    check(
      "behaves",
      "docker inspect",
      before.started !== after.started,
      "a new start time",
      `${before.started}, then ${after.started}`,
    ),
    check(
      "behaves",
      `${url}/api/users/me`,
      sessions === "200 before, 401 after",
      "200 before, 401 after",
      sessions,
    ),
    check(
      "behaves",
      `${url}/api/system/status`,
      back.instance === sound.instance,
      `instance ${sound.instance}`,
      back.instance || back.said,
    ),
  ];
  return [...proof, await stillThere(portainer, user, url)];
}

async function stillThere(portainer: Portainer, user: string, url: string): Promise<Check> {
  await portainer.page.context().clearCookies();
  await portainer.page.goto("about:blank");
  const greeting = await portainer.open();
  const where = `${url}/#!/users`;
  if (greeting !== "sign-in")
    return check("behaves", where, false, `user ${user}`, `Portainer greets with ${greeting}`);
  await portainer.signIn();
  const row = (await portainer.userRow(user)).first();
  const visible = await row.waitFor({ timeout: 15_000 }).then(
    () => true,
    () => false,
  );
  return check(
    "behaves",
    where,
    visible,
    `user ${user}`,
    visible ? `user ${user}` : "no such row",
    `look for ${user} in Portainer`,
  );
}

const container = `"$(docker ps -q --filter publish=${plan.portainer.port})"`;

async function startedAt(target: Target, hypervisor: Hypervisor): Promise<string> {
  const { code, out, err } = await inMachine(
    hypervisor,
    target.dockerHost.vmid,
    `docker inspect --format '{{.State.StartedAt}}' ${container}`,
  );
  if (code !== 0) throw new CannotTell(`no container publishes ${plan.portainer.port}: ${err.trim()}`);
  return out.trim();
}
