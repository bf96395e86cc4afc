// A remedy of task 2.1: pins the image in the compose file to one version.
import { posix } from "node:path";
import { parseEnvFile } from "../../fixtures/readings/compose/env-file.ts";
import { imageOf, isPortainer, pinned, sameRepository } from "../../fixtures/readings/compose/image.ts";
import { Undetermined } from "../../fixtures/readings/compose/tree.ts";
import { interpolate, type Lookup } from "../../fixtures/readings/compose/variables.ts";
import { splice } from "../edit/text.ts";
import { textsBelow } from "../edit/yaml.ts";
import type { Step, View } from "../plan.ts";

export const pinnedImage: Step = {
  id: "pinned-image",
  kind: "remedy",
  plan: "2.1",
  remedies: ["P30"],
  serves: ["DEP-003"],
  why: "the image has a floating tag: the version would depend on the day, and an older Portainer can't read newer data",
  changesFor(view) {
    const wanted = view.deployment.portainer.image;
    const file = view.inTree(view.files.composeFile);
    const text = view.read(file);
    if (text === undefined) return `${file} does not exist`;
    const lookup = variablesBeside(view, file);
    const images: { value: string; why: string | undefined }[] = [];
    const found = textsBelow(file, text, "services", "image", (value) => {
      const why = whyNot(value, wanted, lookup);
      images.push({ value, why });
      return why === undefined;
    });
    if (found.length === 0) return reason(images);
    const image = chosen(wanted, view.facts.dockerHost?.image);
    // From the end, so that earlier offsets stay valid.
    const edited = found.reduceRight((rest, { value, start, end }) => {
      const name = imageOf(String(interpolate(value, lookup)))?.name ?? value;
      return splice(rest, start, end, name + image.slice(imageOf(image)?.name.length));
    }, text);
    return view.edit(view.files.composeFile, edited);
  },
};

/** The variables of the `.env` beside the compose file. */
function variablesBeside(view: View, file: string): Lookup {
  const path = `${posix.dirname(file)}/.env`;
  const text = view.read(path);
  const values = text === undefined ? undefined : parseEnvFile(text, path);
  return (name) => values?.get(name);
}

const alreadyPinned = "the image is already pinned";

/** Why an image is not to be pinned here; undefined if it is. An empty reason: it is another service's. */
function whyNot(value: string, wanted: string, lookup: Lookup): string | undefined {
  const image = interpolate(value, lookup);
  if (image instanceof Undetermined)
    return value.includes("portainer") ? `the image is ${value}: ${image.why}. Set a version there` : "";
  if (!isPortainer(image)) return "";
  if (pinned(image)) return alreadyPinned;
  if (sameRepository(image, wanted)) return undefined;
  const { name } = imageOf(wanted) ?? { name: wanted };
  return `the image is ${image}, of another repository than ${name}: pin it to one of its own versions by hand`;
}

function reason(images: readonly { value: string; why: string | undefined }[]): string {
  const said = images.flatMap(({ why }) => why || []);
  return (
    said.find((why) => why !== alreadyPinned) ?? said[0] ?? "no service has Portainer's image by its own key"
  );
}

/** Keeps an image that already runs: its data may be newer than the version of the deployment document. */
function chosen(wanted: string, running = ""): string {
  return running.includes("@sha256:") && sameRepository(running, wanted) ? running : wanted;
}
