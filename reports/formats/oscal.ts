// A run as OSCAL assessment results: one result for each target, one finding for each requirement that was judged.
import { createHash } from "node:crypto";
import { wordsOf } from "../run/build.ts";
import {
  isJudged,
  lastOf,
  type Run,
  type RunRequirement,
  type RunTarget,
  type Trouble,
  type Waiver,
} from "../run/run.ts";
import { endOf } from "../run/waivers.ts";
import { clean, oneLine } from "./words.ts";

/** The document. Its UUIDs follow from the run: the same run gives the same ones. */
export function oscal(run: Run): object {
  const end = new Date(Date.parse(run.startedAt) + run.ms).toISOString();
  return {
    "assessment-results": {
      uuid: uuid(run, "assessment-results"),
      metadata: {
        title: "Phoenix acceptance",
        "last-modified": end,
        version: run.tool.version,
        "oscal-version": "1.1.2",
        props: [
          prop("register", run.register.digest),
          prop("command", run.command),
          prop("verdict", run.verdict),
        ],
      },
      // The register is the plan of the assessment; it is in the back matter, by its digest.
      "import-ap": { href: `#${uuid(run, "register")}` },
      results: run.targets.map((one) => (isJudged(one) ? resultOf(run, one, end) : troubleOf(run, one, end))),
      "back-matter": {
        resources: [
          {
            uuid: uuid(run, "register"),
            title: "The register of requirements",
            description: `${run.register.requirements} requirements, ${run.register.digest}`,
          },
        ],
      },
    },
  };
}

function resultOf(run: Run, one: RunTarget, end: string): object {
  const judged = one.requirements.filter(isTold);
  const left = one.requirements.filter((row) => !isTold(row));
  const of = (what: string) => uuid(run, `${one.target}\0${what}`);
  const ids = (rows: readonly RunRequirement[]) => rows.map(({ id }) => ({ "control-id": id }));
  const waived = judged.flatMap((row) => (row.waiver ? [{ row, waiver: row.waiver }] : []));
  return {
    uuid: of("result"),
    title: oneLine(one.target) || "target",
    description: `${one.kind} ${oneLine(one.target)}, deployment ${one.deployment}: ${one.verdict}`,
    ...{ start: one.startedAt, end },
    props: [prop("verdict", one.verdict), prop("deployment", one.deployment)],
    "reviewed-controls": {
      "control-selections": [
        {
          // All but those that are left: none.
          ...(judged.length > 0 ? { "include-controls": ids(judged) } : { "include-all": {} }),
          ...(left.length > 0 ? { "exclude-controls": ids(left) } : {}),
        },
      ],
    },
    ...(judged.length > 0 && {
      observations: judged.map((row) => ({
        uuid: of(`observation ${row.id}`),
        title: `${row.id}: ${oneLine(row.title)}`,
        description: clean(lastOf(row).seen || row.statement),
        methods: ["TEST"],
        collected: one.startedAt,
        ...evidenceOf(row),
      })),
      findings: judged.map((row) => ({
        uuid: of(`finding ${row.id}`),
        title: `${row.id}: ${oneLine(row.title)}`,
        description: clean(row.statement),
        props: [prop("verdict", row.verdict)],
        target: {
          type: "objective-id",
          "target-id": row.id,
          status: {
            state: row.verdict === "pass" ? "satisfied" : "not-satisfied",
            reason: reasons[row.verdict],
          },
        },
        "related-observations": [{ "observation-uuid": of(`observation ${row.id}`) }],
        ...(row.waiver && { "related-risks": [{ "risk-uuid": of(`risk ${row.id}`) }] }),
      })),
    }),
    ...(waived.length > 0 && {
      risks: waived.map(({ row, waiver }) => ({
        uuid: of(`risk ${row.id}`),
        title: `${row.id}: ${oneLine(row.title)}`,
        description: clean(waiver.risk),
        statement: clean(wordsOf(waiver)),
        status: "deviation-approved",
        ...deadlineOf(waiver),
      })),
    }),
  };
}

/** A day counts to its end. */
function deadlineOf({ expires }: Waiver): { deadline?: string } {
  const end = endOf(expires);
  return end === undefined ? {} : { deadline: new Date(end).toISOString() };
}

function troubleOf(run: Run, { target, trouble }: Trouble, end: string): object {
  return {
    uuid: uuid(run, `${target}\0result`),
    title: oneLine(target) || "target",
    description: clean(`no result: ${trouble}`),
    ...{ start: run.startedAt, end },
    props: [prop("verdict", "no result")],
    "reviewed-controls": { "control-selections": [{}] },
  };
}

/** What was not judged has no finding: it is listed as excluded. */
const isTold = ({ verdict }: RunRequirement) => verdict !== "not judged" && verdict !== "pending";
const reasons: Readonly<Record<string, string>> = {
  pass: "pass",
  fail: "fail",
  waived: "fail",
  unknown: "other",
};

const prop = (name: string, value: string) => ({ name, ns: "urn:phoenix-acceptance", value });

function evidenceOf(row: RunRequirement): object {
  const { checks } = lastOf(row);
  const lines = checks.map(({ level, where, expected, found }) => ({
    description: clean(`${level}: ${where}: expected ${expected}, found ${found}`),
  }));
  return lines.length > 0 ? { "relevant-evidence": lines } : {};
}

/** A UUID of version 5 that names a part of this run. */
function uuid({ startedAt, command, register, targets }: Run, part: string): string {
  const names = targets.map(({ target }) => target);
  const hash = createHash("sha1")
    .update(JSON.stringify([startedAt, command, register.digest, names, part]))
    .digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}
