# Tells what an agent says until its end, or until it is gone. $1: where it says it. $2: the agent's process.
# shellcheck disable=SC2016 # the inner shell expands these
sh -c 'echo $$; exec tail -n +1 -s 0.05 -f --pid "$2" "$1/log"' sh "$1" "$2" | {
  read -r tail
  sed -u '/^end /q'
  kill "$tail" 2>/dev/null || true
}
