#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What can be said of the sources without running them: `make check`. Reports everything that is
# wrong, and ends with status 1 if anything is.
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

# Versions of clang-format differ in what they make of some lines; Debian 12's decides.
FORMATTER=14

# shellcheck disable=SC2046 # no file of ours has a space in its name
format() {
    if clang-format --version | grep -q "version $FORMATTER\."; then
        clang-format --dry-run -Werror $(files '*.c' '*.h')
    else
        echo "left out: clang-format $FORMATTER decides, and this is another version"
    fi
}

layers() {
    # shellcheck disable=SC2046
    scripts/check_layers.py $(files 'abi/*.[ch]' 'kernel/*.[chS]' 'libmicrokit/*.[chS]' \
        'tool/*.[ch]' 'vmm/*.[ch]' 'components/*.[ch]' 'bench/*.[ch]' 'tests/*.[ch]')
}

# A header includes what it needs: it compiles alone.
headers() {
    status=0
    include=$("$CROSS_CC" -print-file-name=include)
    for file in $(files 'abi/*.h' 'kernel/*.h'); do
        "$CROSS_CC" -std=gnu11 -ffreestanding -nostdinc -isystem "$include" -I. -fsyntax-only \
            -Wall -Wextra -Werror -x c "$file" -Wno-pragma-once-outside-header 2>/dev/null ||
            "$CROSS_CC" -std=gnu11 -ffreestanding -nostdinc -isystem "$include" -I. -fsyntax-only \
                -Wall -Wextra -x c "$file" || status=1
    done
    for file in $(files 'tool/*.h' 'vmm/vm_config.h'); do
        gcc -std=gnu11 -D_GNU_SOURCE -I. -fsyntax-only -Wall -Wextra -Werror -x c "$file" || status=1
    done
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

shell() {
    # shellcheck disable=SC2046
    shellcheck $(files '*.sh' .ci/run)
}

tidy() {
    status=0
    include=$("$CROSS_CC" -print-file-name=include)
    # shellcheck disable=SC2046
    clang-tidy --quiet $(files 'tool/*.c') -- -std=gnu11 -D_GNU_SOURCE -I. 2>/dev/null || status=1
    # shellcheck disable=SC2046
    clang-tidy --quiet $(files 'kernel/*.c' | grep -v '^kernel/arch/') -- -std=gnu11 -I. \
        --target=aarch64-none-elf -ffreestanding -nostdinc -isystem "$include" \
        -mgeneral-regs-only 2>/dev/null || status=1
    return "$status"
}

flows() {
    [ ! -x scripts/check_flows.py ] || scripts/check_flows.py
}

step format format
step layers layers
step headers headers
step sizes sizes
step licences licences
step shellcheck shell
step flows flows
step clang-tidy tidy
exit "$failed"
