// Task 1.2: Portainer's address, in the declared site and in every other place that the tree keeps it.
import { replaceValue } from "../edit/json.ts";
import { everywhere, named, statements } from "../edit/nginx.ts";
import { heredocTo } from "../edit/shell.ts";
import { lineAt, splice } from "../edit/text.ts";
import type { Step } from "../plan.ts";
import { files, liveSite, wanted } from "../wanted.ts";
import { replaceAddress } from "./site.ts";

const address = `${wanted.address}:${wanted.port}`;

export const declaredUpstream: Step = {
  id: "declared-upstream",
  kind: "literal",
  plan: "1.2",
  remedies: [],
  serves: ["GWY-001"],
  why: "the declared upstream is VM 1001",
  changesFor: (view) =>
    view.edit(
      files.declaredSite,
      replaceAddress(
        view.inTree(files.declaredSite),
        view.text(files.declaredSite),
        wanted.upstream,
        address,
      ),
    ),
};

export const declaredSyntax: Step = {
  id: "declared-syntax",
  kind: "remedy",
  plan: "1.2",
  remedies: ["P4"],
  serves: ["GWY-003"],
  why: "nginx refuses the declared site for a stray dash on a line of its own",
  changesFor(view) {
    const text = view.text(files.declaredSite);
    const all = [...everywhere(statements(view.inTree(files.declaredSite), text))];
    const strays = named(all, "-").map(({ start }) => lineAt(text, start));
    if (strays.length === 0) return "no line holds a stray dash";
    // From the end, so that earlier offsets stay true.
    const without = strays.reduceRight((rest, { start, end }) => splice(rest, start, end, ""), text);
    return view.edit(files.declaredSite, without);
  },
};

export const deliveredUpstream: Step = {
  id: "delivered-upstream",
  kind: "remedy",
  plan: "1.2",
  remedies: ["P3"],
  serves: ["GWY-002", "ACC-001", "DAT-001"],
  why: "the gateway's script overwrites the declared site with a text of its own, which has the address too",
  changesFor(view) {
    const file = view.inTree(files.gatewayScript);
    const text = view.text(files.gatewayScript);
    const body = heredocTo(file, text, liveSite);
    return view.edit(files.gatewayScript, replaceAddress(file, text, wanted.upstream, address, body));
  },
};

export const staleAddresses: Step = {
  id: "stale-addresses",
  kind: "remedy",
  plan: "1.2",
  remedies: ["P5"],
  serves: ["GWY-006"],
  why: "two more files of the tree keep Portainer's old address",
  changesFor(view) {
    const site = view.inTree(files.portainerSite);
    const config = view.inTree(files.hypervisorConfig);
    const path = ["network", "portainer_server_ip"];
    const siteText = view.read(site);
    return [
      ...(siteText === undefined
        ? []
        : view.edit(files.portainerSite, replaceAddress(site, siteText, "portainer_backend", address))),
      ...view.edit(
        files.hypervisorConfig,
        replaceValue(config, view.text(files.hypervisorConfig), path, wanted.address),
      ),
    ];
  },
};
