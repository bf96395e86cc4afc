// Claims about the gateway's certificate and its key, on a sample.
import { spawnSync } from "node:child_process";
import { expect, test } from "@playwright/test";
import { defaultDeployment } from "../../../fixtures/deployment/read.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { type Claim, judge } from "../../../fixtures/judgement.ts";
import { type Changes, dump, sample, site } from "../../testing/evidence-builder.ts";
import { honestCertificate, staysValid } from "./certificate.ts";

/** A certificate made for this test; its key is thrown away. */
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

const crt = defaultDeployment.gateway.certificate;
const own = made("portainer.phoenix.local", 90);
const key = "a".repeat(64);
const healthy: Changes = {
  gateway: {
    [`file ${crt}`]: own,
  },
  client: { certificate: own },
};
const resultOf = (claim: Claim<Evidence>, changes: Changes, days = 0, gatewayAt?: string) => {
  const at = new Date(Date.now() + days * 86_400_000 + 60_000).toISOString();
  const both = sample({
    gateway: { ...healthy.gateway, ...changes.gateway },
    client: { ...healthy.client, ...changes.client },
    hypervisor: changes.hypervisor ?? {},
    "docker-host": changes["docker-host"] ?? {},
  });
  const { gateway } = both.document.places;
  const answers = Object.entries("answers" in gateway ? gateway.answers : {});
  const there = Object.fromEntries(answers.map(([name, one]) => [name, { ...one, at: gatewayAt ?? at }]));
  const document = { ...both.document, at, places: { ...both.document.places, gateway: { answers: there } } };
  const { verdict, checks, reason } = judge(claim, Object.assign(both, { document }));
  return {
    levels: checks.map(({ level }) => level),
    said: `${verdict}: ${JSON.stringify([reason, checks.filter(({ ok }) => !ok)])}`,
  };
};

test("a valid certificate: healthy, in nginx and for a client", () => {
  const { levels, said } = resultOf(honestCertificate, {});
  expect(said).toMatch(/^pass/);
  expect([...new Set(levels)]).toEqual(["live", "behaves"]);
});

const keyFile = defaultDeployment.gateway.certificate.replace(/\.crt$/, ".key");
const keyMode = (own: string, directory = "755 root:root") =>
  `${own} ${keyFile}\n${directory} /etc/nginx/ssl\n755 root:root /etc/nginx\n755 root:root /etc\n755 root:root /\n`;

test("the certificate: each directory above the key is named once, however many ways lead to it", () => {
  const above = keyMode("600 root:root");
  const twice = above + above.slice(above.indexOf("\n") + 1);
  const said = judge(honestCertificate, sample({ gateway: { "key mode": twice } })).checks;
  expect(said.map(({ found }) => found)).toContain("/etc/nginx/ssl 755, /etc/nginx 755, /etc 755, / 755");
});

const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
for (const [what, changes, words] of [
  ["another key", { gateway: { "key digests": `${key}  -\n${"b".repeat(64)}  -\n` } }, "public key bbbb"],
  [
    "two files that can't be read",
    { gateway: { "key digests": `${nothing}  -\n${nothing}  -\n` } },
    "no public key",
  ],
  ["a world-readable key", { gateway: { "key mode": keyMode("604 root:root") } }, "604 root:root"],
  [
    "a key that a group of users can read",
    { gateway: { "key mode": keyMode("640 root:users") } },
    "640 root:users",
  ],
  ["a key with another owner", { gateway: { "key mode": keyMode("600 nobody:root") } }, "600 nobody:root"],
  [
    "a key whose directory everybody can write",
    { gateway: { "key mode": keyMode("600 root:root", "777 root:root") } },
    "/etc/nginx/ssl: 777",
  ],
  [
    "a key whose directory a group of users can write",
    { gateway: { "key mode": keyMode("600 root:root", "775 root:users") } },
    "chmod go-w /etc/nginx/ssl",
  ],
  [
    "a key whose directory is another's",
    { gateway: { "key mode": keyMode("600 root:root", "755 nobody:root") } },
    "chown root:root /etc/nginx/ssl",
  ],
  [
    "an open directory above",
    {
      gateway: {
        "key mode": keyMode("600 root:root").replace("755 root:root /etc\n", "757 root:root /etc\n"),
      },
    },
    "/etc: 757",
  ],
  [
    "a key with another owner, whose owner is to change",
    { gateway: { "key mode": keyMode("600 nobody:root") } },
    "-- chown root:root",
  ],
  [
    "no TLS server",
    { gateway: { "nginx -T": dump(site.replace("listen 443 ssl", "listen 444 ssl")) } },
    "nothing listens on port 443",
  ],
  [
    "a certificate without names",
    { client: { certificate: made("", 90) } },
    "no names, subject CN=portainer.phoenix.local",
  ],
  ["another host's", { client: { certificate: made("n8n.phoenix.local", 90) } }, "DNS:n8n.phoenix.local"],
  [
    "another certificate than the file's",
    { client: { certificate: made("portainer.phoenix.local", 90) } },
    "the file's: serial",
  ],
  ["nothing served", { client: { certificate: { code: 1, err: "connect ECONNREFUSED" } } }, "ECONNREFUSED"],
] as const)
  test(`a valid certificate: refuted by ${what}`, () => {
    const { said } = resultOf(honestCertificate, changes);
    expect(said).toMatch(/^fail/);
    expect(said).toContain(words);
  });

test("a valid certificate: refuted after it expires, and before it is valid", () => {
  expect(resultOf(honestCertificate, {}, 91).said).toMatch(/^fail.*in date at/);
  expect(resultOf(honestCertificate, {}, -2).said).toMatch(/^fail.*in date at/);
});

for (const [what, mode, words] of [
  ["words for a mode", "rw-r--r-- root:root\n", "not a mode"],
  ["an owner without a group", `600 root ${keyFile}\n`, "not a mode"],
  ["nothing", "", "not a mode"],
  ["no directory", "600 root:root\n", "did not show the key's directory"],
] as const)
  test(`a valid certificate: who can read the key is unknown with ${what}`, () => {
    const { said } = resultOf(honestCertificate, { gateway: { "key mode": mode } });
    expect(said).toMatch(/^unknown/);
    expect(said).toContain(words);
  });

test("a valid certificate: unknown when this machine's clock is years off, in either direction", () => {
  const now = new Date(Date.now() + 60_000).toISOString();
  expect(resultOf(honestCertificate, {}, -6 * 365, now).said).toMatch(/^unknown.*clock says/);
  expect(resultOf(honestCertificate, {}, 6 * 365, now).said).toMatch(/^unknown.*clock says/);
  expect(resultOf(honestCertificate, {}, 0, "2019-01-01T00:00:00Z").said).toMatch(/^unknown.*2019/);
  expect(resultOf(staysValid, {}, 80, now).said).toMatch(/^unknown.*clock says/);
});

test("a certificate with time left: unknown while the gateway is down", () => {
  const none = { code: 1, err: "connect ECONNREFUSED 127.0.0.1:443" };
  const stopped = { client: { certificate: none }, hypervisor: { "pct status": "status: stopped\n" } };
  const down = {
    client: { certificate: none },
    gateway: {
      "nginx processes": "100\n1700000100.5\n9 (cat) R 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 10000 0\n",
    },
  };
  for (const changes of [stopped, down])
    expect(resultOf(staysValid, changes).said).toMatch(/^unknown.*does not run in LXC 101/);
  expect(resultOf(staysValid, { client: { certificate: none } }).said).toMatch(/^fail.*ECONNREFUSED/);
});

test("a valid certificate: a sticky directory, or one of nginx's group, keeps the key", () => {
  for (const directory of ["1777 root:root", "775 root:www-data", "700 nginx:nginx"])
    expect(
      resultOf(honestCertificate, { gateway: { "key mode": keyMode("600 root:root", directory) } }).said,
    ).toMatch(/^pass/);
});

test("a valid certificate: nginx's own group may read the key", () => {
  expect(resultOf(honestCertificate, { gateway: { "key mode": keyMode("640 root:www-data") } }).said).toMatch(
    /^pass/,
  );
});

test("a valid certificate: unknown when nginx serves another file than the evidence shows", () => {
  const other = dump(site.replaceAll(crt, "/etc/ssl/other.crt"));
  expect(resultOf(honestCertificate, { gateway: { "nginx -T": other } }).said).toMatch(
    /^unknown.*other\.crt/,
  );
});

for (const [what, text] of [
  ["a wildcard", site.replace("server_name portainer.phoenix.local", "server_name *.phoenix.local")],
  [
    "a regular expression",
    site.replace("server_name portainer.phoenix.local", 'server_name "~^portainer\\."'),
  ],
  [
    "a certificate in http and a relative path",
    site
      .replace(/ {4}ssl_certificate .*\n/, "")
      .replace("server {", "ssl_certificate ssl/portainer.phoenix.local.crt;\nserver {"),
  ],
] as const)
  test(`a valid certificate: of the server that answers the name by ${what}`, () =>
    expect(resultOf(honestCertificate, { gateway: { "nginx -T": dump(text) } }).said).toMatch(/^pass/));

test("a valid certificate: a wildcard names the host, where a browser takes it so", () => {
  const of = (certificate: string) =>
    resultOf(honestCertificate, {
      gateway: { [`file ${crt}`]: certificate },
      client: { certificate },
    }).said;
  expect(of(made("*.phoenix.local", 90))).toMatch(/^pass/);
  for (const name of ["*.local", "*", "p*.phoenix.local", "*.portainer.phoenix.local", "phoenix.local"])
    expect(of(made(name, 90)), name).toMatch(/^fail.*subjectAltName/);
});

test("a valid certificate: of the same files in another spelling", () => {
  const spelled = dump(site.replaceAll("/etc/nginx/ssl/", "/etc/nginx//./ssl/"));
  expect(resultOf(honestCertificate, { gateway: { "nginx -T": spelled } }).said).toMatch(/^pass/);
});

test("a certificate with time left: thirty days pass, fewer fail", () => {
  expect(resultOf(staysValid, {}, 59).said).toMatch(/^pass/);
  expect(resultOf(staysValid, {}, 61).said).toMatch(/^fail.*28 days, until/);
  expect(resultOf(staysValid, { client: { certificate: "no certificate" } }).said).toMatch(/^unknown/);
});
