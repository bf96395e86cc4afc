// Task 1.2: corrects Portainer's address in the declared site and everywhere else in the tree.
import { upstreamOf } from "../../fixtures/deployment/deployment.ts";
import { replaceValue } from "../edit/json.ts";
import { everywhere, named, statements } from "../edit/nginx.ts";
import { heredocTo } from "../edit/shell.ts";
import { lineAt, splice } from "../edit/text.ts";
import { files, liveSiteOf } from "../files.ts";
import type { Step } from "../plan.ts";
import { replaceAddress } from "./site.ts";

export const declaredUpstream: Step = {
  id: "declared-upstream",
  kind: "literal",
  plan: "1.2",
  remedies: [],
  serves: ["GWY-001"],
  why: ({ dockerHost }) => `the declared upstream must be VM ${dockerHost.vmid}`,
  changesFor(view) {
    const { declaredSite } = view.files;
    const { gateway } = view.deployment;
    const [file, text] = [view.inTree(declaredSite), view.text(declaredSite)];
    const address = upstreamOf(view.deployment);
    return view.edit(declaredSite, replaceAddress(file, text, gateway.upstream, address));
  },
};

export const declaredSyntax: Step = {
  id: "declared-syntax",
  kind: "remedy",
  plan: "1.2",
  remedies: ["P4"],
  serves: ["GWY-003"],
  why: "nginx refuses the declared site because of a stray dash on its own line",
  changesFor(view) {
    const { declaredSite } = view.files;
    const text = view.text(declaredSite);
    const all = [...everywhere(statements(view.inTree(declaredSite), text))];
    const strays = named(all, "-").map(({ start }) => lineAt(text, start));
    if (strays.length === 0) return "the site has no stray dash";
    // From the end, so that earlier offsets stay valid.
    const without = strays.reduceRight((rest, { start, end }) => splice(rest, start, end, ""), text);
    return view.edit(declaredSite, without);
  },
};

export const deliveredUpstream: Step = {
  id: "delivered-upstream",
  kind: "remedy",
  plan: "1.2",
  remedies: ["P3"],
  serves: ["GWY-002", "ACC-001", "DAT-001"],
  why: "the gateway's script overwrites the declared site with its own text, which has the old address too",
  changesFor(view) {
    const { deployment } = view;
    const { gatewayScript } = view.files;
    const [file, text] = [view.inTree(gatewayScript), view.text(gatewayScript)];
    const body = heredocTo(file, text, liveSiteOf(deployment));
    const { upstream } = deployment.gateway;
    const after = replaceAddress(file, text, upstream, upstreamOf(deployment), body);
    return view.edit(gatewayScript, after);
  },
};

export const staleAddresses: Step = {
  id: "stale-addresses",
  kind: "remedy",
  plan: "1.2",
  remedies: ["P5"],
  serves: ["GWY-006"],
  why: "two more files in the tree have Portainer's old address",
  changesFor(view) {
    const site = view.inTree(files.portainerSite);
    const config = view.inTree(files.hypervisorConfig);
    const path = ["network", "portainer_server_ip"];
    const siteText = view.read(site);
    return [
      ...(siteText === undefined
        ? []
        : view.edit(
            files.portainerSite,
            replaceAddress(site, siteText, "portainer_backend", upstreamOf(view.deployment)),
          )),
      ...view.edit(
        files.hypervisorConfig,
        replaceValue(config, view.text(files.hypervisorConfig), path, view.deployment.dockerHost.address),
      ),
    ];
  },
};
