// The table of rooms: the content of each folder, and which other rooms its files may import. All other imports are forbidden.
// `node cli/walls/table.ts` writes it into ARCHITECTURE.md.

/** A folder, or a few files, with one purpose. */
export interface Room {
  readonly name: string;
  /** `folder/` with everything below it, `folder/*` without its folders, or one file. The longest match wins. */
  readonly holds: readonly string[];
  /** Its content, for ARCHITECTURE.md. */
  readonly about: string;
  /** Names of the rooms that its files may import. Files of one room may import each other. */
  readonly may: readonly string[];
  /** Names of further rooms that its `.test.ts` and `.contract.ts` files may import. */
  readonly testsMay?: readonly string[];
}

/** The rooms that every claim may import. */
export const reading: readonly string[] = [
  "fixtures",
  "fixtures/deployment",
  "fixtures/evidence",
  "fixtures/evidence/parse",
  "fixtures/readings",
  "fixtures/target",
];

/** The builder's rooms that every command on a target may import. */
export const building: readonly string[] = [
  "provision",
  "provision/apply",
  "provision/journal",
  "provision/steps",
];

const cli: readonly Room[] = [
  {
    name: "cli",
    holds: ["cli/*"],
    about: "the entry, the only reader of the environment; every command with its help",
    may: [
      "cli/commands",
      "cli/definitions",
      "cli/options.ts",
      "fixtures",
      "fixtures/evidence",
      "fixtures/setup",
      "fixtures/target",
    ],
    testsMay: ["specs/testing"],
  },
  {
    name: "cli/definitions",
    holds: ["cli/definitions/"],
    about: "what each command is called and takes; a command is imported when it runs",
    may: ["cli/commands", "cli/options.ts", "fixtures", "fixtures/setup", "reports/night"],
  },
  {
    name: "cli/options.ts",
    holds: ["cli/options.ts", "cli/reference.ts"],
    about: "options that commands share, and the command reference",
    may: ["cli/run", "fixtures", "fixtures/setup", "reports/formats"],
  },
  {
    name: "cli/commands",
    holds: ["cli/commands/"],
    about: "one file per command",
    may: [
      ...[
        "cli/attack",
        "cli/gate",
        "cli/kept",
        "cli/nightly",
        "cli/options.ts",
        "cli/run",
        "cli/spec",
        "cli/sweep",
        "cli/target",
        ...building,
        ...reading,
        "fixtures/setup",
      ],
      ...["fixtures/standin", "fixtures/standin/contract", "fixtures/standin/portainer"],
      ...[
        "fixtures/standin/portainer-contract",
        "reports",
        "reports/audit",
        "reports/formats",
        "reports/report",
        "reports/run",
        "reports/site",
        "reports/night",
        "cli/verify",
        "specs/register",
      ],
    ],
    testsMay: ["cli", "specs/testing"],
  },
  {
    name: "cli/verify",
    holds: ["cli/verify/"],
    about: "judges targets as they are, by evidence that it collects or reads",
    may: [
      ...[
        "cli/run",
        "cli/target",
        ...reading,
        "fixtures/faults",
        "fixtures/portainer",
        "fixtures/setup",
        "fixtures/standin/contract",
        "reports",
        "reports/run",
      ],
      ...["specs/light", "specs/register"],
    ],
    testsMay: ["cli", "fixtures/standin", "specs/testing"],
  },
  {
    name: "cli/nightly",
    holds: ["cli/nightly/"],
    about: "one night on all targets: locked, judged, compared, written, told, and watched",
    may: [
      "cli/run",
      "fixtures",
      "fixtures/evidence",
      "fixtures/target",
      "reports",
      "reports/night",
      "reports/run",
    ],
  },
  {
    name: "cli/attack",
    holds: ["cli/attack/"],
    about:
      "attacks on the suite itself: damaged evidence, hostile trees and servers, cuts, interrupts, full disks",
    may: [
      ...["cli/gate", "cli/run", ...reading, "fixtures/setup", "fixtures/standin"],
      ...["reports", "specs/light", "specs/register"],
    ],
    testsMay: ["cli/definitions", "specs/testing"],
  },
  {
    name: "cli/gate",
    holds: ["cli/gate/"],
    about: "judges the trees of two git refs on stand-ins",
    may: [
      ...["cli/run", "fixtures", "fixtures/deployment", "fixtures/setup", "fixtures/standin"],
      ...["provision", "provision/steps", "provision/testing", "reports/report", "specs/register"],
    ],
    testsMay: ["cli", "fixtures/phoenix", "reports/run"],
  },
  {
    name: "cli/kept",
    holds: ["cli/kept/"],
    about: "a stand-in that is kept between commands: its keeper and the client",
    may: ["cli/run", "cli/target", ...reading, "fixtures/portainer", "fixtures/setup", "fixtures/standin"],
  },
  {
    name: "cli/spec",
    holds: ["cli/spec/"],
    about: "one spec: selects the test, runs it, prints its result",
    may: ["cli/run", ...reading, "reports", "specs/register"],
  },
  {
    name: "cli/run",
    holds: ["cli/run/"],
    about: "a run on a stand-in, and the test runner",
    may: [
      "cli/target",
      ...reading,
      "fixtures/portainer",
      "fixtures/setup",
      "fixtures/standin",
      "fixtures/standin/contract",
      "reports",
      "reports/allure",
      "reports/formats",
      "reports/run",
      "specs/register",
    ],
  },
  {
    name: "cli/sweep",
    holds: ["cli/sweep/"],
    about: "interrupts an apply at every point",
    may: [...building, ...reading],
  },
  {
    name: "cli/target",
    holds: ["cli/target/"],
    about: "what all commands on a target share: connection, consent, journal, guard",
    may: [...building, ...reading],
  },
  {
    name: "cli/walls",
    holds: ["cli/walls/"],
    about: "this table, and tests that check the sources against it and other rules",
    may: ["fixtures"],
    testsMay: ["fixtures/deployment"],
  },
  {
    name: "playwright.config.ts",
    holds: ["playwright.config.ts"],
    about: "which tests run in which phase",
    may: ["cli", "fixtures/evidence", "fixtures/target", "reports", "reports/allure", "specs/register"],
  },
];

const provision: readonly Room[] = [
  {
    name: "provision",
    holds: ["provision/*"],
    about: "facts and the plan; saved plans and their diff",
    may: ["fixtures", "fixtures/deployment", "fixtures/target"],
    testsMay: ["fixtures/standin", "provision/steps", "provision/testing"],
  },
  {
    name: "provision/steps",
    holds: ["provision/steps/"],
    about: "one file per change; `index.ts` has their order",
    may: [
      ...["fixtures", "fixtures/deployment", "fixtures/readings", "fixtures/target"],
      ...["provision", "provision/edit"],
    ],
    testsMay: ["fixtures/standin", "provision/testing"],
  },
  {
    name: "provision/edit",
    holds: ["provision/edit/"],
    about: "editors that keep every other byte",
    may: ["fixtures", "fixtures/evidence/parse", "fixtures/target"],
    testsMay: ["provision/testing"],
  },
  {
    name: "provision/journal",
    holds: ["provision/journal/"],
    about: "the journal and its agent on the target",
    may: ["fixtures", "fixtures/target", "provision"],
    testsMay: ["provision/apply"],
  },
  {
    name: "provision/apply",
    holds: ["provision/apply/"],
    about: "runs a plan, follows the agent, records what ran",
    may: ["fixtures", "fixtures/evidence", "fixtures/target", "provision", "provision/journal"],
  },
  {
    name: "provision/testing",
    holds: ["provision/testing/"],
    about: "sample facts and texts for tests of the builder",
    may: ["fixtures", "fixtures/deployment", "fixtures/phoenix", "provision", "provision/edit"],
  },
];

/** The areas of the register, with the rooms of other areas that each may import in addition. */
const areas: Readonly<
  Record<string, Partial<Record<"claims" | "claimsTests" | "trials" | "specs", string[]>>>
> = {
  access: { claims: ["specs/gateway/claims"] },
  automation: {},
  deployment: { claims: ["specs/persistence/claims"], trials: ["specs/operations/claims"] },
  firewall: { claimsTests: ["specs/security/claims"] },
  gateway: { claimsTests: ["fixtures/setup"] },
  operations: {},
  orchestration: {
    claims: ["specs/operations/claims"],
    specs: ["specs/access/claims", "specs/persistence/trials"],
  },
  persistence: { trials: ["specs/access/claims"], specs: ["specs/access/claims"] },
  security: {
    claims: ["specs/firewall/claims", "specs/persistence/claims"],
    specs: ["specs/firewall/trials"],
  },
  storage: {},
};

/** Names of the areas, which are folders of `specs/`. */
export const areaNames: readonly string[] = Object.keys(areas);

/** The three rooms of an area: pure claims, trials that act, and spec files, one per requirement, which may import both. */
const roomsOfArea = (area: string): Room[] => [
  {
    name: `specs/${area}/claims`,
    holds: [`specs/${area}/claims/`],
    about: "pure judgements of evidence",
    may: [...reading, "fixtures/portainer", "specs/claim.ts", ...(areas[area]?.claims ?? [])],
    testsMay: [
      ...[`specs/${area}/trials`, "specs/testing", "fixtures/standin/portainer", "specs/register"],
      ...(areas[area]?.claimsTests ?? []),
    ],
  },
  {
    name: `specs/${area}/trials`,
    holds: [`specs/${area}/trials/`],
    about: "what a spec does to the target, and what follows",
    may: [
      ...[...reading, "fixtures/faults", "fixtures/portainer", "specs/claim.ts", "specs/test.ts"],
      ...[`specs/${area}/claims`, ...(areas[area]?.trials ?? [])],
    ],
    testsMay: ["specs/testing"],
  },
  {
    name: `specs/${area}`,
    holds: [`specs/${area}/*`],
    about: "one spec file per requirement",
    may: [
      ...[
        ...reading,
        "fixtures/faults",
        "fixtures/portainer",
        "specs/claim.ts",
        "specs/test.ts",
        "specs/trials",
      ],
      ...[`specs/${area}/claims`, `specs/${area}/trials`, ...(areas[area]?.specs ?? [])],
    ],
  },
];

const allAreas = (layer: "claims" | "trials"): string[] => areaNames.map((area) => `specs/${area}/${layer}`);

const specs: readonly Room[] = [
  {
    name: "specs/register",
    holds: ["specs/register/"],
    about: "requirements, their lock, failure modes, coverage",
    may: ["fixtures", "fixtures/deployment", "fixtures/target", "reports"],
    testsMay: ["specs/testing", "specs/trials"],
  },
  {
    name: "specs/claim.ts",
    holds: ["specs/claim.ts"],
    about: "building blocks of claims",
    may: reading,
  },
  {
    name: "specs/test.ts",
    holds: [
      ...["specs/test.ts", "specs/assertions.ts", "specs/assertions.test.ts", "specs/reuse-worker.ts"],
      ...["specs/consent.ts", "specs/consent.test.ts"],
    ],
    about: "what spec files import: `test`, `requirement`, `control`, `holds`, `refuted`",
    may: [
      ...[...reading, "fixtures/browser", "fixtures/faults", "fixtures/portainer"],
      ...["specs/claim.ts", "specs/register"],
    ],
    testsMay: ["reports"],
  },
  ...areaNames.flatMap(roomsOfArea),
  {
    name: "specs/trials",
    holds: ["specs/trials/"],
    about: "trials that several areas use: each runs once, in parallel if they do not interfere",
    may: [...reading, "specs/claim.ts", "specs/test.ts", ...allAreas("claims"), ...allAreas("trials")],
    testsMay: ["specs/testing"],
  },
  {
    name: "specs/light",
    holds: ["specs/light/"],
    about: "runs the specs without a test runner, as far as evidence alone judges them",
    may: [...reading, "specs/test.ts"],
    testsMay: ["reports", "specs/register", "specs/testing"],
  },
  {
    name: "specs/static",
    holds: ["specs/static/"],
    about: "the judge of a tree without a hypervisor, a separate program",
    may: [...reading, "fixtures/standin/portainer", "specs/register", ...allAreas("claims")],
    testsMay: ["fixtures/standin", "specs/claim.ts"],
  },
  {
    name: "specs/testing",
    holds: ["specs/testing/"],
    about: "sample evidence for tests of claims",
    may: [...reading, "fixtures/standin/portainer"],
    testsMay: [...allAreas("claims"), "specs/register", "specs/trials"],
  },
];

const fixtures: readonly Room[] = [
  {
    name: "fixtures",
    holds: ["fixtures/*"],
    about: "leaves: errors, quoting, checks of JSON, progress, the types of a judgement",
    may: [],
    testsMay: ["fixtures/setup"],
  },
  {
    name: "fixtures/deployment",
    holds: ["fixtures/deployment/"],
    about: "the plan's tasks, and the values of a deployment",
    may: ["fixtures"],
  },
  {
    name: "fixtures/target",
    holds: ["fixtures/target/"],
    about: "inventory, SSH",
    may: ["fixtures", "fixtures/deployment"],
    testsMay: ["fixtures/evidence"],
  },
  {
    name: "fixtures/evidence",
    holds: ["fixtures/evidence/"],
    about: "the probe, typed facts, redaction, clients, waits",
    may: [
      ...["fixtures", "fixtures/deployment", "fixtures/evidence/parse", "fixtures/readings"],
      "fixtures/target",
    ],
  },
  {
    name: "fixtures/evidence/parse",
    holds: ["fixtures/evidence/parse/"],
    about: "one parser for each kind of text",
    may: ["fixtures"],
  },
  {
    name: "fixtures/readings",
    holds: ["fixtures/readings/"],
    about: "how pve-firewall, nginx and Docker Compose interpret their configuration",
    may: ["fixtures", "fixtures/evidence/parse"],
    testsMay: ["fixtures/setup"],
  },
  {
    name: "fixtures/faults",
    holds: ["fixtures/faults/"],
    about: "known-bad states, and how to undo them",
    may: reading,
  },
  {
    name: "fixtures/portainer",
    holds: ["fixtures/portainer/"],
    about: "clients of Portainer's pages and API",
    may: ["fixtures", "fixtures/evidence"],
    testsMay: ["fixtures/browser", "fixtures/standin/portainer", "fixtures/standin/portainer-contract"],
  },
  {
    name: "fixtures/browser",
    holds: ["fixtures/browser/"],
    about: "a browser that trusts the target's certificate and no other",
    may: ["fixtures", "fixtures/target"],
  },
  {
    name: "fixtures/setup",
    holds: ["fixtures/setup/"],
    about: "installs Node, packages, engine and browser on this machine",
    may: ["fixtures"],
    testsMay: ["fixtures/target"],
  },
  {
    name: "fixtures/standin",
    holds: ["fixtures/standin/*", "fixtures/standin/assets/", "fixtures/standin/firewall/"],
    about: "the stand-in hypervisor",
    may: [
      ...["fixtures", "fixtures/deployment", "fixtures/phoenix", "fixtures/readings", "fixtures/setup"],
      "fixtures/target",
    ],
    testsMay: ["fixtures/evidence", "fixtures/standin/contract"],
  },
  {
    name: "fixtures/standin/contract",
    holds: ["fixtures/standin/contract/"],
    about: "what a hypervisor answers; run against the stand-in and real hosts",
    may: ["fixtures", "fixtures/deployment", "fixtures/evidence", "fixtures/target"],
  },
  {
    name: "fixtures/standin/portainer",
    holds: ["fixtures/standin/portainer/"],
    about: "the Portainer stand-in: runs alone in its image, so it imports nothing of ours",
    may: [],
    testsMay: ["fixtures/browser", "fixtures/standin/portainer-contract"],
  },
  {
    name: "fixtures/standin/portainer-contract",
    holds: ["fixtures/standin/portainer-contract/"],
    about: "what Portainer answers; run against the stand-in and the product",
    may: ["fixtures", "fixtures/evidence", "fixtures/standin/portainer"],
  },
  {
    name: "fixtures/phoenix",
    holds: ["fixtures/phoenix/"],
    about: "our sample of a Phoenix tree; no code of ours",
    may: [],
  },
];

const reports: readonly Room[] = [
  {
    name: "reports",
    holds: ["reports/*"],
    about: "verdicts, the Playwright reporter, the summary",
    may: ["fixtures", "fixtures/evidence"],
    testsMay: ["fixtures/browser", "specs/test.ts"],
  },
  {
    name: "reports/report",
    holds: ["reports/report/"],
    about: "the report of a run or of the gate: rows, findings, comparison with a base",
    may: ["fixtures", "reports"],
  },
  {
    name: "reports/run",
    holds: ["reports/run/"],
    about: "one run as one document, `run.json`: its schema, how it is made, written and read",
    may: ["fixtures", "fixtures/evidence", "reports", "reports/report"],
    testsMay: ["reports/formats"],
  },
  {
    name: "reports/night",
    holds: ["reports/night/"],
    about: "one night as a document: compared with the nights before, in words, for Prometheus",
    may: ["fixtures", "reports", "reports/run"],
  },
  {
    name: "reports/formats",
    holds: ["reports/formats/"],
    about: "one pure function of a run for each form, and the list of them",
    may: ["fixtures", "reports", "reports/report", "reports/run"],
  },
  {
    name: "reports/allure",
    holds: ["reports/allure/"],
    about: "the HTML report by Allure: its results from a run, its settings, its history",
    may: ["fixtures", "fixtures/deployment", "reports", "reports/run"],
    testsMay: ["fixtures/browser"],
  },
  {
    name: "reports/audit",
    holds: ["reports/audit/"],
    about: "audit bundles: archive, manifest, signature, and how each is checked",
    may: ["fixtures", "reports/run"],
  },
  {
    name: "reports/site",
    holds: ["reports/site/"],
    about: "the static site about many runs of many targets",
    may: ["fixtures", "fixtures/deployment", "fixtures/target", "reports/formats", "reports/run"],
    testsMay: ["fixtures/browser"],
  },
];

const bench: readonly Room[] = [
  {
    name: "bench",
    holds: ["bench/"],
    about: "measurements and long trials of the suite itself, run by hand",
    may: [
      ...[
        "cli",
        "cli/attack",
        "cli/run",
        "fixtures",
        "fixtures/deployment",
        "fixtures/evidence",
        "fixtures/evidence/parse",
        "fixtures/readings",
        "fixtures/setup",
        "fixtures/standin",
      ],
      ...["fixtures/target", "reports", "reports/formats", "reports/run", "reports/site", "cli/commands"],
    ],
  },
];

/** Every room of the project. */
export const rooms: readonly Room[] = [...cli, ...provision, ...specs, ...fixtures, ...reports, ...bench];

/** The folders with sources: every TypeScript file below them is in a room. */
export const roots: readonly string[] = [
  ...["bench", "cli", "provision", "specs", "fixtures", "reports"],
  "playwright.config.ts",
];
