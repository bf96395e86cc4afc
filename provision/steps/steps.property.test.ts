// Every step on trees with other people's edits: it makes its change once, or refuses with the position.
import { spawnSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import fc from "fast-check";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { BadInput } from "../../fixtures/errors.ts";
import { parseFirewallText } from "../../fixtures/readings/pve-firewall/parse.ts";
import type { Facts } from "../facts.ts";
import { clusterFirewall, filesOf } from "../files.ts";
import { changesOf, makePlan, type Plan, type PlanOptions } from "../plan.ts";
import { edited, noiseOf, noises, quiet, withNoise, withTexts } from "../testing/noise.ts";
import { factsOf, sampleTree, textOf, written } from "../testing/sample-facts.ts";
import { steps } from "./index.ts";

const files = filesOf(defaultDeployment);
const facts = factsOf(sampleTree);
const options: PlanOptions = { target: "sample", literal: false, without: [], only: [] };
const plan = (found: Facts, chosen: Partial<PlanOptions> = {}) =>
  makePlan(found, steps, { ...options, ...chosen });
const paths = edited(facts);
const isScript = (name: string) => name.endsWith(".sh");

/** The files that each step would write. */
const writes = (one: Plan) =>
  changesOf(one).flatMap(({ step, change }) => (change.does === "run" ? [] : [`${step.id}: ${change.path}`]));

/** The plan, or the refusal. Any other error is a bug and is thrown. */
function attempt(found: Facts, chosen: Partial<PlanOptions> = {}): Plan | string {
  try {
    return plan(found, chosen);
  } catch (error) {
    if (!(error instanceof BadInput)) throw error;
    expect(error.message).toMatch(/:\d+:\d+: |^Not a Phoenix tree: /);
    return error.message;
  }
}

const cleanWrites = writes(plan(facts));
const clean = written(facts, plan(facts));
const wellFormed = (script: string) => spawnSync("bash", ["-n"], { input: script, encoding: "utf8" }).stderr;

test("noise is not changed, and not mistaken for the text to edit", () => {
  fc.assert(
    fc.property(noises(facts), (noise) => {
      const found = withNoise(facts, noise);
      const whole = plan(found);
      const after = written(found, whole);
      expect(writes(whole)).toEqual(cleanWrites);
      for (const name of paths) {
        expect(quiet(textOf(after, name)), name).toBe(textOf(clean, name));
        expect(noiseOf(textOf(after, name)), name).toEqual(noiseOf(textOf(found, name)));
      }
      expect(writes(plan(after))).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

test("a script that bash could parse still parses after the edits", () => {
  fc.assert(
    fc.property(
      noises(facts),
      fc.constantFrom(...paths.filter(isScript)),
      fc.boolean(),
      (noise, name, literal) => {
        const found = withNoise(facts, noise);
        expect(wellFormed(textOf(found, name))).toBe("");
        expect(wellFormed(textOf(written(found, plan(found, { literal })), name))).toBe("");
      },
    ),
    { numRuns: 20 },
  );
});

test("CRLF line endings are kept and do not affect the edits", () => {
  fc.assert(
    fc.property(noises(facts), (noise) => {
      const found = withNoise(facts, noise);
      const crlf = withTexts(found, (text) => text.replaceAll("\n", "\r\n"));
      const after = written(crlf, plan(crlf));
      const expected = written(found, plan(found));
      for (const name of paths)
        expect(textOf(after, name), name).toBe(textOf(expected, name).replaceAll("\n", "\r\n"));
      expect(writes(plan(after))).toEqual([]);
    }),
    { numRuns: 10 },
  );
});

/** Changes the order of every object's members. */
function reordered(value: unknown, turn: number): unknown {
  if (Array.isArray(value)) return value.map((one) => reordered(one, turn));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, one]): [string, unknown] => [key, reordered(one, turn)]);
  const cut = turn % entries.length;
  return Object.fromEntries([...entries.slice(cut), ...entries.slice(0, cut)]);
}

test("JSON with another layout and order gets the same values", () => {
  const layout = fc.record({
    turn: fc.nat(20),
    indent: fc.constantFrom<string | number>(0, 1, 2, 8, "\t"),
    mark: fc.constantFrom("", "\uFEFF"),
    end: fc.constantFrom("", "\n", "\r\n"),
  });
  const parsed = (text: string): unknown => JSON.parse(text.replace(/^\uFEFF/, ""));
  fc.assert(
    fc.property(layout, ({ turn, indent, mark, end }) => {
      const found = withTexts(facts, (text, name) =>
        name.endsWith(".json")
          ? mark + JSON.stringify(reordered(JSON.parse(text), turn), null, indent) + end
          : text,
      );
      const after = written(found, plan(found));
      for (const name of paths.filter((one) => one.endsWith(".json"))) {
        expect(parsed(textOf(after, name))).toEqual(parsed(textOf(clean, name)));
        expect(textOf(after, name).startsWith(mark)).toBe(true);
        expect(textOf(after, name).endsWith(`}${end}`)).toBe(true);
      }
      expect(writes(plan(after))).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

const stackRemedies = steps.filter(({ plan: task, kind }) => task === "2.2" && kind === "remedy");

for (const { id } of steps)
  test(`${id} alone is planned once, or refused with the position, for any damage to a file`, () => {
    const slip = fc.constantFrom(
      "",
      '"',
      "'",
      "{",
      "}",
      "[",
      "]",
      ",",
      ";",
      "-\n",
      "\n",
      "\\",
      "#",
      "\0",
      "null",
      "EOF\n",
      "\r",
    );
    const damage = fc.tuple(fc.constantFrom(...paths), fc.nat(), fc.nat(40), slip, fc.boolean());
    // Steps that correct the function that starts stacks need the step that writes it.
    const only = stackRemedies.some((step) => step.id === id) ? ["discover-stacks", id] : [id];
    fc.assert(
      fc.property(noises(facts), fc.array(damage, { minLength: 1, maxLength: 2 }), (noise, all) => {
        const found = withNoise(facts, noise);
        const damaged = withTexts(found, (text, name) =>
          all
            .filter(([one]) => one === name)
            .reduce((whole, [, pick, length, char, byLine]) => {
              const at = pick % whole.length;
              const start = byLine ? whole.lastIndexOf("\n", at) + 1 : at;
              const end = byLine ? whole.indexOf("\n", at) + 1 : at + length;
              return whole.slice(0, start) + char + whole.slice(end);
            }, text),
        );
        const once = attempt(damaged, { only });
        if (typeof once === "string") return;
        const again = attempt(written(damaged, once), { only });
        if (typeof again === "string") throw new Error(`what it wrote it can't read: ${again}`);
        expect(writes(again)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

test("a value of another type is refused with its position", () => {
  const odd = fc.constantFrom<unknown>(null, 1, "x", [], {}, [null], [1], [[]], { vmid: 1001 }, true);
  const json = paths.filter((name) => name.endsWith(".json"));
  fc.assert(
    fc.property(fc.constantFrom(...json), fc.nat(), odd, (name, pick, value) => {
      let left = -1;
      const count = (one: unknown): number =>
        typeof one === "object" && one !== null
          ? Object.values(one).reduce((sum: number, inner) => sum + count(inner), 1)
          : 1;
      const put = (one: unknown): unknown => {
        if (left-- === 0) return value;
        if (Array.isArray(one)) return one.map(put);
        if (typeof one !== "object" || one === null) return one;
        return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, put(inner)]));
      };
      const found = withTexts(facts, (text, which) => {
        if (which !== name) return text;
        const whole: unknown = JSON.parse(text);
        left = pick % count(whole);
        return JSON.stringify(put(whole), null, 4);
      });
      const only = ["volume-path", "outbound-rule", "gateway-inbound", "stale-addresses"];
      const once = attempt(found, { only });
      if (typeof once !== "string") expect(writes(plan(written(found, once), { only }))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

const dashes = (site: string) =>
  withTexts(facts, (text, name) => (name === files.declaredSite ? site : text));
const upstreamOf = "upstream portainer_service { server a:1; }\n";

test("every stray dash is removed, and nothing that only looks like one", () => {
  const stray = fc.constantFrom("-\n", "- \t\n", "  -\n");
  const lookalike = fc.constantFrom(
    "",
    "a '\n-\n';\n",
    "server_name a\n-\nb;\n",
    "# -\n",
    "a -;\n",
    "a_by_lua_block {\n-\n}\n",
    "\n\n",
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(stray, lookalike), { minLength: 1, maxLength: 5 }), (all) => {
      const expected = all.map(([, other]) => other).join("") + upstreamOf;
      const found = dashes(all.map(([dash, other]) => dash + other).join("") + upstreamOf);
      const once = plan(found, { only: ["declared-syntax"] });
      expect(textOf(written(found, once), files.declaredSite)).toBe(expected);
    }),
  );
});

test("an upstream with several servers or an include is refused at that position", () => {
  for (const [site, at] of [
    ["upstream portainer_service {\n  server a:1;\n  include more;\n}", ":3:3: "],
    ["\n upstream portainer_service { server a:1; server b:1; }", ":2:2: "],
    [`${upstreamOf}${upstreamOf}`, ":2:1: "],
    ["\uFEFFupstream portainer_service { server a:1; }", ":1:1: "],
  ] as const)
    expect(attempt(dashes(site), { only: ["declared-upstream"] })).toContain(`vllm_gateway${at}`);
});

test("http becomes https wherever the upstream is used, quoted or nested", () => {
  const site = (scheme: string) =>
    `${upstreamOf}location / { proxy_pass "${scheme}://portainer_service"; location /a { if ($b) { proxy_pass ${scheme}://portainer_service/x; } } }
server { location / { proxy_pass '${scheme}://Portainer_Service/'; proxy_pass http://portainer_service_2; set $c "http://portainer_service"; } }`;
  const expected = site("https");
  const found = dashes(site("http"));
  const once = plan(found, { only: ["portainer-location-tls"] });
  expect(textOf(written(found, once), files.declaredSite)).toBe(expected);
});

/** Facts with another text of the gateway's script. */
const gatewayScript = (change: (text: string) => string) =>
  withTexts(facts, (text, name) => (name === files.gatewayScript ? change(text) : text));

test("the script makes the certificate outside the site's heredoc, however njs is set up", () => {
  for (const line of [
    "cat >/etc/nginx/conf.d/njs.conf <<'EOF'",
    ": << 'EOF'",
    "tee /etc/nginx/conf.d/njs.conf << 'EOF'",
  ]) {
    const found = gatewayScript((text) => text.replace("cat > /etc/nginx/conf.d/njs.conf << 'EOF'", line));
    const after = textOf(written(found, plan(found)), files.gatewayScript);
    const [before = "", site = ""] = after.split("cat > /etc/nginx/sites-available/vllm_gateway");
    expect(before).toContain("subjectAltName");
    expect(site).not.toContain("subjectAltName");
    expect(wellFormed(after)).toBe("");
  }
});

test("a vhost line that would end the heredoc is refused", () => {
  const found = gatewayScript((text) => {
    const [before = "", , following = ""] = text.split(/(?<=vllm_gateway << )|\nEOF\n(?=\nnginx -t)/);
    return `${before}'}'\nlisten 80;\n}\n${following}`;
  });
  expect(attempt(found, { only: ["delivered-vhost"] })).toMatch(
    /:\d+:1: a line of the vhost equals the heredoc's end word: }/,
  );
});

test("the cluster's firewall is enabled once, in the OPTIONS section only", () => {
  const line = fc.constantFrom(
    "enable: 0",
    "enable: 1",
    " enable: 0",
    "policy_in: DROP",
    "log: x",
    "# enable: 0",
    "",
    "|ENABLE: 0",
  );
  const section = fc.constantFrom("[RULES]", "[group enable]", "[IPSET a]", "[aliases]");
  const others = fc.array(fc.tuple(section, fc.array(line, { maxLength: 3 })), { maxLength: 2 });
  fc.assert(
    fc.property(
      fc.option(fc.array(line, { maxLength: 4 })),
      others,
      fc.constantFrom("\n", "\r\n"),
      fc.boolean(),
      (own, rest, end, cut) => {
        const following = rest.flatMap(([name, lines]) => [name, ...lines]);
        const text = [...(own ? ["[OPTIONS]", ...own] : []), ...following].join(end) + (cut ? "" : end);
        const found: Facts = {
          ...facts,
          files: { ...facts.files, [clusterFirewall]: { kind: "file", mode: "640", text } },
        };
        if (text.trim() !== "" && text.includes("\r")) {
          // Proxmox sees no section in such a file.
          expect(attempt(found, { only: ["firewall-switches"] })).toContain("U+000D");
          return;
        }
        const once = plan(found, { only: ["firewall-switches"] });
        const after = written(found, once).files[clusterFirewall];
        const kept = /^(# Kept open|IN ACCEPT -source 10\.0\.0\.0\/24 #).*\n?/gm;
        const all = after?.kind === "file" ? after.text : "";
        const drops = parseFirewallText(all, "cluster").options.get("policy_in")?.value === "drop";
        expect(all.match(kept)?.length ?? 0).toBe(drops ? 2 : 0);
        const now = all.replace(kept, "").replace(text.includes("[RULES]") ? /$^/ : /\n*\[RULES\]\n$/, "");
        const [options = "", ...sections] = now.split(/(?<=\n)(?=\[(?!OPTIONS))/);
        expect(sections.join("").trimEnd()).toBe(following.join(end).trimEnd());
        const read = options
          .split(/\r?\n/)
          .map((one) => one.trim())
          .filter((one) => /^(enable|policy_in):/i.test(one));
        expect(new Set(read.filter((one) => /^enable/i.test(one)))).toEqual(new Set(["enable: 1"]));
        expect(read.filter((one) => one.startsWith("policy_in"))).toEqual(
          own?.includes("policy_in: DROP")
            ? own.filter((one) => one === "policy_in: DROP")
            : ["policy_in: ACCEPT"],
        );
        expect(writes(plan(written(found, once), { only: ["firewall-switches"] }))).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});
