// A remedy of task 3.1: the manager looks for an option of LXC as the tree spells it, and Proxmox spells it in its own way.
import { matches, says } from "../edit/shell.ts";
import { splice } from "../edit/text.ts";
import { files } from "../files.ts";
import type { Step } from "../plan.ts";

const search = /grep -qF "\$option" "\$conf_file"/;
// `lxc.a=b` and `lxc.a:b` are `lxc.a: b` once Proxmox has written the file.
const asProxmox = `"$(sed -E 's/^(lxc\\.[^:= ]+)(:| *=) */\\1: /' <<< "$option")"`;
const both = `grep -qxF -e "$option" -e ${asProxmox} "$conf_file"`;

export const lxcOptions: Step = {
  id: "lxc-options",
  kind: "remedy",
  plan: "3.1",
  remedies: ["P31"],
  serves: ["ORC-002"],
  why: "each converge appends the gateway's LXC options again, since Proxmox has rewritten those of the last one",
  changesFor(view) {
    const file = view.inTree(files.lxcManager);
    const text = view.text(files.lxcManager);
    if (says(file, text, "grep -qxF -e")) return "the manager already finds options as Proxmox writes them";
    const found = matches(file, text, search);
    if (found.length === 0) return "the manager appends no LXC options";
    // From the end, so that earlier offsets stay valid.
    const changed = found.reduceRight((rest, { start, end }) => splice(rest, start, end, both), text);
    return view.edit(files.lxcManager, changed);
  },
};
