// Completes a command line that is being typed: commands and options from their definitions, values from what they name.
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Argument, Command, Option } from "commander";
import { readDeployment } from "../../fixtures/deployment/read.ts";
import { actions, readInventory } from "../../fixtures/target/inventory.ts";
import { visible } from "../../fixtures/visible.ts";
import { steps } from "../../provision/steps/index.ts";
import { formatNames } from "../../reports/formats/index.ts";
import { readSpecs } from "../../specs/register/coverage.ts";
import { register } from "../../specs/register/register.ts";

/** One way to go on, and what it is. */
export interface Candidate {
  readonly value: string;
  readonly about: string;
}

/** What may follow: one of these, or the name of a file. */
export interface Completion {
  readonly files: boolean;
  readonly candidates: readonly Candidate[];
}

/** What a value is completed from. */
interface Typed {
  readonly command: Command;
  readonly word: string;
  /** The value of an option that was typed before; undefined if it was not. */
  readonly given: (long: string) => string | undefined;
  readonly operands: readonly string[];
}

const named = (values: readonly string[], about = ""): Candidate[] =>
  values.map((value) => ({ value, about }));
const requirements = () => register.map(({ id, statement }) => ({ value: id, about: statement }));
const allSteps = () => steps.map(({ id, plan }) => ({ value: id, about: `task ${plan}` }));

/** By option or argument: what its values are. Those that are left out take any text, or a file. */
const values: Readonly<Record<string, (typed: Typed) => Candidate[]>> = {
  "--target": ({ given }) => targetsOf(given("--inventory")),
  "--only <id>": ({ command }) =>
    command.name() === "verify" ? requirements() : [...requirements(), ...allSteps()],
  "--only <step>": allSteps,
  "--without": allSteps,
  "--require": requirements,
  "--allow": () => named([...actions, "all"]),
  "--format": () => named(formatNames),
  "--control": ({ operands }) =>
    named(
      readSpecs()
        .filter(({ id }) => id === operands[0])
        .flatMap(({ tests }) => tests.filter(({ role }) => role === "control").map(({ title }) => title)),
    ),
  "--reset": () => named(["planned", "fresh"]),
  "--deployment": ({ word }) => deploymentsAt(word),
  "spec id": requirements,
  "help command": ({ command: { parent } }) => commandsOf(parent),
  "doctor command": ({ command: { parent } }) => commandsOf(parent),
};

/** Whether a value is the name of a file or folder. */
const isPath = (flags: string) =>
  /file|folder|dir|path|tree|inventory|runs?\b|before|now|plan\.json/.test(flags);

/**
 * What may stand in place of the last word. A value that can't be looked up, such as a target of an inventory that is not
 * valid, has no candidates: completion never prints an error into a line that is being typed.
 */
export function complete(program: Command, line: readonly string[]): Completion {
  const { command, option, operands, given, word } = read(program, line);
  if (word.startsWith("-") && option === undefined) return chosen(optionsOf(command), word);
  const typed: Typed = { command, word, given, operands };
  if (option) return valuesOf(option, `${option.long}`, option.flags, typed);
  if (command.commands.length > 0 && operands.length === 0) {
    const commands = chosen(commandsOf(command), word);
    if (commands.candidates.length > 0 || command.registeredArguments.length === 0) return commands;
  }
  const at = command.registeredArguments;
  const argument = at[operands.length] ?? at.find(({ variadic }) => variadic);
  if (!argument) return { files: false, candidates: [] };
  return valuesOf(argument, `${command.name()} ${argument.name()}`, argument.name(), typed);
}

function valuesOf(of: Option | Argument, name: string, flags: string, typed: Typed): Completion {
  if (of.argChoices) return chosen(named(of.argChoices), typed.word);
  const own = values[`${name} ${/<.*>/.exec(flags)?.[0]}`] ?? values[name];
  if (!own) return { files: isPath(flags), candidates: [] };
  return chosen(
    orNone(() => own(typed)),
    typed.word,
    name === "--deployment",
  );
}

/** Those that begin with the word, or of a list with commas with its last part. */
function chosen(all: readonly Candidate[], word: string, orFiles = false): Completion {
  const done = word.slice(0, word.lastIndexOf(",") + 1);
  const candidates = all
    .map(({ value, about }) => ({ value: `${done}${value}`, about }))
    .filter(({ value }) => value.startsWith(word));
  return { files: orFiles && candidates.length === 0, candidates };
}

interface Line {
  readonly command: Command;
  /** The option whose value the last word is. */
  readonly option: Option | undefined;
  readonly operands: readonly string[];
  readonly given: (long: string) => string | undefined;
  readonly word: string;
}

/** What was typed, with the last word, which is not complete. Bash makes three words of `--format=json`. */
function read(program: Command, line: readonly string[]): Line {
  const last = line.at(-1) ?? "";
  const words = [...line.slice(0, -1), last === "=" ? "" : last]
    .filter((word) => word !== "=")
    .flatMap((word) => {
      const [, long, value] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? [];
      return long !== undefined && value !== undefined ? [long, value] : [word];
    });
  const word = words.pop() ?? "";
  const given = new Map<string, string>();
  const operands: string[] = [];
  let command = program;
  let option: Option | undefined;
  for (const one of words) {
    if (option?.long) {
      given.set(option.long, one);
      option = undefined;
    } else if (one.startsWith("-")) {
      const found = command.options.find(({ long, short }) => long === one || short === one);
      option = found && !found.isBoolean() ? found : undefined;
    } else {
      const below = operands.length === 0 && command.commands.find((each) => each.name() === one);
      if (below) command = below;
      else operands.push(one);
    }
  }
  return { command, option, operands, given: (long) => given.get(long), word };
}

const shown = (text: string): string => visible(text.split("\n", 1)[0] ?? "");

const commandsOf = (command: Command | null): Candidate[] =>
  command
    ? command
        .createHelp()
        .visibleCommands(command)
        .map((each) => ({ value: each.name(), about: each.summary() }))
    : [];

const optionsOf = (command: Command): Candidate[] =>
  command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long, description }) => (long ? [{ value: long, about: description }] : []));

const targetsOf = (inventory: string | undefined): Candidate[] =>
  inventory === undefined
    ? []
    : Object.entries(readInventory(inventory)).map(([value, { kind }]) => ({ value, about: kind ?? "" }));

/** The deployment documents beside what was typed, of the first 200 files there, and the folders. */
function deploymentsAt(word: string): Candidate[] {
  const typed = word.includes("/") ? word.slice(0, word.lastIndexOf("/") + 1) : "";
  return readdirSync(typed === "" ? "." : dirname(join(typed, "x")))
    .slice(0, 200)
    .flatMap((name): Candidate[] => {
      const path = `${typed}${name}`;
      const stat = statSync(path);
      if (stat.isDirectory()) return [];
      if (!stat.isFile() || stat.size > 1 << 16 || !name.endsWith(".json")) return [];
      return orNone(() => {
        readDeployment(path);
        return [{ value: path, about: "a deployment document" }];
      });
    });
}

function orNone(look: () => Candidate[]): Candidate[] {
  try {
    return look();
  } catch {
    return [];
  }
}

/** For the shells' scripts: `files` or `words`, then a candidate a line, with a tab before what it is. */
export function completionText({ files, candidates }: Completion): string {
  const lines = candidates.map(({ value, about }) => `${shown(value)}\t${shown(about)}`);
  return `${[files ? "files" : "words", ...lines].join("\n")}\n`;
}
