// Further instances of where Portainer's data is, and of what hides it.
import { expect, test } from "@playwright/test";
import { resultOf } from "../../testing/claim-result.ts";
import { container } from "../../testing/evidence-builder.ts";
import { databaseOnTheVolume } from "./database.ts";

const [own] = container.Mounts;
const verdictOf = (said: string) => said.slice(0, said.indexOf(":"));
const opened = (file: string, sizes = "7 4096 1700000000") => `${container.Id}\0${file}\0${sizes}\0`;

for (const [what, verdict, more, open] of [
  ["its mount read-only", "fail", { Mounts: [{ ...own, RW: false }] }],
  ["a tmpfs at its data", "fail", { Mounts: [{ Type: "tmpfs", Source: "", Destination: "/data" }] }],
  ["another guest's directory", "fail", { Mounts: [{ ...own, Source: "/srv/portainer/data" }] }],
  [
    "a directory that only starts like the volume",
    "fail",
    { Mounts: [{ ...own, Source: "/persistent-storage2/portainer/data" }] },
  ],
  [
    "two dots that lead out of the volume",
    "fail",
    { Mounts: [{ ...own, Source: "/persistent-storage/../srv" }] },
  ],
  [
    "a mount below its data beside the good one",
    "pass",
    { Mounts: [own, { ...own, Destination: "/data/certs" }] },
  ],
  ["a mount above its data, of a local directory", "fail", { Mounts: [{ ...own, Source: "/srv" }] }],
  ["a container that is paused", "fail", { State: { ...container.State, Status: "paused" } }],
  ["a container that has exited", "fail", { State: { ...container.State, Status: "exited" } }],
  ["a database that was removed", "fail", {}, opened("/data/portainer.db (deleted)")],
  ["a database beside its data", "fail", {}, opened("/tmp/portainer.db")],
  ["another inode's size", "fail", {}, opened("/data/portainer.db", "7 8192 1700000000")],
  ["a backup open alone", "fail", {}, opened("/data/backups/portainer.db")],
] as const)
  test(`instances: databaseOnTheVolume reads ${verdict} with ${what}`, () => {
    const said = resultOf(databaseOnTheVolume, {
      "docker-host": {
        containers: JSON.stringify({ ...container, ...more }),
        ...(open !== undefined && { "open files": open }),
      },
    });
    expect(verdictOf(said), said).toBe(verdict);
  });
