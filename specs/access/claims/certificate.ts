// Claims about the gateway's certificate: the files that nginx uses, what a client is served, and for how long it is valid.
import { X509Certificate } from "node:crypto";
import { normalize } from "node:path/posix";
import { counted } from "../../../fixtures/counted.ts";
import { keyFileOf } from "../../../fixtures/deployment/deployment.ts";
import { CannotTell } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { derive, type Fact } from "../../../fixtures/evidence/fact.ts";
import { type Directive, named, place } from "../../../fixtures/evidence/parse/nginx.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { nearest } from "../../../fixtures/readings/nginx/settings.ts";
import { check, eachLevel, guestRuns, inside, known, present, source } from "../../claim.ts";
import { answerTo, requestOf, tlsServer } from "../../gateway/claims/requests.ts";

/** A failed renewal should be noticed before browsers reject the certificate. */
const margin = 30;

/** The key matches the certificate and only nginx can read it; nginx serves that certificate, which names the host and is in date. */
export function honestCertificate(e: Evidence): readonly Check[] {
  return eachLevel({
    live: () =>
      inside(e, "pct", () => {
        const own = pair(e);
        // nginx refuses a key that does not match its certificate, and then `nginx -T` prints no configuration.
        return own.every(({ ok }) => ok) ? [kept(e), ...own] : own;
      }),
    behaves: () =>
      served(e, (certificate, where) => [
        namesHost(e, certificate, where),
        inDate(e, certificate, where),
        ...present("behaves", e.document.target.certificate, fileOf(e), (file) => [
          sameAsFile(e, certificate, file, where),
        ]),
      ]),
  });
}

/** The certificate stays valid for at least `margin` days. @throws CannotTell while the gateway is down. */
export function staysValid(e: Evidence): readonly Check[] {
  const { code, err } = known(e.answer("client", "certificate"));
  if (code !== 0 && !nginxRuns(e))
    throw new CannotTell(
      `nginx does not run in LXC ${e.deployment.gateway.ctid}, so it serves no certificate: ${err}`,
    );
  return served(e, ({ validTo }, where) => {
    const left = (at: number) => Math.floor((Date.parse(validTo) - at) / 86_400_000);
    const { at, agrees } = byBothClocks(e, (moment) => left(moment) >= margin);
    const found = `${counted(left(at), "day")}, until ${validTo}`;
    const next = `renew ${e.document.target.certificate}, then: systemctl reload nginx`;
    return [check({ level: "behaves", where, ok: agrees, expected: `${margin} days or more`, found, next })];
  });
}

const nginxRuns = (e: Evidence) =>
  guestRuns(e, "pct").ok &&
  known(e.nginxProcesses).some(({ role, leaving }) => role === "worker" && !leaving);

/**
 * Whether something holds by this machine's clock and by the gateway's. @throws CannotTell if they are so far apart that
 * the answers differ.
 */
function byBothClocks(e: Evidence, holds: (at: number) => boolean): { at: number; agrees: boolean } {
  const at = Date.parse(e.document.at);
  const there = e.answer("gateway", "key digests").from?.at;
  if (there === undefined || Number.isNaN(Date.parse(there)) || Number.isNaN(at))
    throw new CannotTell("the time on the gateway is unknown");
  if (holds(at) !== holds(Date.parse(there)))
    throw new CannotTell(
      `this machine's clock says ${e.document.at}, the gateway's ${there}: set the one that is wrong`,
    );
  return { at, agrees: holds(at) };
}

/** nginx serves the files that the probe read; otherwise the evidence says nothing about the served certificate. */
function kept(e: Evidence): Check {
  const { certificate } = e.document.target;
  const { host } = e.deployment.portainer;
  const tree = known(e.liveGateway);
  const server = tlsServer(e, tree);
  const where = source(e.liveGateway);
  const serves = `a server that answers ${host} on 443 ssl`;
  if (!server) {
    const answer = answerTo(tree, requestOf(e, { method: "GET", target: "/" }));
    const found = answer.kind === "closed" ? answer.reason : "none";
    return check({ level: "live", where, ok: false, expected: serves, found });
  }
  const http = named(tree, "http").flatMap(({ block }) => block ?? []);
  const levels = [server.block ?? [], http];
  const [crts, keys] = ["ssl_certificate", "ssl_certificate_key"].map((name) => nearest(levels, name));
  const [[crt, other] = [], [key] = []] = [crts, keys];
  if (other) throw new CannotTell(`nginx has more than one certificate for ${host}: ${place(other)}`);
  // nginx reads a relative path from the directory of its main configuration file.
  const path = (one: Directive | undefined) => {
    const [text = "none"] = one?.args ?? [];
    if (one === undefined || /^(data:|engine:|store:|.*\$)/.test(text)) return text;
    return normalize(text.startsWith("/") ? text : `/etc/nginx/${text}`);
  };
  const pair = `${path(crt)} and ${path(key)}`;
  const probed = `${certificate} and ${keyOf(e)}`;
  if (crt && key && pair !== probed)
    throw new CannotTell(`nginx serves ${pair}, but the probe read ${probed}`);
  return check({
    level: "live",
    where: place(crt ?? server),
    ok: pair === probed,
    expected: probed,
    found: pair,
  });
}

const keyOf = (e: Evidence) => keyFileOf(e.document.target.certificate);

function pair(e: Evidence): readonly Check[] {
  const { ctid } = e.deployment.gateway;
  const digests = e.output("gateway", "key digests");
  const [ofCertificate = "", ofKey = ""] = known(digests)
    .split("\n")
    .map((line) => line.slice(0, 64));
  // openssl prints nothing for a file that it cannot read, and empty output has a digest too.
  const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const show = (digest: string) =>
    /^[0-9a-f]{64}$/.test(digest) && digest !== nothing
      ? `public key ${digest.slice(0, 16)}`
      : "no public key";
  const matches = ofCertificate === ofKey && show(ofKey) !== "no public key";
  return [
    check({
      level: "live",
      where: `LXC ${ctid}: ${keyOf(e)}`,
      ok: matches,
      expected: `the certificate's: ${show(ofCertificate)}`,
      found: show(ofKey),
      next: "create a new key and certificate together",
    }),
    ...guarded(e),
  ];
}

interface Guarded {
  readonly bits: number;
  readonly mode: string;
  readonly user: string;
  readonly group: string;
  readonly path: string;
}

/** Only root and nginx can read the key, and nobody else can put another file in its place. */
function guarded(e: Evidence): readonly Check[] {
  const { ctid } = e.deployment.gateway;
  const fact = e.output("gateway", "key mode");
  const [key, ...directories] = known(fact).trimEnd().split("\n").map(guardedOf);
  if (!key) throw new CannotTell(`\`${source(fact)}\` printed nothing`);
  if (directories.length === 0) throw new CannotTell(`\`${source(fact)}\` did not show the key's directory`);
  const own = (user: string) => ["root", "nginx", "www-data"].includes(user);
  const shared = (key.bits & 0o070) !== 0 && !own(key.group);
  const readable = shared || (key.bits & 0o007) !== 0;
  const open = directories.find(
    ({ bits, user, group }) =>
      !own(user) ||
      ((bits & 0o1000) === 0 && ((bits & 0o002) !== 0 || ((bits & 0o020) !== 0 && !own(group)))),
  );
  const inGuest = `pct exec ${ctid} -- `;
  return [
    check({
      level: "live",
      where: source(fact),
      ok: own(key.user) && !readable,
      expected: "readable by root or nginx alone",
      found: `${key.mode} ${key.user}:${key.group}`,
      next: own(key.user)
        ? `${inGuest}chmod 600 ${keyOf(e)}`
        : `${inGuest}chown root:root ${keyOf(e)}${readable ? `, then ${inGuest}chmod 600 ${keyOf(e)}` : ""}`,
    }),
    check({
      level: "live",
      where: source(fact),
      ok: open === undefined,
      expected: "the key's directories can be written by root or nginx alone",
      found: open
        ? `${open.path}: ${open.mode} ${open.user}:${open.group}`
        : [...new Set(directories.map(({ path, mode }) => `${path} ${mode}`))].join(", "),
      next:
        open &&
        (own(open.user) ? `${inGuest}chmod go-w ${open.path}` : `${inGuest}chown root:root ${open.path}`),
    }),
  ];
}

/** @throws CannotTell for a line that is not `MODE USER:GROUP [PATH]`. */
function guardedOf(line: string): Guarded {
  const [, mode, user, group, path = ""] = /^([0-7]{1,4}) ([^\s:]+):([^\s:]+)(?: (\/.*))?$/.exec(line) ?? [];
  if (mode === undefined || user === undefined || group === undefined)
    throw new CannotTell(`not a mode and an owner: ${line}`);
  return { bits: Number.parseInt(mode, 8), mode, user, group, path };
}

function served(e: Evidence, judge: (certificate: X509Certificate, where: string) => readonly Check[]) {
  const answer = e.answer("client", "certificate");
  const { code, err } = known(answer);
  const { host } = e.deployment.portainer;
  const next = `openssl s_client -connect ${host}:443 -servername ${host}`;
  if (code !== 0)
    return [
      check({
        level: "behaves",
        where: source(answer),
        ok: false,
        expected: "a certificate",
        found: err,
        next,
      }),
    ];
  return judge(known(read(e.output("client", "certificate"))), source(answer));
}

const read = (fact: Fact<string>) => derive(fact, (text) => new X509Certificate(text));

const fileOf = (e: Evidence) =>
  derive(e.file("gateway", e.document.target.certificate), (file) => file && new X509Certificate(file.text));

function namesHost({ deployment }: Evidence, certificate: X509Certificate, where: string): Check {
  const { host } = deployment.portainer;
  const ok = certificate.checkHost(host, { subject: "never", partialWildcards: false }) !== undefined;
  const found = certificate.subjectAltName ?? `no names, subject ${certificate.subject}`;
  return check({
    level: "behaves",
    where,
    ok,
    expected: `DNS:${host}`,
    found,
    next: "create a certificate with the name in subjectAltName",
  });
}

function inDate(e: Evidence, { validFrom, validTo }: X509Certificate, where: string): Check {
  const { document } = e;
  const { agrees: ok } = byBothClocks(e, (at) => Date.parse(validFrom) <= at && at <= Date.parse(validTo));
  return check({
    level: "behaves",
    where,
    ok,
    expected: `in date at ${document.at}`,
    found: `from ${validFrom} to ${validTo}`,
    next: "renew it",
  });
}

function sameAsFile(
  { deployment }: Evidence,
  certificate: X509Certificate,
  file: X509Certificate,
  where: string,
): Check {
  const show = ({ serialNumber, fingerprint256 }: X509Certificate) =>
    `serial ${serialNumber} (${fingerprint256.slice(0, 23)})`;
  const ok = certificate.fingerprint256 === file.fingerprint256;
  const next = `pct exec ${deployment.gateway.ctid} -- systemctl reload nginx`;
  return check({
    level: "behaves",
    where,
    ok,
    expected: `the file's: ${show(file)}`,
    found: show(certificate),
    next,
  });
}
