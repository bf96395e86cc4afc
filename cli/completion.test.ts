// Completion in real shells: bash and zsh at a terminal with Tab pressed, and fish.
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { quoteWords } from "../fixtures/quote.ts";
import { removeAtExit } from "../fixtures/remove-at-exit.ts";
import { sample } from "../specs/testing/evidence-builder.ts";

const run = promisify(execFile);
const main = join(import.meta.dirname, "main.ts");
const folder = mkdtempSync(join(tmpdir(), "phoenix-completion-"));
removeAtExit(folder);

const entry = {
  ...{ kind: "ssh", url: "https://portainer.phoenix.local", tree: "/phoenix", allows: ["observe"] },
  ...{ resolve: {}, trust: { certificateFile: "/c.pem" }, cannotImitate: [] },
  ssh: { host: "h", port: 22, user: "root", privateKeyFile: "key", hostKey: "ssh-ed25519 AAAA" },
};
writeFileSync(
  join(folder, "lab.json"),
  JSON.stringify({ targets: { alpha: entry, alps: entry, beta: entry } }),
);
writeFileSync(join(folder, "own.json"), JSON.stringify(sample().document.target.deployment));
writeFileSync(join(folder, "notes.txt"), "");

/** What the program says may follow: the kind, then the values. */
async function after(...words: string[]): Promise<string[]> {
  const { stdout } = await run(process.execPath, [main, "complete", "--", ...words], { cwd: folder });
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t")[0] ?? "");
}

for (const [words, expected] of [
  [["ver"], ["words", "verify"]],
  [
    ["contract", "p"],
    ["words", "portainer"],
  ],
  [
    ["verify", "--re"],
    ["words", "--require", "--record", "--report"],
  ],
  [
    ["verify", "--inventory", "lab.json", "--target", "al"],
    ["words", "alpha", "alps"],
  ],
  [
    ["verify", "--inventory=lab.json", "--target", "be"],
    ["words", "beta"],
  ],
  [
    ["verify", "--inventory", "=", "lab.json", "--target", "="],
    ["words", "alpha", "alps", "beta"],
  ],
  [["verify", "--inventory", "notes.txt", "--target", ""], ["words"]],
  [["verify", "--target", ""], ["words"]],
  [["verify", "--only", "STO-003,STO-00"], expect.arrayContaining(["STO-003,STO-001"])],
  [["spec", "STO-0"], expect.arrayContaining(["words", "STO-003"])],
  [
    ["spec", "STO-003", "--control", "STO-003 is refuted by an older"],
    ["words", "STO-003 is refuted by an older entry that still stands in fstab"],
  ],
  [
    ["accept", "--vm", ""],
    ["words", "lxc", "qemu"],
  ],
  [
    ["accept", "--format", "ju"],
    ["words", "junit"],
  ],
  [
    ["accept", "--deployment", ""],
    ["words", "own.json"],
  ],
  [["accept", "--deployment", "no"], ["files"]],
  [["plan", "--without", "vol"], expect.arrayContaining(["words"])],
  [["verify", "--save", "x"], ["files"]],
  [["accept", "--tree", ""], ["files"]],
  [["verify", "--at-once", ""], ["words"]],
  [
    ["nightly", "st"],
    ["words", "status"],
  ],
  [["no-such", "--x", ""], ["words"]],
] as const)
  test(`what may follow: ${words.join(" ")}`, async () => {
    expect(await after(...words)).toEqual(expected);
  });

test("nothing that the suite does not show in help is offered", async () => {
  expect(await after("")).not.toContain("complete");
  expect(await after("")).toEqual(expect.arrayContaining(["accept", "apply", "nightly", "completion"]));
});

async function scriptFor(shell: string): Promise<string> {
  const { stdout } = await run(process.execPath, [main, "completion", shell]);
  const file = join(folder, `completion.${shell}`);
  writeFileSync(file, stdout);
  return file;
}

/** How each shell starts without the user's own files, and what it needs before the script. */
const interactive = {
  bash: { program: "bash --norc --noprofile -i", first: "" },
  // Control sequences of the line editor would stand between the letters.
  zsh: {
    program: "zsh -f -i",
    first: "unsetopt prompt_sp zle_bracketed_paste; autoload -U compinit; compinit -u -D; ",
  },
} as const;

const typedInBash = (keys: string, shows: string) => typedIn("bash", keys, shows);

/** What a terminal shows after these keys in an interactive shell, as soon as it shows the text; or at the end of the time. */
async function typedIn(shell: keyof typeof interactive, keys: string, shows: string): Promise<string> {
  const file = await scriptFor(shell);
  const { program, first } = interactive[shell];
  const child = spawn("script", ["-qec", program, "/dev/null"], {
    ...{ cwd: folder, stdio: ["pipe", "pipe", "ignore"] },
    env: { PATH: process.env.PATH, HOME: folder, TERM: "dumb", HISTFILE: "/dev/null" },
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (shown += piece));
  try {
    child.stdin.write(`${first}PS1='rea''dy> '; . ${quoteWords([file])}\n`);
    await expect.poll(() => shown, { timeout: 30_000 }).toContain("ready> ");
    const from = shown.length;
    child.stdin.write(keys);
    await expect.poll(() => shown.slice(from), { timeout: 30_000 }).toContain(shows);
    return shown.slice(from);
  } finally {
    child.stdin.destroy();
    child.kill("SIGKILL");
  }
}

test("bash: one candidate is written out, and several are listed", async () => {
  await typedInBash("phoenix-acceptance requir\t", "requirements ");
  await typedInBash("phoenix-acceptance verify --inventory lab.json --target b\t", "--target beta ");
  const listed = await typedInBash("phoenix-acceptance verify --inventory lab.json --target alp\t\t", "alps");
  expect(listed).toContain("alpha");
});

test("bash: a title with spaces is one word, a file is completed as always, and what was typed is not run", async () => {
  await typedInBash(
    "phoenix-acceptance spec STO-003 --control STO-003\\ is\\ refuted\\ by\\ an\\ old\t",
    "fstab",
  );
  await typedInBash("phoenix-acceptance verify --save note\t", "notes.txt");
  await typedInBash("phoenix-acceptance '$(touch made)' requir\t\t; ls\r", "own.json");
  expect(readdirSync(folder)).not.toContain("made");
});

test("zsh: one candidate is written out, also after `=`", async () => {
  await typedIn("zsh", "phoenix-acceptance requir\t", "requirements ");
  await typedIn("zsh", "phoenix-acceptance accept --format=ju\t", "junit");
});

test("zsh: several are listed with what they are, and a title with spaces is one word", async () => {
  const keys = "phoenix-acceptance verify --inventory lab.json --target alp\t\t";
  expect(await typedIn("zsh", keys, "alps")).toMatch(/alpha +alps +-- ssh/);
  const title = "STO-003\\ is\\ refuted\\ by\\ an\\ old";
  await typedIn("zsh", `phoenix-acceptance spec STO-003 --control ${title}\t`, "in\\ fstab");
});

test("zsh: a file is completed as always, and what was typed is not run", async () => {
  await typedIn("zsh", "phoenix-acceptance verify --save note\t", "notes.txt");
  await typedIn("zsh", "phoenix-acceptance '$(touch made)' requir\t\t; ls\r", "own.json");
  expect(readdirSync(folder)).not.toContain("made");
});

test("zsh: the script works as a file of fpath too", async () => {
  writeFileSync(join(folder, "_phoenix-acceptance"), readFileSync(await scriptFor("zsh")));
  const fresh = `unfunction _phoenix_acceptance; compdef -d phoenix-acceptance; fpath=(${folder} $fpath); compinit -u -D`;
  await typedIn("zsh", `${fresh}\rphoenix-acceptance requir\t`, "requirements ");
});

test("fish: values and what they are", async () => {
  const file = await scriptFor("fish");
  const env = { PATH: process.env.PATH, HOME: folder };
  const asked = async (line: string) => {
    const argv = ["--no-config", "-c", `source $argv[1]; complete -C $argv[2]`, file, line];
    return (await run("fish", argv, { cwd: folder, env })).stdout.trimEnd().split("\n");
  };
  expect(await asked("phoenix-acceptance requir")).toEqual([
    "requirements\tlist the requirements and what covers them",
  ]);
  expect(await asked("phoenix-acceptance verify --inventory lab.json --target al")).toEqual([
    "alpha\tssh",
    "alps\tssh",
  ]);
  expect(await asked("phoenix-acceptance verify --save note")).toEqual(["notes.txt"]);
});
