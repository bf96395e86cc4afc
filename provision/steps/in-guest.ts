// Commands inside the guests. A stopped guest is started first: an interrupted Phoenix command may have left it stopped,
// and a rollback must be able to run without help.
import { forGuestAgent } from "../../fixtures/target/guest-agent.ts";

interface Script {
  readonly script: string;
  readonly args: string[];
}

/** Wraps `script` into one for the hypervisor that runs it in one place and exits with its exit code. */
export type PlaceScript = (script: string, first: string, second: string) => Script;

/**
 * The same, as an undo: what was changed in a guest that is no longer there needs no undo, and is no obstacle to the rest of
 * a rollback. `configurations` is where Proxmox keeps those of guests.
 */
export function asUndo({ script, args }: Script, configurations = "/etc/pve"): Script {
  const there = `"${configurations}/lxc/$1.conf" "${configurations}/qemu-server/$1.conf"`;
  const check = `found=; for conf in ${there}; do if [ -e "$conf" ]; then found=yes; fi; done
[ -n "$found" ] || { echo "left: guest $1 is no longer on this host: nothing was undone in it"; exit 0; }`;
  return { script: `${check}\n${script}`, args };
}

const container = `pct status "$1" | grep -q running || pct start "$1" || exit
exec pct exec "$1" -- sh -c "$2" sh "$3" "$4"`;

/** In the container with this CTID. */
export const inContainer =
  (ctid: number): PlaceScript =>
  (script, first, second) => ({ script: container, args: [String(ctid), script, first, second] });

// qm does not return the exit code of the guest's command: it is in the JSON answer.
const inVirtualMachine = `if ! qm status "$1" | grep -q running; then
  qm start "$1" || exit
  for i in $(seq 120); do if qm agent "$1" ping 2>/dev/null; then break; fi; sleep 0.5; done
fi
id=$1 sent=$2
shift 2
answer=$(qm guest exec "$id" --timeout 300 -- /bin/sh -c "$sent" sh "$@") || exit
printf '%s\\n' "$answer" | jq -r '."out-data" // empty, ."err-data" // empty'
code=$(printf '%s' "$answer" | jq -r '.exitcode // "none"')
[ "$code" = none ] && { echo "the command in VM $id did not end in time" >&2; exit 75; }
exit "$code"`;

/** In the virtual machine with this VMID. */
export const onDockerHost =
  (vmid: number): PlaceScript =>
  (script, first, second) => {
    const sent = forGuestAgent(script, [first, second]);
    return { script: inVirtualMachine, args: [String(vmid), sent.script, ...sent.args] };
  };
