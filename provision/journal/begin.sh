# Writes an entry to the journal, atomically, and starts its agent.
# $1: the suite's home. $2: the scratch folder for agents' logs. $3: the sha256 of the archive on standard input.
# $4: the lock holder's description. $5: seconds until an automatic rollback, 0 for no timer.
set -eu
umask 077
LC_ALL=C
export LC_ALL
home=$1 journal=$1/journal
owned "$1" "$2"
point() { [ ! -e "$2/point" ] || sh "$2/point" "0000 $1" 9>&-; }
mkdir -p "$journal"
exec 9>>"$home/lock"
flock -w 2 9 || { cat "$home/holder"; exit 91; }
last=0000
for entry in "$journal"/[0-9][0-9][0-9][0-9]; do
  [ -d "$entry" ] || continue
  last=${entry##*/}
  if [ -e "$entry/is-applying" ] || [ -e "$entry/is-undoing" ] || [ -e "$entry/unconfirmed" ]; then
    echo "$last"
    exit 93
  fi
done
name=$(printf %04d "$(($(printf %s "$last" | sed 's/^0*//;s/^$/0/') + 1))")
printf '%s\n' "$4" >"$home/holder"
part=$journal/.part
rm -rf "$part" "$part.tar"
point archive "$2"
trap 'rm -rf "$part" "$part.tar"' EXIT
cat >"$part.tar"
[ "$(sha256sum <"$part.tar")" = "$3  -" ] || { echo "the entry did not arrive whole" >&2; exit 92; }
point unpack "$2"
mkdir "$part"
tar -x -C "$part" -f "$part.tar"
rm "$part.tar"
printf %s "$2" >"$part/scratch"
# Refuse if the target has changed since the plan: the first change of each path has the sha256 that the plan expects.
moved=
for change in "$part"/changes/*; do
  [ -e "$change/first" ] || continue
  path=$(cat "$change/touches/1" 2>/dev/null || cat "$change/path") before=$(cat "$change/before")
  if [ "$before" = absent ]; then
    if [ -e "$path" ] || [ -L "$path" ]; then moved="$moved$path
"; fi
  elif [ -L "$path" ] || ! [ -f "$path" ] || [ "$(sha256sum <"$path")" != "$before  -" ]; then moved="$moved$path
"; fi
done
[ -z "$moved" ] || { printf %s "$moved"; exit 90; }
point fsync "$2"
find "$part" -type f -exec sync {} +
find "$part" -depth -type d -exec sync {} +
point rename "$2"
mv -T "$part" "$journal/$name"
point sync-directory "$2"
sync "$journal"
rm -rf "${2:?}/$name"
mkdir -p "$2/$name"
true >"$2/$name/log"
point start "$2"
if [ "$5" -gt 0 ]; then
  setsid sh "$journal/$name/agent" watch "$5" 9>>"$home/lock" </dev/null >/dev/null 2>&1 &
fi
setsid sh "$journal/$name/agent" run </dev/null >/dev/null 2>&1 &
echo "$name $!"
