// The claim about Phoenix's own schemas: the plan's edits are valid, and no file has a new error.
import { counted } from "../../../fixtures/counted.ts";
import type { Deployment } from "../../../fixtures/deployment/deployment.ts";
import { BadInput, CannotTell, problem } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type JsonFile, jsonFile } from "../../../fixtures/evidence/tree-file.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { toType } from "../../../fixtures/quote.ts";
import { type SchemaError, schemaCheck } from "../../../fixtures/schema.ts";
import { check, eachLevel, known } from "../../claim.ts";

type Path = readonly (string | number)[];

interface Configuration {
  readonly name: string;
  readonly what: string;
  readonly edited: (document: unknown) => Path | undefined;
}

/** What a document has at some keys; undefined where it has another shape, `null` included. */
const within = (document: unknown, ...keys: Path): unknown =>
  keys.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null
        ? (inner as Record<string | number, unknown>)[key]
        : undefined,
    document,
  );
const items = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Each configuration file, and the places in it that the plan edits. */
const configurationsOf = ({ gateway, dockerHost }: Deployment): readonly Configuration[] => [
  {
    name: "phoenix_vm_configs",
    what: `the NFS volume of VM ${dockerHost.vmid}`,
    edited: (document) => {
      const at = items(within(document, "vms")).findIndex((vm) => within(vm, "vmid") === dockerHost.vmid);
      const volumes = items(within(document, "vms", at, "volumes"));
      const volume = volumes.findIndex((each) => within(each, "type") === "nfs");
      return volume < 0 ? undefined : ["vms", at, "volumes", volume];
    },
  },
  {
    name: "phoenix_lxc_configs",
    what: `the firewall of LXC ${gateway.ctid}`,
    edited: (document) => thereAt(document, ["lxc_configs", String(gateway.ctid), "firewall"]),
  },
  {
    name: "phoenix_hypervisor_config",
    what: "Portainer's address",
    edited: (document) => thereAt(document, ["network", "portainer_server_ip"]),
  },
];

const thereAt = (document: unknown, path: Path): Path | undefined =>
  within(document, ...path) === undefined ? undefined : path;

/**
 * Under its own schema, no configuration file has an error that it did not have before, and none where the plan
 * edits it. When both are the same evidence, only the edited places are checked.
 */
export function noLessValid(before: Evidence, after: Evidence): readonly Check[] {
  const oneLook = before.document.at === after.document.at;
  return eachLevel({
    declared: () =>
      configurationsOf(after.deployment).flatMap(({ name, what, edited }) => {
        const now = read(after, name);
        if ("refused" in now) return [now.refused];
        const own = places(now, what, edited(now.file.value));
        if (oneLook) return [own];
        const was = read(before, name);
        // A file that was not JSON before cannot have become worse.
        return [own, compared(now, "refused" in was ? now.errors : was.errors)];
      }),
  });
}

interface Validated {
  readonly file: JsonFile<unknown>;
  readonly errors: readonly SchemaError[];
  /** The errors that the schema has for another document. */
  readonly errorsOf: (document: unknown) => readonly SchemaError[];
  readonly schema: string;
}

/** A file with its schema; a file that is not JSON fails. @throws CannotTell when one is missing, or the schema cannot be used. */
function read(e: Evidence, name: string): Validated | { readonly refused: Check } {
  const text = (path: string) => {
    const file = known(e.treeFile(path));
    if (!file) throw new CannotTell(`the tree has no ${path}`);
    return file;
  };
  const [declared, schema] = [text(`etc/${name}.json`), text(`etc/${name}.schema.json`)];
  let file: JsonFile<unknown>;
  try {
    file = jsonFile(declared, (value) => value);
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    const [found = ""] = error.message.split("\n");
    return {
      refused: check({
        level: "declared",
        where: declared.path,
        ok: false,
        expected: "JSON",
        found,
        next: toType`jq . ${declared.path}`,
      }),
    };
  }
  try {
    const rules = jsonFile(schema, (value) => value).value;
    const errorsOf = schemaCheck(rules, schema.path);
    return { file, errors: errorsOf(file.value), errorsOf, schema: schema.path };
  } catch (error) {
    if (error instanceof BadInput) throw new CannotTell(error.message, { cause: error });
    throw error;
  }
}

/**
 * Whether the schema refuses anything at a place, above or below it: a schema that would take any value there proves nothing.
 * Each value is replaced by one of each shape.
 */
function refusesSomething({ file, errors, errorsOf }: Validated, edited: Path): boolean {
  const known = new Set(errors.map(say));
  const refused = (document: unknown) => errorsOf(document).some((error) => !known.has(say(error)));
  const above = [...edited.keys()].map((length) => edited.slice(0, length));
  const below = pathsBelow(within(file.value, ...edited), edited).slice(0, 100);
  return [...above, ...below].some((path) =>
    [null, true, 0, "", [], {}].some((shape) => refused(replaced(file.value, path, shape))),
  );
}

/** A path, and those of all values below it. */
const pathsBelow = (value: unknown, path: Path): Path[] => [
  path,
  ...(typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => pathsBelow(inner, [...path, key]))
    : []),
];

/** A copy of the document with another value at a path that exists. */
function replaced(document: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  const inner = replaced((document as Record<string | number, unknown>)[key], rest, value);
  if (Array.isArray(document)) return document.with(Number(key), inner);
  return { ...(document as object), [key]: inner };
}

function places(validated: Validated, what: string, edited: Path | undefined): Check {
  const { file, errors } = validated;
  if (!edited)
    return check({
      level: "declared",
      where: file.path,
      ok: false,
      expected: `${what}, valid`,
      found: "no such entry",
    });
  if (errors.length === 0 && !refusesSomething(validated, edited))
    throw new CannotTell(
      problem(
        `${validated.schema} accepts anything as ${what}: it proves nothing`,
        toType`jq . ${validated.schema}`,
      ),
    );
  const wrong = errors.filter(({ path }) => edited.every((key, at) => path[at] === key));
  const [first] = wrong;
  const found = wrong.map(({ what: said }) => said).join("; ") || "valid";
  const next = `make ${what} valid under ${file.path.replace(/json$/, "schema.json")}`;
  return check({
    level: "declared",
    where: file.where(first?.path ?? edited),
    ok: !first,
    expected: `${what}, valid`,
    found,
    next,
  });
}

function compared({ file, errors }: Validated, was: readonly SchemaError[]): Check {
  const before = new Set(was.map(say));
  const added = errors.filter((error) => !before.has(say(error)));
  const [first] = added;
  const found = first
    ? added.map(say).join("; ")
    : `${counted(errors.length, "error")}, ${was.length} before, none new`;
  const where = first ? file.where(first.path) : file.path;
  return check({
    level: "declared",
    where,
    ok: !first,
    expected: "no new error under its schema",
    found,
  });
}

const say = ({ what }: SchemaError) => what;
