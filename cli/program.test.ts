// The command line as a user meets it: help, errors that point to the right help, and bad values refused with exit code 3.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { type Command, CommanderError } from "commander";
import { type Detail, silent } from "../fixtures/progress.ts";
import { buildProgram } from "./program.ts";
import { reference } from "./reference.ts";

/** The program with everything that it prints, and the exit codes that its commands end with. */
function built() {
  const out: string[] = [];
  const err: string[] = [];
  const ended: number[] = [];
  const shown: Detail[] = [];
  const program = buildProgram(
    {
      hostEnvironment: {
        path: "",
        dockerHost: undefined,
        cacheHome: undefined,
        output: undefined,
        keepEngine: false,
        vm: "lxc",
      },
      progress: silent,
      show: (detail) => void shown.push(detail),
      print: (text) => void out.push(text),
      printError: (text) => void err.push(text),
      colour: false,
      width: 120,
    },
    (code) => void ended.push(code),
  );
  return { program, ended, shown, printed: () => out.join(""), errors: () => err.join("") };
}

async function failed(...argv: string[]) {
  const { program, ended, errors } = built();
  const error = await program.parseAsync(argv, { from: "user" }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CommanderError);
  expect((error as CommanderError).exitCode).not.toBe(0);
  expect(ended, "no command ran").toEqual([]);
  return errors();
}

for (const [argv, message, command] of [
  [["gate"], "error: required option '--tree <path[@ref]>' not specified", "gate"],
  [["plan"], "error: required option '--inventory <file>' not specified", "plan"],
  [["accept", "--no-such"], "error: unknown option '--no-such'", "accept"],
  [["accept", "extra"], "error: too many arguments for 'accept'. Expected 0 arguments but got 1.", "accept"],
  [
    ["accept", "--vm", "kvm"],
    "error: option '--vm <kind>' argument 'kvm' is invalid. Allowed choices are lxc, qemu.",
    "accept",
  ],
  [
    ["sweep", "--every", "some"],
    "error: option '--every <n>' argument 'some' is invalid. Expected a whole number from 1 to 999999.",
    "sweep",
  ],
  [
    ["sweep", "--every", "0"],
    "error: option '--every <n>' argument '0' is invalid. Expected a whole number from 1 to 999999.",
    "sweep",
  ],
  [
    ["apply", "--inventory", "x", "--confirm-within", "5"],
    "error: option '--confirm-within <time>' argument '5' is invalid. Expected a time from 10s to 24h, for example 120s, 5m or 1h.",
    "apply",
  ],
  [
    ["contract", "portainer"],
    "error: one of the options '--portainer <url>' and '--program <path>' is required",
    "contract portainer",
  ],
  [
    ["contract", "portainer", "--program", "x", "--portainer", "https://x"],
    "error: option '--program <path>' cannot be used with option '--portainer <url>'",
    "contract portainer",
  ],
] as const)
  test(`one clear error, which points to the help of the command: ${argv.join(" ")}`, async () => {
    expect(await failed(...argv)).toBe(`${message}\nNext:\n    npm run phoenix -- ${command} --help\n`);
  });

test("--quiet and --verbose choose what is shown, before the command runs; both together are refused", async () => {
  for (const [options, detail] of [
    [[], "normal"],
    [["--quiet"], "quiet"],
    [["--verbose"], "verbose"],
  ] as const) {
    const { program, shown } = built();
    const argv = ["status", "--inventory", "/no/such/file", ...options];
    await expect(program.parseAsync(argv, { from: "user" })).rejects.toThrow("/no/such/file");
    expect(shown).toEqual([detail]);
  }
  expect(await failed("gate", "--tree", "x", "--quiet", "--verbose")).toContain(
    "option '-q, --quiet' cannot be used with option '-v, --verbose'",
  );
});

test("every command that may take long has --quiet and --verbose", () => {
  const { program } = built();
  const long = ["accept", "gate", "spec", "sweep", "attack", "verify", "nightly", "plan", "apply", "resume"];
  const others = ["rollback", "converge", "hypervisor", "portainer"];
  const all = [...program.commands, ...program.commands.flatMap(({ commands }) => commands)];
  for (const name of [...long, ...others]) {
    const flags = all.find((command) => command.name() === name)?.options.map(({ long: flag }) => flag);
    expect(flags, name).toEqual(expect.arrayContaining(["--quiet", "--verbose"]));
  }
});

test("an unknown command points to the list of commands", async () => {
  expect(await failed("paln")).toContain("error: unknown command 'paln'");
  expect(await failed("paln")).toContain("(Did you mean plan?)");
  expect(await failed("paln")).toMatch(/\nNext:\n {4}npm run phoenix -- --help\n$/);
});

test("the entry ends with exit code 3 for a bad value, and with 0 for help", () => {
  const run = (...argv: string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, "main.ts"), ...argv], { encoding: "utf8" });
  const bad = run("sweep", "--every", "-1");
  expect([bad.status, bad.stdout]).toEqual([3, ""]);
  expect(bad.stderr).toContain("'-1' is invalid");
  const step = run("accept", "--without", "no-such-step");
  expect([step.status, step.stdout]).toEqual([3, ""]);
  expect(step.stderr).toMatch(/^There is no step no-such-step; there are [a-z-]+(, [a-z-]+)+\nNext:\n/);
  const help = run("gate", "--help");
  expect([help.status, help.stderr]).toEqual([0, ""]);
  expect(run().status, "without a command").toBe(3);
});

test("every command has a summary, a description and an own --help", async () => {
  const { program } = built();
  const visible = (command: Command) => command.createHelp().visibleCommands(command);
  const commands = visible(program).flatMap((command) => [command, ...visible(command)]);
  expect(commands.length).toBeGreaterThan(15);
  for (const command of commands) {
    expect(command.summary(), command.name()).not.toBe("");
    expect(command.description(), command.name()).toMatch(/\.$/);
    expect(command.helpInformation(), command.name()).toContain("-h, --help");
    for (const option of command.options) expect(option.description, option.flags).not.toBe("");
  }
});

test("`help COMMAND` prints what `COMMAND --help` prints", async () => {
  const { program, ended, printed } = built();
  await program.parseAsync(["help", "contract", "portainer"], { from: "user" });
  const shown = built();
  await expect(
    shown.program.parseAsync(["contract", "portainer", "--help"], { from: "user" }),
  ).rejects.toBeInstanceOf(CommanderError);
  expect(printed()).toBe(shown.printed());
  expect(printed()).toContain("Usage: npm run phoenix -- contract portainer [options]");
  expect(ended).toEqual([0]);
});

test("docs/commands.md is what the definitions say", () => {
  const file = join(import.meta.dirname, "../docs/commands.md");
  const { program } = built();
  expect(readFileSync(file, "utf8"), "write it again: npm run --silent phoenix -- help --markdown").toBe(
    reference(program),
  );
});

test("the command reference has every command, every option and every exit code", () => {
  const { program } = built();
  const text = reference(program);
  program.command("added").summary("a new one").description("A new one.").option("--new-option", "new");
  expect(reference(program)).not.toBe(text);
  expect(reference(program)).toContain("| `--new-option` | new |");
  for (const each of ["## contract portainer\n", "| `--confirm-within <time>` |", "| 143 |"])
    expect(text).toContain(each);
});
