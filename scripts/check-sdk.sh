#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Says in one line what is wrong with a Microkit SDK directory; nothing if it can be used.
# Usage: check-sdk.sh SDK BOARD CONFIG
set -eu

sdk=$1
board=$2
config=$3

complain() {
    echo "MICROKIT_SDK=$sdk: $1"
    exit 0
}

[ -d "$sdk" ] || complain "no such directory"
if [ -x "$sdk/bin/sel4cp" ]; then
    complain "a seL4 Core Platform SDK, too old: Microkit 2.2 or later is needed"
fi
if [ ! -x "$sdk/bin/microkit" ] || [ ! -r "$sdk/VERSION" ]; then
    complain "not a Microkit SDK (it has no bin/microkit or no VERSION)"
fi
version=$(head -n 1 "$sdk/VERSION")
major=${version%%.*}
rest=${version#*.}
minor=${rest%%[!0-9]*}
case $major$minor in
'' | *[!0-9]*) complain "cannot read its version '$version'" ;;
esac
if [ "$major" -lt 2 ] || { [ "$major" -eq 2 ] && [ "$minor" -lt 2 ]; }; then
    complain "version $version is too old: 2.2 or later is needed"
fi
[ -d "$sdk/board/$board" ] || complain "has no board '$board'"
[ -d "$sdk/board/$board/$config" ] || complain "has no config '$config' for board '$board'"
