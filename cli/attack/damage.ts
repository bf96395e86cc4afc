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
   * `lost`: nothing of the answer is left, it is none to this question, or its program says that it failed, so whatever needs
   * it can't be green. `nonsense`: what a program printed is none of its answers. In the place of a file's text that is another
   * text, which a row may accept. `changed`: anything may follow.
   */
  readonly kind: "lost" | "nonsense" | "changed";
  /** The answer in its place; undefined: none. It is the same answer if there is nothing to damage in this way. */
  readonly make: (answer: Answer, random: Random, others: Others) => Answer | undefined;
}

/** Answers that could stand in the place of one, by mistake or on purpose. */
export interface Others {
  /** The answer to another question, of any place. */
  readonly question: Answer;
  /** The answer to a question of the same sort, as of another place. */
  readonly similar: Answer | undefined;
  /** What the same place answered before. */
  readonly older: Answer | undefined;
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

/** The first of a text's pieces, as many as chance has it. */
const firstOf = (text: string, end: string, random: Random) => {
  const all = text.split(end);
  return all
    .slice(0, random.below(all.length))
    .map((piece) => piece + end)
    .join("");
};

/** A text without one of its pieces. */
const withoutOne = (text: string, end: string, random: Random) => {
  const all = text.split(end);
  return all.toSpliced(random.below(all.length), 1).join(end);
};

const limits = [
  "0",
  "-1",
  "2147483648",
  "9007199254740993",
  "1e999",
  "00",
  "99999999999999999999",
  "0.1",
  "NaN",
  "٣",
];

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

/** A text with another one at some place in it. */
const withInside = (text: string, inside: string, random: Random) => {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + inside + text.slice(at);
};

/** Bytes of a text, cut at any of them, in UTF-8: a character of several may lose some. */
const cutBytes = (text: string, random: Random) => {
  const bytes = Buffer.from(text.replace(/[a-z]/i, "\u00e9"));
  return bytes.subarray(0, random.below(bytes.length + 1)).toString("utf8");
};

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
  { what: "the answer to another question", kind: "lost", make: (_, __, { question }) => question },
  { what: "blanks and ends of lines", kind: "nonsense", make: (answer) => instead(answer, " \n\t\r\n \n") },
  { what: "only NULs", kind: "nonsense", make: (answer) => instead(answer, "\0".repeat(64)) },
  {
    what: "a page of a proxy",
    kind: "nonsense",
    make: (answer) => instead(answer, "<!DOCTYPE html>\n<html><body>502 Bad Gateway</body></html>\n"),
  },
  {
    what: "all of it on standard error",
    kind: "nonsense",
    make: (answer) => ({ ...instead(answer, ""), err: answer.out }),
  },
  {
    what: "UTF-16",
    kind: "nonsense",
    make: (answer) => instead(answer, `\ufeff${[...answer.out].join("\0")}\0`),
  },
  {
    what: "in base64",
    kind: "nonsense",
    make: (answer) => instead(answer, `${Buffer.from(answer.out).toString("base64")}\n`),
  },
  {
    what: "the answer to a question of its sort",
    kind: "lost",
    make: (answer, _, { similar }) => similar ?? answer,
  },
  { what: "an older answer", kind: "lost", make: (answer, _, { older }) => older ?? answer },
  {
    what: "of another deployment",
    kind: "changed",
    make: (answer, random) => {
      const [from, to] = random.of([
        [/\b\d{4}\b/g, "7777"],
        [/\b\d{3}\b/g, "777"],
        [/\b10\.0\.0\./g, "10.9.9."],
        [/\bphoenix\b/gi, "dragon"],
        [/\bportainer\b/gi, "rancher"],
      ] as const);
      return out(answer, answer.out.replace(from, to));
    },
  },
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
  {
    what: "cut at the end of a line",
    kind: "changed",
    make: (answer, random) => out(answer, firstOf(answer.out, "\n", random)),
  },
  {
    what: "cut at the end of a record",
    kind: "changed",
    make: (answer, random) => out(answer, firstOf(answer.out, "\0", random)),
  },
  {
    what: "a record lost",
    kind: "changed",
    make: (answer, random) => out(answer, withoutOne(answer.out, "\0", random)),
  },
  {
    what: "a part of it twice",
    kind: "changed",
    make: (answer, random) => {
      const [from, to] = [random.below(answer.out.length + 1), random.below(answer.out.length + 1)].toSorted(
        (a, b) => a - b,
      ) as [number, number];
      return out(answer, answer.out.slice(0, to) + answer.out.slice(from));
    },
  },
  {
    what: "other ends of lines",
    kind: "changed",
    make: (answer, random) =>
      out(answer, answer.out.replaceAll("\n", random.of(["\r\n", "\r", "\u2028", "\v", "\n\n", " \n"]))),
  },
  { what: "a byte order mark", kind: "changed", make: (answer) => out(answer, `\ufeff${answer.out}`) },
  {
    what: "bytes that are no text",
    kind: "changed",
    make: (answer, random) =>
      out(answer, `${answer.out.slice(0, random.below(answer.out.length + 1))}\ufffd\ud800${answer.out}`),
  },
  {
    what: "in another case",
    kind: "changed",
    make: (answer, random) =>
      out(answer, random.below(2) ? answer.out.toUpperCase() : answer.out.toLowerCase()),
  },
  {
    what: "numbers at their limits",
    kind: "changed",
    make: (answer, random) => {
      const limit = random.of(limits);
      return out(
        answer,
        answer.out.replace(/\d+(?:\.\d+)?/g, (number) => (random.below(4) === 0 ? limit : number)),
      );
    },
  },
  {
    what: "keys that every object has",
    kind: "changed",
    make: (answer, random) =>
      out(
        answer,
        reshaped(answer.out, random, (holder, key) => {
          const value = holder[key];
          delete holder[key];
          Object.defineProperty(
            holder,
            random.of(["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "length"]),
            { value, enumerable: true },
          );
        }),
      ),
  },
  { what: "an end that succeeds", kind: "changed", make: (answer) => ({ ...answer, code: 0, err: "" }) },
  {
    what: "a time-out after its last word",
    kind: "lost",
    make: (answer, random) => ({ ...answer, code: random.of([124, 137]) }),
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
    make: (answer, random) => out(answer, withoutOne(answer.out, "\n", random)),
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
    what: "a failure after its last word",
    kind: "lost",
    make: (answer, random) => ({ ...answer, code: random.of([1, 2, 126, 255]), err: "" }),
  },
  {
    what: "a signal after its last word",
    kind: "lost",
    make: (answer, random) => ({ ...answer, code: random.of([129, 130, 134, 139, 141, 143]), err: "" }),
  },
  {
    what: "cut inside a character",
    kind: "changed",
    make: (answer, random) => out(answer, cutBytes(answer.out, random)),
  },
  {
    what: "a NUL inside",
    kind: "changed",
    make: (answer, random) => out(answer, withInside(answer.out, "\0", random)),
  },
  {
    what: "a banner before it",
    kind: "changed",
    make: (answer, random) =>
      out(
        answer,
        random.of([
          "Last login: Sat Nov  1 09:00:00 2025 from 10.0.0.9\n",
          "perl: warning: Setting locale failed.\n",
          "bash: warning: setlocale: LC_ALL: cannot change locale (en_GB.UTF-8)\n",
          "*** System restart required ***\n\n",
        ]) + answer.out,
      ),
  },
  {
    what: "another program's words inside",
    kind: "changed",
    make: (answer, random) =>
      out(
        answer,
        withInside(
          answer.out,
          random.of(["Killed\n", "\nBroken pipe\n", "cat: x: I/O error\n", "^C"]),
          random,
        ),
      ),
  },
  {
    what: "a megabyte of empty lines after it",
    kind: "changed",
    make: (answer, random) =>
      out(answer, answer.out + random.of(["\n", " \n", "\r\n", "#\n"]).repeat(2 ** 18)),
  },
  {
    what: "each line twice",
    kind: "changed",
    make: (answer) => out(answer, answer.out.replace(/^.*\n/gm, "$&$&")),
  },
  {
    what: "numbers as texts",
    kind: "changed",
    make: (answer) => out(answer, answer.out.replace(/(?<=[:[,]\s*)-?\d+(?:\.\d+)?(?=\s*[,}\]])/g, '"$&"')),
  },
  {
    what: "texts as numbers",
    kind: "changed",
    make: (answer) => out(answer, answer.out.replace(/"(-?[1-9]\d*)"/g, "$1")),
  },
  {
    what: "a key twice",
    kind: "changed",
    make: (answer, random) => {
      const keys = [...answer.out.matchAll(/\{\s*("[^"\\]*")\s*:/g)];
      if (keys.length === 0) return answer;
      const { index, 1: key = "" } = random.of(keys);
      const other = random.of(["null", "true", "0", '""', "[]", "{}"]);
      return out(answer, `${answer.out.slice(0, index + 1)}${key}: ${other},${answer.out.slice(index + 1)}`);
    },
  },
  {
    what: "nested too deeply inside",
    kind: "changed",
    make: (answer, random) => {
      const deep = random.of(["[", '{"a":', "(", "{ ", "if true; then "]);
      return out(answer, withInside(answer.out, deep.repeat(20_000), random));
    },
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

/** The evidence with one answer damaged; undefined if this answer can't be damaged so. `older` is what the target answered before. */
export function damaged(
  document: EvidenceDocument,
  { place, name }: Asked,
  damage: Damage,
  random: Random,
  older?: EvidenceDocument,
): EvidenceDocument | undefined {
  const answerTo = (one: Asked) => answersOf(document, one.place)[one.name] as Answer;
  const own = answerTo({ place, name });
  // What is asked in the same words is answered in the same form: `secrets tree`, `secrets host`.
  const sort = (question: string) => question.split(" ")[0];
  const all = askedIn(document).filter(
    (one) => sort(one.name) !== sort(name) && answerTo(one).out !== own.out,
  );
  const same = askedIn(document).filter(
    (one) => sort(one.name) === sort(name) && (one.place !== place || one.name !== name),
  );
  const made = damage.make(own, random, {
    question: answerTo(random.of(all)),
    similar: same.length > 0 ? answerTo(random.of(same)) : undefined,
    older: older && answersOf(older, place)[name],
  });
  if (made !== undefined && JSON.stringify(made) === JSON.stringify(own)) return undefined;
  const { [name]: _, ...rest } = answersOf(document, place);
  const answers = made === undefined ? rest : { ...rest, [name]: made };
  return { ...document, places: { ...document.places, [place]: { answers } } } as EvidenceDocument;
}

function answersOf({ places }: EvidenceDocument, place: Place): Readonly<Record<string, Answer>> {
  const given = places[place];
  return "answers" in given ? (given.answers as Record<string, Answer>) : {};
}
