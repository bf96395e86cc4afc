// What Phoenix sets in a guest's configuration is what the tree declares for that guest.
import type { DeclaredMachine } from "../../../fixtures/evidence/configs.ts";
import type { Evidence } from "../../../fixtures/evidence/evidence.ts";
import { parseGuestConf, properties } from "../../../fixtures/evidence/parse/pve-conf.ts";
import { known } from "../../claim.ts";

/** A setting of Proxmox, the key of the tree that decides it, and whether a value is the declared one. */
const settings: readonly (readonly [
  name: string,
  key: "memory_mb" | "cores" | "start_at_boot" | "boot_order" | "unprivileged",
  is: (value: string, declared: unknown) => boolean,
])[] = [
  ["memory", "memory_mb", (value, declared) => value === String(declared)],
  ["cores", "cores", (value, declared) => value === String(declared)],
  ["onboot", "start_at_boot", (value, declared) => (value === "1") === (String(declared) === "true")],
  ["startup", "boot_order", (value, declared) => properties(value).order === String(declared)],
  ["unprivileged", "unprivileged", (value, declared) => (value === "1") === (String(declared) === "true")],
];

/**
 * The settings of a guest that changed, and are not what the tree declares, one phrase each. What the tree says nothing of
 * is not judged. Of a card, nothing changes but its firewall's switch and what the tree declares.
 */
export function notAsDeclared(e: Evidence, path: string, was: string, is: string): readonly string[] {
  const [, kind, id] = /\/(lxc|qemu-server)\/(\d+)\.conf$/.exec(path) ?? [];
  if (kind === undefined) return [];
  const declared =
    (kind === "lxc"
      ? known(e.lxcConfigs)?.value.lxc_configs[Number(id)]
      : known(e.vmConfigs)?.value.vms.find(({ vmid }) => vmid === Number(id))) ?? {};
  const [old, now] = [was, is].map(parseGuestConf);
  const settingOf = (text: typeof old, name: string) => text?.get(name)?.value ?? "";
  const changed = (name: string) => settingOf(old, name) !== settingOf(now, name);
  const wrong = settings.flatMap(([name, key, as]) => {
    const value = settingOf(now, name);
    if (declared[key] === undefined || !changed(name) || as(value, declared[key])) return [];
    return [`${name} is ${value || "not set"}, ${key} is declared as ${JSON.stringify(declared[key])}`];
  });
  const cards = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])].filter((name) =>
    /^net\d+$/.test(name),
  );
  return [
    ...wrong,
    ...cards.flatMap((name) => changesOfCard(declared, name, settingOf(old, name), settingOf(now, name))),
  ];
}

/** Each property of a card that changed, and is neither the firewall's switch nor as declared. */
function changesOfCard(declared: DeclaredMachine, name: string, was: string, is: string): string[] {
  const { bridge, ip, gw, name: card } = declared.network_config ?? {};
  const wanted: Readonly<Record<string, unknown>> = {
    ...{ bridge, ip, gw, name: card, hwaddr: declared.mac_address },
  };
  const [old, now] = [was, is].map((value) => properties(value));
  const keys = [...new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})])];
  return keys.flatMap((key) => {
    const [before, after] = [old?.[key], now?.[key]];
    const asDeclared = after !== undefined && after.toLowerCase() === String(wanted[key]).toLowerCase();
    // Proxmox gives a new card an address of its own, and says its type.
    const own = after !== undefined && before === undefined && /^(hwaddr|type)$/.test(key);
    if (before === after || key === "firewall" || asDeclared || (was !== "" && own)) return [];
    return [`${name} ${key || "model"} is ${after ?? "not set"}, was ${before ?? "not set"}`];
  });
}
