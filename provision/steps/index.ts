// Every step, in the order in which they run: edits of the tree, then copies of it, then Phoenix's own commands.
import type { Step } from "../plan.ts";
import { deployDirectory } from "./deploy.ts";
import { firewallConsumer, firewallSwitches, gatewayInbound, outboundRule } from "./firewall.ts";
import { firstSetup } from "./first-setup.ts";
import { hostNames } from "./host-names.ts";
import { pinnedImage } from "./image.ts";
import { lxcOptions } from "./lxc-options.ts";
import { machineFirewall } from "./machine-firewall.ts";
import { phoenixCli } from "./phoenix-cli.ts";
import { volumeSchema } from "./schema.ts";
import { baseSetupScript, guestExitCodes } from "./scripts.ts";
import {
  composeCommand,
  discoverStacks,
  stackFailureFails,
  stacksOneLevelDown,
  stacksWhenDockerIsThere,
} from "./stacks.ts";
import { declaredSyntax, declaredUpstream, deliveredUpstream, staleAddresses } from "./upstream.ts";
import { certificateNames, deliveredVhost, portainerLocationTls } from "./vhost.ts";
import { staleMount, volumePath } from "./volume.ts";

export const steps: readonly Step[] = [
  volumePath,
  volumeSchema,
  declaredUpstream,
  declaredSyntax,
  deliveredUpstream,
  deliveredVhost,
  portainerLocationTls,
  staleAddresses,
  certificateNames,
  outboundRule,
  gatewayInbound,
  firewallConsumer,
  firewallSwitches,
  machineFirewall,
  discoverStacks,
  stacksOneLevelDown,
  stacksWhenDockerIsThere,
  composeCommand,
  stackFailureFails,
  baseSetupScript,
  guestExitCodes,
  lxcOptions,
  pinnedImage,
  deployDirectory,
  staleMount,
  phoenixCli,
  hostNames,
  firstSetup,
];
