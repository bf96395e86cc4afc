// `doctor`: lists what the suite needs on this machine. It uses the network and installs something only with --install.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { jsonText } from "../../fixtures/printable.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { bring } from "../../fixtures/setup/bring.ts";
import { engineAnswers, isRemote } from "../../fixtures/setup/engine-client.ts";
import { cacheFolder, type HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { type Look, look } from "../../fixtures/setup/look.ts";
import {
  commands,
  conditions,
  installCommand,
  isListed,
  type Need,
  needsOf,
} from "../../fixtures/setup/needs.ts";
import { project } from "../run/child.ts";

export interface DoctorOptions {
  /** The command whose needs are listed; all commands if not given. */
  readonly command: string | undefined;
  readonly json: boolean;
  /** Installs what is missing first, as root from Debian's packages. */
  readonly install: boolean;
  readonly hostEnvironment: HostEnvironment;
}

interface Item extends Look {
  /** Whether a run would fail without it. False for an item whose condition is not met. */
  readonly required: boolean;
}

/**
 * Prints each item: found, with its version, or missing, with the command to type. Returns 0 when all required items are
 * found, 3 when one is missing. Installs what is missing first if told to.
 * @throws BadInput when there is no such command.
 */
export async function doctor(
  { command, json, install, hostEnvironment }: DoctorOptions,
  progress: Progress,
  print: (text: string) => void,
): Promise<number> {
  if (command !== undefined && !isListed(command))
    throw new BadInput(
      problem(
        `doctor does not know the command ${command}. It knows: ${commands.join(", ")}`,
        "npm run phoenix -- doctor",
      ),
    );
  const { path, dockerHost } = hostEnvironment;
  const asRoot = process.getuid?.() === 0;
  const rows = needsOf(command).filter(isOfUse);
  if (install) {
    const always = rows.filter(
      ({ usedBy, when }: Need) => usedBy !== "every" && (when === undefined || when === "engine"),
    );
    await bring(always, "this machine does not have all that the suite needs", path, progress);
  }
  const usesEngine = rows.some(({ when }) => when === "engine");
  const engine = usesEngine ? await engineOf(dockerHost, cacheFolder(hostEnvironment)) : undefined;
  const looks = await Promise.all(rows.map((need) => look(need, path)));
  const items = looks.map((one) => ({ ...one, required: isRequired(one.need, engine) }));
  const wrong = items.filter(({ state, required }) => required && state !== "found");
  // Only root may start a private engine.
  const noEngine = usesEngine && engine === undefined && !asRoot;
  const next = [
    ...(wrong.length > 0
      ? [
          installCommand(
            wrong.map(({ need }) => need),
            asRoot,
          ),
        ]
      : []),
    ...(noEngine ? ["sudo systemctl start docker"] : []),
  ];
  if (json)
    print(
      jsonText({
        ok: next.length === 0,
        engine: engine ?? null,
        items: items.map((one) => plain(one, asRoot)),
        next,
      }),
    );
  else print(page(items, { usesEngine, engine, noEngine, asRoot, next }));
  return next.length === 0 ? Exit.pass : Exit.badInput;
}

/** An installed package has no tests, and no sources to check. */
const isInstalled = existsSync(join(project, "installed-in"));
const ofTheCheckout: readonly string[] = ["test", "quick", "lint"];
const isOfUse = ({ usedBy }: Need) =>
  !isInstalled || usedBy === "every" || usedBy.some((name) => !ofTheCheckout.includes(name));

const isRequired = ({ when }: Need, engine: string | undefined) =>
  when === undefined || (when === "engine" && engine === undefined);

/** The address of an engine that answers. A remote engine is not asked, since doctor does not use the network. */
async function engineOf(dockerHost: string | undefined, cache: string): Promise<string | undefined> {
  const remote = dockerHost !== undefined && isRemote(dockerHost);
  return remote ? `${dockerHost} (not asked)` : engineAnswers({ dockerHost, cache });
}

function plain({ need, state, required, file, version, said }: Item, asRoot: boolean) {
  const { name, packages, why, usedBy, when, atLeast } = need;
  return {
    ...{ name, state, required, file, version, said, atLeast, why, packages },
    usedBy: usedBy === "every" ? ["every"] : usedBy,
    ...(when && { when: conditions[when] }),
    ...(state !== "found" && { next: installCommand([need], asRoot) }),
  };
}

interface Page {
  readonly usesEngine: boolean;
  readonly engine: string | undefined;
  readonly noEngine: boolean;
  readonly asRoot: boolean;
  readonly next: readonly string[];
}

function page(items: readonly Item[], { usesEngine, engine, noEngine, asRoot, next }: Page): string {
  const width = Math.max(...items.map(({ need }) => need.name.length), "Docker engine".length);
  const line = (mark: string, name: string, text: string) => `${mark} ${name.padEnd(width)}  ${text}`;
  const lines = items.map((one) =>
    line(one.state === "found" ? "✓" : one.required ? "✗" : "-", one.need.name, said(one, asRoot)),
  );
  if (usesEngine)
    lines.push(
      noEngine
        ? line(
            "✗",
            "Docker engine",
            "none answers, and only root can start a private one: sudo systemctl start docker",
          )
        : line("✓", "Docker engine", engine ?? "none answers; a run starts a private one"),
    );
  const end =
    next.length === 0
      ? "All required items are found."
      : `Something is missing.\nNext:\n    ${next.join("\n    ")}`;
  return `${lines.join("\n")}\n\n${end}\n`;
}

function said({ need, state, required, version, file, said }: Item, asRoot: boolean): string {
  if (state === "found") return `${version ?? "version unknown"} (${file})`;
  const how = installCommand([need], asRoot);
  const condition = required || !need.when ? "" : `, needed only when ${conditions[need.when]}`;
  const what = {
    missing: "missing",
    "too old": `${version} (${file}) is too old, ${need.atLeast} or newer is needed`,
    "does not answer": `${file} does not answer: ${said?.split("\n")[0] ?? ""}`,
  }[state];
  return `${what}${condition}: ${how}`;
}
