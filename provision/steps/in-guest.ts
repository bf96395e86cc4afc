// Commands inside the guests. A guest that ran when the plan was made, and that a command of Phoenix's that was cut short
// left stopped, is started first: a way back must not wait for somebody to do that.
import { wanted } from "../wanted.ts";

interface Script {
  readonly script: string;
  readonly args: string[];
}

const container = `pct status "$1" | grep -q running || pct start "$1" || exit
exec pct exec "$1" -- sh -c "$2" sh "$3" "$4"`;

/** A script and its arguments for the hypervisor that run `script` in the gateway's container and end with its exit code. */
export function inContainer(script: string, first = "", second = ""): Script {
  return { script: container, args: [String(wanted.ctid), script, first, second] };
}

// The exit code that counts is the guest's, which qm does not hand on.
const machine = `if ! qm status "$1" | grep -q running; then
  qm start "$1" || exit
  for i in $(seq 120); do if qm agent "$1" ping 2>/dev/null; then break; fi; sleep 0.5; done
fi
answer=$(qm guest exec "$1" --timeout 300 -- /bin/sh -c "$2" sh "$3" "$4") || exit
printf '%s\\n' "$answer" | jq -r '."out-data" // empty, ."err-data" // empty'
code=$(printf '%s' "$answer" | jq -r '.exitcode // "none"')
[ "$code" = none ] && { echo "the command in VM $1 did not end in time" >&2; exit 75; }
exit "$code"`;

/** The same in the machine. */
export function onDockerHost(script: string, first = "", second = ""): Script {
  return { script: machine, args: [String(wanted.vmid), script, first, second] };
}
