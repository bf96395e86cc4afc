# Confirms an entry, so that its timer no longer rolls it back. $1: the suite's home. $2: the entry. $3: the scratch folder.
# Exit code 95: it does not wait for confirmation.
owned "$1" "$3"
cd "$1/journal/$2" 2>/dev/null && [ -e unconfirmed ] || exit 95
mv unconfirmed confirmed && sync .
