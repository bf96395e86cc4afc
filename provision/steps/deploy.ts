// Task 2.1: the portainer directory is copied to the volume, whole and byte for byte.
import type { Change, Step } from "../plan.ts";
import { wanted } from "../wanted.ts";

const target = `${wanted.volume}/portainer`;

export const deployDirectory: Step = {
  id: "deploy-directory",
  kind: "literal",
  plan: "2.1",
  remedies: [],
  serves: ["DEP-001", "DEP-002"],
  why: "the stack's directory stands on the machine's volume; what else lies there is left alone",
  changesFor(view) {
    const source = view.inTree("persistent-storage/portainer");
    const { files } = view.facts;
    const inside = Object.keys(files).filter((path) => path === source || path.startsWith(`${source}/`));
    const changes: Change[] = [];
    // Phoenix makes the volume itself with this mode where it is not there.
    if (files[wanted.volume]?.kind !== "directory")
      changes.push({ does: "make-directory", path: wanted.volume, mode: "777" });
    for (const path of inside.sort()) {
      const fact = files[path];
      const copy = target + path.slice(source.length);
      if (fact?.kind === "directory" && files[copy]?.kind !== "directory") {
        changes.push({ does: "make-directory", path: copy, mode: fact.mode });
      }
      const text = view.read(path);
      if (fact?.kind === "file" && text !== undefined) changes.push(...view.write(copy, text, fact.mode));
    }
    return inside.length > 1 ? changes : `${source} is not there: there is nothing to copy`;
  },
};
