// Signs and checks a manifest with OpenSSH, which every auditor has: `ssh-keygen -Y`.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BadInput, CannotTell, problem } from "../../fixtures/errors.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import { quoteWord } from "../../fixtures/quote.ts";
import { faultOf, reasonOf } from "../../fixtures/reason.ts";

/** What the signature is for: one of another purpose, such as of a commit, is none. */
export const namespace = "phoenix-acceptance-audit";
/** The name that the key has in the list of allowed signers. It says nothing: the key is what counts. */
export const signer = "auditor";

/** The signature of a text. The same key and text give the same signature. @throws BadInput if the key can't sign. */
export function sign(text: string, key: string): string {
  const { status, stdout, stderr } = run(["-Y", "sign", "-q", "-f", key, "-n", namespace], text);
  if (status === 0 && isCanonical(stdout)) {
    if (keyTypeOf(stdout) === "ssh-ed25519") return stdout;
    throw new BadInput(problem(`${key} is no ed25519 key`, `ssh-keygen -t ed25519 -f audit-key`));
  }
  throw new BadInput(
    problem(
      `${key} can't sign: ${stderr.trim().split("\n").at(-1) ?? ""}`,
      `ls -l ${key}; ssh-keygen -t ed25519 -f audit-key   # a new one`,
    ),
  );
}

/** Whether this is a signature of the text by the key. @throws BadInput if the file holds no public key. */
export function isSigned(text: string, signature: string, publicKey: string): boolean {
  const line = publicKeyIn(publicKey);
  if (!isCanonical(signature)) return false;
  const dir = privateFolder(tmpdir(), "phoenix-audit");
  try {
    const [allowed, file] = [join(dir, "allowed"), join(dir, "signature")];
    writeFileSync(allowed, `${signer} namespaces="${namespace}" ${line}\n`);
    writeFileSync(file, signature);
    const args = ["-Y", "verify", "-f", allowed, "-I", signer, "-n", namespace, "-s", file];
    return run(args, text).status === 0;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The type and the key of a public key's file. */
function publicKeyIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8").slice(0, 16_384);
  } catch (error) {
    throw new BadInput(
      problem(`No key can be read: ${(error as Error).message}`, `ls -l ${quoteWord(file)}`),
    );
  }
  const [, key] = /^(ssh-ed25519 [A-Za-z0-9+/]+={0,2})(?:\s|$)/.exec(text.trim()) ?? [];
  if (key !== undefined && text.trim().split("\n").length === 1) return key;
  throw new BadInput(
    problem(
      `${file} holds no ed25519 public key: expected one line, ssh-ed25519 AAAA…`,
      `ssh-keygen -y -f PRIVATE > audit-key.pub`,
    ),
  );
}

const head = "-----BEGIN SSH SIGNATURE-----\n";
const foot = "-----END SSH SIGNATURE-----\n";

/** Base64 has several spellings of the same bytes: only OpenSSH's own counts, so that each byte of the file does. */
function isCanonical(text: string): boolean {
  if (!text.startsWith(head) || !text.endsWith(foot)) return false;
  return armoured(bytesOf(text)) === text;
}

const bytesOf = (text: string) => Buffer.from(text.slice(head.length, -foot.length), "base64");
const armoured = (bytes: Buffer) =>
  `${head}${bytes.toString("base64").replaceAll(/.{1,70}/g, "$&\n")}${foot}`;

/** The type of the key in a signature: after the magic word and the version, a key whose first field is its type. */
function keyTypeOf(signature: string): string {
  const bytes = bytesOf(signature);
  const at = "SSHSIG".length + 4 + 4;
  return bytes.toString("latin1", at + 4, at + 4 + bytes.readUInt32BE(at));
}

function run(args: readonly string[], input: string) {
  const ran = spawnSync("ssh-keygen", args, {
    ...{ input, encoding: "utf8", timeout: 60_000, maxBuffer: 1024 * 1024 },
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C", SSH_ASKPASS_REQUIRE: "never" },
  });
  const fault = faultOf(ran);
  if (fault)
    throw new CannotTell(
      problem(`ssh-keygen did not run: ${reasonOf(fault)}`, "apt-get install openssh-client"),
    );
  return ran;
}
