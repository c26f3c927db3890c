/* SPDX-License-Identifier: BSD-2-Clause */
/* See seeds.h. */
#include "tool/vmconf/seeds.h"

#include <libfdt.h>
#include <string.h>

static const uint8_t zeros[VM_CONFIG_RNG_SEED];

_Static_assert(VM_CONFIG_KASLR_SEED <= VM_CONFIG_RNG_SEED, "zeros[] is as long as either");

void seeds_write(struct fdt_writer *writer)
{
    fdt_writer_bytes(writer, SEEDS_KASLR, zeros, VM_CONFIG_KASLR_SEED);
    fdt_writer_bytes(writer, SEEDS_RNG, zeros, VM_CONFIG_RNG_SEED);
}

struct vm_config_seed seeds_take(void *fdt, const char *name, int size)
{
    int chosen = fdt_path_offset(fdt, "/chosen");
    int length;
    const struct fdt_property *property = fdt_get_property(fdt, chosen, name, &length);
    struct vm_config_seed seed = {0};

    if (property == NULL || length != size || memcmp(property->data, zeros, (size_t)size) != 0) {
        return seed;
    }
    seed.offset = (uint32_t)((const char *)property - (const char *)fdt);
    seed.name = fdt32_ld(&property->nameoff);
    /* Cannot fail: the property is there. */
    (void)fdt_nop_property(fdt, chosen, name);
    return seed;
}
