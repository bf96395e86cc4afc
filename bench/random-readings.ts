// Odd but valid texts, made at random, and read twice: by our reading and by the real program. Each difference is printed.
// node bench/random-readings.ts [--seed N] [--minutes M] [--only KIND] [--compose PROGRAM] [--keep FOLDER]
// KIND: compose, exports, fstab. A kind whose program is absent is named and left out. Exit code 1 with a difference.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { randomFrom } from "./random-readings/choice.ts";
import { type Kind, kinds } from "./random-readings/kinds.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    minutes: { type: "string", default: "1" },
    only: { type: "string" },
    compose: { type: "string", default: "docker-compose" },
    keep: { type: "string" },
  },
});
const seed = Number(values.seed);
const end = Date.now() + Number(values.minutes) * 60_000;
const folder = mkdtempSync(join(tmpdir(), "phoenix-readings-"));
const asked: readonly Kind[] = kinds(values.compose).filter(
  ({ name }) => !values.only || name === values.only,
);
const able = asked.filter((kind) => {
  const why = kind.absent();
  if (why) console.log(`${kind.name}: not compared: ${why}`);
  return why === undefined;
});
const count = new Map(
  able.map(({ name }) => [name, { tried: 0, same: 0, refused: 0, unknown: 0, different: 0 }]),
);
try {
  for (let round = 0; Date.now() < end && able.length > 0; round++)
    for (const kind of able) {
      const made = kind.make(randomFrom(`${seed} ${round} ${kind.name}`));
      const place = join(folder, "case");
      mkdirSync(place, { recursive: true });
      for (const [path, text] of Object.entries(made)) {
        mkdirSync(dirname(join(place, path)), { recursive: true });
        writeFileSync(join(place, path), text);
      }
      const result = kind.compare(place, made);
      rmSync(place, { recursive: true });
      const own = count.get(kind.name);
      if (!own) continue;
      own.tried++;
      if (typeof result === "string") {
        own[result]++;
        continue;
      }
      own.different++;
      console.log(
        `\n${kind.name}, seed ${seed}, round ${round}\n  ours:   ${result.ours}\n  theirs: ${result.theirs}`,
      );
      for (const [path, text] of Object.entries(made))
        console.log(`  --- ${path}\n${text.replace(/^/gm, "  | ")}`);
    }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const [name, { tried, same, refused, unknown, different }] of count)
  console.log(
    `${name}: seed ${seed}: ${tried} tried: ${same} the same, ${refused} refused by both, ${unknown} with a part that ours calls unknown, ${different} different`,
  );
process.exitCode = [...count.values()].some(({ different }) => different > 0) ? 1 : 0;
