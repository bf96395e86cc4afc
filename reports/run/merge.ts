// Divides the targets of a run among several processes, and puts their results together. Pure.
import { BadInput, problem } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { exitCodeOf } from "../exit-code.ts";
import { runOf, verdictOfExit, verdictsOf } from "./build.ts";
import { isJudged, type Part, type Run, type Trouble } from "./run.ts";
import { exitWithContract, worstExit } from "./targets.ts";

/**
 * The names that one part judges: neighbours, and no part has more than one name more than another. This is how Playwright
 * divides tests.
 */
export function namesOfPart({ index, total, names }: Part): readonly string[] {
  const size = Math.floor(names.length / total);
  const larger = names.length % total;
  const from = (index - 1) * size + Math.min(index - 1, larger);
  return names.slice(from, from + size + (index <= larger ? 1 : 0));
}

/** What one part printed, and the file that it is in. */
export interface PartFile {
  readonly file: string;
  readonly run: Run;
}

/** The register that everything must have been judged by. */
export interface Statements {
  readonly digest: string;
  readonly ids: readonly string[];
}

/**
 * The run that one process would have made of all targets. The targets of a part that is missing are there too: each with
 * the trouble that nothing is known about it.
 * @throws BadInput if the parts do not belong together, or one is not what was printed.
 */
export function mergeParts(parts: readonly PartFile[], statements: Statements): Run {
  const [first] = parts;
  if (!first)
    throw new BadInput(problem("There is no part to merge", "verify --shard 1/2 --json >parts/1.json"));
  const { total, names } = partOf(first);
  const found = new Map<number, PartFile>();
  for (const part of parts) {
    const own = partOf(part);
    if (own.total !== total || own.names.join("\0") !== names.join("\0"))
      throw wrong(
        part,
        `it is a part of another run than ${first.file}: of ${own.total}, and ${own.names.length} targets`,
      );
    const twice = found.get(own.index);
    if (twice) throw wrong(part, `it is part ${own.index} of ${total}, as is ${twice.file}`);
    check(part, own, statements);
    found.set(own.index, part);
  }
  const indexes = Array.from({ length: total }, (_, at) => at + 1);
  const targets = indexes.flatMap(
    (index) =>
      found.get(index)?.run.targets ?? namesOfPart({ index, total, names }).map(missing(index, total)),
  );
  const runs = parts.map(({ run }) => run);
  const start = Math.min(...runs.map(({ startedAt }) => Date.parse(startedAt)));
  const end = Math.max(...runs.map(({ startedAt, ms }) => Date.parse(startedAt) + ms));
  return runOf({
    ...{ command: "verify", startedAt: new Date(start).toISOString(), ms: end - start },
    exitCode: worstExit(targets.map(({ exitCode }) => exitCode)),
    ...{ tool: first.run.tool, register: first.run.register, contract: first.run.contract, targets },
    ...(first.run.from && { from: first.run.from }),
  });
}

function partOf(part: PartFile): Part {
  const { shard } = part.run;
  if (!shard) throw wrong(part, "it is a whole run, and not a part of one (--shard)");
  if (shard.index > shard.total) throw wrong(part, `there is no part ${shard.index} of ${shard.total}`);
  return shard;
}

/** A part must be what a run prints: its own targets, judged by all statements, with the exit codes that follow. */
function check(part: PartFile, own: Part, { digest, ids }: Statements): void {
  const expected = namesOfPart(own);
  const judged = part.run.targets.map(({ target }) => target);
  if (judged.join("\0") !== expected.join("\0"))
    throw wrong(
      part,
      `part ${own.index} of ${own.total} judges ${expected.join(", ")}, and it has ${judged.join(", ")}`,
    );
  if (part.run.register.digest !== digest)
    throw wrong(part, "it was judged by another register: this suite is not the one that judged it");
  for (const one of part.run.targets) {
    if (!isJudged(one)) {
      if (one.exitCode === Exit.pass) throw wrong(part, `${one.target} has trouble, and the exit code 0`);
      continue;
    }
    const { target, verdict, requirements, hostContract, exitCode } = one;
    const rows = requirements.map(({ id }) => id);
    if (rows.join() !== ids.join())
      throw wrong(part, `${target} does not have every requirement once, in order`);
    const follows = exitWithContract(
      exitCodeOf(verdictsOf(one), () => true),
      hostContract,
    );
    const what = hostContract ? "rows and contract" : "rows";
    if (follows !== exitCode || verdictOfExit(exitCode) !== verdict)
      throw wrong(part, `${target} has the exit code ${exitCode}, and its ${what} say ${follows}`);
  }
  const worst = worstExit(part.run.targets.map(({ exitCode }) => exitCode));
  if (worst !== part.run.exitCode)
    throw wrong(part, `its exit code is ${part.run.exitCode}, and its targets say ${worst}`);
}

const missing =
  (index: number, total: number) =>
  (target: string): Trouble => ({
    ...{ target, exitCode: Exit.unknown, ms: 0 },
    trouble: problem(
      `Nothing is known: part ${index} of ${total} left no result`,
      `verify --shard ${index}/${total}, with the same inventory, and --merge again`,
    ),
  });

function wrong({ file }: PartFile, what: string): BadInput {
  return new BadInput(
    problem(`${file} can't be merged: ${what}`, "verify --shard PART/PARTS --json   # again"),
  );
}
