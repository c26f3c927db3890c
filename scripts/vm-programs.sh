#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# For every VM of vms.txt, makes the program that the description names: the user's own if one of
# the folders has it, else the stock VMM; vmconf's configuration goes into its section.
# Usage: vm-programs.sh VMCONF_DIR STOCK_VMM OUT_DIR FOLDER...
set -eu

vmconf=$1
stock=$2
out=$3
shift 3

while read -r vm _ program; do
    from=$stock
    for folder; do
        [ ! -f "$folder/$program" ] || from=$folder/$program
    done
    mkdir -p "$(dirname "$out/$program")"
    cp "$from" "$out/$program.tmp"
    if "$OBJCOPY" --dump-section .vm_config=/dev/null "$from" /dev/null 2>/dev/null; then
        "$OBJCOPY" --update-section .vm_config="$vmconf/$vm.vm_config" "$out/$program.tmp"
    fi
    mv "$out/$program.tmp" "$out/$program"
done <"$vmconf/vms.txt"
