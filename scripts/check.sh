#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What can be said of the sources without running them: `make check`. Reports everything that is
# wrong, and ends with status 1 if anything is. With `deep`, clang's analyser alone follows all the paths
# that it knows, which takes five times as long as all else: `make soak`.
# shellcheck disable=SC2317 # functions are called by name
set -u

failed=0
step() {
    name=$1
    shift
    printf '  %-9s%s\n' CHECK "$name"
    "$@" || failed=1
}

files() {
    git ls-files -co --exclude-standard -- "$@" | while read -r file; do
        [ ! -f "$file" ] || echo "$file"
    done
}

# Versions of clang's tools differ in how they format some lines, and in what they check: Debian 12's
# decide, and others' opinions are not asked for.
LLVM=14
decides() {
    "$1" --version | grep -q "version $LLVM\." || {
        echo "left out: $1 $LLVM decides, and this is another version"
        return 1
    }
}

# shellcheck disable=SC2046 # no file of ours has a space in its name
format() {
    ! decides clang-format || clang-format --dry-run -Werror $(files '*.c' '*.h')
}

layers() {
    # shellcheck disable=SC2046
    scripts/check_layers.py $(files 'abi/*.[ch]' 'kernel/*.[chS]' 'libmicrokit/*.[chS]' \
        'tool/*.[ch]' 'vmm/*.[ch]' 'components/*.[ch]' 'bench/*.[ch]' 'tests/*.[ch]')
}

# Runs a command of the shell for the files on standard input, $1 of them at a time, on all cores.
each() {
    xargs -P "$(nproc)" -n "$1" sh -c "$2" each
}

# A header includes what it needs: it compiles alone.
headers() {
    status=0
    include=$("$CROSS_CC" -print-file-name=include)
    cross="$CROSS_CC -std=gnu11 -ffreestanding -nostdinc -isystem $include -I. -fsyntax-only -Wall -Wextra -x c"
    files 'abi/*.h' 'kernel/*.h' | each 1 "$cross -Werror \$1 2>/dev/null || $cross \$1" || status=1
    files 'tool/*.h' 'vmm/vm_config.h' |
        each 1 "gcc -std=gnu11 -D_GNU_SOURCE -I. -fsyntax-only -Wall -Wextra -Werror -x c \$1" || status=1
    return "$status"
}

sizes() {
    # shellcheck disable=SC2046
    scripts/check_sizes.py $(files '*.c' '*.h' '*.S' '*.py')
}

licences() {
    missing=$(for file in $(files '*.c' '*.h' '*.S' '*.ld' '*.py' '*.sh' '*.mk' '*.system' '*.dtso' \
        Makefile .ci/run); do
        head -n 5 "$file" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' || echo "$file"
    done)
    [ -z "$missing" ] || { echo "no SPDX line: $missing"; return 1; }
}

# pytest tells test files apart by their names alone.
names() {
    twice=$(files 'tests/*/test_*.py' | xargs -n 1 basename | sort | uniq -d)
    [ -z "$twice" ] || { echo "two files of tests are called $twice"; return 1; }
}

shell() {
    # shellcheck disable=SC2046
    shellcheck $(files '*.sh' .ci/run)
}

tidy() {
    decides clang-tidy || return 0
    status=0
    export ANALYSER="-Xclang -analyzer-config -Xclang mode=$1"
    include=$("$CROSS_CC" -print-file-name=include)
    files 'tool/*.c' |
        each 4 "clang-tidy --quiet \"\$@\" -- -std=gnu11 -D_GNU_SOURCE -I. \$ANALYSER 2>/dev/null" ||
        status=1
    files 'kernel/*.c' | grep -v '^kernel/arch/' |
        each 4 "clang-tidy --quiet \"\$@\" -- -std=gnu11 -I. --target=aarch64-none-elf -ffreestanding \
            -nostdinc -isystem $include -mgeneral-regs-only \$ANALYSER 2>/dev/null" || status=1
    return "$status"
}

flows() {
    [ ! -x scripts/check_flows.py ] || scripts/check_flows.py
}

if [ "${1-}" = deep ]; then
    step 'clang-tidy, deep' tidy deep
    exit "$failed"
fi
step format format
step layers layers
step headers headers
step sizes sizes
step licences licences
step names names
step shellcheck shell
step flows flows
step clang-tidy tidy shallow
exit "$failed"
