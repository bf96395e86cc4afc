# The agent runs this file at each of its points: it counts the points and makes the fault at the chosen one.
# $1: the number of the change and the name of the point. The folder `sweep` beside it holds the choice.
sweep=${0%/*}/sweep
[ -e "$sweep/k" ] || exit 0
echo "$1" >>"$sweep/points"
[ "$(wc -l <"$sweep/points")" -eq "$(cat "$sweep/k")" ] || exit 0
case $(cat "$sweep/mode") in
# Kills the whole agent, as when the target loses power. It has its own session: see begin.sh.
kill) kill -KILL "$PPID" ;;
# Kills the next command and its agent while the command runs: their whole session, with all processes that it forks.
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
# Kills the agent alone, as when memory runs out; its command continues.
alone-*)
  setsid sh -c 'sleep "$1"; kill -KILL "$2"' sh "$(sed 's/alone-//' "$sweep/mode")" "$PPID" </dev/null >/dev/null 2>&1 &
  ;;
# The client is cut off here; the agent waits until that is done.
cut | unconfirmed)
  : >"$sweep/reached"
  until [ -e "$sweep/released" ]; do sleep 0.02; done
  ;;
full) while read -r disk; do cat /dev/zero >"$disk/.phoenix-full" 2>/dev/null; done <"$sweep/disks" ;;
esac
exit 0
