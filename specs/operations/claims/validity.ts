// The claim about Phoenix's own schemas: the plan's edits are valid, and no file has a new error.
import type { Deployment } from "../../../fixtures/deployment/deployment.ts";
import { BadInput, CannotTell } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type JsonFile, jsonFile } from "../../../fixtures/evidence/tree-file.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { type SchemaError, schemaErrors } from "../../../fixtures/schema.ts";
import { check, eachLevel, known } from "../../claim.ts";

type Path = readonly (string | number)[];

interface Configuration {
  readonly name: string;
  readonly what: string;
  readonly edited: (document: never) => Path | undefined;
}

/** Each configuration file, and the places in it that the plan edits. */
const configurationsOf = ({ gateway, dockerHost }: Deployment): readonly Configuration[] => [
  {
    name: "phoenix_vm_configs",
    what: `the NFS volume of VM ${dockerHost.vmid}`,
    edited: ({ vms = [] }: { vms?: { vmid?: number; volumes?: { type?: string }[] }[] }) => {
      const at = vms.findIndex(({ vmid }) => vmid === dockerHost.vmid);
      const volume = vms[at]?.volumes?.findIndex(({ type }) => type === "nfs") ?? -1;
      return volume < 0 ? undefined : ["vms", at, "volumes", volume];
    },
  },
  {
    name: "phoenix_lxc_configs",
    what: `the firewall of LXC ${gateway.ctid}`,
    edited: ({ lxc_configs = {} }: { lxc_configs?: Record<string, { firewall?: object }> }) =>
      lxc_configs[gateway.ctid]?.firewall && ["lxc_configs", String(gateway.ctid), "firewall"],
  },
  {
    name: "phoenix_hypervisor_config",
    what: "Portainer's address",
    edited: ({ network }: { network?: { portainer_server_ip?: string } }) =>
      network?.portainer_server_ip === undefined ? undefined : ["network", "portainer_server_ip"],
  },
];

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
        const own = places(now, what, edited(now.file.value as never));
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
        next: `jq . ${declared.path}`,
      }),
    };
  }
  try {
    const rules = jsonFile(schema, (value) => value).value;
    return { file, errors: schemaErrors(rules, file.value, schema.path) };
  } catch (error) {
    if (error instanceof BadInput) throw new CannotTell(error.message, { cause: error });
    throw error;
  }
}

function places({ file, errors }: Validated, what: string, edited: Path | undefined): Check {
  if (!edited)
    return check({
      level: "declared",
      where: file.path,
      ok: false,
      expected: `${what}, valid`,
      found: "no such entry",
    });
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
  const found = first ? added.map(say).join("; ") : `${errors.length} errors, ${was.length} before, none new`;
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
