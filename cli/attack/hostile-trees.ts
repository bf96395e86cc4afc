// Hostile trees: a good tree with one thing in it that a stranger could put there, judged by the gate as a user runs it.
import { execFileSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { declaredSiteOf, gatewayScriptOf } from "../../fixtures/deployment/deployment.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import { writePlannedSample } from "../gate/planned-tree.ts";
import { encoded, featureLines, gitSettings, patterns, siteLines, texts } from "./hostile-texts.ts";
import type { Find, Outcome } from "./outcome.ts";
import { Random } from "./random.ts";
import { runCli, wrongIn } from "./run-cli.ts";

const inRoot = "usr/local/phoenix_hypervisor";
const phrase = "only-on-this-machine";
const vms = "etc/phoenix_vm_configs.json";
const site = declaredSiteOf(defaultDeployment);
const compose = "persistent-storage/portainer/docker-compose.yml";
const script = "bin/vm_features/feature_install_docker.sh";
const gateway = gatewayScriptOf(defaultDeployment);

/** What is put into a tree. `breaks`: nothing of a file that the gate needs is left, so it can't pass. */
interface Hostile {
  readonly what: string;
  readonly breaks: boolean;
  readonly put: (tree: string, random: Random, outside: string) => void;
  /** It is judged as a commit of a repository, which this makes of the folder above. */
  readonly commit?: (repository: string, random: Random, outside: string) => void;
}

const put = (tree: string, file: string, text: string | Buffer) => {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  rmSync(join(tree, file), { force: true });
  writeFileSync(join(tree, file), text);
};
const append = (tree: string, file: string, text: string) =>
  put(tree, file, readFileSync(join(tree, file), "utf8") + text);

const hostiles: readonly Hostile[] = [
  ...[vms, site, compose, script, gateway, "etc/phoenix_vm_configs.schema.json"].map(
    (file): Hostile => ({
      what: `another text in ${file}`,
      breaks: file !== site && file !== gateway,
      put: (tree, random) => put(tree, file, random.of(texts)(random)),
    }),
  ),
  ...[
    "a.json",
    "b/docker-compose.yml",
    "c.sh",
    "etc/nginx/sites-available/d",
    "etc/nginx/conf.d/e.conf",
    "f.md",
  ].map(
    (file): Hostile => ({
      what: `another text in ${file}, which nothing needs`,
      breaks: false,
      put: (tree, random) => put(tree, file, random.of(texts)(random)),
    }),
  ),
  ...Array.from(
    { length: 8 },
    (): Hostile => ({
      what: "a line of a site",
      breaks: false,
      put: (tree, random, outside) =>
        append(tree, site, `\nserver {\n listen 81;\n ${random.of(siteLines(outside))}\n}\n`),
    }),
  ),
  {
    what: "a site in a script",
    breaks: false,
    put: (tree, random, outside) =>
      append(
        tree,
        gateway,
        `\ncat >/etc/nginx/sites-available/x <<'E'\nserver {\n${random.of(siteLines(outside))}\n}\nE\n`,
      ),
  },
  ...[vms, site, compose, script].map(
    (file): Hostile => ({
      what: `another encoding of ${file}`,
      breaks: false,
      put: (tree, random) => put(tree, file, random.of(encoded)(readFileSync(join(tree, file), "utf8"))),
    }),
  ),
  ...Array.from(
    { length: 4 },
    (): Hostile => ({
      what: "a line of the docker feature",
      breaks: false,
      put: (tree, random, outside) => {
        const [first = "", ...rest] = readFileSync(join(tree, script), "utf8").split("\n");
        put(tree, script, [first, random.of(featureLines(outside)), ...rest].join("\n"));
      },
    }),
  ),
  ...Array.from(
    { length: 3 },
    (): Hostile => ({
      what: "a commit of a repository that names programs",
      breaks: false,
      put: (tree) => put(tree, ".gitattributes", "* filter=x diff=x export-subst export-ignore\n"),
      commit: (repository, random, outside) => {
        commitAll(repository);
        for (const setting of gitSettings(outside))
          if (random.below(2) === 0) git(repository, ["config", ...setting]);
      },
    }),
  ),
  {
    what: "a submodule",
    breaks: true,
    put: (tree, _, outside) =>
      put(tree, ".gitmodules", `[submodule "a"]\n\tpath = a\n\turl = ext::sh -c touch% ${outside}/ran\n`),
    commit: (repository) => {
      git(repository, ["add", "-A"]);
      git(repository, ["update-index", "--add", "--cacheinfo", `160000,${"a".repeat(40)},${inRoot}/bin/a`]);
      git(repository, ["commit", "-qm", "x"]);
    },
  },
  {
    what: "a commit whose links lead out of it",
    breaks: true,
    put: (tree, random, outside) => odd(tree, random, (file) => symlinkSync(join(outside, "secret"), file)),
    commit: (repository) => commitAll(repository),
  },
  {
    what: "a folder that is a repository's end elsewhere",
    breaks: false,
    put: (tree, _, outside) => put(tree, ".git", `gitdir: ${outside}\n`),
  },
  {
    what: "names that differ in case alone",
    breaks: false,
    put: (tree) => {
      for (const file of [vms, compose, script, site])
        put(tree, join(dirname(file), basename(file).toUpperCase()), "{ nonsense");
    },
  },
  {
    what: "folders that are links to each other",
    breaks: false,
    put: (tree) => {
      symlinkSync("..", join(tree, "etc/up"));
      symlinkSync("../bin", join(tree, "etc/bin"));
      symlinkSync("loop/loop", join(tree, "etc/loop"));
    },
  },
  {
    what: "a long path",
    breaks: false,
    put: (tree) => put(tree, `${`${"p".repeat(100)}/`.repeat(15)}a.json`, "{"),
  },
  {
    what: "a socket",
    breaks: false,
    put: (tree) => {
      const listens = "require('net').createServer().listen('s', () => process.exit())";
      execFileSync(process.execPath, ["-e", listens], { cwd: tree });
    },
  },
  {
    what: "sites that include each other",
    breaks: false,
    put: (tree, random) => {
      const times = 1 + random.below(400);
      for (let at = 0; at < times; at++)
        put(tree, `etc/nginx/conf.d/${at}.conf`, `include /etc/nginx/conf.d/${(at + 1) % times}.conf;\n`);
    },
  },
  {
    what: "compose files that include each other",
    breaks: false,
    put: (tree, random) => {
      const times = 1 + random.below(200);
      for (let at = 0; at < times; at++)
        put(
          tree,
          `c/${at}/docker-compose.yml`,
          `include: [../${(at + 1) % times}/docker-compose.yml]\nservices: {}\n`,
        );
    },
  },
  {
    what: "a schema with names that every object has",
    breaks: false,
    put: (tree) => {
      put(
        tree,
        "etc/x.schema.json",
        '{"properties": {"__proto__": {"type": "number"}, "constructor": {"type": "number"}}, "required": ["__proto__", "toString"], "definitions": {"__proto__": {}}, "$ref": "#/definitions/__proto__"}',
      );
      put(tree, "etc/x.json", '{"__proto__": {"toString": 1}, "constructor": "x"}');
    },
  },
  {
    what: "a pattern that backtracks for ever",
    breaks: false,
    put: (tree, random) => {
      const pattern = random.of(patterns);
      put(
        tree,
        "etc/x.schema.json",
        JSON.stringify({ patternProperties: { [pattern]: {} }, properties: { a: { pattern } } }),
      );
      put(tree, "etc/x.json", JSON.stringify({ a: `${"a".repeat(60)},!`, [`${"a".repeat(60)}-`]: 1 }));
    },
  },
  {
    what: "the schema of a needed file with such a pattern",
    breaks: false,
    put: (tree, random) =>
      put(
        tree,
        "etc/phoenix_vm_configs.schema.json",
        JSON.stringify({
          additionalProperties: { items: { additionalProperties: { pattern: random.of(patterns) } } },
          propertyNames: { pattern: "^(\\w+)+!$" },
        }),
      ),
  },
  {
    what: "a schema that refers to itself, or to another host",
    breaks: false,
    put: (tree, random) => {
      put(
        tree,
        "etc/x.schema.json",
        JSON.stringify(
          random.of([
            { $ref: "#" },
            { $ref: "http://127.0.0.1:9/x" },
            { $ref: "file:///etc/passwd" },
            { allOf: [{ $ref: "#" }] },
            { type: 1 },
            [],
            null,
          ]),
        ),
      );
      put(tree, "etc/x.json", "{}");
    },
  },
  {
    what: "a pipe",
    breaks: true,
    put: (tree, random) => odd(tree, random, (file) => execFileSync("mkfifo", [file])),
  },
  {
    what: "a big file",
    breaks: true,
    put: (tree, random) =>
      odd(tree, random, (file) => {
        writeFileSync(file, "");
        truncateSync(file, 10 * 2 ** 30);
      }),
  },
  {
    what: "a link out of the tree",
    breaks: true,
    put: (tree, random, outside) => odd(tree, random, (file) => symlinkSync(join(outside, "secret"), file)),
  },
  {
    what: "a link to a device",
    breaks: true,
    put: (tree, random) => odd(tree, random, (file) => symlinkSync("/dev/zero", file)),
  },
  {
    what: "a link to itself",
    breaks: true,
    put: (tree, random) => odd(tree, random, (file) => symlinkSync(file, file)),
  },
  { what: "a folder", breaks: true, put: (tree, random) => odd(tree, random, (file) => mkdirSync(file)) },
  {
    what: "a name with a command",
    breaks: false,
    put: (tree, random, outside) =>
      put(
        tree,
        random.of([
          `$(touch ${outside.replaceAll("/", "\u2215")})`,
          "-rf",
          "a\nb.sh",
          "'; id; '.json",
          "a b\t.sh",
          "\u202egnp.sh",
          "*",
          "a".repeat(250),
          "--.json",
        ]),
        random.of(texts)(random),
      ),
  },
  {
    what: "a name that is not UTF-8",
    breaks: true,
    put: (tree) => writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.of(0xff, 0xfe)]), ""),
  },
  {
    what: "many files",
    breaks: false,
    put: (tree, random) => {
      const [length, name, text] = random.of([
        [
          3_000,
          (at: number) => `many/${at}.${at % 2 ? "json" : "sh"}`,
          (at: number) => (at % 3 ? "{" : "if"),
        ],
        [19_000, (at: number) => `many/${at}.json`, () => "{}"],
        [19_000, (at: number) => `many/${at}.sh`, () => "true\n"],
        [9_000, (at: number) => `many/${at}/docker-compose.yml`, () => "services: {}\n"],
        [9_000, (at: number) => `etc/nginx/conf.d/${at}.conf`, () => "\n"],
      ] as const);
      for (let at = 0; at < length; at++) put(tree, name(at), text(at));
    },
  },
  {
    what: "many sites",
    breaks: false,
    put: (tree) =>
      Array.from({ length: 300 }, (_, at) => put(tree, `etc/nginx/sites-available/${at}`, "server {\n}\n")),
  },
  {
    what: "too many files",
    breaks: true,
    put: (tree) => Array.from({ length: 20_100 }, (_, at) => put(tree, `many/${at}`, "")),
  },
  {
    what: "deep folders",
    breaks: true,
    put: (tree) => mkdirSync(join(tree, "d/".repeat(200)), { recursive: true }),
  },
  {
    what: "settings of programs",
    breaks: false,
    put: (tree, _, outside) => {
      for (const at of ["", "bin/", "etc/", "bin/vm_features/"]) {
        put(tree, `${at}.shellcheckrc`, `source-path=${outside}\nexternal-sources=true\ndisable=all\n`);
        put(tree, `${at}.gitattributes`, "* filter=x diff=x\n");
      }
      append(tree, script, `\n# shellcheck source=${outside}/secret\n. ${outside}/secret\n`);
    },
  },
  {
    what: "a folder above that is a link",
    breaks: true,
    put: (tree) => {
      const local = dirname(tree);
      cpSync(local, join(local, "../../elsewhere"), { recursive: true });
      rmSync(local, { recursive: true });
      symlinkSync("../elsewhere", local);
    },
  },
];

function odd(tree: string, random: Random, make: (file: string) => void): void {
  const file = join(tree, random.of([vms, script, compose]));
  rmSync(file);
  make(file);
}

function git(repository: string, args: readonly string[]): void {
  const identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgSign=false"];
  execFileSync("git", ["-C", repository, ...identity, ...args], { stdio: "pipe" });
}

function commitAll(repository: string): void {
  git(repository, ["add", "-A"]);
  git(repository, ["commit", "-qm", "x"]);
}

/** Judges `times` hostile trees. `env` is that of the command line. */
export async function hostileTrees(
  times: number,
  random: Random,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Outcome> {
  const began = performance.now();
  const finds: Find[] = [];
  const folder = privateFolder(tmpdir(), "phoenix-attack-trees");
  try {
    // Each once before any of them twice, in an order of the seed's own.
    const order: Hostile[] = [];
    for (let tried = 0; tried < times; tried++) {
      if (order.length === 0) order.push(...hostiles.toSorted(() => random.next() - 0.5));
      // Each has choices of its own, so that one of them can be tried alone.
      const own = new Random(random.below(2 ** 32));
      finds.push(...(await tryOne(order.pop() as Hostile, own, join(folder, String(tried)), env)));
      rmSync(join(folder, String(tried)), { recursive: true, force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { attack: "hostile trees", tried: times, finds, ms: performance.now() - began };
}

async function tryOne(
  hostile: Hostile,
  random: Random,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Find[]> {
  const outside = join(folder, "outside");
  mkdirSync(outside, { recursive: true });
  writeFileSync(join(outside, "secret"), `${phrase} yes;\n`);
  const [base, tree] = [join(folder, "base"), join(folder, "tree")];
  writePlannedSample(base);
  cpSync(base, tree, { recursive: true });
  hostile.put(join(tree, inRoot), random, outside);
  const changed = state(outside);
  if (hostile.commit) {
    execFileSync("git", ["init", "-q", "-b", "main", tree]);
    hostile.commit(tree, random, outside);
  }
  const judged = hostile.commit ? `${tree}@main` : tree;
  const ran = await runCli(["gate", "--tree", judged, "--base", base, "--json"], {
    scratch: join(folder, "tmp"),
    env,
    mostMs: 240_000,
  });
  const tried = hostile.what;
  return [
    ...wrongIn(tried, ran),
    ...(ran.text.includes(phrase)
      ? [{ wrong: "leak", tried, found: "words of a file that is not in the tree" } as const]
      : []),
    ...(state(outside) !== changed
      ? [{ wrong: "leak", tried, found: `it wrote: ${state(outside)}` } as const]
      : []),
    ...(hostile.breaks && ran.code === 0
      ? [{ wrong: "false green", tried, found: "the gate passes" } as const]
      : []),
  ];
}

const state = (folder: string) =>
  readdirSync(folder)
    .map((name) => `${name} ${statSync(join(folder, name)).size}`)
    .join(", ");
