// Finds imports that the table of rooms forbids, packages that a file must not import, and import cycles between rooms.
import { computedImports, packages } from "./exceptions.ts";
import { areaNames, type Room, rooms } from "./rooms.ts";
import { type Import, isTest, type Source } from "./source.ts";

/** The length of the match of an entry of `holds` with a path; 0 for no match. */
function matched(entry: string, path: string): number {
  if (!entry.endsWith("/") && !entry.endsWith("/*")) return entry === path ? entry.length : 0;
  const folder = entry.replace(/\*$/, "");
  const inside = path.startsWith(folder) || `${path}/` === folder;
  const direct = !path.slice(folder.length).includes("/");
  return inside && (direct || !entry.endsWith("*")) ? folder.length : 0;
}

/** The room of a file or folder; undefined if the table has none for it. */
export function roomOf(path: string, table: readonly Room[] = rooms): Room | undefined {
  const found = table
    .map((room) => ({ room, length: Math.max(...room.holds.map((entry) => matched(entry, path))) }))
    .reduce((best, each) => (each.length > best.length ? each : best), { room: undefined, length: 0 } as {
      room: Room | undefined;
      length: number;
    });
  return found.room;
}

/** An import of another room. */
interface Crossing {
  readonly source: Source;
  readonly found: Import;
  readonly from: Room;
  readonly to: Room;
}

function crossings(sources: readonly Source[]): Crossing[] {
  return sources.flatMap((source) => {
    const from = roomOf(source.path);
    return source.imports.flatMap((found) => {
      const to = found.ours ? roomOf(found.to) : undefined;
      return from && to && from !== to ? [{ source, found, from, to }] : [];
    });
  });
}

/** Sources that are in no room. */
export function homeless(sources: readonly Source[]): string[] {
  return sources
    .filter(({ path }) => !roomOf(path))
    .map(({ path }) => `${path} is in no room of cli/walls/rooms.ts`);
}

/** Imports that the table does not allow, and imports whose module is not a plain string. */
export function forbiddenImports(sources: readonly Source[]): string[] {
  const walls = crossings(sources)
    .filter(({ source, from, to }) => {
      const extra = isTest(source.path) ? (from.testsMay ?? []) : [];
      return ![...from.may, ...extra].includes(to.name);
    })
    .map(({ found, from, to }) => `${found.where}: ${from.name} must not import ${found.to} of ${to.name}`);
  const computed = sources.flatMap((source) =>
    source.imports
      .filter(({ kind, to }) => kind === "computed" && !computedImports.includes(`${source.path}: ${to}`))
      .map(({ where, to }) => `${where}: the module of ${to} is not written as a plain string`),
  );
  return [...walls, ...computed];
}

/** Imports of npm packages that the list does not allow. */
export function forbiddenPackages(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const places = [source.path, ...(isTest(source.path) ? ["tests"] : [])];
    const allowed = (name: string) =>
      (packages[name] ?? []).some((entry) =>
        places.some((place) => place === entry || (entry.endsWith("/") && place.startsWith(entry))),
      );
    return source.imports
      .filter(({ kind, ours, to }) => !ours && kind !== "computed" && !to.startsWith("node:") && !allowed(to))
      .map(({ where, to }) => `${where}: the package ${to} must not be imported here`);
  });
}

/** Import cycles between rooms, with their imports. Imports of tests do not count. */
export function roomCycles(sources: readonly Source[]): string[] {
  return cycles(sources, (room) => room.name);
}

/** The same for the areas of the register. An area is its claims, trials and spec files together. */
export function areaCycles(sources: readonly Source[]): string[] {
  return cycles(sources, ({ name }) => areaNames.find((area) => `${name}/`.startsWith(`specs/${area}/`)));
}

function cycles(sources: readonly Source[], groupOf: (room: Room) => string | undefined): string[] {
  const edges = crossings(sources.filter(({ path }) => !isTest(path)))
    .map((each) => ({ from: groupOf(each.from), to: groupOf(each.to), ...detail(each) }))
    .filter(
      (edge): edge is Edge => edge.from !== undefined && edge.to !== undefined && edge.from !== edge.to,
    );
  const reach = new Map(edges.map(({ from }) => [from, reachable(from, edges)]));
  return edges
    .filter(({ from, to }) => reach.get(to)?.has(from))
    .map(({ from, to, where, file }) => `${from} -> ${to}: ${where} imports ${file}`)
    .sort();
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly where: string;
  readonly file: string;
}

const detail = ({ found }: Crossing) => ({ where: found.where, file: found.to });

/** Everything that a group imports, directly or indirectly. */
function reachable(start: string, edges: readonly Edge[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const next = [start];
  for (let at = next.pop(); at !== undefined; at = next.pop())
    for (const { from, to } of edges)
      if (from === at && !seen.has(to)) {
        seen.add(to);
        next.push(to);
      }
  return seen;
}
