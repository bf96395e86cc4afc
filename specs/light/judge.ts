// The light judge: runs the requirements' own tests, in the spec files as they are, without a test runner and a browser.
// What needs a browser, and what acts on the target, it leaves: such a row is "not judged" unless its evidence is red.
import { readdirSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Evidence } from "../../fixtures/evidence/evidence.ts";
import type { Check } from "../../fixtures/judgement.ts";
import type { Action, Target } from "../../fixtures/target/inventory.ts";
import { inTime, nextTurn } from "../../fixtures/time-limit.ts";
import type { RunFiles } from "../test.ts";
import { constant, Scope } from "./fixtures.ts";
import { type Declared, during, type Info, takeDeclared } from "./playwright.ts";

/** The result of a requirement's test, as a reporter of Playwright would give it. */
export interface LightOutcome {
  readonly id: string;
  readonly role: "requirement";
  readonly title: string;
  readonly status: "passed" | "failed" | "timedOut";
  readonly expectedRed: false;
  readonly checks?: readonly Check[];
  readonly messages: readonly string[];
  readonly ms: number;
}

/** What is judged. */
export interface Given {
  readonly target: Target;
  readonly evidence: Evidence;
  readonly files: RunFiles;
  /** The run's folder; none if the run writes no file. */
  readonly run?: string;
  /** Every action that a test could take: the light judge takes none. */
  readonly withhold: readonly Action[];
}

const specs = join(import.meta.dirname, "..");
const usualMs = 60_000;

/** The spec files that have been loaded, with their tests. */
export type Loaded = readonly Declared[];

/**
 * Loads the spec files of these requirements, or all. Later imports of `@playwright/test` in this process get the light one.
 * @throws Error if a file can't be loaded, or declares no test.
 */
export async function loadSpecs(only?: readonly string[]): Promise<Loaded> {
  useLightPlaywright();
  const names = readdirSync(specs, { recursive: true, encoding: "utf8" }).filter((name) =>
    /^[^/]+\/[A-Z]{3}-\d{3}-[^/]*\.spec\.ts$/.test(name),
  );
  const chosen = only === undefined ? names : names.filter((name) => only.includes(idIn(name)));
  for (const name of chosen.sort()) await import(pathToFileURL(join(specs, name)).href);
  return takeDeclared().filter(({ tags }) => tags.includes("@requirement"));
}

/** The requirements whose tests use a page, directly or through another fixture. */
export function opensPage(tests: Loaded): string[] {
  const uses = (registry: Declared["registry"], name: string): boolean =>
    name === "page" || (registry.get(name)?.uses ?? []).some((one) => one !== name && uses(registry, one));
  return tests
    .filter((test) => test.uses.some((name) => uses(test.registry, name)))
    .map(({ title }) => idIn(title));
}

const idIn = (name: string) => /[A-Z]{3}-\d{3}/.exec(name)?.[0] ?? "";

let hooked = false;

function useLightPlaywright(): void {
  if (hooked) return;
  hooked = true;
  const light = new URL("playwright.ts", import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "@playwright/test" ? { url: light, shortCircuit: true } : next(specifier, context),
  });
}

/** Judges evidence by the tests of these specs, one after the other. Changes nothing anywhere. */
export async function judgeLightly(tests: Loaded, given: Given): Promise<LightOutcome[]> {
  const outcomes: LightOutcome[] = [];
  const workers = new Map<Declared["registry"], Scope>();
  for (const test of tests) {
    const registry = workers.get(test.registry) ?? new Scope(overriding(test.registry, given));
    workers.set(test.registry, registry);
    // Judging waits for nothing: without this, no signal would be seen before its end.
    await nextTurn();
    outcomes.push(await outcomeOf(test, given, registry));
  }
  for (const worker of workers.values()) await worker.end();
  return outcomes;
}

/** The same fixtures, with what is given in the place of what Playwright's configuration and files would give. */
function overriding(registry: Declared["registry"], { target, evidence, files, run = "", withhold }: Given) {
  const kept = { ...target, allows: target.allows.filter((action) => !withhold.includes(action)) };
  const own = { target: kept, evidence, files, run, withhold };
  const values = Object.entries(own).map(([name, value]) => [name, constant(name, value, "worker")] as const);
  return new Map([...registry, ...values]);
}

async function outcomeOf(test: Declared, given: Given, worker: Scope): Promise<LightOutcome> {
  const began = performance.now();
  const info = infoOf(test);
  const auto = [...test.registry.values()].filter((fixture) => fixture.auto).map(({ name }) => name);
  const scope = new Scope(overriding(test.registry, given), worker);
  const failed = (error: unknown) => {
    info.errors.push({ message: messageOf(error) });
    if (info.status === "passed") info.status = "failed";
  };
  await during(info, async () => {
    try {
      await scope.make(auto, info);
      const fixtures = await scope.make(test.uses, info);
      // A test may move its own limit while it runs.
      await inTime(
        () => info.timeout,
        async () => test.body(fixtures, info),
        (ms) => new TookTooLong(`the test took more than ${ms} ms`),
      );
    } catch (error) {
      failed(error);
      if (error instanceof TookTooLong) info.status = "timedOut";
    }
    for (const error of await scope.end()) failed(error);
  });
  const checks = info.attachments
    .filter(({ name }) => name === "checks")
    .flatMap(({ body }) => JSON.parse(body) as Check[]);
  const attached = info.attachments.some(({ name }) => name === "checks");
  return {
    ...{
      id: idIn(test.title),
      role: "requirement",
      title: test.title,
      status: info.status,
      expectedRed: false,
    },
    ...(attached && { checks }),
    ...{ messages: info.errors.map(({ message }) => message), ms: Math.round(performance.now() - began) },
  };
}

function infoOf({ title, tags }: Declared): Info {
  const attachments: Info["attachments"] = [];
  return {
    ...{ title, tags, testId: idIn(title), attachments, errors: [], timeout: usualMs },
    ...{ status: "passed", expectedStatus: "passed" },
    attach: async (name, { body }) => void attachments.push({ name, body }),
  };
}

class TookTooLong extends Error {}

/** As Playwright writes it: the name of the error, and its message. */
const messageOf = (error: unknown) =>
  error instanceof Error ? `${error.name}: ${error.message}` : String(error);
