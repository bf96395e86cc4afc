// Compose files: YAML that is valid under the Compose schema, with every named volume and network declared.
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml";
import { bounded } from "../../fixtures/bounded.ts";
import type { Files } from "../../fixtures/evidence/from-tree.ts";
import { type SchemaError, schemaErrors } from "../../fixtures/schema.ts";
import schema from "./compose.schema.json" with { type: "json" };
import type { Wrong } from "./static-results.ts";

interface Compose {
  readonly services?: Readonly<Record<string, Service | null>>;
  readonly volumes?: object | null;
  readonly networks?: object | null;
}
interface Service {
  readonly volumes?: readonly unknown[];
  readonly networks?: unknown;
  readonly depends_on?: unknown;
}

/** Every compose file of the tree. */
export function compose(files: Files): Wrong[] {
  return [...files]
    .filter(([path]) => /(^|\/)(docker-)?compose[^/]*\.ya?ml$/.test(path))
    .flatMap(([file, text]) =>
      mistakes(text).map(
        ({ what, line, column }): Wrong => ({
          ...{ rule: "compose", severity: "must", expected: "a compose file", found: what },
          ...{ file, line, column, next: `docker-compose -f ${file} config` },
        }),
      ),
    );
}

interface Mistake {
  readonly what: string;
  readonly line: number;
  readonly column: number;
}

/** @throws CannotTell when the text takes too long. */
const mistakes = (text: string): Mistake[] => bounded("a compose file", 10_000, () => found(text));

function found(text: string): Mistake[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { merge: true, lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const [error] = document.errors;
  if (error) return [{ what: `no YAML: ${error.message.split("\n")[0]}`, ...at(error.pos[0]) }];
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 50 });
  } catch (cause) {
    return [
      { what: `no YAML that can be used: ${cause instanceof Error ? cause.message : cause}`, ...at(0) },
    ];
  }
  const wrong = schemaErrors(schema, value, "compose.schema.json");
  // A failed anyOf has its own error, so the errors of its branches are left out.
  const noise = (each: SchemaError) => /must have required property '(image|build|extends)'$/.test(each.what);
  const shape = wrong.filter((each) => !noise(each)).map(said);
  const all = shape.length > 0 ? shape : undeclared(value as Compose);
  return all.map(({ path, what }) => ({ what, ...at(offsetOf(document, path)) }));
}

function said({ path, what }: SchemaError): SchemaError {
  const at = `/${path.join("/")}`;
  if (what.endsWith("must match a schema in anyOf"))
    return { path, what: `${at} has neither image nor build` };
  if (/\/ports\/\d+ must match pattern/.test(what)) return { path, what: `${at} is not a port` };
  const [, extra] = /must NOT have additional properties "(.*)"$/.exec(what) ?? [];
  return { path: extra === undefined ? path : [...path, extra], what };
}

/** Names of volumes, networks and services that nothing in the file declares. */
function undeclared({ services = {}, volumes, networks }: Compose): SchemaError[] {
  return Object.entries(services).flatMap(([name, service]) => {
    const path = ["services", name] as const;
    const has = (all: object | null | undefined, key: string) => Object.hasOwn(all ?? {}, key);
    const mounts = (service?.volumes ?? []).flatMap((mount, at) => {
      const source = sourceOf(mount);
      const what = `/services/${name}/volumes names the volume "${source}", which is not declared`;
      return source === undefined || has(volumes, source) ? [] : [{ path: [...path, "volumes", at], what }];
    });
    const nets = keysOf(service?.networks)
      .filter((net) => net !== "default" && !has(networks, net))
      .map((net) => ({
        path: [...path, "networks"],
        what: `/services/${name}/networks names "${net}", which is not declared`,
      }));
    const needs = keysOf(service?.depends_on)
      .filter((other) => !has(services, other))
      .map((other) => ({
        path: [...path, "depends_on"],
        what: `/services/${name}/depends_on names "${other}", which is not a service`,
      }));
    return [...mounts, ...nets, ...needs];
  });
}

/** The named volume of a mount; undefined for a path, an anonymous volume, or a name with a variable. */
function sourceOf(mount: unknown): string | undefined {
  const long =
    typeof mount === "object" && mount !== null ? (mount as { type?: string; source?: string }) : {};
  const parts = typeof mount === "string" ? mount.split(":") : [];
  const source = parts.length > 1 ? parts[0] : long.type === "volume" ? long.source : undefined;
  return source !== undefined && /^[a-zA-Z0-9][\w.-]*$/.test(source) ? source : undefined;
}

function keysOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === "object" && value !== null ? Object.keys(value) : [];
}

/** Where a key or a value begins, or else its nearest existing parent. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const last = path[length - 1];
    const outer = document.getIn(path.slice(0, length - 1), true) ?? document.contents;
    const pair = isMap(outer) && outer.items.find(({ key }) => isScalar(key) && key.value === last);
    const node = pair ? pair.key : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
