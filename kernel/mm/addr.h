/* SPDX-License-Identifier: BSD-2-Clause */
/* Address types that do not mix: a physical address and an address that stage 2 translates. */
#ifndef SLUICE_KERNEL_MM_ADDR_H
#define SLUICE_KERNEL_MM_ADDR_H

#include <stdint.h>

typedef struct {
    uint64_t raw;
} paddr_t;

typedef struct {
    uint64_t raw;
} ipa_t;

#endif
