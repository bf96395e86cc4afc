// Compares a target's night with the nights before it. Pure.
import type { Changes, Finding, TargetNight } from "./night.ts";

/** What a comparison needs of one requirement's result. */
export interface Judged {
  readonly id: string;
  readonly verdict: string;
  readonly severity: "must" | "should";
  readonly statement: string;
  readonly seen: string;
}

/** A night of the same target, before this one. Newest first. */
export interface Earlier {
  readonly night: string;
  readonly state: TargetNight["state"];
  /** What was judged: the digests of deployment and register. Of a night without a verdict there is none. */
  readonly judgedBy?: string;
  readonly findings: readonly {
    readonly id: string;
    readonly kind: "fail" | "unknown";
    readonly since: string;
  }[];
}

/** This night's result: its rows, or the fact that there is none. */
export interface Present {
  readonly night: string;
  readonly state: TargetNight["state"];
  readonly judgedBy?: string;
  readonly rows: readonly Judged[];
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
  const found = (kind: "fail" | "unknown") =>
    present.rows
      .filter(({ verdict }) => verdict === kind)
      .map(({ id, severity, statement, seen }): Finding & { readonly left: boolean } => {
        const was = before.get(id);
        const left = was?.kind === kind;
        return { id, severity, statement, found: seen, since: left ? was.since : present.night, left };
      });
  const [failing, unknown] = [found("fail"), found("unknown")];
  const pick = (all: readonly (Finding & { readonly left: boolean })[], left: boolean): Finding[] =>
    all.filter((one) => one.left === left).map(({ left: _, ...finding }) => finding);
  const now = new Map(present.rows.map(({ id, verdict }) => [id, verdict]));
  const became = (...verdicts: readonly string[]) =>
    [...before.keys()].filter((id) => verdicts.includes(now.get(id) ?? ""));
  const [fixed, notSeen] = [became("pass", "waived"), became("not judged")];
  const news = [pick(failing, false), pick(unknown, false), fixed, notSeen].some((all) => all.length > 0);
  return {
    ...(lastGood !== undefined && { lastGood }),
    ...(judged && { comparedWith: judged.night }),
    ...(notComparable !== undefined && { notComparable }),
    changed: news || notComparable !== undefined || stateBefore !== present.state,
    newlyFailing: pick(failing, false),
    newlyUnknown: pick(unknown, false),
    stillFailing: pick(failing, true),
    stillUnknown: pick(unknown, true),
    ...{ notSeen, fixed },
  };
}

/** What the comparison of a later night needs of a target's night. */
export function asEarlier(night: string, { state, judgedBy, changes }: TargetNight): Earlier {
  const of = (kind: "fail" | "unknown", all: readonly Finding[]) =>
    all.map(({ id, since = night }) => ({ id, kind, since }));
  return {
    ...{ night, state, ...(judgedBy !== undefined && { judgedBy }) },
    findings: [
      ...of("fail", [...changes.newlyFailing, ...changes.stillFailing]),
      ...of("unknown", [...changes.newlyUnknown, ...changes.stillUnknown]),
    ],
  };
}
