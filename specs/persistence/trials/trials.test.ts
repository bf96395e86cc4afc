// Persistence trials with a fake Portainer: a confirmed write that is lost fails, and so does a kill that interrupted nothing.
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../../fixtures/deployment/read.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import type { Said } from "../../../fixtures/portainer/api.ts";
import { restart, survives } from "./disruptions.ts";
import { cutWrites } from "./mid-write.ts";
import { type Made, present, type Stage } from "./object.ts";

/** A fake Portainer that stores names: it dies at the `dies`-th write, and loses the names in `forgets`. */
interface Life {
  readonly dies?: number;
  readonly forgets?: readonly string[];
  readonly users?: readonly string[];
  readonly instance?: string;
  readonly signIn?: Said<string>;
  /** The docker host's answers, in order. */
  readonly marks?: readonly string[];
  readonly sessions?: readonly number[];
}
const fine = { code: 0, out: "", err: "", ms: 1 };

function stageOf(life: Life): Stage {
  const kept = new Set<string>();
  const marks = [...(life.marks ?? ["one", "", "two"])];
  const sessions = [...(life.sessions ?? [200, 401])];
  const api = {
    signIn: async () => life.signIn ?? { ok: true, value: "session" },
    sessionStatus: async () => sessions.shift() ?? 0,
    userNames: async () => ({ ok: true, value: life.users ?? ["admin", "mine"] }),
    makeTag: async (_: string, name: string) => {
      if (kept.size === (life.dies ?? 5)) return { ok: false, said: "502 Bad Gateway" };
      kept.add(name);
      return { ok: true, value: undefined };
    },
    tags: async () => {
      const names = [...kept].filter((name) => !life.forgets?.some((end) => name.endsWith(end)));
      return { ok: true, value: names.map((Name, ID) => ({ ID, Name })) };
    },
    removeTag: async () => ({ ok: true, value: undefined }),
  };
  const status = JSON.stringify({ InstanceID: life.instance ?? "i-1", Version: "2.45.0" });
  const portainer = { client: { timeoutFactor: 1, request: async () => ({ status: 200, body: status }) } };
  const answer = (out: string) => JSON.stringify({ exitcode: 0, exited: 1, "out-data": out });
  const run = async ([program]: readonly string[]) =>
    program === "pct"
      ? { ...fine, out: "sha256 Fingerprint=AA:BB\n" }
      : { ...fine, out: answer(marks.shift() ?? "") };
  const target = {
    url: "https://portainer.test",
    deployment: defaultDeployment,
  };
  return { api, portainer, target, hypervisor: { run } } as unknown as Stage;
}
const made: Made = { user: "mine", identity: "instance i-1, certificate AA:BB", checks: [] };
const failing = (checks: readonly Check[]) =>
  checks.filter(({ ok }) => !ok).map(({ expected, found }) => `${expected}: ${found}`);
const killed = async () => [];

test("mid-write: every confirmed write is there", async () => {
  const checks = await cutWrites(stageOf({}), "session", killed);
  expect(failing(checks)).toEqual([]);
  expect(checks.map(({ found }) => found)).toEqual(["5 confirmed, then 502 Bad Gateway", "all 5"]);
});

for (const [what, life, words] of [
  ["a confirmed write that is lost", { forgets: ["-4"] }, /^every confirmed tag: without accept-\w+-4$/],
  ["no time to write", { dies: 0 }, /^writes confirmed .*: 0 confirmed, then 502/],
  ["no sign-in afterwards", { signIn: { ok: false, said: "422 Invalid credentials" } }, /^the tags: 422/],
] as [string, Life, RegExp][]) {
  test(`mid-write: ${what}`, async () => {
    const [first = ""] = failing(await cutWrites(stageOf(life), "session", killed));
    expect(first).toMatch(words);
  });
}

test("the object is there, in the same Portainer", async () => {
  expect(failing(await present(stageOf({}), made, "now"))).toEqual([]);
});

test("a disruption that happened and was survived", async () => {
  expect(failing(await survives(stageOf({}), restart, made))).toEqual([]);
});

for (const [what, life, words] of [
  ["the user is missing", { users: ["admin"] }, "user mine: 1 user without mine"],
  [
    "another instance answers",
    { instance: "i-2" },
    "instance i-1, certificate AA:BB: instance i-2, certificate AA:BB",
  ],
  ["nothing restarted", { marks: ["one", "", "one"] }, "a new start time: one, then one"],
  ["old sessions still hold", { sessions: [200, 200] }, "200 before, 401 after: 200 before, 200 after"],
  ["there never was a session", { sessions: [401, 401] }, "200 before, 401 after: 401 before, 401 after"],
  ["no one can sign in", { signIn: { ok: false, said: "422 no" } }, "a session: 422 no"],
] as [string, Life, string][]) {
  test(`a disruption is not survived when ${what}`, async () => {
    expect(failing(await survives(stageOf(life), restart, made))).toContain(words);
  });
}
