// What each test did, read from the results of allure-playwright: our own fixtures are left out, and steps read as sentences.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Attachment, StepResult, TestResult } from "allure-js-commons";
import type { Transcript } from "./results.ts";

/** The transcripts of the requirements' tests, and the files that they attach. */
export interface Transcripts {
  readonly byRequirement: ReadonlyMap<string, Transcript>;
  /** Names of files in the folder that was read. */
  readonly attached: readonly string[];
}

/** Reads a folder of results; one that is not there has none. */
export function readTranscripts(dir: string): Transcripts {
  if (!existsSync(dir)) return { byRequirement: new Map(), attached: [] };
  const results = readdirSync(dir)
    .filter((name) => name.endsWith("-result.json"))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(dir, name), "utf8")) as TestResult);
  return transcriptsOf(results);
}

/** The same from results that were read. */
export function transcriptsOf(results: readonly TestResult[]): Transcripts {
  const attached: string[] = [];
  const byRequirement = new Map<string, Transcript>();
  for (const { labels, steps, attachments } of results) {
    const tags = labels.filter(({ name }) => name === "tag").map(({ value }) => value);
    const id = tags.find((tag) => /^[A-Z]{3}-\d{3}$/.test(tag));
    if (id === undefined || !tags.includes("requirement")) continue;
    const own = steps.flatMap((step) => readable(step, attached));
    const files = attachments.filter(isShown);
    attached.push(...files.map(({ source }) => source));
    const last = own.at(-1);
    const all = files.length > 0 && last ? [...own.slice(0, -1), withFiles(last, files)] : own;
    byRequirement.set(id, { steps: [...(byRequirement.get(id)?.steps ?? []), ...all] });
  }
  return { byRequirement, attached };
}

const withFiles = (step: StepResult, files: readonly Attachment[]): StepResult => ({
  ...step,
  attachments: [...step.attachments, ...files],
});

/** Checks are shown by the document of the run already. */
const isShown = ({ name }: Attachment) => !["checks", "refuted"].includes(name);
const isOurs = (name: string) =>
  /^(?:Before Hooks|After Hooks|Worker Cleanup|Fixture ".*"|Launch browser|Create (?:context|page)|Close (?:context|page|browser)|Screenshot|checks|refuted)$/.test(
    name,
  );

/** A step without what is ours. What such a step attached moves up, as in a screenshot that a fixture takes. */
function readable(step: StepResult, attached: string[]): StepResult[] {
  const steps = step.steps.flatMap((inner) => readable(inner, attached));
  const attachments = step.attachments.filter(isShown);
  const name = step.name ?? "";
  if (isOurs(name) && attachments.length === 0) return steps;
  attached.push(...attachments.map(({ source }) => source));
  return [{ ...step, name: sentence(name), steps, attachments, statusDetails: {} }];
}

const sentences: readonly (readonly [RegExp, string])[] = [
  [/^Navigate(?: to (.*))?$/, "The browser opens a page $1"],
  [/^Wait for event "response"$/, "The browser waits for an answer"],
  [/^Wait for navigation$/, "The browser waits for the next page"],
  [/^Wait for selector$/, "The browser waits for a part of the page"],
  [/^Wait for (.*)$/, "The browser waits for $1"],
  [/^Fill (.*)$/, "The browser types $1"],
  [/^Click(.*)$/, "The browser clicks$1"],
  [/^Reload(.*)$/, "The browser loads the page again$1"],
  [/^(?:After Hooks|Fixture ".*")$/, "At the end of the test"],
];

/** Playwright's names of its own calls, as sentences. */
function sentence(name: string): string {
  const found = sentences.find(([pattern]) => pattern.test(name));
  return found ? name.replace(...found).trim() : name;
}
