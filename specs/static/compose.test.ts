// Compose files of a tree: what Compose takes is not held against it. The kinds of cases 48 to 54.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are templates of Compose
import { expect, test } from "@playwright/test";
import { CannotTell } from "../../fixtures/errors.ts";
import { compose } from "./compose.ts";

const found = (files: Readonly<Record<string, string>>) =>
  compose(new Map(Object.entries(files))).map(({ file, line, found: what }) => `${file}:${line} ${what}`);
const service = (body: string) => `services:\n  a:\n    image: x\n    ${body}\n`;

for (const [what, body] of [
  ["a message in a variable", "container_name: ${NAME:?set the name in .env}"],
  [
    "a variable for a whole value",
    'privileged: ${P:?}\n    ports: ["${PORT:?the port}:80"]\n    restart: $RESTART',
  ],
  ["a variable for a number", "scale: $N\n    ulimits: { nofile: $FILES }"],
  ["a default with blanks and braces", "command: ${C:-sleep ${T:-1 d}}"],
  ["a boolean of YAML 1.1", "init: yes"],
  ["booleans in every spelling", 'init: "on"\n    tty: N\n    read_only: OFF'],
  ["an octal number", "scale: 01"],
  [
    "a key of Compose's newest specification",
    "pre_start: [{ command: ls }]\n    gpus: all\n    develop: { watch: [] }",
  ],
] as const)
  test(`Compose takes ${what}`, () => expect(found({ "s/compose.yaml": service(body) })).toEqual([]));

for (const image of [
  "portainer/portainer-ce:${PORTAINER_TAG:?set the tag in .env}",
  "${REGISTRY:-docker.io}/portainer/portainer-ce:${TAG:-2.45.0}",
  '"${IMAGE:?which image, and which tag}"',
])
  test(`Compose takes the image ${image}`, () =>
    expect(found({ "s/compose.yaml": `services:\n  a:\n    image: ${image}\n` })).toEqual([]));

test("what an included file declares is declared", () => {
  const watch =
    "include: [parts/store.yaml]\nservices:\n  watch: { image: x, depends_on: [store], volumes: ['kept:/d'] }\n";
  const store = "services: { store: { image: y } }\nvolumes: { kept: }\n";
  expect(found({ "w/compose.yaml": watch, "w/parts/store.yaml": store })).toEqual([]);
  const long = watch.replace("parts/store.yaml", "{ path: [../common/a.yaml, ../common/b.yaml] }");
  const half = {
    "common/a.yaml": "services: { store: { image: y } }\n",
    "common/b.yaml": "volumes: { kept: }\n",
  };
  expect(found({ "w/compose.yaml": long, ...half })).toEqual([]);
  const wrong = { "w/compose.yaml": watch, "w/parts/store.yaml": "services: { store: { images: y } }\n" };
  expect(found(wrong)).toEqual([
    'w/parts/store.yaml:1 /services/store must NOT have additional properties "images"',
  ]);
});

test("a file that is laid over another one is read with it: by its name, by -f, by COMPOSE_FILE", () => {
  const base = "services: { a: { image: x } }\nvolumes: { kept: }\n";
  const over = "services: { a: { environment: { TZ: Etc/UTC }, volumes: ['kept:/d'] } }\n";
  for (const name of ["docker-compose.override.yml", "compose.override.yaml", "docker-compose.prod.yml"])
    expect(found({ "s/docker-compose.yml": base, [`s/${name}`]: over })).toEqual([]);
  expect(found({ "s/compose.yaml": base, "s/compose.override.yml": over.replace("kept", "lost") })).toEqual([
    's/compose.override.yml:1 /services/a/volumes names the volume "lost", which is not declared',
  ]);
  const chain = {
    ".env": "COMPOSE_FILE=compose.base.yml:compose.dev.yml\n",
    "compose.base.yml": base,
    "compose.dev.yml": over,
  };
  expect(found(Object.fromEntries(Object.entries(chain).map(([path, text]) => [`s/${path}`, text])))).toEqual(
    [],
  );
});

test("a mistake of the file below is told once, of that file", () =>
  expect(
    found({
      "s/compose.yaml": "services: { a: { imge: x } }\n",
      "s/compose.override.yaml": "services: { a: {} }\n",
    }),
  ).toEqual(['s/compose.yaml:1 /services/a must NOT have additional properties "imge"']));

test("an include that the tree does not have, on another machine or above it, can't be judged", () => {
  for (const path of ["https://host/x.git", "../../x.yaml", "/opt/x.yaml"])
    expect(() =>
      found({ "s/compose.yaml": `include: ["${path}"]\nservices: { a: { image: x } }\n` }),
    ).toThrow(CannotTell);
});
