// Claims about the administrator, and about what they see after signing in.
import { writeFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { PortainerApi } from "../../../fixtures/portainer/api.ts";
import { StepFailed } from "../../../fixtures/portainer/page-trouble.ts";
import { sample } from "../../testing/evidence-builder.ts";
import { claimed, dockerManaged, localIsUp, signsIn } from "./sign-in.ts";

const administrator = (status: number) =>
  claimed(sample({ client: { administrator: JSON.stringify({ status, location: "", body: "" }) } }));
test("claimed: decided by the status code alone", () => {
  expect(administrator(204).ok).toBe(true);
  expect(localIsUp([], "w", false).next).toMatch(/^mount \/var\/run\/docker\.sock/);
  expect(localIsUp([], "w", true).next).toContain("add the local environment");
  expect(administrator(404)).toMatchObject({
    ok: false,
    found: expect.stringContaining("no administrator: the first visitor can become one"),
  });
  expect(administrator(303)).toMatchObject({ ok: false, found: expect.stringContaining("locked") });
  expect(administrator(200)).toMatchObject({ ok: false, found: "200" });
  const refused = sample({ client: { administrator: { code: 1, err: "ECONNREFUSED" } } });
  expect(claimed(refused)).toMatchObject({ ok: false, found: "ECONNREFUSED" });
});

test("signing in: checks both the page and the session", async () => {
  const browser = (greeting: string, status: number) =>
    ({
      open: async () => greeting,
      signIn: async () => {},
      trouble: { step: (_: string, work: () => unknown) => work() },
      lostSession: async () => undefined,
      session: async () => "t",
      sessionStatus: async () => status,
    }) as never;
  const failing = async (greeting: string, status: number) =>
    (await signsIn(browser(greeting, status), "https://x")).filter(({ ok }) => !ok).map(({ found }) => found);
  expect(await failing("sign-in", 200)).toEqual([]);
  expect(await failing("sign-in", 401)).toEqual(["401"]);
  expect(await failing("first-setup", 200)).toEqual(["first-setup"]);
  expect(await failing("home", 200)).toEqual(["home"]);
});

test("signing in: a session that does not come back is named before what the page shows because of it", async () => {
  const browser = (lost: string | undefined) =>
    ({
      open: async () => "sign-in",
      signIn: async () => {},
      trouble: {
        step: async (what: string) => {
          if (what !== "sign in") return "sign-in";
          throw new StepFailed("sign in", 'title Portainer at https://x/#!/auth; text "Login"');
        },
      },
      lostSession: async () => lost,
    }) as never;
  const failing = async (lost?: string) =>
    (await signsIn(browser(lost), "https://x")).filter(({ ok }) => !ok).map(({ found }) => found);
  expect(await failing("the cookie portainer_api_key is not sent")).toEqual([
    "the cookie portainer_api_key is not sent",
  ]);
  expect(await failing()).toEqual(['title Portainer at https://x/#!/auth; text "Login"']);
});

test("the next step is one that is not true already", () => {
  expect(localIsUp([{ ...local, Status: 2 }], "w").next).toMatch(/^mount \/var\/run\/docker\.sock/);
  expect(localIsUp([{ ...local, Status: 2 }], "w").next).not.toContain("add the local environment");
  expect(localIsUp([], "w").next).toContain("add the local environment");
  expect(localIsUp([{ ...local, Status: 2 }], "w", true).next).toMatch(
    /^\/var\/run\/docker\.sock is mounted/,
  );
  expect(administrator(404).next).toContain("apply --only first-setup");
  expect(administrator(303).next).toMatch(/^restart Portainer's container, then/);
  expect(administrator(502).next).not.toContain("first-setup");
});

const local = { Id: 3, Name: "local", URL: "unix:///var/run/docker.sock", Status: 1 };
test("Docker is managed: the docker host's own environment is up", () => {
  expect(localIsUp([{ ...local, URL: "tcp://x:2375" }, local], "w").ok).toBe(true);
  expect(localIsUp([{ ...local, Status: 2 }], "w")).toMatchObject({
    ok: false,
    found: expect.stringContaining("down"),
  });
  expect(localIsUp([{ ...local, URL: "tcp://10.0.0.9:2375" }], "w").ok).toBe(false);
  expect(localIsUp([], "w")).toMatchObject({ ok: false, found: "no environment" });
});

test("Docker is managed: its socket by either of its paths, and no other socket", () => {
  for (const [URL, ok] of [
    ["unix:///run/docker.sock", true],
    ["unix:///var/run/docker.sock", true],
    ["unix:///run/user/1000/docker.sock", false],
    ["unix:///run/docker.sock.old", false],
    ["npipe:////./pipe/docker_engine", false],
  ] as const)
    expect(localIsUp([{ ...local, URL }], "w").ok, URL).toBe(ok);
});

test("Docker is managed: the console that is tried is the docker host's own, wherever it is in the list", async () => {
  const asked: string[] = [];
  const upgrade = async (path: string) => {
    asked.push(path);
    return "101";
  };
  const agent = { Id: 7, Name: "branch", URL: "tcp://10.9.0.9:9001", Status: 2 };
  const yes =
    <T>(value: T) =>
    async () => ({ ok: true, value });
  const api = { signIn: yes("t"), environments: yes([agent, local]) };
  await dockerManaged(api as never, { upgrade } as never, "https://x");
  expect(asked).toEqual([expect.stringContaining("endpointId=3&")]);
});

test("Docker is managed: a failing sign-in, list or upgrade each refutes it", async () => {
  const yes =
    <T>(value: T) =>
    async () => ({ ok: true, value });
  const no = async () => ({ ok: false, said: "422 Invalid credentials" });
  const sees = async (api: object, upgrade: () => Promise<string>) => {
    const healthy = { signIn: yes("t"), environments: yes([local]) };
    const checks = await dockerManaged({ ...healthy, ...api } as never, { upgrade } as never, "https://x");
    return checks.filter(({ ok }) => !ok).map(({ found }) => found);
  };
  expect(await sees({}, async () => "101")).toEqual([]);
  expect(await sees({}, async () => "400 'upgrade' token not found")).toEqual([
    "400 'upgrade' token not found",
  ]);
  expect(await sees({}, () => Promise.reject(new Error("socket hang up")))).toEqual(["socket hang up"]);
  expect(await sees({ signIn: no }, async () => "101")).toEqual(["422 Invalid credentials"]);
  expect(await sees({ environments: no }, async () => "101")).toEqual(["422 Invalid credentials"]);
});

/** What Portainer's API answers, by path; `dockerManaged` is asked of it. */
async function managedBy(answers: Readonly<Record<string, readonly [status: number, body: unknown]>>) {
  const passwordFile = test.info().outputPath("password");
  writeFileSync(passwordFile, `${test.info().testId}-${Object.keys(answers).length}`);
  const client = {
    request: async (path: string) => {
      const [status, body] = answers[path] ?? [200, []];
      return { status, headers: new Headers(), body: JSON.stringify(body) };
    },
    upgrade: async () => '403 {"details":"session_token=plantedInTheWebsocket"}',
  } as never;
  return JSON.stringify(await dockerManaged(new PortainerApi(client, passwordFile), client, "https://x"));
}

test("no secret in an answer of Portainer's API gets into a check: by its name, in an address, cut in two, in a refused websocket", async () => {
  const session = [200, { jwt: "a.session.of.its.own" }] as const;
  const environment = { Id: 1, Status: 2, Name: "standby, api_token=plantedInAName" };
  const listed = await managedBy({
    "/api/auth": session,
    "/api/endpoints": [200, [{ ...environment, URL: "tcp://admin:plantedInAnAddress@192.0.2.7:9001" }]],
  });
  expect(listed).toContain("standby, api_token=[redacted] (tcp://admin:[redacted]@192.0.2.7:9001) down");
  const body = {
    message: "x".repeat(150),
    details: "client_secret=plantedBeyondTheCut-0123456789-0123456789",
  };
  const refused = await managedBy({ "/api/auth": [500, body] });
  const failing = await managedBy({ "/api/auth": session, "/api/endpoints": [500, body] });
  for (const said of [listed, refused, failing]) expect(said).not.toContain("planted");
  expect(refused).toContain("client_secret=[redacted]");
});
