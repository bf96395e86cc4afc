// A remedy of task 2.1: pins the image in the compose file to one version.
import { literally, splice } from "../edit/text.ts";
import { textsBelow } from "../edit/yaml.ts";
import type { Step } from "../plan.ts";

/** An image's name without its tag. */
const repositoryOf = (image: string) => image.slice(0, image.lastIndexOf(":"));
/** Matches that image without a tag, or with a floating tag such as `latest`. */
const moving = (repository: string) =>
  new RegExp(`^${literally(repository)}(:(latest|lts|sts|alpine|\\d+(\\.\\d+)?))?$`);

export const pinnedImage: Step = {
  id: "pinned-image",
  kind: "remedy",
  plan: "2.1",
  remedies: ["P30"],
  serves: ["DEP-003"],
  why: "the image has a floating tag: the version would depend on the day, and an older Portainer can't read newer data",
  changesFor(view) {
    const wanted = view.deployment.portainer.image;
    const tag = moving(repositoryOf(wanted));
    const file = view.inTree(view.files.composeFile);
    const text = view.read(file);
    if (text === undefined) return `${file} does not exist`;
    const found = textsBelow(file, text, "services", "image", (value) => tag.test(value));
    if (found.length === 0) return "the image is already pinned";
    const image = chosen(wanted, view.facts.dockerHost?.image);
    // From the end, so that earlier offsets stay valid.
    const pinned = found.reduceRight((rest, { start, end }) => splice(rest, start, end, image), text);
    return view.edit(view.files.composeFile, pinned);
  },
};

/** Keeps an image that already runs: its data may be newer than the version of the deployment document. */
function chosen(wanted: string, running = ""): string {
  return running.startsWith(`${repositoryOf(wanted)}@sha256:`) ? running : wanted;
}
