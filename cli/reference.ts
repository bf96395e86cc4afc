// The command reference, docs/commands.md: made from the same definitions as `--help`.
import type { Argument, Command } from "commander";
import { exitCodes } from "../fixtures/exit-codes.ts";
import { optionText } from "./options.ts";

/** The whole reference as Markdown. */
export function reference(program: Command): string {
  const commands = visible(program);
  const groups = [...new Set(commands.map((command) => command.helpGroup()))];
  const lists = groups.flatMap((group) => [
    `${group}`,
    "",
    ...commands
      .filter((command) => command.helpGroup() === group)
      .flatMap((command) => [command, ...visible(command)])
      .map((command) => `- [\`${nameOf(command)}\`](#${anchor(nameOf(command))}): ${command.summary()}`),
    "",
  ]);
  const sections = commands.flatMap((command) => [command, ...visible(command)]).flatMap(section);
  return [
    "# Commands",
    "",
    "Generated from the same definitions as `--help`. To write it again: `npm run --silent phoenix -- help --markdown > docs/commands.md`.",
    "",
    "Each command is typed as `npm run phoenix -- COMMAND OPTIONS`. `accept`, `test`, `spec` and `sweep` also have a short form: `npm run accept -- OPTIONS`, `npm test -- OPTIONS`, `npm run spec -- OPTIONS`, `npm run sweep -- OPTIONS`.",
    "",
    ...lists,
    ...sections,
    "## Exit codes",
    "",
    ...table(
      ["Code", "Meaning"],
      Object.values(exitCodes).map(({ code, meaning }) => [String(code), meaning]),
    ),
    "",
    "## Options of every command",
    "",
    ...table(
      ["Option", ""],
      program.options.map((option) => [`\`${option.flags}\``, cell(optionText(option))]),
    ),
    "",
  ].join("\n");
}

function section(command: Command): string[] {
  const name = nameOf(command);
  const { options, registeredArguments } = command;
  const rows = [
    ...registeredArguments.map((argument) => [`\`${nameOfArgument(argument)}\``, cell(argument.description)]),
    ...options
      .filter(({ hidden }) => !hidden)
      .map((option) => [`\`${option.flags}\``, cell(optionText(option))]),
  ];
  return [
    `## ${name}`,
    "",
    command.description(),
    "",
    ...(rows.length > 0 ? [...table(["Option", ""], rows), ""] : []),
  ];
}

const visible = (command: Command) => command.createHelp().visibleCommands(command);

function nameOf(command: Command): string {
  return command.parent?.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

/** The anchor that a heading gets in rendered Markdown. */
const anchor = (heading: string) => heading.replaceAll(" ", "-");

function nameOfArgument(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
}

const cell = (text: string) => text.replaceAll("|", "\\|").replace(/<(?=\w)/g, "&lt;");

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}
