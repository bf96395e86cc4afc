// The waivers that a command is given, checked before it starts anything.
import { readInventory } from "../../fixtures/target/inventory.ts";
import type { Waiver } from "../../reports/run/run.ts";
import { readWaivers } from "../../reports/run/waivers.ts";
import { register } from "../../specs/register/register.ts";

/**
 * The waivers of a file; none without a file. With an inventory each must be of one of its targets.
 * @throws BadInput with line and column of each mistake.
 */
export function waiversFrom(file: string | undefined, inventory?: string): readonly Waiver[] {
  if (file === undefined) return [];
  const targets = inventory === undefined ? undefined : Object.keys(readInventory(inventory));
  return readWaivers(file, { ids: register.map(({ id }) => id), ...(targets && { targets }) }, new Date());
}
