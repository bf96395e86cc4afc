// Task 1.1, the schema: it allows only volumes of a pool, and refuses the NFS volume that the plan edits.
import type { JSONPath } from "jsonc-parser";
import { addProperty, removeItem, valueAt } from "../edit/json.ts";
import { files } from "../files.ts";
import type { Step } from "../plan.ts";

const items: JSONPath = ["properties", "vms", "items", "properties", "volumes", "items"];
/** The properties that each type of volume requires, besides a name and a mount point. */
const sorts: readonly [string, unknown][] = [
  ["if", { properties: { type: { const: "nfs" } }, required: ["type"] }],
  ["then", { required: ["server", "path"] }],
  ["else", { required: ["pool", "size_gb"] }],
];

export const volumeSchema: Step = {
  id: "volume-schema",
  kind: "remedy",
  plan: "1.1",
  remedies: ["P2"],
  serves: ["OPS-004"],
  why: "the schema requires a pool and a size for every volume, which an NFS volume does not have",
  changesFor(view) {
    const file = view.inTree(files.vmSchema);
    const text = view.read(file);
    if (text === undefined) return `${file} does not exist`;
    const required = valueAt(file, text, [...items, "required"]);
    if (!Array.isArray(required) || !required.includes("pool"))
      return `${file} requires a pool for no volume`;
    if (sorts.some(([key]) => valueAt(file, text, [...items, key]) !== undefined))
      return `${file} already distinguishes types of volumes`;
    const ofPools = required.flatMap((name, index) => (name === "pool" || name === "size_gb" ? [index] : []));
    // From the end, so that earlier indexes stay valid.
    const shared = ofPools.reduceRight(
      (so, index) => removeItem(file, so, [...items, "required"], index),
      text,
    );
    const changed = sorts.reduce((so, [key, value]) => addProperty(file, so, items, key, value), shared);
    return view.edit(files.vmSchema, changed);
  },
};
