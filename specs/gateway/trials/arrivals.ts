// The trial of what reaches Portainer's port: an echo server listens there for a moment and reports what arrived.
import { createHash, randomBytes } from "node:crypto";
import { answered, type Client } from "../../../fixtures/evidence/client.ts";
import { during, echoFor } from "../../../fixtures/faults/index.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import { compile, parseJson } from "../../../fixtures/schema.ts";
import type { Hypervisor } from "../../../fixtures/target/hypervisor.ts";
import type { Target } from "../../../fixtures/target/inventory.ts";
import { check } from "../../claim.ts";
import { imageSize } from "../claims/requests.ts";

interface Arrived {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly size: number;
  readonly sha256: string;
}
const echoed = compile<Arrived>("echo", {
  type: "object",
  required: ["method", "path", "headers", "size", "sha256"],
  properties: {
    method: { type: "string" },
    path: { type: "string" },
    headers: { type: "object", additionalProperties: { type: "string" } },
    size: { type: "integer" },
    sha256: { type: "string" },
  },
});
/** The response: what arrived at the echo server, or the error instead. */
export type Came = Arrived | string;

const path = "/accept/a%20path?query=1&more=%26";
/** A client may forge X-Forwarded-For, so the gateway must add the client's own address last. */
const claimedToBe = "203.0.113.7";
const upload = 8 * 1024 * 1024;

/** What arrived of each request, or the error instead; `image` is the answer to the announcement of a whole image. */
export interface Arrivals {
  readonly plain: Came;
  readonly large: Came;
  readonly slow: Came;
  readonly methods: Readonly<Record<(typeof methods)[number], Came>>;
  /** The `Set-Cookie` header as the client got it. */
  readonly cookie: string;
  readonly image: string;
  readonly upgrade: string;
}

/** Portainer's page changes and removes with these. */
const methods = ["PUT", "PATCH", "DELETE"] as const;

/** Portainer upgrades connections below this path alone. */
const socket = "/api/websocket/exec?endpointId=1&id=1";
const images = "/api/endpoints/1/docker/images/load";

/** Sends requests of every kind in parallel: each method, a large upload, one that is answered slowly, and an upgrade. */
export async function arrive(
  target: Target,
  hypervisor: Hypervisor,
  client: Client,
): Promise<readonly Check[]> {
  const bytes = randomBytes(upload);
  let cookie = "no Set-Cookie header";
  const ask = (to: string, init?: Parameters<Client["request"]>[1]): Promise<Came> =>
    client.request(to, init).then(
      ({ status, headers, body }) => {
        if (to === path) cookie = headers.get("set-cookie") ?? cookie;
        return status === 200 ? echoed(parseJson(body, to), { file: to }) : `${status}`;
      },
      (error) => answered(error),
    );
  return during(echoFor(target.deployment.gateway.address)(target), hypervisor, async () => {
    const [plain, large, slow, put, patch, remove, image, upgrade] = await Promise.all([
      ask(path, { headers: { "x-forwarded-for": claimedToBe, "x-forwarded-proto": "http" } }),
      ask("/upload", { method: "POST", body: bytes }),
      ask("/slow"),
      ...methods.map((method) => ask("/api/users/1", { method })),
      client.announce(images, imageSize).catch((error) => answered(error)),
      client.upgrade(socket, { origin: target.url }).catch((error) => answered(error)),
    ]);
    const digest = createHash("sha256").update(bytes).digest("hex");
    const all = { PUT: put, PATCH: patch, DELETE: remove } as Arrivals["methods"];
    return arrived(
      target.url,
      {
        ...{ plain: plain as Came, large: large as Came, slow: slow as Came, methods: all, cookie },
        ...{ image: image as string, upgrade: upgrade as string },
      },
      digest,
    );
  });
}

/** The checks of what arrived. */
export function arrived(
  url: string,
  { plain, large, slow, methods: all, cookie, image, upgrade }: Arrivals,
  digest: string,
): Check[] {
  const said = (came: Came, found: (one: Arrived) => string) =>
    typeof came === "string" ? came : found(came);
  const see = (where: string, expected: string, found: string, next: string, ok = found === expected) =>
    check({ level: "behaves", where: `${url}${where}`, ok, expected, found, next });
  const header = (name: string) => said(plain, ({ headers }) => headers[name] ?? `no ${name}`);
  const from = header("x-forwarded-for");
  const asker = new RegExp(`^(${claimedToBe.replaceAll(".", "\\.")}, ?)?(\\d{1,3}\\.){3}\\d{1,3}$`);
  return [
    see(
      path,
      path,
      said(plain, (one) => one.path),
      "proxy_pass without a path of its own",
    ),
    see(" Host", new URL(url).host, header("host"), "proxy_set_header Host $http_host;"),
    see(
      " X-Forwarded-Proto",
      "https",
      header("x-forwarded-proto"),
      "proxy_set_header X-Forwarded-Proto $scheme;",
    ),
    see(
      " X-Forwarded-For",
      "the client's address, last",
      from,
      "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
      asker.test(from) && from !== claimedToBe,
    ),
    see(
      " Set-Cookie",
      "a cookie with Path=/, which the browser sends back",
      cookie,
      "remove proxy_cookie_path and proxy_hide_header from Portainer's location",
      typeof plain === "string" || /;\s*path=\/\s*(;|$)/i.test(cookie),
    ),
    ...methods.map((method) =>
      see(
        `/api/users/1 ${method}`,
        method,
        said(all[method], (one) => one.method),
        `let ${method} pass: no limit_except, no if about $request_method`,
      ),
    ),
    see("/upload", `${upload} bytes, whole`, wholeness(large, digest), "client_max_body_size 0;"),
    see(`${images}, ${imageSize / 1024 / 1024} MiB announced`, "100", image, "client_max_body_size 0;"),
    see(
      "/slow",
      "an answer after 2 s",
      said(slow, () => "an answer after 2 s"),
      "proxy_read_timeout 1h;",
    ),
    see(new URL(socket, url).pathname, "101", upgrade, "proxy_set_header Upgrade $http_upgrade;"),
  ];
}

function wholeness(came: Came, digest: string): string {
  if (typeof came === "string") return came;
  return `${came.size} bytes, ${came.sha256 === digest ? "whole" : "changed"}`;
}
