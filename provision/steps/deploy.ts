// Task 2.1: copies Portainer's directory to the volume, byte for byte.
import { portainerDirectoryOf } from "../../fixtures/deployment/deployment.ts";
import { stackOf } from "../files.ts";
import type { Change, Step } from "../plan.ts";

export const deployDirectory: Step = {
  id: "deploy-directory",
  kind: "literal",
  plan: "2.1",
  remedies: [],
  serves: ["DEP-001", "DEP-002"],
  why: ({ dockerHost }) =>
    `the stack's directory belongs on the volume of VM ${dockerHost.vmid}; other files there stay unchanged`,
  changesFor(view) {
    const { volume } = view.deployment;
    const target = portainerDirectoryOf(view.deployment);
    const source = view.inTree(stackOf(view.deployment));
    const { files } = view.facts;
    const inside = Object.keys(files).filter((path) => path === source || path.startsWith(`${source}/`));
    const changes: Change[] = [];
    // If the volume is missing, Phoenix would create it with this mode.
    if (files[volume.path]?.kind !== "directory")
      changes.push({ does: "make-directory", path: volume.path, mode: "777" });
    for (const path of inside.sort()) {
      const fact = files[path];
      const copy = target + path.slice(source.length);
      if (fact?.kind === "directory" && files[copy]?.kind !== "directory") {
        changes.push({ does: "make-directory", path: copy, mode: fact.mode });
      }
      const text = view.read(path);
      if (fact?.kind === "file" && text !== undefined) changes.push(...view.write(copy, text, fact.mode));
    }
    return inside.length > 1 ? changes : `${source} does not exist: there is nothing to copy`;
  },
};
