// Takes the place of `@playwright/test` while the light judge loads specs: the same tests and fixtures, without a browser.
// It knows what specs use of Playwright, and nothing else: test, extend, info, setTimeout, attachments, fixtures by scope.
import { AsyncLocalStorage } from "node:async_hooks";
import { NotJudged } from "../../fixtures/errors.ts";
import { constant, type Fixtures, parametersOf, type Registry, registryOf } from "./fixtures.ts";

/** One test as a spec file declared it. */
export interface Declared {
  readonly title: string;
  readonly tags: readonly string[];
  readonly body: (given: object, info: Info) => unknown;
  /** The names of the fixtures that it uses. */
  readonly uses: readonly string[];
  /** All fixtures that are defined for it. */
  readonly registry: Registry;
}

/** What Playwright's `TestInfo` offers to our own fixtures and assertions. */
export interface Info {
  readonly title: string;
  readonly tags: readonly string[];
  readonly testId: string;
  readonly attachments: { readonly name: string; readonly body: string }[];
  status: "passed" | "failed" | "timedOut";
  expectedStatus: string;
  readonly errors: { readonly message: string }[];
  timeout: number;
  attach(name: string, what: { readonly body: string }): Promise<void>;
}

interface Details {
  readonly tag?: readonly string[];
}

let declared: Declared[] = [];
const current = new AsyncLocalStorage<Info>();

/** The tests that spec files have declared since the last call. */
export function takeDeclared(): readonly Declared[] {
  const all = declared;
  declared = [];
  return all;
}

/** Runs the body of a test: within it, `test.info()` and `test.setTimeout()` mean this test. */
export const during = <T>(info: Info, body: () => Promise<T>): Promise<T> => current.run(info, body);

function running(): Info {
  const info = current.getStore();
  if (!info) throw new Error("This is a bug in the suite: used outside of a test");
  return info;
}

function testWith(registry: Registry) {
  const declare = (title: string, details: Details, body: Declared["body"]) => {
    declared.push({ title, tags: details.tag ?? [], body, uses: parametersOf(body), registry });
  };
  return Object.assign(declare, {
    extend: (more: Fixtures) => testWith(registryOf(more, registry)),
    info: running,
    setTimeout: (ms: number) => {
      running().timeout = ms;
    },
  });
}

const needsBrowser = (): never => {
  throw new NotJudged("needs a browser");
};

/** A page that can be passed on, set up and listened to (nothing is ever heard), but not used: using it needs a browser. */
const noPage: object = new Proxy(
  {},
  {
    get: (_, key) => {
      if (key === "on" || key === "setDefaultTimeout") return () => noPage;
      return key === "then" || typeof key === "symbol" ? undefined : needsBrowser();
    },
  },
);

export const test = testWith(
  new Map([
    ["page", constant("page", noPage, "test")],
    ["playwright", constant("playwright", noPage, "worker")],
  ]),
);

/** Assertions about pages: without a browser there is nothing to assert. */
export const expect = needsBrowser;
export const chromium = noPage;
