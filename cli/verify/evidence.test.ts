// Saved evidence is bound to what was asked: another target's, another deployment's, altered or future evidence is refused.
import { createHash } from "node:crypto";
import { expect, test } from "@playwright/test";
import { boundTo } from "../../fixtures/evidence/asked.ts";
import type { EvidenceDocument } from "../../fixtures/evidence/document.ts";
import type { Answer } from "../../fixtures/evidence/fact.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { sample } from "../../specs/testing/evidence-builder.ts";
import { bind, targetOf } from "./evidence.ts";

const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** The sample, with the digests that collected evidence has. */
function collected(changes: Partial<EvidenceDocument> = {}): EvidenceDocument {
  const { document } = sample();
  const places = Object.entries(document.places).map(([place, given]) => {
    if (!("answers" in given)) return [place, given];
    const answers = Object.entries(given.answers as Record<string, Answer>);
    return [
      place,
      {
        answers: Object.fromEntries(
          answers.map(([name, one]) => [name, { ...one, digest: sha256(one.out) }]),
        ),
      },
    ];
  });
  return { ...document, places: Object.fromEntries(places), ...changes };
}

const now = Date.parse("2025-11-01T00:10:00Z");
const mine: Target = { ...targetOf(collected()), kind: "ssh" };
const { deployment } = mine;

test("evidence of the target that was asked for is taken, and without an inventory it names its own", () => {
  expect(() => bind(collected(), "e.json", mine, now)).not.toThrow();
  expect(() => bind(collected(), "e.json", undefined, now)).not.toThrow();
  expect(targetOf(collected())).toMatchObject({ name: "sample", allows: ["observe"] });
});

const altered = collected();
const { hypervisor } = altered.places;
const answers = "answers" in hypervisor ? hypervisor.answers : {};
const edited = {
  ...answers,
  "qm status": { ...(answers["qm status"] as Answer), out: "status: running!\n" },
};

for (const [what, document, target, words] of [
  [
    "of another target",
    collected(),
    { ...mine, name: "production" },
    "e.json is evidence of sample, and not of production",
  ],
  [
    "of another deployment",
    collected(),
    { ...mine, deployment: { ...deployment, portainer: { ...deployment.portainer, port: 9444 } } },
    "e.json was collected for another deployment: sha256:",
  ],
  [
    "of another tree",
    collected(),
    { ...mine, tree: "/srv/phoenix" },
    "e.json has tree /usr/local/phoenix_hypervisor",
  ],
  [
    "from the future",
    collected({ at: "2025-11-01T00:12:00.000Z" }),
    mine,
    "e.json was collected in the future",
  ],
  [
    "that was edited",
    { ...altered, places: { ...altered.places, hypervisor: { answers: edited } } },
    mine,
    'e.json has been changed since it was collected: "qm status" of the hypervisor',
  ],
  [
    "whose answers were exchanged",
    (() => {
      const bound = boundTo(collected(), "a".repeat(24));
      const { hypervisor: own } = bound.places;
      const all = "answers" in own ? own.answers : {};
      const exchanged = { "secrets tree": all["secrets host"], "secrets host": all["secrets tree"] };
      return { ...bound, places: { ...bound.places, hypervisor: { answers: { ...all, ...exchanged } } } };
    })(),
    mine,
    'has been changed since it was collected: the evidence has the answer to "hypervisor: secrets host"',
  ],
  [
    "with digests that were zeroed",
    sample().document,
    mine,
    "e.json has been changed since it was collected",
  ],
] as const)
  test(`evidence ${what} is refused`, () => {
    let said: unknown;
    try {
      bind(document as EvidenceDocument, "e.json", target, now);
    } catch (error) {
      said = error;
    }
    expect(said).toMatchObject({ name: "Refused", message: expect.stringContaining(words) });
    expect((said as Error).message).toContain("\nNext:\n");
  });

test("a text with a redacted secret has another digest, and is taken: it can't be compared", () => {
  const with1 = { ...answers, "qm status": { ...(answers["qm status"] as Answer), out: "[redacted]" } };
  const document = { ...altered, places: { ...altered.places, hypervisor: { answers: with1 } } };
  expect(() => bind(document as EvidenceDocument, "e.json", mine, now)).not.toThrow();
});

test("evidence of a tree alone, or with a time that is none, is bad input", () => {
  const tree = collected();
  const ofTree = { ...tree, target: { ...tree.target, kind: "tree" as const } };
  expect(() => bind(ofTree, "e.json", undefined, now)).toThrow("without a hypervisor");
  expect(() => bind(collected({ at: "the day before yesterday" }), "e.json", undefined, now)).toThrow(
    "its time is none",
  );
});
