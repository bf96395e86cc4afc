// Declared keys of guests that no program of the tree reads: what they declare is never done. It is a remark, since a key may
// be for people, or for a later version.
import { BadInput } from "../../fixtures/errors.ts";
import { type Files, treeRoot } from "../../fixtures/evidence/from-tree.ts";
import { jsonFile } from "../../fixtures/evidence/tree-file.ts";
import type { Wrong } from "./static-results.ts";

const declaring = ["phoenix_vm_configs", "phoenix_lxc_configs"].map((name) => `${treeRoot}/etc/${name}.json`);

/** Below these, keys are names that somebody chose, such as a container's number. */
const names: ReadonlySet<string> = new Set(["lxc_configs"]);

/** One remark for each key of the guests' configurations that stands in no program, at its first place. */
export function unreadKeys(files: Files): Wrong[] {
  const programs = [...files].filter(
    ([path]) => path.startsWith(`${treeRoot}/bin/`) && !path.endsWith(".json"),
  );
  if (programs.length === 0) return [];
  const code = programs.map(([path, text]) => [path, text.replaceAll(/^\s*#.*$/gm, "")] as const);
  const words = new Set(code.flatMap(([, text]) => text.match(/[\w-]+/g) ?? []));
  const alike = new Map([...words].map((word) => [shape(word), word]));
  return declaring.flatMap((file) => {
    const text = files.get(file);
    if (text === undefined) return [];
    try {
      const document = jsonFile({ path: file, text }, (value) => value);
      return firstOfEach(document.value)
        .filter(({ key }) => !key.startsWith("$") && !words.has(key))
        .map(({ key, path }): Wrong => {
          const near = alike.get(shape(key));
          const where = near === undefined ? undefined : code.find(([, all]) => all.includes(near))?.[0];
          const found = `no program in bin reads it${where ? `; ${where} reads ${near}` : ""}`;
          const [, line, column] = /:(\d+):(\d+)$/.exec(document.where(path)) ?? [];
          return {
            ...{ rule: "unread-key", severity: "remark", expected: `a program that reads ${key}`, found },
            ...{ file, line: Number(line), column: Number(column) },
          };
        });
    } catch (error) {
      if (error instanceof BadInput) return []; // the rule `json` reports it
      throw error;
    }
  });
}

/** `pre_features` and `pre-Features` look the same to a reader. */
const shape = (word: string) => word.toLowerCase().replaceAll(/[-_]/g, "");

interface Place {
  readonly key: string;
  readonly path: readonly (string | number)[];
}

/** Every key of a document, once, with its first place. */
function firstOfEach(document: unknown): Place[] {
  const found = new Map<string, Place>();
  const visit = (value: unknown, path: readonly (string | number)[]): void => {
    if (Array.isArray(value)) for (const [at, each] of value.entries()) visit(each, [...path, at]);
    else if (typeof value === "object" && value !== null)
      for (const [key, inner] of Object.entries(value)) {
        const chosen = names.has(String(path.at(-1)));
        if (!chosen && !found.has(key)) found.set(key, { key, path: [...path, key] });
        visit(inner, [...path, key]);
      }
  };
  visit(document, []);
  return [...found.values()];
}
