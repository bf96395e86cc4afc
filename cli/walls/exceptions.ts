// What each file may do: import npm packages, read the environment, compute imports, read assets of a step.

/** Who may import an npm package: folders, files, or `tests` for every `.test.ts` and `.contract.ts`. */
export const packages: Readonly<Record<string, readonly string[]>> = {
  "@playwright/test": [
    ...[
      "tests",
      "playwright.config.ts",
      "specs/test.ts",
      "specs/testing/claim-result.ts",
      "specs/assertions.ts",
      "specs/reuse-worker.ts",
    ],
    ...[
      "fixtures/browser/",
      "fixtures/portainer/pages.ts",
      "fixtures/portainer/page-trouble.ts",
      "fixtures/portainer/session-cookie.ts",
      "reports/clean-reporter.ts",
      "reports/count.ts",
      "reports/reporter.ts",
    ],
    "reports/tests-reporter.ts",
  ],
  ajv: ["tests", "fixtures/schema.ts", "fixtures/schema-choice.ts"],
  "@allurereport/core": ["reports/allure/generate.ts"],
  allure: ["reports/allure/config.ts"],
  "allure-js-commons": ["tests", "reports/allure/"],
  commander: [
    "tests",
    "cli/commands/complete.ts",
    "cli/main.ts",
    "cli/program.ts",
    "cli/options.ts",
    "cli/reference.ts",
    "cli/definitions/",
    "cli/commands/help.ts",
  ],
  diff: ["provision/diff.ts", "specs/operations/claims/within.ts"],
  dockerode: ["tests", "fixtures/setup/engine.ts", "fixtures/setup/engine-client.ts", "fixtures/standin/"],
  "fast-check": [
    "tests",
    "playwright.config.ts",
    "fixtures/deployment/any-deployment.ts",
    "fixtures/standin/firewall/",
    "provision/testing/",
  ],
  "jsonc-parser": [
    ...["tests", "fixtures/schema.ts", "fixtures/evidence/tree-file.ts"],
    ...["provision/edit/json.ts", "provision/steps/"],
  ],
  inspecjs: ["tests"],
  "@allurereport/reader": ["tests"],
  "@microsoft/jest-sarif": ["reports/formats/sarif-schema.ts"],
  "node-ssh": ["fixtures/target/ssh/"],
  "oxc-parser": ["cli/walls/"],
  ssh2: [
    ...["tests", "cli/attack/recorded-server.ts", "fixtures/target/ssh/", "fixtures/standin/standin.ts"],
  ],
  "tar-stream": ["tests", "fixtures/evidence/from-tree.ts", "provision/journal/pack.ts", "reports/audit/"],
  testcontainers: ["fixtures/standin/standin.ts"],
  undici: ["cli/nightly/tell.ts", "fixtures/evidence/client.ts"],
  yaml: [
    ...[
      "tests",
      "bench/random-readings/",
      "cli/commands/targets-init.ts",
      "fixtures/yaml.ts",
      "fixtures/readings/compose/yaml.ts",
      "provision/edit/yaml.ts",
    ],
  ],
};

/** Dynamic imports of anything but a plain string, as `file: source text`. */
export const computedImports: readonly string[] = [
  "specs/light/judge.ts: import(pathToFileURL(join(specs, name)).href)",
];

/** The files that may read the environment. The Portainer stand-in is a separate program in its own image. */
export const readsEnvironment: readonly string[] = [
  "cli/main.ts",
  "playwright.config.ts",
  "fixtures/standin/portainer/main.ts",
];

/** Files that may pass the whole environment on to a child process, without reading it. */
export const passesEnvironment: readonly string[] = [
  "bench/canaries.ts",
  "bench/interrupts.ts",
  "bench/verify.ts",
  "cli/run/child.ts",
  "reports/run-tests.ts",
];

/** Variables that a file may set for a library or for our own workers, as `file: NAME`. */
export const setsEnvironment: readonly string[] = [
  "fixtures/standin/standin.ts: DOCKER_HOST",
  "fixtures/standin/standin.ts: DOCKER_TLS_VERIFY",
  "fixtures/standin/standin.ts: TESTCONTAINERS_RYUK_DISABLED",
  "reports/reporter.ts: PHOENIX_KEEP_WORKERS",
];

/** The modules that must be pure. So must be each module that they import for more than its types. */
export const pureModules: readonly string[] = ["provision/plan.ts", "provision/steps/", "provision/edit/"];

/** Pure modules that may read their own asset with `readFileSync` while they are loaded. */
export const readsAssets: readonly string[] = [
  "provision/steps/firewall.ts",
  "provision/steps/first-setup.ts",
];
