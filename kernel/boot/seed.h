/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The seed for random numbers that firmware hands over: the property rng-seed of /chosen, in a
 * flattened device tree at the start of RAM, as QEMU leaves one when it loads no kernel, with
 * another seed each time (Devicetree Specification 0.4, chapter 5).
 */
#ifndef SLUICE_KERNEL_BOOT_SEED_H
#define SLUICE_KERNEL_BOOT_SEED_H

#include <stdbool.h>
#include <stdint.h>

/* Looks for a tree in [start, start + size), which need not be one, gives its seed to random_seed()
 * and overwrites it. False: there is none of 256 bits. At boot, before RAM is zeroed. */
bool seed_take(void *start, uint64_t size);

#endif
