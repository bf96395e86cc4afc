// A run as an in-toto statement with a test result, to be signed by whoever runs it. The subjects are the document of the run
// and what was judged.

import { sha256 } from "../run/build.ts";
import { runText } from "../run/file.ts";
import { isJudged, judgedTargets, type Run } from "../run/run.ts";
import { oneLine } from "./words.ts";

/**
 * The statement. A test is a requirement of a target: `prod/STO-003`. What could not be told is a failed test, and so is a target
 * without a result: a policy that wants `PASSED` must not pass it. A waived one is a warning. What was not judged is in no list.
 */
export function inToto(run: Run): object {
  const tests = run.targets.flatMap((one) =>
    isJudged(one)
      ? one.requirements.map(({ id, verdict }) => ({ name: `${oneLine(one.target)}/${id}`, verdict }))
      : [{ name: oneLine(one.target), verdict: "unknown" as const }],
  );
  const named = (...wanted: readonly string[]) =>
    tests.filter(({ verdict }) => wanted.includes(verdict)).map(({ name }) => name);
  const warned = named("waived");
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: "run.json", digest: hex(sha256(runText(run))) }, ...subjectsOf(run)],
    predicateType: "https://in-toto.io/attestation/test-result/v0.1",
    predicate: {
      result: run.exitCode !== 0 ? "FAILED" : warned.length > 0 ? "WARNED" : "PASSED",
      configuration: [
        { name: "register", digest: hex(run.register.digest) },
        ...judgedTargets(run).flatMap(({ target, deployment, plan }) => [
          { name: `${oneLine(target)}/deployment`, digest: hex(deployment) },
          ...(plan?.digest === undefined
            ? []
            : [{ name: `${oneLine(target)}/plan`, digest: hex(plan.digest) }]),
        ]),
      ],
      ...{ passedTests: named("pass"), warnedTests: warned, failedTests: named("fail", "unknown") },
    },
  };
}

/** Evidence by its digest, and trees by their commits. A tree with other changes has no commit of its own. */
const subjectsOf = (run: Run) =>
  judgedTargets(run).flatMap(({ target, tree, evidence }) => [
    ...(tree?.commit !== undefined && /^[0-9a-f]{40}$/.test(tree.commit)
      ? [{ name: oneLine(tree.name), digest: { gitCommit: tree.commit } }]
      : []),
    ...evidence.map(({ phase, digest }) => ({
      name: `${oneLine(target)}/evidence/${phase}`,
      digest: hex(digest),
    })),
  ]);

const hex = (digest: string) => ({ sha256: digest.replace(/^sha256:/, "") });
