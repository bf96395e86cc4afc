# Ends whoever holds the lock, with everything of their session. $1: our home. $2: the signal. Prints how many processes got it.
lock=$(readlink -f "$1/lock") || { echo 0; exit 0; }
sessions=
for open in /proc/[0-9]*/fd/9; do
  [ "$(readlink "$open")" = "$lock" ] || continue
  process=${open#/proc/} process=${process%%/*}
  # A timer that only waits holds no lock, and goes on waiting.
  line=$(tr '\0' ' ' <"/proc/$process/cmdline")
  case $line in
  *"/agent watch "*)
    entry=${line#sh }
    [ -e "${entry%%/agent watch*}/unconfirmed" ] && continue
    ;;
  esac
  sessions="$sessions $(sed 's/.*) //' "/proc/$process/stat" | cut -d' ' -f4)"
done
count=0
for process in /proc/[0-9]*; do
  session=$(sed 's/.*) //' "$process/stat" 2>/dev/null | cut -d' ' -f4)
  case " $sessions " in
  *" $session "*) [ -n "$session" ] && kill -s "$2" "${process#/proc/}" 2>/dev/null && count=$((count + 1)) ;;
  esac
done
echo $count
