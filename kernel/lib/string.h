/* SPDX-License-Identifier: BSD-2-Clause */
/* The functions that the compiler may call on its own in freestanding code. */
#ifndef SLUICE_KERNEL_LIB_STRING_H
#define SLUICE_KERNEL_LIB_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int byte, size_t size);

#endif
