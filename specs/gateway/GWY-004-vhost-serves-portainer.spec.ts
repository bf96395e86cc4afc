// GWY-004. The gateway serves Portainer's name on 443 and proxies to the upstream over TLS, with the headers that Portainer needs.
import {
  httpToTls,
  imagesTooLarge,
  minuteTimeout,
  movedCookie,
  nothingOn443,
  noUpgradeHeaders,
  oneRequestASecond,
  readingOnly,
} from "../../fixtures/faults/index.ts";
import { control, holds, refuted, requirement, test } from "../test.ts";
import { vhostServesPortainer } from "./claims/vhost.ts";

test("GWY-004 the gateway serves Portainer's vhost", requirement("GWY-004"), async ({ evidence }) => {
  await holds(vhostServesPortainer(evidence));
});

test(
  "GWY-004 is refuted by a vhost that drops the websocket upgrade",
  control("GWY-004", "F31"),
  async ({ broken }) => {
    await refuted(vhostServesPortainer(await broken(noUpgradeHeaders)), "no Upgrade header");
  },
);

test(
  "GWY-004 is refuted by a gateway that does not listen on 443",
  control("GWY-004", "F02"),
  async ({ broken }) => {
    await refuted(vhostServesPortainer(await broken(nothingOn443)), "443");
  },
);

test(
  "GWY-004 is refuted by plain http to the TLS port",
  control("GWY-004", "F05"),
  async ({ broken, deployment }) => {
    const checks = vhostServesPortainer(await broken(httpToTls));
    await refuted(checks, `http://${deployment.gateway.upstream}`);
  },
);

test("GWY-004 is refuted by limits that are too low", control("GWY-004"), async ({ broken }) => {
  await refuted(vhostServesPortainer(await broken(minuteTimeout)), "no proxy_read_timeout: 60s");
  await refuted(vhostServesPortainer(await broken(imagesTooLarge)), "client_max_body_size 10m");
  await refuted(vhostServesPortainer(await broken(oneRequestASecond)), "limit_req");
});

test("GWY-004 is refuted by refused methods, and a moved cookie", control("GWY-004"), async ({ broken }) => {
  await refuted(vhostServesPortainer(await broken(readingOnly)), "DELETE /api/users/1");
  await refuted(vhostServesPortainer(await broken(movedCookie)), "proxy_cookie_path");
});
