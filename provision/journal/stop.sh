# Signals every process that holds the lock, with its session. $1: the suite's home. $2: the signal. $3: the scratch folder. Prints how many.
owned "$1" "$3"
lock=$(readlink -f "$1/lock") || { echo 0; exit 0; }

# Sets state, group and session of process $1; fails if it has ended.
look() {
  { read -r line <"/proc/$1/stat"; } 2>/dev/null || return
  line=${line##*) } state=${line%% *}
  line=${line#* * } group=${line%% *}
  line=${line#* } session=${line%% *}
}

sessions=
for open in /proc/[0-9]*/fd/9; do
  [ "$(readlink "$open")" = "$lock" ] || continue
  process=${open#/proc/} process=${process%%/*}
  # A timer that is still waiting holds no lock: it is left alone.
  line=$(tr '\0' ' ' <"/proc/$process/cmdline")
  case $line in
  *"/agent watch "*)
    entry=${line#sh }
    [ -e "${entry%%/agent watch*}/unconfirmed" ] && continue
    ;;
  esac
  look "$process" && sessions="$sessions $session"
done
count=0 quiet=0
for _ in $(seq 200); do
  found='' signalled=
  for process in /proc/[0-9]*; do
    process=${process#/proc/}
    look "$process" && [ "$state" != Z ] || continue
    case " $sessions " in
    *" $session "*) ;;
    *) continue ;;
    esac
    count=$((count + 1)) found=yes
    # The kernel signals a group as a whole: a process that forks at this moment takes its child along.
    case " $signalled " in
    *" $group "*) ;;
    *) kill -s "$2" -- "-$group" 2>/dev/null && signalled="$signalled $group" ;;
    esac
  done
  # One pass can miss a group made meanwhile, so KILL repeats until none is found; TERM is sent once.
  [ "$2" = KILL ] || break
  if [ -n "$found" ]; then quiet=0; else quiet=$((quiet + 1)); fi
  [ "$quiet" -lt 5 ] || break
done
echo "$count"
