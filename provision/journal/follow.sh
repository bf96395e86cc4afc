# Prints an agent's log until its end, or until the agent is gone: then the lock is free. $1: the suite's home. $2: the
# entry's scratch folder. It checks the lock, not the process id, which may have been reused.
owned "$1" "${2%/*}"
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
    gone=yes # the last lines of its log are still to be read
  else sleep 0.05; fi
done
