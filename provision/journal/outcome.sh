# Prints the output of an entry's changes: `out NUMBER TEXT` and, for phoenix-cli, `execs NUMBER TEXT`, in base64. $1: the entry's scratch folder.
owned "${1%/*}"
cd "$1" || exit 0
for file in [0-9]*.out; do
  [ -e "$file" ] && printf 'out %s %s\n' "${file%.out}" "$(tail -n 200 "$file" | base64 -w0)"
done
for file in [0-9]*.execs; do
  [ -e "$file" ] && printf 'execs %s %s\n' "${file%.execs}" "$(base64 -w0 <"$file")"
done
echo end
