// Compares a target's night with the nights before it. Pure.
import type { AppliedWaiver } from "../run/run.ts";
import type { Changes, Finding, TargetNight } from "./night.ts";

/** What a comparison needs of one requirement's result. */
export interface Judged {
  readonly id: string;
  readonly verdict: string;
  readonly severity: "must" | "should";
  readonly statement: string;
  readonly seen: string;
}

/** What is no pass, and is named. */
type Kind = "fail" | "unknown" | "waived";

/** A night of the same target, before this one. Newest first. */
export interface Earlier {
  readonly night: string;
  readonly state: TargetNight["state"];
  /** What was judged: the digests of deployment and register. Of a night without a verdict there is none. */
  readonly judgedBy?: string;
  readonly findings: readonly {
    readonly id: string;
    readonly kind: Kind;
    readonly since: string;
  }[];
  readonly waivers?: readonly AppliedWaiver[];
}

/** This night's result: its rows, or the fact that there is none. */
export interface Present {
  readonly night: string;
  readonly state: TargetNight["state"];
  readonly judgedBy?: string;
  /** With the verdicts that count, after waivers. */
  readonly rows: readonly Judged[];
  readonly waivers?: readonly AppliedWaiver[];
}

/**
 * What is new, what stays, and what is mended, compared with the last night that has a verdict. A night without a verdict
 * keeps what was known: nothing becomes fixed by not being asked.
 */
export function changesOf(present: Present, earlier: readonly Earlier[]): Changes {
  const judged = earlier.find(({ state }) => state !== "no verdict");
  const lastGood = earlier.find(({ state }) => state === "pass")?.night;
  const stateBefore = earlier[0]?.state;
  const same = judged?.judgedBy === present.judgedBy;
  const notComparable =
    judged && present.judgedBy !== undefined && !same
      ? "another deployment or other statements were judged then"
      : undefined;
  const before = new Map(
    (notComparable === undefined ? (judged?.findings ?? []) : []).map((one) => [one.id, one] as const),
  );
  const found = (kind: Kind) =>
    present.rows
      .filter(({ verdict }) => verdict === kind)
      .map(({ id, severity, statement, seen }): Finding & { readonly left: boolean } => {
        const was = before.get(id);
        const left = was?.kind === kind;
        return { id, severity, statement, found: seen, since: left ? was.since : present.night, left };
      });
  const [failing, unknown, waived] = [found("fail"), found("unknown"), found("waived")];
  const pick = (all: readonly (Finding & { readonly left: boolean })[], left: boolean): Finding[] =>
    all.filter((one) => one.left === left).map(({ left: _, ...finding }) => finding);
  const now = new Map(present.rows.map(({ id, verdict }) => [id, verdict]));
  const became = (verdict: string) => [...before.keys()].filter((id) => now.get(id) === verdict);
  const [fixed, notSeen] = [became("pass"), became("not judged")];
  const ofWaivers = waiverNews(present.waivers, judged?.waivers);
  const newly = [failing, unknown, waived].map((all) => pick(all, false));
  const news = [...newly, fixed, notSeen, ofWaivers].some((all) => all.length > 0);
  return {
    ...(lastGood !== undefined && { lastGood }),
    ...(judged && { comparedWith: judged.night }),
    ...(notComparable !== undefined && { notComparable }),
    changed: news || notComparable !== undefined || stateBefore !== present.state,
    newlyFailing: pick(failing, false),
    newlyUnknown: pick(unknown, false),
    stillFailing: pick(failing, true),
    stillUnknown: pick(unknown, true),
    ...(waived.length > 0 && { newlyWaived: pick(waived, false), stillWaived: pick(waived, true) }),
    ...{ notSeen, fixed },
  };
}

/** Waivers that need something to be done since this night: expired, no longer needed, or soon to expire. */
function waiverNews(now: Present["waivers"] = [], before: Present["waivers"] = []): AppliedWaiver[] {
  const known = ({ requirement, state, soon }: AppliedWaiver) =>
    before.some((one) => one.requirement === requirement && one.state === state && one.soon === soon);
  return now.filter(
    (one) => (one.state === "expired" || one.state === "not needed" || one.soon === true) && !known(one),
  );
}

/** What the comparison of a later night needs of a target's night. */
export function asEarlier(night: string, { state, judgedBy, changes, waivers }: TargetNight): Earlier {
  const of = (kind: Kind, all: readonly Finding[]) =>
    all.map(({ id, since = night }) => ({ id, kind, since }));
  return {
    ...{ night, state, ...(judgedBy !== undefined && { judgedBy }), ...(waivers && { waivers }) },
    findings: [
      ...of("fail", [...changes.newlyFailing, ...changes.stillFailing]),
      ...of("unknown", [...changes.newlyUnknown, ...changes.stillUnknown]),
      ...of("waived", [...(changes.newlyWaived ?? []), ...(changes.stillWaived ?? [])]),
    ],
  };
}
