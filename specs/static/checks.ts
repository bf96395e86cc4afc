// Checks of a tree's files that belong to no requirement: every JSON file, schema and script must be readable.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BadInput, CannotTell, problem } from "../../fixtures/errors.ts";
import type { Files } from "../../fixtures/evidence/from-tree.ts";
import { jsonFile } from "../../fixtures/evidence/tree-file.ts";
import { toType } from "../../fixtures/quote.ts";
import { howItEnded } from "../../fixtures/reason.ts";
import { schemaErrors } from "../../fixtures/schema.ts";
import { run } from "./run.ts";
import { scripts } from "./shellcheck.ts";
import type { Undetermined, Wrong } from "./static-results.ts";

/** A check of one tree, with a scratch folder to work in. */
export type TreeCheck = (files: Files, scratch: string) => Wrong[] | Promise<Wrong[]>;

const must = "must" as const;

/** Every `.json` is JSON. */
export const json = (files: Files): Wrong[] =>
  named(files, /\.json$/).flatMap(([file, text]) => {
    try {
      jsonFile({ path: file, text }, (value) => value);
      return [];
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      const [, line, column, found = error.message] = /:(\d+):(\d+): (.*)/.exec(error.message) ?? [];
      const at = { file, line: Number(line ?? 1), column: Number(column ?? 1) };
      return [{ rule: "json", severity: must, expected: "JSON", found, ...at, next: toType`jq . ${file}` }];
    }
  });

/** Each configuration file has no error under its own schema. */
export const schema = (files: Files): Wrong[] =>
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
          next: toType`correct ${file}, or its schema ${path}`,
        };
        return { rule: "schema", severity: must, expected: `valid under ${path}`, found: what, ...at };
      });
    } catch (error) {
      // The check above reports a file that is not JSON.
      if (error instanceof BadInput)
        return /^Not JSON/.test(error.message) ? [] : [refused("schema", path, error)];
      throw error;
    }
  });

// One shell reads all scripts, since starting one for each takes longer. It writes the messages for each script beside it.
const readAll = `command -v bash >/dev/null || exit 127
script=0
while [ "$script" -lt "$1" ]; do
  bash -n <"$script" 2>"$script.said" || echo "$? $script"
  script=$((script + 1))
done`;

/** bash can parse every script. `scratch` is a folder for temporary files. */
export async function bash(files: Files, scratch: string): Promise<Wrong[]> {
  const cwd = mkdtempSync(join(scratch, "bash-"));
  const named = new Map(scripts(files).map(([file, text], at) => [String(at), { file, text }]));
  for (const [name, { text }] of named) writeFileSync(join(cwd, name), text, { mode: 0o600 });
  const ran = await run("sh", ["-c", readAll, "sh", String(named.size)], { cwd, confinement: "wanted" });
  if (ran === undefined || ran.code === 127)
    throw new CannotTell(problem("bash is not installed on this machine", "apt-get install bash"));
  if (ran.code !== 0)
    throw new CannotTell(`the scripts could not be parsed: ${howItEnded({ status: ran.code }, ran.err)}`);
  const refused = ran.out.split("\n").filter((line) => line !== "");
  return refused.map((answer) => {
    const [code = "", name = ""] = answer.split(" ");
    const file = named.get(name)?.file ?? name;
    // A shell gives a program that a signal ended 128 and more.
    if (Number(code) >= 128) throw new CannotTell(`bash was ended by a signal when it parsed ${file}`);
    const said = readFileSync(join(cwd, `${name}.said`), "utf8").split("\n");
    const first = said.find((line) => line.trim() !== "") ?? "no words";
    const line = Number(/line (\d+)/.exec(first)?.[1] ?? 1);
    const found = first.replace(/^bash: (line \d+: )?/, "");
    const expected = "a script that bash can parse";
    return { rule: "bash", severity: must, expected, found, file, line, next: toType`bash -n ${file}` };
  });
}

function refused(rule: string, file: string, error: Error): Wrong {
  const [found = ""] = error.message.split("\n");
  return { rule, severity: must, expected: "a file that can be used", found, file, line: 1 };
}

const named = (files: Files, pattern: RegExp) => [...files].filter(([path]) => pattern.test(path));

/** What a check found, and what it could not tell. */
interface Checked {
  readonly wrong: Wrong[];
  readonly unknown: Undetermined[];
}

/** Runs a check; when it cannot tell, the result is unknown with the reason, never a pass. */
export const attempt = (rule: string, check: () => Wrong[] | Promise<Wrong[]>): Promise<Checked> =>
  attemptBoth(rule, async () => ({ wrong: await check(), unknown: [] }));

/** As `attempt`, for a check that itself says what it could not tell. */
export async function attemptBoth(rule: string, check: () => Promise<Checked>): Promise<Checked> {
  try {
    return await check();
  } catch (error) {
    if (!(error instanceof CannotTell)) throw error;
    const [said = "", next] = error.message.split("\nNext:\n");
    const [reason = ""] = said.split("\n");
    return { wrong: [], unknown: [{ rule, reason, ...(next && { next: next.trim() }) }] };
  }
}
