// A sample tree whose scripts print secrets, and a Portainer whose answers hold some, for the run that CI makes: whether what
// commands print and servers answer is masked in all that a run writes. No file of the tree holds one of the secrets whole, since
// a requirement of its own would fail (SEC-001).
import { randomBytes } from "node:crypto";
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gatewayScriptOf } from "../../fixtures/deployment/deployment.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { CannotTell } from "../../fixtures/errors.ts";
import { openClient } from "../../fixtures/evidence/client.ts";
import { mask, secret } from "../../fixtures/evidence/redact.ts";
import { PortainerApi, type Said } from "../../fixtures/portainer/api.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import { quoteWords } from "../../fixtures/quote.ts";
import { sampleFolder } from "../../fixtures/standin/sample-tree.ts";
import type { Target } from "../../fixtures/target/inventory.ts";
import { connect } from "../../fixtures/target/ssh.ts";
import { type Secret, scanForSecrets } from "../../reports/secrets.ts";
import { certificate } from "../target/guard.ts";

/** A planted secret. `beside` is what a run that masks it has written: without that, the search proves nothing. */
export interface Canary extends Secret {
  /** The script that prints it, below the given folder; none for what Portainer answers. */
  readonly file?: string;
  /** None if no requirement shows it. */
  readonly beside?: string;
}

/** The scripts that print canaries: one on the hypervisor, one in the gateway, one in the docker host. */
const scripts = {
  manager: "bin/managers/vm-manager.sh",
  gateway: gatewayScriptOf(defaultDeployment),
  feature: "bin/vm_features/feature_install_docker.sh",
} as const;

/** What a secret looks like, by what gives it away: the line that prints it, and its first signs. */
const shapes = {
  "a named password": { line: "$SCRIPT_PASSWORD=$SECRET", shape: "", stream: 1 },
  "a named token on standard error": { line: "$SCRIPT_api_token: $SECRET", shape: "", stream: 2 },
  "a token by its shape": { line: "the $SCRIPT: $SECRET", shape: "ghp_", stream: 1 },
  "a password in an address": { line: "smtp://$SCRIPT:$SECRET@mail.example", shape: "", stream: 2 },
} as const;

/** Copies the sample tree to `folder`, and makes its scripts print secrets that are new in each run. */
export function plantCanaries(folder: string): readonly Canary[] {
  cpSync(sampleFolder, folder, { recursive: true });
  return Object.entries(scripts).flatMap(([script, path]) => {
    const within = join("usr/local/phoenix_hypervisor", path);
    const file = join(folder, within);
    const lines: string[] = [];
    const canaries = Object.entries(shapes).map(([kind, { line, shape, stream }]): Canary => {
      const value = `${shape}${randomBytes(20).toString("hex")}`;
      const printed = line.replace("$SCRIPT", script);
      const words = [`${printed.replace("$SECRET", "%s%s")}\\n`, value.slice(0, 17), value.slice(17)];
      lines.push(`printf ${quoteWords(words)} >&${stream}`);
      const beside = printed.replace(/\$SECRET.*/, mask);
      return { name: `${kind}, printed by the ${script}`, value, beside, file: within };
    });
    const { mode } = statSync(file);
    const [first, ...rest] = readFileSync(file, "utf8").split("\n");
    writeFileSync(file, [first, ...lines, ...rest].join("\n"));
    chmodSync(file, mode);
    return canaries;
  });
}

/**
 * Puts secrets, new in each run, into what Portainer's API answers: names of environments, which a requirement shows, of a user
 * and of a tag. The administrator has to exist. @throws CannotTell if Portainer does not take them, or does not answer them.
 */
export async function plantInPortainer(target: Target): Promise<readonly Canary[]> {
  await using hypervisor = await connect(target);
  await using client = openClient(target, await certificate(hypervisor, target));
  const folder = privateFolder(tmpdir(), "phoenix-canaries");
  try {
    const password = join(folder, "password");
    const { out } = await hypervisor.run(["cat", target.deployment.portainer.adminPasswordFile]);
    writeFileSync(password, secret(out.trim()), { mode: 0o600 });
    const api = new PortainerApi(client, password);
    const session = await taken(api.signIn());
    const canaries: Canary[] = [];
    for (const [kind, { line, shape }] of Object.entries(answered)) {
      const value = `${shape}${randomBytes(20).toString("hex")}`;
      await taken(api.makeEnvironment(session, line.replace("$SECRET", value)));
      const beside = line.replace(/\$SECRET/, mask);
      canaries.push({ name: `${kind}, in the name of an environment of Portainer`, value, beside });
    }
    const [user, tag] = [0, 1].map(() => `api_token=${randomBytes(20).toString("hex")}`) as [string, string];
    await taken(api.makeUser(session, user, secret(randomBytes(20).toString("hex"))));
    await taken(api.makeTag(session, tag));
    const names = [
      ...(await taken(api.userNames(session))),
      ...(await taken(api.tags(session))).map(({ Name }) => Name),
    ];
    for (const [what, name] of Object.entries({ user, tag })) {
      if (!names.includes(name)) throw new CannotTell(`Portainer does not answer the ${what} that was made`);
      canaries.push({ name: `the name of a ${what} of Portainer`, value: name.slice("api_token=".length) });
    }
    return canaries;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What gives a secret away in an answer of Portainer. */
const answered = {
  "a named token": { line: "answer_api_token=$SECRET", shape: "" },
  "a token by its shape": { line: "answer $SECRET", shape: "ghp_" },
  "a password in an address": { line: "smtp://answer:$SECRET@mail.example", shape: "" },
} as const;

async function taken<T>(asked: Promise<Said<T>>): Promise<T> {
  const said = await asked;
  if (!said.ok) throw new CannotTell(`Portainer does not take a canary: ${said.said}`);
  return said.value;
}

/**
 * Searches all that a run wrote, archives and recordings unpacked, for the canaries and for the secrets that the run itself
 * used. `escaped` says which are where. `unused` says what was not there to be found: then the search proves nothing.
 */
export function searchRun(
  folder: string,
  canaries: readonly Canary[],
  used: readonly Secret[],
): { readonly escaped: readonly string[]; readonly unused: readonly string[] } {
  const leaks = scanForSecrets(folder, [...canaries, ...used]);
  const escaped = leaks.map(({ file, secret, form }) => `${file} has ${secret}, as ${form}`);
  const masked = maskedIn(folder);
  const absent = canaries.filter(({ beside }) => beside !== undefined && !masked.includes(beside));
  const unused = [
    ...absent.map(({ name, beside }) => `${name} was not written: no record has ${beside}`),
    ...Object.entries(kinds)
      .filter(([, isOne]) => !used.some(({ value }) => isOne(value)))
      .map(([kind]) => `the run used no ${kind}`),
  ];
  return { escaped, unused };
}

/** What every whole run uses: the search is not empty. */
const kinds: Readonly<Record<string, (value: string) => boolean>> = {
  "private key": (value) => value.includes("PRIVATE KEY"),
  "session token in an answer of Portainer": (value) => /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(value),
  "password that was typed into a page": (value) => /^[\w-]{24}$/.test(value),
};

/** What the commands printed and Portainer answered, as the run's records, logs and document have it. */
const maskedIn = (folder: string): string =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /(?:^|\/)(?:record\.json|run\.json|[a-z]+\.log)$/.test(name))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
