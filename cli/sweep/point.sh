# Stands at `point` beside an agent's log and is run at each of its points: counts them, and at the chosen one makes the fault.
# $1: the change's number and the point's name. The folder `sweep` beside it says where and what.
sweep=${0%/*}/sweep
[ -e "$sweep/k" ] || exit 0
echo "$1" >>"$sweep/points"
[ "$(wc -l <"$sweep/points")" -eq "$(cat "$sweep/k")" ] || exit 0
case $(cat "$sweep/mode") in
# Everything of the agent's at once, as when the target loses power. Its own session: see begin.sh.
kill) kill -KILL "$PPID" ;;
# The command that comes next is killed with its agent while it runs: all of their session, and what it forks meanwhile.
kill-*)
  setsid sh -c '
    sleep "$1"
    while :; do
      found=
      for process in /proc/[0-9]*; do
        state=$(sed "s/.*) //" "$process/stat" 2>/dev/null | cut -d" " -f1,4)
        [ "${state#?}" = " $2" ] && [ "${state% *}" != Z ] && kill -KILL "${process#/proc/}" && found=yes
      done
      [ -n "$found" ] || exit 0
    done' sh "$(sed 's/kill-//' "$sweep/mode")" "$PPID" </dev/null >/dev/null 2>&1 &
  ;;
# The agent alone, as when memory runs out; the command that it began runs on.
alone-*)
  setsid sh -c 'sleep "$1"; kill -KILL "$2"' sh "$(sed 's/alone-//' "$sweep/mode")" "$PPID" </dev/null >/dev/null 2>&1 &
  ;;
# Whoever watches is cut off here; the agent waits until that is done.
cut | unconfirmed)
  : >"$sweep/reached"
  until [ -e "$sweep/released" ]; do sleep 0.02; done
  ;;
full) while read -r disk; do cat /dev/zero >"$disk/.phoenix-full" 2>/dev/null; done <"$sweep/disks" ;;
esac
exit 0
