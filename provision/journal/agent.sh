# The agent: makes or undoes the changes of one journal entry on the target, independently of the client.
# owned.sh is put before it. A redirection never follows `:`: if it fails, a shell ends behind a special builtin.
# Usage: sh agent run | undo [overwrite] | watch SECONDS. It is in its journal entry; descriptor 9 holds the lock.
# A change is a directory NUMBER.STATE: todo, doing, made, undoing. Its state changes by a rename, which needs no free
# disk space, and only after everything that an undo needs is on the disk.
set -u
umask 077
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH
here=$(cd "$(dirname "$0")" && pwd)
name=${here##*/}
home=${here%/journal/*}
owned "$home"
changes=$here/changes
scratch=$(cat "$here/scratch")/$name # its log and output; gone after a reboot
owned "${scratch%/*}"
mkdir -p "$scratch"

say() { printf '%s\n' "$*" >>"$scratch/log"; }
# Marks a point at which a sweep may kill the agent, cut the connection or fill the disk.
point() { [ ! -e "${scratch%/*}/point" ] || sh "${scratch%/*}/point" "$number $1" 9>&-; }
now() { date +%s%3N; }
word() { # the content of a file as one word, its newlines kept
  word=$(cat "$1" && echo x) || return
  word=${word%x}
}
is() { # PATH SHA256|absent
  if [ "$2" = absent ]; then [ ! -e "$1" ] && [ ! -L "$1" ]; else
    [ -f "$1" ] && [ ! -L "$1" ] && [ "$(sha256sum <"$1")" = "$2  -" ]
  fi
}
move() { # the change to another state
  mv -T "$change" "$changes/$number.$1" || return
  change=$changes/$number.$1 state=$1
  sync "$changes"
}
mark() { # the phase of the entry: applying, applied, undoing, undone
  [ -e "$here/is-$1" ] || mv "$here"/is-* "$here/is-$1" && sync "$here"
}
directory() { sync "$(dirname "$1")"; }
copy() { # FROM TO: bytes, and as much of mode, owner, times and attributes as the file system supports
  cp -a -- "$1" "$2" 2>"$scratch/copy" || { cmp -s -- "$1" "$2" || { cat "$scratch/copy" >&2; return 1; }; }
}
alike() { cmp -s -- "$1" "$2" && [ "$(stat -c '%a %u %g %y' -- "$1")" = "$(stat -c '%a %u %g %y' -- "$2")" ]; }

# Saves a complete copy of every file that this change touches, synced to the disk, before the change begins.
keep() {
  rm -rf "$change/kept" "$change/kept.part"
  mkdir "$change/kept.part" || return
  for file in "$change"/touches/*; do
    [ -e "$file" ] || continue
    word "$file"
    point keep
    if [ -L "$word" ]; then echo "$word is a symbolic link" >&2; return 90; fi
    if [ -e "$word" ]; then copy "$word" "$change/kept.part/${file##*/}" || return
    else true >"$change/kept.part/${file##*/}.absent" || return; fi
  done
  point keep-fsync
  sync "$change"/kept.part/* "$change/kept.part" 2>/dev/null || sync "$change/kept.part" || return
  mv -T "$change/kept.part" "$change/kept" && sync "$change"
}

# Restores the saved files. A file that matches neither its saved copy nor this change's result was edited: see foreign.
restore() {
  for file in "$change"/touches/*; do
    [ -e "$file" ] || continue
    word "$file"
    kept=$change/kept/${file##*/} part=$word.phoenix-acceptance
    rm -f -- "$part"
    if [ -e "$kept.absent" ]; then
      [ -e "$word" ] || continue
      point remove
      rm -f -- "$word" && directory "$word" || return
    elif [ -e "$kept" ] && ! alike "$kept" "$word"; then
      point restore-write
      copy "$kept" "$part" || { rm -f -- "$part"; return 1; }
      point restore-fsync
      sync "$part" || return
      point restore-rename
      mv -fT -- "$part" "$word" || return
      point restore-sync
      directory "$word"
    fi
  done
}

# Prints the touched files that were edited after this change was made.
foreign() {
  for file in "$change"/touches/*; do
    if [ ! -e "$file" ] || [ ! -e "$change/left/${file##*/}" ]; then continue; fi
    word "$file"
    is "$word" "$(cat "$change/left/${file##*/}")" && continue
    if [ -e "$change/kept/${file##*/}.absent" ]; then [ ! -e "$word" ] && continue
    else cmp -s -- "$change/kept/${file##*/}" "$word" && continue; fi
    printf '%s\n' "$word"
  done
}

# Records the sha256 of each touched file after a command, so that later edits are detected.
# Written atomically: a partial record, on a full disk, would look like an edit.
note() {
  rm -rf "$change/left.part"
  mkdir "$change/left.part" || return
  for file in "$change"/touches/*; do
    [ -e "$file" ] || continue
    word "$file"
    sum=absent
    if [ -e "$word" ]; then sum=$(sha256sum <"$word") || return; fi
    printf %s "${sum%% *}" >"$change/left.part/${file##*/}" || return
  done
  rm -rf "$change/left" && mv -T "$change/left.part" "$change/left"
}

write_file() {
  word "$change/touches/1"
  path=$word part=$word.phoenix-acceptance before=$(cat "$change/before") after=$(cat "$change/left/1")
  if [ "$state" != todo ] && is "$path" "$after"; then rm -f -- "$part"; return 0; fi
  is "$path" "$before" || { echo "$path is not what the plan saw" >&2; return 90; }
  [ "$state" = todo ] && { keep && point begin && move doing || return; }
  point write
  # The part starts as a copy, so that it has the file's mode, owner and attributes before the new bytes.
  if [ "$before" = absent ]; then true >"$part" && chmod "$(cat "$change/mode")" "$part" 2>/dev/null
  else cp -a -- "$path" "$part" 2>/dev/null; fi
  if ! cat "$change/after" >"$part" || ! is "$part" "$after"; then
    rm -f -- "$part"
    echo "$part could not be written whole" >&2
    return 1
  fi
  point fsync
  sync "$part" || return
  point rename
  mv -fT -- "$part" "$path" || return
  point sync-directory
  directory "$path"
}

# A directory that an undo left because it was not empty still belongs to this change when the change is resumed.
make_directory() {
  word "$change/path"
  if [ "$state" = todo ]; then
    if [ ! -e "$change/ours" ] && ! is "$word" absent; then
      echo "$word is there, which the plan did not see" >&2
      return 90
    fi
    [ -e "$change/ours" ] || mv "$change/first" "$change/ours" || return
    point begin
    move doing || return
  fi
  if [ -d "$word" ] && [ ! -L "$word" ]; then return 0; fi
  point mkdir
  mkdir -m "$(cat "$change/mode")" -- "$word" || return
  point sync-directory
  directory "$word"
}

# Runs the change's script or its undo with its arguments. phoenix-cli finds recorder/qm first on PATH, which records it.
script() { # SCRIPT ARGUMENTS
  [ -e "$change/$1" ] || return 0
  text=$(cat "$change/$1")
  set -- "$2"
  for file in "$change/$1"/*; do
    [ -e "$file" ] || continue
    word "$file"
    set -- "$@" "$word"
  done
  shift
  (
    if [ -e "$change/phoenix-cli" ]; then
      PHOENIX_RECORD=$scratch/$number.execs PHOENIX_QM=$(command -v qm)
      PATH=$here/recorder:$PATH
      export PHOENIX_RECORD PHOENIX_QM PATH
      true >"$PHOENIX_RECORD"
    fi
    # If only the agent is killed, timeout keeps the lock until the command has ended, so that it can't run twice in
    # parallel. Processes that the command leaves running do not hold the lock.
    exec timeout -k 10 "$(cat "$change/seconds")" sh -c "exec 9>&-
$text" sh "$@" </dev/null
  )
}

run_command() {
  if [ "$state" = todo ]; then
    keep && point begin && move doing || return
  else
    # An interrupted undo may have left its temporary file next to a file.
    for file in "$change"/touches/*; do [ -e "$file" ] && word "$file" && rm -f -- "$word.phoenix-acceptance"; done
  fi
  point command
  script script arguments || return
  point ran
  note
}

take() {
  case $(cat "$change/does") in
  write-file) write_file ;;
  make-directory) make_directory ;;
  run) run_command ;;
  esac
}

unmake() {
  case $(cat "$change/does") in
  make-directory)
    word "$change/path"
    point rmdir
    if [ ! -e "$word" ] || rmdir -- "$word" 2>/dev/null; then directory "$word"; return 0; fi
    left=$(find "$word" -mindepth 1 -maxdepth 1 -printf '%f ')
    say left "$number" "$(printf '%s/ (%s), which the apply did not create' "$word" "$left" | base64 -w0)"
    ;;
  run)
    if [ -e "$change/undo" ]; then
      point undo-command
      script undo undo-arguments || return
      # What an undo can't change, it says, and does not fail for it: it may not need what the step needed.
      sed -n 's/^left: //p' "$scratch/$number.out" | while IFS= read -r line; do say left "$number" "$(printf %s "$line" | base64 -w0)"; done
    fi
    restore
    ;;
  *) restore ;;
  esac
}

# Selects CHANGE: sets number, change and state.
at() {
  change=$1 number=${1##*/}
  state=${number#*.} number=${number%%.*}
}
timed() { # EVENT-AT-START EVENT-AT-END WORK: its output goes next to the log; its exit code is returned
  say "$1" "$number"
  started=$(now)
  "$3" >"$scratch/$number.out" 2>&1
  code=$?
  if [ $code -eq 0 ]; then say "$2" "$number" 0 $(($(now) - started)); else say failed "$number" $code $(($(now) - started)); fi
  return $code
}
end() { say end "$1"; exit "$1"; }

make() { take && point finish && move made; }
# An undo reruns settling commands at the end. If it is resumed as a run before that, they run again after the others.
unsettle() {
  open=
  for each in "$changes"/*; do
    at "$each"
    if [ "$state" != made ]; then open=yes; elif [ -n "$open" ] && [ -e "$change/settles" ]; then
      rm -rf "$change/left"
      move doing || return
    fi
  done
}
run() {
  number=0000
  unsettle || end 1
  mark applying
  for each in "$changes"/*; do
    at "$each"
    [ "$state" = made ] && continue
    [ -z "$stopping" ] || end 75
    timed begin made make || end 1
  done
  mark applied
  end 0
}

# Changes, latest first.
backwards() { printf '%s\n' "$changes"/* | sort -r; }
# The latest change of each path shows whether it was edited since: a later change replaced what earlier ones wrote.
latest() {
  for each in $(backwards); do
    for file in "$each"/touches/*; do
      [ -e "$file" ] && printf '%s %s\n' "$(base64 -w0 <"$file")" "$each"
    done
  done | awk '!seen[$1]++ { print $2 }'
}
theirs() {
  for each in $(latest); do
    at "$each"
    [ "$state" = todo ] || foreign
  done
}

unmade() { { [ "$state" = undoing ] || move undoing; } && unmake && point unfinish && move todo; }
settled() { { [ "$state" = undoing ] || move undoing; } && point settle && script script arguments && restore && move todo; }
# With overwrite, files edited since are first saved in the entry; without it, such an edit stops the undo.
undo() {
  number=0000
  if [ ! -e "$here/is-undoing" ]; then
    edited=$(theirs)
    if [ -n "$edited" ] && [ "$1" != overwrite ]; then
      say foreign 0000 "$(printf %s "$edited" | base64 -w0)"
      end 94
    fi
    [ -z "$edited" ] || save "$edited" || end 1
    mark undoing
  fi
  # Settling commands run again at the end, when every file has been restored.
  for each in $(backwards); do
    at "$each"
    if [ "$state" = todo ] || [ -e "$change/settles" ]; then continue; fi
    [ -z "$stopping" ] || end 75
    timed undo undone unmade || end 1
  done
  for each in $(backwards); do
    at "$each"
    [ "$state" = todo ] && continue
    timed settle undone settled || end 1
  done
  mark undone
  rm -rf "$changes" "$here/unconfirmed"
  end 0
}
save() { # PATHS, one a line
  mkdir -p "$here/edited" || return
  printf '%s\n' "$1" | while IFS= read -r path; do
    [ ! -e "$path" ] || cp -a -- "$path" "$here/edited/$(printf %s "$path" | tr / _)" || return
  done
}

# Rolls back automatically unless confirmed within this many seconds after the agent's last activity.
watch() {
  quiet=0
  while [ -e "$here/unconfirmed" ] && [ "$quiet" -lt "$1" ]; do
    sleep 1 9>&-
    if flock -n 9; then
      quiet=$((quiet + 1))
      flock -u 9
    else quiet=0; fi
    printf %s $(($1 - quiet)) >"$scratch/remaining"
  done
  mv "$here/unconfirmed" "$here/expired" 2>/dev/null || exit 0
  flock -w 600 9 || exit 91
  owned "$home" "${scratch%/*}"
  printf 'the timer of entry %s, process %s, since %s\n' "$name" $$ "$(date -u +%FT%TZ)" >"$home/holder"
  undo overwrite
}

stopping=
trap 'stopping=yes' TERM
echo $$ >"$scratch/$1.pid"
"$@"
