// Claims about Portainer's administrator, and about what they see after signing in.
import { randomBytes } from "node:crypto";
import type { Client } from "../../../fixtures/evidence/client.ts";
import { answered } from "../../../fixtures/evidence/client.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { maskText } from "../../../fixtures/evidence/mask-text.ts";
import { publishing } from "../../../fixtures/evidence/parse/containers.ts";
import { describeResponse } from "../../../fixtures/evidence/response.ts";
import { waitUntil } from "../../../fixtures/evidence/wait.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import type { Environment, PortainerApi } from "../../../fixtures/portainer/api.ts";
import { StepFailed } from "../../../fixtures/portainer/page-trouble.ts";
import type { Portainer } from "../../../fixtures/portainer/pages.ts";
import { portainerAnswers } from "../../../fixtures/portainer/status.ts";
import { check, known, source } from "../../claim.ts";
import { answersAtAll, shownOf } from "./page.ts";

const localSocket = "unix:///var/run/docker.sock";
/** Docker's own socket, by either of its paths: one is a link to the other. */
const isLocal = ({ URL }: Environment) => /^unix:\/\/(\/var)?\/run\/docker\.sock$/.test(URL);

/** Portainer says that it has an administrator, so its first-setup window is closed. */
export function claimed(e: Evidence): Check {
  const fact = e.response("administrator");
  const response = known(fact);
  const status = response.kind === "response" ? response.status : 0;
  const meaning: Record<number, string> = {
    204: "an administrator",
    303: "locked: no administrator was created in time",
    404: "no administrator: the first visitor can become one",
  };
  const found = meaning[status] ?? describeResponse(response);
  const create = "npm run phoenix -- apply --only first-setup";
  // A Portainer that has locked itself, or that does not answer, can't be given an administrator.
  const steps: Record<number, string> = {
    303: `restart Portainer's container, then: ${create}`,
    404: `create the administrator: ${create}`,
  };
  const next =
    steps[status] ??
    "open the URL with curl -v; if Portainer does not answer, read docker logs of its container";
  return check({
    level: "behaves",
    where: source(fact),
    ok: status === 204,
    expected: "an administrator",
    found,
    next,
  });
}

/** Portainer answers and has an administrator: without both, nobody can sign in, and nothing that needs it is tried. */
export function canSignIn(e: Evidence): readonly Check[] {
  const answers = answersAtAll(e);
  return answers.ok ? [answers, claimed(e)] : [answers];
}

/** The administrator signs in on Portainer's own sign-in page, in the browser. */
export async function signsIn(portainer: Portainer, url: string): Promise<readonly Check[]> {
  const opened = await failureOf(portainer.trouble.step(`open ${url}`, () => portainer.open()));
  if (opened instanceof StepFailed) {
    // A page that is only slow has no complaint, and says nothing about the administrator.
    if (portainer.trouble.first() === undefined) throw opened;
    return [signedIn(url, opened.instead)];
  }
  const greeting = opened;
  const greets = check({
    level: "behaves",
    where: url,
    ok: greeting === "sign-in",
    expected: "sign-in",
    found: await shownOf(portainer, greeting),
    next: `open ${url} in a browser, with its console open`,
  });
  if (!greets.ok) return [greets];
  const failed = await failureOf(portainer.trouble.step("sign in", () => portainer.signIn()));
  const me = `${url}/api/users/me`;
  const lost = await portainer.lostSession();
  if (lost !== undefined) return [greets, sessionReturns(me, lost)];
  if (failed instanceof StepFailed) return [greets, signedIn(url, failed.instead)];
  const status = await portainer.sessionStatus(await portainer.session());
  return [
    greets,
    check({
      level: "behaves",
      where: me,
      ok: status === 200,
      expected: "200 with the browser's session",
      found: String(status),
    }),
  ];
}

/** What the step gave, or the failure that says what was there instead. */
const failureOf = <T>(step: Promise<T>): Promise<T | StepFailed> =>
  step.catch((error) => {
    if (error instanceof StepFailed) return error;
    throw error;
  });

const sessionReturns = (where: string, found: string): Check =>
  check({
    level: "behaves",
    where,
    ok: false,
    expected: "the browser sends its session back",
    found,
    next: "look in the gateway's site for proxy_cookie_path, proxy_cookie_domain, proxy_cookie_flags, proxy_hide_header and add_header Set-Cookie",
  });

const signedIn = (where: string, found: string): Check =>
  check({
    level: "behaves",
    where,
    ok: false,
    expected: "signed in",
    found,
    next: `sign in at ${where} in a browser, with its console open`,
  });

/** Whether Docker's socket is mounted into Portainer's container; undefined if that is not known. */
export function socketMounted(e: Evidence): boolean | undefined {
  if (e.containers.state !== "known") return undefined;
  const [own] = publishing(e.containers.value, e.deployment.portainer.port, e.deployment.dockerHost.address);
  return own?.Mounts.some(({ Destination }) => /^(\/var)?\/run\/docker\.sock$/.test(Destination));
}

/**
 * One environment is the docker host's own Docker, and it is up. `mounted`: whether Portainer's container has Docker's socket,
 * without which no environment can be added either.
 */
export function localIsUp(
  environments: readonly Environment[],
  where: string,
  mounted: boolean | undefined = undefined,
): Check {
  const show = ({ Name, URL, Status }: Environment) => `${Name} (${URL}) ${Status === 1 ? "up" : "down"}`;
  const ok = environments.some((one) => isLocal(one) && one.Status === 1);
  const found = environments.map(show).join(", ") || "no environment";
  return check({
    level: "behaves",
    where,
    ok,
    expected: `${localSocket} up`,
    found,
    next: nextFor(mounted, environments.some(isLocal)),
  });
}

/** What makes the environment come up; no step that is done already. */
function nextFor(mounted: boolean | undefined, added: boolean): string {
  const open = "let its user open it; docker logs of the container says why it can't";
  if (mounted && added) return `/var/run/docker.sock is mounted into Portainer's container: ${open}`;
  if (mounted === false || added) return `mount /var/run/docker.sock into Portainer's container, and ${open}`;
  return "add the local environment in Portainer";
}

/** Portainer manages the docker host's Docker, and a console's websocket connection passes the gateway. */
export async function dockerManaged(
  api: PortainerApi,
  client: Client,
  url: string,
  mounted?: boolean,
): Promise<readonly Check[]> {
  const where = `${url}/api/endpoints`;
  const session = await api.signIn();
  if (!session.ok)
    return [
      check({
        level: "behaves",
        where: `${url}/api/auth`,
        ok: false,
        expected: "a session",
        found: session.said,
      }),
    ];
  const all = await api.environments(session.value);
  if (!all.ok)
    return [
      check({ level: "behaves", where, ok: false, expected: "a list of environments", found: all.said }),
    ];
  // A console of another environment is the business of its own agent.
  const own = all.value.find(isLocal) ?? all.value[0];
  const up = localIsUp(all.value, where, mounted);
  return [up, await upgrades(client, url, session.value, own?.Id ?? 1)];
}

/** Portainer upgrades the connection before it looks up the exec session, so the session need not exist. */
async function upgrades(client: Client, url: string, token: string, endpoint: number): Promise<Check> {
  const path = `/api/websocket/exec?endpointId=${endpoint}&id=${randomBytes(32).toString("hex")}`;
  const found = await client
    .upgrade(path, { authorization: `Bearer ${token}`, origin: url })
    .catch((error) => answered(error));
  const next = "let the gateway pass on Upgrade and Connection over HTTP/1.1";
  return check({
    level: "behaves",
    where: `${url}/api/websocket/exec`,
    ok: found === "101",
    expected: "101",
    found: maskText(found),
    next,
  });
}

/** Portainer asks Docker for its state only after it has started, so what looks at that waits for a check that fails. */
export async function whenAsked(
  client: Client,
  look: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  await portainerAnswers(client);
  return (await waitUntil(look, (seen) => seen.some(({ ok }) => !ok), 20_000)).last;
}
