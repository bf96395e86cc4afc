// An audit bundle, with the real ssh-keygen and sha256sum: every byte of it counts, and every reader is bounded.
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import { pack } from "tar-stream";
import { runText } from "../run/file.ts";
import { sampleRun } from "../run/sample-accept.ts";
import { archiveOf, openArchive } from "./archive.ts";
import { bundleOf, checkBundle } from "./bundle.ts";
import { digestOf, manifestName, manifestOf, signatureName } from "./manifest.ts";
import { isSigned, sign } from "./signature.ts";

const evidence = Buffer.from('{"at":"2026-03-01T02:00:00.000Z"}\n');

function newKey(name: string, type = "ed25519"): string {
  const key = test.info().outputPath(name);
  mkdirSync(join(key, ".."), { recursive: true });
  const { status, stderr } = spawnSync("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "", "-f", key], {
    encoding: "utf8",
  });
  expect(status, stderr).toBe(0);
  return key;
}

function filesOfRun(): Map<string, Buffer> {
  const run = sampleRun(["pass", "fail"]);
  const [target] = run.targets;
  if (!target || !("evidence" in target)) throw new Error("the sample has a target");
  const of = target.evidence.map((one) => ({ ...one, digest: `sha256:${digestOf(evidence)}` }));
  return new Map([
    ["run.json", Buffer.from(runText({ ...run, targets: [{ ...target, evidence: of }] }))],
    ["evidence/after.json", evidence],
    ["register/register.json", Buffer.from("{}\n")],
    ["reports/empty.txt", Buffer.alloc(0)],
  ]);
}

const told = ({ differences }: Awaited<ReturnType<typeof checkBundle>>) =>
  differences.map(({ file, what }) => `${what} ${file}`);

test("a bundle is what was signed, and the same files and key give the same bytes", async () => {
  const key = newKey("key");
  const bytes = await bundleOf(filesOfRun(), key);
  expect(bytes.equals(await bundleOf(new Map([...filesOfRun()].toReversed()), key))).toBe(true);
  const checked = await checkBundle(bytes, "b.tar", `${key}.pub`);
  expect({ ...checked, files: [...checked.files.keys()] }).toEqual({
    ...{ signed: true, differences: [], problems: [] },
    files: [
      ...["MANIFEST.sha256", "MANIFEST.sha256.sig", "README.txt", "evidence/after.json"],
      ...["register/register.json", "reports/empty.txt", "run.json"],
    ],
  });
});

test("a flipped bit in any file is found, and the file is named", async () => {
  const key = newKey("key");
  const { files } = await openArchive(await bundleOf(filesOfRun(), key), "b.tar");
  for (const [name, content] of files) {
    const places = [...new Set([0, Math.floor(content.length / 2), content.length - 1])];
    for (const at of content.length === 0 ? [] : places)
      for (const bit of [1, 0x20]) {
        const flipped = Buffer.from(content);
        flipped[at] = (flipped[at] ?? 0) ^ bit;
        const checked = await checkBundle(
          await archiveOf(new Map(files).set(name, flipped)),
          "b.tar",
          `${key}.pub`,
        );
        const said = [...told(checked), ...checked.problems].join("\n");
        expect(said, `${name}, byte ${at}`).toContain(name);
        if (name !== manifestName && name !== signatureName)
          expect(told(checked), `${name}, byte ${at}`).toEqual([`touched ${name}`]);
      }
  }
});

test("each byte of the signature counts", async () => {
  const key = newKey("key");
  const { files } = await openArchive(await bundleOf(filesOfRun(), key), "b.tar");
  const signature = files.get(signatureName) ?? Buffer.alloc(0);
  const text = signature.toString("latin1");
  const lines = text.split("\n");
  // Spellings that mean the same to whoever reads base64 leniently, and bits of each part.
  const others = [
    `${text}\n`,
    text.replaceAll("\n", "\r\n"),
    text.replace(/\n(?=.*\n-----END)/, " \n"),
    [lines[0], lines.slice(1, -2).join(""), ...lines.slice(-2)].join("\n"),
    ...[0, 30, 40, text.indexOf("\n-----END") - 1, text.length - 2].map((place) =>
      flippedAt(signature, place),
    ),
  ];
  for (const other of others) {
    expect(other).not.toBe(text);
    const bytes = await archiveOf(new Map(files).set(signatureName, Buffer.from(other, "latin1")));
    expect((await checkBundle(bytes, "b.tar", `${key}.pub`)).signed, JSON.stringify(other.slice(-60))).toBe(
      false,
    );
  }
});

test("a signature of an unknown version is none, also of a text that ssh-keygen does not read for it", async () => {
  const key = newKey("key");
  const text = "x".repeat(2 ** 20);
  const signature = sign(text, key);
  expect(isSigned(text, signature, `${key}.pub`)).toBe(true);
  expect(isSigned(text, flippedAt(Buffer.from(signature), 40, 4), `${key}.pub`)).toBe(false);
});

const flippedAt = (bytes: Buffer, place: number, bit = 1) => {
  const copy = Buffer.from(bytes);
  copy[place] = (copy[place] ?? 0) ^ bit;
  return copy.toString("latin1");
};

test("a flipped bit anywhere between the files is found, or the archive is none", async () => {
  const key = newKey("key");
  const bytes = await bundleOf(new Map([...filesOfRun()].slice(0, 2)), key);
  for (let at = 0; at < bytes.length; at += 197) {
    const flipped = Buffer.from(bytes);
    flipped[at] = (flipped[at] ?? 0) ^ 4;
    const found = await checkBundle(flipped, "b.tar", `${key}.pub`).then(
      ({ signed, differences, problems }) => !signed || differences.length > 0 || problems.length > 0,
      (error: Error) => error.name === "BadInput",
    );
    expect(found, `byte ${at}`).toBe(true);
  }
});

test("what was added or is missing is named; so is a new manifest that nobody has signed", async () => {
  const key = newKey("key");
  const { files } = await openArchive(await bundleOf(filesOfRun(), key), "b.tar");
  const check = async (change: (files: Map<string, Buffer>) => void) => {
    const changed = new Map(files);
    change(changed);
    return checkBundle(await archiveOf(changed), "b.tar", `${key}.pub`);
  };
  expect(told(await check((all) => all.set("evil.txt", evidence)))).toEqual(["added evil.txt"]);
  expect(told(await check((all) => all.delete("run.json")))).toEqual(["missing run.json"]);
  expect(told(await check((all) => all.delete(signatureName)))).toEqual([`missing ${signatureName}`]);
  const forged = await check((all) => {
    all.set("evidence/after.json", Buffer.from("{}"));
    all.set(manifestName, Buffer.from(manifestOf(all)));
  });
  expect(told(forged)).toEqual([]);
  expect(forged.signed).toBe(false);
  expect(forged.problems.join()).toContain(manifestName);
});

test("another key, another purpose of a signature, and evidence of another run are no proof", async () => {
  const [key, other] = [newKey("key"), newKey("other")];
  const files = filesOfRun();
  const bytes = await bundleOf(files, key);
  expect((await checkBundle(bytes, "b.tar", `${other}.pub`)).signed).toBe(false);
  const { files: inside } = await openArchive(bytes, "b.tar");
  const manifest = inside.get(manifestName) ?? Buffer.alloc(0);
  const { stdout } = spawnSync("ssh-keygen", ["-Y", "sign", "-q", "-f", key, "-n", "git"], {
    input: manifest,
  });
  const commit = await archiveOf(new Map(inside).set(signatureName, stdout));
  expect((await checkBundle(commit, "b.tar", `${key}.pub`)).signed).toBe(false);
  const strange = await bundleOf(files.set("evidence/after.json", Buffer.from("{}\n")), key);
  const { problems } = await checkBundle(strange, "b.tar", `${key}.pub`);
  expect(problems.join()).toContain("evidence/after.json is not the evidence that run.json was judged by");
});

test("an auditor without this suite checks it as its README says", async () => {
  const key = newKey("key");
  const bytes = await bundleOf(filesOfRun(), key);
  const { files } = await openArchive(bytes, "b.tar");
  const lines = String(files.get("README.txt")).split("\n");
  const commands = lines
    .filter((line) => line.startsWith("    "))
    .join("\n")
    .replace("BUNDLE.tar", "../b.tar")
    .replaceAll("/path/to/audit-key.pub", `${key}.pub`)
    .replaceAll("/tmp/allowed", test.info().outputPath("allowed"));
  const check = (name: string, archive: Buffer) => {
    const dir = test.info().outputPath(name);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "../b.tar"), archive);
    const script = `set -e -o pipefail\n${commands}`;
    return spawnSync("bash", ["-c", script], { cwd: dir, encoding: "utf8" });
  };
  const good = check("good", bytes);
  expect(good.status, good.stderr).toBe(0);
  expect(good.stdout).toContain("Good");
  expect(good.stdout.split("\n").filter((line) => /^\s/.test(line) || line.startsWith("MANIFEST"))).toEqual([
    ...["MANIFEST.sha256", "MANIFEST.sha256.sig"],
  ]);
  const touched = check("touched", await archiveOf(new Map(files).set("run.json", Buffer.from("{}"))));
  expect(touched.status).not.toBe(0);
  expect(touched.stdout).toContain("run.json: FAILED");
});

test("an archive that is none, or holds what no bundle may hold, is refused with its name", async () => {
  const entry = async (header: Parameters<ReturnType<typeof pack>["entry"]>[0], content = "x") => {
    const archive = pack();
    archive.entry(header, header.type === undefined || header.type === "file" ? content : "");
    archive.finalize();
    const pieces: Buffer[] = [];
    for await (const piece of archive) pieces.push(piece as Buffer);
    return Buffer.concat(pieces);
  };
  const bad: Record<string, Buffer> = {
    "a link": await entry({ name: "run.json", type: "symlink", linkname: "/etc/passwd" }),
    "a way out": await entry({ name: "../run.json" }),
    "an absolute path": await entry({ name: "/run.json" }),
    "a hidden file": await entry({ name: "reports/.htaccess" }),
    "a directory": await entry({ name: "reports/", type: "directory" }),
    "a control character": await entry({ name: "run\u001b.json" }),
    "a long name": await entry({ name: `${"a".repeat(120)}.json` }),
    "the same name twice": Buffer.concat([
      (await entry({ name: "a" })).subarray(0, 1024),
      await entry({ name: "a" }),
    ]),
    nothing: Buffer.alloc(0),
    noise: Buffer.from("this is no archive at all".repeat(100)),
    "half of one": (await entry({ name: "a" }, "x".repeat(4000))).subarray(0, 1500),
  };
  for (const [what, bytes] of Object.entries(bad))
    await expect(openArchive(bytes, "b.tar"), what).rejects.toThrow(/^b\.tar is no audit bundle: /);
  await expect(openArchive(gzipSync(await entry({ name: "a" })), "b.tar")).rejects.toThrow("gunzip b.tar");
  const blank = "our bundles/b.tar";
  await expect(openArchive(Buffer.alloc(0), blank)).rejects.toThrow("tar -tvf 'our bundles/b.tar' | head");
});

test("a key that can't sign, and a file that is no public key, are errors with what to type next", async () => {
  const key = newKey("key");
  const rsa = newKey("rsa", "ecdsa");
  expect(() => sign("x", test.info().outputPath("none"))).toThrow(/can't sign.*\nNext:/s);
  expect(() => sign("x", rsa)).toThrow("is no ed25519 key");
  const bytes = await bundleOf(filesOfRun(), key);
  await expect(checkBundle(bytes, "b.tar", "no key.pub")).rejects.toThrow("ls -l 'no key.pub'");
  await expect(checkBundle(bytes, "b.tar", key)).rejects.toThrow("holds no ed25519 public key");
  await expect(checkBundle(bytes, "b.tar", `${rsa}.pub`)).rejects.toThrow("holds no ed25519 public key");
  expect(readFileSync(key, "utf8")).toContain("PRIVATE KEY");
});
