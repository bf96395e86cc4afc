// Damaged evidence: one answer at a time, judged by the rows that read it. What needs an answer is not green without it.

import { BadInput, CannotTell } from "../../fixtures/errors.ts";
import { type EvidenceDocument, readDocument } from "../../fixtures/evidence/document.ts";
import { Evidence } from "../../fixtures/evidence/evidence.ts";
import { actions, type Target } from "../../fixtures/target/inventory.ts";
import { isBug, judgeRun } from "../../reports/verdict.ts";
import { judgeLightly, type Loaded } from "../../specs/light/judge.ts";
import { register } from "../../specs/register/register.ts";
import { type Asked, askedIn, damaged, damages } from "./damage.ts";
import type { Find, Outcome } from "./outcome.ts";
import type { Random } from "./random.ts";

/** Evidence of a target where everything holds, and what it is compared with. */
export interface Recorded {
  readonly target: Target;
  readonly document: EvidenceDocument;
  /** Files: the evidence from before the plan, and the record of the apply. */
  readonly before: string | undefined;
  readonly record: string | undefined;
}

const mostMs = 30_000;

/** Rows that read an answer for their words alone, or beside another that decides. By row and question, with the reason. */
const beside: Readonly<Record<string, string>> = {
  "ACC-006 key digests": "of this answer it reads the gateway's clock alone",
};

/** Damages `times` answers. `specs` can be loaded once in a process. */
export async function damagedEvidence(
  specs: Loaded,
  recorded: Recorded,
  times: number,
  random: Random,
): Promise<Outcome> {
  const began = performance.now();
  const finds: Find[] = [];
  const older = recorded.before === undefined ? undefined : readDocument(recorded.before);
  const rows = await readers(specs, recorded);
  const asked = askedIn(recorded.document).filter((one) => (rows.get(keyOf(one)) ?? []).length > 0);
  // Each answer is destroyed in each way once, and then any of them in any way.
  const each = asked.flatMap((one) => damages.map((damage) => ({ one, damage })));
  let tried = 0;
  for (let drawn = 0; tried < times && drawn < 10 * times; drawn++) {
    const { one, damage } = (times < each.length ? undefined : each[drawn]) ?? random.of(each);
    const document = damaged(recorded.document, one, damage, random, older);
    if (document === undefined) continue;
    tried++;
    const reading = rows.get(keyOf(one)) ?? [];
    const { verdicts, crash, ms } = await judged(
      reading.map(({ test }) => test),
      recorded,
      document,
    );
    const what = `${keyOf(one)}: ${damage.what}`;
    const mustTurn = damage.kind === "lost" || (damage.kind === "nonsense" && !one.name.startsWith("file "));
    if (crash !== undefined) finds.push({ wrong: "crash", tried: what, found: crash });
    if (ms > mostMs) finds.push({ wrong: "hang", tried: what, found: `${Math.round(ms / 1000)} s` });
    for (const { id, needs } of reading)
      if (mustTurn && needs && verdicts.get(id) === "pass" && beside[`${id} ${one.name}`] === undefined)
        finds.push({ wrong: "false green", tried: what, found: `${id} stays green` });
  }
  return { attack: "damaged answers", tried, finds, ms: performance.now() - began };
}

const keyOf = ({ place, name }: Asked) => `${place}: ${name}`;

interface Reader {
  readonly id: string;
  readonly test: Loaded[number];
  /** Without the answer it is not green. */
  readonly needs: boolean;
}

/** For each answer: the rows that are green and read it. */
export async function readers(specs: Loaded, recorded: Recorded): Promise<Map<string, Reader[]>> {
  const found = new Map<string, Reader[]>();
  for (const test of specs) {
    const read = new Set<string>();
    const { verdicts } = await judged([test], recorded, watched(recorded.document, read));
    const [id] = [...verdicts].find(([, verdict]) => verdict === "pass") ?? [];
    if (id === undefined) continue;
    for (const one of askedIn(recorded.document)) {
      if (!read.has(keyOf(one))) continue;
      const without = removed(recorded.document, one);
      const { verdicts: then } = await judged([test], recorded, without);
      found.set(keyOf(one), [...(found.get(keyOf(one)) ?? []), { id, test, needs: then.get(id) !== "pass" }]);
    }
  }
  return found;
}

function removed(document: EvidenceDocument, { place, name }: Asked): EvidenceDocument {
  const given = document.places[place];
  const { [name]: _, ...answers } = ("answers" in given ? given.answers : {}) as Record<string, unknown>;
  return { ...document, places: { ...document.places, [place]: { answers } } } as EvidenceDocument;
}

/** The evidence, which notes each answer that is read. */
function watched(document: EvidenceDocument, read: Set<string>): EvidenceDocument {
  const places = Object.entries(document.places).map(([place, given]) => {
    if (!("answers" in given)) return [place, given];
    const answers = new Proxy(given.answers, {
      get: (all, name, self) => {
        if (typeof name === "string") read.add(`${place}: ${name}`);
        return Reflect.get(all, name, self);
      },
    });
    return [place, { answers }];
  });
  return { ...document, places: Object.fromEntries(places) } as EvidenceDocument;
}

interface Judged {
  readonly verdicts: ReadonlyMap<string, string>;
  readonly crash?: string;
  readonly ms: number;
}

export async function judged(
  tests: Loaded,
  { target, before, record }: Recorded,
  document: EvidenceDocument,
): Promise<Judged> {
  const began = performance.now();
  try {
    const files = { before, record, beforeRecord: undefined };
    const withhold = actions.filter((action) => action !== "observe");
    const given = { target, evidence: new Evidence(document), files, withhold };
    const outcomes = await judgeLightly(tests, given);
    const crash = outcomes.flatMap(({ id, messages }) =>
      messages.filter(isBug).map((said) => `${id}: ${said.slice(0, 300)}`),
    )[0];
    return {
      verdicts: new Map(judgeRun(register, outcomes).map(({ id, verdict }) => [id, verdict])),
      ...(crash !== undefined && { crash }),
      ms: performance.now() - began,
    };
  } catch (error) {
    const expected = error instanceof BadInput || error instanceof CannotTell;
    const crash = expected
      ? {}
      : { crash: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    return { verdicts: new Map(), ...crash, ms: performance.now() - began };
  }
}
