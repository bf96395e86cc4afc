// Every step on the sample tree: what it changes, that a second run changes nothing, and that the rest stays unchanged.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are templates of Compose
import { spawnSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import { Ajv } from "ajv";
import { mountSourceOf, outboundRuleOf } from "../../fixtures/deployment/deployment.ts";
import { defaultDeployment } from "../../fixtures/deployment/read.ts";
import { heredocTo } from "../edit/shell.ts";
import { clusterFirewall, filesOf, liveSiteOf } from "../files.ts";
import { changesOf, makePlan, type PlanOptions } from "../plan.ts";
import { factsOf, sampleTree, textOf, written } from "../testing/sample-facts.ts";
import { steps } from "./index.ts";

const { gateway, dockerHost, volume, portainer } = defaultDeployment;
const files = filesOf(defaultDeployment);
const liveSite = liveSiteOf(defaultDeployment);
const facts = factsOf(sampleTree);
const plan = (options: Partial<PlanOptions> = {}, found = facts) =>
  makePlan(found, steps, { target: "sample", literal: false, without: [], only: [], ...options });
const whole = plan();
const after = written(facts, whole);

test("the whole plan can be made, and the same facts give the same plan", () => {
  expect(whole.steps.map(({ id }) => id)).toEqual(steps.map(({ id }) => id));
  expect(plan().digest).toBe(whole.digest);
});

test("a second plan on the written files changes no file", () => {
  const again = changesOf(plan({}, after)).filter(({ change }) => change.does !== "run");
  expect(again.map(({ step, change }) => `${step.id} ${"path" in change ? change.path : ""}`)).toEqual([]);
});

test("a step that changes nothing says why", () => {
  for (const { id, changes, nothing } of plan({}, after).steps)
    if (changes.length === 0) expect(nothing, id).toMatch(/\w/);
});

test("the literal plan has only literal steps, one for each task", () => {
  const literal = plan({ literal: true });
  expect(new Set(literal.steps.map(({ kind }) => kind))).toEqual(new Set(["literal"]));
  expect(literal.steps.map(({ plan: task }) => task).sort()).toEqual([
    "1.1",
    "1.2",
    "1.3",
    "2.1",
    "2.2",
    "3.1",
  ]);
});

for (const { id, kind } of steps)
  if (kind === "remedy")
    test(`without ${id} the other steps can be planned, and a second plan changes nothing`, () => {
      const rest = plan({ without: [id] });
      const twice = plan({ without: [id] }, written(facts, rest));
      expect(changesOf(twice).filter(({ change }) => change.does !== "run")).toEqual([]);
    });

test("a step that does not exist is refused", () => {
  expect(() => plan({ without: ["nothing-of-the-kind"] })).toThrow("No such step: nothing-of-the-kind");
});

/** The lines that an edit removed and added, between the common start and end. */
function delta(name: string, found = after): { out: string[]; in: string[] } {
  const [before, now] = [textOf(facts, name).split("\n"), textOf(found, name).split("\n")];
  return {
    out: before.filter((line) => !now.includes(line)),
    in: now.filter((line) => !before.includes(line)),
  };
}

test("1.1 changes the volume's path and nothing else", () => {
  const own = written(facts, plan({ only: ["volume-path"] }));
  expect(delta(files.vmConfigs, own)).toEqual({
    out: ['                    "path": "/quickOS/vm-persistent-data/8001",'],
    in: [`                    "path": "${volume.path}",`],
  });
  expect(textOf(own, files.vmConfigs)).toBe(textOf(facts, files.vmConfigs).replace("/8001", "/1001"));
});

test("1.1's schema accepts NFS volumes without a pool, and no other volumes without one", () => {
  const schema = JSON.parse(textOf(after, files.vmSchema));
  const valid = new Ajv({ strict: false }).compile(schema.properties.vms.items.properties.volumes.items);
  const [same, nfs] = [
    { name: "a", mount_point: "/a" },
    { type: "nfs", server: "s", path: "/p" },
  ];
  expect(valid({ ...same, ...nfs })).toBe(true);
  expect(valid({ ...same, pool: "p", size_gb: 1 })).toBe(true);
  for (const bad of [
    same,
    nfs,
    { ...same, type: "nfs", server: "s" },
    { ...same, type: "zfs", ...{ path: "/" } },
  ])
    expect(valid(bad), JSON.stringify(bad)).toBe(false);
  expect(plan({ literal: true }).steps.map(({ id }) => id)).not.toContain("volume-schema");
});

test("1.2 and its remedies change the address, remove the stray dash, and use https for the location", () => {
  const expected = textOf(facts, files.declaredSite)
    .replace("10.0.0.99:9443", "10.0.0.101:9443")
    .replace("\n-\n", "\n")
    .replace("proxy_pass http://portainer_service", "proxy_pass https://portainer_service");
  expect(textOf(after, files.declaredSite)).toBe(expected);
});

test("1.2 in the literal plan leaves the stray dash", () => {
  const literal = written(facts, plan({ literal: true }));
  expect(textOf(literal, files.declaredSite)).toBe(
    textOf(facts, files.declaredSite).replace("10.0.0.99:9443", "10.0.0.101:9443"),
  );
});

test("1.3 declares the plan's rule, followed by the inbound ones", () => {
  const declared = JSON.parse(textOf(after, files.lxcConfigs)).lxc_configs["101"].firewall;
  expect(declared.rules).toEqual([
    outboundRuleOf(defaultDeployment),
    { type: "in", action: "ACCEPT", proto: "tcp", port: "80" },
    { type: "in", action: "ACCEPT", proto: "tcp", port: "443" },
  ]);
  expect(delta(files.lxcConfigs).out).toEqual(['                "enabled": true']);
});

test("2.1 copies the directory's files with their bytes", () => {
  const copied = whole.steps.find(({ id }) => id === "deploy-directory")?.changes ?? [];
  expect(copied.map((change) => ("path" in change ? change.path : ""))).toEqual([
    volume.path,
    `${volume.path}/portainer`,
    `${volume.path}/portainer/docker-compose.yml`,
  ]);
  const [file] = copied.slice(-1);
  expect(file?.does === "write-file" && file.after).toBe(textOf(after, files.composeFile));
});

test("2.1 in the literal plan copies the file with its original tag", () => {
  const literal = plan({ literal: true })
    .steps.find(({ id }) => id === "deploy-directory")
    ?.changes.at(-1);
  expect(literal?.does === "write-file" && literal.after).toBe(textOf(facts, files.composeFile));
});

const imageIn = (found: typeof facts, only = plan({ only: ["pinned-image"] }, found)) =>
  /image: *(.*)/.exec(textOf(written(found, only), files.composeFile))?.[1];
const composed = (text: string): typeof facts => {
  const path = `${sampleTree}/${files.composeFile}`;
  return { ...facts, files: { ...facts.files, [path]: { kind: "file", mode: "644", text } } };
};

test("the image is pinned, and nothing else in the file changes", () => {
  expect(delta(files.composeFile)).toEqual({
    out: ["    image: portainer/portainer-ce:latest"],
    in: [`    image: ${portainer.image}`],
  });
});

test("an image that runs already is kept, by its digest", () => {
  const image = `portainer/portainer-ce@sha256:${"a".repeat(64)}`;
  const own = { fstab: "", mounts: "", stacks: [] };
  expect(imageIn({ ...facts, dockerHost: { ...own, image } })).toBe(image);
  expect(imageIn({ ...facts, dockerHost: { ...own, image: `other/image@sha256:${"a".repeat(64)}` } })).toBe(
    portainer.image,
  );
});

for (const [said, becomes] of [
  ["portainer/portainer-ce", portainer.image],
  ["portainer/portainer-ce:lts", portainer.image],
  ["portainer/portainer-ce:2", portainer.image],
  ["'portainer/portainer-ce:latest' # newest", `'${portainer.image}' # newest`],
  ["portainer/portainer-ce:alpine-sts", portainer.image],
  ["portainer/portainer-ce:linux-amd64", portainer.image],
  ["portainer/portainer-ce:develop", portainer.image],
  ["docker.io/portainer/portainer-ce:latest", `docker.io/${portainer.image}`],
  ["index.docker.io/portainer/portainer-ce", `index.docker.io/${portainer.image}`],
  ["portainer/portainer-ce:${TAG:-latest}", portainer.image],
  ["portainer/portainer-ce:2.27.6", "portainer/portainer-ce:2.27.6"],
  ["portainer/portainer-ce:${TAG:-2.27.6}", "portainer/portainer-ce:${TAG:-2.27.6}"],
  [
    `portainer/portainer-ce:latest@sha256:${"a".repeat(64)}`,
    `portainer/portainer-ce:latest@sha256:${"a".repeat(64)}`,
  ],
  ["n8nio/n8n:latest", "n8nio/n8n:latest"],
] as const)
  test(`the image ${said} becomes ${becomes}`, () => {
    expect(imageIn(composed(`services:\n  portainer:\n    image: ${said}\n`))).toBe(becomes);
  });

for (const [said, why] of [
  ["registry.lan:5000/portainer/portainer-ce:latest", "of another repository than portainer/portainer-ce"],
  ["portainer/portainer-ee:lts", "of another repository than portainer/portainer-ce"],
  ["portainer/portainer-ce:${TAG:?set the tag}", "nothing here sets it: set the tag. Set a version there"],
  ["portainer/portainer-ce:$TAG", "the variable TAG is not set here"],
  ["portainer/portainer-ce:2.27.6", "the image is already pinned"],
  ["n8nio/n8n:latest", "no service has Portainer's image by its own key"],
] as const)
  test(`the image ${said} is left, and the plan says why`, () => {
    const found = plan({ only: ["pinned-image"] }, composed(`services:\n  portainer:\n    image: ${said}\n`));
    expect(JSON.stringify(found)).toContain(why);
  });

test("3.1 runs phoenix-cli for both guests, the docker host first", () => {
  const titles = changesOf(whole).flatMap(({ change }) =>
    change.does === "run" && change.phoenixCli ? [change.title] : [],
  );
  expect(titles).toEqual([`phoenix-cli create ${dockerHost.vmid}`, `phoenix-cli converge ${gateway.ctid}`]);
});

test("the undo of phoenix-cli create restores the docker host's /etc/fstab as the previous step left it", () => {
  const table = (found: ReturnType<typeof plan>, step: string, way: "args" | "undo") => {
    const own = changesOf(found).find((each) => each.step.id === step)?.change;
    const words = own?.does !== "run" ? [] : way === "args" ? own.args : own.undo?.args;
    return Buffer.from(words?.[2] ?? "", "base64").toString();
  };
  expect(table(whole, "stale-mount", "undo")).toBe(facts.dockerHost?.fstab);
  expect(table(whole, "stale-mount", "args")).not.toContain("8001");
  expect(table(whole, "phoenix-cli", "undo")).toBe(table(whole, "stale-mount", "args"));
  const without = plan({ without: ["stale-mount"] });
  expect(table(without, "phoenix-cli", "undo")).toBe(facts.dockerHost?.fstab);
});

test("the heredoc keeps its other upstreams and vhosts, and gets Portainer's", () => {
  const body = (found: typeof facts) => {
    const text = textOf(found, files.gatewayScript);
    const { start, end } = heredocTo("script", text, liveSite);
    return text.slice(start, end);
  };
  const kept = body(facts)
    .replace("10.0.0.99:9443", "10.0.0.101:9443")
    .replace("http://portainer_service", "https://portainer_service");
  expect(body(after).startsWith(kept)).toBe(true);
  expect(body(after)).toContain(`server_name ${portainer.host};`);
});

const hosts = `${gateway.address} ${portainer.host}\n`;
/** A host that already matches the plan. */
function doneHost(): typeof facts {
  const text = textOf(after, files.gatewayScript);
  const { start, end } = heredocTo("script", text, liveSite);
  const mount = `${mountSourceOf(defaultDeployment)} ${volume.mountPoint} nfs`;
  return {
    ...after,
    files: {
      ...after.files,
      "/etc/pve/firewall/101.fw": { kind: "file", mode: "640", text: "[RULES]\n" },
      "/etc/hosts": { kind: "file", mode: "644", text: hosts },
      "/etc/pve/firewall/1001.fw": { kind: "file", mode: "640", text: "[RULES]\n" },
    },
    firewall: "Status: enabled/running",
    gateway: { site: text.slice(start, end), names: `DNS:${portainer.host}`, nginxRuns: true, hosts },
    dockerHost: {
      fstab: `${mount} defaults,auto,nofail 0 0\n`,
      mounts: `${mount}4 rw 0 0\n`,
      stacks: [`${volume.mountPoint}/portainer`],
      administrator: "204",
      hosts,
    },
  };
}
const titles = (found: typeof facts) =>
  changesOf(plan({}, found)).map(({ change }) => (change.does === "run" ? change.title : change.path));

test("nothing is planned for a host that matches the plan", () => {
  expect(titles(doneHost())).toEqual([]);
});

test("a docker host whose stack does not run gets phoenix-cli create, and nothing else", () => {
  const { dockerHost: done } = doneHost();
  if (!done) throw new Error("no docker host");
  expect(titles({ ...doneHost(), dockerHost: { ...done, stacks: [] } })).toEqual([
    `phoenix-cli create ${dockerHost.vmid}`,
  ]);
});

test("a gateway that serves another site gets phoenix-cli converge, and nothing else", () => {
  const older = { site: "# older", names: `DNS:${portainer.host}`, nginxRuns: true };
  expect(titles({ ...doneHost(), gateway: older })).toEqual([`phoenix-cli converge ${gateway.ctid}`]);
});

test("a tree with a missing file is refused, with the file's name", () => {
  const path = `${sampleTree}/${files.vmConfigs}`;
  const found = { ...facts, files: { ...facts.files, [path]: { kind: "absent" as const } } };
  expect(() => plan({}, found)).toThrow(`Not a Phoenix tree: ${path} is missing`);
});

const scripts = [
  files.gatewayScript,
  files.dockerFeature,
  files.baseFeature,
  files.lxcManager,
  files.vmManager,
];
for (const name of scripts)
  for (const [what, found] of [
    ["the whole plan", after],
    ["the literal plan", written(facts, plan({ literal: true }))],
  ] as const)
    test(`${name} is valid shell after ${what}`, () => {
      const { status, stderr } = spawnSync("bash", ["-n"], { input: textOf(found, name), encoding: "utf8" });
      expect(stderr).toBe("");
      expect(status).toBe(0);
    });

test("scripts with CRLF line endings keep them on every line", () => {
  const crlf = Object.fromEntries(
    Object.entries(facts.files).map(([path, fact]) => [
      path,
      fact.kind === "file" ? { ...fact, text: fact.text.replaceAll("\n", "\r\n") } : fact,
    ]),
  );
  for (const { change } of changesOf(plan({}, { ...facts, files: crlf }))) {
    const ours =
      change.does === "write-file" && change.before === undefined && !change.path.startsWith(volume.path);
    if (change.does === "write-file" && !ours) expect(change.after, change.path).not.toMatch(/[^\r]\n/);
  }
});

test("a gateway without its rules, or whose certificate lacks the name, gets phoenix-cli converge", () => {
  const converge = [`phoenix-cli converge ${gateway.ctid}`];
  const { files: all, gateway: done } = doneHost();
  if (!done) throw new Error("no gateway");
  const unruled = { ...all, "/etc/pve/firewall/101.fw": { kind: "absent" } as const };
  expect(titles({ ...doneHost(), files: unruled })).toEqual(converge);
  expect(titles({ ...doneHost(), gateway: { ...done, names: "" } })).toEqual(converge);
});

test("the cluster's firewall is enabled, and the hypervisor stays reachable", () => {
  const switched = (text: string) => {
    const all = { ...doneHost().files, [clusterFirewall]: { kind: "file", mode: "640", text } as const };
    const [change] = changesOf(plan({}, { ...doneHost(), files: all }));
    return change?.change.does === "write-file" ? change.change.after : text;
  };
  expect(switched("[OPTIONS]\nenable: 0\n")).toBe("[OPTIONS]\npolicy_in: ACCEPT\nenable: 1\n");
  expect(switched("[OPTIONS]\nlog: 1\n\n[RULES]\n")).toBe(
    "[OPTIONS]\npolicy_in: ACCEPT\nenable: 1\nlog: 1\n\n[RULES]\n",
  );
  expect(switched("[RULES]\nIN ACCEPT\n")).toBe(
    "[OPTIONS]\nenable: 1\npolicy_in: ACCEPT\n\n[RULES]\nIN ACCEPT\n",
  );
  expect(switched("[OPTIONS]\nenable: 1\npolicy_in: DROP\n")).toBe("[OPTIONS]\nenable: 1\npolicy_in: DROP\n");
});
