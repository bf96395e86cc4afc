// Claims about secrets: none is exposed in the tree, on the hypervisor, in the guests, or in this run's own files.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { counted } from "../../../fixtures/counted.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import type { Fact } from "../../../fixtures/evidence/fact.ts";
import type { SecretPlaces } from "../../../fixtures/evidence/parse/secrets.ts";
import { redact } from "../../../fixtures/evidence/redact.ts";
import type { Check, Level } from "../../../fixtures/judgement.ts";
import { check, eachLevel, guestRuns, known, source } from "../../claim.ts";

/** No file of the tree and no world-readable file holds a secret, and no container has one in its environment or command. */
export function nothingLiesAbout(e: Evidence): readonly Check[] {
  return eachLevel({
    declared: () => {
      const tree = e.secrets("tree");
      const { looked } = known(tree);
      const some = check({
        level: "declared",
        where: source(tree),
        ok: looked > 0,
        expected: "files of the tree",
        found: `${looked} of them`,
      });
      return [
        some,
        ...none("declared", tree, "remove it from the tree and change the secret: git history keeps it"),
      ];
    },
    delivered: () =>
      none("delivered", e.secrets("host"), "run chmod o-r on the file, or remove the secret from it"),
    live: () => [
      ...(guestRuns(e, "pct").ok ? none("live", e.secrets("gateway"), "run chmod 600 on the file") : []),
      ...(guestRuns(e, "qm").ok
        ? none("live", e.secrets("containers"), "pass the secret to the container in a file")
        : []),
      ...[guestRuns(e, "pct"), guestRuns(e, "qm")].filter(({ ok }) => !ok),
    ],
  });
}

function none(level: Level, fact: Fact<SecretPlaces>, next: string): readonly Check[] {
  const { looked, found } = known(fact);
  if (found.length === 0)
    return [
      check({
        level,
        where: source(fact),
        ok: true,
        expected: "no secret",
        found: `no secret in ${counted(looked, "place")}`,
      }),
    ];
  return found.map(({ kind, path, line }) =>
    check({ level, where: `${path}:${line}`, ok: false, expected: "no secret", found: kind, next }),
  );
}

/**
 * This run's files hold no secret: any text that the redactor would still change counts as one. A run without a folder, whose
 * name is empty, writes no file.
 */
export function runIsClean(run: string): readonly Check[] {
  if (run === "") return [];
  const files = readdirSync(run, { recursive: true, encoding: "utf8" })
    .filter(
      (name) => /(^|\/)(evidence|record|[^/]*-\d+)\.json$|\.log$/.test(name) && !name.includes("allure"),
    )
    .map((name) => join(run, name));
  const leaking = files.filter((file) => {
    const text = readFileSync(file, "utf8");
    return redact(text) !== text;
  });
  const found = leaking.map((file) => relative(run, file)).join(", ") || "no secret";
  const some = check({
    level: "delivered",
    where: run,
    ok: files.length > 0,
    expected: "files of this run",
    found: `${files.length} of them`,
  });
  return [
    some,
    check({
      level: "delivered",
      where: run,
      ok: leaking.length === 0,
      expected: "no secret",
      found,
      next: "delete the run's directory and change the secret",
    }),
  ];
}
