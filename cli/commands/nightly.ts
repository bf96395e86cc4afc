// `nightly`: judges every target once, compares with the nights before, and tells people.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writable } from "../../fixtures/disk.ts";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { interruptible } from "../../fixtures/interruptible.ts";
import { jsonText } from "../../fixtures/printable.ts";
import type { Progress } from "../../fixtures/progress.ts";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { deploymentFile, readInventory, readTarget } from "../../fixtures/target/inventory.ts";
import { nightPage, type Occasion } from "../../reports/night/tell.ts";
import { verdictsOf } from "../../reports/run/build.ts";
import { cleanRun, writeRun } from "../../reports/run/file.ts";
import { type HostContract, judgedTargets } from "../../reports/run/run.ts";
import { withWaivers } from "../../reports/run/waivers.ts";
import { register } from "../../specs/register/register.ts";
import { Nights } from "../nightly/folder.ts";
import { onStandIn } from "../nightly/on-stand-in.ts";
import { runNight } from "../nightly/run-night.ts";
import { asWebhook, secretFrom, type Telling } from "../nightly/tell.ts";
import { outputFolder } from "../run/output.ts";
import { ofRevisions, readSeenRed } from "../run/seen-red.ts";
import { waiversFrom } from "../run/waivers.ts";
import { allowedOn, namedActions } from "../verify/actions.ts";
import { verifyDocument } from "../verify/document.ts";
import { type Asked, specsFor, verifyOne } from "../verify/verify-one.ts";

export interface NightlyOptions {
  readonly inventory?: string;
  /** Names of targets; with none, all of the inventory. */
  readonly target: readonly string[];
  /** The folder of all nights; without it, `nights` in the output folder. */
  readonly nights?: string;
  readonly atOnce: number;
  readonly allow: readonly string[];
  readonly yes: boolean;
  /** `--waivers FILE`: the failures that are accepted. */
  readonly waivers?: string;
  /** A tree: each target is judged on a stand-in with it first. */
  readonly standIn?: string;
  readonly notify: Occasion;
  readonly notifyCommand?: string;
  readonly webhookFile?: string;
  readonly webhookKeyFile?: string;
  readonly keep: number;
  readonly json: boolean;
  readonly quiet?: boolean;
  readonly hostEnvironment: HostEnvironment;
  readonly progress: Progress;
  readonly print: (text: string) => void;
}

/** The folder of all nights. */
export const nightsOf = ({
  nights,
  hostEnvironment,
}: Pick<NightlyOptions, "nights" | "hostEnvironment">): Nights =>
  new Nights(nights ?? join(outputFolder(hostEnvironment), "nights"));

/** Runs a night and prints its page. Returns the night's exit code; 2 if all passes, but somebody could not be told. */
export async function nightly(options: NightlyOptions): Promise<number> {
  const { inventory, progress, hostEnvironment, print, json } = options;
  const named = namedActions(options.allow);
  const help = "npm run phoenix -- nightly --help";
  if (inventory === undefined) throw new BadInput(problem("nightly needs --inventory FILE", help));
  if (options.allow.length > 0 && !options.yes)
    throw new BadInput(problem("Nobody is there at night to be asked: --allow needs --yes", help));
  const telling = tellingOf(options);
  const all = Object.keys(readInventory(inventory));
  const strange = options.target.find((name) => !all.includes(name));
  if (strange !== undefined) readTarget(inventory, strange);
  const waivers = waiversFrom(options.waivers, inventory);
  const asked: Asked = { only: [], require: [], browser: false, contract: options.standIn !== undefined };
  const loading = specsFor(asked);
  loading.catch(() => {}); // it is awaited after the evidence
  const lastRed = ofRevisions(readSeenRed(hostEnvironment), register);
  const run = await interruptible((resources) =>
    runNight({
      ...{ nights: nightsOf(options), targets: options.target.length > 0 ? options.target : all },
      ...{
        atOnce: options.atOnce,
        keep: options.keep,
        when: options.notify,
        telling,
        now: new Date(),
        progress,
      },
      async judge(name, folder) {
        const target = readTarget(inventory, name);
        const one = {
          target,
          allowed: allowedOn(target, named, new Date()),
          save: join(folder, "evidence.json"),
        };
        const began = new Date();
        // The site shows the values that were judged by.
        const values = join(folder, deploymentFile);
        const text = jsonText(target.deployment);
        writable(values, () => writeFileSync(values, text, { mode: 0o600 }));
        const around = { loading, lastRed, hostEnvironment, progress, resources, consent: async () => {} };
        const verified = await verifyOne(one, asked, around);
        const run = cleanRun(withWaivers(verifyDocument([verified], began, options), waivers, began));
        writeRun(folder, run);
        const [judged = verified] = judgedTargets(run);
        const { exitCode, deployment, hostContract } = judged;
        return {
          exitCode,
          rows: verdictsOf(judged).at(-1)?.rows ?? [],
          judgedBy: `${deployment} ${run.register.digest}`,
          ...(judged.waivers && { waivers: judged.waivers }),
          ...(hostContract && { contract: brokenOf(hostContract) }),
        };
      },
      withoutVerdict: (trouble, folder) =>
        writeRun(folder, cleanRun(verifyDocument([trouble], new Date(), options))),
      ...(options.standIn !== undefined && {
        standIn: async (name: string, folder: string) =>
          onStandIn(readTarget(inventory, name), options.standIn ?? "", folder, resources),
      }),
    }),
  );
  if (typeof run === "number") return run;
  print(json ? jsonText(run.night) : nightPage(run.night, options.quiet));
  return run.exitCode;
}

/** What a host does not do, or did not answer, of what the stand-in is held to: one line each. */
function brokenOf({ open, unasked }: HostContract): string[] {
  if (unasked !== undefined) return [`not asked: ${unasked}`];
  return open.map(({ id, what, verdict }) => `${id}: ${verdict}: ${what}`);
}

function tellingOf({ notifyCommand, webhookFile, webhookKeyFile }: NightlyOptions): Telling {
  if (webhookKeyFile !== undefined && webhookFile === undefined)
    throw new BadInput(problem("--webhook-key-file signs for a webhook: give --webhook-file too"));
  return {
    ...(notifyCommand !== undefined && { command: notifyCommand }),
    ...(webhookFile !== undefined && {
      webhook: asWebhook(secretFrom(webhookFile, "address"), webhookFile),
    }),
    ...(webhookKeyFile !== undefined && { key: secretFrom(webhookKeyFile, "key") }),
  };
}
