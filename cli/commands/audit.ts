// Audit bundles: makes one of a run, checks one with nothing but the signer's key, and judges its evidence again.
import { existsSync, lstatSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { counted } from "../../fixtures/counted.ts";
import { BadInput, problem, Refused } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import type { Verdict } from "../../fixtures/judgement.ts";
import { jsonText } from "../../fixtures/printable.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import { toType } from "../../fixtures/quote.ts";
import { visibleLines } from "../../fixtures/visible-lines.ts";
import { archiveLimit, type BundleFiles } from "../../reports/audit/archive.ts";
import { bundleOf, type Checked, checkBundle, evidenceName, runIn } from "../../reports/audit/bundle.ts";
import { digestOf } from "../../reports/audit/manifest.ts";
import { type FormatName, formats } from "../../reports/formats/index.ts";
import { readRun, runText } from "../../reports/run/file.ts";
import {
  judgedTargets,
  lastOf,
  type Run,
  type RunRequirement,
  type RunTarget,
} from "../../reports/run/run.ts";
import { project } from "../run/child.ts";
import type { VerifyOptions } from "./verify.ts";

/** Where each part of a bundle comes from: of the suite, and of the run's folder. A part that a run has not is left out. */
const ofSuite: readonly (readonly [from: string, to: string])[] = [
  ["specs/register/register.json", "register/register.json"],
  ["specs/register/register.lock.json", "register/register.lock.json"],
  ["fixtures/deployment/plan.json", "register/plan.json"],
];
const ofRun: readonly (readonly [from: string, to: string])[] = [
  ["deployment.json", "register/deployment.json"],
  ...["before", "after", "verified"].flatMap((phase): [string, string][] => [
    [`${phase}/verdicts.json`, `verdicts/${phase}.json`],
    [`${phase}/record.json`, `journal/${phase}-record.json`],
  ]),
  ["before/converge.log", "journal/before-converge.log"],
  ["after/apply.log", "journal/after-apply.log"],
  ["report/index.html", "reports/index.html"],
];

export interface AuditMake {
  /** The run's folder. */
  readonly run: string;
  /** Files of evidence that the run does not keep itself. */
  readonly evidence: readonly string[];
  /** The private key. */
  readonly key: string;
  /** The archive; without it, in the working directory. */
  readonly out?: string;
  readonly print: (text: string) => void;
}

/** Writes the bundle of a run. The same run and key give the same bytes. */
export async function auditMake({ run: folder, evidence, key, out, print }: AuditMake): Promise<number> {
  const run = readRun(folder);
  const dir = statSync(folder).isDirectory() ? folder : dirname(folder);
  const files = new Map<string, Buffer>([["run.json", Buffer.from(runText(run))]]);
  const parts = [
    ...ofSuite.map(([from, to]) => [join(project, from), to] as const),
    ...ofRun.map(([from, to]) => [join(dir, from), to] as const),
  ];
  for (const [from, to] of parts) {
    const content = contentOf(from);
    if (content !== undefined) files.set(to, content);
  }
  for (const [name, content] of evidenceOf(run, dir, evidence)) files.set(name, content);
  for (const [name, render] of Object.entries(formats) as [FormatName, (run: Run) => string][])
    if (name !== "json") files.set(`reports/${name}.${extension[name] ?? "txt"}`, Buffer.from(render(run)));
  const file = out ?? `audit-${run.startedAt.replaceAll(/[:.]/g, "-")}.tar`;
  const bytes = await bundleOf(files, resolve(key));
  write(file, bytes);
  print(
    `${file}: ${counted(files.size + 3, "file")}, ${(bytes.length / 1024 / 1024).toFixed(1)} MiB\nCheck it with:\n    ${toType`npm run phoenix -- audit verify ${file} --key ${`${key}.pub`}`}\n`,
  );
  return Exit.pass;
}

const extension: Readonly<Record<string, string>> = {
  ...{ junit: "xml", sarif: "json", markdown: "md", csv: "csv", hdf: "json", oscal: "json" },
  ...{ prometheus: "prom", "in-toto": "json" },
};

/**
 * The evidence that each target was judged by, found by the digest that the run's document names.
 * @throws BadInput if it is not there: a bundle without it would prove nothing.
 */
function evidenceOf(run: Run, dir: string, more: readonly string[]): Map<string, Buffer> {
  const found = new Map<string, Buffer>();
  for (const { target, evidence } of judgedTargets(run))
    for (const { phase, digest } of evidence) {
      const places = [join(dir, phase, "evidence.json"), join(dir, "evidence.json"), ...more];
      const contents = places.flatMap((place) => contentOf(place) ?? []);
      const content = contents.find((one) => `sha256:${digestOf(one)}` === digest);
      if (content === undefined) {
        const what = `The evidence of ${target} (${phase}, ${digest}) is in none of ${places.join(", ")}`;
        const next = `verify --inventory FILE --save EVIDENCE   # and then: audit make ${dir} --evidence EVIDENCE`;
        throw new BadInput(problem(what, next));
      }
      found.set(evidenceName(run, target, phase), content);
    }
  return found;
}

/** The bytes of a file of the run; undefined if there is none. A link could show a file of somewhere else. */
function contentOf(file: string): Buffer | undefined {
  if (!existsSync(file)) return undefined;
  if (!lstatSync(file).isFile())
    throw new BadInput(problem(`${file} is no plain file, as a run writes it`, toType`ls -ld ${file}`));
  return readFileSync(file);
}

function write(file: string, bytes: Buffer): void {
  try {
    writeFileSync(`${file}.part`, bytes);
    renameSync(`${file}.part`, file);
  } catch (error) {
    rmSync(`${file}.part`, { force: true });
    throw new BadInput(
      problem(`Not written: ${file}: ${(error as Error).message}`, toType`ls -ld ${dirname(resolve(file))}`),
    );
  }
}

export interface AuditVerify {
  readonly file: string;
  /** The signer's public key. */
  readonly key: string;
  readonly print: (text: string) => void;
}

/** Checks a bundle and says which file is not as it was signed. Ends with 1 if any is not. */
export async function auditVerify({ file, key, print }: AuditVerify): Promise<number> {
  const checked = await opened(file, key);
  print(pageOf(checked, file));
  return isIntact(checked) ? Exit.pass : Exit.fail;
}

const isIntact = ({ signed, differences, problems }: Checked) =>
  signed && differences.length === 0 && problems.length === 0;

async function opened(file: string, key: string): Promise<Checked> {
  let bytes: Buffer;
  try {
    const { size } = statSync(file);
    if (size > archiveLimit) throw new Error(`it is larger than ${archiveLimit / 1024 / 1024} MiB`);
    bytes = readFileSync(file);
  } catch (error) {
    throw new BadInput(problem(`No bundle can be read: ${(error as Error).message}`, toType`ls -l ${file}`));
  }
  return checkBundle(bytes, file, key);
}

function pageOf(checked: Checked, file: string): string {
  const { differences, problems, files } = checked;
  const lines = [...differences.map(({ file: name, what }) => `${what.padEnd(8)} ${name}`), ...problems];
  if (lines.length > 0)
    return `${visibleLines([`NOT INTACT: ${file}`, ...lines.map((line) => `  ${line}`)].join("\n"))}\n`;
  const run = runIn(files, file);
  const said = judgedTargets(run).map(({ target, verdict, requirements }) => {
    const well = requirements.filter((one) => one.verdict === "pass").length;
    return `  ${target}: ${verdict}, ${well} of ${counted(requirements.length, "requirement")} pass`;
  });
  const lead = `INTACT: ${file}: ${counted(files.size, "file")}, as they were signed`;
  const what = `  ${run.command} of ${run.startedAt} by ${run.tool.name} ${run.tool.version} ${run.tool.commit ?? ""}`;
  return `${visibleLines([lead, what.trimEnd(), ...said].join("\n"))}\n`;
}

export interface AuditJudge extends AuditVerify {
  readonly json: boolean;
  readonly services: Pick<VerifyOptions, "hostEnvironment" | "progress" | "colour" | "width">;
}

/** Judges a bundle's evidence with the specs of this suite, and says which verdicts are not those of the run. */
export async function auditJudge({ file, key, print, json, services }: AuditJudge): Promise<number> {
  const checked = await opened(file, key);
  if (!isIntact(checked))
    throw new Refused(
      problem(pageOf(checked, file).trimEnd(), toType`npm run phoenix -- audit verify ${file} --key ${key}`),
    );
  const old = runIn(checked.files, file);
  const rejudged: Rejudged[] = [];
  for (const target of judgedTargets(old)) {
    const again = await judgedAgain(old, target, checked.files, services);
    if (typeof again === "number") return again;
    rejudged.push(...rejudgedOf(target.requirements, again, target.target));
  }
  if (rejudged.length === 0)
    throw new BadInput(problem(`${file} holds no evidence that can be judged`, toType`tar -tf ${file}`));
  print(json ? jsonText(rejudged) : rejudgedPage(rejudged, old));
  return rejudged.some(({ changed }) => changed) ? Exit.fail : Exit.pass;
}

/** The requirements of a target, judged by the bundle's evidence alone; an exit code if that was interrupted. */
async function judgedAgain(
  old: Run,
  { target, phases }: RunTarget,
  files: BundleFiles,
  services: AuditJudge["services"],
): Promise<readonly RunRequirement[] | number> {
  const phase = phases.at(-1)?.name ?? "";
  const dir = privateFolder(tmpdir(), "phoenix-audit-judge");
  try {
    const at = (name: string, content: Buffer | undefined) => {
      if (content === undefined) return undefined;
      const path = join(dir, name);
      writeFileSync(path, content, { mode: 0o600 });
      return path;
    };
    const evidence = at("evidence.json", files.get(evidenceName(old, target, phase)));
    if (evidence === undefined) return [];
    const before =
      phase === "after" ? at("before.json", files.get(evidenceName(old, target, "before"))) : undefined;
    const record = at("record.json", files.get(`journal/${phase}-record.json`));
    const { verify } = await import("./verify.ts");
    let told = "";
    const code = await verify({
      ...{ ...services, evidence, target: [], all: false, atOnce: 1, only: [], require: [], allow: [] },
      ...{ browser: false, contract: false, yes: true, json: true, format: [], keep: false },
      print: (text) => (told += text),
      ...(before !== undefined && { before }),
      ...(record !== undefined && { record }),
    });
    if (told === "") return code;
    return judgedTargets(JSON.parse(told) as Run)[0]?.requirements ?? [];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

interface Rejudged {
  readonly target: string;
  readonly id: string;
  readonly was: Verdict | "not required then";
  readonly now: Verdict | "no longer required";
  /** Judged both times, with another verdict. What needs the target is not judged again, and has not changed. */
  readonly changed: boolean;
  readonly reason: string;
  readonly revisions: readonly [was: number | undefined, now: number | undefined];
}

/** Each requirement of either register, as the run judged it and as this suite judges the same evidence. */
export function rejudgedOf(
  before: readonly RunRequirement[],
  after: readonly RunRequirement[],
  target: string,
): readonly Rejudged[] {
  const ids = [...new Set([...before, ...after].map(({ id }) => id))].toSorted();
  return ids.map((id): Rejudged => {
    const [old, young] = [before, after].map((all) => all.find((one) => one.id === id));
    const was = old?.verdict ?? "not required then";
    const now = young?.verdict ?? "no longer required";
    const changed = was !== "not judged" && now !== "not judged" && now !== was;
    const reason = young ? (lastOf(young).reason.split("\n", 1)[0] ?? "") : "";
    return { target, id, was, now, changed, reason, revisions: [old?.revision, young?.revision] };
  });
}

function rejudgedPage(all: readonly Rejudged[], { startedAt, tool }: Run): string {
  const changed = all.filter((one) => one.changed);
  const same = all.filter(({ was, now }) => was === now).length;
  const open = all.filter(({ was, now }) => now === "not judged" && was !== now).map(({ id }) => id);
  const lines = changed.map(({ target, id, was, now, reason, revisions: [then, today] }) => {
    const revised = then === today ? "" : ` (revision ${then ?? "none"}, now ${today ?? "none"})`;
    return `  ${target}  ${id}  ${was} -> ${now}${revised}${reason === "" ? "" : `: ${reason}`}`;
  });
  const page = [
    `The evidence of ${startedAt}, judged by ${tool.name} ${tool.version} then and by this suite now:`,
    ...(lines.length > 0 ? lines : ["  no verdict has changed"]),
    `${same} of ${all.length} requirements have the same verdict.`,
    ...(open.length > 0 ? [`Evidence alone can't judge again: ${open.join(" ")}`] : []),
  ];
  return `${visibleLines(page.join("\n"))}\n`;
}
