// A remedy of task 3.2: creates Portainer's administrator, before Portainer locks itself, and its local Docker environment.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { portainerDirectoryOf } from "../../fixtures/deployment/deployment.ts";
import { forGuestAgent } from "../../fixtures/target/guest-agent.ts";
import { files } from "../files.ts";
import type { Step } from "../plan.ts";

const asset = readFileSync(join(import.meta.dirname, "assets", "portainer-first-setup.sh"), "utf8");
const inside = forGuestAgent(asset).script;

// $1: VMID. $2: the password file, created if missing. $3: the script for the docker host. $4: Portainer's port.
// The password goes only to the docker host, on standard input: other users could read a program's arguments.
const script = `set -u
if [ ! -s "$2" ]; then
  (umask 077 && head -c 18 /dev/urandom | base64 | tr '+/' '-_' > "$2") || exit
fi
answer=$(qm guest exec "$1" --timeout 120 --pass-stdin 1 -- /bin/sh -c "$3" sh "$4" < "$2") || exit
printf '%s\\n' "$answer" | jq -r '."err-data" // empty' >&2
exit "$(printf '%s' "$answer" | jq -r '.exitcode // 75')"`;

// A rollback keeps Portainer's data, so it keeps the password that opens it too.
const forget = `[ -n "$(find "$1" -maxdepth 4 -name 'portainer.*db' 2>/dev/null | head -n 1)" ] || rm -f "$2"`;

export const firstSetup: Step = {
  id: "first-setup",
  kind: "remedy",
  plan: "3.2",
  remedies: ["P21"],
  serves: ["ACC-004", "ACC-005"],
  why: "Portainer has no administrator: anyone can create one for five minutes, then Portainer locks itself",
  changesFor(view) {
    const { dockerHost, volume, portainer } = view.deployment;
    if (view.facts.dockerHost?.administrator === "204") return "Portainer has an administrator";
    const starts = view.text(files.dockerFeature).includes("-maxdepth 2");
    const there = view.read(`${portainerDirectoryOf(view.deployment)}/docker-compose.yml`) !== undefined;
    if (!starts || !there)
      return "nothing starts Portainer: needs stacks-one-level-down and deploy-directory";
    return [
      {
        does: "run",
        title: "create Portainer's administrator and its local Docker environment",
        script,
        args: [String(dockerHost.vmid), portainer.adminPasswordFile, inside, String(portainer.port)],
        undo: { script: forget, args: [volume.path, portainer.adminPasswordFile] },
      },
    ];
  },
};
