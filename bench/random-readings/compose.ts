// Compose projects, beside what `docker-compose config` says of them.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are templates of Compose
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { CannotTell } from "../../fixtures/errors.ts";
import {
  ComposeError,
  type Folder,
  readProject,
  type Service,
} from "../../fixtures/readings/compose/project.ts";
import type { Random } from "./choice.ts";
import type { Kind, Result } from "./kinds.ts";

const unknown = "(unknown)";
/** The key of a reading that leaves a value open, whether it is compared or not. */
const whole = "(the project)";

type Shown = Readonly<Record<string, unknown>>;

export const compose = (program: string): Kind => ({
  name: "compose",
  absent: () =>
    spawnSync(program, ["version"]).error
      ? `there is no ${program}: apt-get install docker-compose`
      : undefined,
  make: project,
  compare: (folder) => {
    const files = existsSync(`${folder}/over.yaml`) ? ["compose.yaml", "over.yaml"] : [];
    const ours = reading(folder, files);
    const theirs = answer(program, folder, files);
    return difference(ours, theirs);
  },
});

function difference(ours: Shown | string, theirs: Shown | string): Result {
  // What our reading leaves open, the program may refuse: it takes no variable for granted.
  const open = typeof ours === "string" ? ours === unknown : ours[whole] !== undefined;
  if (typeof ours === "string" || typeof theirs === "string") {
    if (typeof ours === typeof theirs || ours === unknown) return open ? "unknown" : "refused";
    if (open || /required variable/.test(said(theirs))) return "unknown";
    return { ours: said(ours), theirs: said(theirs) };
  }
  const names = [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].filter((name) => name !== whole);
  const wrong = names.filter((name) => {
    const [one, other] = [ours[name], theirs[name]] as [Shown | undefined, Shown | undefined];
    if (!one || !other) return true;
    return Object.keys(one).some((key) => one[key] !== unknown && !isDeepStrictEqual(one[key], other[key]));
  });
  if (wrong.length === 0) return open ? "unknown" : "same";
  const only = (shown: Shown) => said(Object.fromEntries(wrong.map((name) => [name, shown[name]])));
  return { ours: only(ours), theirs: only(theirs) };
}

const said = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

function reading(directory: string, files: readonly string[]): Shown | string {
  const folder: Folder = { read: (path) => (existsSync(path) ? readFileSync(path, "utf8") : undefined) };
  try {
    const named = files.map((file) => `${directory}/${file}`);
    const project = readProject(folder, { directory, ...(named.length > 0 && { files: named }) });
    const services = Object.fromEntries(project.services.map((service) => [service.name, shown(service)]));
    return project.undetermined.length > 0 ? { ...services, [whole]: unknown } : services;
  } catch (error) {
    if (error instanceof ComposeError) return `refused: ${error.message}`;
    if (error instanceof CannotTell) return unknown;
    throw error;
  }
}

function shown(service: Service): Shown {
  const known = (look: () => unknown) => {
    try {
      return look();
    } catch (error) {
      if (error instanceof CannotTell) return unknown;
      throw error;
    }
  };
  return {
    image: known(() => service.image ?? null),
    ports: known(() =>
      service.ports.map(
        ({ address, published, target, protocol }) => `${address}|${published ?? ""}|${target}|${protocol}`,
      ),
    ),
    mounts: known(() =>
      service.mounts.map(({ said, target }) => (said.endsWith(`:${target}`) ? said : target)),
    ),
    options: known(() => service.securityOptions),
    privileged: known(() => service.privileged),
    capabilities: known(() => service.addedCapabilities),
    restart: known(() =>
      service.restart?.startsWith("on-failure") ? "on-failure" : (service.restart ?? null),
    ),
    replicas: known(() => service.replicas),
    network: known(() => service.networkMode ?? null),
  };
}

interface Theirs {
  readonly image?: string;
  readonly ports?: readonly (
    | string
    | { target: number; published?: string | number; protocol?: string; host_ip?: string }
  )[];
  readonly volumes?: readonly (string | { source?: string; target: string })[];
  readonly security_opt?: readonly string[];
  readonly privileged?: boolean;
  readonly cap_add?: readonly string[];
  readonly restart?: string;
  readonly scale?: number;
  readonly network_mode?: string;
  readonly deploy?: { readonly replicas?: number; readonly restart_policy?: { readonly condition?: string } };
}

function answer(program: string, cwd: string, files: readonly string[]): Shown | string {
  const ran = spawnSync(program, [...files.flatMap((file) => ["-f", file]), "config"], {
    cwd,
    encoding: "utf8",
    timeout: 60_000,
    env: { PATH: "/usr/bin:/bin", HOME: "/nowhere" },
  });
  if (ran.status !== 0) return `refused: ${ran.stderr.trim().split("\n").slice(-2).join(" ")}`;
  const { services = {} } = parse(ran.stdout) as { services?: Readonly<Record<string, Theirs>> };
  return Object.fromEntries(Object.entries(services ?? {}).map(([name, service]) => [name, told(service)]));
}

function told(service: Theirs): Shown {
  const policy = service.deploy?.restart_policy;
  const condition =
    policy &&
    (policy.condition === "none" ? "no" : policy.condition === "on-failure" ? "on-failure" : "always");
  return {
    // A dollar is written twice in what `config` prints.
    image: service.image?.replaceAll("$$", () => "$") ?? null,
    ports: (service.ports ?? []).map((port) => {
      if (typeof port === "string") return port;
      const published = String(port.published ?? "");
      return `${port.host_ip ?? ""}|${/^[1-9]\d*$/.test(published) ? published : ""}|${port.target}|${port.protocol ?? "tcp"}`;
    }),
    mounts: (service.volumes ?? []).map((mount) => {
      if (typeof mount === "string") return mount.replace(/:r[ow]$/, "");
      return mount.source ? `${mount.source}:${mount.target}` : mount.target;
    }),
    options: service.security_opt ?? [],
    privileged: service.privileged ?? false,
    capabilities: service.cap_add ?? [],
    restart:
      condition ?? (service.restart?.startsWith("on-failure") ? "on-failure" : service.restart || null),
    replicas: service.scale ?? service.deploy?.replicas ?? 1,
    network: service.network_mode ?? null,
  };
}

// The texts. Each list has forms that people write; now and then one that is refused.
const variable = [
  "$SET",
  "${SET}",
  "${SET:-x}",
  "${UNSET:-dflt}",
  "${UNSET-dflt}",
  "${EMPTY:-full}",
  "${EMPTY-full}",
  "${SET:+alt}",
  "${UNSET:+alt}",
  "${EMPTY+alt}",
  "${SET:?must}",
  "${UNSET:-${SET}}",
  "${UNSET:-${NONE:-deep}}",
  "$$SET",
  "${NUM}",
  "${UNSET}",
  "${UNSET:?must}",
];
const broken = ["${UNSET", "${}", "${SET!x}"];

function word(random: Random): string {
  return random.once(40) ? random.of(broken) : random.of(variable);
}

function image(random: Random): string {
  const name = random.of(["nginx", "a/b", "docker.io/a/b", "host:5000/a", "ghcr.io/a/b/c", "registry.lan/x"]);
  const tag = random.of([
    "",
    ":1",
    ":1.2.3",
    ":latest",
    `:${word(random)}`,
    `@sha256:${"0".repeat(64)}`,
    ":1.2-x",
    ":$NUM.0",
  ]);
  const text = random.once(12) ? word(random) : name + tag;
  return random.of([`"${text}"`, `'${text}'`, /[{}:#]\s|^[{$]/.test(text) ? `"${text}"` : text]);
}

const boolean = [
  "true",
  "false",
  "yes",
  "no",
  "on",
  "off",
  "True",
  "y",
  "N",
  '"true"',
  "'on'",
  "${YES}",
  "${UNSET:-no}",
  "$YES",
  "YES",
  "Off",
];
const restart = [
  "no",
  '"no"',
  "always",
  "unless-stopped",
  "on-failure",
  "on-failure:3",
  '"${UNSET:-always}"',
  "'no'",
];
const port = [
  "80",
  "8080:80",
  '"8080:80"',
  "'127.0.0.1:81:80'",
  '"443:443/tcp"',
  "53:53/udp",
  '"53:53/UDP"',
  "22:22",
  "5000-5002:6000-6002",
  '"5000-5002:80"',
  '"[::1]:82:80"',
  '"0.0.0.0::80"',
  '"${NUM}:${NUM}"',
  '"${UNSET:-9}:9"',
  "{ target: 80 }",
  "{ target: 80, published: 8081 }",
  '{ target: "80", published: "8082" }',
  "{ target: 80, published: 8083, host_ip: 127.0.0.1, protocol: udp }",
  '{ target: "${NUM}", published: 1 }',
  "9443:9443",
  "0777:80",
  '"80/sctp"',
  "3-5",
  "60:59",
  "59:59",
];
const volume = [
  "./data:/data",
  "../up:/up:ro",
  "/abs:/abs/",
  "/anon",
  "kept:/kept",
  '"kept:/other:rw"',
  "./x:/x:z",
  "'./${SET}:/s'",
  '"${UNSET:-./d}:/d"',
  "{ type: bind, source: ./l, target: /l }",
  "{ type: volume, source: kept, target: /k2, read_only: yes }",
  "{ type: tmpfs, target: /t }",
  "k:/k",
  '"a::/b"',
  ".:/dot",
  "./a/../b/:/n//m/",
  "{ type: volume, target: /v }",
];

// What Compose refuses, once in a while.
const oddPort = [
  '"x:y"',
  "{ published: 1 }",
  "65536",
  '"1:2:3:4"',
  '"1-2:1-3"',
  "0x50",
  '"80/icmp"',
  '"a.b:1:1"',
  "{ target: x }",
];
const oddVolume = [
  "missing:/m",
  '"a:/b:c:d"',
  '""',
  "{ type: bind, source: ./x }",
  '":/x"',
  "1",
  "{ type: odd, target: /x }",
];
const oddLine = [
  "port: [1]",
  "environment: { 1: x }",
  "depends_on: [lost]",
  "extends: lost",
  "networks: [lost]",
  "healthcheck: { test: [curl] }",
  "privileged: maybe",
  "image: 1.10",
  "ports: 80",
  "tty: {}",
  "cap_add: [1]",
  "cap_add: [A, A]",
  "security_opt: [a, a]",
  "restart: yes",
  "restart: 3",
  "container_name: [x]",
  "secrets: [lost]",
  "env_file: { required: no }",
  "volumes_from: x",
  "links: {}",
];

function service(random: Random, others: readonly string[]): string[] {
  const lines: string[] = [];
  const put = (times: number, make: () => string | readonly string[]) => {
    if (random.once(times)) lines.push(...[make()].flat());
  };
  const flow = (key: string, all: readonly string[]) => `${key}: [${random.some(all, 8).join(", ")}]`;
  const block = (key: string, all: readonly string[]) => {
    const some = random.some(all, 10);
    return some.length > 0 ? [`${key}:`, ...some.map((each) => `  - ${each}`)] : [];
  };
  const quoted = (all: readonly string[]) => all.map((each) => (/^[{"'[]/.test(each) ? each : `"${each}"`));
  const withOdd = (all: readonly string[], odd: readonly string[]) =>
    random.once(30) ? [...all, random.of(odd)] : all;
  if (!random.once(40)) lines.push(`image: ${image(random)}`);
  put(20, () => "build: .");
  put(2, () =>
    random.once(3) ? flow("ports", quoted(withOdd(port, oddPort))) : block("ports", withOdd(port, oddPort)),
  );
  put(2, () =>
    random.once(3)
      ? flow("volumes", quoted(withOdd(volume, oddVolume)))
      : block("volumes", withOdd(volume, oddVolume)),
  );
  put(3, () => `privileged: ${random.of(boolean).replace(/^\$.*$/, '"$&"')}`);
  put(3, () => `init: ${random.of(boolean).replace(/^\$.*$/, '"$&"')}`);
  put(3, () => `restart: ${random.of(restart)}`);
  put(3, () => flow("cap_add", ["SYS_ADMIN", "NET_ADMIN", '"$SET"', "ALL"]));
  put(3, () =>
    flow("security_opt", [
      "no-new-privileges:true",
      '"no-new-privileges"',
      "apparmor:unconfined",
      "label=disable",
    ]),
  );
  put(6, () => `scale: ${random.of(["0", "1", '"2"', "0x3", "010", '"$NUM"'])}`);
  put(8, () => `network_mode: ${random.of(["host", "none", "bridge", '"service:one"', '"${UNSET:-host}"'])}`);
  put(
    8,
    () => `networks: ${random.of(["[inner]", "{ inner: }", "[default]", "{ inner: { aliases: [x] } }"])}`,
  );
  put(6, () => `profiles: ${random.of(["[debug]", '["${UNSET:-x}"]', "[on]", '["*"]', "[debug, x]"])}`);
  put(
    6,
    () =>
      `environment: ${random.of(["{ A: 1, B: yes, C: }", "[A=1, B]", '{ D: "$SET" }', "{ E: 1_000 }", "{ G: 2024-01-01 }", '["F=${UNSET:-x}"]', "{ 1: x }"])}`,
  );
  put(10, () => `labels: ${random.of(["{ a: b }", "[a=b]", "{ n: 1.10 }"])}`);
  put(10, () => `x-own: ${random.of(["1", "{ a: b }", "[~]"])}`);
  put(40, () => random.of(oddLine));
  put(
    8,
    () =>
      `deploy: ${random.of(["{ replicas: 2 }", "{ restart_policy: { condition: none } }", '{ replicas: "3" }', "{ resources: { limits: { cpus: '0.5' } } }"])}`,
  );
  put(10, () => `tmpfs: ${random.of(["/tmp", "[/tmp, /run]", "/data"])}`);
  put(
    6,
    () =>
      `healthcheck: ${random.of(["{ disable: yes }", "{ test: [CMD, x], retries: 3 }", "{ test: curl x }", "{ interval: 10s, test: [CMD-SHELL, x] }"])}`,
  );
  if (others.length > 0) {
    const other = random.of(others);
    const conditions = ["service_completed_successfully", "service_healthy"];
    put(
      5,
      () =>
        `depends_on: ${random.of([`[${other}]`, `{ ${other}: { condition: ${random.of(conditions)} } }`, `{ ${other}: { condition: service_started, required: no } }`])}`,
    );
    put(8, () => `extends: ${random.of([other, `{ service: ${other} }`])}`);
  }
  put(8, () => `extends: { service: base, file: ${random.of(["common/base.yaml", "./common/base.yaml"])} }`);
  put(5, () => `<<: ${random.of(["*base", "[*base, *more]", "[*more, *base]"])}`);
  return lines.length > 0 ? lines : ["image: x"];
}

const indented = (lines: readonly string[]) => lines.map((line) => `    ${line}`).join("\n");
const base =
  'x-base: &base { privileged: on, cap_add: [BASE], image: "base:1" }\nx-more: &more\n  restart: always\n  image: more:2\n';

function file(random: Random, names: readonly string[], top = ""): string {
  const services = names.map(
    (name) =>
      `  ${name}:\n${indented(
        service(
          random,
          names.filter((each) => each !== name),
        ),
      )}\n`,
  );
  const rest = random.some(
    ["volumes:\n  kept:\n  k: {}\n", "networks: { inner: }\n", "name: some_name\n", "version: '3.8'\n"],
    2,
  );
  const kept = rest.some((each) => each.startsWith("volumes"))
    ? ""
    : "volumes: { kept: { driver: local, driver_opts: { type: none, o: bind, device: /p } } }\n";
  return `${base}${top}services:\n${services.join("")}${rest.join("")}${random.once(2) ? kept : ""}`;
}

function project(random: Random): Readonly<Record<string, string>> {
  const names = random.some(["one", "two", "three"], 2);
  const own = names.length > 0 ? names : ["one"];
  const include = random.once(4)
    ? `include:\n  - ${random.of(["parts/in.yaml", "{ path: parts/in.yaml }", "{ path: [parts/in.yaml], project_directory: . }", '"${UNSET:-parts}/in.yaml"'])}\n`
    : "";
  return {
    "compose.yaml": file(random, own, include),
    ...(include && {
      "parts/in.yaml": `services:\n  part:\n    image: "p:$SET"\n    volumes: ["./p:/p"]\nnetworks: { inner: }\n`,
      ...(random.once(2) && { "parts/.env": "SET=inner\n" }),
    }),
    "common/base.yaml": `services:\n  base:\n    image: "b:\${NUM}"\n    volumes: ["./b:/b"]\n    ports: ["7:7"]\n`,
    ...(random.once(4) && { "compose.override.yaml": file(random, random.of([own, ["one"], ["four"]])) }),
    ...(random.once(4) && { "over.yaml": file(random, random.of([own, ["two"]])) }),
    ...(random.once(8)
      ? {}
      : {
          ".env": `SET=set\nEMPTY=\nNUM=42\nYES=yes\n${random.once(4) ? "COMPOSE_PROFILES=debug,on\n" : ""}${random.once(8) ? 'export Q="quoted $NUM"\n' : ""}`,
        }),
  };
}
