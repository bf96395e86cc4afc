// A remedy of task 2.1: the compose file names one image, not whichever its tag leads to on the day.
import { splice } from "../edit/text.ts";
import { textsBelow } from "../edit/yaml.ts";
import type { Step } from "../plan.ts";
import { files, wanted } from "../wanted.ts";

const repository = wanted.image.slice(0, wanted.image.indexOf(":"));
/** Portainer's image without a tag, or with one that moves. */
const moving = new RegExp(`^${repository}(:(latest|lts|sts|alpine|\\d+(\\.\\d+)?))?$`);

export const pinnedImage: Step = {
  id: "pinned-image",
  kind: "remedy",
  plan: "2.1",
  remedies: ["P28", "F30"],
  serves: ["DEP-003"],
  why: "the image's tag moves: what runs would depend on the day, and an older Portainer does not read a newer one's data",
  changesFor(view) {
    const file = view.inTree(files.composeFile);
    const text = view.read(file);
    if (text === undefined) return `${file} is not there`;
    const found = textsBelow(file, text, "services", "image", (value) => moving.test(value));
    if (found.length === 0) return "it names one image already";
    const image = chosen(view.facts.machine?.image);
    // From the end, so that earlier offsets stay true.
    const pinned = found.reduceRight((rest, { start, end }) => splice(rest, start, end, image), text);
    return view.edit(files.composeFile, pinned);
  },
};

/** What ran here already goes on as it is; its data may be newer than the version that we would choose. */
function chosen(running = ""): string {
  return running.startsWith(`${repository}@sha256:`) ? running : wanted.image;
}
