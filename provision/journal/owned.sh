# Put before every script that uses the journal, and before the agent: both check who could have written what they read.
# owned FOLDER...: each folder, everything in it and every directory above it belongs to root or to this user, nobody else
# may write to it, and it contains files and directories only. Exits with 96 if this user may not look, with 97 and the
# first path that is not so. A folder that does not exist is fine. What an entry keeps of the target's files is not
# checked: it may belong to anyone, and is never run.
owned() {
  me=$(id -u) || exit 96
  for folder; do
    real=$(readlink -f -- "${folder%/*}/") || { echo "${folder%/*}"; exit 96; }
    for path in "${folder%/*}" "$real"; do
      while :; do
        above=${path:-/}
        [ -x "$above" ] || { echo "$above"; exit 96; }
        [ -z "$(find -L "$above" -maxdepth 0 \( ! -uid 0 ! -uid "$me" -o -perm /022 ! -perm -1000 \) -print)" ] || { echo "$above"; exit 97; }
        [ "$above" != / ] || break
        path=${path%/*}
      done
    done
    if [ ! -e "$folder" ] && [ ! -L "$folder" ]; then continue; fi
    # What another command moves or removes meanwhile makes find fail, or seems to belong to nobody: negated tests hold of a
    # file that is gone. So it looks again, for a second.
    tries=0
    until odd=$(LC_ALL=C find "$folder" -ignore_readdir_race \( -path "$folder/journal/*/changes/*/kept/*" -o -path "$folder/journal/*/changes/*/kept.part/*" -o -path "$folder/journal/*/edited/*" \) -prune -o \
      -links +0 \( ! -uid 0 ! -uid "$me" -o ! -type f ! -type d -o -perm /022 -o -type f -links +1 \) -print -quit 2>/dev/null) && [ -z "$odd" ]; do
      if [ -n "$odd" ] && { [ -e "$odd" ] || [ -L "$odd" ]; }; then
        printf '%s\n' "$odd"
        exit 97
      fi
      [ $((tries += 1)) -lt 20 ] || { echo "$folder"; exit 96; }
      sleep 0.05
    done
  done
}
