// One night as a document: its type, its schema, and its reader. Everything that is printed or sent is made from it.
import { readFileSync } from "node:fs";
import { compile, parseJson } from "../../fixtures/schema.ts";
import type { AppliedWaiver } from "../run/run.ts";
import schema from "./night.schema.json" with { type: "json" };

/** A requirement that does not hold, or of which that could not be told. */
export interface Finding {
  readonly id: string;
  readonly severity: "must" | "should";
  readonly statement: string;
  /** One line: what was found instead. */
  readonly found: string;
  /** The first night of the unbroken row of nights with this verdict. */
  readonly since?: string;
}

/** What is different from the night before. */
export interface Changes {
  /** The last night in which all that was judged passed or was waived. */
  readonly lastGood?: string;
  /** The night that this one is compared with: the last one with a verdict. */
  readonly comparedWith?: string;
  /** Why there is no comparison: another deployment, other statements. */
  readonly notComparable?: string;
  /** Whether anybody has to hear of it: also a target that can be reached again, or no longer. */
  readonly changed: boolean;
  readonly newlyFailing: readonly Finding[];
  readonly newlyUnknown: readonly Finding[];
  readonly stillFailing: readonly Finding[];
  readonly stillUnknown: readonly Finding[];
  /** Failures that a waiver accepts: they count in no verdict and are named. Nights of earlier versions have none. */
  readonly newlyWaived?: readonly Finding[];
  readonly stillWaived?: readonly Finding[];
  /** Failed, waived or unknown before, and not judged this time: nothing red is seen any more, and nothing is proved. */
  readonly notSeen: readonly string[];
  /** Requirements that pass now and did not before. */
  readonly fixed: readonly string[];
}

/** A requirement that passes on the stand-in and fails on the host, or the other way round. */
export interface Difference {
  readonly id: string;
  readonly standIn: string;
  readonly host: string;
}

/** One target in one night. */
export interface TargetNight {
  readonly target: string;
  readonly exitCode: number;
  /** `no verdict`: it was not judged at all. */
  readonly state: "pass" | "fail" | "unknown" | "no verdict";
  /** With `no verdict`: what happened, and what to type next. */
  readonly trouble?: string;
  /** What the night wrote for it, from the folder of all nights. */
  readonly folder?: string;
  /** The digests of deployment and register: nights with the same ones can be compared. */
  readonly judgedBy?: string;
  /** Requirements by verdict. */
  readonly counts: Readonly<Record<string, number>>;
  /** The waivers of this target, if there are any, with what each does in this night. */
  readonly waivers?: readonly AppliedWaiver[];
  readonly standIn?: { readonly trouble?: string; readonly differs: readonly Difference[] };
  /** What the stand-in is held to and this host does not do, or did not answer. */
  readonly contract?: readonly string[];
  readonly changes: Changes;
}

/** One night on all its targets. */
export interface Night {
  readonly version: 1;
  /** The name of its folders: its start in UTC. */
  readonly night: string;
  readonly startedAt: string;
  readonly ms: number;
  readonly exitCode: number;
  /** One line: the story of the night. */
  readonly headline: string;
  readonly targets: readonly TargetNight[];
}

/** The name of a night: its start in UTC, as a file name that sorts by time. */
export const nameOf = (start: Date): string => `${start.toISOString().slice(0, 19).replaceAll(":", "-")}Z`;

/** The time of a night's name, in milliseconds. */
export const timeOf = (night: string): number =>
  Date.parse(night.replace(/T(\d\d)-(\d\d)-(\d\d)Z$/, "T$1:$2:$3Z"));

/** Checks a value against `night.schema.json`. @throws BadInput listing every error. */
export const asNight = compile<Night>("night's document", schema);

/** Reads a night's document. @throws BadInput if it is not one. */
export function readNight(file: string): Night {
  const text = readFileSync(file, "utf8");
  return asNight(parseJson(text, file), { file, text });
}
