// Where runs are written.
import { join } from "node:path";
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { project } from "./child.ts";

/** The folder that holds one folder for each run, and `latest`, a link to the newest. */
export const outputFolder = ({ output }: Pick<HostEnvironment, "output">): string =>
  output ?? join(project, "reports", "out");
