/* SPDX-License-Identifier: BSD-2-Clause */
/* The page that guest and program share; it outlives the guest's restarts. Each word has one
 * writer. */
#ifndef SLUICE_TESTS_BARE_SHARED_H
#define SLUICE_TESTS_BARE_SHARED_H

#include <stdint.h>

#define SHARED 0x50000000UL /* to both */

struct shared {
    uint64_t step; /* the guest: how often it has been started */
    uint64_t used; /* the program: ticks of the counter in which it ran */
};

#endif
