// The evidence that `verify` judges: collected from the target, or read from a file and bound to what was asked.
import { createHash } from "node:crypto";
import { deploymentDigest } from "../../fixtures/deployment/digest.ts";
import { BadInput, problem, Refused } from "../../fixtures/errors.ts";
import { misplaced } from "../../fixtures/evidence/asked.ts";
import type { EvidenceDocument } from "../../fixtures/evidence/document.ts";
import type { Answer } from "../../fixtures/evidence/fact.ts";
import type { Place } from "../../fixtures/evidence/questions.ts";
import { toType } from "../../fixtures/quote.ts";
import type { Target } from "../../fixtures/target/inventory.ts";

/** A clock of another machine may be this far ahead. */
const clockMs = 60_000;

/**
 * Checks that saved evidence is what it is taken for: of this target and its deployment if an inventory names them, not from
 * the future, and with the texts that were collected.
 * @throws Refused with what differs.
 */
export function bind(
  document: EvidenceDocument,
  file: string,
  target: Target | undefined,
  now: number,
): void {
  const collected = Date.parse(document.at);
  if (Number.isNaN(collected))
    throw new BadInput(problem(`${file}: its time is none: ${document.at}`, toType`jq .at ${file}`));
  if (document.target.kind === "tree")
    throw new BadInput(
      problem(`${file} is evidence of a tree without a hypervisor`, "npm run phoenix -- gate --help"),
    );
  if (collected > now + clockMs) {
    const what = `${file} was collected in the future: ${document.at}, and now it is ${new Date(now).toISOString()}`;
    throw new Refused(problem(what, "date -u   # on this machine, and on the one that collected it"));
  }
  const altered = alteredAnswer(document);
  if (altered !== undefined)
    throw new Refused(
      problem(
        `${file} has been changed since it was collected: ${altered}`,
        "collect it again: verify --inventory FILE --save FILE",
      ),
    );
  if (!target) return;
  const said = document.target;
  if (said.name !== target.name)
    throw new Refused(
      problem(
        `${file} is evidence of ${said.name}, and not of ${target.name}`,
        toType`--target ${said.name}`,
      ),
    );
  const [own, its] = [deploymentDigest(target.deployment), deploymentDigest(said.deployment)];
  if (own !== its) {
    const what = `${file} was collected for another deployment: ${its}; the inventory has ${own} for ${target.name}`;
    throw new Refused(problem(what, toType`diff <(jq -S .target.deployment ${file}) <(jq -S . DEPLOYMENT)`));
  }
  for (const field of ["tree", "url"] as const)
    if (said[field] !== target[field]) {
      const what = `${file} has ${field} ${said[field]}, and the inventory ${target[field]} for ${target.name}`;
      throw new Refused(problem(what, "collect it again: verify --inventory FILE --save FILE"));
    }
}

/**
 * The first answer whose text is not the one that was collected, or that is none to its question. A text with a redacted secret
 * can't be compared.
 */
function alteredAnswer(document: EvidenceDocument): string | undefined {
  for (const [place, answers] of Object.entries(document.places))
    if ("answers" in answers)
      for (const [name, answer] of Object.entries(answers.answers as Record<string, Answer>)) {
        const { out, digest } = answer;
        const others = misplaced(document, place as Place, name, answer);
        if (others !== undefined) return others;
        if (!/\[redacted\]|\uFFFD/.test(out) && digest !== sha256(out)) return `"${name}" of the ${place}`;
      }
  return undefined;
}

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** A target that is known from its evidence alone: nothing may be done to it, and it can't be reached. */
export function targetOf({ target }: EvidenceDocument): Target {
  const { name, kind, deployment, tree, url, cannotImitate, certificate } = target;
  return {
    ...{ name, deployment, tree, url, cannotImitate, resolve: {}, allows: ["observe"] },
    kind: kind === "tree" ? "ssh" : kind,
    ssh: { host: "none", port: 1, user: "none", privateKeyFile: "none", hostKey: "none" },
    trust: { gatewayFile: certificate },
  };
}
