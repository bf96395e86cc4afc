// Fixtures as Playwright has them: made when a test first needs them, in the order of their parameters, and torn down in reverse.

type Use = (value: unknown) => Promise<void>;
type Make = (given: object, use: Use, info: object) => unknown;

/** As the argument of `test.extend`: a value, a function, or either of them with options. */
export type Fixtures = Readonly<Record<string, unknown>>;

/** One fixture by its name. */
export interface Fixture {
  readonly name: string;
  readonly make: Make;
  readonly uses: readonly string[];
  readonly worker: boolean;
  /** Made for every test. */
  readonly auto: boolean;
}

export type Registry = ReadonlyMap<string, Fixture>;

/** The fixtures of `more`, with those of `base` that it does not redefine. */
export function registryOf(more: Fixtures, base: Registry = new Map()): Registry {
  return new Map([
    ...base,
    ...Object.entries(more).map(([name, given]) => [name, fixture(name, given)] as const),
  ]);
}

/** A fixture that is this value. */
export function constant(name: string, value: unknown, scope: "test" | "worker"): Fixture {
  const make: Make = async (_, use) => use(value);
  return { name, make, uses: [], worker: scope === "worker", auto: false };
}

function fixture(name: string, given: unknown): Fixture {
  const withOptions = Array.isArray(given) && given.length === 2 && isOptions(given[1]);
  const [value, { scope = "test", auto = false }] = withOptions
    ? (given as [unknown, Options])
    : [given, {} as Options];
  const make: Make = typeof value === "function" ? (value as Make) : async (_, use) => use(value);
  const uses = typeof value === "function" ? parametersOf(value) : [];
  return { name, make, uses, worker: scope === "worker", auto: auto === true };
}

interface Options {
  readonly scope?: "test" | "worker";
  readonly auto?: boolean;
}

const isOptions = (it: unknown) =>
  typeof it === "object" && it !== null && ["scope", "auto", "option"].some((key) => key in it);

/**
 * The names that a function takes out of its first parameter: `["a", "b"]` for `async ({ a, b: _ }) => …`.
 * @throws Error if the first parameter is no pattern: Playwright refuses such a test too.
 */
// biome-ignore lint/complexity/noBannedTypes: any function.
export function parametersOf(made: Function): string[] {
  const [, pattern] = /^[^(]*\(\s*(?:\{([^{}]*)\}|\))/.exec(made.toString()) ?? [];
  if (pattern === undefined && !/^[^(]*\(\s*\)/.test(made.toString()))
    throw new Error(`This is a bug in the suite: fixtures can't be read: ${made.toString().slice(0, 100)}`);
  const names = (pattern ?? "").split(",").map((part) => part.split(":")[0]?.trim() ?? "");
  return names.filter((name) => name !== "");
}

/** Fixtures that were made for one scope, and how they are torn down. */
export class Scope {
  readonly #registry: Registry;
  readonly #worker: Scope | undefined;
  readonly #values = new Map<string, unknown>();
  readonly #ends: (() => Promise<void>)[] = [];

  /** A scope of a test has the worker's scope, which makes and keeps fixtures for all tests. */
  constructor(registry: Registry, worker?: Scope) {
    this.#registry = registry;
    this.#worker = worker;
  }

  /** The values of these fixtures, each made with those that it uses. @throws what a fixture throws. */
  async make(names: readonly string[], info: object): Promise<Record<string, unknown>> {
    const given: Record<string, unknown> = {};
    for (const name of names) given[name] = await this.#value(name, info);
    return given;
  }

  async #value(name: string, info: object): Promise<unknown> {
    const one = this.#registry.get(name);
    if (!one) throw new Error(`This is a bug in the suite: no fixture "${name}"`);
    if (one.worker && this.#worker) return this.#worker.#value(name, info);
    if (this.#values.has(name)) return this.#values.get(name);
    const given = await this.make(one.uses, info);
    const made = Promise.withResolvers<unknown>();
    const over = Promise.withResolvers<void>();
    const whole = Promise.resolve().then(() =>
      one.make(
        given,
        (value) => {
          made.resolve(value);
          return over.promise;
        },
        info,
      ),
    );
    whole.then(() => made.reject(new Error(`fixture "${name}" was not made`)), made.reject);
    const value = await made.promise;
    this.#values.set(name, value);
    this.#ends.push(async () => {
      over.resolve();
      await whole;
    });
    return value;
  }

  /** Tears all of them down, latest first. @returns what they threw. */
  async end(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (const end of this.#ends.splice(0).reverse()) await end().catch((error) => errors.push(error));
    return errors;
  }
}
