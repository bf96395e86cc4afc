// Damages one answer of evidence, as a cut connection, a bad disk, a changed program or a forger would.
import { createHash } from "node:crypto";
import type { EvidenceDocument } from "../../fixtures/evidence/document.ts";
import type { Answer } from "../../fixtures/evidence/fact.ts";
import type { Place } from "../../fixtures/evidence/questions.ts";
import type { Random } from "./random.ts";

/** An answer of evidence, by its place and question. */
export interface Asked {
  readonly place: Place;
  readonly name: string;
}

/** How an answer is damaged. */
export interface Damage {
  readonly what: string;
  /**
   * `lost`: nothing of the answer is left, so whatever needs it can't be green. `nonsense`: what a program printed is none of
   * its answers. In the place of a file's text that is another text, which a row may accept. `changed`: anything may follow.
   */
  readonly kind: "lost" | "nonsense" | "changed";
  /** The answer in its place; undefined: none. `other` is the answer to another question. */
  readonly make: (answer: Answer, random: Random, other: Answer) => Answer | undefined;
}

const out = (answer: Answer, text: string): Answer => ({ ...answer, out: text, digest: sha256(text) });
const instead = (answer: Answer, text: string, code = 0): Answer => ({ ...out(answer, text), err: "", code });
const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** A text with some of its characters exchanged. */
function flipped(text: string, random: Random, times: number): string {
  const characters = [...text];
  for (let at = 0; at < times && characters.length > 0; at++)
    characters[random.below(characters.length)] = String.fromCharCode(random.below(0x180));
  return characters.join("");
}

/** A JSON value with one of its fields removed, or of another type; the text itself if it is none. */
function reshaped(
  text: string,
  random: Random,
  change: (holder: Record<string, unknown>, key: string) => void,
): string {
  try {
    const value = JSON.parse(text) as unknown;
    const holders: Record<string, unknown>[] = [];
    const visit = (one: unknown) => {
      if (typeof one !== "object" || one === null) return;
      holders.push(one as Record<string, unknown>);
      for (const inner of Object.values(one)) visit(inner);
    };
    visit(value);
    const holder = random.of(holders.filter((one) => Object.keys(one).length > 0));
    change(holder, random.of(Object.keys(holder)));
    return JSON.stringify(value);
  } catch {
    return flipped(text, random, 3);
  }
}

const values: readonly unknown[] = [null, true, 0, -1, 1e308, "", "x", [], {}, [[]], "__proto__"];

export const damages: readonly Damage[] = [
  { what: "removed", kind: "lost", make: () => undefined },
  { what: "empty, and failed", kind: "lost", make: (answer) => instead(answer, "", 1) },
  { what: "empty, and timed out", kind: "lost", make: (answer) => instead(answer, "", 124) },
  { what: "empty, and killed", kind: "lost", make: (answer) => instead(answer, "", 137) },
  {
    what: "no such command",
    kind: "lost",
    make: (answer) => ({ ...instead(answer, "", 127), err: "sh: 1: not found\n" }),
  },
  { what: "empty", kind: "nonsense", make: (answer) => instead(answer, "") },
  { what: "JSON null", kind: "nonsense", make: (answer) => instead(answer, "null") },
  {
    what: "words of another program",
    kind: "nonsense",
    make: (answer) => instead(answer, "Segmentation fault\n"),
  },
  {
    what: "only control characters",
    kind: "nonsense",
    make: (answer) => instead(answer, "\0\u001b[2J\u202e\r\n\0"),
  },
  { what: "deep JSON", kind: "nonsense", make: (answer) => instead(answer, "[".repeat(100_000)) },
  { what: "the answer to another question", kind: "nonsense", make: (_, __, other) => other },
  {
    what: "cut",
    kind: "changed",
    make: (answer, random) => out(answer, answer.out.slice(0, random.below(answer.out.length + 1))),
  },
  {
    what: "its begin lost",
    kind: "changed",
    make: (answer, random) => out(answer, answer.out.slice(random.below(answer.out.length + 1))),
  },
  { what: "twice", kind: "changed", make: (answer) => out(answer, answer.out + answer.out) },
  {
    what: "one character changed",
    kind: "changed",
    make: (answer, random) => out(answer, flipped(answer.out, random, 1)),
  },
  {
    what: "many characters changed",
    kind: "changed",
    make: (answer, random) => out(answer, flipped(answer.out, random, 1 + (answer.out.length >> 3))),
  },
  {
    what: "a line lost",
    kind: "changed",
    make: (answer, random) =>
      out(
        answer,
        answer.out
          .split("\n")
          .toSpliced(random.below(answer.out.split("\n").length), 1)
          .join("\n"),
      ),
  },
  {
    what: "lines in another order",
    kind: "changed",
    make: (answer) => out(answer, answer.out.split("\n").toReversed().join("\n")),
  },
  {
    what: "a field lost",
    kind: "changed",
    make: (answer, random) =>
      out(
        answer,
        reshaped(answer.out, random, (holder, key) => delete holder[key]),
      ),
  },
  {
    what: "a field of another type",
    kind: "changed",
    make: (answer, random) =>
      out(
        answer,
        reshaped(answer.out, random, (holder, key) => (holder[key] = random.of(values))),
      ),
  },
  {
    what: "another exit code",
    kind: "changed",
    make: (answer, random) => ({ ...answer, code: random.of([-1, 1, 2, 44, 126, 255, 1e9]) }),
  },
  {
    what: "a long line",
    kind: "changed",
    make: (answer, random) =>
      out(answer, answer.out + random.of(["a", " ", "\\", "{", '"', "=", "a b", "\t-"]).repeat(100_000)),
  },
  {
    what: "another time",
    kind: "changed",
    make: (answer, random) => ({
      ...answer,
      at: random.of(["", "1970-01-01T00:00:00.000Z", "2999-01-01T00:00:00.000Z", "x"]),
    }),
  },
];

/** The answers of evidence. */
export function askedIn({ places }: EvidenceDocument): Asked[] {
  return Object.entries(places).flatMap(([place, given]) =>
    "answers" in given ? Object.keys(given.answers).map((name) => ({ place: place as Place, name })) : [],
  );
}

/** The evidence with one answer damaged. */
export function damaged(
  document: EvidenceDocument,
  { place, name }: Asked,
  damage: Damage,
  random: Random,
): EvidenceDocument {
  const answerTo = (one: Asked) => answersOf(document, one.place)[one.name] as Answer;
  const own = answerTo({ place, name });
  const all = askedIn(document).filter((one) => one.name !== name && answerTo(one).out !== own.out);
  const made = damage.make(own, random, answerTo(random.of(all)));
  const { [name]: _, ...rest } = answersOf(document, place);
  const answers = made === undefined ? rest : { ...rest, [name]: made };
  return { ...document, places: { ...document.places, [place]: { answers } } } as EvidenceDocument;
}

function answersOf({ places }: EvidenceDocument, place: Place): Readonly<Record<string, Answer>> {
  const given = places[place];
  return "answers" in given ? (given.answers as Record<string, Answer>) : {};
}
