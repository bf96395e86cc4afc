// What was changed on a target by others than this suite: its files differ from those of the run before, and its journal says nothing.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile, parseJson } from "../../fixtures/schema.ts";
import { sha256 } from "../run/build.ts";
import { lastOf } from "../run/run.ts";
import type { History, Whole } from "./collect.ts";
import { type Html, html } from "./html.ts";
import { clockOf } from "./times.ts";

const mostNamed = 10;

/** The part of evidence that is read here. */
interface Looked {
  readonly places: Readonly<
    Record<string, { readonly answers?: Readonly<Record<string, { readonly digest?: string }>> }>
  >;
}

const check = compile<Looked>("evidence file", {
  type: "object",
  required: ["places"],
  properties: {
    places: {
      type: "object",
      additionalProperties: {
        type: "object",
        properties: {
          answers: {
            type: "object",
            additionalProperties: { type: "object", properties: { digest: { type: "string" } } },
          },
        },
      },
    },
  },
});

/** The evidence beside a result, if it is the one that was judged. */
function evidenceOf({ folder, target }: Whole): Looked | undefined {
  const file = join(folder, "evidence.json");
  const [only, ...others] = target.evidence;
  if (!only || others.length > 0 || !existsSync(file)) return undefined;
  try {
    const bytes = readFileSync(file);
    return sha256(bytes) === only.digest ? check(parseJson(bytes.toString(), file), { file }) : undefined;
  } catch {
    return undefined;
  }
}

/** What a kernel writes changes by itself. */
const isFile = (question: string) =>
  question.startsWith("file /") && !/^file \/(?:proc|sys|run|var)\//.test(question);

/** `hypervisor: /etc/hosts`: the files that both looked at, and that differ. */
function filesThatDiffer(earlier: Whole, now: Whole): string[] {
  const [before, after] = [evidenceOf(earlier), evidenceOf(now)];
  if (!before || !after) return [];
  return Object.entries(after.places).flatMap(([place, { answers = {} }]) => {
    const old = before.places[place]?.answers ?? {};
    return Object.entries(answers).flatMap(([question, { digest }]) => {
      const was = old[question]?.digest;
      const differs = was !== undefined && digest !== undefined && was !== digest;
      return differs && isFile(question) ? [`${place}: ${question.slice("file ".length)}`] : [];
    });
  });
}

/** Requirements that failed by evidence alone, and that as much evidence no longer shows to fail. */
function noLongerFailing(earlier: Whole, now: Whole): { readonly id: string; readonly title: string }[] {
  if (earlier.target.allowed.join() !== now.target.allowed.join()) return [];
  const failed = new Set(
    earlier.target.requirements.flatMap(({ id, verdict }) => (verdict === "fail" ? [id] : [])),
  );
  return now.target.requirements.filter(
    (one) =>
      failed.has(one.id) &&
      (one.verdict === "pass" ||
        (one.verdict === "not judged" && /^needs [a-z-]+(?:, [a-z-]+)*$/.test(lastOf(one).reason))),
  );
}

/** The journal of both is known, and has no entry that is new or another one. */
function nothingApplied(earlier: Whole, now: Whole): boolean {
  const [before, after] = [earlier.target.journal, now.target.journal];
  if (!before || !after || before.unread !== undefined || after.unread !== undefined) return false;
  return JSON.stringify(before) === JSON.stringify(after);
}

const known = new WeakMap<History, Html[]>();

/** A card for "What was changed"; none if nothing is known to have been changed by others. */
export function outsideChange(history: History): readonly Html[] {
  const found = known.get(history) ?? lookFor(history);
  known.set(history, found);
  return found;
}

function lookFor(history: History): Html[] {
  const { earlier, now } = history;
  if (!earlier || !now || now.target.plan || !nothingApplied(earlier, now)) return [];
  const files = filesThatDiffer(earlier, now);
  const mended = noLongerFailing(earlier, now);
  if (files.length === 0 && mended.length === 0) return [];
  const since = clockOf(history)(earlier.run.startedAt);
  const more = files.length > mostNamed ? html`<li>and ${files.length - mostNamed} more</li>` : html``;
  return [
    html`<div id="outside" class="card"><p><strong>Changed since the run of ${since}, and not by this suite:</strong> its journal there has no new entry. By whom, these documents do not say.</p><ul>
${files.slice(0, mostNamed).map((file) => html`<li>this file differs: <code>${file}</code></li>`)}${more}
${mended.map(({ id, title }) => html`<li><a href="#${id}">${id}</a> ${title}: failed in the run before; that fault is no longer found</li>`)}</ul></div>`,
  ];
}
