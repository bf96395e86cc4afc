// For property tests: adds unrelated lines to the sample tree. Every added line contains NOISE.
import fc from "fast-check";
import { staleUpstreamOf } from "../../fixtures/deployment/neighbours.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { readScript } from "../edit/script.ts";
import type { Facts, FileFact } from "../facts.ts";
import { filesOf, liveSiteOf } from "../files.ts";
import { textOf } from "./sample-facts.ts";

// The noise is made for the sample tree in the repository.
const { upstream } = defaultDeployment.gateway;
const { host, image } = defaultDeployment.portainer;
const liveSite = liveSiteOf(defaultDeployment);

/** Lines to insert before a line, whose number counts from 0. */
interface Addition {
  readonly line: number;
  readonly lines: string;
}

const inJson = (next: string, _before: string): readonly string[] => {
  if (next.startsWith("{")) return ['{ "vmid": 9007199254740993, "type": "NOISE", "path": "\\u2028}" },'];
  if (/^"[^"]*",?$/.test(next)) return ['"NOISE",'];
  return ['"NOISE": 1E+2,', '"NOISE": 12345678901234567890,', '"NOISE": [{ "path": "//" }, "\u2028𝒳"],'];
};
const remarks = [
  `# NOISE upstream ${upstream} { server a; }`,
  "\t# NOISE it's \"",
  `# NOISE { proxy_pass http://${upstream};`,
  '# NOISE local fstab_entry= subjectAltName .exitcode net0_string+=",firewall=1"',
  "# NOISE start_compose_stacks() could not be started; command -v docker-compose; bin/managers/guest-firewall.sh",
  `# NOISE cat > ${liveSite} << 'EOF'`,
  `# NOISE listen 443 ssl; server_name ${host};`,
];
const inSite = [
  ...remarks,
  `set $NOISE "a; { } # ${upstream}";`,
  "include NOISE/*.conf;",
  'if ($NOISE ~ "a{2}") { rewrite ^/NOISE}$ /; }',
  "rewrite_by_lua_block { NOISE = '}' -- it's }\n--[[ NOISE } ]] NOISE() }",
  `log_format NOISE 'NOISE\nNOISE http://${upstream}';`,
];
const inCompose = [`# NOISE image: ${image.replace(/:[^:]*$/, ":latest")}`, "      # NOISE: it's\n\t# NOISE"];
const inScript = [
  ...remarks,
  ": 'NOISE\nNOISE exit 0\nNOISE'",
  ': "NOISE\n    exit 0 # NOISE\nNOISE"',
  `: << 'NOISE'\ncat > ${liveSite} << 'EOF' NOISE\n} NOISE\nNOISE`,
  "cat > /dev/null <<- NOISE\n\t$(: NOISE)\n\tNOISE",
  ": NOISE $((1 << 2)) \\\n    NOISE",
];

function places(
  name: string,
  text: string,
): readonly { readonly line: number; readonly choice: readonly string[] }[] {
  const lines = text.split("\n");
  if (name.endsWith(".json"))
    return lines.flatMap((one, at) => {
      const next = lines[at + 1]?.trim() ?? "";
      return /[[{]$/.test(one) && !/^[\]}]/.test(next) ? [{ line: at + 1, choice: inJson(next, one) }] : [];
    });
  if (name.endsWith(".yml")) return lines.map((_, line) => ({ line, choice: inCompose }));
  if (!name.endsWith(".sh")) return sitePlaces(lines, 0, lines.length - 1);
  const { lines: code, heredocs } = readScript(name, text);
  const number = (offset: number) => text.slice(0, offset).split("\n").length - 1;
  const commands = code.map(({ start }) => {
    const line = number(start);
    const atPattern = /(;;|\bin)$/.test(
      lines
        .slice(0, line)
        .findLast((one) => one.trim() !== "")
        ?.trim() ?? "",
    );
    return { line, choice: line === 0 ? [] : atPattern ? remarks : inScript };
  });
  const site = heredocs.filter(({ opened }) => text.slice(0, opened).endsWith(`cat > ${liveSite} `));
  return [...commands, ...site.flatMap(({ start, end }) => sitePlaces(lines, number(start), number(end)))];
}

function sitePlaces(lines: readonly string[], from: number, to: number) {
  return lines.slice(from, to).map((_, at) => {
    const above = lines.slice(from, from + at);
    const opened = above.findLastIndex((one) => /^upstream .*\{$/.test(one));
    const inUpstream = opened >= 0 && !above.slice(opened).includes("}");
    const topLevel = !above.slice(above.lastIndexOf("}") + 1).some((one) => one.endsWith("{"));
    const own = topLevel ? [`upstream NOISE_service { server ${staleUpstreamOf(defaultDeployment)}; }`] : [];
    return { line: from + at, choice: inUpstream ? remarks : [...inSite, ...own] };
  });
}

/** Noise for each file that steps edit, by its path in the tree. */
export type Noise = Readonly<Record<string, readonly Addition[]>>;

export function noises(facts: Facts): fc.Arbitrary<Noise> {
  const additions = (name: string): fc.Arbitrary<Addition[]> => {
    const free = places(name, textOf(facts, name)).filter(({ choice }) => choice.length > 0);
    const one = fc
      .constantFrom(...free)
      .chain(({ line, choice }) => fc.constantFrom(...choice).map((lines) => ({ line, lines })));
    return fc.uniqueArray(one, { maxLength: 6, selector: ({ line }) => line });
  };
  return fc.record(Object.fromEntries(edited(facts).map((name) => [name, additions(name)])));
}

/** The facts with noise in their files. */
export function withNoise(facts: Facts, noise: Noise): Facts {
  return withTexts(facts, (text, name) => {
    const lines = text.split("\n");
    for (const { line, lines: more } of (noise[name] ?? []).toSorted((one, other) => other.line - one.line))
      lines.splice(line, 0, ...more.split("\n"));
    return lines.join("\n");
  });
}

/** The existing files that steps edit. */
export const edited = (facts: Facts) =>
  Object.values(filesOf(facts.deployment)).filter(
    (name) => facts.files[`${facts.tree}/${name}`]?.kind === "file",
  );

/** The facts with other texts in those files. */
export function withTexts(facts: Facts, change: (text: string, name: string) => string): Facts {
  const changed = edited(facts).map((name): [string, FileFact] => [
    `${facts.tree}/${name}`,
    { kind: "file", mode: "644", text: change(textOf(facts, name), name) },
  ]);
  return { ...facts, files: { ...facts.files, ...Object.fromEntries(changed) } };
}

/** A text without the noise. */
export const quiet = (text: string) =>
  text
    .split("\n")
    .filter((line) => !line.includes("NOISE"))
    .join("\n");
/** Only the noise of a text. */
export const noiseOf = (text: string) => text.split("\n").filter((line) => line.includes("NOISE"));
