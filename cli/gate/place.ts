// The place of a tree in its repository: a code host shows a finding at a path from the root of the repository.
import { spawnSync } from "node:child_process";
import { folderOf } from "../../fixtures/standin/tree.ts";
import type { Report } from "../../reports/report/report.ts";

/** The report with paths from the root of the tree's repository; unchanged if the tree is not in a repository. */
export function placeIn(tree: string, report: Report): Report {
  const asked = spawnSync("git", ["-C", folderOf(tree), "rev-parse", "--show-prefix"], { encoding: "utf8" });
  const prefix = asked.status === 0 ? asked.stdout.replace(/\n$/, "") : "";
  if (prefix === "") return report;
  const findings = report.findings.map((one) =>
    one.file === undefined ? one : { ...one, file: `${prefix}${one.file}` },
  );
  return { ...report, findings };
}
