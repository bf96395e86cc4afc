// Commands inside VM 1001: the exit code that counts is the guest's, which qm does not hand on.
import { wanted } from "../wanted.ts";

const wrapper = `qm status "$1" | grep -q running || { echo "VM $1 does not run: qm start $1" >&2; exit 76; }
answer=$(qm guest exec "$1" --timeout 300 -- /bin/sh -c "$2" sh "$3" "$4") || exit
printf '%s\\n' "$answer" | jq -r '."out-data" // empty, ."err-data" // empty'
code=$(printf '%s' "$answer" | jq -r '.exitcode // "none"')
[ "$code" = none ] && { echo "the command in VM $1 did not end in time" >&2; exit 75; }
exit "$code"`;

/** A script and its arguments for the hypervisor that run `script` in the machine and end with its exit code. */
export function inMachine(script: string, first = "", second = ""): { script: string; args: string[] } {
  return { script: wrapper, args: [String(wanted.vmid), script, first, second] };
}
