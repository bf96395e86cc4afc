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
  /** Nothing of what the answer said is left: whatever needs it can't be green. */
  readonly destroys: boolean;
  /** The answer in its place; undefined: none. `other` is the answer to another question. */
  readonly make: (answer: Answer, random: Random, other: Answer) => Answer | undefined;
}

const out = (answer: Answer, text: string): Answer => ({ ...answer, out: text, digest: sha256(text) });
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
  { what: "removed", destroys: true, make: () => undefined },
  { what: "empty", destroys: true, make: (answer) => out(answer, "") },
  { what: "JSON null", destroys: true, make: (answer) => out(answer, "null") },
  { what: "words of another program", destroys: true, make: (answer) => out(answer, "Segmentation fault\n") },
  { what: "empty, and failed", destroys: true, make: (answer) => ({ ...out(answer, ""), code: 1 }) },
  { what: "empty, and timed out", destroys: true, make: (answer) => ({ ...out(answer, ""), code: 124 }) },
  { what: "empty, and killed", destroys: true, make: (answer) => ({ ...out(answer, ""), code: 137 }) },
  {
    what: "no such command",
    destroys: true,
    make: (answer) => ({ ...out(answer, ""), code: 127, err: "sh: 1: not found\n" }),
  },
  {
    what: "only control characters",
    destroys: true,
    make: (answer) => out(answer, "\0\u001b[2J\u202e\r\n\0"),
  },
  { what: "deep JSON", destroys: true, make: (answer) => out(answer, "[".repeat(100_000)) },
  { what: "the answer to another question", destroys: true, make: (_, __, other) => other },
  {
    what: "cut",
    destroys: false,
    make: (answer, random) => out(answer, answer.out.slice(0, random.below(answer.out.length + 1))),
  },
  {
    what: "its begin lost",
    destroys: false,
    make: (answer, random) => out(answer, answer.out.slice(random.below(answer.out.length + 1))),
  },
  { what: "twice", destroys: false, make: (answer) => out(answer, answer.out + answer.out) },
  {
    what: "one character changed",
    destroys: false,
    make: (answer, random) => out(answer, flipped(answer.out, random, 1)),
  },
  {
    what: "many characters changed",
    destroys: false,
    make: (answer, random) => out(answer, flipped(answer.out, random, 1 + (answer.out.length >> 3))),
  },
  {
    what: "a line lost",
    destroys: false,
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
    destroys: false,
    make: (answer) => out(answer, answer.out.split("\n").toReversed().join("\n")),
  },
  {
    what: "a field lost",
    destroys: false,
    make: (answer, random) =>
      out(
        answer,
        reshaped(answer.out, random, (holder, key) => delete holder[key]),
      ),
  },
  {
    what: "a field of another type",
    destroys: false,
    make: (answer, random) =>
      out(
        answer,
        reshaped(answer.out, random, (holder, key) => (holder[key] = random.of(values))),
      ),
  },
  {
    what: "another exit code",
    destroys: false,
    make: (answer, random) => ({ ...answer, code: random.of([-1, 1, 2, 44, 126, 255, 1e9]) }),
  },
  {
    what: "a long line",
    destroys: false,
    make: (answer, random) =>
      out(answer, answer.out + random.of(["a", " ", "\\", "{", '"', "=", "a b", "\t-"]).repeat(100_000)),
  },
  {
    what: "another time",
    destroys: false,
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
  const all = askedIn(document).filter((one) => one.name !== name);
  const answerTo = (one: Asked) => answersOf(document, one.place)[one.name] as Answer;
  const made = damage.make(answerTo({ place, name }), random, answerTo(random.of(all)));
  const { [name]: _, ...rest } = answersOf(document, place);
  const answers = made === undefined ? rest : { ...rest, [name]: made };
  return { ...document, places: { ...document.places, [place]: { answers } } } as EvidenceDocument;
}

function answersOf({ places }: EvidenceDocument, place: Place): Readonly<Record<string, Answer>> {
  const given = places[place];
  return "answers" in given ? (given.answers as Record<string, Answer>) : {};
}
