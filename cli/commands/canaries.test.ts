// Secrets in every input of a night on a host: its answers, the inventory's keys, the environment, the webhook and the program
// that are told. No byte of all that is written and printed from it on has one: night, site, bundle, every form, temporary files.
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "@playwright/test";
import { formatNames } from "../../reports/formats/index.ts";
import { type Secret, scanForSecrets } from "../../reports/secrets.ts";
import { sample, stack, treeFile } from "../../specs/testing/evidence-builder.ts";
import { recordedServer } from "../attack/recorded-server.ts";

const main = join(import.meta.dirname, "../main.ts");
const fixtures = pathToFileURL(join(import.meta.dirname, "../../fixtures/evidence")).href;

/** Takes the redactor out: then what was planted must be found, or the search proves nothing. */
const unmasked = `
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
const open = {
  "${fixtures}/mask-text.ts": (text) => text.replace("maskNamed(redact(text), mask)", "text"),
  "${fixtures}/redact.ts": (text) => text.replace(/(export function redact\\(text: string\\): string \\{)/, "$1 return text;"),
};
registerHooks({
  load(url, context, next) {
    const change = open[url];
    if (!change) return next(url, context);
    const source = change(readFileSync(new URL(url), "utf8"));
    return { format: "module-typescript", source, shortCircuit: true };
  },
});
`;

/** A night on a recorded host that is full of secrets, and all that is made of it. */
async function aNight(redactor: "as it is" | "taken out") {
  const dir = mkdtempSync(join(tmpdir(), "phoenix-canaries-"));
  const written = join(dir, "written");
  const temporary = join(written, "tmp");
  mkdirSync(temporary, { recursive: true });
  const answers: Secret[] = [];
  const used: Secret[] = [];
  const plant = (all: Secret[], name: string, shape = "") => {
    const value = `${shape}${randomBytes(20).toString("hex")}`;
    all.push({ name, value });
    return value;
  };
  const inAnswer = (name: string, shape?: string) => plant(answers, name, shape);
  const { document } = sample({
    hypervisor: {
      [treeFile("etc/phoenix_hypervisor_config.json")]: `{"smtp_password": "${inAnswer("a setting")}"}`,
      "pct status": {
        out: "status: running\n",
        err: `api_token=${inAnswer("standard error of a command")}\n`,
      },
      name: { code: 2, out: `smtp://mail:${inAnswer("a password in an address")}@mail.example\n` },
    },
    gateway: {
      "nginx -t declared": { code: 1, err: `nginx: [emerg] ${inAnswer("a token by its shape", "ghp_")}\n` },
    },
    "docker-host": {
      "file /persistent-storage/portainer/docker-compose.yml": stack.replace(
        "    image:",
        `    environment:\n      ADMIN_PASSWORD: ${inAnswer("a variable of Compose")}\n    image:`,
      ),
      containers: `[{"Config": {"Env": ["DB_PASSWORD=${inAnswer("a variable of a container")}"]}`,
    },
  });
  await using server = await recordedServer(document);
  const hears: string[] = [];
  const webhook = createServer((request, response) => {
    hears.push(request.url ?? "");
    response.writeHead(400, { "x-token": plant(used, "a webhook's header") });
    response.end(JSON.stringify({ error_token: plant(used, "a webhook's answer") }));
  });
  await new Promise<void>((ready) => webhook.listen(0, "127.0.0.1", ready));
  using _ = { [Symbol.dispose]: () => webhook.close() };
  const passphrase = plant(used, "the pass phrase of a key");
  const key = join(dir, "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", key]);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(dir, "audit-key")]);
  for (const name of ["key", "audit-key"])
    used.push({ name: `the file ${name}`, value: readFileSync(join(dir, name), "utf8").trim() });
  const environment = {
    CANARY_PASS_PHRASE: passphrase,
    AWS_SECRET_ACCESS_KEY: plant(used, "a key in the environment"),
    PORTAINER_PASSWORD: plant(used, "a password in the environment"),
  };
  const target = {
    ...{ kind: "ssh", tree: "/usr/local/phoenix_hypervisor", url: "https://portainer.phoenix.local" },
    ...{ resolve: {}, trust: { certificateFile: `${key}.pub` }, allows: ["observe"], cannotImitate: [] },
    ssh: {
      ...{ host: "127.0.0.1", port: server.port, user: "root", privateKeyFile: key, hostKey: server.hostKey },
      passphrase: { environment: "CANARY_PASS_PHRASE" },
    },
  };
  writeFileSync(join(dir, "inventory.json"), JSON.stringify({ targets: { alpha: target } }));
  const { port } = webhook.address() as AddressInfo;
  const path = `/hook/${plant(used, "the address of a webhook")}`;
  writeFileSync(join(dir, "webhook"), `http://127.0.0.1:${port}${path}\n`);
  writeFileSync(join(dir, "webhook-key"), `${plant(used, "the key of a webhook")}\n`);
  const said = inAnswer("what the told program says", "glpat-");
  writeFileSync(join(dir, "tell"), `#!/bin/sh\necho "refused: ${said}" >&2\nexit 1\n`, { mode: 0o755 });
  writeFileSync(join(dir, "unmasked.mjs"), unmasked);

  const hooks = redactor === "taken out" ? ["--import", join(dir, "unmasked.mjs")] : [];
  const run = (...argv: string[]): Promise<number | null> => {
    const env = { ...process.env, ...environment, TMPDIR: temporary, PHOENIX_OUTPUT: join(written, "runs") };
    const child = spawn(process.execPath, [...hooks, main, ...argv], { env, cwd: written });
    for (const stream of ["stdout", "stderr"] as const)
      child[stream].on("data", (piece: Buffer) => appendFileSync(join(written, `${stream}.txt`), piece));
    return new Promise((ended) => child.once("close", ended));
  };
  const nights = join(written, "nights");
  const where = ["--inventory", join(dir, "inventory.json"), "--target", "alpha"];
  const told = [
    ...["--webhook-file", join(dir, "webhook"), "--webhook-key-file", join(dir, "webhook-key")],
    ...["--notify-command", join(dir, "tell"), "--notify", "always"],
  ];
  const codes = [await run("nightly", ...where, "--nights", nights, "--verbose", "--json", ...told)];
  const night = readdirSync(join(nights, "alpha")).find((name) => name !== "lock") ?? "";
  const one = join(nights, "alpha", night);
  const forms = formatNames.flatMap((name) => ["--format", `${name}=${join(written, `form.${name}`)}`]);
  codes.push(await run("report", one, ...forms));
  codes.push(await run("site", nights, "--out", join(written, "site")));
  codes.push(
    await run("audit", "make", one, "--key", join(dir, "audit-key"), "--out", join(written, "a.tar")),
  );
  return {
    ...{ codes, hears, path, written, answers, used, folder: one },
    leaks: scanForSecrets(written, [...answers, ...used]),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

test("no byte of a night, its site, its bundle, its forms and its output has a secret of any input", async () => {
  using night = await aNight("as it is");
  // It was judged, and the webhook asked: the pass phrase and the address were in use.
  expect(night.codes, readFileSync(join(night.written, "stderr.txt"), "utf8")).toEqual([1, 0, 0, 0]);
  expect(night.hears).toContain(night.path);
  expect(night.leaks).toEqual([]);
});

test("without the redactor each secret of the host's answers is found there", async () => {
  using night = await aNight("taken out");
  const found = new Set(night.leaks.map(({ secret }) => secret));
  expect([...found].toSorted()).toEqual(
    expect.arrayContaining(night.answers.map(({ name }) => name).toSorted()),
  );
});
