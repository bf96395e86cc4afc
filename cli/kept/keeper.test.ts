// The keeper and its clients over a real socket, with a fake stand-in in memory.
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { BadInput } from "../../fixtures/errors.ts";
import type { StateName } from "../../fixtures/standin/states.ts";
import { files } from "./folder.ts";
import { type KeeperOptions, type Kept, keep } from "./keeper.ts";
import { type Answer, answers, type Request, tell } from "./protocol.ts";

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keeper-"));
});
test.afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A stand-in that notes what is asked of it. */
function pretended(done: string[]): Kept {
  let now: StateName | undefined = "fresh";
  let plannedBy = "";
  const states: Kept["states"] = {
    run: "/run",
    get now() {
      return now;
    },
    has: (state, builder) => state === "fresh" || plannedBy === builder,
    to: async (state, builder) => {
      done.push(`to ${state}`);
      if (builder === "broken") throw new BadInput("the plan can't be applied");
      now = state;
      if (state === "planned") plannedBy = builder;
      return ["guest 101"];
    },
  };
  return { states, browser: { executable: "b", certutil: "c" } };
}

function started(done: string[], idle = 600, start?: KeeperOptions["start"]) {
  const usual: KeeperOptions["start"] = async (resources) => {
    done.push("start");
    resources.defer(async () => void done.push("removed"));
    return pretended(done);
  };
  return keep({ folder, made: "digest", idle, start: start ?? usual });
}

/** Sends one request to the keeper and returns its answer. The connection stays open until `end`. */
async function ask(request: Request) {
  const { socket: path } = files(folder);
  await expect.poll(() => existsSync(path)).toBe(true);
  const socket = connect(path);
  const heard = answers(socket);
  tell(socket, request);
  const said: string[] = [];
  for (;;) {
    const { value } = await heard.next();
    if (value && "say" in value) said.push(value.say);
    else return { answer: value as Answer | undefined, said, end: () => socket.destroy() };
  }
}
const planned = (acts = false, builder = "one"): Request => ({
  ask: "lease",
  state: "planned",
  builder,
  acts,
});
const stop: Request = { ask: "stop" };

test("the stand-in is started once, planned once, and removed on a stop request; the folder is then empty", async () => {
  const done: string[] = [];
  const ended = started(done);
  const first = await ask(planned());
  expect(first.answer).toMatchObject({ leased: { run: "/run" }, restored: ["guest 101"] });
  first.end();
  const second = await ask(planned());
  expect(second.answer).toMatchObject({ restored: [] });
  expect(statSync(files(folder).socket).mode & 0o777).toBe(0o600);
  second.end();
  expect((await ask(stop)).answer).toEqual({ stopped: true });
  expect(await ended).toBe(0);
  expect(done).toEqual(["start", "to planned", "removed"]);
  expect(Object.values(files(folder)).filter(existsSync)).toEqual([]);
});

test("after a command that acts the state is restored, also if the command is killed", async () => {
  const done: string[] = [];
  const ended = started(done);
  (await ask(planned(true))).end();
  (await ask(stop)).end();
  await ended;
  expect(done).toEqual(["start", "to planned", "to planned", "removed"]);
});

test("after a change of the builder the plan is applied again, and a reset always restores", async () => {
  const done: string[] = [];
  const ended = started(done);
  for (const request of [planned(), planned(false, "two"), { ...planned(), ask: "reset" } as Request])
    (await ask(request)).end();
  (await ask(stop)).end();
  await ended;
  expect(done.filter((what) => what === "to planned")).toHaveLength(3);
});

test("one command at a time: the next one is informed that it waits", async () => {
  const ended = started([]);
  const first = await ask(planned());
  const second = ask(planned());
  await expect.poll(async () => (await Promise.race([second, "waits"])) === "waits").toBe(true);
  first.end();
  expect((await second).said).toContain("waiting for another command to finish with the stand-in");
  (await second).end();
  (await ask(stop)).end();
  await ended;
});

test("an error is reported to the command, and the next command tries again", async () => {
  const done: string[] = [];
  let tries = 0;
  const ended = started(done, 600, async () => {
    if (++tries === 1) throw new BadInput("no engine");
    return pretended(done);
  });
  const first = await ask(planned());
  expect(first.answer).toEqual({ error: "no engine", exitCode: 3 });
  first.end();
  const second = await ask(planned(false, "broken"));
  expect(second.answer).toEqual({ error: "the plan can't be applied", exitCode: 3 });
  second.end();
  const third = await ask(planned());
  expect(third.answer).toHaveProperty("leased");
  third.end();
  (await ask(stop)).end();
  await ended;
});

test("an invalid request is answered with the reason", async () => {
  const ended = started([]);
  const { answer } = await ask({ ask: "lease", state: "nowhere" } as unknown as Request);
  expect(answer).toMatchObject({ exitCode: 3, error: expect.stringContaining("request to the keeper") });
  (await ask(stop)).end();
  await ended;
});

test("the keeper ends when idle, and a second keeper ends without starting anything", async () => {
  const done: string[] = [];
  const ended = started(done, 1);
  (await ask(planned())).end();
  expect(await started(done)).toBe(0);
  expect(await ended).toBe(0);
  expect(done).toEqual(["start", "to planned", "removed"]);
});
