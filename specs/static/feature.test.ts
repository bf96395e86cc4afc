// What a docker feature starts, by running it: scripts that start every stack, and scripts that only look as if they did.
import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { TreeEvidence, treeRoot } from "../../fixtures/evidence/from-tree.ts";
import { PartlyUnknown } from "../../fixtures/judgement.ts";
import { removeAtExit } from "../../fixtures/remove-at-exit.ts";
import { everyStackRuns } from "../automation/claims/stacks.ts";
import { whatFeatureStarts } from "./feature.ts";

const scratch = mkdtempSync(join(tmpdir(), "feature-"));
removeAtExit(scratch);

const head = `#!/bin/bash
set -e
exec &> >(tee -a /var/log/phoenix_feature_docker.log)
source "$(dirname "$0")/phoenix_hypervisor_common_utils.sh"
[ -f "$(dirname "$0")/vm_context.json" ] || log_fatal "no context"
install() {
  apt-get update && apt-get install -y docker-ce
  echo "deb x" > /etc/apt/sources.list.d/docker.list
  systemctl start docker
}
`;
const utilities = 'log_info() { echo "[INFO] $*"; }\nlog_fatal() { echo "[FATAL] $*"; exit 1; }\n';
const all = "find /persistent-storage -maxdepth 2 -name docker-compose.yml";

const filesOf = (feature: string) =>
  new Map([
    [`${treeRoot}/bin/vm_features/feature_install_docker.sh`, head + feature],
    [`${treeRoot}/bin/phoenix_hypervisor_common_utils.sh`, utilities],
    [
      `${treeRoot}/etc/phoenix_vm_configs.json`,
      '{"vms":[{"vmid":1001,"volumes":[{"type":"nfs","mount_point":"/persistent-storage"}]}]}',
    ],
  ]);

/** The declared checks on a script, as one line. */
async function judged(feature: string): Promise<string> {
  const files = filesOf(feature);
  const started = await whatFeatureStarts(files, scratch, defaultDeployment);
  const tree = new TreeEvidence("1", files, { "hypervisor docker feature": started });
  try {
    everyStackRuns(tree);
  } catch (error) {
    // The other levels need a hypervisor, so a claim that finds nothing wrong ends here.
    if (error instanceof PartlyUnknown) return error.checks.map(({ ok, found }) => `${ok}: ${found}`).join();
    throw error;
  }
  return everyStackRuns(tree).find(({ level }) => level === "declared")?.found ?? "";
}

for (const [what, feature] of [
  [
    "a loop over what is found",
    `install\n${all} | while read -r f; do (cd "$(dirname "$f")" && docker-compose up -d); done\n`,
  ],
  [
    "a loop over patterns, with Docker's own compose",
    `for f in /persistent-storage/docker-compose.yml /persistent-storage/*/docker-compose.yml; do docker compose -f "$f" up -d; done\n`,
  ],
  [
    "the volume from its context",
    `at=$(jq -r '.volumes[0].mount_point' "$(dirname "$0")/vm_context.json")\nfind "$at" -name docker-compose.yml -execdir docker-compose up --detach ';'\n`,
  ],
  [
    "only where Docker is there already",
    `if command -v docker; then ${all} -exec docker-compose -f {} up -d ';'; exit 0; fi\ninstall\n`,
  ],
  [
    "only on a new machine",
    `if command -v docker && systemctl is-active --quiet docker; then exit 0; fi\ninstall\n${all} -exec docker-compose --file={} up -d ';'\n`,
  ],
] as const)
  test(`a feature starts every stack: ${what}`, async () => {
    expect(await judged(feature)).toBe("true: it starts them all");
  });

for (const [what, feature, words] of [
  [
    "a function that nobody calls",
    `start() { ${all} -exec docker-compose -f {} up -d ';'; }\ninstall\n`,
    "docker-compose.yml, stack-one",
  ],
  [
    "words in a comment and in a message",
    `# ${all} | docker-compose up\nlog_info "docker-compose.yml: docker-compose up -d"\n`,
    "docker-compose.yml, stack-one",
  ],
  [
    "one stack by its name",
    "install\ndocker-compose -f /persistent-storage/stack-one/docker-compose.yml up -d\n",
    "docker-compose.yml, stack-two",
  ],
  [
    "an exit before it",
    `exit 0\n${all} -exec docker-compose -f {} up -d ';'\n`,
    "docker-compose.yml, stack-one",
  ],
  [
    "a text that is written and not run",
    `cat <<'END'\n${all} -exec docker-compose -f {} up -d ';'\nEND\n`,
    "docker-compose.yml, stack-one",
  ],
  [
    "a check of the files only",
    `${all} -exec docker-compose -f {} config ';'\n`,
    "docker-compose.yml, stack-one",
  ],
  [
    "a failure on the way",
    `log_fatal "no user"\n${all} -exec docker-compose -f {} up -d ';'\n`,
    "[FATAL] no user",
  ],
] as const)
  test(`a feature does not start every stack: ${what}`, async () => {
    const said = await judged(feature);
    expect(said).toContain("it does not start ");
    expect(said).toContain(words);
  });

test("a feature that is run reaches nothing of this machine", async () => {
  const outside = join(tmpdir(), `reached-${process.pid}`);
  const said = await judged(
    `: > ${outside} || true\ncat /etc/shadow && log_fatal "read"\n${all} -exec docker-compose -f {} up -d ';'\n`,
  );
  expect(said).toBe("true: it starts them all");
  expect(existsSync(outside)).toBe(false);
});

test("a tree without the feature is unknown", async () => {
  expect(await whatFeatureStarts(new Map(), scratch, defaultDeployment)).toMatchObject({
    unknown: expect.stringContaining("feature_install_docker.sh"),
  });
});
