#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# For every VM of vms.txt, makes the program that the description names: the user's own if the
# system's folder has it, else the stock VMM; vmconf's configuration goes into its section.
# Usage: vm-programs.sh VMCONF_DIR STOCK_VMM SYSTEM_DIR OUT_DIR
set -eu

vmconf=$1
stock=$2
system=$3
out=$4

while read -r vm _ program; do
    from=$stock
    [ ! -f "$system/$program" ] || from=$system/$program
    mkdir -p "$(dirname "$out/$program")"
    cp "$from" "$out/$program.tmp"
    if "$OBJCOPY" --dump-section .vm_config=/dev/null "$from" /dev/null 2>/dev/null; then
        "$OBJCOPY" --update-section .vm_config="$vmconf/$vm.vm_config" "$out/$program.tmp"
    fi
    mv "$out/$program.tmp" "$out/$program"
done <"$vmconf/vms.txt"
