// The claim about Portainer's database on a sample: it lies on the volume, and it is the one that is open.
import { expect, test } from "@playwright/test";
import { container } from "../../testing/evidence-builder.ts";
import { type Bad, expectSeen, told } from "../../testing/told.ts";
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
    "another file of another size",
    { "docker-host": { "open files": `${container.Id}\0/data/portainer.db\0${"7 1 1"}\0` } },
    "fail",
    "(1 bytes)",
  ],
  ["no database on the hypervisor", { hypervisor: { databases: "" } }, "fail", "none"],
  [
    "nobody on 9443",
    { "docker-host": { containers: json({ ...container, Published: {} }) } },
    "fail",
    "one running container",
  ],
];

test("databaseOnTheVolume holds on a healthy target", () => {
  expect(told(databaseOnTheVolume)).toMatch(/^pass/);
});

for (const state of bad)
  test(`databaseOnTheVolume reads ${state[2]} with ${state[0]}`, () =>
    expectSeen(databaseOnTheVolume, state));
