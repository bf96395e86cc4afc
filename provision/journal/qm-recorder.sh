#!/bin/sh
# Found before the real qm on PATH: passes everything through, with output and exit code, and records guest commands.
real=$PHOENIX_QM
[ "$1 $2" = "guest exec" ] || exec "$real" "$@"
# Beside the record, which only root may read and the agent removes: an answer may contain a secret.
out=$(mktemp "$PHOENIX_RECORD.out.XXXXXX") && err=$(mktemp "$PHOENIX_RECORD.err.XXXXXX") || exit
"$real" "$@" >"$out" 2>"$err"
code=$?
printf '%s %s %s\n' "$code" "$(printf '%s\0' qm "$@" | base64 -w0)" "$(cat "$out" "$err" | base64 -w0)" >>"$PHOENIX_RECORD"
cat "$err" >&2
cat "$out"
rm -f "$out" "$err"
exit "$code"
