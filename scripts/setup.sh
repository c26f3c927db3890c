#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Installs what these parts of packages.txt name and the machine lacks, by apt, through sudo when
# not root. When it may not, prints the line to type. Usage: setup.sh packages.txt PART...
set -eu

list=$1
shift
parts=" $* "

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

available() {
    apt-cache show "$1" >/dev/null 2>&1
}

# Of "a | b" the first that is installed, else the first that there is.
choose() {
    for package; do
        [ "$package" = '|' ] || ! installed "$package" || return 0
    done
    for package; do
        if [ "$package" != '|' ] && available "$package"; then
            missing="$missing $package"
            return 0
        fi
    done
    missing="$missing $1"
}

find_missing() {
    missing=
    part=
    while read -r line; do
        line=${line%%#*}
        case $line in
        '['*']')
            part=${line#[}
            part=${part%]}
            continue
            ;;
        esac
        case $parts in
        *" $part "*) ;;
        *) continue ;;
        esac
        # shellcheck disable=SC2086 # words on purpose
        set -- $line
        [ $# -eq 0 ] || choose "$@"
    done <"$list"
}

if ! command -v dpkg-query >/dev/null; then
    echo "setup: not a Debian system: install by hand what $list names, then: touch the stamp" >&2
    exit 1
fi
find_missing
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    root='sudo -n'
elif command -v sudo >/dev/null && [ -t 0 ] && [ -t 1 ]; then
    root=sudo
else
    echo "setup: these packages are missing; as root, type:" >&2
    echo "    apt-get update && apt-get install --no-install-recommends -y$missing" >&2
    exit 1
fi

echo "  SETUP   apt-get install$missing"
export DEBIAN_FRONTEND=noninteractive
$root apt-get update </dev/null
find_missing # alternatives may be known only now
# shellcheck disable=SC2086 # words on purpose
$root env DEBIAN_FRONTEND=noninteractive \
    apt-get install --no-install-recommends -y $missing </dev/null
find_missing
if [ -n "$missing" ]; then
    echo "setup: apt did not install:$missing" >&2
    exit 1
fi
