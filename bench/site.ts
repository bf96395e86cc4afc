// How long the site takes, and how much memory, with many requirements, targets and nights: `node bench/site.ts 200 50 365`.
// `first` (the default): nothing was read before, and each run has its outline. `documents`: nor has any run an outline, as in
// folders of earlier versions. `later`: all but the last two nights were read by earlier builds. The documents take 0.5 MB each.

import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { site } from "../cli/commands/site.ts";
import { runText } from "../reports/run/file.ts";
import { type Outline, outlinesOf, writeOutline } from "../reports/run/outline.ts";
import type { Run } from "../reports/run/run.ts";
import { sampleRequirement, sampleRun, sampleTarget } from "../reports/run/sample-accept.ts";
import { knownText } from "../reports/site/collect.ts";
import { knownFile } from "../reports/site/site.ts";

const words = process.argv.slice(2);
const [requirements = 200, targets = 50, nights = 365] = words
  .filter((word) => /^\d+$/.test(word))
  .map(Number);
const kind = words.find((word) => ["first", "documents", "later"].includes(word)) ?? "first";
const dir = mkdtempSync(join(tmpdir(), "site-bench-"));
const print = (text: string) => process.stdout.write(text);
const day = (night: number) => new Date(Date.UTC(2026, 0, 1) + night * 86_400_000).toISOString();
const verdictAt = (night: number, at: number) => ((at + night) % 97 === 0 ? "fail" : "pass");
const ids = [...Array(requirements).keys()].map((at) => `STO-${String(at).padStart(3, "0")}`);

/** The document of one target in one night, as `nightly` writes it. */
function documentOf(target: number, night: number): Run {
  const one = {
    ...sampleTarget([], `host-${target}`),
    requirements: ids.map((id, at) => sampleRequirement(id, verdictAt(night + target, at))),
  };
  return { ...sampleRun(["pass"]), command: "verify", startedAt: day(night), targets: [one] };
}

/** The digest of every page, in order of their names. */
function digestOf(folder: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted())
    if (name.endsWith(".html")) hash.update(readFileSync(join(folder, name)));
  return hash.digest("hex").slice(0, 16);
}

try {
  const known: Record<string, readonly Outline[]> = {};
  const read = kind === "later" ? Math.max(0, nights - 2) : 0;
  for (let target = 0; target < targets; target += 1)
    for (let night = 0; night < nights; night += 1) {
      const document = documentOf(target, night);
      if (night < read) {
        known[`${target}-${night}`] = outlinesOf(document);
        continue;
      }
      const folder = join(dir, "nights", `host-${target}`, `night-${night}`);
      const file = join(folder, "run.json");
      mkdirSync(folder, { recursive: true });
      writeFileSync(file, runText(document));
      utimesSync(file, night, night);
      if (kind === "first") writeOutline(folder, file, document);
    }
  const out = join(dir, "site");
  mkdirSync(out);
  if (read > 0) writeFileSync(join(out, knownFile), knownText(known));
  const before = process.resourceUsage().maxRSS / 1024;
  const began = performance.now();
  site({ runs: [join(dir, "nights")], out, print });
  const seconds = (performance.now() - began) / 1000;
  const peak = process.resourceUsage().maxRSS / 1024;
  print(
    `${kind}: ${requirements} requirements, ${targets} targets, ${nights} nights: ${seconds.toFixed(1)} s, ${peak.toFixed(0)} MiB at most (${before.toFixed(0)} before), pages ${digestOf(out)}\n`,
  );
} finally {
  rmSync(dir, { recursive: true, force: true });
}
