// The claim about needless ports on a sample: which ports count, and that each is blocked.
import { expect, test } from "@playwright/test";
import { resultOf } from "../../testing/claim-result.ts";
import { container, healthy, sample } from "../../testing/evidence-builder.ts";
import { needlessPortsShut, portsOf } from "./ports.ts";

const fw = "file /etc/pve/firewall/1001.fw";
const text = String(healthy.hypervisor[fw]);
const rules = (changed: string) => ({ hypervisor: { [fw]: changed } });

test("needless ports: Portainer's own, and those that its container publishes", () => {
  expect(portsOf(sample())).toEqual([8000, 9000, 9001, 9443]);
  const more = {
    "9443/tcp": [{ HostIp: "", HostPort: "9443" }],
    "80/tcp": [{ HostIp: "", HostPort: "8888" }],
    "9/udp": [{ HostIp: "", HostPort: "9" }],
    "7/tcp": null,
    "81/tcp": [{ HostIp: "127.0.0.1", HostPort: "8889" }],
    "82/tcp": [{ HostIp: "::1", HostPort: "8890" }],
    "83/tcp": [{ HostIp: "127.0.1.1", HostPort: "8891" }],
  };
  const published = { "docker-host": { containers: JSON.stringify({ ...container, Published: more }) } };
  expect(portsOf(sample(published))).toEqual([8000, 8888, 9000, 9001, 9443]);
  expect(resultOf(needlessPortsShut, published)).toMatch(/^fail.*8888 open to any source/);
});

test("needless ports: healthy; refuted by an open port, and by a gateway that listens on one", () => {
  expect(resultOf(needlessPortsShut, {})).toMatch(/^pass/);
  expect(resultOf(needlessPortsShut, rules(text.replace("IN DROP -p tcp -dport 8000\n", "")))).toMatch(
    /^fail.*8000 open to any source/,
  );
  const sockets = `${healthy.gateway.sockets}   1: 00000000:2328 00000000:0000 0A 0 \n`;
  expect(resultOf(needlessPortsShut, { gateway: { sockets } })).toMatch(/^fail.*"found":"9000"/);
  expect(resultOf(needlessPortsShut, { hypervisor: { "qm status": "status: stopped\n" } })).toMatch(
    /^fail.*stopped/,
  );
});
