// The claim about Portainer's database on a sample: it is on the volume, and Portainer has it open.
import { expect, test } from "@playwright/test";
import { type Bad, expectSeen, resultOf } from "../../testing/claim-result.ts";
import { container } from "../../testing/evidence-builder.ts";
import { databaseOnTheVolume } from "./database.ts";

const json = (value: object) => JSON.stringify(value);

const bad: readonly Bad[] = [
  [
    "a local volume",
    {
      "docker-host": {
        containers: json({
          ...container,
          Mounts: [{ Type: "volume", Source: "/var/lib/docker/volumes/x/_data", Destination: "/data" }],
        }),
      },
    },
    "fail",
    "(volume)",
  ],
  [
    "no mount at all",
    { "docker-host": { containers: json({ ...container, Mounts: [] }) } },
    "fail",
    "no mount at /data",
  ],
  ["nothing open", { "docker-host": { "open files": "" } }, "fail", "no database is open"],
  [
    "another file with another size",
    { "docker-host": { "open files": `${container.Id}\0/data/portainer.db\0${"7 1 1"}\0` } },
    "fail",
    "(1 byte)",
  ],
  ["no database on the hypervisor", { hypervisor: { databases: "" } }, "fail", "none"],
  [
    "no container on 9443",
    { "docker-host": { containers: json({ ...container, Published: {} }) } },
    "fail",
    "one running container",
  ],
];

test("databaseOnTheVolume holds on a healthy target", () => {
  expect(resultOf(databaseOnTheVolume)).toMatch(/^pass/);
});

for (const state of bad)
  test(`databaseOnTheVolume reads ${state[2]} with ${state[0]}`, () =>
    expectSeen(databaseOnTheVolume, state));

test("another container on the same port by UDP is not Portainer", () => {
  const tunnel = {
    ...container,
    ...{ Id: "b".repeat(64), Name: "/tunnel", Mounts: [] },
    Published: { "1194/udp": [{ HostIp: "", HostPort: "9443" }] },
  };
  const both = { "docker-host": { containers: `${json(container)}\n${json(tunnel)}` } };
  expect(resultOf(databaseOnTheVolume, both)).toMatch(/^pass/);
});

test("Portainer's own option says where its data is, and its database is looked for there", () => {
  const moved = (option: string, destination: string, file: string) =>
    resultOf(databaseOnTheVolume, {
      "docker-host": {
        containers: json({
          ...container,
          DataOption: option,
          Mounts: [{ ...container.Mounts[0], Destination: destination }],
        }),
        "open files": `${container.Id}\0${file}\0${"7 4096 1700000000"}\0`,
      },
    });
  expect(moved("/srv", "/srv", "/srv/portainer.db")).toMatch(/^pass/);
  expect(moved("/srv/x/../", "/srv", "/srv/portainer.db")).toMatch(/^pass/);
  expect(moved("/srv", "/data", "/srv/portainer.db")).toContain("no mount at /srv");
  expect(moved("/srv", "/srv", "/data/portainer.db")).toContain("no database is open");
  expect(moved("?", "/data", "/data/portainer.db")).toMatch(/^unknown/);
});
