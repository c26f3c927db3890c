/* SPDX-License-Identifier: BSD-2-Clause */
/* See seed.h. A property is a token, its length, its name's offset, its value (Devicetree
 * Specification 0.4, 5.4). */
#include "vmm/load/seed.h"

#include <string.h>

#include "vmm/random.h"

#define FDT_PROP        3u
#define PROPERTY_HEADER 12u

static void write_cell(uint8_t *to, uint32_t value)
{
    uint32_t cell = __builtin_bswap32(value);

    memcpy(to, &cell, sizeof(cell));
}

void seed_write(const struct vm_config_seed *seed, uint32_t size, uint8_t *tree, uint64_t tree_size)
{
    uint64_t number[RANDOM_WORDS];
    uint64_t room = PROPERTY_HEADER + (uint64_t)size;
    uint8_t *property = tree + seed->offset;

    if (seed->offset == 0 || size > sizeof(number) || tree_size < room ||
        seed->offset > tree_size - room || !random_draw(number)) {
        return;
    }
    write_cell(property, FDT_PROP);
    write_cell(property + 4, size);
    write_cell(property + 8, seed->name);
    memcpy(property + PROPERTY_HEADER, number, size);
}
