// The document of a run of `verify`, from the results of its targets.
import { basename } from "node:path";
import { revisionOf, runOf } from "../../reports/run/build.ts";
import type { GivenFiles, Part, Run, RunTarget, Trouble } from "../../reports/run/run.ts";
import { worstExit } from "../../reports/run/targets.ts";
import { register } from "../../specs/register/register.ts";
import { contractAgreement, tool } from "../run/provenance.ts";

/** What the document says of the files that a command was given. */
const namesOf = ({ inventory, waivers }: GivenFiles): GivenFiles => ({
  ...(inventory !== undefined && { inventory: basename(inventory) }),
  ...(waivers !== undefined && { waivers: basename(waivers) }),
});

/** The run that began then, with the files that it was given; of several parts, the one that is given. */
export const verifyDocument = (
  targets: readonly (RunTarget | Trouble)[],
  began: Date,
  files: GivenFiles,
  part?: Part,
): Run =>
  runOf({
    ...{ command: "verify", startedAt: began.toISOString(), ms: Date.now() - began.getTime() },
    exitCode: worstExit(targets.map(({ exitCode }) => exitCode)),
    ...{ tool: tool(), register: revisionOf(register), contract: contractAgreement(began), targets },
    ...(Object.keys(namesOf(files)).length > 0 && { from: namesOf(files) }),
    ...(part && { shard: part }),
  });
