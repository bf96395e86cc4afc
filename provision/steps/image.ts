// A remedy of task 2.1: the compose file names one image, not whichever its tag leads to on the day.
import { splice } from "../edit/text.ts";
import type { Step } from "../plan.ts";
import { files, wanted } from "../wanted.ts";

const repository = wanted.image.slice(0, wanted.image.indexOf(":"));
/** Portainer's image without a tag, or with one that moves. */
const moving = new RegExp(
  `^([ \\t]*(?:-[ \\t]+)?image:[ \\t]*["']?)(${repository}(?::(?:latest|lts|sts|alpine|\\d+(?:\\.\\d+)?))?)(?=["']?[ \\t]*(?:#.*)?\\r?$)`,
  "m",
);

export const pinnedImage: Step = {
  id: "pinned-image",
  kind: "remedy",
  plan: "2.1",
  remedies: ["P28", "F30"],
  serves: ["DEP-003"],
  why: "the image's tag moves: what runs would depend on the day, and an older Portainer does not read a newer one's data",
  changesFor(view) {
    const text = view.read(view.inTree(files.composeFile));
    if (text === undefined) return `${view.inTree(files.composeFile)} is not there`;
    const found = moving.exec(text);
    if (!found) return "it names one image already";
    const [, before = "", name = ""] = found;
    const start = found.index + before.length;
    return view.edit(
      files.composeFile,
      splice(text, start, start + name.length, chosen(view.facts.machine?.image)),
    );
  },
};

/** What ran here already goes on as it is; its data may be newer than the version that we would choose. */
function chosen(running = ""): string {
  return running.startsWith(`${repository}@sha256:`) ? running : wanted.image;
}
