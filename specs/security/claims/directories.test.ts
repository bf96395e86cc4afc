// The claim about Portainer's directories on a sample: a mode that lets others write, or read a secret, is named.
import { expect, test } from "@playwright/test";
import { type Bad, expectSeen, resultOf } from "../../testing/claim-result.ts";
import { ownersAlone } from "./directories.ts";

const directory = "/quickOS/vm-persistent-data/1001/portainer";
const entry = (meta: string, path: string) => `${meta} root:root 1.5 10 7\0\0${directory}${path}\0`;
const sound =
  entry("d 755", "") +
  entry("d 700", "/portainer_data") +
  entry("d 700", "/portainer_data/certs") +
  entry("f 644", "/portainer_data/certs/cert.pem") +
  entry("f 600", "/portainer_data/certs/key.pem") +
  entry("f 600", "/portainer_data/portainer.db");
const listed = (text: string) => ({ hypervisor: { "list portainer": text } });

test("a lock beside the database, and a public key, are for everybody", () => {
  for (const name of ["portainer.db.lock", "portainer.pub", "certs/cert.pem"])
    expect(resultOf(ownersAlone, listed(sound + entry("f 644", `/portainer_data/${name}`)))).toMatch(/^pass/);
});

const bad: readonly Bad[] = [
  ["a data directory for everybody", listed(sound.replace("d 700", "d 777")), "fail", "/portainer_data: 777"],
  [
    "a certificate directory for another group",
    listed(sound + entry("d 770", "/other").replace("root:root", "root:users")),
    "fail",
    "/other: 770 root:users",
  ],
  ["a sticky directory for everybody", listed(sound.replace("d 755", "d 1777")), "fail", "/portainer: 1777"],
  [
    "a compose file for everybody",
    listed(sound + entry("f 666", "/docker-compose.yml")),
    "fail",
    "/docker-compose.yml: 666",
  ],
  ...[
    "/portainer_data/chisel/private-key.pem",
    "/portainer_data/portainer.key",
    "/portainer_data/tls/client_key.pem",
    "/portainer_data/portainer.db.bak",
    "/portainer_data/backups/CE/portainer.db.2.19.4.20250101",
    "/portainer_data/portainer.edb.bak",
  ].map(
    (path): Bad => [
      `${path} for all readers`,
      listed(sound + entry("f 644", path)),
      "fail",
      `${path}: 644 root:root`,
    ],
  ),
  [
    "a database for all readers",
    listed(
      sound.replace(
        "f 600 root:root 1.5 10 7\0\0/quickOS/vm-persistent-data/1001/portainer/portainer_data/portainer.db",
        "f 644 root:root 1.5 10 7\0\0/quickOS/vm-persistent-data/1001/portainer/portainer_data/portainer.db",
      ),
    ),
    "fail",
    "portainer.db: 644",
  ],
  [
    "a key for another group",
    listed(sound.replace("f 600 root:root", "f 640 root:www-data")),
    "fail",
    "key.pem: 640 root:www-data",
  ],
  [
    "an encrypted database for all readers",
    listed(sound + entry("f 604", "/portainer_data/portainer.edb")),
    "fail",
    "portainer.edb: 604",
  ],
  ["nothing there", listed(""), "fail", "files in"],
  ["a list that was cut", listed("d 755 root"), "unknown", "cut off"],
];

test("ownersAlone holds on sound directories", () => {
  expect(resultOf(ownersAlone, listed(sound))).toMatch(/^pass/);
  // A group with its owner's name is its owner's own: a checkout of a user with such a group has these modes.
  expect(resultOf(ownersAlone, listed(sound.replace("d 755", "d 775").replace("f 600", "f 660")))).toMatch(
    /^pass/,
  );
  // Links have a mode of their own that says nothing.
  expect(resultOf(ownersAlone, listed(sound + entry("l 777", "/link")))).toMatch(/^pass/);
});

for (const state of bad)
  test(`ownersAlone reads ${state[2]} with ${state[0]}`, () => expectSeen(ownersAlone, state));
