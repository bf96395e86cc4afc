// A whole `accept` of a tree that is full of secrets: in its compose files, its settings, what its scripts print, and in the
// environment. No byte of what is written and printed may have one of them, archives and traces unpacked. Minutes.
// node bench/canaries.ts [FOLDER FOR THE RUN]
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sampleFolder } from "../fixtures/standin/sample-tree.ts";
import { newKeyPair } from "../fixtures/target/ssh/key-pair.ts";
import { formatNames } from "../reports/formats/index.ts";
import { scanForSecrets } from "../reports/secrets.ts";

const cli = join(import.meta.dirname, "../cli/main.ts");
const room = process.argv[2] ?? mkdtempSync(join(tmpdir(), "canaries-"));
const tree = join(room, "tree");
const written = join(room, "written");
mkdirSync(written, { recursive: true });
cpSync(sampleFolder, tree, { recursive: true });
const phoenix = join(tree, "usr/local/phoenix_hypervisor");

const canaries: { readonly name: string; readonly value: string }[] = [];
/** A new secret, which is searched for at the end. */
function canary(name: string, shape = ""): string {
  const value = `${shape}${randomBytes(18).toString("hex")}`;
  canaries.push({ name, value });
  return value;
}
const edit = (file: string, change: (text: string) => string) => {
  const path = join(phoenix, file);
  writeFileSync(path, change(readFileSync(path, "utf8")));
};

const compose = "persistent-storage/portainer/docker-compose.yml";
edit(compose, (text) =>
  text.replace(
    "    ports:\n",
    `    environment:\n      ADMIN_PASSWORD: ${canary("a compose variable")}\n      LICENCE: ${canary("a token by its shape", "ghp_")}\n    ports:\n`,
  ),
);
writeFileSync(
  join(phoenix, "persistent-storage/portainer/.env"),
  `REGISTRY_TOKEN=${canary("the .env file")}\nSMTP_URL=smtp://mail:${canary("a password in a URL")}@mail.example\n`,
);
edit("etc/phoenix_hypervisor_config.json", (text) =>
  text.replace("{\n", `{\n    "smtp_password": "${canary("a setting")}",\n`),
);
const { private: key } = newKeyPair();
writeFileSync(join(phoenix, "etc/deploy_key"), key);
canaries.push({ name: "a private key", value: key.split("\n")[2] ?? "" });
for (const [script, name] of [
  ["bin/phoenix_hypervisor_lxc_101.sh", "the gateway's script"],
  ["bin/vm_features/feature_install_docker.sh", "the docker feature"],
  ["bin/managers/vm-manager.sh", "the manager"],
] as const)
  edit(script, (text) =>
    text.replace(
      "\n",
      `\necho "DB_PASSWORD=${canary(`standard output of ${name}`)}"\necho "api_token: ${canary(`standard error of ${name}`)}" >&2\n`,
    ),
  );
const environment = {
  AWS_SECRET_ACCESS_KEY: canary("the environment: a key"),
  PORTAINER_PASSWORD: canary("the environment: a password"),
  PHOENIX_API_TOKEN: canary("the environment: a token of ours"),
};

async function run(...argv: readonly string[]): Promise<number> {
  const env = { ...process.env, ...environment, PHOENIX_OUTPUT: join(written, "runs") };
  const child = spawn(process.execPath, [cli, ...argv], { stdio: ["ignore", "pipe", "pipe"], env });
  for (const name of ["stdout", "stderr"] as const)
    child[name].on("data", (piece: Buffer) => appendFileSync(join(written, `${name}.txt`), piece));
  const [code] = (await once(child, "close")) as [number];
  return code;
}

const planted = new Set(scanForSecrets(tree, canaries).map(({ secret }) => secret));
const forms = formatNames.flatMap((name) => ["--format", `${name}=${join(written, `form.${name}`)}`]);
const code = await run("accept", "--tree", tree, ...forms);
const site = await run("site", join(written, "runs"), "--out", join(written, "site"));
console.log(
  `accept ended with ${code}, site with ${site}; ${planted.size} canaries lie in the tree, 3 in the environment`,
);
const leaks = scanForSecrets(written, canaries);
for (const { file, secret, form } of leaks) console.log(`✗ ${secret}, as ${form}: ${file}`);
const judged = code === 1 && site === 0 && planted.size === canaries.length - 3;
console.log(`${room}: ${leaks.length} leaks${judged ? "" : ", and the run is not what was expected"}`);
process.exit(leaks.length === 0 && judged ? 0 : 1);
