# Prints the journal: `lock free|held HOLDER`, then a line for each entry, oldest first. Texts are in base64.
# $1: the suite's home. $2: the scratch folder for agents' logs.
home=$1 journal=$1/journal
LC_ALL=C
export LC_ALL
owned "$home" "$2"
encode() { base64 -w0; }
if [ ! -e "$home/lock" ] || (flock -w 1 9) 9>>"$home/lock"; then echo "lock free -"
else echo "lock held $(encode <"$home/holder")"; fi
for entry in "$journal"/[0-9][0-9][0-9][0-9]; do
  [ -e "$entry/plan.json" ] || continue
  name=${entry##*/} phase=none confirmation=none remaining=-
  for mark in "$entry"/is-*; do phase=${mark##*/is-}; done
  for word in unconfirmed confirmed expired; do [ -e "$entry/$word" ] && confirmation=$word; done
  if [ "$confirmation" = unconfirmed ]; then
    scratch=$(cat "$entry/scratch")/$name
    (owned "${scratch%/*}") || exit
    pid=$(cat "$scratch/watch.pid" 2>/dev/null)
    if [ -n "$pid" ] && grep -qa "$name/agent" "/proc/$pid/cmdline" 2>/dev/null; then
      remaining=$(cat "$scratch/remaining" 2>/dev/null)
    else remaining=gone; fi
  fi
  changes=
  for change in "$entry"/changes/*; do [ -d "$change" ] && changes=$changes,${change##*/}; done
  printf 'entry %s %s %s %s %s %s\n' "$name" "$phase" "$confirmation" "${remaining:--}" "${changes#,}," "$(encode <"$entry/plan.json")"
done
echo end
