// Checks of a tree's files that no requirement names: what can't be read can't be right either.
import { BadInput, CannotTell } from "../../fixtures/errors.ts";
import type { Files } from "../../fixtures/evidence/from-tree.ts";
import { syntaxErrors } from "../../fixtures/evidence/shell-check.ts";
import { jsonFile } from "../../fixtures/evidence/tree-file.ts";
import { schemaErrors } from "../../fixtures/schema.ts";
import type { Silence, Wrong } from "./judged.ts";
import { scripts } from "./shellcheck.ts";

/** A check of one tree. */
export type TreeCheck = (files: Files) => Wrong[];

const must = "must" as const;

/** Every `.json` is JSON. */
export const json: TreeCheck = (files) =>
  named(files, /\.json$/).flatMap(([file, text]) => {
    try {
      jsonFile({ path: file, text }, (value) => value);
      return [];
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      const [, line, column, found = error.message] = /:(\d+):(\d+): (.*)/.exec(error.message) ?? [];
      const at = { file, line: Number(line ?? 1), column: Number(column ?? 1) };
      return [{ rule: "json", severity: must, expected: "JSON", found, ...at, next: `jq . ${file}` }];
    }
  });

/** Each configuration file has no error under the schema beside it. */
export const schema: TreeCheck = (files) =>
  named(files, /\.schema\.json$/).flatMap(([path, rules]) => {
    const file = path.replace(/\.schema\.json$/, ".json");
    const text = files.get(file);
    if (text === undefined) return [];
    try {
      const document = jsonFile({ path: file, text }, (value) => value);
      const errors = schemaErrors(
        jsonFile({ path, text: rules }, (value) => value).value,
        document.value,
        path,
      );
      return errors.map(({ path: keys, what }) => {
        const [, line, column] = /:(\d+):(\d+)$/.exec(document.where(keys)) ?? [];
        const at = {
          file,
          line: Number(line),
          column: Number(column),
          next: `let ${file} and ${path} agree`,
        };
        return { rule: "schema", severity: must, expected: `valid under ${path}`, found: what, ...at };
      });
    } catch (error) {
      // What is no JSON is told by the check above.
      if (error instanceof BadInput)
        return /^Not JSON/.test(error.message) ? [] : [refused("schema", path, error)];
      throw error;
    }
  });

/** bash can read every script to its end. */
export const bash: TreeCheck = (files) =>
  scripts(files).flatMap(([file, text]) => {
    const [first] = read(text);
    if (first === undefined) return [];
    const line = Number(/line (\d+)/.exec(first)?.[1] ?? 1);
    const found = first.replace(/^bash: (line \d+: )?/, "");
    return [
      {
        rule: "bash",
        severity: must,
        expected: "a script that bash can read",
        found,
        file,
        line,
        next: `bash -n ${file}`,
      },
    ];
  });

/** The same script in a tree and in its base is read once. */
function read(text: string): readonly string[] {
  const errors = syntaxes.get(text) ?? syntaxErrors(text);
  syntaxes.set(text, errors);
  return errors;
}
const syntaxes = new Map<string, readonly string[]>();

function refused(rule: string, file: string, error: Error): Wrong {
  const [found = ""] = error.message.split("\n");
  return { rule, severity: must, expected: "a file that can be used", found, file, line: 1 };
}

const named = (files: Files, pattern: RegExp) => [...files].filter(([path]) => pattern.test(path));

/** Runs a check; what it could not tell is named, and is no pass. */
export function attempt(rule: string, run: () => Wrong[]): { wrong: Wrong[]; untold: Silence[] } {
  try {
    return { wrong: run(), untold: [] };
  } catch (error) {
    if (!(error instanceof CannotTell)) throw error;
    const [reason = "", , next] = error.message.split("\n");
    return { wrong: [], untold: [{ rule, reason, ...(next && { next: next.trim() }) }] };
  }
}
