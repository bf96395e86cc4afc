// Claims about what a browser shows at Portainer's address.
import { CannotTell } from "../../../fixtures/errors.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { describeResponse } from "../../../fixtures/evidence/response.ts";
import type { Check } from "../../../fixtures/judgement.ts";
import type { Greeting, Visitor } from "../../../fixtures/portainer/pages.ts";
import { toType } from "../../../fixtures/quote.ts";
import type { Target } from "../../../fixtures/target/inventory.ts";
import { check, known, source } from "../../claim.ts";

/** Whether Portainer answers at all; when it does not, starting a browser is no use. */
export function answersAtAll(e: Evidence): Check {
  const response = known(e.response("status"));
  const ok = response.kind === "response" && response.status === 200;
  return check({
    level: "behaves",
    where: source(e.response("status")),
    ok,
    expected: "Portainer's status, 200",
    found: describeResponse(response),
    next: "open the URL with curl -v",
  });
}

/** Which page it is; for an unknown one, the page's first complaint and what it shows. */
export async function shownOf({ trouble }: Visitor, greeting: Greeting): Promise<string> {
  return greeting === "nothing" ? `nothing that is Portainer's: ${await trouble.instead()}` : greeting;
}

/** The page opens over TLS, is Portainer's, and shows its sign-in, first-setup or home view within `ms` of its load. */
export async function pageOpens(
  { url }: Pick<Target, "url">,
  portainer: Visitor,
  ms?: number,
): Promise<readonly Check[]> {
  try {
    const greeting = await portainer.open(ms);
    const title = await portainer.page.title();
    const well = ["sign-in", "first-setup", "home"].includes(greeting);
    return [
      check({
        level: "behaves",
        where: url,
        ok: title === "Portainer",
        expected: "title Portainer",
        found: title || "no title",
      }),
      check({
        level: "behaves",
        where: portainer.page.url(),
        ok: well,
        expected: "sign-in, first-setup or home",
        found: well ? greeting : await shownOf(portainer, greeting),
        next: "open it in a browser, with its console open",
      }),
    ];
  } catch (error) {
    if (error instanceof CannotTell) throw error;
    const why = error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
    const network = /net::(ERR_\w+)/.exec(why)?.[0];
    if (network)
      return [
        check({
          level: "behaves",
          where: url,
          ok: false,
          expected: "a page",
          found: network,
          next: toType`openssl s_client -connect ${new URL(url).host}:443`,
        }),
      ];
    throw new CannotTell(`the browser could not open ${url}: ${why}`, { cause: error });
  }
}
