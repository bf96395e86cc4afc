// Texts name the commands of a checkout. Where the suite is an installed npm package, the same commands are typed in another way.

/**
 * Writes the commands in a text as this installation's users type them. `command`: the program's name, such as
 * `phoenix-acceptance`; undefined in a checkout, whose texts stay as they are.
 */
export function asTyped(command: string | undefined): (text: string) => string {
  if (command === undefined) return (text) => text;
  return (text) =>
    text
      .replace(/\bnpm run (?:--silent )?phoenix --(?= |$)/gm, command)
      .replace(/\bnpm run (accept|spec|sweep)\b(?: --(?= ))?/g, `${command} $1`);
}
