// `targets init`: writes a first inventory entry by asking the host.
import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { stringify } from "yaml";
import { urlOf } from "../../fixtures/deployment/deployment.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { BadInput, CannotTell, problem, Refused } from "../../fixtures/errors.ts";
import { Exit } from "../../fixtures/exit-codes.ts";
import type { Progress } from "../../fixtures/progress.ts";
import { readTarget } from "../../fixtures/target/inventory.ts";
import { connect, hostKeyFor } from "../../fixtures/target/ssh.ts";

export interface InitOptions {
  readonly host: string;
  readonly user: string;
  readonly port: number;
  readonly key?: string;
  readonly name: string;
  readonly out: string;
  readonly acceptFingerprint?: string;
  readonly progress: Progress;
  readonly print: (text: string) => void;
}

/**
 * Writes the inventory and returns `pass`.
 * @throws Refused if nobody accepts the host key, or if the file exists; CannotTell if the host can't be asked.
 */
export async function targetsInit(options: InitOptions): Promise<number> {
  const { host, user, port, key, name, out, progress } = options;
  const { line, fingerprint } = await progress.step(`asking ${host} for its host key`, () =>
    hostKeyFor({ host, port, user }),
  );
  await accept(options, line, fingerprint);
  const identity = key === undefined ? { agent: true } : { privateKeyFile: resolve(key) };
  const ssh = { host, port, user, ...identity, hostKey: line };
  const found = await progress.step("looking what is there", () => ask(ssh));
  const deployment = defaultDeployment;
  const entry = {
    ...{ ssh, tree: found.tree, url: urlOf(deployment) },
    ...{ trust: { gatewayFile: deployment.gateway.certificate }, allows: ["observe"] },
  };
  const text = `# See docs/real-hypervisor.md. The host key was accepted as ${fingerprint}.\n${stringify({ targets: { [name]: entry } }, { lineWidth: 0 })}`;
  try {
    writeFileSync(out, text, { flag: "wx", mode: 0o600 });
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST")
      throw new Refused(problem(`${out} exists; it was not changed`, "--out another-file.yaml"));
    throw new BadInput(
      problem(`${out} can't be written: ${cause instanceof Error ? cause.message : cause}`, `ls -ld ${out}`),
    );
  }
  readTarget(out, name);
  options.print(
    `${found.page}${out} has the entry ${name}; it allows only to observe.\nNext:\n    npm run phoenix -- targets check --inventory ${out} --target ${name}\n`,
  );
  return Exit.pass;
}

async function accept(
  { host, acceptFingerprint }: InitOptions,
  line: string,
  fingerprint: string,
): Promise<void> {
  const [type] = line.split(" ");
  const own = `ssh-keygen -lf /etc/ssh/ssh_host_${type?.replace(/^ssh-|-.*$/g, "") || "ed25519"}_key.pub   # on the console of ${host}`;
  if (acceptFingerprint !== undefined) {
    if (acceptFingerprint === fingerprint) return;
    throw new Refused(
      problem(`The host key of ${host} is ${type} ${fingerprint}, not ${acceptFingerprint}`, own),
    );
  }
  if (!process.stdin.isTTY)
    throw new Refused(
      problem(
        `The host key of ${host} is ${type} ${fingerprint}. Somebody has to compare it`,
        `the same command with --accept-fingerprint ${fingerprint}   # if this prints the same: ${own}`,
      ),
    );
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asked.question(
    `The host key of ${host} is ${type} ${fingerprint}\nCompare it with: ${own}\nIs it the same? Type yes to continue: `,
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
