# Tells what an agent says until its end, or until it is gone: then nobody holds the lock. $1: our home. $2: where it says it.
# It kills nobody: by the time that it looks, a process number may be somebody else's.
exec 3<"$2/log" 8>>"$1/lock"
gone=
while :; do
  while IFS= read -r line <&3; do
    printf '%s\n' "$line"
    case $line in "end "*) exit 0 ;; esac
  done
  [ -z "$gone" ] || exit 0
  if flock -n 8; then
    flock -u 8
    gone=yes # and what it said last is still to be read
  else sleep 0.05; fi
done
