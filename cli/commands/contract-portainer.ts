// `contract portainer`: compares a Portainer with the contract of the stand-in, and prints each field that differs.
import { readFileSync } from "node:fs";
import { BadInput, problem } from "../../fixtures/errors.ts";
import { explain } from "../../fixtures/evidence/client.ts";
import { maskText } from "../../fixtures/evidence/mask-text.ts";
import { secret } from "../../fixtures/evidence/redact.ts";
import { exitCodeOfVerdict } from "../../fixtures/exit-codes.ts";
import { worst } from "../../fixtures/judgement.ts";
import { jsonText } from "../../fixtures/printable.ts";
import { toType } from "../../fixtures/quote.ts";
import { Fatal } from "../../fixtures/standin/portainer/fatal.ts";
import type { Regime } from "../../fixtures/standin/portainer/regime.ts";
import { givenBench, programBench } from "../../fixtures/standin/portainer-contract/bench.ts";
import { scenarios } from "../../fixtures/standin/portainer-contract/index.ts";
import { programAt } from "../../fixtures/standin/portainer-contract/program.ts";
import { about, judge, type ScenarioResult } from "../../fixtures/standin/portainer-contract/run.ts";
import type { Scenario } from "../../fixtures/standin/portainer-contract/scenario.ts";

export interface PortainerContractOptions {
  /** The server's URL. */
  readonly portainer?: string;
  /** A Portainer program, which is started for each scenario instead. */
  readonly program?: string;
  /** A PEM file to trust. Without it, the certificates that this machine trusts. */
  readonly ca?: string;
  /** The name in the server's certificate, if it is not the one in the URL. */
  readonly serverName?: string;
  readonly user: string;
  /** The file with the administrator's password. Without it, scenarios that need a session are not run. */
  readonly passwordFile?: string;
  readonly mayWrite: boolean;
  readonly json: boolean;
  readonly quiet?: boolean;
  readonly print: (text: string) => void;
  /** What is asked: the whole contract if not given. */
  readonly scenarios?: readonly Scenario[];
}

/** Runs every allowed scenario. Returns `pass` if all hold, `fail` if a field differs, `unknown` if one was not run. */
export async function portainerContract(options: PortainerContractOptions): Promise<number> {
  if (options.program !== undefined) return byProgram(options.program, options);
  const url = urlOf(options.portainer ?? "");
  const password = options.passwordFile && secret(read(options.passwordFile).trimEnd());
  if (options.mayWrite && !password)
    throw new BadInput(problem("--may-write needs a session", "the same command with --password-file FILE"));
  const bench = await givenBench({
    url,
    ca: options.ca && read(options.ca),
    servername: options.serverName,
    administrator: password ? { username: options.user, password } : undefined,
    mayWrite: options.mayWrite,
  });
  const outcomes: ScenarioResult[] = [];
  for (const scenario of about(bench.regime, options.scenarios ?? scenarios))
    outcomes.push(await judge(scenario, bench));
  return printed({ url: url.href }, `at ${url.href}`, bench.regime, outcomes, options);
}

/**
 * Every scenario on a process of its own, one after another. The program says its version itself.
 * @throws BadInput if it does not start at all.
 */
async function byProgram(path: string, options: PortainerContractOptions): Promise<number> {
  const program = programAt(path);
  const { regime } = await one(program, []).catch((error: unknown) => {
    if (!(error instanceof Fatal)) throw error;
    const what = maskText(`${program} is no Portainer that starts: ${error.message}`);
    throw new BadInput(problem(what, toType`${program} --help`), { cause: error });
  });
  const outcomes: ScenarioResult[] = [];
  for (const scenario of about(regime, options.scenarios ?? scenarios)) {
    const { outcome } = await one(program, scenario.needs, scenario).catch((error: unknown) => {
      const reason = maskText(explain(error));
      return { outcome: { name: scenario.name, verdict: "unknown", checks: [], reason } as const };
    });
    if (outcome) outcomes.push(outcome);
  }
  return printed({ program }, `started from ${program}`, regime, outcomes, options);
}

/** One server of the program, and the result of a scenario on it. The server ends whatever happens. */
async function one(program: string, needs: Scenario["needs"], scenario?: Scenario) {
  await using bench = await programBench(program, { needs });
  return { regime: bench.regime, ...(scenario && { outcome: await judge(scenario, bench) }) };
}

function printed(
  which: { readonly url: string } | { readonly program: string },
  where: string,
  regime: Regime,
  outcomes: readonly ScenarioResult[],
  { json, quiet = false, print }: PortainerContractOptions,
): number {
  const report = { ...which, ...regime, outcomes };
  print(json ? jsonText(report) : page(where, regime, outcomes, quiet));
  return exitCodeOfVerdict[worst(outcomes.map(({ verdict }) => verdict)) as ScenarioResult["verdict"]];
}

const signs = { pass: "✓ pass   ", fail: "✗ fail   ", unknown: "? unknown" };

/** One line per scenario, or if `quiet` per one that does not hold; below a scenario that fails, each field that differs. */
function page(
  where: string,
  { version, forgery, setupToken }: Regime,
  outcomes: readonly ScenarioResult[],
  quiet: boolean,
): string {
  const shown = quiet ? outcomes.filter(({ verdict }) => verdict !== "pass") : outcomes;
  const lines = shown.flatMap(({ name, verdict, checks, reason }) => [
    `${signs[verdict]}  ${name}`,
    ...(reason ? [`               ${reason}`] : []),
    ...checks
      .filter(({ ok }) => !ok)
      .map(({ field, expected, found }) => `               ${field}: expected ${expected}, found ${found}`),
  ]);
  const count = (wanted: ScenarioResult["verdict"]) =>
    outcomes.filter(({ verdict }) => verdict === wanted).length;
  const regime = `request-forgery check ${forgery}, ${setupToken ? "setup token" : "no setup token"}`;
  const totals = `${count("pass")} pass, ${count("fail")} fail, ${count("unknown")} unknown`;
  if (quiet) return [...lines, totals, ""].join("\n");
  return `Portainer ${version} ${where} (${regime})\n\n${lines.join("\n")}\n\n${totals}\n`;
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === "/") return url;
  throw new BadInput(
    problem(
      `Not the URL of a Portainer: ${text}`,
      "npm run phoenix -- contract portainer --portainer https://HOST:9443",
    ),
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new BadInput(problem(`Cannot read ${file}`, toType`ls -l ${file}`));
  }
}
