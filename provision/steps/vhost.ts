// Task 3.2: adds Portainer's vhost to the gateway's live site, and uses https wherever the upstream expects TLS.
import { dirname } from "node:path/posix";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { heredocTo, matches, says } from "../edit/shell.ts";
import { lineEnding, refusal, splice } from "../edit/text.ts";
import { keyOf, liveSiteOf } from "../files.ts";
import type { RunCommand, Step } from "../plan.ts";
import { asUndo, inContainer } from "./in-guest.ts";
import { servesTls, vhostOf, withTls } from "./site.ts";

export const deliveredVhost: Step = {
  id: "delivered-vhost",
  kind: "remedy",
  plan: "3.2",
  remedies: ["P6"],
  serves: ["GWY-004", "GWY-005", "ACC-001", "DAT-001"],
  why: ({ portainer }) => `the gateway's live site has no server for ${portainer.host} on port 443`,
  changesFor(view) {
    const { deployment } = view;
    const { gatewayScript } = view.files;
    const { host } = deployment.portainer;
    const file = view.inTree(gatewayScript);
    const text = view.text(gatewayScript);
    const body = heredocTo(file, text, liveSiteOf(deployment));
    if (servesTls(host, file, text, body)) return `the heredoc already serves ${host} on port 443`;
    const vhost = vhostOf(deployment);
    const end = lineEnding(text, body.opening);
    if (vhost.some((line) => line + end === `${body.word}\n`))
      throw refusal(
        file,
        text,
        body.opening,
        `a line of the vhost equals the heredoc's end word: ${body.word.trim()}`,
      );
    return view.edit(gatewayScript, splice(text, body.end, body.end, vhost.join(end) + end));
  },
};

export const portainerLocationTls: Step = {
  id: "portainer-location-tls",
  kind: "remedy",
  plan: "1.2",
  remedies: ["P7"],
  serves: ["GWY-002"],
  why: "the location /portainer/ uses plain HTTP for a port that expects TLS",
  changesFor(view) {
    const { declaredSite, gatewayScript } = view.files;
    const { upstream } = view.deployment.gateway;
    const declared = view.inTree(declaredSite);
    const script = view.inTree(gatewayScript);
    const text = view.text(gatewayScript);
    const body = heredocTo(script, text, liveSiteOf(view.deployment));
    return [
      ...view.edit(declaredSite, withTls(upstream, declared, view.text(declaredSite))),
      ...view.edit(gatewayScript, withTls(upstream, script, text, body)),
    ];
  },
};

// Backs up the current certificate and key inside the gateway, so that the key never leaves it. $1: certificate. $2: key.
const setAside = `kept=/var/lib/phoenix-acceptance/certificate
[ -d "$(dirname "$1")" ] && [ ! -e "$kept" ] || exit 0
rm -rf "$kept.part" && mkdir -p -m 700 "$kept.part" || exit
for file in "$1" "$2"; do [ ! -e "$file" ] || cp -a "$file" "$kept.part/" || exit; done
mv "$kept.part" "$kept"`;
const putBack = `kept=/var/lib/phoenix-acceptance/certificate
[ -d "$kept" ] && [ -d "$(dirname "$1")" ] || exit 0
for file in "$1" "$2"; do
  own=$kept/\${file##*/}
  if [ -e "$own" ]; then cp -a "$own" "$file.part" && mv "$file.part" "$file" || exit; else rm -f "$file"; fi
done
rm -r "$kept" && { rmdir /var/lib/phoenix-acceptance || true; }`;

/** Backs up the certificate and its key; a rollback restores them. */
function keepPair(deployment: Deployment): RunCommand {
  const { ctid, certificate } = deployment.gateway;
  const run = inContainer(ctid);
  return {
    does: "run",
    title: `LXC ${ctid}: back up the certificate of ${deployment.portainer.host}`,
    ...run(setAside, certificate, keyOf(deployment)),
    undo: asUndo(run(putBack, certificate, keyOf(deployment))),
  };
}

/** Lines for the gateway's script that create a certificate with the name, unless there is one. */
function makesPair(deployment: Deployment): string[] {
  const { certificate: crt } = deployment.gateway;
  const { host } = deployment.portainer;
  const key = keyOf(deployment);
  return [
    `# ${host} needs a subjectAltName, which browsers check: an older certificate without it is replaced.`,
    `if ! openssl x509 -in "${crt}" -noout -ext subjectAltName 2>/dev/null | grep -q 'DNS:${host}'; then`,
    `    mkdir -p "${dirname(crt)}"`,
    "    openssl req -x509 -nodes -days 365 -newkey rsa:2048 \\",
    `        -keyout "${key}" -out "${crt}" \\`,
    `        -subj "/O=Phoenix/CN=${host}" -addext "subjectAltName=DNS:${host}"`,
    `    chmod 600 "${key}"`,
    "fi",
    "",
  ];
}

export const certificateNames: Step = {
  id: "certificate-names",
  kind: "remedy",
  plan: "3.2",
  remedies: ["P19"],
  serves: ["ACC-001", "ACC-003", "DAT-001"],
  why: "browsers check a certificate's subjectAltName, and Portainer's certificate has none",
  changesFor(view) {
    const { deployment } = view;
    const { gatewayScript } = view.files;
    const text = view.text(gatewayScript);
    const file = view.inTree(gatewayScript);
    if (says(file, text, "subjectAltName"))
      return "the script already makes a certificate with a subjectAltName";
    // After the script's own certificate creation, which keeps an old certificate that lacks the name.
    const [njs] = matches(file, text, /^cat > \/etc\/nginx\/conf\.d\/njs\.conf/);
    const at = njs?.start ?? heredocTo(file, text, liveSiteOf(deployment)).opening;
    const end = lineEnding(text, at);
    const edits = view.edit(gatewayScript, splice(text, at, at, makesPair(deployment).join(end) + end));
    const { gateway } = view.facts;
    return gateway && !gateway.names.includes(`DNS:${deployment.portainer.host}`)
      ? [...edits, keepPair(deployment)]
      : edits;
  },
};
