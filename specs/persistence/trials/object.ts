// The object that must survive: a user made in the browser, and the ways to look it up again.
import { randomBytes } from "node:crypto";
import { counted } from "../../../fixtures/counted.ts";
import { upstreamOf } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell } from "../../../fixtures/errors.ts";
import { inContainer } from "../../../fixtures/evidence/guests.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import type { PortainerApi } from "../../../fixtures/portainer/api.ts";
import type { Portainer } from "../../../fixtures/portainer/pages.ts";
import { portainerAnswers } from "../../../fixtures/portainer/status.ts";
import { toType } from "../../../fixtures/quote.ts";
import type { Hypervisor } from "../../../fixtures/target/hypervisor.ts";
import type { Target } from "../../../fixtures/target/inventory.ts";
import { pageOpens, shownOf } from "../../access/claims/page.ts";
import { check } from "../../claim.ts";

/** What a persistence trial needs. */
export interface Stage {
  readonly target: Target;
  readonly hypervisor: Hypervisor;
  readonly portainer: Portainer;
  readonly api: PortainerApi;
}

export interface Made {
  readonly user: string;
  /** This Portainer's identity: its instance id and its own certificate, both visible without signing in. */
  readonly identity: string;
  /** Checks of making the object; when one of them is not ok, there is no object. */
  readonly checks: readonly Check[];
}

/** Makes a user in the browser, and checks that the database on the hypervisor's path changed. */
export async function makeObject(stage: Stage): Promise<Made> {
  const { portainer, target, hypervisor } = stage;
  const volume = target.deployment.volume.path;
  const user = `accept-${randomBytes(4).toString("hex")}`;
  const healthy = await portainerAnswers(portainer.client);
  const answers = check({
    level: "behaves",
    where: target.url,
    ok: healthy.code === 200,
    expected: "Portainer's status, 200",
    found: healthy.said,
  });
  const opened = answers.ok ? await pageOpens(target, portainer) : [];
  const unfit = [answers, ...opened].filter(({ ok }) => !ok);
  if (unfit.length > 0) return { user, identity: "", checks: unfit };
  await portainer.trouble.step("sign in", () => portainer.signIn());
  const before = await database(hypervisor, volume);
  await portainer.trouble.step(`create user ${user}`, () => portainer.createUser(user));
  const after = await database(hypervisor, volume);
  const grew = check({
    level: "behaves",
    where: volume,
    ok: after !== "none" && after !== before,
    expected: "a database that changes when the user is created",
    found: after === before ? `${after}, as before` : `${after}, before ${before}`,
    next: toType`find ${volume} -name portainer.db -ls`,
  });
  return { user, identity: await identity(stage), checks: [...opened, grew] };
}

/** Portainer's database files under the hypervisor's path, each with size and time. */
async function database(hypervisor: Hypervisor, volume: string): Promise<string> {
  const find =
    'find "$1" -maxdepth 4 -type f \\( -name portainer.db -o -name portainer.edb \\) -printf "%P %s bytes at %T@\\n"';
  const { code, out, err } = await hypervisor.script(find, [volume]);
  if (code !== 0) throw new CannotTell(`${volume} can't be searched: ${err.trim()}`);
  return out.trim().split("\n").sort().join(", ") || "none";
}

/** Instance id and certificate, as any client sees them. */
export async function identity({ portainer, hypervisor, target }: Stage): Promise<string> {
  const { instance, said } = await portainerAnswers(portainer.client);
  const ask = `openssl s_client -connect ${upstreamOf(target.deployment)} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`;
  const { code, out, err } = await inContainer(hypervisor, target.deployment.gateway.ctid, ask);
  if (code !== 0) throw new CannotTell(`Portainer's own certificate can't be read: ${err.trim()}`);
  return `instance ${instance || said}, certificate ${out.trim().split("=")[1]?.slice(0, 23)}`;
}

/** The object is there for an API client with a new session, in the same Portainer as before. */
export async function present(
  stage: Stage,
  { user, identity: healthy }: Made,
  when: string,
): Promise<Check[]> {
  const { url } = stage.target;
  const same = await identity(stage);
  const session = await stage.api.signIn();
  const users = session.ok ? await stage.api.userNames(session.value) : session;
  const found = users.ok ? users.value.find((name) => name === user) : undefined;
  const seen = users.ok
    ? `${counted(users.value.length, "user")} without ${user}`
    : `no sign-in: ${users.said}`;
  return [
    check({
      level: "behaves",
      where: `${url} ${when}`,
      ok: same === healthy,
      expected: healthy,
      found: same,
    }),
    check({
      level: "behaves",
      where: `${url}/api/users ${when}`,
      ok: found !== undefined,
      expected: `user ${user}`,
      found: found ? `user ${user}` : seen,
    }),
  ];
}

/** The object's row is there in the browser. */
export async function rowThere({ portainer, target }: Stage, { user }: Made): Promise<Check> {
  await portainer.page.context().clearCookies();
  await portainer.page.goto("about:blank");
  const greeting = await portainer.open();
  const where = `${target.url}/#!/users`;
  if (greeting !== "sign-in")
    return check({
      level: "behaves",
      where,
      ok: false,
      expected: `user ${user}`,
      found: `Portainer shows ${await shownOf(portainer, greeting)}`,
    });
  await portainer.trouble.step("sign in", () => portainer.signIn());
  const list = await portainer.trouble.step("open the list of users", () => portainer.userRow(user));
  const row = list.first();
  const visible = await row.waitFor({ timeout: 15_000 }).then(
    () => true,
    () => false,
  );
  const found = visible ? `user ${user}` : `no such row: ${await portainer.trouble.instead()}`;
  return check({
    level: "behaves",
    where,
    ok: visible,
    expected: `user ${user}`,
    found,
    next: `look for ${user} in Portainer`,
  });
}
