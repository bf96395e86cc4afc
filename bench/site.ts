// How long the site takes, and how much memory, with many requirements, targets and nights: `node bench/site.ts 200 50 365`.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { site } from "../cli/commands/site.ts";
import { runText } from "../reports/run/file.ts";
import { sampleRequirement, sampleRun, sampleTarget } from "../reports/run/sample-accept.ts";
import { knownText } from "../reports/site/collect.ts";
import { type Night, nightsOf } from "../reports/site/night.ts";
import { knownFile } from "../reports/site/site.ts";

const [requirements = 200, targets = 50, nights = 365] = process.argv.slice(2).map(Number);
const dir = mkdtempSync(join(tmpdir(), "site-bench-"));
const print = (text: string) => process.stdout.write(text);
const day = (night: number) => new Date(Date.UTC(2026, 0, 1) + night * 86_400_000).toISOString();
const verdictAt = (night: number, at: number) => ((at + night) % 97 === 0 ? "fail" : "pass");

/** The document of one target in one night, as `nightly` writes it. */
function documentOf(target: number, night: number) {
  const ids = [...Array(requirements).keys()];
  const one = {
    ...sampleTarget([], `host-${target}`),
    requirements: ids.map((at) =>
      sampleRequirement(`STO-${String(at).padStart(3, "0")}`, verdictAt(night + target, at)),
    ),
  };
  return { ...sampleRun(["pass"]), command: "verify" as const, startedAt: day(night), targets: [one] };
}

try {
  // All nights but the last two were read by earlier builds.
  const known: Record<string, readonly Night[]> = {};
  const read = Math.max(0, nights - 2);
  for (let target = 0; target < targets; target += 1) {
    const [first] = nightsOf(documentOf(target, 0));
    for (let night = 0; first && night < read; night += 1)
      known[`${target}-${night}`] = [{ ...first, at: day(night) }];
    for (let night = read; night < nights; night += 1) {
      const folder = join(dir, "nights", `host-${target}`, `night-${night}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "run.json"), runText(documentOf(target, night)));
    }
  }
  const out = join(dir, "site");
  mkdirSync(out);
  writeFileSync(join(out, knownFile), knownText(known));
  const began = performance.now();
  site({ runs: [join(dir, "nights")], out, print });
  const seconds = (performance.now() - began) / 1000;
  const peak = process.resourceUsage().maxRSS / 1024;
  print(
    `${requirements} requirements, ${targets} targets, ${nights} nights: ${seconds.toFixed(1)} s, ${peak.toFixed(0)} MiB at most\n`,
  );
} finally {
  rmSync(dir, { recursive: true, force: true });
}
