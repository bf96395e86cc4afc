#!/bin/bash
# Writes a guest's declared firewall rules to the file that Proxmox's firewall reads: /etc/pve/firewall/ID.fw
#   guest-firewall.sh ID
# Does nothing for a guest that declares no firewall. Refuses to overwrite a file that was written by hand.
set -euo pipefail

id=$1
etc=/usr/local/phoenix_hypervisor/etc
rules=/etc/pve/firewall/$id.fw
header="# Written by guest-firewall.sh from the declared rules of guest $id. Changes made here are lost."

# The guest's entry, from whichever of the two files declares it.
firewall=$(jq -s --arg id "$id" '(.[0].lxc_configs[$id] // (.[1].vms[] | select(.vmid == ($id | tonumber)))) | .firewall // {}' \
    "$etc/phoenix_lxc_configs.json" "$etc/phoenix_vm_configs.json")
[ "$(jq -r '.enabled // false' <<< "$firewall")" = true ] || exit 0
if [ -e "$rules" ] && ! grep -qxF "$header" "$rules"; then
    echo "guest-firewall.sh: $rules was not written by this script: move its rules to $etc, then remove it" >&2
    exit 1
fi

mkdir -p /etc/pve/firewall
trap 'rm -f "$rules.new"' EXIT # for example after a full disk
jq -r --arg header "$header" '
    $header, "", "[OPTIONS]", "enable: 1",
    (if .default_input_policy then "policy_in: \(.default_input_policy)" else empty end),
    (if .default_output_policy then "policy_out: \(.default_output_policy)" else empty end), "", "[RULES]",
    (.rules // [] | .[]
        | "\(.type | ascii_upcase) \(.action)"
        + (if .source then " -source \(.source)" else "" end)
        + (if .dest then " -dest \(.dest)" else "" end)
        + (if .proto then " -p \(.proto)" else "" end)
        + (if .port then " -dport \(.port)" else "" end))' <<< "$firewall" > "$rules.new"
# An unchanged file keeps its modification time, so that the firewall has nothing to reload.
cmp -s "$rules.new" "$rules" || mv "$rules.new" "$rules"

# A container's network card gets firewall=1 when Phoenix configures it; a virtual machine's card is set here.
if [ -e "/etc/pve/qemu-server/$id.conf" ]; then
    card=$(qm config "$id" | sed -n 's/^net0: //p')
    case ,$card, in
        ,, | *,firewall=1,*) ;;
        *) qm set "$id" --net0 "$(sed 's/,firewall=[01]//' <<< "$card"),firewall=1" > /dev/null ;;
    esac
fi
