// `targets init`: writes a first inventory entry by asking the host.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { stringify } from "yaml";
import { urlOf } from "../../fixtures/deployment/deployment.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { BadInput, CannotTell, problem, Refused } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import { printable } from "../../fixtures/printable.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { toType } from "../../fixtures/quote.ts";
import type { Endpoint } from "../../fixtures/target/endpoint.ts";
import { readTarget } from "../../fixtures/target/inventory.ts";
import { connect, hostKeyFor } from "../../fixtures/target/ssh.ts";

export interface InitOptions {
  readonly host: string;
  readonly user: string;
  readonly port: number;
  readonly key?: string;
  /** The hosts to go through, the first hop first: `[USER@]HOST[:PORT]`. */
  readonly jump: readonly string[];
  readonly name: string;
  readonly out: string;
  /** The fingerprints that are accepted instead of asking; with jump hosts, one of each host. */
  readonly acceptFingerprint: readonly string[];
  readonly progress: Progress;
  readonly print: (text: string) => void;
}

/**
 * Writes the inventory and returns `pass`.
 * @throws Refused if nobody accepts the host key, or if the file exists; CannotTell if the host can't be asked.
 */
export async function targetsInit(options: InitOptions): Promise<number> {
  const { host, user, port, key, name, out, progress } = options;
  const identity = key === undefined ? { agent: true } : { privateKeyFile: resolve(key) };
  const fingerprints: string[] = [];
  /** The host with the key that somebody has accepted for it. */
  const trusted = async (to: Pick<Endpoint, "host" | "port" | "user">, through: readonly Endpoint[]) => {
    const { line, fingerprint } = await progress.step(`asking ${to.host} for its host key`, () =>
      hostKeyFor(to, through),
    );
    await accept(to.host, options.acceptFingerprint, line, fingerprint);
    fingerprints.push(fingerprint);
    return { ...to, ...identity, hostKey: line };
  };
  const jump: Endpoint[] = [];
  for (const hop of options.jump.map((text) => jumpHost(text, user))) jump.push(await trusted(hop, jump));
  const ssh = { ...(await trusted({ host, port, user }, jump)), ...(jump.length > 0 && { jump }) };
  const found = await progress.step("looking what is there", () => ask(ssh));
  const deployment = defaultDeployment;
  const entry = {
    ...{ ssh, tree: found.tree, url: urlOf(deployment) },
    ...{ trust: { gatewayFile: deployment.gateway.certificate }, allows: ["observe"] },
  };
  const text = `# See docs/real-hypervisor.md. Accepted host keys: ${fingerprints.join(", ")}.\n${stringify({ targets: { [name]: entry } }, { lineWidth: 0 })}`;
  try {
    writeFileSync(out, text, { flag: "wx", mode: 0o600 });
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST")
      throw new Refused(problem(`${out} exists; it was not changed`, "--out another-file.yaml"));
    throw new BadInput(
      problem(
        `${out} can't be written: ${cause instanceof Error ? cause.message : cause}`,
        toType`ls -ld ${out}`,
      ),
    );
  }
  readTarget(out, name);
  options.print(
    `${found.page}${out} has the entry ${name}; it allows only to observe.\nNext:\n    npm run phoenix -- targets check --inventory ${out} --target ${name}\n`,
  );
  return Exit.pass;
}

/** A jump host as the user wrote it. @throws BadInput if it is none. */
function jumpHost(text: string, user: string): Pick<Endpoint, "host" | "port" | "user"> {
  const [, own = user, bare, six, port = "22"] =
    /^(?:([^@\s]+)@)?(?:([^@:\s[\]]+)|\[([0-9a-fA-F:.]+)\])(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bare ?? six;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new BadInput(problem(`Not a jump host: ${text}`, "--jump USER@HOST:PORT   # [USER@]HOST[:PORT]"));
  return { host, port: Number(port), user: own };
}

async function accept(
  host: string,
  accepted: readonly string[],
  line: string,
  fingerprint: string,
): Promise<void> {
  const [type] = line.split(" ");
  const own = `ssh-keygen -lf /etc/ssh/ssh_host_${type?.replace(/^ssh-|-.*$/g, "") || "ed25519"}_key.pub   # on the console of ${host}`;
  if (accepted.includes(fingerprint)) return;
  if (accepted.length > 0)
    throw new Refused(
      problem(`The host key of ${host} is ${type} ${fingerprint}, not ${accepted.join(" or ")}`, own),
    );
  if (!process.stdin.isTTY)
    throw new Refused(
      problem(
        `The host key of ${host} is ${type} ${fingerprint}. Somebody has to compare it`,
        `the same command with --accept-fingerprint ${fingerprint}   # if this prints the same: ${own}`,
      ),
    );
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asked.question(
    printable(
      `The host key of ${host} is ${type} ${fingerprint}\nCompare it with: ${own}\nIs it the same? Type yes to continue: `,
    ),
  );
  asked.close();
  if (answer.trim() !== "yes") throw new Refused("Nothing was written.");
}

/** What the host answers, for the entry and for the user. */
async function ask(
  ssh: Parameters<typeof connect>[0]["ssh"],
): Promise<{ readonly tree: string; readonly page: string }> {
  await using hypervisor = await connect({ ssh });
  const ran = await hypervisor.script(`PATH=$PATH:/usr/sbin:/sbin
for tree in /usr/local/phoenix_hypervisor /opt/phoenix_hypervisor /root/phoenix_hypervisor; do
  [ -e "$tree/etc/phoenix_vm_configs.json" ] && echo "tree $tree" && break
done
for kind in pct qm; do timeout 10 $kind list 2>/dev/null | awk -v kind=$kind 'NR > 1 { print "guest " kind " " $0 }' | head -n 100; done
echo end`);
  const lines = ran.out.trimEnd().split("\n");
  if (lines.at(-1) !== "end")
    throw new CannotTell(problem("The host did not answer completely", "the same command"));
  const of = (word: string) =>
    lines
      .filter((line) => line.startsWith(`${word} `))
      .map((line) => line.slice(word.length + 1).replace(/\p{Cc}/gu, "?"));
  const [tree = "/usr/local/phoenix_hypervisor"] = of("tree");
  const guests = of("guest")
    .map((guest) => `  ${guest}\n`)
    .join("");
  return {
    tree,
    page: `${of("tree").length > 0 ? `Phoenix tree: ${tree}` : `No Phoenix tree was found; the entry names ${tree}`}\n${guests ? `Guests:\n${guests}` : "No guests were seen: the user may not list them, or there are none.\n"}`,
  };
}
