// Claims about who may come in at VM 1001, and the trial's answers as they are read.
import { expect, test } from "@playwright/test";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { parseFirewall } from "../../../fixtures/evidence/parse/pve-firewall.ts";
import { type Claim, judge } from "../../../fixtures/judgement.ts";
import { needlessPortsShut, portsOf } from "../../security/claims/ports.ts";
import { container, healthy, sample } from "../../testing/evidence-builder.ts";
import { reachableFrom, readTries, triesOf } from "../trials/reachability.ts";
import { gatewayAlone } from "./docker-host.ts";
import { letIn } from "./inbound.ts";

const fw = "file /etc/pve/firewall/1001.fw";
const text = String(healthy.hypervisor[fw]);
const told = (claim: Claim<Evidence>, changes: Parameters<typeof sample>[0]) => {
  const { verdict, checks, reason } = judge(claim, sample(changes));
  return `${verdict}: ${JSON.stringify([reason, checks.filter(({ ok }) => !ok)])}`;
};
const accept = "IN ACCEPT -source 10.0.0.153 -p tcp -dport 9443";

for (const [what, rules, sources] of [
  ["a policy that drops", "[OPTIONS]\npolicy_in: DROP\n[RULES]\n", []],
  ["no policy at all, which drops", "[RULES]\n", []],
  ["a policy that accepts", "[OPTIONS]\npolicy_in: ACCEPT\n[RULES]\n", ["anybody"]],
  ["one source", `[RULES]\n${accept}\n`, ["10.0.0.153"]],
  ["a network", "[RULES]\nIN ACCEPT -source 10.0.0.0/24 -p tcp\n", ["10.0.0.0/24"]],
  ["a rule that is off", `[RULES]\n|${accept}\n`, []],
  ["a range that spans the port", "[RULES]\nIN ACCEPT -p tcp -dport 9000:9999\n", ["anybody"]],
  ["another port", "[RULES]\nIN ACCEPT -p tcp -dport 9444\n", []],
  ["another protocol", "[RULES]\nIN ACCEPT -p udp -dport 9443\n", []],
  ["another destination", "[RULES]\nIN ACCEPT -dest 10.0.0.9 -p tcp -dport 9443\n", []],
  ["an outbound rule", "[RULES]\nOUT ACCEPT -p tcp -dport 9443\n", []],
  ["a drop in front", `[RULES]\nIN DROP -p tcp -dport 9443\n${accept}\n`, []],
  ["a drop of that source in front", `[RULES]\nIN REJECT -source 10.0.0.153\n${accept}\n`, []],
  [
    "a narrower drop, which shuts nobody out",
    "[OPTIONS]\npolicy_in: ACCEPT\n[RULES]\nIN DROP -p tcp -sport 1\n",
    ["anybody"],
  ],
] as const)
  test(`let in by ${what}: ${sources.join() || "nobody"}`, () => {
    expect(letIn(parseFirewall(rules), "10.0.0.101", 9443).sources).toEqual(sources);
  });

test("a macro or a group cannot be read here", () => {
  expect(() => letIn(parseFirewall("[RULES]\nIN HTTPS(ACCEPT)\n"), "10.0.0.101", 9443)).toThrow(
    "stands elsewhere",
  );
  expect(() => letIn(parseFirewall("[RULES]\nGROUP web\n"), "10.0.0.101", 9443)).toThrow("stands elsewhere");
});

test("the gateway alone: healthy, written and switched on", () => {
  const { verdict, checks } = judge(gatewayAlone, sample());
  expect(verdict).toBe("pass");
  expect([...new Set(checks.map(({ level }) => level))]).toEqual(["delivered", "live"]);
});

const rules = (changed: string) => ({ hypervisor: { [fw]: changed } });
const conf = (net0: string) => ({ hypervisor: { "file /etc/pve/qemu-server/1001.conf": `net0: ${net0}\n` } });
for (const [what, changes, words] of [
  ["everybody", rules(text.replace("-source 10.0.0.153 ", "")), "9443 open to anybody"],
  ["nobody", rules(text.replace(`${accept}\n`, "")), "9443 open to nobody"],
  ["another guest", rules(text.replace("153", "154")), "9443 open to 10.0.0.154"],
  ["a second source", rules(text.replace(accept, `${accept}\nIN ACCEPT -source +lan -p tcp`)), "+lan"],
  ["no rule behind it", rules(text.replace("IN DROP -p tcp -dport 9443\n", "")), "10.0.0.153, anybody"],
  ["no file", { hypervisor: { [fw]: { code: 44 } } }, "no such file"],
  ["the guest's switch off", rules(text.replace("enable: 1", "enable: 0")), "1001.fw:2"],
  [
    "the cluster's switch off",
    { hypervisor: { "file /etc/pve/firewall/cluster.fw": "[OPTIONS]\n" } },
    "cluster.fw",
  ],
  ["the card's switch off", conf("virtio=AA,firewall=0"), "virtio=AA,firewall=0"],
  ["no card", { hypervisor: { "file /etc/pve/qemu-server/1001.conf": "" } }, "no net0"],
  [
    "a service that is stopped",
    { hypervisor: { "pve-firewall status": "Status: enabled/stopped\n" } },
    "enabled/stopped",
  ],
] as const)
  test(`the gateway alone: refuted by ${what}`, () => {
    const said = told(gatewayAlone, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

test("the gateway alone: unknown where a rule's meaning stands elsewhere", () => {
  expect(told(gatewayAlone, rules(`${text.replace(accept, "GROUP web")}`))).toMatch(/^unknown/);
});

test("needless ports: those that Portainer has, and those that its container publishes", () => {
  expect(portsOf(sample())).toEqual([8000, 9000, 9001, 9443]);
  const more = {
    "9443/tcp": [{ HostIp: "", HostPort: "9443" }],
    "80/tcp": [{ HostIp: "", HostPort: "8888" }],
    "9/udp": [{ HostIp: "", HostPort: "9" }],
    "7/tcp": null,
  };
  const published = { "docker-host": { containers: JSON.stringify({ ...container, Published: more }) } };
  expect(portsOf(sample(published))).toEqual([8000, 8888, 9000, 9001, 9443]);
  expect(told(needlessPortsShut, published)).toMatch(/^fail.*8888 open to anybody/);
});

test("needless ports: healthy; refuted by one that is open, and by a gateway that listens on one", () => {
  expect(told(needlessPortsShut, {})).toMatch(/^pass/);
  expect(told(needlessPortsShut, rules(text.replace("8000,", "")))).toMatch(/^fail.*8000 open to anybody/);
  const sockets = `${healthy.gateway.sockets}   1: 00000000:2328 00000000:0000 0A 0 \n`;
  expect(told(needlessPortsShut, { gateway: { sockets } })).toMatch(/^fail.*"found":"9000"/);
  expect(told(needlessPortsShut, { hypervisor: { "qm status": "status: stopped\n" } })).toMatch(
    /^fail.*stopped/,
  );
});

test("tries as they are read: in, no answer, refused; what could not be tried is unknown", () => {
  const line = (code: number, said: string) => `a stranger\t10.0.0.101:9443\t${code}\t${said}\n`;
  const only = (code: number, said: string) => [...readTries(line(code, said)).values()][0];
  expect(only(0, "")).toBe("gets in");
  expect(only(124, "")).toBe("gets no answer");
  expect(only(1, "bash: connect: Connection refused")).toBe("is refused");
  expect(() => only(127, "bash: not found")).toThrow("could not be tried");
});

test("a stranger who is answered refutes, a gateway that is not does too, and silence about one is unknown", async () => {
  const target = { deployment: { gateway: { ctid: 101 } }, spareAddress: "10.0.0.250", name: "t" } as never;
  const tries = triesOf([9443]);
  const answers = (change: (line: string) => string) => ({
    script: async () => ({
      code: 0,
      err: "",
      out: tries.map(({ who, to, gets }) => change(`${who}\t${to}\t${gets === "in" ? 0 : 124}\t\n`)).join(""),
    }),
  });
  const failing = async (change: (line: string) => string) =>
    (await reachableFrom(target, answers(change) as never, tries))
      .filter(({ ok }) => !ok)
      .map(({ where }) => where);
  expect(await failing((line) => line)).toEqual([]);
  expect(await failing((line) => line.replace(/^(a stranger\t.*9443)\t124/, "$1\t0"))).toEqual([
    "a stranger to 10.0.0.101:9443",
  ]);
  expect(await failing((line) => line.replace(/^(the gateway\t.*)\t0/, "$1\t124"))).toEqual([
    "the gateway to 10.0.0.101:9443",
  ]);
  await expect(failing((line) => line.replace(/^the hypervisor.*9443.*\n/, ""))).rejects.toThrow(
    "nobody can tell",
  );
  const poor = { deployment: { gateway: { ctid: 101 } }, name: "t" } as never;
  await expect(reachableFrom(poor, answers((line) => line) as never, tries)).rejects.toThrow("spareAddress");
});
