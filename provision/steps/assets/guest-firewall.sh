#!/bin/bash
# Writes a container's declared firewall rules to where Proxmox's firewall reads them: /etc/pve/firewall/CTID.fw
#   guest-firewall.sh CTID
# Does nothing for a container that declares no firewall. A file that was written by hand is left alone, and said so.
set -euo pipefail

id=$1
config=/usr/local/phoenix_hypervisor/etc/phoenix_lxc_configs.json
rules=/etc/pve/firewall/$id.fw
header="# Written by guest-firewall.sh from the declared rules of guest $id. Changes made here are lost."

[ "$(jq -r --arg id "$id" '.lxc_configs[$id].firewall.enabled // false' "$config")" = true ] || exit 0
if [ -e "$rules" ] && ! grep -qxF "$header" "$rules"; then
    echo "guest-firewall.sh: $rules was not written by this script: move its rules to $config, then remove it" >&2
    exit 1
fi

mkdir -p /etc/pve/firewall
jq -r --arg id "$id" --arg header "$header" '
    $header, "", "[OPTIONS]", "enable: 1", "", "[RULES]",
    (.lxc_configs[$id].firewall.rules // [] | .[]
        | "\(.type | ascii_upcase) \(.action)"
        + (if .source then " -source \(.source)" else "" end)
        + (if .dest then " -dest \(.dest)" else "" end)
        + " -p \(.proto) -dport \(.port)")' "$config" > "$rules.new"
# An unchanged file keeps its time, so that whoever watches it has nothing to do.
if cmp -s "$rules.new" "$rules"; then rm -f "$rules.new"; else mv "$rules.new" "$rules"; fi
