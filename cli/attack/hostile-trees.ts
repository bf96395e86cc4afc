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
import { dirname, join } from "node:path";
import { declaredSiteOf, gatewayScriptOf } from "../../fixtures/deployment/deployment.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { privateFolder } from "../../fixtures/private-folder.ts";
import { writePlannedSample } from "../gate/planned-tree.ts";
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
}

const put = (tree: string, file: string, text: string | Buffer) => {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  rmSync(join(tree, file), { force: true });
  writeFileSync(join(tree, file), text);
};
const append = (tree: string, file: string, text: string) =>
  put(tree, file, readFileSync(join(tree, file), "utf8") + text);

const bomb = (times: number) =>
  [
    "a0: &a0 [x, x, x, x, x, x, x, x, x]",
    ...Array.from(
      { length: times },
      (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(", ")}]`,
    ),
  ].join("\n");
const nested = (open: string, close: string, times: number) => `${open.repeat(times)}${close.repeat(times)}`;

const texts: readonly ((random: Random) => string)[] = [
  () => "",
  () => "null",
  () => "\0".repeat(1000),
  () => "\u202e\u001b[2J\u0085\r\n".repeat(100),
  () => "[".repeat(100_000),
  () => nested('{"a":[', "]}", 50_000),
  () => `{"a": ${"1".repeat(1_000_000)}}`,
  () => bomb(12),
  () => nested("if true; then\n", "fi\n", 60_000),
  () => nested("server { location / { if ($a) {\n", "}}}\n", 20_000),
  () => "(".repeat(60_000),
  () => "$(".repeat(20_000),
  () => "`".repeat(20_001),
  () => `cat <<${"E".repeat(100_000)}\n`,
  (random) =>
    random
      .of([
        "a",
        " ",
        "\t",
        "\\",
        '"',
        "'",
        "{",
        "}",
        "-",
        "=",
        "$",
        "#",
        "\n",
        "a=",
        "x: ",
        "- ",
        "${",
        "&a ",
        "<<E\n",
      ])
      .repeat(1 + random.below(1_000_000)),
  (random) => Array.from({ length: 20_000 }, () => String.fromCharCode(random.below(0x300))).join(""),
  () => `${"password: ".repeat(20_000)}\n`,
  () => "cat >/etc/nginx/sites-available/x <<'E'\nserver {\nE\n".repeat(3000),
];

const patterns = ["^(a+)+$", "^(.*,)*x$", "^([a-z]+[0-9]*)*!$", "(?:(?:a|a)*)*b", "^(\\w|\\d|_)*$"];

/** A site's lines, by a folder of this machine. */
const lines = (folder: string): readonly string[] => [
  `include ${folder}/secret;`,
  `include "${folder}/secret";`,
  `include\n\t'${folder}/*';`,
  `include /etc/nginx/../..${folder}/secret;`,
  "include /etc/shadow;",
  "include /proc/self/environ;",
  "include /proc/1/environ;",
  "include /dev/zero;",
  `access_log "${folder}/written";`,
  `error_log\n${folder}/written;`,
  `client_body_temp_path "${folder}/written";`,
  `proxy_temp_path\n${folder}/written;`,
  `ssl_certificate\n"${folder}/secret"; ssl_certificate_key\n"${folder}/secret";`,
  `listen unix:${folder}/written;`,
  `}} load_module ${folder}/secret; server {{`,
  `}} js_import x from ${folder}/secret; server {{`,
  `}} perl_require ${folder}/secret; server {{`,
  "} variables_hash_max_size 999999999; server {",
  "} proxy_cache_path /x keys_zone=a:9000g; server {",
  "} limit_req_zone $uri zone=a:9000g rate=1r/s; server {",
];

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
        append(tree, site, `\nserver {\n listen 81;\n ${random.of(lines(outside))}\n}\n`),
    }),
  ),
  {
    what: "a site in a script",
    breaks: false,
    put: (tree, random, outside) =>
      append(
        tree,
        gateway,
        `\ncat >/etc/nginx/sites-available/x <<'E'\nserver {\n${random.of(lines(outside))}\n}\nE\n`,
      ),
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
    put: (tree) =>
      Array.from({ length: 3000 }, (_, at) =>
        put(tree, `many/${at}.${at % 2 ? "json" : "sh"}`, at % 3 ? "{" : "if"),
      ),
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
    for (let tried = 0; tried < times; tried++) {
      // Each has choices of its own, so that one of them can be tried alone.
      const own = new Random(random.below(2 ** 32));
      finds.push(
        ...(await tryOne(
          hostiles[tried % hostiles.length] as Hostile,
          own,
          join(folder, String(tried)),
          env,
        )),
      );
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
  const ran = await runCli(["gate", "--tree", tree, "--base", base, "--json"], {
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
