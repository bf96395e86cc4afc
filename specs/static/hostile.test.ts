// A stranger's tree may name any path of this machine: whether nginx is confined or not, nothing there is read or written.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { pack } from "tar-stream";
import { whyUnconfined } from "../../fixtures/confine.ts";
import { treeRoot } from "../../fixtures/evidence/from-tree.ts";
import { removeAtExit } from "../../fixtures/remove-at-exit.ts";

const where = (name: string) =>
  spawnSync("sh", ["-c", `PATH=$PATH:/usr/sbin; command -v ${name}`], { encoding: "utf8" }).stdout.trim();
const nginx = where("nginx");
const phrase = "only-on-this-machine";

/** A folder of this machine with a file that says `phrase`, and nothing else. */
function outside() {
  const folder = mkdtempSync(join(tmpdir(), "outside-"));
  removeAtExit(folder);
  writeFileSync(join(folder, "secret"), `${phrase} yes;\n`);
  return folder;
}

/** What a site may try, by the path of a folder: each line of it. */
const tries = (folder: string): Record<string, string> => ({
  include: `include ${folder}/secret;`,
  "include, quoted": `include "${folder}/secret";`,
  "include, over two lines": `include\n${folder}/secret;`,
  "include, with dots": `include /etc/nginx/../../${folder}/secret;`,
  "include, a pattern": `include ${folder}/*;`,
  "access log, quoted": `access_log "${folder}/written";`,
  "access log, over two lines": `access_log\n${folder}/written;`,
  "error log, quoted": `error_log '${folder}/written';`,
  "temporary files": `client_body_temp_path ${folder}/written;`,
  "temporary files, quoted": `proxy_temp_path "${folder}/written";`,
  certificate: `ssl_certificate\n"${folder}/secret";\nssl_certificate_key\n"${folder}/secret";`,
  "password file": `ssl_password_file ${folder}/secret;`,
  "a socket": `listen unix:${folder}/written;`,
  "a map": `}} map $host $x { include ${folder}/secret; } server { location / {`,
});

const site = (inner: string) => `server {\n listen 127.0.0.1:80;\n ${inner}\n}\n`;

async function archiveOf(files: Record<string, string>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "tree-"));
  removeAtExit(folder);
  const entries = pack();
  for (const [path, text] of Object.entries(files)) entries.entry({ name: `${treeRoot}/${path}` }, text);
  entries.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of entries) pieces.push(piece as Buffer);
  writeFileSync(join(folder, "tree.tar"), Buffer.concat(pieces));
  return join(folder, "tree.tar");
}

/** The static judge's answer, as a process of its own. Without `env` and `prlimit` on its PATH it can't confine anything. */
function judged(tree: string, PATH: string): { text: string; reasons: string[] } {
  const { stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, "main.ts")], {
    ...{ input: JSON.stringify({ tree, nginx }), encoding: "utf8", env: { PATH } },
  });
  const { tree: answer } = JSON.parse(stdout || `{"tree": ${JSON.stringify(stderr)}}`);
  const unknown = (answer.unknown ?? []) as { rule: string; reason: string }[];
  return {
    text: `${stdout}${stderr}`,
    reasons: unknown.filter(({ rule }) => rule === "nginx").map(({ reason }) => reason),
  };
}

function bareBin(): string {
  const folder = mkdtempSync(join(tmpdir(), "bin-"));
  removeAtExit(folder);
  for (const name of [
    "sh",
    "bash",
    "shellcheck",
    "find",
    "grep",
    "sed",
    "awk",
    "mktemp",
    "tr",
    "wc",
    "xargs",
    "rm",
    "head",
  ]) {
    if (where(name)) symlinkSync(where(name), join(folder, name));
  }
  return folder;
}

for (const confines of [true, false])
  test(`no site reads or writes a file of this machine: ${confines ? "confined" : "on a machine that can't confine"}`, async () => {
    test.setTimeout(180_000);
    const folder = outside();
    const files = Object.entries(tries(folder)).map(([, inner], at) => [
      `etc/nginx/sites-available/${at}`,
      site(inner),
    ]);
    const { text, reasons } = judged(
      await archiveOf(Object.fromEntries([...files, ["etc/nginx/sites-available/good", site("")]])),
      confines ? (process.env.PATH ?? "") : bareBin(),
    );
    expect(text.includes(phrase), "the answer has words of that file").toBe(false);
    expect(readdirSync(folder)).toEqual(["secret"]);
    expect(readFileSync(join(folder, "secret"), "utf8")).toBe(`${phrase} yes;\n`);
    // A good site is still judged.
    expect(reasons.filter((reason) => reason.includes("sites-available/good"))).toEqual([]);
    if (!confines || whyUnconfined() !== undefined)
      expect(reasons.filter((reason) => /does not run on it/.test(reason)).length).toBeGreaterThan(8);
  });
