// Damaged copies of a JSON document, for checks of its schema: each has one member less, one too many, or one of another kind.

/** One damaged copy, and what was done to it. */
export interface Damaged {
  readonly how: string;
  readonly value: unknown;
}

type Path = readonly (string | number)[];

const odd = [null, 7, "", " ", "a\nb", "two words", [], {}] as const;

/** Every copy in which one value was removed or replaced, or one object has a member more. Of a list, only the first entry. */
export function* damaged(document: unknown, path: Path = []): Generator<Damaged> {
  const here = at(document, path);
  const where = path.join("/") || "the document";
  if (path.length > 0) {
    yield { how: `${where} is removed`, value: changed(document, path) };
    for (const value of odd)
      yield { how: `${where} is ${JSON.stringify(value)}`, value: changed(document, path, value) };
  }
  if (typeof here !== "object" || here === null) return;
  if (!Array.isArray(here))
    yield { how: `${where} has a member "more"`, value: changed(document, path, { ...here, more: "x" }) };
  const keys = Array.isArray(here) ? Object.keys(here).slice(0, 1).map(Number) : Object.keys(here);
  for (const key of keys) yield* damaged(document, [...path, key]);
}

const at = (document: unknown, path: Path): unknown =>
  path.reduce((inner, key) => (inner as Record<string | number, unknown>)[key], document);

/** A copy with the value at a path replaced; removed, if none is given. */
function changed(document: unknown, path: Path, ...value: readonly unknown[]): unknown {
  const last = path.at(-1);
  if (last === undefined) return value[0];
  const copy = structuredClone(document);
  const parent = at(copy, path.slice(0, -1)) as Record<string | number, unknown>;
  if (value.length > 0) parent[last] = value[0];
  else if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete parent[last];
  return copy;
}
