// Checks of a run of the docker feature: the stack that must run, the strays that must not, and the stack that can't.
import type { Check } from "../../../fixtures/judgement.ts";
import type { Hypervisor } from "../../../fixtures/target/hypervisor.ts";
import type { Target } from "../../../fixtures/target/inventory.ts";
import { check } from "../../claim.ts";
import { type FeatureRun, type Laid, runFeature } from "./feature.ts";

const own: Laid = { path: "NAME/docker-compose.yml", service: "own" };
const strays: readonly Laid[] = [
  { path: "NAME/stray-NAME/docker-compose.yml", service: "nested" },
  { path: ".NAME/docker-compose.yml", service: "hidden" },
  { path: "NAME/docker-compose.yml.bak", service: "backup" },
];
const broken: Laid = { path: "NAME/docker-compose.yml", service: "broken", broken: true };

/** One run of the feature with a stack that does not run yet, and with strays beside it. */
export const withStrays = (target: Target, hypervisor: Hypervisor) =>
  runFeature(target, hypervisor, [own, ...strays]);

/** One run of the feature with a stack that can't be started. */
export const withBroken = (target: Target, hypervisor: Hypervisor) =>
  runFeature(target, hypervisor, [broken]);

/** Docker ran before, the feature succeeded, and the stack that did not run before runs. */
export function startsWithDockerThere(seen: FeatureRun): readonly Check[] {
  const state = seen.states.get(own.service) ?? "no container";
  return [
    check({
      level: "behaves",
      where: "docker before the feature",
      ok: seen.docker === "active",
      expected: "active",
      found: seen.docker,
      next: "systemctl start docker",
    }),
    ended(seen),
    check({
      level: "behaves",
      where: `VM: ${at(own, seen)}`,
      ok: state === "running",
      expected: "running",
      found: state,
      next: "run the docker feature again and read its output",
    }),
  ];
}

/** None of the strays was started, in a run that did start the stack beside them. */
export function leavesStraysAlone(seen: FeatureRun): readonly Check[] {
  return [
    ...startsWithDockerThere(seen).slice(-1),
    ...strays.map((stray) => {
      const found = seen.states.get(stray.service) ?? "no container";
      return check({
        level: "behaves",
        where: `VM: ${at(stray, seen)}`,
        ok: found === "no container",
        expected: "no container",
        found,
        next: "let the docker feature search only the volume's root and one level below it",
      });
    }),
  ];
}

/** The feature failed, and one of its error lines names the stack. */
export function reportsTheBroken(seen: FeatureRun): readonly Check[] {
  const where = at(broken, seen);
  const directory = where.slice(0, where.lastIndexOf("/"));
  const named = seen.said
    .split("\n")
    .find(
      (line) => line.includes(directory) && /\b(error|fatal|fail\w*|could not|cannot|can't)\b/i.test(line),
    );
  const last = seen.said
    .trim()
    .split("\n")
    .filter((line) => !line.startsWith("container "))
    .slice(-3, -1);
  return [
    check({
      level: "behaves",
      where: "exit code of the feature",
      ok: seen.code !== 0,
      expected: "not 0",
      found: String(seen.code),
      next: "let the docker feature fail when a stack fails",
    }),
    check({
      level: "behaves",
      where: "output of the feature",
      ok: named !== undefined,
      expected: `an error that names ${directory}`,
      found: named ?? last.join(" | "),
      next: "name the compose file in the error message",
    }),
  ];
}

function ended({ code, said }: FeatureRun): Check {
  const found =
    code === 0
      ? "0"
      : `${code}: ${
          said
            .trim()
            .split("\n")
            .filter((line) => /error|fatal/i.test(line))
            .at(-1) ?? ""
        }`;
  return check({
    level: "behaves",
    where: "exit code of the feature",
    ok: code === 0,
    expected: "0",
    found,
    next: "read /var/log/phoenix_feature_docker.log",
  });
}

const at = ({ path }: Laid, { name, mountPoint }: FeatureRun) =>
  `${mountPoint}/${path.replaceAll("NAME", name)}`;
