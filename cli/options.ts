// Options that several commands share, each defined once, and the functions that read their values.
import { InvalidArgumentError, Option } from "commander";
import { machines } from "../fixtures/setup/host-environment.ts";
import { formatNames } from "../reports/formats/index.ts";
import type { WantedFormat } from "./run/write-formats.ts";

/** Collects the values of an option that may be repeated or take a list with commas. */
const list = (value: string, all: readonly string[]) => [...all, ...value.split(",").filter(Boolean)];

/** A whole number of at least 1. @throws InvalidArgumentError for anything else. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number from 1 to 999999.");
}

/** One of several parts, `2/3`. @throws InvalidArgumentError for anything else, and for a part that does not exist. */
export function part(text: string): { readonly index: number; readonly total: number } {
  const [, index, total] = /^(\d{1,4})\/(\d{1,4})$/.exec(text)?.map(Number) ?? [];
  if (index !== undefined && total !== undefined && index >= 1 && index <= total && total <= 1000)
    return { index, total };
  throw new InvalidArgumentError("Expected PART/PARTS, for example 1/3, with at most 1000 parts.");
}

/** Seconds from `120s`, `5m` or `1h`. @throws InvalidArgumentError for anything else, and outside 10 s to `most`, a day. */
export function seconds(text: string, most = 86_400): number {
  const [, count, unit = "s"] = /^(\d+)\s*(s|m|h)?$/.exec(text) ?? [];
  const value = Number(count) * (unit === "h" ? 3600 : unit === "m" ? 60 : 1);
  if (value >= 10 && value <= most) return value;
  throw new InvalidArgumentError(`Expected a time from 10s to ${most / 3600}h, for example 120s, 5m or 1h.`);
}

export const inventory = () => new Option("--inventory <file>", "the inventory file").makeOptionMandatory();
export const target = () =>
  new Option("--target <name>", "the target; required if the inventory has more than one");
/**
 * `NAME` or `NAME=FILE`.
 * @throws InvalidArgumentError for a form that does not exist, and for a second one that would be printed.
 */
function wantedFormat(text: string, all: readonly WantedFormat[]): WantedFormat[] {
  const [, name = "", file] = /^([^=]*)(?:=(.+))?$/s.exec(text) ?? [];
  const known = formatNames.find((each) => each === name);
  if (known === undefined)
    throw new InvalidArgumentError(`Expected NAME or NAME=FILE with one of ${formatNames.join(", ")}.`);
  if (file === undefined && all.some((one) => one.file === undefined))
    throw new InvalidArgumentError("Only one form can be printed: name a file for the others, NAME=FILE.");
  return [...all, { name: known, ...(file !== undefined && { file }) }];
}

export const format = () =>
  new Option(
    "--format <name[=file]>",
    `write the run as ${formatNames.join(", ")}, to a file or, without one, in place of the page (repeatable)`,
  )
    .argParser(wantedFormat)
    .default([], "none");

export const waivers = () =>
  new Option("--waivers <file>", "the failures that are accepted, each until a date (docs/waivers.md)");

/** Of each command that has a stand-in or judges a tree. */
export const deployment = () =>
  new Option(
    "--deployment <file>",
    "the deployment document: ids, addresses, paths, names and ports (docs/deployment.md)",
  ).default(undefined, "the plan's own");
/** Of each command that may take long: what it shows beside its result. */
export const quiet = () =>
  new Option("-q, --quiet", "show the verdict and what is wrong, nothing else")
    .default(false)
    .conflicts("verbose");
export const verbose = () =>
  new Option(
    "-v, --verbose",
    "also show each command on a target, each test and each step, with its time",
  ).default(false);
export const json = () => new Option("--json", "print JSON").default(false);
export const yes = () => new Option("--yes", "do not ask for confirmation").default(false);
export const record = () =>
  new Option("--record <file>", "write the commands that ran on the target, and their results, to this file");
export const literal = () =>
  new Option("--literal", "make only the changes that the plan's text names, without remedies").default(
    false,
  );
export const without = () =>
  new Option("--without <step>", "leave out this step (repeatable)").argParser(list).default([]);
export const only = () =>
  new Option(
    "--only <id>",
    "only the step with this name, or the steps that serve this requirement (repeatable)",
  )
    .argParser(list)
    .default([]);
export const tree = () =>
  new Option("--tree <path[@ref]>", "the Phoenix tree: a folder, or a commit of a repository");
/** `--tree` of the commands that have a tree of their own. */
export const treeOrSample = () => tree().default(undefined, "our sample tree");
export const vm = () =>
  new Option("--vm <kind>", "the docker host is a container (lxc) or a QEMU virtual machine (docs/qemu.md)")
    .choices(machines)
    .default("lxc");
/** `--only` of the crash test: steps, not requirements. */
export const onlySteps = () =>
  new Option("--only <step>", "interrupt only at this step (repeatable)").argParser(list).default([]);

/** An option that may be repeated, or take a list with commas. */
export const repeatable = (flags: string, description: string) =>
  new Option(flags, description).argParser(list).default([]);

/** What help and the command reference say about an option: its description, its choices, its default. */
export function optionText(option: Option): string {
  const { description, mandatory, argChoices, defaultValue, defaultValueDescription } = option;
  const value = defaultValueDescription ?? (defaultValue === false ? "" : [defaultValue].flat().join(", "));
  const notes = [
    ...(mandatory ? ["required"] : []),
    ...(argChoices ? [`one of: ${argChoices.join(", ")}`] : []),
    ...(value ? [`default: ${value}`] : []),
  ];
  return notes.length > 0 ? `${description} (${notes.join("; ")})` : description;
}
