// `help`: shows the help of a command, or prints the command reference.
import type { Command } from "commander";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { reference } from "../reference.ts";

/** Prints the help of the command with these names. @throws BadInput if there is no such command. */
export function help(
  program: Command,
  names: readonly string[],
  { markdown }: { readonly markdown: boolean },
  print: (text: string) => void,
): number {
  if (markdown) {
    print(reference(program));
    return Exit.pass;
  }
  print(find(program, names).helpInformation());
  return Exit.pass;
}

function find(program: Command, names: readonly string[]): Command {
  return names.reduce((command, name) => {
    const found = command.commands.find((each) => each.name() === name);
    if (found) return found;
    throw new BadInput(problem(`There is no command ${names.join(" ")}`, "npm run phoenix -- --help"));
  }, program);
}
