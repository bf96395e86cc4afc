// The journal with a real shell, in a temporary folder: what an entry does, undoes and refuses.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, expect } from "@playwright/test";
import { CannotTell, Refused } from "../../fixtures/errors.ts";
import { silent } from "../../fixtures/progress.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import { localHypervisor } from "../../fixtures/target/local.ts";
import { apply } from "../apply/apply.ts";
import { followAgent } from "../apply/follow-agent.ts";
import { type Change, fixedPlan, type Plan, type PlannedStep } from "../plan.ts";
import { breakLock, confirm, type Places, readJournal, start, TargetChanged, unfinished } from "./journal.ts";

const hypervisor = localHypervisor();

interface World {
  readonly folder: string;
  readonly places: Places;
  /** A path in the folder that imitates the target's files. */
  path: (name: string) => string;
  run: (changes: readonly Change[], confirmWithin?: number) => ReturnType<typeof apply>;
  undo: (entry: string, how?: "keep" | "overwrite") => ReturnType<typeof followAgent>;
}

const test = base.extend<{ world: World }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright requires a destructuring pattern
  world: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), "journal-"));
    mkdirSync(join(folder, "tree"));
    const places = { home: join(folder, "home"), scratch: join(folder, "scratch") };
    const run: World["run"] = (changes, confirmWithin = 0) =>
      apply(
        hypervisor,
        planOf(changes),
        { does: "apply", who: "a test", choice: [], confirmWithin },
        silent,
        places,
      );
    const undo: World["undo"] = async (entry, how = "keep") => {
      const { meta } =
        (await readJournal(hypervisor, places)).entries.find(({ name }) => name === entry) ?? {};
      if (!meta) throw new Error(`no entry ${entry}`);
      return followAgent(
        hypervisor,
        await start(hypervisor, entry, "a test", ["undo", how], places),
        meta,
        silent,
        places,
      );
    };
    await use({ folder, places, run, undo, path: (name) => join(folder, "tree", name) });
    rmSync(folder, { recursive: true, force: true });
  },
});

function planOf(changes: readonly Change[]): Plan {
  const steps: PlannedStep[] = [
    { id: "step", kind: "literal", plan: "1.1", remedies: [], serves: [], why: "a test", changes },
  ];
  return fixedPlan("here", "sha256:0", steps);
}

const write = (path: string, before: string | undefined, after: string): Change => ({
  does: "write-file",
  path,
  before,
  after,
  mode: "640",
});
const command = (script: string, rest: object = {}): Change => ({
  does: "run",
  title: "a command",
  script,
  args: [],
  ...rest,
});
const states = async ({ places }: World) =>
  (await readJournal(hypervisor, places)).entries.map(({ phase }) => phase);

test("a file is written, and a rollback restores its content, mode and time", async ({ world }) => {
  const file = world.path("a file with 'quotes', $signs\nand a newline");
  writeFileSync(file, "before\n");
  chmodSync(file, 0o604);
  utimesSync(file, 1_700_000_000, 1_700_000_000);
  const done = await world.run([write(file, "before\n", "after\r\n"), write(file, "after\r\n", "at last")]);
  expect(done.code).toBe(0);
  expect(readFileSync(file, "utf8")).toBe("at last");
  expect(statSync(file).mode & 0o777).toBe(0o604);
  expect((await world.undo(done.entry)).code).toBe(0);
  expect(readFileSync(file, "utf8")).toBe("before\n");
  expect(statSync(file)).toMatchObject({ mtimeMs: 1_700_000_000_000 });
  expect(statSync(file).mode & 0o777).toBe(0o604);
  expect(await states(world)).toEqual(["undone"]);
});

test("a new file has the plan's mode; a rollback removes it, and a new directory if it is empty", async ({
  world,
}) => {
  const [folder, file] = [world.path("new"), world.path("new/file")];
  const done = await world.run([
    { does: "make-directory", path: folder, mode: "711" },
    write(file, undefined, "x"),
  ]);
  expect(done.code).toBe(0);
  expect(statSync(file).mode & 0o777).toBe(0o640);
  expect(statSync(folder).mode & 0o777).toBe(0o711);
  writeFileSync(join(folder, "data of others"), "");
  const undone = await world.undo(done.entry);
  expect(undone.said.find(({ event }) => event === "left")).toMatchObject({
    text: `${folder}/ (data of others ), which the apply did not create`,
  });
  expect(existsSync(file)).toBe(false);
});

test("a directory that an undo left because it was not empty does not stop a resume", async ({ world }) => {
  const [folder, help] = [world.path("new"), world.path("help")];
  // Changes are undone last first: the directory is left, then the first change's undo fails.
  const undo = { script: `test -e ${help}`, args: [] };
  const done = await world.run([
    command("true", { undo }),
    { does: "make-directory", path: folder, mode: "711" },
  ]);
  writeFileSync(join(folder, "data of others"), "");
  expect((await world.undo(done.entry)).code).toBe(1);
  const agent = await start(hypervisor, done.entry, "a test", ["run"], world.places);
  expect((await followAgent(hypervisor, agent, done.meta, silent, world.places)).code).toBe(0);
  expect(await states(world)).toEqual(["applied"]);
});

test("a settling command runs again when an interrupted undo is resumed as a run", async ({ world }) => {
  const [live, help] = [world.path("live"), world.path("help")];
  // Undone last first: the second change restores what the third replaced, then the first change's undo fails.
  const done = await world.run([
    command("true", { undo: { script: `test -e ${help}`, args: [] } }),
    command("true", { undo: { script: `echo old >${live}`, args: [] } }),
    command(`echo new >${live}`, { settles: true }),
  ]);
  expect((await world.undo(done.entry)).code).toBe(1);
  expect(readFileSync(live, "utf8")).toBe("old\n");
  const agent = await start(hypervisor, done.entry, "a test", ["run"], world.places);
  expect((await followAgent(hypervisor, agent, done.meta, silent, world.places)).code).toBe(0);
  expect(readFileSync(live, "utf8")).toBe("new\n");
});

test("a target that has changed since the plan is refused, with the files that changed", async ({
  world,
}) => {
  const [first, second] = [world.path("first"), world.path("second")];
  writeFileSync(first, "as planned");
  writeFileSync(second, "moved");
  const refused = await world
    .run([write(first, "as planned", "x"), write(second, "as planned", "x")])
    .catch((error) => error);
  expect(refused).toBeInstanceOf(TargetChanged);
  expect(refused.paths).toEqual([second]);
  expect(readFileSync(first, "utf8")).toBe("as planned");
  expect(await states(world)).toEqual([]);
});

test("a failing command leaves the entry unfinished, its output is shown, and the next apply is refused", async ({
  world,
}) => {
  const file = world.path("file");
  const changes = [
    write(file, undefined, "x"),
    command(`echo so sorry >&2; test -e ${world.path("helped")}`),
  ];
  const failed = await world.run(changes);
  expect(failed).toMatchObject({ code: 1, failed: "step: a command: so sorry" });
  await expect(world.run([])).rejects.toThrow(/Entry 0001 is not finished/);
  const entry = unfinished(await readJournal(hypervisor, world.places));
  expect(entry?.changes.map(({ state }) => state)).toEqual(["made", "doing"]);
  writeFileSync(world.path("helped"), "");
  const agent = await start(hypervisor, "0001", "a test", ["run"], world.places);
  expect((await followAgent(hypervisor, agent, failed.meta, silent, world.places)).code).toBe(0);
  expect(await states(world)).toEqual(["applied"]);
});

test("a command is undone by its script, and the files that it touches are restored", async ({ world }) => {
  const [file, log] = [world.path("touched"), world.path("log")];
  writeFileSync(file, "mine");
  const undo = { script: 'echo "back $1" >> "$2"', args: ["with words", log] };
  const done = await world.run([
    command('echo theirs > "$1"; echo new > "$2"', {
      args: [file, `${file}.new`],
      undo,
      touches: [file, `${file}.new`],
    }),
  ]);
  expect(readFileSync(file, "utf8")).toBe("theirs\n");
  expect((await world.undo(done.entry)).code).toBe(0);
  expect([readFileSync(file, "utf8"), readFileSync(log, "utf8"), existsSync(`${file}.new`)]).toEqual([
    "mine",
    "back with words\n",
    false,
  ]);
});

test("what an undo can't change is reported, and does not stop the rollback", async ({ world }) => {
  const file = world.path("file");
  const undo = { script: "echo so far; echo 'left: it stays mounted'; echo 'left: and this'", args: [] };
  const done = await world.run([write(file, undefined, "x"), command("true", { undo })]);
  const undone = await world.undo(done.entry);
  expect(undone.code).toBe(0);
  expect(undone.said.flatMap((said) => (said.event === "left" ? [said.text] : []))).toEqual([
    "it stays mounted",
    "and this",
  ]);
  expect(existsSync(file)).toBe(false);
});

test("a settling command runs again at the end of a rollback, on the restored files", async ({ world }) => {
  const [file, live] = [world.path("declared"), world.path("live")];
  writeFileSync(file, "old");
  writeFileSync(live, "old");
  const done = await world.run([write(file, "old", "new"), command(`cp ${file} ${live}`, { settles: true })]);
  expect(readFileSync(live, "utf8")).toBe("new");
  await world.undo(done.entry);
  expect(readFileSync(live, "utf8")).toBe("old");
});

test("a file edited since is not overwritten without `overwrite`, which saves the edited version", async ({
  world,
}) => {
  const [first, second] = [world.path("first"), world.path("second")];
  writeFileSync(first, "1");
  writeFileSync(second, "1");
  const done = await world.run([write(first, "1", "2"), write(second, "1", "2")]);
  writeFileSync(first, "theirs");
  const refused = await world.undo(done.entry);
  expect(refused.code).toBe(94);
  expect(refused.said.find(({ event }) => event === "foreign")).toMatchObject({ text: first });
  expect(readFileSync(second, "utf8")).toBe("2");
  expect((await world.undo(done.entry, "overwrite")).code).toBe(0);
  expect(readFileSync(first, "utf8")).toBe("1");
  const kept = join(world.places.home, "journal/0001/edited", first.replaceAll("/", "_"));
  expect(readFileSync(kept, "utf8")).toBe("theirs");
});

test("symbolic links are not written through", async ({ world }) => {
  const file = world.path("link");
  await hypervisor.run(["ln", "-s", "/etc/hostname", file]);
  await expect(world.run([write(file, undefined, "x")])).rejects.toThrow(TargetChanged);
});

test("of two parallel applies the second is refused with the lock holder's name, and a lock can be broken", async ({
  world,
}) => {
  const ready = world.path("ready");
  const first = world.run([command(`touch ${ready}; exec tail -f /dev/null`)]).catch((error) => error);
  await expect.poll(() => existsSync(ready)).toBe(true);
  await expect(world.run([])).rejects.toThrow(/The target is locked by a test/);
  expect((await readJournal(hypervisor, world.places)).holder).toBe("a test");
  expect(await breakLock(hypervisor, "TERM", world.places)).toBeGreaterThanOrEqual(2);
  expect((await first).code).toBe(1);
  expect((await readJournal(hypervisor, world.places)).holder).toBeUndefined();
});

test("breaking a lock ends all processes of its holder, also those that it forks meanwhile", async ({
  world,
}) => {
  const [ready, beats] = [world.path("ready"), world.path("beats")];
  // Each process starts the next and ends: one is always newer than any list of processes.
  const link = 'echo >>"$2" || exit; touch "$1"; sleep 0.03; sh -c "$0" "$0" "$1" "$2" & exit';
  const chain = `sh -c '${link}' '${link}' ${ready} ${beats} & exec tail -f /dev/null`;
  const first = world.run([command(chain)]).catch((error) => error);
  await expect.poll(() => existsSync(ready)).toBe(true);
  await breakLock(hypervisor, "KILL", world.places);
  expect(String(await first)).toContain("CannotTell");
  const heard = readFileSync(beats, "utf8");
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(readFileSync(beats, "utf8")).toBe(heard);
});

test("if only the agent is killed, its command keeps the lock and can't run twice in parallel", async ({
  world,
}) => {
  const [ready, go, runs] = [world.path("ready"), world.path("go"), world.path("runs")];
  const wait = `touch ${ready}; until [ -e ${go} ]; do sleep 0.02; done; echo ran >>${runs}`;
  const first = world.run([command(wait)]).catch((error) => error);
  await expect.poll(() => existsSync(ready)).toBe(true);
  process.kill(Number(readFileSync(join(world.places.scratch, "0001/run.pid"), "utf8")), "SIGKILL");
  await expect(start(hypervisor, "0001", "a test", ["run"], world.places)).rejects.toThrow(
    /The target is locked by/,
  );
  writeFileSync(go, "");
  expect(String(await first)).toContain("CannotTell");
  expect(readFileSync(runs, "utf8")).toBe("ran\n");
  const entry = unfinished(await readJournal(hypervisor, world.places));
  if (!entry) throw new Error("nothing is unfinished");
  const agent = await start(hypervisor, "0001", "a test", ["run"], world.places);
  expect((await followAgent(hypervisor, agent, entry.meta, silent, world.places)).code).toBe(0);
  expect(readFileSync(runs, "utf8")).toBe("ran\nran\n");
});

test("a process that a command leaves running does not hold the lock", async ({ world }) => {
  const pid = world.path("pid");
  await world.run([command(`sleep 60 & echo $! >${pid}`)]);
  expect((await readJournal(hypervisor, world.places)).holder).toBeUndefined();
  process.kill(Number(readFileSync(pid, "utf8")));
});

test("an unconfirmed entry rolls back automatically; a confirmed one stays", async ({ world }) => {
  const file = world.path("file");
  const done = await world.run([write(file, undefined, "x")], 2);
  expect(unfinished(await readJournal(hypervisor, world.places))?.confirmation).toBe("unconfirmed");
  await expect.poll(() => existsSync(file), { timeout: 20_000 }).toBe(false);
  await expect.poll(() => states(world)).toEqual(["undone"]);
  expect(await confirm(hypervisor, done.entry, world.places)).toBe(false);
  const again = await world.run([write(file, undefined, "x")], 2);
  expect(await confirm(hypervisor, again.entry, world.places)).toBe(true);
  const timer = `/proc/${readFileSync(join(world.places.scratch, "0002/watch.pid"), "utf8").trim()}/cmdline`;
  await expect.poll(() => existsSync(timer) && readFileSync(timer, "utf8"), { timeout: 20_000 }).toBeFalsy();
  expect(existsSync(file)).toBe(true);
});

test("a change whose file can't be made is a failed change, not the end of the agent", async ({ world }) => {
  const failed = await world.run([write(world.path("no such folder/file"), undefined, "x")]);
  expect(failed).toMatchObject({ code: 1, failed: expect.stringContaining("could not be written whole") });
  expect(unfinished(await readJournal(hypervisor, world.places))?.phase).toBe("applying");
});

/** The same shell, as a user who owns nothing. */
const asNobody: Hypervisor = {
  ...hypervisor,
  run: (argv, options) =>
    hypervisor.run(
      process.getuid?.() === 0
        ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--", ...argv]
        : argv,
      options,
    ),
  script: (text, args = [], options) => asNobody.run(["sh", "-c", text, "sh", ...args], options),
};

for (const [what, mode, closed] of [
  ["the journal", 0o755, "home"],
  ["the folder that it is in", 0o700, ""],
] as const)
  test(`a user who may not search ${what} gets no empty journal`, async ({ world }) => {
    await world.run([write(world.path("file"), undefined, "x")]);
    const root = process.getuid?.() === 0;
    chmodSync(world.folder, mode);
    if (!root) chmodSync(join(world.folder, closed), 0);
    const error = await readJournal(asNobody, world.places).catch((thrown) => thrown);
    if (!root) chmodSync(join(world.folder, closed), 0o700);
    expect(error).toBeInstanceOf(CannotTell);
    expect(error.message).toContain(join(world.folder, closed));
  });

test("a user who may look and finds no journal is told so", async ({ world }) => {
  chmodSync(world.folder, 0o755);
  expect(await readJournal(asNobody, world.places)).toEqual({ holder: undefined, entries: [] });
});

/** Who could have written here, other than the user of the journal. */
const intruders: Readonly<Record<string, (world: World) => void>> = {
  "others may write to the journal's home": ({ places }) => chmodSync(places.home, 0o777),
  "others may write to an agent": ({ places }) => chmodSync(join(places.home, "journal/0001/agent"), 0o666),
  "an agent is a symbolic link": ({ places, path }) => {
    rmSync(join(places.home, "journal/0001/agent"));
    symlinkSync(path("planted"), join(places.home, "journal/0001/agent"));
  },
  "the journal's home is a symbolic link": ({ places, folder }) => {
    rmSync(places.home, { recursive: true });
    mkdirSync(join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), places.home);
  },
  "the folder above is open to everyone": ({ folder }) => chmodSync(folder, 0o777),
  "others may write to the agents' logs": ({ places }) => chmodSync(places.scratch, 0o777),
  ...(process.getuid?.() === 0 && {
    "the journal's home is somebody else's": ({ places }: World) => chownSync(places.home, 65534, 65534),
    "an agent is somebody else's": ({ places }: World) =>
      chownSync(join(places.home, "journal/0001/agent"), 65534, 65534),
  }),
};
for (const [what, intrude] of Object.entries(intruders))
  test(`nothing in the journal is read or run if ${what}`, async ({ world }) => {
    const file = world.path("file");
    const done = await world.run([write(file, undefined, "x")]);
    writeFileSync(world.path("planted"), `touch ${world.path("ran")}`);
    intrude(world);
    const agent = (work: readonly ["undo", "keep"] | readonly ["run"]) =>
      start(hypervisor, done.entry, "a test", work, world.places);
    for (const attempt of [
      () => readJournal(hypervisor, world.places),
      () => agent(["undo", "keep"]),
      () => agent(["run"]),
      () => world.run([write(world.path("more"), undefined, "x")]),
      () => breakLock(hypervisor, "TERM", world.places),
      () => confirm(hypervisor, done.entry, world.places),
    ]) {
      const error = await attempt().catch((thrown) => thrown);
      expect(error, String(attempt)).toBeInstanceOf(Refused);
    }
    // The timer runs without a client: its agent looks for itself, before it does anything.
    const own = join(world.places.home, "journal/0001/agent");
    if (existsSync(own) && !lstatSync(own).isSymbolicLink())
      await hypervisor.run(["sh", own, "undo", "overwrite"]).catch(() => undefined);
    expect([file, world.path("more"), world.path("ran")].map((each) => existsSync(each))).toEqual([
      true,
      false,
      false,
    ]);
    chmodSync(world.folder, 0o700);
  });

test("what an entry keeps may belong to anyone", async ({ world }) => {
  const file = world.path("theirs");
  writeFileSync(file, "before");
  chmodSync(file, 0o666);
  if (process.getuid?.() === 0) chownSync(file, 65534, 65534);
  const done = await world.run([write(file, "before", "after")]);
  writeFileSync(file, "edited");
  expect((await world.undo(done.entry, "overwrite")).code).toBe(0);
  expect(statSync(file).mode & 0o777).toBe(0o666);
  expect(await states(world)).toEqual(["undone"]);
});

test("so may what an entry is just about to keep", async ({ world }) => {
  const file = world.path("theirs");
  writeFileSync(file, "before");
  const { entry } = await world.run([write(file, "before", "after")]);
  const part = join(world.places.home, "journal", entry, "changes/0009.todo/kept.part");
  mkdirSync(part, { recursive: true });
  writeFileSync(join(part, "1"), "before");
  chmodSync(join(part, "1"), 0o666);
  expect(await states(world)).toEqual(["applied"]);
});

test("a path that is gone when it seems to belong to somebody else is looked at again; one that stays is refused", () => {
  const folder = mkdtempSync(join(tmpdir(), "moving-"));
  const home = join(folder, "home");
  mkdirSync(join(home, "journal/0003/changes/0004.doing"), { recursive: true });
  const [odd, gone] = ["0004.doing/mode", "0004.todo/mode"].map((name) =>
    join(home, "journal/0003/changes", name),
  );
  writeFileSync(odd ?? "", "x");
  // As find does when a file is renamed between its name and its status: the negated tests hold.
  const find = `#!/bin/sh
case "$*" in *-quit*) [ -e '${folder}/said' ] || { : > '${folder}/said'; echo '${gone}'; exit 0; } ;; esac
exec /usr/bin/find "$@"
`;
  writeFileSync(join(folder, "find"), find, { mode: 0o755 });
  const look = () =>
    spawnSync(
      "sh",
      [
        "-c",
        `PATH=${folder}:$PATH\n${readFileSync(join(import.meta.dirname, "owned.sh"), "utf8")}\nowned "$1"`,
        "sh",
        home,
      ],
      {
        encoding: "utf8",
      },
    );
  const moved = look();
  chmodSync(odd ?? "", 0o666);
  const stays = look();
  rmSync(folder, { recursive: true, force: true });
  expect([moved.status, moved.stdout]).toEqual([0, ""]);
  expect([stays.status, stays.stdout]).toEqual([97, `${odd}\n`]);
});
