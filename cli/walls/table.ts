#!/usr/bin/env node
// The table of rooms for ARCHITECTURE.md. Run as a program, it writes the table there.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { areaNames, building, type Room, reading, rooms } from "./rooms.ts";

const file = join(import.meta.dirname, "../../ARCHITECTURE.md");
const [begin, end] = ["<!-- rooms: node cli/walls/table.ts -->", "<!-- end of rooms -->"];

/** A room that every area has, and the additional imports of one area. */
interface AreaRoom {
  readonly common: Room;
  readonly own: readonly string[];
}

/** The table in Markdown: one line per room, and one line for the same room of all areas. */
export function roomTable(table: readonly Room[] = rooms): string {
  const inArea = (room: Room) => areaNames.find((area) => `${room.name}/`.startsWith(`specs/${area}/`));
  const merged = new Map<string, Room>();
  const between: string[] = [];
  for (const room of table) {
    const area = inArea(room);
    if (area === undefined) {
      merged.set(room.name, room);
      continue;
    }
    const { common, own } = ofAnyArea(room, area);
    merged.set(common.name, common);
    const [from, to] = [room.name, own.join(", ")].map((names) => names.replaceAll("specs/", ""));
    if (own.length > 0) between.push(`${from} → ${to}`);
  }
  return [
    "| Room | What lives there | May import |",
    "|---|---|---|",
    ...[...merged.values()].map(
      ({ name, about, may }) => `| \`${name}\` | ${about} | ${shown(may) || "nothing of ours"} |`,
    ),
    "",
    ...Object.entries(groups).map(([name, group]) => `*${name}*: ${group.join(", ")}.  `),
    `Areas: ${areaNames.join(", ")}. From area to area only: ${between.join("; ")}.`,
  ].join("\n");
}

function ofAnyArea(room: Room, area: string): AreaRoom {
  const general = (name: string) => name.replace(`specs/${area}`, "specs/<area>");
  const own = room.may.filter((name) =>
    areaNames.some((one) => one !== area && name.startsWith(`specs/${one}/`)),
  );
  const may = room.may.filter((name) => !own.includes(name)).map(general);
  return { common: { ...room, name: general(room.name), may }, own };
}

const groups = { building, reading };

/** Sorted names, shortened if the previous one has the same folder: `fixtures` `…/target`. A whole group by its name. */
function shown(names: readonly string[]): string {
  const whole = Object.entries(groups).filter(([, group]) => group.every((name) => names.includes(name)));
  const rest = names.filter((name) => !whole.some(([, group]) => group.includes(name))).map(ofSomeArea);
  const sorted = [...new Set(rest)].sort();
  const top = (name = "") => name.split("/")[0] ?? "";
  const short = sorted.map((name, at) =>
    top(name) === top(sorted[at - 1]) ? `\`…${name.slice(top(name).length)}\`` : `\`${name}\``,
  );
  return [...whole.map(([name]) => `*${name}*`), ...short].join(" ");
}

/** A room of one area with `<area>` in its name: only `specs/trials` and `specs/static` have many of them. */
function ofSomeArea(name: string): string {
  const area = areaNames.find((one) => name.startsWith(`specs/${one}/`));
  return area === undefined ? name : name.replace(area, "<area>");
}

/** The page with the current table. @throws Error when the page has no markers for it. */
export function withTable(page: string): string {
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${file} has no line "${begin}"`);
  return `${before}${begin}\n${roomTable()}\n${end}${after}`;
}

if (import.meta.main) writeFileSync(file, withTable(readFileSync(file, "utf8")));
