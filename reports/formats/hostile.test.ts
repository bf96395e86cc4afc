// Reports of a hostile or a huge tree: every format stays valid, and only a requirement that holds is a pass.
import { expect, test } from "@playwright/test";
import type { Finding, Report, ReportRow } from "../report/report.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { page } from "./page.ts";
import { sarif } from "./sarif.ts";
import { cut, oneLine } from "./words.ts";

const hostile = `"><script>| \`x\` ]]> \u0000\u001b]0;t\u0007\u009b2J\u202e \ud800 😀 @all #12 www.a.b https://a.b\r\nnext`;
const finding = (more: Partial<Finding> = {}): Finding => ({
  ...{ rule: "STO-001", severity: "must", expected: "a", found: "b", change: "new", line: 3, ...more },
});
const report = (findings: readonly Finding[], more: Partial<Report> = {}): Report => ({
  ...{ format: 1, tree: "t", base: "main", mode: "static", ms: 1, verdict: "fail", unknown: [] },
  ...{ findings, rows: [], ...more },
});
const everywhere = { rule: hostile, file: hostile, expected: hostile, found: hostile, next: hostile };
const worst = report(
  (["new", "left", "fixed"] as const).map((change) => finding({ ...everywhere, change })),
  {
    ...{ tree: hostile, base: hostile, unknown: [{ rule: hostile, reason: hostile, next: hostile }] },
    rows: [{ id: hostile, title: hostile, verdict: "fail", levels: [] }],
  },
);
const plain = { width: 100, colour: false };
/** Every string of a document, however deep. */
const stringsOf = (value: unknown): string[] =>
  typeof value === "string"
    ? [value]
    : Object.values((value ?? {}) as Record<string, unknown>)
        .filter((part) => typeof part === "string" || typeof part === "object")
        .flatMap(stringsOf);
const outputs = {
  page: (about: Report) => page(about, plain),
  ...{ junit, markdown, sarif: (about: Report) => JSON.stringify(sarif(about)) },
};

for (const [name, output] of Object.entries(outputs)) {
  test(`${name}: no control character, no bidirectional override, no half of a surrogate pair, in any field`, () => {
    const text = output(worst);
    const shown = name === "sarif" ? stringsOf(JSON.parse(text)).join("") : text;
    expect(shown.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(shown.isWellFormed()).toBe(true);
  });

  test(`${name}: ten thousand findings give the same text twice`, () => {
    const many = report(Array.from({ length: 10_000 }, (_, index) => finding({ found: `${index}` })));
    expect(output(many)).toBe(output(many));
    // More than the limit for the arguments of a call.
    const more = report(Array.from({ length: 70_000 }, () => finding()));
    expect(output(more)).toContain("STO-001");
  });
}

test("text is never cut inside a character", () => {
  expect(oneLine(`a\u2028b\u2066c\u00a0d`)).toBe("a<U+2028>b<U+2066>c<U+00A0>d");
  expect(cut("ab😀c", 4)).toBe("ab…");
  const faces = `x${"😀".repeat(300)}`;
  expect(markdown(report([finding({ found: faces })])).isWellFormed()).toBe(true);
  expect(page(report([finding({ found: faces })]), { ...plain, width: 40 }).isWellFormed()).toBe(true);
});

test("Markdown has no mentions and no links, also in the rendered text", () => {
  const shown = markdown(worst).replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(+code));
  expect(shown).toContain("@\u200ball");
  expect(shown).not.toMatch(/@\w|#\d|https?:\/|www\.\w/);
  expect(markdown(worst)).not.toMatch(/<script|`x/);
});

test("Markdown that is cut keeps every heading, closes every element, and counts the missing lines", () => {
  for (let length = 0; length < 60; length++) {
    const findings = [
      ...Array.from({ length: 380 }, () => finding({ found: "z".repeat(length) })),
      finding({ change: "fixed" }),
      ...Array.from({ length: 600 }, () => finding({ change: "left" })),
    ];
    const text = markdown(report(findings));
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text).toMatch(/Newly broken: 380.*Newly fixed: 1\n.*Left as it was: 600.*\n<\/details>\n/s);
    const shown = text.match(/<code>STO-001/g)?.length ?? 0;
    const missing = Number(/(\d+) more lines did not fit/.exec(text)?.[1] ?? 0);
    expect(shown + missing).toBe(findings.length);
  }
});

test("JUnit: only a requirement that was judged and holds is a pass", () => {
  const said = (verdict: ReportRow["verdict"], base?: string) => {
    const { base: _, ...without } = report([]);
    const rows = [{ id: "STO-001", title: "a path", verdict, levels: [] }];
    const text = junit({ ...without, ...(base !== undefined && { base }), rows });
    return /<testcase classname="gate.requirement"[^>]*?(?:\/>|>(.*?)<\/testcase>)/.exec(text)?.[1];
  };
  expect(said("pass")).toBeUndefined();
  expect(said("unknown")).toMatch(/^<error /);
  expect(said("unknown", "main")).toMatch(/^<error /);
  expect(said("pending")).toMatch(/^<skipped /);
  expect(said("waived")).toMatch(/^<skipped /);
  expect(said("not judged")).toMatch(/^<skipped /);
  expect(said("fail")).toMatch(/^<failure /);
  // A finding of the base is no failure of this change.
  expect(said("fail", "main")).toBeUndefined();
});

test("JUnit has the place with line and column, and what to do next", () => {
  const text = junit(report([finding({ file: "a.json", column: 7, next: "edit it" })]));
  expect(text).toContain(">a.json:3:7\nexpected a\nfound    b\nnext     edit it</failure>");
});

test("SARIF: a line number in the text does not change the fingerprint", () => {
  const print = (line: number) =>
    JSON.stringify(sarif(report([finding({ file: "a.sh", found: `line ${line}: unexpected end` })])));
  expect(print(7).replace("line 7", "line 9")).toBe(print(9));
});
