// The firewall of the docker host: the declared rules, and the file that the tree's script makes of them.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { files } from "../files.ts";
import { makePlan } from "../plan.ts";
import { factsOf, sampleTree, textOf, written } from "../testing/sample-facts.ts";
import { steps } from "./index.ts";

const { vmid } = defaultDeployment.dockerHost;
const facts = factsOf(sampleTree);
const planned = (found = facts) =>
  makePlan(found, steps, { target: "sample", literal: false, without: [], only: ["machine-firewall"] });
const after = written(facts, planned());
const declared = (found: typeof facts) =>
  JSON.parse(textOf(found, files.vmConfigs)).vms.find((vm: { vmid: number }) => vm.vmid === vmid).firewall;

test("only the gateway may reach Portainer, and the docker host's other ports stay open", () => {
  expect(declared(after)).toEqual({
    enabled: true,
    default_input_policy: "ACCEPT",
    rules: [
      { type: "in", action: "ACCEPT", source: "10.0.0.153", proto: "tcp", port: "9443" },
      ...["9443", "8000", "9000", "9001"].map((port) => ({ type: "in", action: "DROP", proto: "tcp", port })),
    ],
  });
});

test("rules that the docker host already declares stay, before the new ones", () => {
  const path = `${sampleTree}/${files.vmConfigs}`;
  const own = { type: "in", action: "ACCEPT", proto: "tcp", port: "22" };
  const text = textOf(facts, files.vmConfigs).replace(
    '"vmid": 1001,',
    `"vmid": 1001, "firewall": { "enabled": true, "rules": [${JSON.stringify(own)}] },`,
  );
  const found = { ...facts, files: { ...facts.files, [path]: { kind: "file" as const, mode: "644", text } } };
  const { rules, default_input_policy } = declared(written(found, planned(found)));
  expect(rules).toHaveLength(6);
  expect(rules[0]).toEqual(own);
  expect(default_input_policy).toBeUndefined();
});

test("a rule that is declared in another spelling of the same line is not declared again", () => {
  const path = `${sampleTree}/${files.vmConfigs}`;
  const spelled = declared(after).rules.map((rule: Record<string, string>) => ({
    ...{ ...rule, type: rule.type?.toUpperCase(), port: Number(rule.port) },
    ...{ source: rule.source ?? null, comment: "Portainer" },
  }));
  const text = textOf(facts, files.vmConfigs).replace(
    '"vmid": 1001,',
    `"vmid": 1001, "firewall": { "enabled": true, "rules": ${JSON.stringify(spelled)} },`,
  );
  const found = { ...facts, files: { ...facts.files, [path]: { kind: "file" as const, mode: "644", text } } };
  expect(declared(written(found, planned(found))).rules).toEqual(spelled);
});

test("the manager writes the rules before the docker host's volumes, once", () => {
  const lines = textOf(after, files.vmManager).split("\n");
  const at = lines.findIndex((line) => line.includes(files.guestFirewall));
  expect(lines[at + 1]?.trim()).toBe('apply_volumes "$VMID"');
  expect(lines.filter((line) => line.includes(files.guestFirewall))).toHaveLength(1);
});

/** Runs the script in a folder with the hypervisor's files, and a `qm` that records its arguments. */
function run(id: number, card: string, root: string, existing?: string) {
  const at = (path: string) => join(root, path);
  mkdirSync(at("bin"), { recursive: true });
  mkdirSync(at("pve/qemu-server"), { recursive: true });
  mkdirSync(at("pve/firewall"), { recursive: true });
  mkdirSync(at("etc"), { recursive: true });
  cpSync(join(sampleTree, files.lxcConfigs), at("etc/phoenix_lxc_configs.json"));
  writeFileSync(at("etc/phoenix_vm_configs.json"), textOf(after, files.vmConfigs));
  writeFileSync(at(`pve/qemu-server/${vmid}.conf`), "");
  if (existing !== undefined) writeFileSync(at(`pve/firewall/${id}.fw`), existing);
  writeFileSync(
    at("bin/qm"),
    `#!/bin/sh\nif [ "$1" = config ]; then echo "net0: ${card}"; else echo "$@" > ${at("set")}; fi\n`,
    { mode: 0o755 },
  );
  const script = textOf(after, files.guestFirewall)
    .replaceAll("/etc/pve", at("pve"))
    .replace("/usr/local/phoenix_hypervisor/etc", at("etc"));
  const ran = spawnSync("bash", ["-s", "--", String(id)], {
    input: script,
    encoding: "utf8",
    env: { PATH: `${at("bin")}:/usr/bin:/bin` },
  });
  const read = (path: string) => (existsSync(at(path)) ? readFileSync(at(path), "utf8") : undefined);
  return { ...ran, rules: read(`pve/firewall/${id}.fw`), set: read("set")?.trim() };
}

test("the script writes the docker host's rules file and sets firewall=1 on its network card", ({
  browserName: _,
}, { outputDir }) => {
  const { status, stderr, rules, set } = run(vmid, "virtio=AA,bridge=vmbr0", outputDir);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(rules).toContain(
    "[OPTIONS]\nenable: 1\npolicy_in: ACCEPT\n\n[RULES]\nIN ACCEPT -source 10.0.0.153 -p tcp -dport 9443\nIN DROP -p tcp -dport 9443\n",
  );
  expect(set).toBe("set 1001 --net0 virtio=AA,bridge=vmbr0,firewall=1");
});

test("a card with firewall=1 is unchanged; firewall=0 becomes firewall=1", ({ browserName: _ }, {
  outputDir,
}) => {
  expect(run(vmid, "virtio=AA,bridge=vmbr0,firewall=1,tag=2", join(outputDir, "a")).set).toBeUndefined();
  expect(run(vmid, "virtio=AA,firewall=0,tag=2", join(outputDir, "b")).set).toBe(
    "set 1001 --net0 virtio=AA,tag=2,firewall=1",
  );
});

test("a rules file written by hand is refused; a container that declares no firewall is skipped", ({
  browserName: _,
}, { outputDir }) => {
  const refused = run(vmid, "virtio=AA", join(outputDir, "a"), "[RULES]\n");
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain("was not written by this script");
  expect(refused.rules).toBe("[RULES]\n");
  const other = run(954, "virtio=AA", join(outputDir, "b"));
  expect([other.status, other.rules, other.set]).toEqual([0, undefined, undefined]);
});
