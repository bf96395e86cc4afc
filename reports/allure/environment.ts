// The table of a report that says what was judged, by what: names, digests and versions.
import { counted } from "../../fixtures/counted.ts";
import type { Run, RunTarget } from "../run/run.ts";

/** The text of `environment.properties`. A line for everything that the document knows. */
export function environmentOf(run: Run, target: RunTarget): string {
  const { tool, register, contract } = run;
  const { tree, base, plan, standIn, evidence } = target;
  const last = evidence.at(-1);
  const limits = [...new Set(evidence.flatMap((one) => one.limits))];
  const source = (one: typeof tree) => one && [one.name, one.commit].filter(Boolean).join(" at ");
  const lines: readonly (readonly [string, string | undefined])[] = [
    ["Target", `${target.target} (${target.kind})`],
    ["Tree", source(tree)],
    ["Base", source(base)],
    ["Deployment", target.deployment],
    ["Register", `${register.requirements} requirements, ${register.digest}`],
    ["Plan", plan && `${plan.digest ?? "no digest"}${plan.literal ? ", literal steps only" : ""}`],
    ["Steps left out", plan?.without.join(", ") || undefined],
    ["Actions that were allowed", target.allowed.join(", ") || undefined],
    ["Evidence", last && `of ${last.at}, ${last.digest}`],
    ["Not imitated there", limits.join(", ") || undefined],
    ["Stand-in", standIn && `${standIn.image} (VM 1001: ${standIn.vm})`],
    [
      "Contract of the stand-in",
      contract
        ? `${counted(contract.scenarios, "scenario")} agreed with Proxmox VE ${contract.version} on ${contract.at}, ${counted(contract.ageDays, "day")} before`
        : "no real host has agreed with it yet",
    ],
    ["Suite", [`${tool.name} ${tool.version}`, tool.commit].filter(Boolean).join(" at ")],
    ["Node", tool.node],
    ["Started", target.startedAt],
  ];
  return lines
    .flatMap(([name, value]) => (value === undefined ? [] : [`${escaped(name)}=${escaped(value)}\n`]))
    .join("");
}

/** As Java properties are written, in ASCII: nothing in a value can start another line or another name. */
const escaped = (text: string) =>
  text
    .replaceAll(/[\\:=#! ]/g, (sign) => `\\${sign}`)
    .replaceAll(/[^ -~]/gu, (sign) =>
      [...Array(sign.length).keys()]
        .map((at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, "0")}`)
        .join(""),
    );
