// A remedy of task 2.1: the compose file names one image, not whichever its tag leads to on the day.
import { literally, splice } from "../edit/text.ts";
import { textsBelow } from "../edit/yaml.ts";
import type { Step } from "../plan.ts";

/** An image's name without its tag. */
const repositoryOf = (image: string) => image.slice(0, image.lastIndexOf(":"));
/** That image without a tag, or with one that moves. */
const moving = (repository: string) =>
  new RegExp(`^${literally(repository)}(:(latest|lts|sts|alpine|\\d+(\\.\\d+)?))?$`);

export const pinnedImage: Step = {
  id: "pinned-image",
  kind: "remedy",
  plan: "2.1",
  remedies: ["P30"],
  serves: ["DEP-003"],
  why: "the image's tag moves: what runs would depend on the day, and an older Portainer does not read a newer one's data",
  changesFor(view) {
    const wanted = view.deployment.portainer.image;
    const tag = moving(repositoryOf(wanted));
    const file = view.inTree(view.files.composeFile);
    const text = view.read(file);
    if (text === undefined) return `${file} is not there`;
    const found = textsBelow(file, text, "services", "image", (value) => tag.test(value));
    if (found.length === 0) return "it names one image already";
    const image = chosen(wanted, view.facts.dockerHost?.image);
    // From the end, so that earlier offsets stay true.
    const pinned = found.reduceRight((rest, { start, end }) => splice(rest, start, end, image), text);
    return view.edit(view.files.composeFile, pinned);
  },
};

/** What ran here already goes on as it is; its data may be newer than the version that we would choose. */
function chosen(wanted: string, running = ""): string {
  return running.startsWith(`${repositoryOf(wanted)}@sha256:`) ? running : wanted;
}
