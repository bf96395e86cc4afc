// Cuts of the connection and hostile answers, while evidence is collected from a server that has recorded answers.
import { BadInput, CannotTell, Refused } from "../../fixtures/errors.ts";
import { collect } from "../../fixtures/evidence/collect.ts";
import type { EvidenceDocument } from "../../fixtures/evidence/document.ts";
import type { Answer } from "../../fixtures/evidence/fact.ts";
import type { Hypervisor } from "../../fixtures/target/hypervisor.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import type { Recorded } from "./damaged-evidence.ts";
import type { Find, Outcome } from "./outcome.ts";
import type { Random } from "./random.ts";
import type { RecordedServer, Trick } from "./recorded-server.ts";
import { onRecordedTarget } from "./recorded-target.ts";

const silenceMs = 1500;
const mostMs = 30_000;

/** Cuts the connection after each of `times` numbers of bytes: the whole evidence comes of it, or none. */
export async function cuts({ document, target }: Recorded, times: number, random: Random): Promise<Outcome> {
  return onServer("cuts of the connection", document, target, async (server, own) => {
    const whole = await looked(own);
    if (whole.kind !== "evidence") throw new Error(`the recorded server gives no evidence: ${whole.found}`);
    const bytes = server.sent();
    const finds: Find[] = [];
    for (let tried = 0; tried < times; tried++) {
      const cutAfter = random.below(bytes + 200);
      server.trick = { cutAfter };
      finds.push(...wrongWith(`after ${cutAfter} of ${bytes} bytes`, await looked(own), document));
    }
    return { tried: times, finds };
  });
}

const noise = (random: Random, length: number) =>
  Array.from({ length }, () => String.fromCharCode(random.below(256))).join("");

/** What a hostile server sends in the place of an answer. */
const tricks: readonly ((random: Random) => { what: string; trick: Trick })[] = [
  (random) => {
    const text = noise(random, 1 + random.below(100_000));
    return { what: "noise", trick: { instead: (_, piece) => (piece === 0 ? text : undefined) } };
  },
  () => ({ what: "an answer without end", trick: { instead: () => "x".repeat(2 ** 20) } }),
  () => ({
    what: "a first line without end",
    trick: { instead: (answer, piece) => (piece === 0 ? answer.slice(0, 40) : "A".repeat(2 ** 20)) },
  }),
  () => ({ what: "nothing", trick: { instead: () => undefined } }),
  () => ({ what: "nothing, and no end", trick: { instead: () => undefined, silent: true } }),
  () => ({
    what: "half, and no end",
    trick: {
      instead: (answer, piece) => (piece === 0 ? answer.slice(0, answer.length >> 1) : undefined),
      silent: true,
    },
  }),
  (random) => {
    const at = random.next();
    return {
      what: "a prefix",
      trick: {
        instead: (answer, piece) =>
          piece === 0 ? answer.slice(0, Math.floor(answer.length * at)) : undefined,
      },
    };
  },
  () => ({
    what: "the answer twice",
    trick: { instead: (answer, piece) => (piece < 2 ? answer : undefined) },
  }),
  (random) => {
    const size = random.of(["9999999999", "-1", "1e9", "NaN", "99999999999999999999"]);
    const lie = Buffer.from(`${size} 1.out\n5 1.argv\n${size} total\n`).toString("base64");
    return {
      what: "sizes that lie",
      trick: {
        instead: (answer, piece) =>
          piece === 0 ? answer.replace(/\n[A-Za-z0-9+/=]+\n/, `\n${lie}\n`) : undefined,
      },
    };
  },
  (random) => ({
    what: "another nonce",
    trick: {
      instead: (answer, piece) =>
        piece === 0 ? answer.replaceAll(/(begin|end) \w+/g, `$1 ${random.below(1e9)}`) : undefined,
    },
  }),
  (random) => ({ what: "another exit code", trick: { code: random.of([1, 127, 255, "none"] as const) } }),
  (random) => ({
    what: "escapes before the answer",
    trick: {
      instead: (answer, piece) =>
        piece === 0 ? `\u001b[2J\u001b]0;x\u0007${noise(random, 100)}\n${answer}` : undefined,
    },
  }),
];

/** Sends `times` hostile answers: none of them is evidence but a whole one, and each ends within a bound. */
export async function hostileAnswers(
  { document, target }: Recorded,
  times: number,
  random: Random,
): Promise<Outcome> {
  return onServer("hostile answers", document, target, async (server, own) => {
    const finds: Find[] = [];
    for (let tried = 0; tried < times; tried++) {
      const { what, trick } = (tricks[tried % tricks.length] as (typeof tricks)[number])(random);
      server.trick = trick;
      finds.push(...wrongWith(what, await looked(own), document));
    }
    return { tried: times, finds };
  });
}

async function onServer(
  attack: string,
  document: EvidenceDocument,
  target: Target,
  work: (server: RecordedServer, own: Target) => Promise<Pick<Outcome, "tried" | "finds">>,
): Promise<Outcome> {
  const began = performance.now();
  const found = await onRecordedTarget(document, target, work);
  return { attack, ...found, ms: performance.now() - began };
}

type Looked =
  | {
      readonly kind: "evidence";
      readonly document: EvidenceDocument;
      readonly ms: number;
      readonly found: string;
    }
  | { readonly kind: "none" | "crash" | "hang"; readonly found: string; readonly ms: number };

/** Collects evidence once. */
async function looked(target: Target): Promise<Looked> {
  const began = performance.now();
  const late = Promise.withResolvers<Looked>();
  const limit = setTimeout(() => late.resolve({ kind: "hang", found: `${mostMs} ms`, ms: mostMs }), mostMs);
  const look = async (): Promise<Looked> => {
    try {
      await using hypervisor = await connect(target, { silenceMs, signInMs: 5000 });
      // A look may take 90 s; a shorter limit shows as well that it ends.
      const script: Hypervisor["script"] = (text, args, given) =>
        hypervisor.script(text, args, { ...given, timeoutMs: silenceMs * 2 });
      const { document } = await collect(target, { ...hypervisor, script });
      return { kind: "evidence", document, found: "evidence", ms: performance.now() - began };
    } catch (error) {
      const expected = error instanceof CannotTell || error instanceof BadInput || error instanceof Refused;
      const found =
        error instanceof Error ? (expected ? error.message : (error.stack ?? error.message)) : String(error);
      return { kind: expected ? "none" : "crash", found, ms: performance.now() - began };
    }
  };
  try {
    return await Promise.race([look(), late.promise]);
  } finally {
    clearTimeout(limit);
  }
}

/** What is wrong with a look: it hangs, crashes, gives no reason, or its evidence is not what was recorded. */
function wrongWith(tried: string, look: Looked, recorded: EvidenceDocument): Find[] {
  if (look.kind === "hang") return [{ wrong: "hang", tried, found: look.found }];
  if (look.kind === "crash") return [{ wrong: "crash", tried, found: look.found.slice(0, 600) }];
  if (look.kind !== "evidence")
    return look.found.trim() === "" ? [{ wrong: "crash", tried, found: "an error without a reason" }] : [];
  const { document } = look;
  return (["hypervisor", "gateway", "docker-host"] as const).flatMap((place): Find[] => {
    const [got, was] = [textsOf(document, place), textsOf(recorded, place)];
    return got === undefined || got === was
      ? []
      : [{ wrong: "false green", tried, found: `evidence of the ${place} that was not recorded` }];
  });
}

/** The texts of a place's answers; undefined if it gave none. */
function textsOf(
  { places }: EvidenceDocument,
  place: "hypervisor" | "gateway" | "docker-host",
): string | undefined {
  const given = places[place];
  if (!("answers" in given)) return undefined;
  const all = Object.entries(given.answers as Record<string, Answer>);
  return JSON.stringify(all.map(([name, { out, code }]) => [name, out, code]).toSorted());
}
