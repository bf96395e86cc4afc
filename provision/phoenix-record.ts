// Runs phoenix-cli on the hypervisor and records it: its exit code, its output, and each command it ran in a guest.
import { CannotTell } from "../fixtures/errors.ts";
import type { Hypervisor, RunOptions } from "../fixtures/target/hypervisor.ts";
import { home } from "./journal.ts";

export interface GuestExec {
  readonly argv: readonly string[];
  readonly code: number;
  /** What qm printed, whatever it was. */
  readonly answer: string;
}

export interface CommandRecord {
  readonly argv: readonly string[];
  readonly code: number;
  readonly ms: number;
  /** The last 200 lines. */
  readonly output: string;
  readonly guestExecs: readonly GuestExec[];
}

export interface RunRecord {
  readonly at: string;
  readonly literal: boolean;
  /** The arguments by which the user chose what to apply. */
  readonly choice: readonly string[];
  readonly steps: readonly { readonly id: string; readonly kind: string; readonly plan: string }[];
  readonly commands: readonly CommandRecord[];
}

// A qm before the real one on PATH: what it prints and how it ends stays the same, guest commands are noted as well.
const recorder = `#!/bin/sh
real=$PHOENIX_QM
[ "$1 $2" = "guest exec" ] || exec "$real" "$@"
out=$(mktemp) err=$(mktemp)
"$real" "$@" >"$out" 2>"$err"
code=$?
printf '%s %s %s\\n' "$code" "$(printf '%s\\0' qm "$@" | base64 -w0)" "$(cat "$out" "$err" | base64 -w0)" >>"$PHOENIX_RECORD"
cat "$err" >&2
cat "$out"
rm -f "$out" "$err"
exit "$code"
`;

// $1: our home. $2: the recorder. $3…: a script and its arguments. phoenix-cli puts /usr/local/bin first on PATH itself.
const wrapper = `dir=$1/record
mkdir -p -m 700 "$dir"
printf %s "$2" > "$dir/qm"
chmod 700 "$dir/qm"
PHOENIX_RECORD=$dir/guest-exec
: > "$PHOENIX_RECORD"
PHOENIX_QM=$(command -v qm)
PATH=$dir:$PATH
export PHOENIX_RECORD PHOENIX_QM PATH
shift 2
script=$1
shift
sh -c "$script" sh "$@" 2>&1`;

/**
 * Runs a script that calls phoenix-cli. A failing command is an answer; it is for others to judge.
 * @throws CannotTell when its end was not seen.
 */
export async function recorded(
  hypervisor: Hypervisor,
  argv: readonly string[],
  script: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<CommandRecord> {
  const ran = await hypervisor.script(wrapper, [home, recorder, script, ...args], {
    timeoutMs: 900_000,
    ...options,
  });
  const noted = await hypervisor.script('cat "$1/record/guest-exec"; rm -rf "$1/record"', [home]);
  if (noted.code !== 0)
    throw new CannotTell(`the record of ${argv.join(" ")} can't be read: ${noted.err.trim()}`);
  const guestExecs = noted.out.split("\n").filter(Boolean).map(readLine);
  const output = ran.out.trimEnd().split("\n").slice(-200).join("\n");
  return { argv, code: ran.code, ms: Math.round(ran.ms), output, guestExecs };
}

function readLine(line: string): GuestExec {
  const [code = "", argv = "", answer = ""] = line.split(" ");
  const decode = (base64: string) => Buffer.from(base64, "base64").toString("utf8");
  return { argv: decode(argv).split("\0").slice(0, -1), code: Number(code), answer: decode(answer) };
}
