# Starts the agent of an existing entry, to finish or undo it.
# $1: the suite's home. $2: the entry. $3: the lock holder's description. $4…: the agent's arguments.
set -eu
owned "$1"
home=$1 entry=$1/journal/$2
exec 9>>"$home/lock"
flock -w 2 9 || { cat "$home/holder"; exit 91; }
[ -d "$entry/changes" ] || { echo "there is no entry $2 to work on" >&2; exit 95; }
printf '%s\n' "$3" >"$home/holder"
scratch=$(cat "$entry/scratch")/$2
owned "${scratch%/*}"
mkdir -p "$scratch"
true >"$scratch/log"
shift 3
setsid sh "$entry/agent" "$@" </dev/null >/dev/null 2>&1 &
echo "$!"
