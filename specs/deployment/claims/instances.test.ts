// Further instances of each kind of compose file and of container that was read wrongly once.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are templates of Compose
import { expect, test } from "@playwright/test";
import { databaseOnTheVolume } from "../../persistence/claims/database.ts";
import { resultOf } from "../../testing/claim-result.ts";
import { container, healthy, stack, treeFile } from "../../testing/evidence-builder.ts";
import { fitComposeFile } from "./compose.ts";

const inTree = treeFile("persistent-storage/portainer/docker-compose.yml");
const onVolume = "file /quickOS/vm-persistent-data/1001/portainer/docker-compose.yml";
const verdictOf = (said: string) => said.slice(0, said.indexOf(":"));
const ports = (text: string) => stack.replace('["9443:9443"]', text);
const data = (text: string) => stack.replace("- ./portainer_data:/data", `- ${text}`);
const more = (line: string) => stack.replace("ports:", `${line}\n    ports:`);
const version = (text: string) => stack.replace(":2.45.0", `:${text}`);

for (const [what, verdict, text] of [
  ["the protocol named", "pass", ports('["9443:9443/tcp"]')],
  ["another protocol", "fail", ports('["9443:9443/udp"]')],
  [
    "a port in the long form",
    "pass",
    ports('[{ target: 9443, published: "9443", protocol: tcp, mode: host }]'),
  ],
  [
    "a port of loopback in the long form",
    "fail",
    ports("[{ target: 9443, published: 9443, host_ip: 127.0.0.1 }]"),
  ],
  ["a range of ports", "pass", ports('["9440-9443:9440-9443"]')],
  ["a port of every address", "pass", ports('["0.0.0.0:9443:9443"]')],
  ["a port of its own address", "pass", ports('["10.0.0.101:9443:9443"]')],
  ["a port of every address of IPv6", "pass", ports('["[::]:9443:9443"]')],
  ["a port that Docker chooses", "fail", ports('["9443"]')],
  ["data that it can't write", "fail", data("./portainer_data:/data:ro")],
  [
    "data that it can't write, in the long form",
    "fail",
    data("{ type: bind, source: ./portainer_data, target: /data, read_only: true }"),
  ],
  ["data by a path with a slash", "pass", data("./portainer_data:/data/")],
  ["data by the volume's own path", "pass", data("/persistent-storage/portainer/portainer_data:/data")],
  ["data in memory", "fail", data("{ type: tmpfs, target: /data }")],
  ["data where a variable says", "unknown", data('"${DATA}/x:/data"')],
  ["data where a default says", "pass", data('"${DATA:-./portainer_data}:/data"')],
  ["another directory of data", "fail", more("command: --data /var/lib/portainer")],
  ["another directory of data, in a list", "fail", more('command: ["-d", "/srv"]')],
  ["another directory of data, with an equals sign", "fail", more("command: --log-level DEBUG --data=/srv")],
  ["the directory of data, named", "pass", more("command: --data=/data")],
  ["another directory of data, in one word", "fail", more("command: -d/opt")],
  ["another directory of data, after the usual one", "fail", more("command: --data=/data --data /srv")],
  ["the usual directory of data, after another", "pass", more("command: --data=/srv --data /data")],
  ["the directory of data, spelled otherwise", "pass", more("command: --data=/srv/..//data/")],
  ["a directory of data where a variable says", "unknown", more('command: "--data=${DATA}"')],
  ["a directory of data below the mount", "pass", more('command: ["--data", "/data/portainer"]')],
  ["another command with a variable", "pass", more("command: --log-level ${LEVEL}")],
  ["the restriction without its value", "pass", stack.replace("privileges:true", "privileges")],
  ["the restriction with an equals sign", "pass", stack.replace("privileges:true", "privileges=true")],
  ["the restriction taken back", "fail", stack.replace("privileges:true", "privileges:false")],
  [
    "the restriction set, and taken back after it",
    "fail",
    stack.replace("[no-new-privileges:true]", '["no-new-privileges:true", "no-new-privileges:false"]'),
  ],
  [
    "the restriction taken back, and set after it",
    "pass",
    stack.replace("[no-new-privileges:true]", '["no-new-privileges:false", "no-new-privileges"]'),
  ],
  ["no container of the service", "fail", more("scale: 0")],
  ["no replica of the service", "fail", more("deploy: { replicas: 0 }")],
  ["fewer capabilities", "pass", more("cap_drop: [ALL]")],
  ["all privileges as yes", "fail", more("privileged: yes")],
  ["privileges as off", "pass", more("privileged: off")],
  ["another boolean as Y", "pass", more("init: Y")],
  ["another boolean as off", "pass", more("tty: off")],
  ["a version that must be set", "unknown", version("${PORTAINER_TAG:?set the tag in .env}")],
  ["a version that must be set, or be empty", "unknown", version("${PORTAINER_TAG?which tag}")],
  ["a version by default", "pass", version("${PORTAINER_TAG:-2.45.0}")],
  ["a moving tag by default", "fail", version("${PORTAINER_TAG:-latest}")],
] as const)
  test(`instances: fitComposeFile reads ${verdict} with ${what}`, () => {
    const said = resultOf(fitComposeFile, { hypervisor: { [inTree]: text } });
    expect(verdictOf(said), said).toBe(verdict);
  });

test("instances: a version that .env sets is known", () => {
  const env = inTree.replace("docker-compose.yml", ".env");
  const said = resultOf(fitComposeFile, {
    hypervisor: { [inTree]: version("${PORTAINER_TAG:?x}"), [env]: "PORTAINER_TAG=2.45.0\n" },
  });
  expect(verdictOf(said), said).toBe("pass");
});

const bound = { Type: "volume", Name: "d", Source: "/var/lib/docker/volumes/d/_data", Destination: "/data" };
const other = (Published: object, changes: object = {}) => ({
  ...container,
  ...{ Id: "b".repeat(64), Name: "/other", Mounts: [], Published },
  Compose: { Project: null, Service: null, WorkingDir: null },
  ...changes,
});
const on = (port: string, HostIp = "", HostPort = "9443") => ({ [port]: [{ HostIp, HostPort }] });
const hostMode = { HostConfig: { ...container.HostConfig, NetworkMode: "host" } };
const stopped = { State: { ...container.State, Status: "exited", Running: false, Pid: 0 } };

const containers: readonly (readonly [
  what: string,
  verdict: string,
  all: readonly object[],
  volumes?: string,
])[] = [
  ["9443/udp of another container", "pass", [container, other(on("1194/udp"))]],
  ["9443/sctp of another container", "pass", [container, other(on("9443/sctp", "0.0.0.0"))]],
  ["9443 within another container", "pass", [container, other(on("9443/tcp", "", "19443"))]],
  ["9443 that another container only exposes", "pass", [container, other({ "9443/tcp": null })]],
  ["9443 of another container that is stopped", "pass", [other(on("9443/tcp"), stopped), container]],
  [
    "9443 of loopback in another container",
    "pass",
    [{ ...container, Published: on("9443/tcp", "10.0.0.101") }, other(on("443/tcp", "127.0.0.1"))],
  ],
  ["9443 of a container in the host's network", "pass", [container, other(on("443/tcp"), hostMode)]],
  ["9443 of two containers", "fail", [container, other(on("443/tcp", "10.0.0.101"))]],
  [
    "9443 of both families of addresses",
    "pass",
    [{ ...container, Published: { "9443/tcp": [on("x", "0.0.0.0").x?.[0], on("x", "::").x?.[0]] } }],
  ],
  [
    "a Docker volume that is bound to the volume",
    "pass",
    [{ ...container, Mounts: [bound] }],
    '{"Name":"d","Device":"/persistent-storage/portainer/portainer_data"}',
  ],
  [
    "a Docker volume that is bound elsewhere",
    "fail",
    [{ ...container, Mounts: [bound] }],
    '{"Name":"d","Device":"/srv/x"}',
  ],
  ["data that it can't write", "fail", [{ ...container, Mounts: [{ ...container.Mounts[0], RW: false }] }]],
  ["data that it can write", "pass", [{ ...container, Mounts: [{ ...container.Mounts[0], RW: true }] }]],
];
for (const claim of [fitComposeFile, databaseOnTheVolume])
  for (const [what, verdict, all, volumes] of containers)
    test(`instances: ${claim.name} reads ${verdict} of Docker with ${what}`, () => {
      const said = resultOf(claim, {
        "docker-host": {
          containers: all.map((one) => JSON.stringify(one)).join("\n"),
          volumes: volumes ?? healthy["docker-host"].volumes,
        },
      });
      expect(verdictOf(said), said).toBe(verdict);
    });

const digest = `sha256:${"a".repeat(64)}`;
for (const [image, verdict] of [
  ["docker.io/portainer/portainer-ce:latest", "fail"],
  ["index.docker.io/portainer/portainer-ce:2.45.0", "pass"],
  ["registry.lan:5000/portainer/portainer-ce:latest", "fail"],
  ["portainer/portainer-ee:latest", "fail"],
  ["portainer/portainer-ce:alpine-sts", "fail"],
  ["portainer/portainer-ce:2", "fail"],
  ["portainer/portainer-ce:2.45", "fail"],
  ["portainer/portainer-ce:linux-amd64", "fail"],
  ["portainer/portainer-ce:linux-amd64-2.45.0", "pass"],
  ["portainer/portainer-ce:2.45.0-linux-amd64", "pass"],
  ["portainer/portainer-ce:2.45.0-windows1809-amd64", "pass"],
  ["portainer/portainer-ce:2.45.0-rc1", "pass"],
  [`portainer/portainer-ce:latest@${digest}`, "pass"],
  [`portainer/portainer-ce@${digest}`, "pass"],
] as const)
  test(`instances: the image ${image} is ${verdict} in file and container`, () => {
    const text = stack.replace("portainer/portainer-ce:2.45.0", image);
    const said = resultOf(fitComposeFile, {
      hypervisor: { [inTree]: text, [onVolume]: text },
      "docker-host": {
        containers: JSON.stringify({ ...container, Config: { ...container.Config, Image: image } }),
      },
    });
    expect(verdictOf(said), said).toBe(verdict);
  });
