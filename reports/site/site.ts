// The static site: a folder of pages from the documents of runs. Pure, but for the files that it reads.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Deployment } from "../../fixtures/deployment/deployment.ts";
import { deploymentDigest } from "../../fixtures/deployment/digest.ts";
import { readDeployment } from "../../fixtures/deployment/read.ts";
import { type Collected, knownText, type Whole } from "./collect.ts";
import { pageName, timeOf } from "./look.ts";
import { overviewPage } from "./overview.ts";
import { requirementsPage } from "./requirements-page.ts";
import { targetPage } from "./target-page.ts";

/** What earlier builds have read, beside the pages. */
export const knownFile = "runs-read.json";

/** Each file of the site, one at a time. The same documents give the same bytes. */
export function* siteFiles({
  histories,
  read,
  unread,
}: Collected): Generator<readonly [name: string, text: string]> {
  const newest = histories
    .flatMap(({ nights }) => nights.at(-1)?.at ?? [])
    .toSorted()
    .at(-1);
  const builtFor = newest === undefined ? "never" : timeOf(newest);
  yield ["index.html", overviewPage(histories, builtFor, unread)];
  yield ["requirements.html", requirementsPage(histories, builtFor)];
  for (const history of histories)
    yield [
      `targets/${pageName(history.target)}.html`,
      targetPage(history, builtFor, history.now && deploymentOf(history.now)),
    ];
  yield [knownFile, knownText(read)];
}

/** The values that a result was judged by, if they lie beside its document and are the same ones. */
function deploymentOf({ folder, target }: Whole): Deployment | undefined {
  const file = join(folder, "deployment.json");
  if (!existsSync(file)) return undefined;
  try {
    const deployment = readDeployment(file);
    return deploymentDigest(deployment) === target.deployment ? deployment : undefined;
  } catch {
    return undefined;
  }
}
