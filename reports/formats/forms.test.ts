// Every form agrees with the document of the run, row by row, and is what its readers expect: Heimdall's own library for HDF, the
// grammars of CSV and Prometheus, the references inside OSCAL and in-toto.
import { expect, test } from "@playwright/test";
import { convertFileContextual, isContextualizedEvaluation } from "inspecjs";
import { sha256 } from "../run/build.ts";
import { cleanRun, runText } from "../run/file.ts";
import { isJudged, judgedTargets, type Run } from "../run/run.ts";
import { sampleRequirement, sampleRun, sampleTarget } from "../run/sample-run.ts";
import { withWaivers } from "../run/waivers.ts";
import { type FormatName, formatNames, formats } from "./index.ts";

const waiver = {
  ...{
    requirement: "STO-002",
    target: "prod",
    reason: "the old site",
    risk: "it is seen",
    owner: "platform",
  },
  ...{ approver: "J. Okafor", ticket: "OPS-1", expires: "2026-12-31" },
};
const hostile = `=1+2 "q", \\ \u001b[31m \u202e \ud800 😀 <b> {x="y"}\r\nnext`;
const plain = cleanRun(sampleRun());
const waived = cleanRun(withWaivers(sampleRun(), [waiver], new Date("2026-03-01T00:00:00Z")));
const nasty = sampleRun({
  targets: [
    sampleTarget(hostile, {
      requirements: [
        sampleRequirement("STO-001", {
          verdict: "fail",
          seen: hostile,
          reason: hostile,
          statement: hostile,
          title: hostile,
        }),
      ],
    }),
  ],
});
const runs: Readonly<Record<string, Run>> = { plain, waived, nasty };

/** `target/id` with its verdict, as the document has it. */
const truth = (run: Run): string[] =>
  judgedTargets(run).flatMap(({ target, requirements }) =>
    requirements.map(({ id, verdict }) => `${target}/${id} ${verdict}`),
  );

/** RFC 4180, strictly: every cell in quotes. */
function cellsOf(text: string): string[][] {
  expect(text.endsWith("\r\n")).toBe(true);
  return text
    .slice(0, -2)
    .split("\r\n")
    .map((line) => {
      expect(line).toMatch(/^[^",]+(,[^",]+)*$|^"(?:[^"]|"")*"(,"(?:[^"]|"")*")*$/);
      return [...line.matchAll(/"((?:[^"]|"")*)"(?:,|$)|([^",]+)(?:,|$)/g)].map(([, quoted, bare]) =>
        (quoted ?? bare ?? "").replaceAll('""', '"'),
      );
    });
}

test("CSV: a row for each requirement, with its verdict, and one for a target without a result", () => {
  for (const run of [plain, waived]) {
    const [head = [], ...rows] = cellsOf(formats.csv(run));
    const at = (row: string[], name: string) => row[head.indexOf(name)];
    const judged = rows.filter((row) => at(row, "verdict") !== "no result");
    expect(
      judged.map((row) => `${at(row, "target")}/${at(row, "requirement")} ${at(row, "verdict")}`),
    ).toEqual(truth(run));
    expect(rows.filter((row) => at(row, "verdict") === "no result").map((row) => at(row, "target"))).toEqual([
      "gone",
    ]);
  }
});

test("CSV: no cell is a formula, whatever a target says", () => {
  const cells = cellsOf(formats.csv(nasty)).flat();
  expect(cells.some((text) => text.startsWith("'=1+2"))).toBe(true);
  expect(cells.filter((text) => /^\s*[=+\-@\t\r]/.test(text))).toEqual([]);
  for (const sign of ["=", "+", "-", "@", "\t=", " @"]) {
    const run = sampleRun({
      targets: [sampleTarget("t", { requirements: [sampleRequirement("STO-001", { title: `${sign}cmd` })] })],
    });
    expect(
      cellsOf(formats.csv(run))
        .flat()
        .filter((text) => /^\s*[=+\-@]/.test(text)),
      sign,
    ).toEqual([]);
  }
});

const statusOf: Readonly<Record<string, string>> = {
  ...{
    pass: "Passed",
    fail: "Failed",
    unknown: "Profile Error",
    "not judged": "Not Reviewed",
    pending: "Not Reviewed",
  },
  waived: "Not Applicable",
};

test("HDF: Heimdall's library reads it, and shows each requirement as the document has it", () => {
  for (const run of [plain, waived, nasty]) {
    const read = convertFileContextual(formats.hdf(run));
    if (!isContextualizedEvaluation(read)) throw new Error("no evaluation");
    const shown = read.contains.map((profile) =>
      profile.contains.map(({ hdf }) => `${hdf.wraps.id} ${hdf.status}`),
    );
    expect(shown).toEqual(
      run.targets.map((one) =>
        isJudged(one)
          ? one.requirements.map(({ id, verdict }) => `${id} ${statusOf[verdict]}`)
          : ["target Profile Error"],
      ),
    );
  }
});

test("HDF: a waived failure keeps its failed check, and says who accepted it", () => {
  const { profiles } = JSON.parse(formats.hdf(waived)) as {
    profiles: { controls: Record<string, unknown>[] }[];
  };
  const control = profiles[0]?.controls.find(({ id }) => id === "STO-002");
  expect(JSON.stringify(control?.results)).toContain('"failed"');
  expect(JSON.stringify(control?.waiver_data)).toContain("OPS-1, J. Okafor");
});

interface Oscal {
  readonly uuid: string;
  readonly metadata: { readonly "oscal-version": string };
  readonly results: {
    readonly title: string;
    readonly uuid: string;
    readonly observations?: { uuid: string }[];
    readonly risks?: { uuid: string }[];
    readonly findings?: {
      uuid: string;
      props: { value: string }[];
      target: { "target-id": string; status: { state: string } };
      "related-observations": { "observation-uuid": string }[];
      "related-risks"?: { "risk-uuid": string }[];
    }[];
  }[];
}

test("OSCAL: a finding for each requirement that was judged; only a pass is satisfied; every reference leads somewhere", () => {
  for (const run of [plain, waived]) {
    const text = formats.oscal(run);
    const document = (JSON.parse(text) as { "assessment-results": Oscal })["assessment-results"];
    const findings = document.results.flatMap(({ title, findings = [] }) =>
      findings.map((one) => ({ title, one })),
    );
    expect(
      findings.map(({ title, one }) => `${title}/${one.target["target-id"]} ${one.props[0]?.value}`),
    ).toEqual(truth(run).filter((line) => !/ (not judged|pending)$/.test(line)));
    for (const { one } of findings)
      expect(one.target.status.state).toBe(one.props[0]?.value === "pass" ? "satisfied" : "not-satisfied");
    const uuids = document.results.flatMap((result) =>
      [result, ...(result.observations ?? []), ...(result.risks ?? []), ...(result.findings ?? [])].map(
        ({ uuid }) => uuid,
      ),
    );
    expect(new Set(uuids).size).toBe(uuids.length);
    for (const id of [document.uuid, ...uuids])
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const named = findings.flatMap(({ one }) => [
      ...one["related-observations"].map((each) => each["observation-uuid"]),
      ...(one["related-risks"] ?? []).map((each) => each["risk-uuid"]),
    ]);
    for (const id of named) expect(uuids).toContain(id);
    expect(text.includes("deviation-approved")).toBe(run === waived);
    // The waiver is in force until the end of that day.
    expect(text.includes('"deadline": "2027-01-01T00:00:00.000Z"')).toBe(run === waived);
    expect(document.metadata["oscal-version"], "as docs/reports.md says").toBe("1.1.2");
  }
});

/** A sample line of Prometheus's text format 0.0.4, as its documentation defines it. */
const sample =
  /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (-?[0-9.]+(?:e[+-]?\d+)?)$/;

test("Prometheus: every line is in the format, no series is there twice, and the verdicts agree", () => {
  for (const run of Object.values(runs)) {
    const lines = formats
      .prometheus(run)
      .trimEnd()
      .split("\n")
      .filter((line) => !line.startsWith("# "));
    const read = lines.map((line) => {
      const [, name, labels = ""] = sample.exec(line) ?? [];
      expect(name, line).toBeDefined();
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = "", value = ""]) => [
        key,
        value.replaceAll(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char)),
      ]);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string> };
    });
    expect(new Set(lines.map((line) => line.replace(/ \S+$/, ""))).size).toBe(lines.length);
    const rows = read
      .filter(({ name }) => name === "phoenix_requirement")
      .map(({ labels }) => `${labels.target}/${labels.requirement} ${labels.verdict}`);
    expect(rows.map((line) => line.toWellFormed())).toEqual(truth(run).map((line) => line.toWellFormed()));
  }
});

test("in-toto: a statement about this document; what could not be told has failed, what is waived is a warning", () => {
  for (const [run, result] of [
    [plain, "FAILED"],
    [waived, "FAILED"],
    [sampleRun({ exitCode: 0, verdict: "pass", targets: [plain.targets[1] as never] }), "PASSED"],
  ] as const) {
    const { _type, subject, predicateType, predicate } = JSON.parse(formats["in-toto"](run));
    expect([_type, predicateType, predicate.result]).toEqual([
      "https://in-toto.io/Statement/v1",
      "https://in-toto.io/attestation/test-result/v0.1",
      result,
    ]);
    expect(`sha256:${subject[0].digest.sha256}`).toBe(sha256(runText(run)));
    const of = (...wanted: string[]) =>
      truth(run).flatMap((line) =>
        wanted.flatMap((word) => (line.endsWith(` ${word}`) ? line.slice(0, -word.length - 1) : [])),
      );
    expect(predicate.passedTests).toEqual(of("pass"));
    expect(predicate.warnedTests).toEqual(of("waived"));
    const gone = run.targets.filter((one) => !isJudged(one)).map(({ target }) => target);
    expect(predicate.failedTests).toEqual([...of("fail", "unknown"), ...gone]);
  }
});

test("JUnit and SARIF agree with the document", () => {
  for (const run of [plain, waived]) {
    const suites = formats.junit(run).split("<testsuite ").slice(1);
    const shown = suites.flatMap((suite, at) =>
      [
        ...suite.matchAll(
          /classname="run.requirement" name="(\S+)[^"]*"(?:\/>|>(<failure|<error|<skipped message="(\w+)))/g,
        ),
      ].map(
        ([, id, inside, word]) =>
          `${run.targets[at]?.target}/${id} ${inside === undefined ? "pass" : inside === "<failure" ? "fail" : inside === "<error" ? "unknown" : word}`,
      ),
    );
    const expected = truth(run).map((line) => line.replace(/ (not judged|pending)$/, " not"));
    expect(shown).toEqual(expected);
    const red = JSON.parse(formats.sarif(run)).runs.map(
      (one: {
        invocations: { toolExecutionNotifications: { level: string; descriptor: { id: string } }[] }[];
      }) =>
        one.invocations[0]?.toolExecutionNotifications
          .filter(({ level }) => level === "error")
          .map(({ descriptor }) => descriptor.id),
    );
    const failing = run.targets.map((one) =>
      isJudged(one) ? one.requirements.filter(({ verdict }) => verdict === "fail").map(({ id }) => id) : [],
    );
    expect(red).toEqual(failing);
  }
});

for (const name of formatNames)
  test(`${name}: the same run gives the same bytes, and no control character of a target is in them`, () => {
    for (const run of Object.values(runs)) {
      const again = JSON.parse(JSON.stringify(run)) as Run;
      expect(formats[name](run)).toBe(formats[name](again));
    }
    if (name === "json" || name === "prometheus") return; // JSON escapes them; Prometheus has labels byte by byte
    const text = formats[name as FormatName](nasty);
    expect(text.isWellFormed()).toBe(true);
    expect(text.replaceAll(/[\n\r]/g, "")).not.toMatch(/[\p{Cc}\u202e]/u);
  });
