# Runs inside the docker host, with the administrator's password on standard input: creates Portainer's administrator if it
# has none, and its local Docker environment. A Portainer that has locked itself is restarted first. $1: its port.
# curl -k: Portainer's own certificate is self-signed, and the connection stays on this host.
set -u
port=$1
base=https://127.0.0.1:$port/api
read -r password
answers=$(mktemp) || exit 1
trap 'rm -f "$answers"' EXIT
# Secrets are passed to curl as configuration on standard input: other users could read its arguments.
ask() { curl -sk -m 20 -o "$answers" -w '%{http_code}' -K -; }
said() { tr -d '\n' <"$answers" | sed 's/"[Pp]assword":"[^"]*"/"password":"..."/g' | cut -c 1-300; }
fail() { echo "$1" >&2; exit 1; }
state() { curl -sk --retry 60 --retry-delay 1 --retry-connrefused --retry-all-errors -o /dev/null -w '%{http_code}' "$base/users/admin/check"; }

container=$(docker ps -q --no-trunc --filter "publish=$port")
[ -n "$container" ] || fail "no container publishes $port: Portainer does not run"
code=$(state)
if [ "$code" = 303 ]; then
  docker restart "$container" >/dev/null || fail "Portainer has locked itself, and could not be restarted"
  code=$(state)
fi
case $code in
  204) exit 0 ;; # it has an administrator already: nothing to do
  404) ;;
  *) fail "Portainer answers $code where it is asked for an administrator" ;;
esac
# The log is coloured: escape sequences stand between the name and the value. The newest versions print a sentence instead.
escape=$(printf '\033')
token=$(docker logs "$container" 2>&1 | sed "s/$escape\[[0-9;]*m//g" | sed -n 's/.*setup_token=\([0-9a-f]*\).*/\1/p' | tail -n 1)
code=$(printf 'url = "%s/users/admin/init"\nheader = "Content-Type: application/json"\nheader = "X-Setup-Token: %s"\ndata = "{\\"Username\\":\\"admin\\",\\"Password\\":\\"%s\\"}"\n' "$base" "$token" "$password" | ask)
[ "$code" = 200 ] || fail "no administrator was made: $code $(said)"
code=$(printf 'url = "%s/auth"\nheader = "Content-Type: application/json"\ndata = "{\\"Username\\":\\"admin\\",\\"Password\\":\\"%s\\"}"\n' "$base" "$password" | ask)
[ "$code" = 200 ] || fail "the administrator could not sign in: $code"
session=$(sed -n 's/.*"jwt":"\([^"]*\)".*/\1/p' "$answers")
code=$(printf 'url = "%s/endpoints"\nheader = "Authorization: Bearer %s"\n' "$base" "$session" | ask)
[ "$code" = 200 ] || fail "the environments could not be listed: $code $(said)"
if [ "$(tr -d '[:space:]' <"$answers")" = '[]' ]; then
  code=$(printf 'url = "%s/endpoints"\nheader = "Authorization: Bearer %s"\nform-string = "Name=local"\nform-string = "EndpointCreationType=1"\n' "$base" "$session" | ask)
  [ "$code" = 200 ] || fail "the local environment could not be made: $code $(said)"
fi
