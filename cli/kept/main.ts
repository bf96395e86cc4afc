#!/usr/bin/env node
// The keeper's process. `npm run spec` starts it with its arguments as one JSON document.
import type { HostEnvironment } from "../../fixtures/setup/host-environment.ts";
import { readTree } from "../../fixtures/standin/tree.ts";
import { standInDeployment } from "../run/deployment.ts";
import { type Choice, standInDigest } from "./folder.ts";
import { keep } from "./keeper.ts";
import { standInIn } from "./start.ts";

export interface KeeperArguments {
  readonly folder: string;
  readonly choice: Choice;
  /** How long the keeper waits for the next command, in seconds. */
  readonly idle: number;
  readonly hostEnvironment: HostEnvironment;
}

const { folder, choice, idle, hostEnvironment } = JSON.parse(process.argv[2] ?? "{}") as KeeperArguments;
const deployment = standInDeployment(choice.deployment, hostEnvironment.vm);
const tree = readTree(choice.tree, deployment);
const start = standInIn(folder, { tree, deployment }, hostEnvironment);
process.exit(await keep({ folder, made: standInDigest(tree, deployment), idle, start }));
