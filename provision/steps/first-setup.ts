// A remedy of task 3.2: Portainer gets its administrator, before it locks itself for want of one, and its own Docker.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { portainerDirectoryOf } from "../../fixtures/deployment/deployment.ts";
import { files } from "../files.ts";
import type { Step } from "../plan.ts";

const inside = readFileSync(join(import.meta.dirname, "assets", "portainer-first-setup.sh"), "utf8");

// $1: VMID. $2: the file that holds the password, made where there is none. $3: what runs in the docker host. $4: the port.
// The password leaves the hypervisor for the docker host alone, and is in no argument of a program.
const script = `set -u
if [ ! -s "$2" ]; then
  (umask 077 && head -c 18 /dev/urandom | base64 | tr '+/' '-_' > "$2") || exit
fi
answer=$(qm guest exec "$1" --timeout 120 --pass-stdin 1 -- /bin/sh -c "$3" sh "$4" < "$2") || exit
printf '%s\\n' "$answer" | jq -r '."err-data" // empty' >&2
exit "$(printf '%s' "$answer" | jq -r '.exitcode // 75')"`;

// What Portainer has stored stays when the plan is taken back, and so does the one way to it.
const forget = `[ -n "$(find "$1" -maxdepth 4 -name 'portainer.*db' 2>/dev/null | head -n 1)" ] || rm -f "$2"`;

export const firstSetup: Step = {
  id: "first-setup",
  kind: "remedy",
  plan: "3.2",
  remedies: ["P21"],
  serves: ["ACC-004", "ACC-005"],
  why: "nobody claims Portainer: after five minutes it locks itself, and until then anybody can claim it",
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
        title: "Portainer's administrator, and the environment of its own Docker",
        script,
        args: [String(dockerHost.vmid), portainer.adminPasswordFile, inside, String(portainer.port)],
        undo: { script: forget, args: [volume.path, portainer.adminPasswordFile] },
      },
    ];
  },
};
