/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of addresses in programs, for reports of faults: a look-up in the tables that the tool
 * made. They are only read, and so no lock is needed.
 */
#ifndef SLUICE_KERNEL_PD_SYMBOL_H
#define SLUICE_KERNEL_PD_SYMBOL_H

#include <stdint.h>

#include "abi/image.h"

/* At boot: the image's tables, once boot/image.c has found them valid. */
void symbol_init(const struct image_symbol *symbols, const char *names);

/* What has the address in the program of `desc`; NULL if it is in nothing that has a name. */
const struct image_symbol *symbol_find(const struct image_pd *desc, uint64_t address);
const char *symbol_name(const struct image_symbol *symbol);

#endif
