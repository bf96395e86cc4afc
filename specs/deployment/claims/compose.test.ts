// The claim about Portainer's compose file on a sample: in the tree, on the volume, and in the container that Docker made from it.
import { expect, test } from "@playwright/test";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type Claim, judge } from "../../../fixtures/judgement.ts";
import { container, sample, stack, treeFile } from "../../testing/evidence-builder.ts";
import { fitComposeFile } from "./compose.ts";

const inTree = treeFile("persistent-storage/portainer/docker-compose.yml");
const onVolume = "file /quickOS/vm-persistent-data/1001/portainer/docker-compose.yml";
const failing = (claim: Claim<Evidence>, changes: Parameters<typeof sample>[0]) => {
  const { verdict, checks, reason } = judge(claim, sample(changes));
  const wrong = checks.filter(({ ok }) => !ok).map(({ level, found }) => `${level}: ${found}`);
  return [verdict, ...(reason ? [reason] : wrong)];
};

test("a fit compose file: healthy on all three levels", () => {
  const { verdict, checks } = judge(fitComposeFile, sample());
  expect(verdict).toBe("pass");
  expect([...new Set(checks.map(({ level }) => level))]).toEqual(["declared", "delivered", "live"]);
});

for (const [level, file] of [
  ["declared", inTree],
  ["delivered", onVolume],
] as const)
  for (const [what, text, found] of [
    ["no 9443", stack.replace("9443:9443", "9000:9000"), "9000:9000"],
    ["9443 as another port", stack.replace("9443:9443", "9443:9000"), "9443:9000"],
    ["9443 on loopback only", stack.replace("9443:9443", "127.0.0.1:9443:9443"), "127.0.0.1:9443:9443"],
    [
      "data in a Docker volume",
      `${stack.replace("./portainer_data", "portainer_data")}volumes: { portainer_data: }\n`,
      "portainer_data:/data",
    ],
    [
      "an undeclared volume",
      stack.replace("./portainer_data", "portainer_data"),
      '/services/portainer/volumes names the volume "portainer_data", which is not declared',
    ],
    ["data outside the volume", stack.replace("./portainer_data", "../../srv"), "/srv:/data"],
    ["no data", stack.replace("      - ./portainer_data:/data\n", ""), "no mount at /data"],
    [
      "new privileges",
      stack.replace("security_opt: [no-new-privileges:true]", "init: true"),
      "new privileges",
    ],
    [
      "certificates in a directory that a reboot empties",
      stack.replace("      - ./portainer_data", "      - /tmp/certs:/certs\n      - ./portainer_data"),
      "/tmp/certs:/certs",
    ],
    [
      "a socket in memory that is not Docker's",
      stack.replace("/var/run/docker.sock:/var/run/docker.sock", "/run/own.sock:/var/run/docker.sock"),
      "/run/own.sock:/var/run/docker.sock",
    ],
    ["all privileges", stack.replace("ports:", "privileged: true\n    ports:"), "privileged"],
    ["more capabilities", stack.replace("ports:", "cap_add: [SYS_ADMIN]\n    ports:"), "SYS_ADMIN"],
    ...["seccomp=unconfined", "apparmor:unconfined", "systempaths=unconfined", "label:disable"].map(
      (option) => [option, stack.replace("[no-new", `["${option}", no-new`), option] as const,
    ),
    ...["pid", "ipc", "uts", "cgroup", "userns_mode"].map(
      (name) =>
        [
          `its host's ${name}`,
          stack.replace("ports:", `${name}: host\n    ports:`),
          `${name}: host`,
        ] as const,
    ),
    [
      "a device",
      stack.replace("ports:", "devices: [/dev/sda:/dev/sda]\n    ports:"),
      "device /dev/sda:/dev/sda",
    ],
    [
      "a device in the long form",
      stack.replace("ports:", "devices: [{ source: /dev/mem, target: /dev/x }]\n    ports:"),
      "device /dev/mem",
    ],
    ...["/:/host", "/etc:/host/etc", "/persistent-storage/..:/host", "/proc/sys:/p", "/dev:/dev"].map(
      (mount) =>
        [
          `the host's ${mount}`,
          stack.replace("      - ./portainer_data", `      - ${mount}:ro\n      - ./portainer_data`),
          mount,
        ] as const,
    ),
    [
      "two containers of one service",
      stack.replace("ports:", "deploy: { replicas: 2 }\n    ports:"),
      "portainer (portainer/portainer-ce:2.45.0), 2 containers of portainer",
    ],
    [
      "a rule for devices",
      stack.replace("ports:", "device_cgroup_rules: ['a *:* rwm']\n    ports:"),
      "device a *:* rwm",
    ],
    [
      "the host's network, where nothing is published",
      stack.replace("ports:", "network_mode: host\n    ports:"),
      "no port: with network_mode host Docker publishes none",
    ],
    [
      "no network",
      stack.replace("ports:", "network_mode: none\n    ports:"),
      "no port: with network_mode none",
    ],
    ["no service", "services: {}", "no service"],
    [
      "two services",
      stack.replace("services:", "services:\n  other:\n    image: portainer/portainer-ee"),
      "other (portainer/portainer-ee), portainer (portainer/portainer-ce:2.45.0)",
    ],
    ["no YAML", "services: [", "no YAML: "],
  ] as const)
    test(`a fit compose file: refuted by ${what}, ${level}`, () => {
      const [verdict, ...wrong] = failing(fitComposeFile, { hypervisor: { [file]: text } });
      expect(verdict).toBe("fail");
      expect(wrong[0]).toContain(`${level}: ${found}`);
    });

test("a fit compose file: a moving tag fails on each level", () => {
  const latest = stack.replace(":2.45.0", ":latest");
  const Config = { ...container.Config, Image: "portainer/portainer-ce:latest" };
  const all = {
    hypervisor: { [inTree]: latest, [onVolume]: latest },
    "docker-host": { containers: JSON.stringify({ ...container, Config }) },
  };
  expect(failing(fitComposeFile, all)).toEqual([
    "fail",
    "declared: portainer/portainer-ce:latest",
    "delivered: portainer/portainer-ce:latest",
    "live: portainer/portainer-ce:latest",
  ]);
});

const live = (changes: object, volumes = "") =>
  failing(fitComposeFile, {
    "docker-host": { containers: JSON.stringify({ ...container, ...changes }), volumes },
  });
const named = {
  Mounts: [{ Type: "volume", Source: "/var/lib/docker/volumes/d/_data", Destination: "/data", Name: "d" }],
};

for (const [what, changes, found] of [
  [
    "another port",
    { Published: { "9443/tcp": [{ HostIp: "127.0.0.1", HostPort: "9443" }] } },
    "127.0.0.1:9443:9443",
  ],
  ["another port inside", { Published: { "9000/tcp": [{ HostIp: "", HostPort: "9443" }] } }, "9443:9000"],
  [
    "the host's network",
    { HostConfig: { ...container.HostConfig, NetworkMode: "host" } },
    "no port: with network_mode host Docker publishes none",
  ],
  ["data in the container", { Mounts: [] }, "no mount at /data"],
  [
    "data on the docker host's disk",
    { Mounts: [{ Type: "bind", Source: "/srv/data", Destination: "/data" }] },
    "/srv/data:/data (bind), that is /srv/data",
  ],
  [
    "certificates in memory",
    {
      Mounts: [
        ...container.Mounts,
        { Type: "bind", Source: "/var/run/docker.sock", Destination: "/var/run/docker.sock" },
        { Type: "bind", Source: "/dev/shm/certs", Destination: "/certs" },
      ],
    },
    "/dev/shm/certs:/certs",
  ],
  ["new privileges", { HostConfig: { SecurityOpt: null, Privileged: false } }, "new privileges"],
  ["all privileges", { HostConfig: { SecurityOpt: ["no-new-privileges"], Privileged: true } }, "privileged"],
  [
    "more capabilities",
    { HostConfig: { SecurityOpt: ["no-new-privileges"], Privileged: false, CapAdd: ["ALL"] } },
    "ALL",
  ],
  ...(
    [
      [{ SecurityOpt: ["no-new-privileges", "seccomp=unconfined"] }, "seccomp=unconfined"],
      [{ PidMode: "host" }, "pid: host"],
      [{ IpcMode: "host", UTSMode: "host" }, "ipc: host, uts: host"],
      [{ Devices: [{ PathOnHost: "/dev/sda" }] }, "device /dev/sda"],
      [{ DeviceCgroupRules: ["b 8:* rmw"] }, "device b 8:* rmw"],
      [{ UsernsMode: "host" }, "userns_mode: host"],
      [{ MaskedPaths: [] }, "systempaths=unconfined"],
      [{ SecurityOpt: ["label=disable", "no-new-privileges"] }, "label=disable"],
    ] as const
  ).map(
    ([more, said]) =>
      [`more rights: ${said}`, { HostConfig: { ...container.HostConfig, ...more } }, said] as const,
  ),
  [
    "the host's root",
    { Mounts: [...container.Mounts, { Type: "bind", Source: "/", Destination: "/host" }] },
    "/:/host",
  ],
  [
    "another image",
    { Config: { ...container.Config, Image: "portainer/portainer-ce:2.27.6" } },
    "portainer/portainer-ce:2.27.6",
  ],
  ["no container", { Published: null }, "none"],
] as const)
  test(`a fit compose file: refuted by a container with ${what}`, () => {
    expect(live(changes)).toEqual(["fail", `live: ${found}`]);
  });

test("a fit compose file: what Docker gives every container is no more, nor are namespaces of its own", () => {
  const dropped =
    "cap_drop: [ALL]\n    cap_add: [CHOWN, CAP_SETUID, net_bind_service]\n    ipc: private\n    ports:";
  const text = stack.replace("ports:", dropped);
  expect(failing(fitComposeFile, { hypervisor: { [inTree]: text, [onVolume]: text } })).toEqual(["pass"]);
  const given = { CapAdd: ["CAP_CHOWN"], PidMode: "", IpcMode: "private", UTSMode: "", Devices: [] };
  expect(live({ HostConfig: { ...container.HostConfig, ...given } })).toEqual(["pass"]);
});

for (const mount of [
  ...["/etc/localtime:/etc/localtime:ro", "/etc/ssl/portainer:/certs:ro"],
  ...["/var/lib/docker/volumes:/var/lib/docker/volumes", "/run/docker.sock:/run/docker.sock"],
])
  test(`a fit compose file: ${mount} gives nobody its host`, () => {
    const text = stack.replace("      - ./portainer_data", `      - ${mount}\n      - ./portainer_data`);
    expect(failing(fitComposeFile, { hypervisor: { [inTree]: text, [onVolume]: text } })).toEqual(["pass"]);
    const [Source = "", Destination = ""] = mount.split(":");
    const Mounts = [...container.Mounts, { Type: "bind", Source, Destination }];
    expect(live({ Mounts, HostConfig: { ...container.HostConfig, MaskedPaths: null } })).toEqual(["pass"]);
  });

test("a fit compose file: a named volume counts as the directory that it is bound to", () => {
  expect(live(named, '{"Name":"d","Device":"/persistent-storage/portainer/data"}')).toEqual(["pass"]);
  expect(live(named, '{"Name":"d","Device":null}')).toEqual(["fail", "live: d:/data (volume)"]);
});

test("a fit compose file: no file, or a second one, fails", () => {
  const second = inTree.replace("docker-compose.yml", "compose.yaml");
  expect(failing(fitComposeFile, { hypervisor: { [inTree]: undefined } })).toEqual([
    "fail",
    "declared: none",
  ]);
  expect(failing(fitComposeFile, { hypervisor: { [second]: stack } })).toEqual([
    "fail",
    "declared: docker-compose.yml, compose.yaml",
  ]);
});

test("a fit compose file: unknown when it uses variables", () => {
  const text = stack.replace("2.45.0", "$VERSION");
  expect(failing(fitComposeFile, { hypervisor: { [inTree]: text } })[0]).toBe("unknown");
});
