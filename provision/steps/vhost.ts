// Task 3.2's way in: the gateway's live site gets Portainer's vhost, and no route speaks plain http to a TLS port.
import { heredocTo, matches, says } from "../edit/shell.ts";
import { lineEnding, refusal, splice } from "../edit/text.ts";
import type { RunCommand, Step } from "../plan.ts";
import { files, liveSite, wanted } from "../wanted.ts";
import { inContainer } from "./in-guest.ts";
import { servesTls, vhost, withTls } from "./site.ts";

export const deliveredVhost: Step = {
  id: "delivered-vhost",
  kind: "remedy",
  plan: "3.2",
  remedies: ["P6"],
  serves: ["GWY-004", "GWY-005", "ACC-001", "DAT-001"],
  why: `the gateway's live site has nothing on 443, and does not know ${wanted.host}`,
  changesFor(view) {
    const file = view.inTree(files.gatewayScript);
    const text = view.text(files.gatewayScript);
    const body = heredocTo(file, text, liveSite);
    if (servesTls(file, text, body)) return `the heredoc serves ${wanted.host} on 443 already`;
    const end = lineEnding(text, body.opening);
    if (vhost.some((line) => line + end === `${body.word}\n`))
      throw refusal(file, text, body.opening, `a line of the vhost would end it: ${body.word.trim()}`);
    return view.edit(files.gatewayScript, splice(text, body.end, body.end, vhost.join(end) + end));
  },
};

export const portainerLocationTls: Step = {
  id: "portainer-location-tls",
  kind: "remedy",
  plan: "1.2",
  remedies: ["P7"],
  serves: ["GWY-002"],
  why: "the path /portainer/ speaks plain http to a port that speaks TLS",
  changesFor(view) {
    const declared = view.inTree(files.declaredSite);
    const script = view.inTree(files.gatewayScript);
    const text = view.text(files.gatewayScript);
    return [
      ...view.edit(files.declaredSite, withTls(declared, view.text(files.declaredSite))),
      ...view.edit(files.gatewayScript, withTls(script, text, heredocTo(script, text, liveSite))),
    ];
  },
};

const crt = `$SSL_DIR/${wanted.host}.crt`;
const key = `$SSL_DIR/${wanted.host}.key`;

// The key never leaves its guest: the pair that is there is set aside in it. $1: the name of the host.
const setAside = `kept=/var/lib/phoenix-acceptance/certificate
[ -d /etc/nginx/ssl ] && [ ! -e "$kept" ] || exit 0
rm -rf "$kept.part" && mkdir -p -m 700 "$kept.part" || exit
for file in "$1.crt" "$1.key"; do [ ! -e "/etc/nginx/ssl/$file" ] || cp -a "/etc/nginx/ssl/$file" "$kept.part/" || exit; done
mv "$kept.part" "$kept"`;
const putBack = `kept=/var/lib/phoenix-acceptance/certificate
[ -d "$kept" ] && cd /etc/nginx/ssl || exit 0
for file in "$1.crt" "$1.key"; do
  if [ -e "$kept/$file" ]; then cp -a "$kept/$file" "$file.part" && mv "$file.part" "$file" || exit; else rm -f "$file"; fi
done
rm -r "$kept" && { rmdir /var/lib/phoenix-acceptance || true; }`;
const keepPair: RunCommand = {
  does: "run",
  title: `LXC ${wanted.ctid}: set the certificate of ${wanted.host} aside`,
  ...inContainer(setAside, wanted.host),
  undo: inContainer(putBack, wanted.host),
};

export const certificateNames: Step = {
  id: "certificate-names",
  kind: "remedy",
  plan: "3.2",
  remedies: ["P19"],
  serves: ["ACC-001", "ACC-003", "DAT-001"],
  why: "browsers take a certificate's names from its subjectAltName, and Portainer's has none",
  changesFor(view) {
    const text = view.text(files.gatewayScript);
    const file = view.inTree(files.gatewayScript);
    if (says(file, text, "subjectAltName")) return "the script makes a certificate with names already";
    // Behind the existing generation, whatever its guard did: a certificate without the name is made anew.
    const [njs] = matches(file, text, /^cat > \/etc\/nginx\/conf\.d\/njs\.conf/);
    const at = njs?.start ?? heredocTo(file, text, liveSite).opening;
    const lines = [
      `# ${wanted.host} by the names that browsers check: one from before that has none is made anew.`,
      `if ! openssl x509 -in "${crt}" -noout -ext subjectAltName 2>/dev/null | grep -q 'DNS:${wanted.host}'; then`,
      "    openssl req -x509 -nodes -days 365 -newkey rsa:2048 \\",
      `        -keyout "${key}" -out "${crt}" \\`,
      `        -subj "/O=Phoenix/CN=${wanted.host}" -addext "subjectAltName=DNS:${wanted.host}"`,
      `    chmod 600 "${key}"`,
      "fi",
      "",
    ];
    const end = lineEnding(text, at);
    const edits = view.edit(files.gatewayScript, splice(text, at, at, lines.join(end) + end));
    const { gateway } = view.facts;
    return gateway && !gateway.names.includes(`DNS:${wanted.host}`) ? [...edits, keepPair] : edits;
  },
};
