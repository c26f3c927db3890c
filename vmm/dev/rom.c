/* SPDX-License-Identifier: BSD-2-Clause */
/* See rom.h. */
#include "vmm/dev/rom.h"

/* A read that arrives is one of memory that is not mapped after all. */
static bool rom_access(void *context, struct mmio_access *access)
{
    (void)context;
    return access->is_write;
}

const struct mmio_ops rom_ops = {.access = rom_access};
