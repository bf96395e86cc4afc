// Odd but valid texts, made at random, and read twice: by our reading and by the real program. Each difference is printed
// with its seed, and with the smallest text that still shows it.
// node bench/random-readings.ts [--seed N] [--minutes M | --rounds N] [--round N] [--only KIND,KIND] [--keep FOLDER]
//   [--compose PROGRAM] [--exportfs PROGRAM] [--pve PROGRAM]
// KIND: compose, exports, fstab, firewall, nginx. A kind whose program is absent is named and left out. Exit code 1 with a difference.
// --round N makes that one text of the seed again.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { kinds } from "./random-readings/kinds.ts";
import { type Counts, noCounts, search } from "./random-readings/search.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    minutes: { type: "string", default: "1" },
    rounds: { type: "string" },
    round: { type: "string" },
    only: { type: "string" },
    compose: { type: "string", default: "docker-compose" },
    exportfs: { type: "string", default: "exportfs" },
    pve: { type: "string" },
    keep: { type: "string" },
  },
});
const asked = values.only?.split(",");
const able = kinds(values).filter((kind) => {
  if (asked && !asked.includes(kind.name)) return false;
  const why = kind.absent();
  if (why) console.log(`${kind.name}: not compared: ${why}`);
  return why === undefined;
});
const folder = mkdtempSync(join(tmpdir(), "phoenix-readings-"));
const counts = new Map<string, Counts>(able.map(({ name }) => [name, noCounts()]));
const first = Number(values.round ?? 0);
const rounds = values.round ? 1 : values.rounds ? Number(values.rounds) : Number.POSITIVE_INFINITY;
const end =
  values.rounds || values.round ? Number.POSITIVE_INFINITY : Date.now() + Number(values.minutes) * 60_000;
/** How long one kind is searched before it is another one's turn. */
const turn = 2000;
try {
  for (let open = able; open.length > 0 && Date.now() < end; )
    for (const kind of open) {
      const count = counts.get(kind.name) ?? noCounts();
      const until = Math.min(end, Date.now() + turn);
      const goesOn = () => Date.now() < until && count.tried < rounds;
      for await (const { round, ours, theirs, files, place } of search(kind, {
        ...{ seed: values.seed, from: first + count.tried, folder, count, goesOn },
      })) {
        console.log(
          `\n${kind.name}, seed ${values.seed}, round ${round}\n  ours:   ${ours}\n  theirs: ${theirs}`,
        );
        for (const [path, text] of Object.entries(files))
          console.log(`  --- ${path}\n${text.replace(/^/gm, "  | ")}`);
        if (values.keep) {
          const kept = join(values.keep, `${kind.name}-${values.seed}-${round}`);
          mkdirSync(kept, { recursive: true });
          cpSync(place, kept, { recursive: true });
        }
      }
      if (count.tried >= rounds) open = open.filter((other) => other !== kind);
    }
} finally {
  for (const kind of able) kind.close?.();
  rmSync(folder, { recursive: true, force: true });
}
for (const [name, { tried, same, refused, unknown, different }] of counts)
  console.log(
    `${name}: seed ${values.seed}: ${tried} tried: ${same} the same, ${refused} refused by both, ${unknown} with a part that ours calls unknown, ${different} different`,
  );
process.exitCode = [...counts.values()].some(({ different }) => different > 0) ? 1 : 0;
