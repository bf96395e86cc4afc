// Claims about the administrator, and about what they see after signing in.
import { expect, test } from "@playwright/test";
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
