# Reads what planning needs, in one round trip, and changes nothing. facts.ts puts variable assignments in front of this
# script and sends both to the hypervisor. The arguments are the files to read.
# Each fact is one line: its name and output in base64. The last line shows that the output is complete.
# shellcheck disable=SC2154 # tree, stack, ctid, vmid, volume, copy, site, certificate, port, nonce
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH

fact() { # NAME COMMAND...
  name=$1
  shift
  out=$(timeout -k 2 30 "$@" </dev/null 2>/dev/null | base64 -w0; exit 0)
  printf 'fact %s %s\n' "$(printf '%s' "$name" | base64 -w0)" "$out"
}
# Prints a file's kind, mode, content and number of hard links. If a directory on the path is a symbolic link, the file is
# reported as `elsewhere`, with its real path. `unread` is what this user may not read, or what may be behind a directory
# that it may not search.
# shellcheck disable=SC2016 # expanded when it is run below
file_script='file() { # PATH ROOT
  name=$(printf %s "$1" | base64 -w0)
  real=$(readlink -m -- "$1" && echo .) root=$(readlink -m -- "$2" && echo .)
  real=${real%??} root=${root%??}
  if [ -L "$1" ]; then printf "file %s link %s -\n" "$name" "$(readlink -- "$1" | base64 -w0)"
  elif [ "$real" != "$root${1#"$2"}" ]; then printf "file %s elsewhere %s -\n" "$name" "$(printf %s "$real" | base64 -w0)"
  elif [ -e "$1" ] && [ ! -r "$1" ] || [ -d "$1" ] && [ ! -x "$1" ]; then printf "file %s unread - -\n" "$name"
  elif [ -d "$1" ]; then printf "file %s directory %s -\n" "$name" "$(stat -c %a -- "$1")"
  elif [ -f "$1" ]; then printf "file %s file %s %s %s\n" "$name" "$(stat -c %a -- "$1")" "$(base64 -w0 <"$1")" "$(stat -c %h -- "$1")"
  elif [ -e "$1" ]; then printf "file %s other - -\n" "$name"
  else case $(LC_ALL=C stat -- "$1" 2>&1) in
    *": No such file or directory" | *": Not a directory") printf "file %s absent - -\n" "$name" ;;
    *) printf "file %s unread - -\n" "$name" ;;
  esac; fi
}'
eval "$file_script"

for path in "$@"; do
  case $path in
    "$tree"/*) file "$path" "$tree" ;;
    *) file "$path" "$(dirname "$path")" ;;
  esac
done
# The directory that the plan copies, and its copy. File names may contain any character, including newlines.
# shellcheck disable=SC2016 # the inner shell expands these
find "$tree/$stack" -exec sh -c "$file_script"'
  tree=$1 stack=$2 volume=$3 copy=$4
  shift 4
  for path; do
    file "$path" "$tree"
    file "$copy${path#"$tree/$stack"}" "$volume"
  done' sh "$tree" "$stack" "$volume" "$copy" {} + 2>/dev/null
file "$volume" "$(dirname "$volume")"
fact "firewall status" pve-firewall status
fact connection printenv SSH_CONNECTION
fact "gateway status" pct status "$ctid"
fact "docker host status" qm status "$vmid"
# shellcheck disable=SC2016 # the guests' shells expand these
fact gateway pct exec "$ctid" -- sh -c '
  printf "site %s\n" "$(base64 -w0 <"$1" 2>/dev/null)"
  if [ -e "$2" ]; then
    if said=$(openssl x509 -in "$2" -noout -ext subjectAltName 2>&1); then printf "names %s\n" "$(printf "%s" "$said" | base64 -w0)"
    else
      # A file that is no certificate has no names. Any other failure is openssl failing: then the names are not known.
      code=$?
      if [ "$code" -ge 126 ] || openssl x509 -in "$2" -noout 2>/dev/null; then printf "unread %s\n" "$(printf "%s" "${said:-exit code $code}" | base64 -w0)"; fi
    fi
  fi
  printf "hosts %s\n" "$(base64 -w0 </etc/hosts)"
  printf "nginx %s\n" "$(cat /proc/[0-9]*/comm 2>/dev/null | grep -cx nginx)"
  printf "whole\n"' sh "$site" "$certificate"
# shellcheck disable=SC2016
fact "docker host" qm guest exec "$vmid" --timeout 20 -- /bin/sh -c '
  printf "hosts %s\n" "$(base64 -w0 </etc/hosts)"
  printf "fstab %s\n" "$(base64 -w0 </etc/fstab)"
  printf "mounts %s\n" "$(base64 -w0 </proc/mounts)"
  printf "stacks %s\n" "$(docker ps --format "{{.Label \"com.docker.compose.project.working_dir\"}}" 2>/dev/null | sort -u | base64 -w0)"
  printf "image %s\n" "$(docker ps -aq --filter "publish=$1" 2>/dev/null | head -n 1 | xargs -r docker inspect --format "{{.Image}}" |
    xargs -r docker image inspect --format "{{range .RepoDigests}}{{println .}}{{end}}" 2>/dev/null | grep . | head -n 1 | base64 -w0)"
  printf "administrator %s\n" "$(curl -sk -m 3 -o /dev/null -w "%{http_code}" "https://127.0.0.1:$1/api/users/admin/check" 2>/dev/null | base64 -w0)"
  printf "docker %s\n" "$(systemctl is-active docker 2>/dev/null | base64 -w0)"' sh "$port"
printf 'end %s\n' "$nonce"
