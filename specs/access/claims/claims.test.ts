// Claims about the way in, on a sample: the certificate and its key.
import { spawnSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type Claim, judge } from "../../../fixtures/judgement.ts";
import { dump, sample, site } from "../../testing/evidence-builder.ts";
import { honestCertificate, staysValid } from "./certificate.ts";
import { leadsToGateway } from "./names.ts";
import { claimed, dockerManaged, localIsUp, signsIn } from "./sign-in.ts";

type Changes = NonNullable<Parameters<typeof sample>[0]>;

/** A certificate made for this test: nobody keeps its key. */
function made(name: string, days: number): string {
  const names = name === "" ? [] : ["-addext", `subjectAltName=DNS:${name}`];
  const made = spawnSync(
    "openssl",
    [
      "req",
      "-x509",
      "-nodes",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:P-256",
      "-keyout",
      "/dev/null",
    ].concat(["-days", String(days), "-subj", "/CN=portainer.phoenix.local", ...names]),
    { encoding: "utf8" },
  );
  return made.stdout;
}

const crt = "/etc/nginx/ssl/portainer.crt";
const own = made("portainer.phoenix.local", 90);
const key = "a".repeat(64);
const paired = site.replace(
  "listen 443 ssl http2;",
  `listen 443 ssl http2; ssl_certificate ${crt}; ssl_certificate_key ${crt.replace(".crt", ".key")};`,
);
const healthy: Changes = {
  gateway: {
    "nginx -T": dump(paired),
    [`file ${crt}`]: own,
    "key mode": "600 root:root\n",
    "key digests": `${key}  -\n${key}  -\n`,
  },
  client: { certificate: own },
};
const told = (claim: Claim<Evidence>, changes: Changes, days = 0) => {
  const at = new Date(Date.now() + days * 86_400_000 + 60_000).toISOString();
  const both = sample({
    gateway: { ...healthy.gateway, ...changes.gateway },
    client: { ...healthy.client, ...changes.client },
    hypervisor: changes.hypervisor ?? {},
    "docker-host": changes["docker-host"] ?? {},
  });
  const { verdict, checks, reason } = judge(
    claim,
    Object.assign(both, { document: { ...both.document, at } }),
  );
  return {
    levels: checks.map(({ level }) => level),
    said: `${verdict}: ${JSON.stringify([reason, checks.filter(({ ok }) => !ok)])}`,
  };
};

test("an honest certificate: healthy, in nginx and for a client", () => {
  const { levels, said } = told(honestCertificate, {});
  expect(said).toMatch(/^pass/);
  expect([...new Set(levels)]).toEqual(["live", "behaves"]);
});

const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
for (const [what, changes, words] of [
  ["another key", { gateway: { "key digests": `${key}  -\n${"b".repeat(64)}  -\n` } }, "public key bbbb"],
  [
    "two files that can't be read",
    { gateway: { "key digests": `${nothing}  -\n${nothing}  -\n` } },
    "no public key",
  ],
  ["a key for everybody", { gateway: { "key mode": "604 root:root\n" } }, "604 root:root"],
  ["a key for a group of users", { gateway: { "key mode": "640 root:users\n" } }, "640 root:users"],
  ["a key of somebody else", { gateway: { "key mode": "600 nobody:root\n" } }, "600 nobody:root"],
  [
    "no TLS server",
    { gateway: { "nginx -T": dump(site.replace("listen 443 ssl", "listen 444 ssl")) } },
    "a server portainer.phoenix.local on 443 ssl",
  ],
  [
    "a certificate without names",
    { client: { certificate: made("", 90) } },
    "no names, subject CN=portainer.phoenix.local",
  ],
  ["another host's", { client: { certificate: made("n8n.phoenix.local", 90) } }, "DNS:n8n.phoenix.local"],
  [
    "another one than the file's",
    { client: { certificate: made("portainer.phoenix.local", 90) } },
    "the file's: serial",
  ],
  ["nothing served", { client: { certificate: { code: 1, err: "connect ECONNREFUSED" } } }, "ECONNREFUSED"],
] as const)
  test(`an honest certificate: refuted by ${what}`, () => {
    const { said } = told(honestCertificate, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

test("an honest certificate: refuted on the day after its last, and before its first", () => {
  expect(told(honestCertificate, {}, 91).said).toMatch(/^fail.*in date at/);
  expect(told(honestCertificate, {}, -2).said).toMatch(/^fail.*in date at/);
});

test("an honest certificate: nginx's own group may read the key", () => {
  expect(told(honestCertificate, { gateway: { "key mode": "640 root:www-data\n" } }).said).toMatch(/^pass/);
});

test("an honest certificate: unknown where nginx serves another file than the evidence is of", () => {
  const other = dump(paired.replaceAll(crt, "/etc/ssl/other.crt"));
  expect(told(honestCertificate, { gateway: { "nginx -T": other } }).said).toMatch(/^unknown.*other\.crt/);
});

test("a certificate with time left: thirty days, and not one less", () => {
  expect(told(staysValid, {}, 59).said).toMatch(/^pass/);
  expect(told(staysValid, {}, 61).said).toMatch(/^fail.*28 days, until/);
  expect(told(staysValid, { client: { certificate: "no certificate" } }).said).toMatch(/^unknown/);
});

test("the name: healthy, with each place asked and answered", () => {
  const { levels, said } = told(leadsToGateway, {});
  expect(said).toMatch(/^pass/);
  expect(levels.filter((level) => level === "behaves")).toHaveLength(4);
});

for (const [what, changes, words] of [
  ["a hypervisor that does not know it", { hypervisor: { name: { code: 0, out: "" } } }, "no address"],
  [
    "a machine to which it is somebody else",
    { "docker-host": { name: "10.0.0.99\n" } },
    '"found":"10.0.0.99"',
  ],
  [
    "a container to which it is somebody else",
    { "docker-host": { "name in containers": "n8n -\nportainer 10.0.0.101\n" } },
    '"found":"portainer 10.0.0.101"',
  ],
  ["no container", { "docker-host": { "name in containers": "" } }, "no container"],
  ["two addresses", { gateway: { name: "10.0.0.153\n10.0.0.99\n" } }, "10.0.0.153, 10.0.0.99"],
  [
    "an address that does not answer",
    { "docker-host": { "by name": { code: 7, out: "10.0.0.153 000" } } },
    "10.0.0.153 000",
  ],
  ["an answer of somebody else", { hypervisor: { "by name": "10.0.0.99 200" } }, "10.0.0.99 200"],
  [
    "a client that gets somebody else's certificate",
    { client: { certificate: made("portainer.phoenix.local", 90) } },
    "the gateway's certificate",
  ],
  ["a client that finds nobody", { client: { certificate: { code: 1, err: "ENOTFOUND" } } }, "ENOTFOUND"],
  ["a gateway that is stopped", { hypervisor: { "pct status": "status: stopped\n" } }, "status: stopped"],
] as const)
  test(`the name: refuted by ${what}`, () => {
    const { said } = told(leadsToGateway, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

test("the name: unknown where a place was not asked", () => {
  expect(told(leadsToGateway, { hypervisor: { name: undefined } }).said).toMatch(/^unknown/);
});

const administrator = (status: number) =>
  claimed(sample({ client: { administrator: JSON.stringify({ status, location: "", body: "" }) } }));
test("claimed: by its status, and by nothing else", () => {
  expect(administrator(204).ok).toBe(true);
  expect(administrator(404)).toMatchObject({
    ok: false,
    found: expect.stringContaining("whoever comes first"),
  });
  expect(administrator(303)).toMatchObject({ ok: false, found: expect.stringContaining("locked") });
  expect(administrator(200)).toMatchObject({ ok: false, found: "200" });
  const refused = sample({ client: { administrator: { code: 1, err: "ECONNREFUSED" } } });
  expect(claimed(refused)).toMatchObject({ ok: false, found: "ECONNREFUSED" });
});

test("signing in: the greeting and the session both count", async () => {
  const browser = (greeting: string, status: number) =>
    ({
      open: async () => greeting,
      signIn: async () => {},
      session: async () => "t",
      sessionStatus: async () => status,
    }) as never;
  const failing = async (greeting: string, status: number) =>
    (await signsIn(browser(greeting, status), "https://x")).filter(({ ok }) => !ok).map(({ found }) => found);
  expect(await failing("sign-in", 200)).toEqual([]);
  expect(await failing("sign-in", 401)).toEqual(["401"]);
  expect(await failing("first-setup", 200)).toEqual(["first-setup"]);
  expect(await failing("home", 200)).toEqual(["home"]);
});

const local = { Id: 3, Name: "local", URL: "unix:///var/run/docker.sock", Status: 1 };
test("Docker is managed: the machine's own, up", () => {
  expect(localIsUp([{ ...local, URL: "tcp://x:2375" }, local], "w").ok).toBe(true);
  expect(localIsUp([{ ...local, Status: 2 }], "w")).toMatchObject({
    ok: false,
    found: expect.stringContaining("down"),
  });
  expect(localIsUp([{ ...local, URL: "tcp://10.0.0.9:2375" }], "w").ok).toBe(false);
  expect(localIsUp([], "w")).toMatchObject({ ok: false, found: "no environment" });
});

test("Docker is managed: sign-in, list and upgrade each refute by themselves", async () => {
  const yes =
    <T>(value: T) =>
    async () => ({ ok: true, value });
  const no = async () => ({ ok: false, said: "422 Invalid credentials" });
  const sees = async (api: object, upgrade: () => Promise<string>) => {
    const healthy = { signIn: yes("t"), environments: yes([local]) };
    const checks = await dockerManaged({ ...healthy, ...api } as never, { upgrade } as never, "https://x");
    return checks.filter(({ ok }) => !ok).map(({ found }) => found);
  };
  expect(await sees({}, async () => "101")).toEqual([]);
  expect(await sees({}, async () => "400 'upgrade' token not found")).toEqual([
    "400 'upgrade' token not found",
  ]);
  expect(await sees({}, () => Promise.reject(new Error("socket hang up")))).toEqual(["socket hang up"]);
  expect(await sees({ signIn: no }, async () => "101")).toEqual(["422 Invalid credentials"]);
  expect(await sees({ environments: no }, async () => "101")).toEqual(["422 Invalid credentials"]);
});
