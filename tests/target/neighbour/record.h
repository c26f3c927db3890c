/* SPDX-License-Identifier: BSD-2-Clause */
/* What judge and victim write into the region that they share. */
#ifndef SLUICE_TESTS_TARGET_NEIGHBOUR_RECORD_H
#define SLUICE_TESTS_TARGET_NEIGHBOUR_RECORD_H

#include <microkit.h>

struct record {
    seL4_Word rounds;      /* of the victim's loop */
    seL4_Word interrupted; /* in how many of them it was */
    seL4_Word exclusive;   /* what its exclusive accesses are about */
};

#endif
