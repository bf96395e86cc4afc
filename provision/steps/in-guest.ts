// Commands inside the guests. A guest that ran when the plan was made, and that a command of Phoenix's that was cut short
// left stopped, is started first: a rollback must not wait for someone to do that.

interface Script {
  readonly script: string;
  readonly args: string[];
}

/** Gives a script and its arguments for the hypervisor that run `script` at one place and end with its exit code. */
export type PlaceScript = (script: string, first: string, second: string) => Script;

const container = `pct status "$1" | grep -q running || pct start "$1" || exit
exec pct exec "$1" -- sh -c "$2" sh "$3" "$4"`;

/** In the container with this CTID. */
export const inContainer =
  (ctid: number): PlaceScript =>
  (script, first, second) => ({ script: container, args: [String(ctid), script, first, second] });

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

/** In the virtual machine with this VMID. */
export const onDockerHost =
  (vmid: number): PlaceScript =>
  (script, first, second) => ({ script: machine, args: [String(vmid), script, first, second] });
