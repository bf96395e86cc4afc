// The document of a run of `verify`, from the results of its targets.
import { revisionOf, runOf } from "../../reports/run/build.ts";
import type { Part, Run, RunTarget, Trouble } from "../../reports/run/run.ts";
import { worstExit } from "../../reports/run/targets.ts";
import { register } from "../../specs/register/register.ts";
import { contractAgreement, tool } from "../run/provenance.ts";

/** The run that began then; of several parts, the one that is given. */
export const verifyDocument = (targets: readonly (RunTarget | Trouble)[], began: Date, part?: Part): Run =>
  runOf({
    ...{ command: "verify", startedAt: began.toISOString(), ms: Date.now() - began.getTime() },
    exitCode: worstExit(targets.map(({ exitCode }) => exitCode)),
    ...{ tool: tool(), register: revisionOf(register), contract: contractAgreement(began), targets },
    ...(part && { shard: part }),
  });
