// Claims about the gateway's upstream on a sample: declared, written into the gateway, running there, accepted by nginx.
import { expect, test } from "@playwright/test";
import { gatewayScriptOf } from "../../../fixtures/deployment/deployment.ts";
import { defaultDeployment } from "../../../fixtures/deployment/read.ts";
import { type Bad, expectSeen, resultOf } from "../../testing/claim-result.ts";
import { dump, healthy, site, treeFile } from "../../testing/evidence-builder.ts";
import { acceptedByNginx, declaredUpstream, runningUpstream } from "./upstream.ts";

const script = treeFile(gatewayScriptOf(defaultDeployment));
const link = "ln -sf /etc/nginx/sites-available/vllm_gateway /etc/nginx/sites-enabled/vllm_gateway\n";
const writes = (text: string, word = "'EOF'") =>
  `cat > /etc/nginx/sites-available/vllm_gateway << ${word}\n${text}\nEOF\n${link}`;

const declaredUpstreamBad: readonly Bad[] = [
  [
    "the old address",
    {
      hypervisor: {
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace("101:9443", "99:9443"),
      },
    },
    "fail",
    "vllm_gateway:5",
  ],
  [
    "another port",
    {
      hypervisor: {
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace("101:9443", "101:9000"),
      },
    },
    "fail",
    "10.0.0.101:9000",
  ],
  [
    "the address in a comment",
    {
      hypervisor: {
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace(
          "server 10.0.0.101:9443;",
          "# server 10.0.0.101:9443;\n server 10.0.0.99:9443;",
        ),
      },
    },
    "fail",
    "10.0.0.99:9443",
  ],
  [
    "a second server",
    {
      hypervisor: {
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace(
          "101:9443;",
          "101:9443; server 10.0.0.99:9443 backup;",
        ),
      },
    },
    "fail",
    "backup",
  ],
  [
    "no upstream",
    { hypervisor: { [treeFile("etc/nginx/sites-available/vllm_gateway")]: "" } },
    "fail",
    "no upstream portainer_service",
  ],
  [
    "an unclosed block",
    { hypervisor: { [treeFile("etc/nginx/sites-available/vllm_gateway")]: "upstream portainer_service {" } },
    "unknown",
    "never closed",
  ],
];

test("declaredUpstream holds on a healthy target", () => {
  expect(resultOf(declaredUpstream)).toMatch(/^pass/);
});

for (const state of declaredUpstreamBad)
  test(`declaredUpstream reads ${state[2]} with ${state[0]}`, () => expectSeen(declaredUpstream, state));

const runningUpstreamBad: readonly Bad[] = [
  [
    "a script that writes the old address",
    { hypervisor: { [script]: writes("upstream portainer_service { server 10.0.0.99:9443; }") } },
    "fail",
    "lxc_101.sh:2",
  ],
  [
    "a script that enables the declared file, which is stale",
    {
      hypervisor: {
        [script]: link,
        [treeFile("etc/nginx/sites-available/vllm_gateway")]: site.replace("101:9443", "99:9443"),
      },
    },
    "fail",
    "10.0.0.99:9443",
  ],
  [
    "a stale running file",
    { gateway: { "nginx -T": dump(site.replace("101:9443", "99:9443")) } },
    "fail",
    "sites-enabled/vllm_gateway:4",
  ],
  [
    "a change that was not loaded",
    { gateway: { "nginx files": "1700000095.1\0/etc/nginx/sites-enabled/vllm_gateway\0" } },
    "fail",
    "changed 2023-11-14T22:14:55",
  ],
  [
    "no worker",
    {
      gateway: {
        "nginx processes": String(healthy.gateway["nginx processes"]).split("\n").slice(0, 3).join("\n"),
      },
    },
    "fail",
    "no worker runs",
  ],
  ["a gateway without evidence", { gateway: { "nginx -T": undefined } }, "unknown", "was not asked"],
];

test("runningUpstream holds on a healthy target", () => {
  expect(resultOf(runningUpstream)).toMatch(/^pass/);
});

for (const state of runningUpstreamBad)
  test(`runningUpstream reads ${state[2]} with ${state[0]}`, () => expectSeen(runningUpstream, state));

const acceptedByNginxBad: readonly Bad[] = [
  [
    "a declared file that nginx refuses",
    {
      gateway: {
        "nginx -t declared": {
          code: 1,
          err: '2026/11/23 09:00:01 [emerg] 7#7: unknown directive "-" in /dev/shm/tmp.x/declared:9\nnginx: configuration file /dev/shm/tmp.x/declared test failed\n',
        },
      },
    },
    "fail",
    "sites-available/vllm_gateway:9",
  ],
  [
    "a warning about the service",
    {
      gateway: {
        "nginx -T": {
          err: 'nginx: [warn] conflicting server name "portainer.phoenix.local" on 0.0.0.0:443, ignored\n',
        },
      },
    },
    "fail",
    "conflicting server name",
  ],
  [
    "no nginx",
    { gateway: { "nginx -T": { code: 127, err: "timeout: failed to run command 'nginx'" } } },
    "fail",
    "exit code 127",
  ],
];

test("acceptedByNginx holds on a healthy target", () => {
  expect(resultOf(acceptedByNginx)).toMatch(/^pass/);
});

for (const state of acceptedByNginxBad)
  test(`acceptedByNginx reads ${state[2]} with ${state[0]}`, () => expectSeen(acceptedByNginx, state));
