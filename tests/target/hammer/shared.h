/* SPDX-License-Identifier: BSD-2-Clause */
/* How far the hammer is, and how often it was allowed what it asked for. */
#ifndef SLUICE_TESTS_TARGET_HAMMER_SHARED_H
#define SLUICE_TESTS_TARGET_HAMMER_SHARED_H

#include <microkit.h>

#include "abi/syscall.h"

#define HAMMER_CALLS 200000

struct shared {
    volatile seL4_Word count;                    /* system calls made */
    volatile seL4_Word successes[ABI_SYS_COUNT]; /* that returned no error */
};

#endif
