// The claim that only stacks in the volume's root, or one level below it, run.
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { check, known, source, withDocker } from "../../claim.ts";

/** No running container belongs to a stack deeper on the volume, or in a directory whose name begins with a dot. */
export function nothingElseRuns(e: Evidence): readonly Check[] {
  const { mountPoint } = e.deployment.volume;
  return withDocker(e, () => {
    const stray = known(e.containers).filter(({ Compose: { WorkingDir: dir } }) => {
      if (!dir?.startsWith(`${mountPoint}/`)) return false;
      const below = dir.slice(mountPoint.length + 1);
      return below.includes("/") || below.startsWith(".");
    });
    const found = stray.map(({ Name, Compose }) => `${Name.slice(1)} of ${Compose.WorkingDir}`).join(", ");
    return [
      check({
        level: "live",
        where: source(e.containers),
        ok: stray.length === 0,
        expected: `no container of a stack deeper than ${mountPoint}/*/`,
        found: found || "none",
        next: stray.map(({ Name }) => `docker rm -f ${Name.slice(1)}`).join("; "),
      }),
    ];
  });
}
