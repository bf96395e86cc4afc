// Three nights on two targets: one breaks in the second night, one can't be reached in the third. Then what goes wrong
// around a night: locks, damaged files, full disks, webhooks.
import { createHmac } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { CannotTell } from "../../fixtures/errors.ts";
import { secret } from "../../fixtures/evidence/redact.ts";
import { silent } from "../../fixtures/progress.ts";
import type { Judged } from "../../reports/night/changes.ts";
import { asNight } from "../../reports/night/night.ts";
import { nightPage } from "../../reports/night/tell.ts";
import type { AppliedWaiver } from "../../reports/run/run.ts";
import { folderName, Nights } from "./folder.ts";
import { lock } from "./lock.ts";
import { type Answer, type NightOptions, runNight } from "./run-night.ts";
import { statusOf } from "./status.ts";
import { asWebhook, type Telling, tell } from "./tell.ts";

let room: string;
test.beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), "nights-"));
});
test.afterEach(() => rmSync(room, { recursive: true, force: true }));

const row = (id: string, verdict: string): Judged => ({
  ...{ id, verdict, severity: "must", statement: `${id} holds` },
  seen: verdict === "pass" ? "as it should be" : `${id} is broken`,
});
const answer = (verdicts: Readonly<Record<string, string>>, judgedBy = "sha256:a"): Answer => ({
  exitCode: Object.values(verdicts).includes("fail")
    ? 1
    : Object.values(verdicts).includes("unknown")
      ? 2
      : 0,
  rows: Object.entries(verdicts).map(([id, verdict]) => row(id, verdict)),
  judgedBy,
});
const good = { "STO-003": "pass", "FWL-001": "pass" };
const hour = 3_600_000;
const nightAt = (number: number) => new Date(Date.UTC(2026, 0, number, 2, 0, 0));

/** One night with these answers; a text is the reason why a target has none. */
function night(
  number: number,
  answers: Readonly<Record<string, Answer | string>>,
  more: Partial<NightOptions> = {},
) {
  return runNight({
    ...{ nights: new Nights(room), targets: Object.keys(answers), atOnce: 2, when: "problems", telling: {} },
    ...{ keep: 90, now: nightAt(number), progress: silent },
    judge: async (target) => {
      const one = answers[target];
      if (typeof one === "object") return one;
      throw new CannotTell(one);
    },
    ...more,
  });
}
const status = (ageHours = 3, number = 3) =>
  statusOf(new Nights(room), 26 * 3600, nightAt(number).getTime() + ageHours * hour);
const heartbeat = () => readFileSync(join(room, "heartbeat.prom"), "utf8");

test("three nights tell their story: exit codes, headlines, what is new, since when, status and heartbeat", async () => {
  const first = await night(1, { alpha: answer(good), beta: answer(good) });
  expect(first.exitCode).toBe(0);
  expect(first.night.headline).toBe("all 2 targets pass");
  expect(first.night.targets.map(({ changes }) => changes.comparedWith)).toEqual([undefined, undefined]);

  const broken = { ...good, "STO-003": "fail" };
  const second = await night(2, { alpha: answer(broken), beta: answer(good) });
  expect(second.exitCode).toBe(1);
  expect(second.night.headline).toBe("alpha: 1 newly failing (STO-003). 1 other passes");
  expect(second.night.targets[0]?.changes).toMatchObject({
    comparedWith: "2026-01-01T02-00-00Z",
    lastGood: "2026-01-01T02-00-00Z",
    changed: true,
    newlyFailing: [{ id: "STO-003", found: "STO-003 is broken", since: "2026-01-02T02-00-00Z" }],
  });
  expect(second.night.targets[1]?.changes.changed).toBe(false);

  const third = await night(3, {
    alpha: answer(broken),
    beta: "Could not connect to beta\nNext:\n    ssh beta",
  });
  expect(third.exitCode).toBe(1);
  expect(third.night.headline).toBe(
    "alpha: 1 still failing (STO-003). beta: no verdict (Could not connect to beta)",
  );
  expect(third.night.targets[0]?.changes).toMatchObject({
    changed: false,
    newlyFailing: [],
    stillFailing: [{ id: "STO-003", since: "2026-01-02T02-00-00Z" }],
    lastGood: "2026-01-01T02-00-00Z",
  });
  expect(nightPage(third.night)).toContain("still failing since 2026-01-02T02-00-00Z: STO-003 (must)");
  expect(nightPage(third.night, true)).toContain("beta: no verdict");
  expect(nightPage({ ...third.night, targets: [] }, true)).toBe(
    `Night ${third.night.night}: ${third.night.headline}\n`,
  );
  expect(status()).toMatchObject({ state: "in time", exitCode: 1 });
  expect(heartbeat()).toContain('phoenix_night_target_state{target="beta",state="no verdict"} 1\n');
  expect(heartbeat()).toContain(
    `phoenix_night_last_verdict_timestamp_seconds{target="beta"} ${nightAt(2).getTime() / 1000}\n`,
  );
  expect(heartbeat()).toContain(
    `phoenix_night_last_good_timestamp_seconds{target="alpha"} ${nightAt(1).getTime() / 1000}\n`,
  );

  const fourth = await night(4, { alpha: answer(good), beta: answer(good) });
  expect(fourth.exitCode).toBe(0);
  expect(fourth.night.targets[0]?.changes).toMatchObject({ changed: true, fixed: ["STO-003"] });
  // It was good before it could not be reached: nothing is fixed, and yet it is news.
  expect(fourth.night.targets[1]?.changes).toMatchObject({ changed: true, fixed: [] });
  for (const name of new Nights(room).names()) asNight(new Nights(room).read(name), { file: name });
});

test("a night without a verdict mends nothing: what failed before still fails after it, since the same night", async () => {
  await night(1, { alpha: answer({ ...good, "FWL-001": "fail" }) });
  await night(2, { alpha: "Could not connect" });
  const { night: third } = await night(3, { alpha: answer({ ...good, "FWL-001": "fail" }) });
  expect(third.targets[0]?.changes).toMatchObject({
    comparedWith: "2026-01-01T02-00-00Z",
    newlyFailing: [],
    stillFailing: [{ id: "FWL-001", since: "2026-01-01T02-00-00Z" }],
  });
});

test("what was not asked this time is not fixed; what could not be told is new as such", async () => {
  await night(1, { alpha: answer({ ...good, "FWL-001": "fail" }) });
  const { night: second } = await night(2, {
    alpha: answer({ "STO-003": "unknown", "FWL-001": "not judged" }),
  });
  expect(second.targets[0]?.changes).toMatchObject({
    fixed: [],
    notSeen: ["FWL-001"],
    newlyFailing: [],
    newlyUnknown: [{ id: "STO-003" }],
  });
  expect(second.headline).toContain("1 open: no pass before, and not judged since (FWL-001)");
});

test("another deployment or other statements are not compared, and that is news", async () => {
  await night(1, { alpha: answer({ ...good, "FWL-001": "fail" }) });
  const { night: second } = await night(2, { alpha: answer(good, "sha256:b") });
  expect(second.targets[0]?.changes).toMatchObject({
    changed: true,
    fixed: [],
    comparedWith: "2026-01-01T02-00-00Z",
  });
  expect(second.targets[0]?.changes.notComparable).toContain("another deployment");
});

test("the stand-in and the host: only what both judged, and judged differently, is named", async () => {
  const { night: one } = await night(
    1,
    { alpha: answer({ "STO-003": "fail", "FWL-001": "pass", "GWY-001": "unknown" }) },
    { standIn: async () => [row("STO-003", "pass"), row("FWL-001", "pass"), row("GWY-001", "pass")] },
  );
  expect(one.targets[0]?.standIn).toEqual({ differs: [{ id: "STO-003", standIn: "pass", host: "fail" }] });
  expect(one.headline).toContain("the stand-in differs (STO-003)");
  const { night: two, exitCode } = await night(
    2,
    { alpha: answer(good) },
    {
      standIn: async () => {
        throw new CannotTell("no engine");
      },
    },
  );
  expect(exitCode).toBe(0);
  expect(two.targets[0]?.standIn).toEqual({ trouble: "no engine", differs: [] });
  expect(two.headline).toContain("no verdict on the stand-in");
});

const waiver = (state: AppliedWaiver["state"], soon?: true): AppliedWaiver => ({
  ...{ requirement: "FWL-001", target: "alpha", reason: "the old site", risk: "none" },
  ...{ owner: "platform", approver: "J. Okafor", ticket: "OPS-1", expires: "2026-01-09", state },
  ...(soon && { soon }),
});

test("a waived failure is named in headline, page and heartbeat, and is neither fixed nor a reason to tell again", async () => {
  await night(1, { alpha: answer({ ...good, "FWL-001": "fail" }), beta: answer(good) });
  const waived = (state: AppliedWaiver["state"], verdict: string, soon?: true) => ({
    ...answer({ ...good, "FWL-001": verdict }),
    waivers: [waiver(state, soon)],
  });
  const { night: second, exitCode } = await night(2, {
    alpha: waived("in force", "waived"),
    beta: answer(good),
  });
  expect([exitCode, second.headline]).toEqual([0, "alpha: 1 newly waived (FWL-001). 1 other passes"]);
  expect(second.targets[0]?.changes).toMatchObject({ changed: true, fixed: [], stillFailing: [] });
  expect(second.targets[0]?.changes.newlyWaived).toMatchObject([{ id: "FWL-001" }]);
  const { night: third } = await night(3, { alpha: waived("in force", "waived") });
  expect(third.headline).toBe("alpha: 1 still waived (FWL-001)");
  expect(third.targets[0]?.changes).toMatchObject({ changed: false, newlyWaived: [] });
  expect(nightPage(third)).toContain("still waived since 2026-01-02T02-00-00Z: FWL-001");
  expect(nightPage(third)).toContain("alpha: pass (1 pass, 1 waived)");
  expect(heartbeat()).toContain('phoenix_night_requirements{target="alpha",verdict="waived"} 1\n');
  expect(heartbeat()).toContain(
    `phoenix_night_waiver_expires_timestamp_seconds{target="alpha",requirement="FWL-001",state="in force"} ${Date.UTC(2026, 0, 10) / 1000}\n`,
  );
  const { night: soon } = await night(4, { alpha: waived("in force", "waived", true) });
  expect(soon.headline).toBe("alpha: 1 still waived (FWL-001), 1 waiver soon to expire (FWL-001)");
  expect(soon.targets[0]?.changes.changed, "somebody has to hear of it").toBe(true);
  const { night: again } = await night(5, { alpha: waived("in force", "waived", true) });
  expect(again.targets[0]?.changes.changed, "once").toBe(false);
  const expired = await night(6, { alpha: waived("expired", "fail") });
  expect([expired.exitCode, expired.night.headline]).toEqual([
    1,
    "alpha: 1 newly failing (FWL-001), 1 waiver expired (FWL-001)",
  ]);
  expect(nightPage(expired.night)).toContain(
    "waiver of FWL-001 (OPS-1, owner platform): expired on 2026-01-09",
  );
  const over = await night(7, { alpha: waived("not needed", "pass") });
  expect([over.exitCode, over.night.headline]).toEqual([
    0,
    "alpha: 1 waiver no longer needed (FWL-001), 1 fixed (FWL-001)",
  ]);
  for (const name of new Nights(room).names()) asNight(new Nights(room).read(name), { file: name });
});

test("a failure that is waived on the host and passes on the stand-in is a difference of the two", async () => {
  const { night: one } = await night(
    1,
    { alpha: answer({ "STO-003": "waived", "FWL-001": "waived" }) },
    { standIn: async () => [row("STO-003", "pass"), row("FWL-001", "fail")] },
  );
  expect(one.targets[0]?.standIn).toEqual({ differs: [{ id: "STO-003", standIn: "pass", host: "waived" }] });
});

test("a target that another night judges gets no verdict; a lock whose holder is gone is taken", async () => {
  const nights = new Nights(room);
  nights.make();
  const file = nights.lockOf("alpha");
  const first = lock(file);
  const { night: one, exitCode } = await night(1, { alpha: answer(good), beta: answer(good) });
  expect(exitCode).toBe(2);
  expect(one.targets[0]).toMatchObject({ state: "no verdict", exitCode: 2 });
  expect(one.targets[0]?.trouble).toContain(`process ${process.pid}`);
  expect(one.targets[1]?.state).toBe("pass");
  first[Symbol.dispose]();
  for (const dead of ["999999", "", "not a number"]) {
    writeFileSync(file, dead);
    expect((await night(2, { alpha: answer(good) })).exitCode, dead).toBe(0);
  }
  expect(existsSync(file)).toBe(false);
});

test("an unexpected error on one target is a bug of the suite, and the other target's verdict stands", async () => {
  const { night: one, exitCode } = await night(
    1,
    { alpha: answer(good), beta: answer(good) },
    {
      judge: async (target) => {
        if (target === "alpha") throw new TypeError("x is undefined");
        return answer(good);
      },
    },
  );
  expect(one.targets.map(({ state }) => state)).toEqual(["no verdict", "pass"]);
  expect(one.targets[0]).toMatchObject({
    exitCode: 70,
    trouble: "This is a bug in the suite: x is undefined",
  });
  expect(exitCode).toBe(70);
});

test("status: a night that did not run, that never ended, that is running, and nobody who was told", async () => {
  expect(status()).toMatchObject({ state: "never ran", exitCode: 2 });
  await night(1, { alpha: answer(good) });
  expect(status(25, 1)).toMatchObject({ state: "in time", exitCode: 0 });
  expect(status(27, 1)).toMatchObject({ state: "missed", exitCode: 2 });
  const started = (pid: number) =>
    writeFileSync(
      join(room, "started.json"),
      JSON.stringify({ night: "2026-01-02T02-00-00Z", startedAt: nightAt(2).toISOString(), pid }),
    );
  started(999_999);
  expect(status(20, 1)).toMatchObject({ state: "broken off", exitCode: 2 });
  expect(status(20, 1).says[0]).toBe("The night 2026-01-02T02-00-00Z was started and never ended");
  started(process.pid);
  expect(status(20, 1)).toMatchObject({ state: "running", exitCode: 0 });
  rmSync(join(room, "started.json"));
  const webhook = "http://127.0.0.1:9/";
  await night(3, { alpha: answer(good) }, { when: "always", telling: { webhook, pauses: [] } });
  expect(status().exitCode).toBe(2);
  expect(status().says[0]).toMatch(/^Not told of 2026-01-03T02-00-00Z: webhook: /);
  expect(heartbeat()).toContain("phoenix_night_notify_failed 1\n");
});

test("a damaged file of an earlier night costs its comparison alone; a damaged last night is an error of status", async () => {
  await night(1, { alpha: answer(good) });
  writeFileSync(join(room, "2026-01-02T02-00-00Z.json"), '{"version":1');
  const { night: third } = await night(3, { alpha: answer(good) });
  expect(third.targets[0]?.changes.comparedWith).toBe("2026-01-01T02-00-00Z");
  writeFileSync(join(room, "2026-01-03T02-00-00Z.json"), "{}");
  expect(() => status()).toThrow(/2026-01-03T02-00-00Z\.json/);
});

test("old nights go, but never a target's last good one", async () => {
  await night(1, { alpha: answer(good), beta: answer(good) });
  for (const number of [2, 3, 4])
    await night(number, { alpha: answer({ ...good, "STO-003": "fail" }), beta: answer(good) }, { keep: 2 });
  const nights = new Nights(room);
  expect(nights.names()).toEqual(["2026-01-04T02-00-00Z", "2026-01-03T02-00-00Z", "2026-01-01T02-00-00Z"]);
  expect(existsSync(join(room, "alpha/2026-01-01T02-00-00Z"))).toBe(true);
  expect(existsSync(join(room, "beta/2026-01-01T02-00-00Z"))).toBe(false);
  expect(existsSync(join(room, "alpha/2026-01-02T02-00-00Z"))).toBe(false);
});

test("a folder that can't be written is this machine's trouble: bad input with words, and no verdict is made up", async () => {
  writeFileSync(join(room, "file"), "");
  const nights = new Nights(join(room, "file/nights"));
  await expect(night(1, { alpha: answer(good) }, { nights })).rejects.toThrow(
    /^Can't write the folder of all nights .*: a part of the path is no folder/,
  );
});

test("names of targets become folders that stay within their place and apart", () => {
  const names = ["alpha", "../alpha", "..", ".", "a/b", "a%2fb", "2026-01-01T02-00-00Z", "ä ö"];
  const folders = names.map(folderName);
  expect(new Set(folders).size).toBe(names.length);
  for (const folder of folders) expect(folder).toMatch(/^(?!\.)[\w.%-]+$/);
});

/** A server that answers as told, one answer a request; the last one again and again. 0 never answers. */
async function hook(...answers: readonly number[]) {
  const got: { body: string; headers: IncomingHttpHeaders }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => (body += piece));
    request.on("end", () => {
      const status = answers[Math.min(got.length, answers.length - 1)] ?? 200;
      got.push({ body, headers: request.headers });
      if (status !== 0) response.writeHead(status, { location: "http://127.0.0.1:9/" }).end("x");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const webhook = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  };
  return { webhook, got, [Symbol.asyncDispose]: stop };
}
const document = { headline: "alpha: no verdict", exitCode: 2 };
const telling = (webhook: string, more: Telling = {}): Telling => ({ webhook, pauses: [1, 1, 1], ...more });

test("the webhook gets the document, signed, and without secrets", async () => {
  await using server = await hook(204);
  const canary = secret("correct-horse-battery");
  const night = { ...document, headline: `alpha: could not sign in with ${canary}` };
  expect(await tell(night, telling(server.webhook, { key: "k" }))).toEqual([{ to: "webhook" }]);
  const [{ body, headers } = { body: "", headers: {} }] = server.got;
  expect(body).toContain("could not sign in with [redacted]");
  expect(headers["x-phoenix-signature"]).toBe(
    `sha256=${createHmac("sha256", "k").update(body).digest("hex")}`,
  );
});

for (const [what, answers, tries, trouble] of [
  ["a server that is down for a moment is tried again", [503, 429, 200], 3, undefined],
  ["a server that stays down is tried four times", [500], 4, "it answers 500 (4 tries)"],
  ["a refusal is not tried again", [403], 1, "it answers 403 (1 try)"],
  ["a redirect is not followed", [302], 1, "it answers 302 (1 try)"],
  ["a server without an answer is given up", [0], 4, "no answer within 200 ms (4 tries)"],
] as const)
  test(what, async () => {
    await using server = await hook(...answers);
    const told = await tell(document, telling(server.webhook, { limit: 200 }));
    expect(told).toEqual([{ to: "webhook", ...(trouble !== undefined && { trouble }) }]);
    expect(server.got.length).toBe(tries);
  });

test("an address of a webhook is https, or on this machine", () => {
  for (const good of [
    "https://example.org/x?y",
    "http://127.0.0.1:1/",
    "http://localhost/",
    "http://[::1]:8/",
  ])
    expect(asWebhook(good, "file")).toBe(good);
  for (const bad of [
    "",
    "example.org",
    "http://example.org/",
    "ftp://example.org/",
    "http://127.0.0.1.example.org/",
  ])
    expect(() => asWebhook(bad, "file"), bad).toThrow("no address of a webhook");
});

test("the command gets the headline and the document; its failure is told with its last words", async () => {
  const program = (text: string) => {
    mkdirSync(join(room, "bin"), { recursive: true });
    writeFileSync(join(room, "bin/tell"), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return join(room, "bin/tell");
  };
  const out = join(room, "out");
  expect(await tell(document, { command: program(`printf '%s\\n' "$1" >'${out}'; cat >>'${out}'`) })).toEqual(
    [{ to: "command" }],
  );
  expect(readFileSync(out, "utf8")).toBe(`alpha: no verdict\n${JSON.stringify(document)}`);
  expect(await tell(document, { command: program("echo no mail server >&2; exit 3") })).toEqual([
    { to: "command", trouble: "exit code 3: no mail server" },
  ]);
  expect((await tell(document, { command: join(room, "none") }))[0]?.trouble).toContain(
    "it can't be started",
  );
});

test("who is told: always, of problems and their end, or of changes alone", async () => {
  await using server = await hook(200);
  const broken = { ...good, "STO-003": "fail" };
  const told = async (
    number: number,
    verdicts: Readonly<Record<string, string>>,
    when: NightOptions["when"],
  ) => {
    const before = server.got.length;
    await night(number, { alpha: answer(verdicts) }, { when, telling: telling(server.webhook) });
    return server.got.length - before;
  };
  expect(await told(1, good, "problems"), "the first night").toBe(1);
  expect(await told(2, good, "problems"), "all is as before").toBe(0);
  expect(await told(3, good, "always")).toBe(1);
  expect(await told(4, broken, "changes")).toBe(1);
  expect(await told(5, broken, "changes"), "nothing new").toBe(0);
  expect(await told(6, broken, "problems"), "it is still broken").toBe(1);
  expect(await told(7, good, "problems"), "it is over").toBe(1);
});
