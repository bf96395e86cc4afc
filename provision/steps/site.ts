// Edits an nginx site, in its own file or in a heredoc.
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { everywhere, named, type Statement, statements, upstream } from "../edit/nginx.ts";
import type { Range } from "../edit/shell.ts";
import { literally, refusal, splice } from "../edit/text.ts";
import { keyOf } from "../files.ts";

const read = (file: string, text: string, range?: Range): Statement[] =>
  statements(file, text, range?.start, range?.end);

/** The address of an upstream's only server. @throws BadInput if it has several, or an include that may have more. */
function serverOf(file: string, text: string, name: string, range?: Range) {
  const found = upstream(file, text, read(file, text, range), name, range?.start);
  const [include] = named(found.block, "include");
  if (include)
    throw refusal(file, text, include.start, `upstream ${name} has an include, which may add servers`);
  const servers = named(found.block, "server");
  const [word] = servers[0]?.args ?? [];
  if (!word || servers.length !== 1)
    throw refusal(file, text, found.start, `upstream ${name} must have exactly one server`);
  return word;
}

/** The text with a new address for an upstream's only server. */
export function replaceAddress(
  file: string,
  text: string,
  name: string,
  address: string,
  range?: Range,
): string {
  const { start, end } = serverOf(file, text, name, range);
  return splice(text, start, end, address);
}

/** The text with https instead of http in every URL of the upstream, whose port expects TLS. */
export function withTls(upstream: string, file: string, text: string, range?: Range): string {
  const plain = new RegExp(`^http://${literally(upstream)}(/|$)`, "i");
  const passes = named([...everywhere(read(file, text, range))], "proxy_pass").flatMap(({ args }) => args);
  const schemes = passes
    .filter((word) => plain.test(word.text))
    .map(({ start }) => (/["']/.test(text.charAt(start)) ? start + 1 : start));
  // From the end, so that earlier offsets stay valid.
  return schemes.reduceRight((all, start) => splice(all, start, start + "http".length, "https"), text);
}

/** Whether a server of that name listens on 443 with TLS. */
export function servesTls(host: string, file: string, text: string, range?: Range): boolean {
  return named(read(file, text, range), "server").some(({ block }) => {
    const names = named(block, "server_name").flatMap(({ args }) => args.map((word) => word.text));
    const tls = named(block, "listen").some(({ args }) =>
      args.some(({ text: word }) => /(^|:)443$/.test(word)),
    );
    return tls && names.includes(host);
  });
}

/** Portainer's vhost, with the proxy settings that its users and websockets need. */
export const vhostOf = (deployment: Deployment): string[] =>
  `# Portainer by its name: http redirects to https, https is proxied to the docker host.
map $http_upgrade $portainer_connection {
    default upgrade;
    "" close;
}

server {
    listen 80;
    server_name ${deployment.portainer.host};
    return 301 https://$host$request_uri;
}

server {
    listen 443 ssl;
    server_name ${deployment.portainer.host};

    ssl_certificate ${deployment.gateway.certificate};
    ssl_certificate_key ${keyOf(deployment)};
    ssl_protocols TLSv1.2 TLSv1.3;

    location / {
        proxy_pass https://${deployment.gateway.upstream};
        # Portainer's own certificate names localhost alone: there is nothing to verify it by.
        proxy_ssl_verify off;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header X-Real-IP $remote_addr;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $portainer_connection;
        proxy_read_timeout 1h;
        proxy_send_timeout 1h;
        client_max_body_size 0;
    }
}`.split("\n");
