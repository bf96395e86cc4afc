# Reads what planning needs, in one round trip, and changes nothing. Sent whole to the hypervisor.
# Each fact is one line: its name, exit code, and output in base64. The last line says that nothing was cut off.
tree=$1 ctid=$2 vmid=$3 volume=$4 mount=$5 host=$6 nonce=$7
shift 7
LC_ALL=C
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH

fact() { # NAME COMMAND…
  name=$1
  shift
  out=$(timeout -k 2 30 "$@" </dev/null 2>/dev/null | base64 -w0; exit 0)
  printf 'fact %s %s\n' "$(printf '%s' "$name" | base64 -w0)" "$out"
}
file() { # a file's kind, mode and bytes
  if [ -L "$1" ]; then
    printf 'file %s link %s -\n' "$(printf '%s' "$1" | base64 -w0)" "$(readlink "$1" | base64 -w0)"
  elif [ -f "$1" ]; then
    printf 'file %s file %s %s\n' "$(printf '%s' "$1" | base64 -w0)" "$(stat -c %a "$1")" "$(base64 -w0 <"$1")"
  elif [ -e "$1" ]; then
    printf 'file %s other - -\n' "$(printf '%s' "$1" | base64 -w0)"
  else
    printf 'file %s absent - -\n' "$(printf '%s' "$1" | base64 -w0)"
  fi
}

for path in "$@"; do file "$path"; done
# The directory that the plan copies, and its copy.
find "$tree/persistent-storage/portainer" -print 2>/dev/null | while IFS= read -r path; do
  if [ -d "$path" ] && [ ! -L "$path" ]; then
    printf 'file %s directory %s -\n' "$(printf '%s' "$path" | base64 -w0)" "$(stat -c %a "$path")"
  else
    file "$path"
  fi
  copy=$volume/portainer${path#"$tree/persistent-storage/portainer"}
  if [ -d "$copy" ]; then
    printf 'file %s directory %s -\n' "$(printf '%s' "$copy" | base64 -w0)" "$(stat -c %a "$copy")"
  else
    file "$copy"
  fi
done
[ -d "$volume" ] && printf 'file %s directory %s -\n' "$(printf '%s' "$volume" | base64 -w0)" "$(stat -c %a "$volume")"
fact "firewall status" pve-firewall status
fact "gateway status" pct status "$ctid"
fact "machine status" qm status "$vmid"
# shellcheck disable=SC2016 # the guests' shells expand these
fact gateway pct exec "$ctid" -- sh -c '
  printf "site %s\n" "$(base64 -w0 </etc/nginx/sites-available/vllm_gateway 2>/dev/null)"
  printf "names %s\n" "$(openssl x509 -in "/etc/nginx/ssl/$1.crt" -noout -ext subjectAltName 2>/dev/null | base64 -w0)"
  printf "hosts %s\n" "$(base64 -w0 </etc/hosts)"
  printf "nginx %s\n" "$(cat /proc/[0-9]*/comm 2>/dev/null | grep -cx nginx)"' sh "$host"
# shellcheck disable=SC2016
fact machine qm guest exec "$vmid" --timeout 20 -- /bin/sh -c '
  printf "hosts %s\n" "$(base64 -w0 </etc/hosts)"
  printf "fstab %s\n" "$(base64 -w0 </etc/fstab)"
  printf "mounts %s\n" "$(base64 -w0 </proc/mounts)"
  printf "stacks %s\n" "$(docker ps --format "{{.Label \"com.docker.compose.project.working_dir\"}}" 2>/dev/null | sort -u | base64 -w0)"
  printf "image %s\n" "$(docker ps -aq --filter publish=9443 2>/dev/null | head -n 1 | xargs -r docker inspect --format "{{.Image}}" |
    xargs -r docker image inspect --format "{{range .RepoDigests}}{{println .}}{{end}}" 2>/dev/null | grep . | head -n 1 | base64 -w0)"
  printf "administrator %s\n" "$(curl -sk -m 3 -o /dev/null -w "%{http_code}" https://127.0.0.1:9443/api/users/admin/check 2>/dev/null | base64 -w0)"
  printf "docker %s\n" "$(systemctl is-active docker 2>/dev/null | base64 -w0)"' sh "$mount"
printf 'end %s\n' "$nonce"
